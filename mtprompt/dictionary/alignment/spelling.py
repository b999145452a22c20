"""How a run of words is written: with its most frequent casing."""

from __future__ import annotations

import numpy as np

from mtprompt.dictionary.alignment.bitext import APART, SPACED, Side
from mtprompt.dictionary.alignment.phrases import Runs
from mtprompt.selection.index.arrays import Int64s


def spellings(side: Side, folded: Runs, wanted: Int64s) -> dict[int, str]:
    """The spelling of runs whose casing was folded away.

    The first word of a sentence has a capital that says nothing, so occurrences at the start of a text
    or after punctuation count only where there are no others (as truecasing does; Lita et al. 2003).

    Args:
        side: The texts.
        folded: Their runs, by the folded words.
        wanted: Which runs.
    """
    asked = np.zeros(folded.counts.size, np.bool_)
    asked[wanted] = True
    spelt = Runs.of(side.words, side.before, folded.ids.shape[0])
    found: dict[int, str] = {}
    for more in range(folded.ids.shape[0]):
        at = np.flatnonzero(asked[folded.ids[more]] & (folded.ids[more] >= 0))
        pairs = np.stack([folded.ids[more, at], spelt.ids[more, at]])
        different, first, numbers = np.unique(pairs, axis=1, return_index=True, return_inverse=True)
        inside = side.before[at] != APART
        votes = np.bincount(numbers.ravel(), inside + ~inside / (side.words.size + 1.0))
        # by run, then votes, then place: the last of each run is its best, and written last
        for best in np.lexsort((-first, votes, different[0])).tolist():
            found[int(different[0, best])] = _written(side, int(at[first[best]]), more)
    return found


def _written(side: Side, at: int, more: int) -> str:
    words = [side.vocabulary[word] for word in side.words[at : at + more + 1].tolist()]
    spaces = [" " if before == SPACED else "" for before in side.before[at + 1 : at + more + 1].tolist()]
    return "".join(space + word for space, word in zip(["", *spaces], words, strict=True))
