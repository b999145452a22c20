"""A pool's sources as arrays: token ids, BM25 postings, repeated sources, and keys of equal texts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from mtprompt.segments import Pair
from mtprompt.selection.index.arrays import Floats, Int32s, Int64s, Keys
from mtprompt.text.tokens import normalize, selection_tokens

K1, B = 1.5, 0.75


def text_key(text: str) -> int:
    """64 bits that texts share which are equal after normalization."""
    data = normalize(text).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """Queries as token ids.

    Attributes:
        tokens: The tokens of all queries, case kept; ids from the index' vocabulary size on are
            tokens that no document has.
        starts: Where each query's tokens begin, and the end.
        terms: The known ones in lower case, sorted within each query.
        term_starts: Where each query's terms begin, and the end.
    """

    tokens: Int32s
    starts: Int64s
    terms: Int32s
    term_starts: Int64s


@dataclass(frozen=True)
class Index:
    """Everything that retrieval needs to know about a pool's pairs; immutable.

    Attributes:
        vocabulary: Token to id; it may know more tokens than this index (it is shared with
            the index that :meth:`extended` makes of it).
        lower: The id of each token's lower-cased form.
        tokens: Token ids of all sources, case kept.
        starts: Where each source's tokens begin, and the end.
        posting_starts: Where each term's postings begin, and the end.
        posting_docs: The pairs whose source has the term, ascending.
        posting_counts: How often they have it.
        first_same: For each pair the first with the very same tokens.
        source_keys: Sorted keys of the sources.
        source_docs: The pairs in the order of ``source_keys``.
        target_keys: Sorted keys of the targets.
        target_docs: The pairs in the order of ``target_keys``.
    """

    vocabulary: dict[str, int]
    lower: Int32s
    tokens: Int32s
    starts: Int64s
    posting_starts: Int64s
    posting_docs: Int32s
    posting_counts: Int32s
    first_same: Int32s
    source_keys: Keys
    source_docs: Int32s
    target_keys: Keys
    target_docs: Int32s

    ARRAYS = (
        "lower", "tokens", "starts", "posting_starts", "posting_docs", "posting_counts", "first_same",
        "source_keys", "source_docs", "target_keys", "target_docs",
    )  # fmt: skip

    def __post_init__(self) -> None:
        # as arrays from disk are; compiled code knows the two kinds apart and would be made twice
        for name in self.ARRAYS:
            getattr(self, name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def build(cls, pairs: Iterable[Pair], language: str) -> Index:
        """Tokenizes and counts; reads the pairs once."""
        nothing = np.zeros(0, np.int32)
        empty = cls(
            {}, nothing, nothing, np.zeros(1, np.int64), np.zeros(1, np.int64), nothing, nothing, nothing,
            np.zeros(0, np.uint64), nothing, np.zeros(0, np.uint64), nothing,
        )  # fmt: skip
        return empty.extended(pairs, language)

    def extended(self, pairs: Iterable[Pair], language: str) -> Index:
        """The index of these pairs after the present ones.

        Only the new pairs are tokenized; arrays are copied and postings counted again.
        """
        from mtprompt.selection.index.postings import make_postings
        from mtprompt.selection.index.repeats import first_same

        vocabulary, lower = self.vocabulary, array("i", self.lower.tobytes())
        while len(vocabulary) > len(lower):
            vocabulary.popitem()  # the last one: an attempt that was interrupted left it
        tokens, lengths = array("i"), array("q")
        source_keys, target_keys = array("Q"), array("Q")

        def identify(token: str) -> int:
            known = vocabulary.get(token)
            if known is None:
                known = vocabulary[token] = len(vocabulary)
                lower.append(known)
                if (lowered := token.lower()) != token:
                    lower[known] = identify(lowered)
            return known

        for pair in pairs:
            ids = [identify(token) for token in selection_tokens(pair.source, language)]
            tokens.extend(ids)
            lengths.append(len(ids))
            source_keys.append(text_key(pair.source))
            target_keys.append(text_key(pair.target))
        new_starts = self.starts[-1] + np.cumsum(np.frombuffer(lengths, np.int64))
        all_lower = np.frombuffer(lower, np.int32)
        all_tokens = np.concatenate([self.tokens, np.frombuffer(tokens, np.int32)])
        starts = np.concatenate([self.starts, new_starts])
        by_source = _merged(self.source_keys, self.source_docs, np.frombuffer(source_keys, np.uint64))
        by_target = _merged(self.target_keys, self.target_docs, np.frombuffer(target_keys, np.uint64))
        return Index(
            vocabulary,
            all_lower,
            all_tokens,
            starts,
            *make_postings(all_lower[all_tokens], starts, len(all_lower)),
            first_same(all_tokens, starts),
            *by_source,
            *by_target,
        )

    @cached_property
    def saturations(self) -> Floats:
        """What BM25 makes of each posting's count."""
        from mtprompt.selection.index.postings import saturate

        saturations: Floats = saturate(self.posting_docs, self.posting_counts, self.starts, K1, B)
        return saturations

    @cached_property
    def _lower(self) -> list[int]:
        lower: list[int] = self.lower.tolist()  # faster than the array where ids are looked up one by one
        return lower

    def encode(self, queries: Sequence[Sequence[str]]) -> QueryTokens:
        """Looks the tokens of queries up."""
        size = len(self.lower)
        get, lower = self.vocabulary.get, self._lower
        tokens, terms = array("i"), array("i")
        starts, term_starts = array("q", [0]), array("q", [0])
        for query in queries:
            ids = [get(token, size) for token in query]
            known = [lower[i] for i in ids if i < size]
            if len(known) < len(ids):
                # a token that no document has is itself alone, but its lower-cased form may be known
                strangers: dict[str, int] = {}
                for at, token in enumerate(query):
                    if ids[at] >= size:
                        ids[at] = strangers.setdefault(token, size + len(strangers))
                        if (lowered := get(token.lower(), size)) < size:
                            known.append(lowered)
            tokens.extend(ids)
            terms.extend(sorted(known))
            starts.append(len(tokens))
            term_starts.append(len(terms))
        return QueryTokens(
            np.frombuffer(tokens, np.int32),
            np.frombuffer(starts, np.int64),
            np.frombuffer(terms, np.int32),
            np.frombuffer(term_starts, np.int64),
        )

    def frequency(self, token: str) -> int:
        """How many sources have a token (in any case)."""
        term = self.vocabulary.get(token.lower(), len(self.lower))
        if term >= len(self.lower):
            return 0
        return int(self.posting_starts[term + 1] - self.posting_starts[term])


def _merged(keys: Keys, docs: Int32s, new_keys: Keys) -> tuple[Keys, Int32s]:
    """Sorted keys with their documents; the new ones are of the documents after the present ones."""
    order = np.argsort(new_keys, kind="stable")
    at = np.searchsorted(keys, new_keys[order], side="right")
    new_docs = (order + len(docs)).astype(np.int32)
    return np.insert(keys, at, new_keys[order]), np.insert(docs, at, new_docs)
