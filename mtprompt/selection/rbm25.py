"""BM25 candidates, re-ranked by n-gram recall (R-BM25)."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.selection.options import at_least, need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.recall import select_by_recall
from mtprompt.text.tokens import selection_tokens


class RBM25Selector:
    """``rbm25(weight=0.1,threshold=1.0,candidates=100)@k``, the paper's R-BM25.

    The ``candidates`` best pool sources by BM25 are chosen from by
    :func:`~mtprompt.selection.recall.select_by_recall`. A source that stands in the pool more
    than once is a candidate once: a repeated example would waste a shot, and a line that a pool
    repeats a hundred times would crowd out all others.
    """

    def __init__(
        self, pool: Pool, k: int | None, weight: float = 0.1, threshold: float = 1.0, candidates: int = 100
    ) -> None:
        self._pool = pool
        self._k = need_k("rbm25", k)
        self._weight = at_least("rbm25", "weight", weight, 0, 1)
        self._threshold = at_least("rbm25", "threshold", threshold, 0)
        self._candidates = whole_at_least("rbm25", "candidates", candidates, 1)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves and re-ranks for each query."""
        return [self._select(query) for query in queries]

    def _select(self, query: Query) -> list[Choice]:
        tokens = selection_tokens(query.source, self._pool.language)
        indices = self._retrieve(tokens, query.excluded)
        chosen = select_by_recall(
            tokens,
            [self._pool.tokens[index] for index in indices],
            k=self._k,
            weight=self._weight,
            threshold=self._threshold,
        )
        return [Choice(indices[i], score) for i, score in chosen]

    def _retrieve(self, tokens: Sequence[str], excluded: frozenset[int]) -> list[int]:
        """The best pool sources by BM25, each text once; the search widens past repeated ones."""
        size = self._candidates
        while True:
            found = self._pool.bm25.top(tokens, size, excluded)
            distinct: dict[tuple[str, ...], int] = {}
            for index, _ in found:
                distinct.setdefault(tuple(self._pool.tokens[index]), index)
            if len(distinct) >= self._candidates or len(found) < size:
                return list(distinct.values())[: self._candidates]
            size *= 2
