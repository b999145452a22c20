"""What every selection strategy offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.trials.trial import Trial


class Selector(Protocol):
    """One strategy over one pool. Constructed as ``Class(pool, k, **options)``."""

    def __init__(self, pool: Pool, k: int | None) -> None: ...

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Chooses for each query, best first, without repetition; at most ``k`` each."""
        ...


@runtime_checkable
class Searching(Protocol):
    """A selector that must try examples out before it can select."""

    def prepare(self, trial: Trial) -> None:
        """Searches, or takes over what an earlier search found."""
        ...


@runtime_checkable
class Identified(Protocol):
    """A selector whose choices depend on a file or model that its options only name."""

    @property
    def identity(self) -> str:
        """What changes with the content of that file or model, for the signature."""
        ...
