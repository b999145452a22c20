"""Which words of the two sides meet in some pair, compiled.

A *cell* is a source word and a target word of one pair; an *entry* is a source word type and a target
word type that share a pair, and the place of their translation probabilities. The cells of a pair
are numbered source word by source word.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mtprompt.selection.index.arrays import Int32s, Int64s
from mtprompt.selection.index.compiled import compiled


class Cells(NamedTuple):
    """The words of all pairs, and where they meet.

    Attributes:
        source: Source types.
        source_starts: Where each pair's begin, and the end.
        target: Target types.
        target_starts: Where each pair's begin, and the end.
        starts: Where each pair's cells begin, and the end.
        entries: Each cell's entry.
    """

    source: Int32s
    source_starts: Int64s
    target: Int32s
    target_starts: Int64s
    starts: Int64s
    entries: Int32s


@compiled
def find_entries(
    source: Int32s,
    source_starts: Int64s,
    target: Int32s,
    target_starts: Int64s,
    source_types: int,
    target_types: int,
) -> tuple[Int64s, Int32s, Int64s, Int32s]:
    """Numbers the entries by source type, then by first occurrence.

    Returns:
        Where each source type's entries begin, and the end; each entry's target type; where each
        pair's cells begin, and the end; each cell's entry.
    """
    pairs = source_starts.size - 1
    cell_starts = np.zeros(pairs + 1, np.int64)
    postings = np.zeros(source_types + 1, np.int64)
    for pair in range(pairs):
        i_size = source_starts[pair + 1] - source_starts[pair]
        cell_starts[pair + 1] = cell_starts[pair] + i_size * (target_starts[pair + 1] - target_starts[pair])
        for i in range(source_starts[pair], source_starts[pair + 1]):
            postings[source[i] + 1] += 1
    for kind in range(source_types):
        postings[kind + 1] += postings[kind]
    places, owners = np.empty(source.size, np.int64), np.empty(source.size, np.int64)
    filled = postings[:-1].copy()
    for pair in range(pairs):
        for i in range(source_starts[pair], source_starts[pair + 1]):
            at = filled[source[i]]
            places[at], owners[at] = i, pair
            filled[source[i]] += 1
    latest = np.full(target_types, -1, np.int64)  # a target type's entry, with the latest source type it met
    starts = np.zeros(source_types + 1, np.int64)
    cells = np.empty(cell_starts[pairs], np.int32)
    entries = np.int64(0)
    for kind in range(source_types):
        first = entries
        for at in range(postings[kind], postings[kind + 1]):
            pair = owners[at]
            j_start, j_size = target_starts[pair], target_starts[pair + 1] - target_starts[pair]
            cell = cell_starts[pair] + (places[at] - source_starts[pair]) * j_size
            for j in range(j_size):
                word = target[j_start + j]
                if latest[word] < first:
                    latest[word] = entries
                    entries += 1
                cells[cell + j] = latest[word]
        starts[kind + 1] = entries
    targets = np.empty(entries, np.int32)
    for pair in range(pairs):
        cell = cell_starts[pair]
        for _ in range(source_starts[pair], source_starts[pair + 1]):
            for j in range(target_starts[pair], target_starts[pair + 1]):
                targets[cells[cell]] = target[j]
                cell += 1
    return starts, targets, cell_starts, cells
