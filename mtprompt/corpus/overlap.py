"""How much of a test set stands in a pool: equal and near segments, and shared n-grams.

A score on test sentences that the pool holds, whole or in long stretches, says little about new
ones. Everything is compared after normalization (case, width, white space), so that a segment with
an equal in the pool has all its n-grams there, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from mtprompt.segments import Pair, Segment
from mtprompt.text.near import NearTexts
from mtprompt.text.tokens import normalize, selection_tokens

# Eight tokens in a row are hardly shared by chance: PaLM's report (Chowdhery et al. 2022, section 8)
# tells test texts that were in the training data by their 8-grams.
LONGEST = 8
ORDERS = (1, 2, 3, 4, LONGEST)

_CHUNK = 4096

Ngram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NgramOverlap:
    """Test n-grams of one order that occur in the pool.

    Attributes:
        order: n.
        count: N-grams in the test set.
        found: How many of them occur in the pool.
        types: Different n-grams in the test set.
        types_found: How many of them occur in the pool.
        segments: Test segments with at least one n-gram, that is with n tokens.
        segments_some: How many of them have an n-gram that occurs in the pool.
        segments_all: How many of them have no other.
    """

    order: int
    count: int
    found: int
    types: int
    types_found: int
    segments: int
    segments_some: int
    segments_all: int


@dataclass(frozen=True, slots=True)
class SideOverlap:
    """What of one side of the test set (its sources, or its references) the pool holds.

    Attributes:
        segments: Segments with text on this side.
        equal: Segments with an equal in the pool.
        near: Segments with a near text in the pool, equals included.
        ngrams: For each of :data:`ORDERS`.
    """

    segments: int
    equal: int
    near: int
    ngrams: tuple[NgramOverlap, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The pool pair that is nearest to a test segment; None where a side is not near, or not known."""

    segment: Segment
    pair: Pair
    source: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """The whole comparison.

    Attributes:
        pairs: Pairs in the pool.
        source: The sources of the test set.
        target: Its references; None if it has none.
        both_equal: Segments with both sides equal to those of one pool pair.
        both_near: Likewise near.
        nearest: For each segment with a near pair the nearest one, the nearest of all first.
    """

    pairs: int
    source: SideOverlap
    target: SideOverlap | None
    both_equal: int
    both_near: int
    nearest: tuple[Nearest, ...]


def measure_overlap(
    pool: Iterable[Pair],
    segments: Sequence[Segment],
    languages: tuple[str, str],
    similarity: float = 0.95,
) -> Overlap:
    """Compares a test set with a pool, which streams through: memory holds the test set alone.

    Args:
        pool: The pairs.
        segments: The test set, each with text; references are compared where there are any.
        languages: Source and target code; they decide the tokens (see
            :func:`~mtprompt.text.tokens.selection_tokens`).
        similarity: From where on a text is near; see :class:`~mtprompt.text.near.NearTexts`.

    Raises:
        ConfigError: If the similarity is out of range.
    """
    source = _Side([segment.source for segment in segments], languages[0], similarity)
    target = _Side([segment.reference or "" for segment in segments], languages[1], similarity)
    best: dict[int, Nearest] = {}
    both_equal: set[int] = set()
    both_near: set[int] = set()
    count = 0
    for chunk in _chunks(pool):
        count += len(chunk)
        sources = source.compare([pair.source for pair in chunk])
        targets = target.compare([pair.target for pair in chunk])
        for pair, by_source, by_target in zip(chunk, sources, targets, strict=True):
            both = by_source.keys() & by_target.keys()
            both_near |= both
            both_equal |= {i for i in both if by_source[i] == by_target[i] == 1}
            for i in by_source.keys() | by_target.keys():
                match = Nearest(segments[i], pair, by_source.get(i), by_target.get(i))
                if i not in best or _closeness(match) > _closeness(best[i]):
                    best[i] = match
    return Overlap(
        count,
        source.result(),
        target.result() if any(segment.reference for segment in segments) else None,
        len(both_equal),
        len(both_near),
        tuple(sorted((best[i] for i in sorted(best)), key=_closeness, reverse=True)),
    )


def _chunks(pool: Iterable[Pair]) -> Iterator[list[Pair]]:
    pairs = iter(pool)
    while chunk := list(islice(pairs, _CHUNK)):
        yield chunk


def _closeness(match: Nearest) -> float:
    return (match.source or 0.0) + (match.target or 0.0)


class _Side:
    """One side of the test set, and what of it was met in the pool so far."""

    def __init__(self, texts: Sequence[str], language: str, similarity: float) -> None:
        self._language = language
        self._near_texts = NearTexts(texts, similarity)
        self._tokens = [self._tokenize(text) for text in texts]
        self._wanted = {
            order: {gram for tokens in self._tokens for gram in _ngrams(tokens, order)} for order in ORDERS
        }
        self._found: dict[int, set[Ngram]] = {order: set() for order in ORDERS}
        self._near: set[int] = set()
        self._equal: set[int] = set()

    def _tokenize(self, text: str) -> list[str]:
        return selection_tokens(normalize(text), self._language)

    def compare(self, texts: Sequence[str]) -> list[dict[int, float]]:
        """For each pool text the test segments that it is near to, with the similarity."""
        for text in texts:
            self._meet(self._tokenize(text))
        # the test set is indexed and the pool asks: nearness has no direction
        found = self._near_texts.find(texts)
        for near in found:
            self._near |= near.keys()
            self._equal |= {i for i, similarity in near.items() if similarity == 1}
        return found

    def _meet(self, tokens: list[str]) -> None:
        """Notes which of the test's n-grams a pool text has."""
        shorter, starts = 0, set(range(len(tokens)))
        for order in ORDERS:
            if not starts:
                break
            # an n-gram can only be there where its own first and last shorter n-grams are
            places = [i for i in starts if i + order - shorter in starts] if shorter else starts
            grams = {i: tuple(tokens[i : i + order]) for i in places}
            starts = {i for i, gram in grams.items() if gram in self._wanted[order]}
            self._found[order].update(grams[i] for i in starts)
            shorter = order

    def result(self) -> SideOverlap:
        return SideOverlap(
            sum(map(bool, self._tokens)),
            len(self._equal),
            len(self._near),
            tuple(self._count(order) for order in ORDERS),
        )

    def _count(self, order: int) -> NgramOverlap:
        found = self._found[order]
        segments = [grams for tokens in self._tokens if (grams := _ngrams(tokens, order))]
        hits = [sum(gram in found for gram in grams) for grams in segments]
        return NgramOverlap(
            order,
            count=sum(map(len, segments)),
            found=sum(hits),
            types=len(self._wanted[order]),
            types_found=len(found),
            segments=len(segments),
            segments_some=sum(map(bool, hits)),
            segments_all=sum(hit == len(grams) for hit, grams in zip(hits, segments, strict=True)),
        )


def _ngrams(tokens: list[str], order: int) -> list[Ngram]:
    return [tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1)]
