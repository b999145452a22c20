"""Random examples: the baseline that every strategy must beat."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from mtprompt.selection.options import need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query


class RandomSelector:
    """``random(seed=1)@k``: k pairs drawn without replacement, anew for each source text.

    The draw depends on the seed and the source text alone, so neither batches nor the order
    of queries change it.
    """

    def __init__(self, pool: Pool, k: int | None, seed: int = 1) -> None:
        self._pool = pool
        self._k = need_k("random", k)
        self._seed = whole_at_least("random", "seed", seed, 0)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Draws for each query."""
        return [self._draw(query) for query in queries]

    def _draw(self, query: Query) -> list[Choice]:
        size = len(self._pool.pairs)
        wanted = min(size, self._k + len(query.excluded))
        text = f"{self._seed}\n{query.source}".encode("utf-8", "surrogatepass")
        drawn = Random(text).sample(range(size), wanted)
        return [Choice(i, None) for i in drawn if i not in query.excluded][: self._k]
