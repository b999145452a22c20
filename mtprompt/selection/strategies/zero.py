"""No examples: the zero-shot baseline."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query


class Zero:
    """``zero``: nothing is chosen."""

    def __init__(self, pool: Pool, k: int | None) -> None:
        if k is not None:
            raise ConfigError(f"zero takes no number of examples, got zero@{k}")

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """One empty list a query."""
        return [[] for _ in queries]
