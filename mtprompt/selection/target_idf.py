"""How rare a word is among a pool's targets, estimated from a sample of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from threading import Lock

from mtprompt.selection.incidence import lower_tokens
from mtprompt.selection.pool import Pool

# Enough to tell frequent words from rare ones, which is all that a weight needs, and a fraction of
# a second where the targets of a million pairs would take minutes.
SAMPLE = 8192


class TargetIdf:
    """Lucene's idf over every n-th target, n the least power of two that leaves at most ``SAMPLE``.

    The sample depends on nothing but the pool as it is, and a pool that grows adds to it; only when
    it has doubled is the sample thinned out and counted again.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._counting = Lock()
        self._step = 1
        self._size = 0
        self._frequencies: Counter[str] = Counter()

    def now(self) -> Callable[[str], float]:
        """The idf of a lower-cased token, always above 0, for the pool as it is now."""
        with self._counting:
            self._catch_up()
            size, frequencies = self._size, self._frequencies
        return lambda token: math.log(1 + (size - frequencies[token] + 0.5) / (frequencies[token] + 0.5))

    def _catch_up(self) -> None:
        total = len(self._pool.pairs)
        step = self._step
        while total > step * SAMPLE:
            step *= 2
        places = range(0, total, step)
        if step != self._step:
            self._step, self._size, self._frequencies = step, 0, Counter()
        if self._size < len(places):
            grown = self._frequencies.copy()  # the present one may be in use by another thread
            for place in places[self._size :]:
                grown.update(set(lower_tokens(self._pool.pairs[place].target, self._pool.languages[1])))
            self._size, self._frequencies = len(places), grown
