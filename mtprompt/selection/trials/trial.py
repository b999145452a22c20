"""What a strategy needs that finds its examples by translating with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from mtprompt.segments import Pair, Segment, Translation

Job = tuple[Segment, tuple[Pair, ...]]
"""A segment and the examples to translate it with, the strongest first."""


class Trial(Protocol):
    """Translations on trial: a model with its prompt, asked with examples of the caller's choice."""

    @property
    def identity(self) -> str:
        """All that decides a translation but its examples: model, prompt, languages, decoding."""
        ...

    @property
    def dev(self) -> Sequence[Segment] | None:
        """Segments with references to try examples on; None to hold out pairs of the pool."""
        ...

    @property
    def folder(self) -> Path | None:
        """Where outcomes are kept for the next run; None to keep none."""
        ...

    @property
    def dry(self) -> bool:
        """Whether nothing may be generated, so that only a kept outcome helps."""
        ...

    def translate(self, jobs: Sequence[Job], what: str) -> list[Translation]:
        """Translates all jobs together, without hints; one translation a job, in order.

        Args:
            jobs: What to translate.
            what: What this is a part of, for a progress bar.
        """
        ...

    def report(self, line: str) -> None:
        """Says something to the person who waits."""
        ...
