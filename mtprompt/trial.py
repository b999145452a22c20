"""A translator on trial: the dev set translated with examples that a strategy wants to try."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from mtprompt.prompting.builder import Draft
from mtprompt.prompting.styles import Block, Languages, Wording
from mtprompt.segments import Example, Segment, Translation
from mtprompt.selection.trials.trial import Job
from mtprompt.signature import signature

Progress = Callable[[int], object]
Bar = Callable[[str, int], AbstractContextManager[Progress]]
"""Opens a progress bar for a number of segments: :func:`mtprompt.cli.progress.progress`."""
Say = Callable[[str], object]


def no_bar(_what: str, _total: int) -> AbstractContextManager[Progress]:
    """A bar that nobody looks at."""
    return nullcontext(say_nothing)


def say_nothing(_line: object) -> None:
    """Progress or a line that nobody reads."""


@dataclass(frozen=True, slots=True)
class TranslatorTrial:
    """See :class:`mtprompt.selection.trials.trial.Trial`.

    Attributes:
        wording: Writes the prompts.
        languages: Those that the prompts name.
        parts: Of the translator's signature: template, prompt form, model, decoding.
        run: Translates drafts as a translator does: through builder, store and model.
        bar: Shows how far a round is.
        say: Gets what the search reports.
    """

    dev: Sequence[Segment] | None
    folder: Path | None
    dry: bool
    wording: Wording
    languages: Languages
    parts: Mapping[str, object]
    run: Callable[[Sequence[Draft], Progress], Iterable[Translation]]
    bar: Bar
    say: Say

    @property
    def identity(self) -> str:
        """See the protocol. Wordings that differ in hints only are the same here: there are none."""
        shown = self.wording([Block("example", "its translation"), Block("query", None)], self.languages)
        return signature({"wording": hashlib.sha256(shown.encode()).hexdigest()[:12], **self.parts})

    def translate(self, jobs: Sequence[Job], what: str) -> list[Translation]:
        """See the protocol."""
        drafts = [
            Draft(segment, tuple(Example(pair, None, rank) for rank, pair in enumerate(pairs, start=1)))
            for segment, pairs in jobs
        ]
        with self.bar(what, len(drafts)) as advance:
            return list(self.run(drafts, advance))

    def report(self, line: str) -> None:
        """See the protocol."""
        self.say(line)
