"""BM25 candidates, re-ranked by n-gram recall (R-BM25)."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.selection.options import at_least, need_k
from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Choice, Query
from mtprompt.selection.recall import select_by_recall
from mtprompt.text.tokens import selection_tokens


class RBM25Selector:
    """``rbm25(weight=0.1,threshold=1.0,candidates=100)@k``, the paper's R-BM25.

    The ``candidates`` best pool sources by BM25 are chosen from by
    :func:`~mtprompt.selection.recall.select_by_recall`. A source that stands in the pool more
    than once is a candidate once: a repeated example would waste a shot.
    """

    def __init__(
        self, pool: Pool, k: int | None, weight: float = 0.1, threshold: float = 1.0, candidates: int = 100
    ) -> None:
        self._pool = pool
        self._k = need_k("rbm25", k)
        self._weight = at_least("rbm25", "weight", weight, 0)
        self._threshold = at_least("rbm25", "threshold", threshold, 0)
        self._candidates = int(at_least("rbm25", "candidates", candidates, 1))

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves and re-ranks for each query."""
        return [self._select(query) for query in queries]

    def _select(self, query: Query) -> list[Choice]:
        tokens = selection_tokens(query.source, self._pool.language)
        found = self._pool.bm25.top([token.lower() for token in tokens], self._candidates, query.excluded)
        distinct: dict[tuple[str, ...], int] = {}
        for index, _ in found:
            distinct.setdefault(tuple(self._pool.tokens[index]), index)
        chosen = select_by_recall(
            tokens, list(distinct), k=self._k, weight=self._weight, threshold=self._threshold
        )
        indices = list(distinct.values())
        return [Choice(indices[i], score) for i, score in chosen]
