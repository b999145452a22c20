"""BM25 as Lucene scores it (k1 1.5, b 0.75), by bm25s."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

K1, B = 1.5, 0.75


class BM25Index:
    """An index over tokenized documents; tokens are compared in lower case.

    Source: Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond",
    with Lucene's idf, ``ln(1 + (N − df + 0.5) / (df + 0.5))``, which is never negative.
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # the package sets it to DEBUG on import
        vocabulary: dict[str, int] = {}
        ids = [
            [vocabulary.setdefault(token.lower(), len(vocabulary)) for token in document]
            for document in documents
        ]
        self._vocabulary = vocabulary
        self._bm25 = bm25s.BM25(method="lucene", k1=K1, b=B)
        if vocabulary:
            self._bm25.index((ids, vocabulary), show_progress=False)

    def top(
        self, tokens: Sequence[str], k: int, excluded: frozenset[int] = frozenset()
    ) -> list[tuple[int, float]]:
        """The ``k`` best documents with a score above zero, best first, ties in pool order.

        Args:
            tokens: The query, tokenized as the documents were; unknown tokens are ignored.
            k: How many; fewer come back where fewer share a token with the query.
            excluded: Documents to leave out.

        Returns:
            ``(document index, score)`` pairs.
        """
        lowered = (token.lower() for token in tokens)
        known = [self._vocabulary[token] for token in lowered if token in self._vocabulary]
        if not known or k <= 0:
            return []
        scores = self._bm25.get_scores_from_ids(known)
        if excluded:
            scores[list(excluded)] = 0.0
        matching = np.flatnonzero(scores > 0)
        if len(matching) > k:
            kth_best = np.partition(scores[matching], len(matching) - k)[len(matching) - k]
            matching = matching[scores[matching] >= kth_best]
        # flatnonzero is in pool order and a stable sort keeps it among equals
        order = np.argsort(-scores[matching], kind="stable")[:k]
        return [(int(i), float(scores[i])) for i in matching[order]]
