"""No examples: the zero-shot baseline."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Choice, Query


class Zero:
    """``zero``: nothing is chosen."""

    def __init__(self, pool: Pool, k: int | None) -> None:
        pass

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """One empty list a query."""
        return [[] for _ in queries]
