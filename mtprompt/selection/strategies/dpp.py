"""Examples that span the most: the likeliest set of a determinantal point process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from mtprompt.selection.index.arrays import Doubles
from mtprompt.selection.options import at_least, need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.tfidf import TfIdfVectors, choose_by_vectors

# What is left of a repeated source's 1 once the other is chosen; real differences leave more.
_NOTHING = 1e-6
# Gains are compared to so many decimals: what differs less differs by rounding, and is a tie.
_DECIMALS = 6


class DPPSelector:
    """``dpp(relevance=3.0,candidates=100)@k``: BM25's candidates by greedy MAP of a k-DPP.

    The set Z is sought whose kernel ``L = diag(q)·S·diag(q)`` has the greatest determinant, that is::

        relevance · Σ over z in Z of sim(z, query)  +  ln det S_Z

    From the literature: to choose in-context examples by a k-DPP's MAP over retrieved candidates,
    with relevance in the kernel, is CEIL's (Ye et al. 2023, "Compositional Exemplars for In-context
    Learning", arXiv 2302.05698; theirs learns its embeddings, this one learns nothing); the greedy
    search by incremental Cholesky factors is Chen, Zhang & Zhou 2018, "Fast Greedy MAP Inference for
    Determinantal Point Process to Improve Recommendation Diversity" (arXiv 1709.05135), and so is
    the form ``q = exp(α·sim)``, with α = relevance/2 here. Ours: S and sim are cosines of tf–idf
    vectors of the sources (:mod:`mtprompt.selection.tfidf`), and the default of ``relevance``.

    A choice's score is what it multiplies the determinant by, in percent, where ``q`` is scaled to
    1 for a candidate equal to the query; the scale does not change the choice. Once nothing is
    left that is not a combination of the chosen (repeated sources), the determinant is 0 whatever
    comes next: the rest follows by similarity to the query, with score 0.

    Args:
        pool: What is chosen from.
        k: How many examples; no more than there are candidates.
        relevance: What similarity to the query weighs against diversity: 0 seeks diversity alone.
            In Chen et al.'s terms it is θ/(1 − θ).
        candidates: How many of BM25's best are considered. Ties go to the one BM25 has first.
    """

    def __init__(self, pool: Pool, k: int | None, relevance: float = 3.0, candidates: int = 100) -> None:
        self._pool = pool
        self._k = need_k("dpp", k)
        self._relevance = at_least("dpp", "relevance", relevance, 0, 1000)
        self._candidates = whole_at_least("dpp", "candidates", candidates, 1)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves for all queries together and chooses for each."""
        choose = partial(choose_by_dpp, k=self._k, relevance=self._relevance)
        return choose_by_vectors(self._pool, queries, self._candidates, choose)


def choose_by_dpp(vectors: TfIdfVectors, k: int, relevance: float) -> list[tuple[int, float]]:
    """Chooses greedily among candidates what makes the determinant greatest.

    Relevance stays out of the factorization: as ``L_Z = diag(q)·S_Z·diag(q)``, a candidate's gain
    in ``ln det L`` is ``ln q²`` plus its gain in ``ln det S``, and no ``exp`` can overflow.

    Args:
        vectors: The query, then the candidates, best first as retrieval ranked them.
        k: How many to choose at most.
        relevance: The weight of the similarity to the query.

    Returns:
        ``(place among the candidates, score)`` in order of choice.
    """
    similarity = vectors.cosines(0)[1:]
    left = vectors.squared_lengths()[1:]  # squared distance from the span of the chosen; Chen et al.'s d²
    factors: list[Doubles] = []  # the Cholesky factor's columns, one a choice; their c
    chosen: list[tuple[int, float]] = []
    while len(chosen) < k and (open_places := np.flatnonzero(left > _NOTHING)).size:
        gains = relevance * similarity[open_places] + np.log(left[open_places])
        best = int(open_places[np.round(gains, _DECIMALS).argmax()])  # the first of equals
        chosen.append((best, 100 * float(left[best] * np.exp(relevance * (similarity[best] - 1)))))
        column = vectors.cosines(best + 1)[1:]
        for factor in factors:
            column = column - factor * factor[best]
        column /= np.sqrt(left[best])
        factors.append(column)
        left -= column * column
        left[best] = 0
    taken = {place for place, _ in chosen}
    by_similarity = np.argsort(-similarity, kind="stable").tolist()
    rest = [(place, 0.0) for place in by_similarity if place not in taken]
    return chosen + rest[: k - len(chosen)]
