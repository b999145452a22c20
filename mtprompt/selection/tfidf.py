"""How alike a query and its candidates are: cosines of tf–idf vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from mtprompt.selection.incidence import Incidence, lower_tokens
from mtprompt.selection.index.arrays import Doubles
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query

# Components are rounded to multiples of this. Products of two are then multiples of 2⁻⁵² and their
# sum, a cosine, stays below 2: float64 holds it exactly, so no order of summation, and no machine,
# turns two equal cosines into a winner and a loser.
_GRAIN = 2.0**-26


class TfIdfVectors:
    """Texts as vectors of length 1: a token's component is its count times its idf.

    The weights are those of Salton & Buckley 1988, "Term-weighting approaches in automatic text
    retrieval" (raw counts, cosine normalization), with whatever idf is given. A text without
    tokens is the zero vector. Cosines are right to about 10⁻⁶ and exact where they are equal.

    Args:
        texts: The tokens of each text.
        idf: A token's weight, above 0.
    """

    def __init__(self, texts: Sequence[Sequence[str]], idf: Callable[[str], float]) -> None:
        entries = Incidence.of(texts, idf)
        self._texts = len(texts)
        self._rows, self._columns = entries.rows, entries.columns
        self._width = entries.weights.size
        values = entries.counts * entries.weights[entries.columns]
        lengths = np.sqrt(self._sum(values * values))
        self._values = np.round(values / lengths[self._rows] / _GRAIN) * _GRAIN

    def cosines(self, text: int) -> Doubles:
        """The cosine of each text with one of them."""
        own = self._rows == text
        vector = np.zeros(self._width)
        vector[self._columns[own]] = self._values[own]
        return self._sum(self._values * vector[self._columns])

    def squared_lengths(self) -> Doubles:
        """The cosine of each text with itself: 1 but for rounding, 0 for a text without tokens."""
        return self._sum(self._values * self._values)

    def _sum(self, values: Doubles) -> Doubles:
        return np.bincount(self._rows, values, self._texts).astype(np.float64, copy=False)


def choose_by_vectors(
    pool: Pool,
    queries: Sequence[Query],
    candidates: int,
    choose: Callable[[TfIdfVectors], list[tuple[int, float]]],
) -> list[list[Choice]]:
    """BM25's best for each query, re-ranked by how alike they are.

    Args:
        pool: What is chosen from.
        queries: What to find examples for.
        candidates: How many of BM25's best are considered.
        choose: Gives places among the candidates with their scores, for the vectors of a query
            (text 0) and its candidates (from 1).
    """
    idf = cache(pool.idf)
    return [
        [
            Choice(its[place].index, score)
            for place, score in choose(source_vectors(pool, query.source, its, idf))
        ]
        for query, its in zip(queries, pool.candidates(queries, candidates), strict=True)
    ]


def source_vectors(
    pool: Pool, source: str, candidates: Sequence[Choice], idf: Callable[[str], float]
) -> TfIdfVectors:
    """A query's source (text 0) and its candidates' sources (from 1), by lower-cased selection tokens."""
    sources = [source, *(pool.pairs[choice.index].source for choice in candidates)]
    return TfIdfVectors([lower_tokens(text, pool.language) for text in sources], idf)
