"""The closest pool sources by BM25."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.selection.options import need_k
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.text.tokens import selection_tokens


class BM25Selector:
    """``bm25@k``: the k pool sources with the highest BM25 score against the segment's source."""

    def __init__(self, pool: Pool, k: int | None) -> None:
        self._pool = pool
        self._k = need_k("bm25", k)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Ranks the pool for each query; a source that shares no token with the pool gets nothing."""
        return [
            [
                Choice(index, score)
                for index, score in self._pool.bm25.top(
                    selection_tokens(query.source, self._pool.language),
                    self._k,
                    query.excluded,
                )
            ]
            for query in queries
        ]
