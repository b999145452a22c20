"""Examples that are relevant and unlike each other: maximal marginal relevance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from mtprompt.selection.options import at_least, need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.tfidf import TfIdfVectors, choose_by_vectors


class MMRSelector:
    """``mmr(balance=0.5,candidates=100)@k``: BM25's candidates by maximal marginal relevance.

    Carbonell & Goldstein 1998, "The Use of MMR, Diversity-Based Reranking for Reordering Documents
    and Producing Summaries": the next example is the candidate z with the greatest::

        balance · sim(z, query) − (1 − balance) · max over the chosen s of sim(z, s)

    where the maximum over nothing is 0. The paper leaves the similarities open; ours, for both
    terms, so that they share a scale, is the cosine of tf–idf vectors of the sources
    (:mod:`mtprompt.selection.tfidf`). A choice's score is the value above, from −1 to 1.

    Args:
        pool: What is chosen from.
        k: How many examples; no more than there are candidates.
        balance: The paper's λ: 1 ranks by similarity to the query alone; at 0 only the first
            example, then BM25's best, is chosen by relevance.
        candidates: How many of BM25's best are considered. Ties go to the one BM25 has first.
    """

    def __init__(self, pool: Pool, k: int | None, balance: float = 0.5, candidates: int = 100) -> None:
        self._pool = pool
        self._k = need_k("mmr", k)
        self._balance = at_least("mmr", "balance", balance, 0, 1)
        self._candidates = whole_at_least("mmr", "candidates", candidates, 1)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves for all queries together and chooses for each."""
        choose = partial(choose_by_mmr, k=self._k, balance=self._balance)
        return choose_by_vectors(self._pool, queries, self._candidates, choose)


def choose_by_mmr(vectors: TfIdfVectors, k: int, balance: float) -> list[tuple[int, float]]:
    """Chooses greedily among candidates.

    Args:
        vectors: The query, then the candidates, best first as retrieval ranked them.
        k: How many to choose at most.
        balance: The weight of the similarity to the query, from 0 to 1.

    Returns:
        ``(place among the candidates, value when chosen)`` in order of choice.
    """
    relevance = vectors.cosines(0)[1:]
    nearest = np.zeros_like(relevance)  # the similarity to the most similar of the chosen
    left = np.ones(len(relevance), bool)
    chosen: list[tuple[int, float]] = []
    while len(chosen) < k and left.any():
        values = np.where(left, balance * relevance - (1 - balance) * nearest, -np.inf)
        best = int(values.argmax())  # the first of equals
        chosen.append((best, float(values[best])))
        left[best] = False
        nearest = np.maximum(nearest, vectors.cosines(best + 1)[1:])
    return chosen
