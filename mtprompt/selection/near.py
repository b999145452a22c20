"""Near matches: pool pairs that almost give a test segment away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mtprompt.text.near import NearTexts

if TYPE_CHECKING:
    from mtprompt.selection.pool import Pool


class NearMatches:
    """Pool pairs whose source or target is nearly that of a segment: the leak guard's wider net.

    An edited copy of the test sentence ("… Version 4.1" for "… Version 4.2") leaks as much as
    the sentence itself. The index is made on first use and grows with the pool; see
    :class:`~mtprompt.text.near.NearTexts` for how and why nothing is missed.

    Args:
        pool: The examples to choose from.
        similarity: What counts as near, from 0.5 to 1 (equal after normalization).

    Raises:
        ConfigError: If the similarity is out of range.
    """

    def __init__(self, pool: Pool, similarity: float = 0.95) -> None:
        self._sources = NearTexts(_Side(pool, "source"), similarity)
        self._targets = NearTexts(_Side(pool, "target"), similarity)

    def find(self, segments: Sequence[tuple[str, str | None]]) -> list[set[int]]:
        """For each ``(source, reference)`` the pairs with a near source or, against it, a near target.

        Args:
            segments: The reference is None where none is known; then sources alone are compared.
        """
        found = [set(near) for near in self._sources.find([source for source, _ in segments])]
        known = [i for i, (_, reference) in enumerate(segments) if reference is not None]
        references = [segments[i][1] or "" for i in known]
        if known:
            for i, near in zip(known, self._targets.find(references), strict=True):
                found[i] |= near.keys()
        return found


class _Side:
    """One side of a pool's pairs, as a list that grows with the pool."""

    def __init__(self, pool: Pool, side: str) -> None:
        self._pool = pool
        self._side = side

    def __len__(self) -> int:
        return len(self._pool.pairs)

    def __getitem__(self, index: int, /) -> str:
        text: str = getattr(self._pool.pairs[index], self._side)
        return text
