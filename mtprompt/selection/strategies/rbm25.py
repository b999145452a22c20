"""BM25 candidates, re-ranked by n-gram recall (R-BM25)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtprompt.selection.options import at_least, need_k, whole_at_least
from mtprompt.selection.pool import Pool, in_threads
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.recall import check_mode, choose_by_recall


class RBM25Selector:
    """``rbm25(mode=paper,weight=0.1,threshold=1.0,candidates=100)@k``, the paper's R-BM25.

    The ``candidates`` best pool sources by BM25 are chosen from as :mod:`mtprompt.selection.recall`
    says. A source that stands in the pool more than once is a candidate once: a repeated example
    would waste a shot, and a line that a pool repeats a hundred times would crowd out all others.
    """

    def __init__(
        self,
        pool: Pool,
        k: int | None,
        mode: str = "paper",
        weight: float = 0.1,
        threshold: float = 1.0,
        candidates: int = 100,
    ) -> None:
        self._pool = pool
        self._k = need_k("rbm25", k)
        self._mode = check_mode(mode)
        self._weight = at_least("rbm25", "weight", weight, 0, 1)
        self._threshold = at_least("rbm25", "threshold", threshold, 0)
        self._candidates = whole_at_least("rbm25", "candidates", candidates, 1)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves and re-ranks for each query."""
        index = self._pool.index
        encoded = self._pool.encode(queries, index)
        results: list[list[Choice]] = [[] for _ in queries]

        def choose(part: slice) -> None:
            docs, _, counts = self._pool.top(queries, encoded, index, self._candidates, part)
            chosen, scores, found = choose_by_recall(
                encoded.tokens,
                encoded.starts[part.start : part.stop + 1],
                docs,
                counts,
                index.tokens,
                index.starts,
                len(index.lower),
                k=self._k,
                weight=self._weight,
                threshold=self._threshold,
                mode=self._mode,
            )
            chosen = np.take_along_axis(docs, chosen, axis=1) if chosen.size else chosen
            results[part] = [
                list(map(Choice, its[:n], their[:n]))
                for its, their, n in zip(chosen.tolist(), scores.tolist(), found.tolist(), strict=True)
            ]

        in_threads(choose, len(queries))
        return results
