"""Examples as long as the sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby, islice

import numpy as np

from mtprompt.selection.index.arrays import Int64s
from mtprompt.selection.index.index import Index
from mtprompt.selection.options import need_k
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.text.tokens import selection_tokens


class LengthSelector:
    """``length@k``: the k pairs whose source has most nearly as many tokens as the segment's.

    A control: it knows a text's length and nothing of its words, so what another strategy gains
    over it is not due to examples of the right length. Tokens are those of all selection; ties go
    to the earlier pair. An empty text gets the shortest sources. Repeated pairs are not dropped.
    """

    def __init__(self, pool: Pool, k: int | None) -> None:
        self._pool = pool
        self._k = need_k("length", k)
        self._sorted: tuple[Index, dict[int, Int64s]] | None = None

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """The nearest in length for each query; fewer than k where the pool holds fewer."""
        by_length = self._by_length()
        return [list(islice(self._nearest(query, by_length), self._k)) for query in queries]

    def _by_length(self) -> dict[int, Int64s]:
        """The pairs of each length in pool order, sorted anew when the pool has grown."""
        index = self._pool.index
        if self._sorted is None or self._sorted[0] is not index:
            lengths = np.diff(index.starts)
            order = np.argsort(lengths, kind="stable")
            known, firsts = np.unique(lengths[order], return_index=True)
            by_length = dict(zip(known.tolist(), np.split(order, firsts)[1:], strict=True))
            self._sorted = index, by_length
        return self._sorted[1]

    def _nearest(self, query: Query, by_length: dict[int, Int64s]) -> Iterator[Choice]:
        wanted = len(selection_tokens(query.source, self._pool.language))

        def difference(length: int) -> int:
            return abs(length - wanted)

        # at most two lengths are equally far, a shorter and a longer one
        for _, lengths in groupby(sorted(by_length, key=difference), key=difference):
            for index in merge(*(by_length[length] for length in lengths)):
                if index not in query.excluded:
                    yield Choice(int(index), None)
