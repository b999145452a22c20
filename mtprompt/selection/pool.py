"""A pool made ready for selection: tokens and the BM25 index, each made once, when first needed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property

from mtprompt.corpus.corpus import Corpus
from mtprompt.selection.index import BM25Index
from mtprompt.selection.query import Choice, Query
from mtprompt.text.tokens import normalize, selection_tokens


class Pool:
    """The examples to choose from, shared by all strategies of one run."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.pairs = corpus.pairs
        self.languages = corpus.languages
        self.language = corpus.languages[0]

    @cached_property
    def tokens(self) -> list[list[str]]:
        """Each source's selection tokens, case kept."""
        return [selection_tokens(pair.source, self.language) for pair in self.pairs]

    @cached_property
    def bm25(self) -> BM25Index:
        """The index over the sources."""
        return BM25Index(self.tokens)

    def candidates(self, queries: Sequence[Query], k: int, *, distinct: bool = True) -> list[list[Choice]]:
        """The ``k`` best sources by BM25 for each query, best first, ties in pool order.

        Args:
            queries: What to find examples for; their excluded pairs are left out.
            k: How many; fewer come back where fewer share a token with the query.
            distinct: Offer a source that stands in the pool more than once only once.
        """
        return [self._candidates(query, k, distinct) for query in queries]

    def _candidates(self, query: Query, k: int, distinct: bool) -> list[Choice]:
        tokens = selection_tokens(query.source, self.language)
        size = k
        while True:
            found = self.bm25.top(tokens, size, query.excluded)
            if not distinct:
                return [Choice(index, score) for index, score in found]
            first: dict[tuple[str, ...], Choice] = {}
            for index, score in found:
                first.setdefault(tuple(self.tokens[index]), Choice(index, score))
            if len(first) >= k or len(found) < size:
                return list(first.values())[:k]
            size *= 2

    @cached_property
    def _frequencies(self) -> Counter[str]:
        return Counter(t for tokens in self.tokens for t in {token.lower() for token in tokens})

    def idf(self, token: str) -> float:
        """Lucene's inverse document frequency of a token (in lower case) among the pool's sources."""
        frequency = self._frequencies[token.lower()]
        return math.log(1 + (len(self.pairs) - frequency + 0.5) / (frequency + 0.5))

    @cached_property
    def _by_text(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for index, pair in enumerate(self.pairs):
            for text in {normalize(pair.source), normalize(pair.target)}:
                found[text].append(index)
        return found

    def exact_matches(self, source: str, reference: str | None = None) -> list[int]:
        """Pairs whose source (or target) equals this source (or reference) after normalization.

        An example that is the test sentence itself leaks its translation; a translator, though,
        wants to see it.
        """
        wanted = normalize(source)
        matches = {i for i in self._by_text.get(wanted, ()) if normalize(self.pairs[i].source) == wanted}
        if reference:
            wanted = normalize(reference)
            matches |= {i for i in self._by_text.get(wanted, ()) if normalize(self.pairs[i].target) == wanted}
        return sorted(matches)
