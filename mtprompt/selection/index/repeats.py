"""Which documents repeat an earlier one."""

from __future__ import annotations

import numpy as np

from mtprompt.selection.index.arrays import Int32s, Int64s, Keys
from mtprompt.selection.index.compiled import compiled


def first_same(tokens: Int32s, starts: Int64s) -> Int32s:
    """For each document the first that has the very same tokens; itself where there is none.

    Args:
        tokens: Token ids of all documents.
        starts: Where each document begins, and the end.
    """
    hashes = _hashes(tokens, starts)
    same: Int32s = _first_same(tokens, starts, hashes, np.argsort(hashes, kind="stable"))
    return same


@compiled
def _hashes(tokens: Int32s, starts: Int64s) -> Keys:
    hashes = np.empty(starts.size - 1, np.uint64)
    for doc in range(hashes.size):
        value = np.uint64(1469598103934665603)  # FNV-1a, a token at a time
        for at in range(starts[doc], starts[doc + 1]):
            value = (value ^ np.uint64(tokens[at])) * np.uint64(1099511628211)
        hashes[doc] = value
    return hashes


@compiled
def _first_same(tokens: Int32s, starts: Int64s, hashes: Keys, order: Int64s) -> Int32s:
    same = np.arange(hashes.size).astype(np.int32)
    first = order[0] if order.size else 0
    for doc in order:
        if hashes[doc] != hashes[first]:
            first = doc
        # of two different documents with one hash the later is left alone
        length = starts[doc + 1] - starts[doc]
        if starts[first + 1] - starts[first] == length and np.array_equal(
            tokens[starts[doc] : starts[doc + 1]], tokens[starts[first] : starts[first + 1]]
        ):
            same[doc] = first
    return same
