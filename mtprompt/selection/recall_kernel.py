"""Greedy re-ranking by n-gram recall, compiled: see :mod:`mtprompt.selection.recall` for what it computes.

The source's n-grams are nodes of a tree (the node of ``a b c`` is the child ``c`` of ``a b``),
numbered order by order in order of first occurrence, which is the order in which weights are
summed. A candidate's n-grams are found by walking the tree from each of its tokens.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mtprompt.selection.index.arrays import Doubles, Int32s, Int64s
from mtprompt.selection.index.compiled import compiled
from mtprompt.selection.ngrams import MAX_ORDER

# Logarithms decide exactly; their product decides nearly, and is cheap enough to ask first.
_NEARLY = 1.0 - 1e-9
_TOO_SMALL_TO_COMPARE = 1e-200


@compiled
def choose_by_recall(
    query_tokens: Int32s,
    query_starts: Int64s,
    candidates: Int32s,
    candidate_counts: Int64s,
    tokens: Int32s,
    starts: Int64s,
    vocabulary_size: int,
    weight: float,
    threshold: float,
    residual: bool,
    chosen: Int32s,
    scores: Doubles,
    found: Int64s,
) -> None:
    """Fills ``chosen`` and ``scores`` (queries × k) for each query, in order of choice.

    Args:
        query_tokens: Token ids of all queries; ids from ``vocabulary_size`` on are in no document.
        query_starts: Where each query's tokens begin, and the end.
        candidates: Each query's candidate documents, best first (queries × candidates).
        candidate_counts: How many of them each query has.
        tokens: Token ids of all documents.
        starts: Where each document's tokens begin, and the end.
        vocabulary_size: One more than the largest token id in a document.
        weight: λ.
        threshold: The score below which choosing stops.
        residual: Take off only what an example covers, instead of multiplying by λ.
        chosen: The answer: places among the query's candidates.
        scores: The answer: scores when chosen.
        found: The answer: how many were chosen for each query.
    """
    longest = 1
    for query in range(query_starts.size - 1):
        longest = max(longest, query_starts[query + 1] - query_starts[query])
    place = np.full(vocabulary_size + longest, -1, np.int32)  # token → its place among the source's words
    node_at = np.empty(longest, np.int32)
    mask = 16
    while mask < 8 * longest:
        mask *= 2
    keys, children = np.full(mask, -1, np.int64), np.empty(mask, np.int32)
    mask -= 1
    weights = np.empty(MAX_ORDER * longest, np.float64)
    count = np.zeros(MAX_ORDER * longest, np.int32)
    order_starts = np.empty(MAX_ORDER + 1, np.int64)
    for query in range(query_starts.size - 1):
        source = query_tokens[query_starts[query] : query_starts[query + 1]]
        nodes = _grow_tree(source, place, node_at, keys, children, mask, weights, order_starts)
        n_words = order_starts[1]
        n_candidates = candidate_counts[query]
        room = 0
        for c in range(n_candidates):
            doc = candidates[query, c]
            room += MAX_ORDER * (starts[doc + 1] - starts[doc])
        shared, shared_counts = np.empty(room, np.int32), np.empty(room, np.int32)
        shared_starts = np.zeros(n_candidates + 1, np.int64)
        end = 0
        for c in range(n_candidates):
            doc = candidates[query, c]
            document = tokens[starts[doc] : starts[doc + 1]]
            _walk(document, place, keys, children, mask, n_words, count)
            for node in range(nodes):
                if count[node]:
                    shared[end], shared_counts[end] = node, count[node]
                    count[node] = 0
                    end += 1
            shared_starts[c + 1] = end
        found[query] = _choose(
            weights[:nodes],
            order_starts,
            shared,
            shared_counts,
            shared_starts,
            weight,
            threshold,
            residual,
            chosen[query],
            scores[query],
        )
        for token in source:
            place[token] = -1
        keys[:] = -1


@compiled
def _grow_tree(
    source: Int32s,
    place: Int32s,
    node_at: Int32s,
    keys: Int64s,
    children: Int32s,
    mask: int,
    weights: Doubles,
    order_starts: Int64s,
) -> int:
    """Numbers the source's n-grams, counts each as its weight; returns how many there are."""
    nodes = 0
    order_starts[0] = 0
    for order in range(MAX_ORDER):
        for i in range(source.size - order):
            if order == 0:
                node = place[source[i]]
                if node < 0:
                    node = nodes
                    place[source[i]] = node
            else:
                key = np.int64(node_at[i]) * order_starts[1] + place[source[i + order]]
                slot = _slot(key, keys, mask)
                if keys[slot] < 0:
                    keys[slot], children[slot] = key, nodes
                node = children[slot]
            if node == nodes:
                weights[node] = 0.0
                nodes += 1
            weights[node] += 1.0
            node_at[i] = node
        order_starts[order + 1] = nodes
    return nodes


