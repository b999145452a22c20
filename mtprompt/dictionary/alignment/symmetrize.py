"""One alignment out of two: grow-diag (Koehn, Och, Marcu 2003, "Statistical Phrase-Based Translation")."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mtprompt.dictionary.alignment.align import BestLinks
from mtprompt.dictionary.alignment.bitext import Bitext
from mtprompt.selection.index.arrays import Int32s, Int64s
from mtprompt.selection.index.compiled import compiled


class Links(NamedTuple):
    """Words that translate each other, pair by pair.

    Attributes:
        source: The linked source words' places in their pairs.
        target: The linked target words' places in their pairs.
        starts: Where each pair's links begin, and the end.
    """

    source: Int32s
    target: Int32s
    starts: Int64s


def symmetrize(bitext: Bitext, links: BestLinks) -> Links:
    """Links that both directions have, and those of one direction that lead on from them.

    A link leads on if its words are neighbours of linked ones, or the same, and one of them has no
    link yet; so the second word of ``page margin`` joins the first. The last step of Koehn's
    ``grow-diag-final-and``, links far from all others, is left out: it adds few entries, and less right ones.
    """
    return Links(*grow_diag(links.of_target, links.of_source, bitext.source.starts, bitext.target.starts))


@compiled
def grow_diag(
    of_target: Int32s, of_source: Int32s, source_starts: Int64s, target_starts: Int64s
) -> tuple[Int32s, Int32s, Int64s]:
    """See :func:`symmetrize`; the arrays are those of :class:`BestLinks` and :class:`Links`."""
    room = of_target.size + of_source.size
    sources, targets = np.empty(room, np.int32), np.empty(room, np.int32)
    starts = np.zeros(source_starts.size, np.int64)
    found = 0
    for pair in range(source_starts.size - 1):
        there = of_target[target_starts[pair] : target_starts[pair + 1]]
        back = of_source[source_starts[pair] : source_starts[pair + 1]]
        linked = np.zeros((back.size, there.size), np.bool_)
        has_target, has_source = np.zeros(back.size, np.bool_), np.zeros(there.size, np.bool_)
        for j in range(there.size):
            if there[j] >= 0 and back[there[j]] == j:
                linked[there[j], j] = has_target[there[j]] = has_source[j] = True
        grown = True
        while grown:
            grown = False
            for i in range(back.size):
                for j in range(there.size):
                    if not linked[i, j]:
                        continue
                    for x in range(max(i - 1, 0), min(i + 2, back.size)):
                        for y in range(max(j - 1, 0), min(j + 2, there.size)):
                            if linked[x, y] or (has_target[x] and has_source[y]):
                                continue
                            if there[y] == x or back[x] == y:
                                linked[x, y] = has_target[x] = has_source[y] = grown = True
        for i in range(back.size):
            for j in range(there.size):
                if linked[i, j]:
                    sources[found], targets[found] = i, j
                    found += 1
        starts[pair + 1] = found
    return sources[:found].copy(), targets[:found].copy(), starts
