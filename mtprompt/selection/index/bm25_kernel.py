"""BM25 over arrays, compiled: the best documents of many queries.

Source: Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", with
Lucene's idf, ``ln(1 + (N − df + 0.5) / (df + 0.5))``, which is never negative.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mtprompt.selection.index.arrays import Floats, Int32s, Int64s
from mtprompt.selection.index.compiled import compiled

_BLOCK = 64  # documents that are compared with the worst of the best so far at once


@compiled
def bm25_top(
    terms: Int32s,
    term_starts: Int64s,
    excluded: Int32s,
    excluded_starts: Int64s,
    posting_starts: Int64s,
    posting_docs: Int32s,
    saturations: Floats,
    first_same: Int32s,
    distinct: bool,
    docs: Int32s,
    scores: Floats,
    found: Int64s,
) -> None:
    """Fills ``docs`` and ``scores`` (queries × k) with each query's best documents, best first.

    Args:
        terms: Term ids of all queries, sorted within each; a term twice counts twice.
        term_starts: Where each query's terms begin, and the end.
        excluded: Documents that must not come back, query by query.
        excluded_starts: Where each query's excluded documents begin, and the end.
        posting_starts: Where each term's postings begin, and the end.
        posting_docs: The documents that hold a term, ascending.
        saturations: What :func:`~mtprompt.selection.index.postings.saturate` makes of how often they hold it.
        first_same: The first document with the same tokens.
        distinct: Of documents with the same tokens, take only the first that is not excluded.
        docs: The answer: document ids.
        scores: The answer: scores, all above zero; ties are in document order.
        found: The answer: how many documents each query got.
    """
    size = first_same.size
    total = np.zeros(size, np.float32)
    for query in range(term_starts.size - 1):
        at, end = term_starts[query], term_starts[query + 1]
        while at < end:
            term, repeats = terms[at], 0
            while at < end and terms[at] == term:
                repeats += 1
                at += 1
            first, last = posting_starts[term], posting_starts[term + 1]
            weight = np.float32(repeats * np.log(1.0 + (size - (last - first) + 0.5) / (last - first + 0.5)))
            for p in range(first, last):
                total[posting_docs[p]] += weight * saturations[p]
        for i in range(excluded_starts[query], excluded_starts[query + 1]):
            total[excluded[i]] = 0.0
        found[query] = _best(total, first_same, distinct, docs[query], scores[query])
        _sort(docs[query], scores[query], found[query])
        total[:] = 0.0


@compiled
def _best(total: Floats, first_same: Int32s, distinct: bool, docs: Int32s, scores: Floats) -> int:
    """Fills a heap, the worst at its root, with the best documents; returns how many."""
    n, k = 0, docs.size
    least = np.float32(0.0)  # a document needs more than this; of equals the earlier one was here first
    for block in range(0, total.size, _BLOCK):
        block_end = min(block + _BLOCK, total.size)
        hopeful = 0
        for doc in range(block, block_end):
            hopeful += total[doc] > least
        if hopeful == 0:
            continue
        for doc in range(block, block_end):
            score = total[doc]
            if score <= least or (distinct and _is_repeated(doc, total, first_same, docs[:n])):
                continue
            if n == k:
                _replace_root(scores, docs, n, score, doc)
            else:
                i = n
                n += 1
                while i > 0 and _worse(score, doc, scores[(i - 1) >> 1], docs[(i - 1) >> 1]):
                    scores[i], docs[i] = scores[(i - 1) >> 1], docs[(i - 1) >> 1]
                    i = (i - 1) >> 1
                scores[i], docs[i] = score, doc
            if n == k:
                least = scores[0]
    return n


@njit(nogil=True, inline="always")
def _is_repeated(doc: int, total: Floats, first_same: Int32s, docs: Int32s) -> bool:
    """Whether an earlier document with the same tokens is in the running."""
    first = first_same[doc]
    if first == doc or total[first] > 0.0:
        return bool(first != doc)
    # the first of its kind is excluded: has another one taken its place?
    taken = False
    for other in docs:
        taken = taken or first_same[other] == first
    return taken


@compiled
def _sort(docs: Int32s, scores: Floats, n: int) -> None:
    """Turns a heap of ``n`` into a list, best first."""
    for last in range(n - 1, 0, -1):
        score, doc = scores[last], docs[last]
        scores[last], docs[last] = scores[0], docs[0]
        _replace_root(scores, docs, last, score, doc)


@njit(nogil=True, inline="always")
def _worse(score: float, doc: int, other_score: float, other_doc: int) -> bool:
    return score < other_score or (score == other_score and doc > other_doc)


@njit(nogil=True)
def _replace_root(scores: Floats, docs: Int32s, n: int, score: float, doc: int) -> None:
    """Puts an entry at the root of a heap of ``n`` and lets it sink to its place."""
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and _worse(scores[child + 1], docs[child + 1], scores[child], docs[child]):
            child += 1
        if not _worse(scores[child], docs[child], score, doc):
            break
        scores[i], docs[i] = scores[child], docs[child]
        i = child
    scores[i], docs[i] = score, doc
