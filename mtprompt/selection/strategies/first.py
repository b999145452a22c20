"""The pool's first pairs: what a few-shot prompt becomes when nobody chooses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from mtprompt.selection.options import need_k
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query


class FirstSelector:
    """``first@k``: the first k pool pairs in pool order, the same for every segment.

    A baseline. Only the leak guard makes the examples of one segment differ from another's: the
    next pairs take the place of excluded ones. Repeated pairs are not dropped.
    """

    def __init__(self, pool: Pool, k: int | None) -> None:
        self._pool = pool
        self._k = need_k("first", k)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """The top of the pool for each query; fewer than k where the pool holds fewer."""
        size = len(self._pool.pairs)
        return [
            [Choice(i, None) for i in islice((i for i in range(size) if i not in query.excluded), self._k)]
            for query in queries
        ]
