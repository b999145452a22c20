"""What strategies are asked and what they answer."""

from __future__ import annotations

from dataclasses import dataclass


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
