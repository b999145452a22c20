"""Examples that together cover the query: greedy set cover by n-grams."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from mtprompt.errors import ConfigError
from mtprompt.selection.incidence import Incidence, lower_tokens
from mtprompt.selection.index.arrays import Doubles, Int64s
from mtprompt.selection.options import need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.target_idf import TargetIdf

SIDES = ("source", "both")
Idf = Callable[[str], float]

# Weights, in percent, are rounded to multiples of this, so that float64 sums them exactly in
# whatever order, and equal gains are equal on every machine.
_GRAIN = 2.0**-40


class CoverageSelector:
    """``coverage(side=source,candidates=100,max_order=4)@k``: BM25's candidates by greedy set cover.

    The next example is always the candidate with the greatest total weight of n-grams that no
    earlier one covered (ties: the one BM25 has first). Each n-gram counts once, so the covered
    weight is a monotone submodular function, and k greedy choices cover at least 1 − 1/e of what
    the best k candidates could (Nemhauser, Wolsey & Fisher 1978).

    From the literature: to choose in-context examples as a set that covers the test input, greedily,
    and to start a new cover when no candidate adds anything, is Gupta et al. 2023, "Coverage-based
    Example Selection for In-Context Learning" (arXiv 2305.14907), whose Set-BSR covers contextual
    token embeddings; Levy et al. 2023, "Diverse Demonstrations Improve In-context Compositional
    Generalization" (arXiv 2212.06800) cover predicted program fragments. Ours are the weights:

    - ``side=source``: the query's n-grams, each weighted by the mean idf of its words.
    - ``side=both``: half of the weight goes to n-grams of the candidates' targets, as a guess at the
      unknown translation: the mean idf of the words among the pool's targets, times the agreement
      on the n-gram, that is the probability that two different candidates, drawn by their share
      in the BM25 scores, both have it. What one target alone has counts nothing, what all targets
      of the pool have counts little.

    A choice's score is the percentage of the whole weight that it newly covers, in its cover.

    Args:
        pool: What is chosen from.
        k: How many examples; no more than there are candidates.
        side: ``source`` or ``both``. Measured by how much of the reference's n-grams the examples'
            targets have (de–en, software help and medical texts), ``both`` gains next to nothing
            and chooses longer examples.
        candidates: How many of BM25's best are considered.
        max_order: N-grams have 1 to so many words (lower-cased selection tokens).
    """

    def __init__(
        self, pool: Pool, k: int | None, side: str = "source", candidates: int = 100, max_order: int = 4
    ) -> None:
        if side not in SIDES:
            raise ConfigError(f"coverage: side must be {' or '.join(SIDES)}, got {side!r}")
        self._pool = pool
        self._k = need_k("coverage", k)
        self._candidates = whole_at_least("coverage", "candidates", candidates, 1)
        self._max_order = whole_at_least("coverage", "max_order", max_order, 1)
        self._target_idf = TargetIdf(pool) if side == "both" else None

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves for all queries together and chooses for each."""
        found = self._pool.candidates(queries, self._candidates)
        source_idf = cache(self._pool.idf)
        target_idf = cache(self._target_idf.now()) if self._target_idf else None
        return [
            self._choose(query, candidates, source_idf, target_idf) if candidates else []
            for query, candidates in zip(queries, found, strict=True)
        ]

    def _choose(
        self, query: Query, candidates: Sequence[Choice], source_idf: Idf, target_idf: Idf | None
    ) -> list[Choice]:
        pairs = [self._pool.pairs[choice.index] for choice in candidates]
        # text 0 is the query, its n-grams are what there is to cover
        source = self._incidence([query.source, *(pair.source for pair in pairs)], 0, source_idf)
        asked = source.rows == 0
        wanted = np.zeros(source.weights.size)
        wanted[source.columns[asked]] = source.weights[source.columns[asked]]
        sides = [wanted]
        rows, columns = source.rows[~asked] - 1, source.columns[~asked]
        if target_idf:
            target = self._incidence([pair.target for pair in pairs], 1, target_idf)
            scores = [choice.score or 0.0 for choice in candidates]
            sides.append(target.weights * agreement(scores, target.rows, target.columns))
            rows = np.concatenate([rows, target.rows])
            columns = np.concatenate([columns, target.columns + wanted.size])
        weights = _percentages(sides)
        worth = weights[columns] > 0
        chosen = choose_by_coverage(weights, rows[worth], columns[worth], len(candidates), self._k)
        return [Choice(candidates[place].index, score) for place, score in chosen]

    def _incidence(self, texts: Sequence[str], side: int, idf: Idf) -> Incidence:
        tokens = [lower_tokens(text, self._pool.languages[side]) for text in texts]
        return Incidence.of(tokens, idf, self._max_order)


def _percentages(sides: Sequence[Doubles]) -> Doubles:
    """The weights as percentages of the whole, to which each side that has any adds the same."""
    totals = [math.fsum(side) for side in sides]
    each = 100 / sum(total > 0 for total in totals)
    shares = [side * (each / total if total else 0) for side, total in zip(sides, totals, strict=True)]
    rounded: Doubles = np.round(np.concatenate(shares) / _GRAIN) * _GRAIN
    return rounded


def agreement(scores: Sequence[float], rows: Int64s, columns: Int64s) -> Doubles:
    """How far texts agree on each n-gram.

    Args:
        scores: Each text's relevance, above 0.
        rows: The text of each occurrence.
        columns: The n-gram of each occurrence; a text has it once.

    Returns:
        For each n-gram Σ p_x·p_y over pairs x ≠ y of texts that both have it, p a text's share in the
        scores; exactly 0 where only one has it.
    """
    shares = (np.array(scores, np.float64) / math.fsum(scores))[rows]
    together, alone = np.bincount(columns, shares), np.bincount(columns, shares * shares)
    agreed: Doubles = np.maximum(together * together - alone, 0.0)
    return agreed


def choose_by_coverage(
    weights: Doubles, rows: Int64s, columns: Int64s, size: int, k: int
) -> list[tuple[int, float]]:
    """Chooses greedily what covers the most weight that is still uncovered.

    When nothing more can be gained, all is uncovered again and the others go on with a new cover.

    Args:
        weights: Each element's weight.
        rows: The candidate of each holding.
        columns: The element of each holding; a candidate holds it once.
        size: How many candidates there are.
        k: How many to choose at most.

    Returns:
        ``(candidate, newly covered weight)`` in order of choice; ties go to the earlier candidate.
    """
    uncovered = weights.copy()
    new_cover = True
    left = np.ones(size, bool)
    chosen: list[tuple[int, float]] = []
    while len(chosen) < k and left.any():
        gains = np.where(left, np.bincount(rows, uncovered[columns], size), -1.0)
        best = int(gains.argmax())  # the first of equals
        if gains[best] == 0 and not new_cover:
            uncovered, new_cover = weights.copy(), True
            continue
        chosen.append((best, float(gains[best])))
        left[best] = False
        uncovered[columns[rows == best]] = 0
        new_cover = False
    return chosen
