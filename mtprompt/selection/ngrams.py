"""N-grams of tokens, as counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

MAX_ORDER = 4


def ngram_counts(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    """Counts of the n-grams of one order, in order of first occurrence."""
    return Counter(tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1))
