"""Texts that are almost the same: a normalized edit similarity above a threshold, found exactly and fast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from mtprompt.errors import ConfigError
from mtprompt.text.tokens import normalize

# Characters are counted in this many bins: few enough to compare in one sweep, enough to tell texts apart.
_BINS = 32
_CHUNK = 4096
# Below it, texts of one length are "near" for sharing their most frequent letters.
LEAST = 0.5
# Above any rounding error of a length times a similarity, below any step between two of them.
_SLACK = 1e-6


_Number = TypeVar("_Number", float, npt.NDArray[np.float64])


class Texts(Protocol):
    """What is searched: a list of texts, or a view of one, which may grow at its end."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> str: ...


class _Index(NamedTuple):
    """Lengths and character counts, shortest text first; the texts themselves are not kept.

    A bag is a column: numpy adds up many short columns several times as fast as short rows.
    """

    position: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    bags: npt.NDArray[np.uint8]


class NearTexts:
    """Finds the texts whose similarity to a query is at least a threshold.

    The similarity is ``1 − d / max(len)`` with Levenshtein's distance d, over normalized texts
    (:func:`~mtprompt.text.tokens.normalize`); at 0.95 a text shorter than 20 characters is near
    to its equals only. Nothing is missed: two texts that differ by d edits differ by at most d in
    length and in *bag distance*, the larger of the numbers of characters (as multisets, order
    aside) that one has beyond the other (Bartolini, Ciaccia, Patella 2002, "String matching with
    metric trees using an approximate distance"). Counting characters in bins and capping the
    counts, our additions, can only lower that distance. What passes both is measured.

    Args:
        texts: What to search; texts that are added at its end later are found too.
        similarity: The threshold, from 0.5 to 1. The search is fast from about 0.85 upwards.

    Raises:
        ConfigError: If the threshold is out of range.
    """

    def __init__(self, texts: Texts, similarity: float = 0.95) -> None:
        if not LEAST <= similarity <= 1:  # NaN fails too
            raise ConfigError(f"a similarity must be from {LEAST:g} to 1, got {similarity:g}")
        self._texts = texts
        self._similarity = similarity
        none = np.zeros(0, np.int64)
        self._index = _Index(none, none, np.zeros((_BINS, 0), np.uint8))

    def find(self, queries: Sequence[str]) -> list[dict[int, float]]:
        """For each query the near texts, by their index and in its order, with the similarity.

        A query of white space is near to nothing.
        """
        index = self._up_to_date()
        wanted = [normalize(query) for query in queries]
        return [
            self._measure(text, _candidates(index, bag, len(text), self._similarity))
            for start in range(0, len(wanted), _CHUNK)
            for text, bag in zip(
                wanted[start : start + _CHUNK], _bags(wanted[start : start + _CHUNK]).T, strict=True
            )
        ]

    def _measure(self, query: str, candidates: list[int]) -> dict[int, float]:
        from rapidfuzz.distance.Levenshtein import distance

        if not query:
            return {}
        found = {}
        for i in candidates:
            text = normalize(self._texts[i])
            longer = max(len(query), len(text))
            # in whole edits: the package's own cut-off by similarity loses 4 edits of 20 at 0.8 to rounding
            allowed = int(_edits(longer, self._similarity))
            if (edits := distance(query, text, score_cutoff=allowed)) <= allowed:
                found[i] = 1 - edits / longer
        return found

    def _up_to_date(self) -> _Index:
        """The index over all texts that there are now."""
        old, size = self._index, len(self._texts)
        if len(old.position) == size:
            return old
        lengths, bags = [old.length], [old.bags]
        for start in range(len(old.position), size, _CHUNK):
            chunk = [normalize(self._texts[i]) for i in range(start, min(start + _CHUNK, size))]
            lengths.append(np.array([len(text) for text in chunk], np.int64))
            bags.append(_bags(chunk))
        position = np.concatenate([old.position, np.arange(len(old.position), size)])
        length = np.concatenate(lengths)
        order = np.argsort(length, kind="stable")
        # one assignment of a finished index, so that another thread sees the old or the new one
        self._index = _Index(
            position[order], length[order], np.ascontiguousarray(np.concatenate(bags, axis=1)[:, order])
        )
        return self._index


def _candidates(index: _Index, bag: npt.NDArray[np.uint8], length: int, similarity: float) -> list[int]:
    """Texts that may be near a query, by what length and bag distance allow."""
    start = np.searchsorted(index.length, math.ceil(length * similarity - _SLACK))
    end = np.searchsorted(index.length, math.floor(length / similarity + _SLACK), side="right")
    if start == end:
        return []
    lengths = index.length[start:end]
    either = np.maximum(index.bags[:, start:end], bag[:, np.newaxis]).sum(axis=0, dtype=np.uint16)
    beyond_query = either.astype(np.int64) - int(bag.sum())
    beyond_text = beyond_query + length - lengths
    allowed = _edits(np.maximum(lengths, length), similarity)
    passing = np.flatnonzero(np.maximum(beyond_query, beyond_text) <= allowed)
    near: list[int] = np.sort(index.position[start:end][passing]).tolist()
    return near


def _edits(length: _Number, similarity: float) -> _Number:
    """How many edits texts of which the longer has this length may be apart, before rounding down."""
    return (1 - similarity) * length + _SLACK


def _bags(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """How often each bin of characters occurs in each text, up to 255; a column a text."""
    characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    row = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    counts = np.bincount(row * _BINS + characters % _BINS, minlength=len(texts) * _BINS)
    return np.minimum(counts, 255).astype(np.uint8).reshape(-1, _BINS).T
