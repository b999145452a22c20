"""A pool made ready for selection: pairs, index, and BM25 over them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np

from mtprompt.cores import usable_cores
from mtprompt.corpus.corpus import Corpus
from mtprompt.segments import Pair
from mtprompt.selection.index.arrays import Floats, Int32s, Int64s
from mtprompt.selection.index.index import Index, QueryTokens, text_key
from mtprompt.selection.query import Choice, Query
from mtprompt.text.languages import language_pair
from mtprompt.text.tokens import normalize, selection_tokens

_SHORTEST_SLICE, _LONGEST_SLICE = 16, 256  # queries that one thread takes at once


class Pool:
    """The examples to choose from, shared by all strategies of one run.

    The index is made when it is first needed, and extended when the corpus has grown. Safe to use
    from several threads.

    Args:
        corpus: The pairs.
        index: Their index, if there is one already.
    """

    def __init__(self, corpus: Corpus, index: Index | None = None) -> None:
        self.corpus = corpus
        self.languages = corpus.languages
        self.language = corpus.languages[0]
        self._index = index
        self._growing = Lock()

    @classmethod
    def load(
        cls,
        path: str | Path,
        source_lang: str,
        target_lang: str,
        target_path: str | Path | None = None,
        on_progress: Callable[[int], object] | None = None,
    ) -> Pool:
        """Opens a pool's file through its index in the user's cache, which is made at the first time.

        Args:
            path: The pool, or the source side of two parallel text files; see
                :func:`mtprompt.corpus.corpus.read_pairs` for the formats.
            source_lang: Code of the source language.
            target_lang: Code of the target language.
            target_path: The target side of two parallel text files.
            on_progress: Called with the number of pairs that were indexed since its last call.

        Raises:
            ConfigError: For an ending that is not known or a wrong language code.
            DataError: For a file that is missing, empty or malformed; names file and line.
        """
        from mtprompt.selection.index.stored import PoolFile, open_or_build

        target = Path(target_path) if target_path is not None else None
        file = PoolFile(Path(path), language_pair(source_lang, target_lang), target)
        return cls(*open_or_build(file, on_progress))

    @property
    def pairs(self) -> Sequence[Pair]:
        """The pairs; more may be added at the end."""
        return self.corpus.pairs

    @property
    def index(self) -> Index:
        """The index of all pairs that are there now."""
        index = self._index
        if index is None or len(index) < len(self.pairs):
            with self._growing:
                index = self._index
                if index is None:
                    index = Index.build(self.corpus, self.language)
                elif len(index) < len(self.pairs):
                    index = index.extended(self.pairs[len(index) :], self.language)
                self._index = index
        return index

    def encode(self, queries: Sequence[Query], index: Index) -> QueryTokens:
        """The queries' selection tokens as ids of the index."""
        return index.encode([selection_tokens(query.source, self.language) for query in queries])

    def candidates(self, queries: Sequence[Query], k: int, *, distinct: bool = True) -> list[list[Choice]]:
        """The ``k`` best sources by BM25 for each query, best first, ties in pool order.

        Args:
            queries: What to find examples for; their excluded pairs are left out.
            k: How many; fewer come back where fewer share a token with the query.
            distinct: Offer a source that stands in the pool more than once only once.
        """
        index = self.index
        encoded = self.encode(queries, index)
        results: list[list[Choice]] = [[] for _ in queries]

        def retrieve(part: slice) -> None:
            docs, scores, found = self.top(queries, encoded, index, k, part, distinct=distinct)
            results[part] = [
                list(map(Choice, its_docs[:n], its_scores[:n]))
                for its_docs, its_scores, n in zip(
                    docs.tolist(), scores.tolist(), found.tolist(), strict=True
                )
            ]

        in_threads(retrieve, len(queries))
        return results

    def top(
        self,
        queries: Sequence[Query],
        encoded: QueryTokens,
        index: Index,
        k: int,
        part: slice,
        *,
        distinct: bool = True,
    ) -> tuple[Int32s, Floats, Int64s]:
        """:meth:`candidates` of a part of the queries, in this thread, as arrays.

        Returns:
            Pairs and scores (both queries × k), and how many each query got.
        """
        from mtprompt.selection.index.bm25_kernel import bm25_top

        shape = (part.stop - part.start, min(k, len(index)))
        docs, scores = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        found = np.zeros(len(docs), np.int64)
        if not found.size or not docs.size:
            return docs, scores, found
        excluded = [sorted(i for i in query.excluded if 0 <= i < len(index)) for query in queries[part]]
        bm25_top(
            encoded.terms, encoded.term_starts[part.start : part.stop + 1],
            np.array([i for its in excluded for i in its], np.int32), np.cumsum([0, *map(len, excluded)]),
            index.posting_starts, index.posting_docs, index.saturations, index.first_same, distinct,
            docs, scores, found,
        )  # fmt: skip
        return docs, scores, found

    def idf(self, token: str) -> float:
        """Lucene's inverse document frequency of a token (in lower case) among the pool's sources."""
        index = self.index
        frequency = index.frequency(token)
        return math.log(1 + (len(index) - frequency + 0.5) / (frequency + 0.5))

    def exact_matches(self, sources: Sequence[str], references: Sequence[str | None] = ()) -> list[list[int]]:
        """For each text the pairs whose source (or target) equals it (or its reference) after normalization.

        An example that is the test sentence itself leaks its translation; a translator, though,
        wants to see it.

        Args:
            sources: Texts in the source language.
            references: Their known translations; an empty sequence, or None or "" for one, compares
                sources only.
        """
        if not len(self.pairs):
            return [[] for _ in sources]
        index = self.index
        found = self._equal(sources, index.source_keys, index.source_docs, lambda pair: pair.source)
        if references:
            texts = [reference or "" for reference in references]
            by_target = self._equal(texts, index.target_keys, index.target_docs, lambda pair: pair.target)
            found = [a | b for a, b in zip(found, by_target, strict=True)]
        return [sorted(matches) for matches in found]

    def _equal(
        self,
        texts: Sequence[str],
        keys: np.typing.NDArray[np.uint64],
        docs: Int32s,
        side: Callable[[Pair], str],
    ) -> list[set[int]]:
        wanted = np.array([text_key(text) for text in texts], np.uint64)
        lefts, rights = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
        found: list[set[int]] = [set() for _ in texts]
        for at in np.flatnonzero(lefts < rights).tolist():
            text = normalize(texts[at])
            near = docs[lefts[at] : rights[at]].tolist()
            found[at] = {doc for doc in near if text and normalize(side(self.pairs[doc])) == text}
        return found


def in_threads(work: Callable[[slice], None], size: int) -> None:
    """Does ``work`` on slices of ``range(size)``, on all cores.

    The work must let go of the interpreter. Slices are as long as keeps all cores busy: where another thread
    is at work, taking the interpreter up again costs milliseconds each time.
    """
    length = min(max(-(-size // usable_cores()), _SHORTEST_SLICE), _LONGEST_SLICE)
    slices = [slice(at, min(at + length, size)) for at in range(0, size, length)]
    if len(slices) == 1:
        work(slices[0])
        return
    list(_threads().map(work, slices))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(usable_cores(), "mtprompt-select")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a forked process has none of the threads