@njit(nogil=True, inline="always")
def _slot(key: int, keys: Int64s, mask: int) -> int:
    """Where a key stands, or where it would (linear probing)."""
    slot = (key * 0x9E3779B1 >> 7) & mask
    while keys[slot] >= 0 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def _walk(
    document: Int32s, place: Int32s, keys: Int64s, children: Int32s, mask: int, n_words: int, count: Int32s
) -> None:
    """Counts the n-grams that a document shares with the source."""
    for start in range(document.size):
        node = place[document[start]]
        order = 0
        while node >= 0:
            count[node] += 1
            order += 1
            if order == MAX_ORDER or start + order == document.size:
                break
            word = place[document[start + order]]
            if word < 0:
                break
            key = np.int64(node) * n_words + word
            slot = _slot(key, keys, mask)
            node = children[slot] if keys[slot] == key else -1


@compiled
def _choose(
    weights: Doubles,
    order_starts: Int64s,
    shared: Int32s,
    shared_counts: Int32s,
    shared_starts: Int64s,
    weight: float,
    threshold: float,
    residual: bool,
    chosen: Int32s,
    scores: Doubles,
) -> int:
    n_candidates = shared_starts.size - 1
    free = np.ones(n_candidates, np.bool_)
    totals, recalls = np.empty(MAX_ORDER), np.empty(MAX_ORDER)
    for turn in range(min(chosen.size, n_candidates)):
        orders = 0
        for order in range(MAX_ORDER):
            total = 0.0
            for node in range(order_starts[order], order_starts[order + 1]):
                total += weights[node]
            if total == 0.0:
                break
            totals[order] = total
            orders += 1
        best, best_score, best_product = -1, 0.0, 0.0
        for c in range(n_candidates):
            i, end = shared_starts[c], shared_starts[c + 1]
            if not free[c] or i == end:
                continue
            matched_any, zeros, product = False, 0.0, 1.0
            for order in range(orders):
                matched = 0.0
                while i < end and shared[i] < order_starts[order + 1]:
                    matched += min(weights[shared[i]], np.float64(shared_counts[i]))
                    i += 1
                if matched == 0.0:
                    zeros += 1.0
                    recalls[order] = 100.0 / (2.0**zeros * totals[order])
                else:
                    matched_any = True
                    recalls[order] = 100.0 * matched / totals[order]
                product *= recalls[order]
            if not matched_any or _TOO_SMALL_TO_COMPARE < product < best_product * _NEARLY:
                continue
            logs = 0.0
            for order in range(orders):
                logs += math.log(recalls[order])
            score = math.exp(logs / orders)
            if score > best_score:
                best, best_score, best_product = c, score, product
        if best < 0 or best_score < threshold:
            return turn
        chosen[turn], scores[turn] = best, best_score
        free[best] = False
        for i in range(shared_starts[best], shared_starts[best + 1]):
            node = shared[i]
            if residual:
                weights[node] -= (1.0 - weight) * min(weights[node], np.float64(shared_counts[i]))
            else:
                weights[node] *= weight
    return min(chosen.size, n_candidates)
