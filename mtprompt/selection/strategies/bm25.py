"""The closest pool sources by BM25."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.selection.options import need_k
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query


class BM25Selector:
    """``bm25@k``: the k pool sources with the highest BM25 score against the segment's source.

    Source: Robertson & Zaragoza 2009, as :mod:`mtprompt.selection.index.bm25_kernel` says. Repeated
    sources all come back, as they would from any search engine.
    """

    def __init__(self, pool: Pool, k: int | None) -> None:
        self._pool = pool
        self._k = need_k("bm25", k)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Ranks the pool for each query; a source that shares no token with the pool gets nothing."""
        return self._pool.candidates(queries, self._k, distinct=False)
