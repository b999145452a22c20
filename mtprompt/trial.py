"""A translator on trial: the dev set translated with examples that a strategy wants to try."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtprompt.progress import Bar, Progress, Say
from mtprompt.prompting.builder import Draft
from mtprompt.prompting.styles import STYLES, Block, Languages, Wording
from mtprompt.segments import Example, Segment, Translation
from mtprompt.selection.trials.trial import Job
from mtprompt.signature import signature


@dataclass(frozen=True, slots=True)
class TranslatorTrial:
    """See :class:`mtprompt.selection.trials.trial.Trial`.

    Attributes:
        store_folder: Where the run keeps its generations, if it does.
        style: How its prompts are worded.
        template: A wording of the user's own in its place.
        languages: Those that the prompts name.
        parts: Of the translator's signature: template, prompt form, model, decoding.
        run: Translates drafts as a translator does: through builder, store and model.
        bar: Shows how far a round is.
        say: Gets what the search reports.
    """

    dev: Sequence[Segment] | None
    folder: Path | None
    dry: bool
    store_folder: Path | None
    style: str
    template: Wording | None
    languages: Languages
    parts: Mapping[str, object]
    run: Callable[[Sequence[Draft], Progress], Iterable[Translation]]
    bar: Bar
    say: Say

    @property
    def identity(self) -> str:
        """See the protocol. Wordings that differ in hints only are the same here: there are none."""
        wording = self.template or STYLES[self.style].wording
        shown = wording([Block("example", "its translation"), Block("query", None)], self.languages)
        return signature({"wording": hashlib.sha256(shown.encode()).hexdigest()[:12], **self.parts})

    def translate(self, jobs: Sequence[Job], what: str) -> list[Translation]:
        """See the protocol."""
        drafts = [
            Draft(
                segment,
                tuple(Example(pair, None, rank) for rank, pair in enumerate(pairs, start=1)),
                style=self.style,
            )
            for segment, pairs in jobs
        ]
        return self.translate_drafts(drafts, what)

    def translate_drafts(self, drafts: Sequence[Draft], what: str) -> list[Translation]:
        """Translates drafts, whatever their style.

        Args:
            drafts: With their examples and hints.
            what: What this is a part of, for a progress bar.
        """
        with self.bar(what, len(drafts)) as advance:
            return list(self.run(drafts, advance))

    def report(self, line: str) -> None:
        """See the protocol."""
        self.say(line)
