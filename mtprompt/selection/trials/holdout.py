"""Who is tried on what: candidates drawn from a pool, and a dev set that none of them gives away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random
from typing import TypeVar

from mtprompt.segments import Pair, Segment
from mtprompt.selection.pool import Pool
from mtprompt.text.near import NearTexts
from mtprompt.text.tokens import normalize

_LOOKED_AT = 10  # times as many pairs as are wanted: a pool can be all alike

_Text = TypeVar("_Text", Pair, Segment)


def draw(
    pool: Pool, candidates: int, dev: int, seed: int, given: Sequence[Segment] | None
) -> tuple[list[int], list[Segment]]:
    """Draws candidates with different sources, and a dev set.

    A pair that would be liked for what it gives away is no candidate: its source is nearly a dev
    source, or its target a dev reference (:class:`~mtprompt.text.near.NearTexts`).

    Args:
        pool: What candidates are drawn from.
        candidates: How many; fewer where the pool has fewer.
        dev: How many dev segments. They are drawn from ``given``, else taken out of the pool; one
            with fewer than ``candidates + dev`` different sources is divided in that proportion.
        seed: Decides the draws.
        given: Segments with references.

    Returns:
        Indices of the candidates, and the dev segments, each in the order of the draw. Where
        there is nothing to compare, that is no dev segment or not two candidates, the dev set is
        empty and the candidates are the first that were drawn.
    """
    drawn = _different(pool.pairs, seed)
    if given is None:
        first = list(islice(drawn, candidates + dev))
        held = max(1, len(first) * dev // (candidates + dev))
        segments = [_segment(pair) for _, pair in first[:held]]
        drawn = chain(first[held:], drawn)
    else:
        segments = [segment for _, segment in islice(_different(given, seed), dev)]
    given_away = _GivenAway(segments)
    looked_at = islice(drawn, _LOOKED_AT * candidates)
    fair = list(islice((i for i, pair in looked_at if not given_away.by(pair)), candidates))
    if segments and len(fair) > 1:
        return fair, segments
    return [i for i, _ in islice(_different(pool.pairs, seed), candidates)], []


def draw_dev(pool: Pool, dev: int, seed: int, given: Sequence[Segment] | None) -> list[Segment]:
    """Draws a dev set alone, for strategies that keep its pairs out as the leak guard does.

    Args:
        pool: Half of its different sources at most are drawn where no segments are given.
        dev: How many at most.
        seed: Decides the draw.
        given: Segments with references.
    """
    if given is not None:
        return _apart([segment for _, segment in islice(_different(given, seed), 2 * dev)])[:dev]
    drawn = [_segment(pair) for _, pair in islice(_different(pool.pairs, seed), 2 * dev)]
    return _apart(drawn[: len(drawn) // 2])


def _apart(segments: Sequence[Segment]) -> list[Segment]:
    """Of segments with nearly the same source only the first: one half of them must not tell on the other."""
    near = NearTexts([segment.source for segment in segments]).find([s.source for s in segments])
    return [segment for at, segment in enumerate(segments) if min(near[at], default=at) == at]


def _segment(pair: Pair) -> Segment:
    return Segment(pair.id, pair.source, pair.target, pair.domain)


def shuffled(size: int, seed: int) -> Iterator[int]:
    """The numbers below ``size`` in an order that the seed decides, made only as far as it is read.

    A pool can hold millions of pairs, of which a few hundred are wanted (Fisher & Yates 1938,
    keeping only the places that were moved).
    """
    random = Random(seed)
    moved: dict[int, int] = {}
    for last in range(size - 1, -1, -1):
        at = random.randrange(last + 1)
        yield moved.get(at, at)
        moved[at] = moved.pop(last, last)


def _different(texts: Sequence[_Text], seed: int) -> Iterator[tuple[int, _Text]]:
    """Places and texts in drawn order; of texts with the same source only the first."""
    seen: set[str] = set()
    for i in shuffled(len(texts), seed):
        source = normalize(texts[i].source)
        if source not in seen:
            seen.add(source)
            yield i, texts[i]


class _GivenAway:
    """What an example would give away of a dev set."""

    def __init__(self, dev: Sequence[Segment]) -> None:
        self._sources = NearTexts([segment.source for segment in dev])
        self._references = NearTexts([segment.reference or "" for segment in dev])

    def by(self, pair: Pair) -> bool:
        """Whether this pair all but holds a dev segment's source or reference."""
        return any(self._sources.find([pair.source]) + self._references.find([pair.target]))
