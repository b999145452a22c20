"""A cell that is to be translated, as far as it is prepared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtprompt.experiment.grid import Cell
from mtprompt.pipeline import Prompts
from mtprompt.progress import Bar, Say, no_bar, say_nothing
from mtprompt.prompting.builder import Draft
from mtprompt.segments import Segment
from mtprompt.translator import Translator


@dataclass(slots=True)
class Planned:
    """A cell that is to be translated.

    Attributes:
        cell: Which.
        translator: Its own; pool, dictionary and model are shared.
        segments: Of its test set.
        key: Of its result: see :class:`~mtprompt.experiment.record.CellResult`.
        drafts: Its segments with examples and hints; None as long as something must be searched by
            translating (``task``, ``hints: auto``).
        prompts: For each of its models the prompt of each segment, as soon as there are drafts.
        excluded: Segments for which the leak guard kept pairs out.
    """

    cell: Cell
    translator: Translator
    segments: Sequence[Segment]
    key: str
    drafts: Sequence[Draft] | None = None
    prompts: Prompts = ()
    excluded: int = 0

    @property
    def group(self) -> tuple[str, int | None]:
        """Cells of the same group ask the same model in the same way."""
        return self.cell.model, self.cell.seed if self.cell.samples else None

    @property
    def cut(self) -> int:
        """Prompts that lose examples or hints to the model's window."""
        return sum(bool(prompt.dropped) for its in self.prompts for prompt in its if prompt)

    @property
    def unfit(self) -> int:
        """Segments that do not fit it at all."""
        sources = [segment.source for segment in self.segments]
        return sum(
            prompt is None and bool(source.strip())
            for its in self.prompts[:1]
            for source, prompt in zip(sources, its, strict=True)
        )

    def prepare(self, bar: Bar = no_bar, say: Say = say_nothing) -> None:
        """Finds its examples and hints, once; by translating first, if it must.

        Raises:
            MTPromptError: If that fails.
        """
        if self.drafts is None:
            self.translator.prepare(bar, say)
            self.drafts, self.prompts = self.translator.prompts_for_all(self.segments)
            self.excluded = self.translator.retrieval.kept_out
