"""What strategies are asked and what they answer."""

from __future__ import annotations

from dataclasses import dataclass

from mtprompt.segments import Pair


@dataclass(frozen=True, slots=True)
class Query:
    """A text to find examples for.

    Attributes:
        source: The segment's source text.
        excluded: Indices of pool pairs that must not be chosen (the leak guard's).
        guarded: Whether the leak guard is on: a pair from outside the pool, which no index in
            ``excluded`` can name, must then not equal this source or this reference either.
        reference: The segment's known translation, for that comparison.
        near: From which normalized edit similarity on the guard takes texts for the same; 1 is equality.
    """

    source: str
    excluded: frozenset[int] = frozenset()
    guarded: bool = False
    reference: str | None = None
    near: float = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A pair that was chosen.

    Attributes:
        index: Its place in the pool; negative for a pair from outside the pool. Two choices with
            the same index are the same example.
        score: The strategy's score, None if it has none.
        pair: The example to show where it is not the one at ``index``; always given where
            ``index`` is negative.
    """

    index: int
    score: float | None
    pair: Pair | None = None
