"""Phrase pairs out of aligned texts (Och, Ney 2004; Koehn, Och, Marcu 2003)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtprompt.dictionary.alignment.bitext import APART, Bitext
from mtprompt.dictionary.alignment.symmetrize import Links
from mtprompt.selection.index.arrays import Int32s, Int64s
from mtprompt.selection.index.compiled import compiled


def find_phrases(bitext: Bitext, links: Links, longest: int) -> Int32s:
    """All places where a run of source words and a run of target words translate each other.

    That is, words of either run are linked to words of the other alone; the outermost words of both
    are linked to some; and no punctuation stands inside.

    Args:
        bitext: The pairs.
        links: Their alignment.
        longest: Words of the longest run, of either side.

    Returns:
        A row for each: first source word, how many more, first target word, how many more.
    """
    source, target = bitext.source, bitext.target
    where = *links, source.starts, source.before, target.starts, target.before, longest
    rows = np.empty((extract(*where, np.empty((0, 4), np.int32)), 4), np.int32)
    extract(*where, rows)
    return rows


@compiled
def extract(
    linked_sources: Int32s,
    linked_targets: Int32s,
    link_starts: Int64s,
    source_starts: Int64s,
    source_before: Int32s,
    target_starts: Int64s,
    target_before: Int32s,
    longest: int,
    rows: Int32s,
) -> int:
    """Fills as many rows as there is room for; returns how many there are. See :func:`find_phrases`."""
    found = 0
    for pair in range(source_starts.size - 1):
        i0, j0 = source_starts[pair], target_starts[pair]
        i_size, j_size = source_starts[pair + 1] - i0, target_starts[pair + 1] - j0
        low, high = np.full(i_size, j_size, np.int64), np.full(i_size, -1, np.int64)
        left, right = np.full(j_size, i_size, np.int64), np.full(j_size, -1, np.int64)
        for at in range(link_starts[pair], link_starts[pair + 1]):
            i, j = linked_sources[at], linked_targets[at]
            low[i], high[i] = min(low[i], j), max(high[i], j)
            left[j], right[j] = min(left[j], i), max(right[j], i)
        for i in range(i_size):
            if high[i] < 0:
                continue
            first, last = j_size, -1
            for stop in range(i, min(i + longest, i_size)):
                if stop > i and source_before[i0 + stop] == APART:
                    break
                first, last = min(first, low[stop]), max(last, high[stop])
                if last - first >= longest:
                    break
                good = high[stop] >= 0
                for j in range(first, last + 1):
                    if right[j] > stop or left[j] < i or (j > first and target_before[j0 + j] == APART):
                        good = False
                        break
                if good:
                    if found < rows.shape[0]:
                        rows[found, 0], rows[found, 1] = i0 + i, stop - i
                        rows[found, 2], rows[found, 3] = j0 + first, last - first
                    found += 1
    return found


@dataclass(frozen=True)
class Runs:
    """The runs of words of one side, numbered.

    Attributes:
        ids: For each number of further words (rows) and each first word (columns) the run's number;
            -1 where punctuation or the text's end stands inside. Shorter runs have lower numbers.
        counts: How often each run occurs.
    """

    ids: Int64s
    counts: Int64s

    @classmethod
    def of(cls, types: Int32s, before: Int32s, longest: int) -> Runs:
        """Numbers all runs of up to ``longest`` words; those of the same types share a number.

        Args:
            types: The types of the words of all texts.
            before: What stands before each; see :class:`~mtprompt.dictionary.alignment.bitext.Side`.
            longest: Words of the longest run.
        """
        ids = np.full((longest, types.size), -1, np.int64)
        ids[0] = types
        width = 1 + types.max(initial=0)
        size = width
        for more in range(1, min(longest, types.size)):
            shorter = ids[more - 1, :-more]
            runs = np.flatnonzero((shorter >= 0) & (before[more:] != APART))
            different, numbers = np.unique(shorter[runs] * width + types[runs + more], return_inverse=True)
            ids[more, runs] = size + numbers
            size += different.size
        return cls(ids, np.bincount(ids[ids >= 0], minlength=size))
