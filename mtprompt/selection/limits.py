"""Limits that every strategy can be given: ``rbm25(min_score=20,max_source_chars=300)@4``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.options import at_least, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Searching, Selector
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.trials.trial import Trial


class MinScore:
    """``min_score``: examples with a lower score than this are left out; fewer may remain.

    Raises:
        ConfigError: For a strategy that has no scores, when it selects.
    """

    def __init__(self, name: str, selector: Selector, limit: object) -> None:
        self._name = name
        self.selector = selector
        self._limit = at_least(name, "min_score", limit, 0)

    def prepare(self, trial: Trial) -> None:
        """Passes on what a searching strategy needs."""
        if isinstance(self.selector, Searching):
            self.selector.prepare(trial)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """The wrapped strategy's choices without the weak ones."""
        return [[c for c in chosen if self._passes(c)] for chosen in self.selector.select(queries)]

    def _passes(self, choice: Choice) -> bool:
        if choice.score is None:
            raise ConfigError(f"{self._name} gives no scores, so min_score cannot be used with it")
        return choice.score >= self._limit


class ShortSources:
    """``max_source_chars``: chooses as if longer sources were not in the pool."""

    def __init__(self, name: str, pool: Pool, make: Callable[[Pool], Selector], limit: object) -> None:
        self._pool = pool
        self._limit = whole_at_least(name, "max_source_chars", limit, 1)
        self._short = Pool(Corpus([], pool.languages))
        self._places: dict[int, int] = {}  # place in the pool → place among the short ones, ascending
        self._seen = 0
        self._growing = Lock()
        self.selector = make(self._short)

    def prepare(self, trial: Trial) -> None:
        """Passes on what a searching strategy needs."""
        self._catch_up()
        if isinstance(self.selector, Searching):
            self.selector.prepare(trial)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """The strategy's choices among the short ones."""
        self._catch_up()
        asked = [
            replace(query, excluded=frozenset(self._places[i] for i in query.excluded if i in self._places))
            for query in queries
        ]
        results = self.selector.select(asked)
        kept = list(self._places)  # not earlier: another thread may have taken more since
        return [
            [choice if choice.index < 0 else replace(choice, index=kept[choice.index]) for choice in chosen]
            for chosen in results
        ]

    def _catch_up(self) -> None:
        """Takes the short ones of the pairs that came to the pool since the last time."""
        with self._growing:
            size = len(self._pool.pairs)
            new = ((at, self._pool.pairs[at]) for at in range(self._seen, size))
            short = [(at, pair) for at, pair in new if len(pair.source) <= self._limit]
            for at, _ in short:
                self._places[at] = len(self._places)
            # Corpus.add would refuse an empty source, which a pool made in a program may hold
            self._short.corpus.pairs.extend([pair for _, pair in short])
            self._seen = size


def unlimited(selector: Selector) -> Selector:
    """The strategy itself, without its limits."""
    while isinstance(selector, MinScore | ShortSources):
        selector = selector.selector
    return selector
