"""A pool made ready for selection: tokens and the BM25 index, each made once, when first needed."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from mtprompt.corpus.corpus import Corpus
from mtprompt.selection.index import BM25Index
from mtprompt.text.tokens import normalize, selection_tokens


class Pool:
    """The examples to choose from, shared by all strategies of one run."""

    def __init__(self, corpus: Corpus) -> None:
        self.pairs = corpus.pairs
        self.language = corpus.languages[0]

    @cached_property
    def tokens(self) -> list[list[str]]:
        """Each source's selection tokens, case kept."""
        return [selection_tokens(pair.source, self.language) for pair in self.pairs]

    @cached_property
    def bm25(self) -> BM25Index:
        """The index over the sources."""
        return BM25Index(self.tokens)

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
