"""What every selection strategy offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mtprompt.selection.pool import Pool


@dataclass(frozen=True, slots=True)
class Query:
    """A text to find examples for.

    Attributes:
        source: The segment's source text.
        excluded: Indices of pool pairs that must not be chosen (the leak guard's).
    """

    source: str
    excluded: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """A pool pair by its index, with the strategy's score (None if it has none)."""

    index: int
    score: float | None


class Selector(Protocol):
    """One strategy over one pool. Constructed as ``Class(pool, k, **options)``."""

    def __init__(self, pool: Pool, k: int | None) -> None: ...

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Chooses for each query, best first, without repetition; at most ``k`` each."""
        ...
