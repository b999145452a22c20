"""Postings: for each term the documents that hold it, and what BM25 makes of how often they do."""

from __future__ import annotations

import numpy as np

from mtprompt.selection.index.arrays import Floats, Int32s, Int64s
from mtprompt.selection.index.compiled import compiled


@compiled
def make_postings(terms: Int32s, starts: Int64s, vocabulary_size: int) -> tuple[Int64s, Int32s, Int32s]:
    """Postings of tokenized documents: where each term's begin, the documents, how often they hold it.

    Args:
        terms: Term ids of all documents, one after the other.
        starts: Where each document begins, and the end.
        vocabulary_size: One more than the largest term id.
    """
    last_seen = np.full(vocabulary_size, -1, np.int32)
    posting_starts = np.zeros(vocabulary_size + 1, np.int64)
    for doc in range(starts.size - 1):
        for at in range(starts[doc], starts[doc + 1]):
            if last_seen[terms[at]] != doc:
                last_seen[terms[at]] = doc
                posting_starts[terms[at] + 1] += 1
    for term in range(vocabulary_size):
        posting_starts[term + 1] += posting_starts[term]
    ends = posting_starts[:-1].copy()
    docs = np.empty(posting_starts[-1], np.int32)
    counts = np.empty(posting_starts[-1], np.int32)
    for doc in range(starts.size - 1):
        for at in range(starts[doc], starts[doc + 1]):
            end = ends[terms[at]]
            if end > posting_starts[terms[at]] and docs[end - 1] == doc:
                counts[end - 1] += 1
            else:
                docs[end], counts[end] = doc, 1
                ends[terms[at]] += 1
    return posting_starts, docs, counts


@compiled
def saturate(posting_docs: Int32s, posting_counts: Int32s, starts: Int64s, k1: float, b: float) -> Floats:
    """``tf / (tf + k1·(1 − b + b·length/average))`` of each posting."""
    average = (starts[-1] - starts[0]) / (starts.size - 1)
    saturations = np.empty(posting_docs.size, np.float32)
    for p in range(posting_docs.size):
        doc, tf = posting_docs[p], posting_counts[p]
        saturations[p] = tf / (tf + k1 * (1.0 - b + b * (starts[doc + 1] - starts[doc]) / average))
    return saturations
