"""What every metric offers, and what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mtprompt.errors import DataError
from mtprompt.segments import MetricResult

if TYPE_CHECKING:
    from mtprompt.rows import HintRow


@dataclass(frozen=True, slots=True)
class SystemOutput:
    """The translations of one system, with all that a metric may compare them with.

    Attributes:
        hypotheses: N translations; one or more.
        references: N tuples, with one reference translation or more each; ``()`` where none is known.
        sources: N source texts; None where they are not known.
        rows: What :func:`mtprompt.rows.read_hints` says of each of the N segments; None where no hints are
            known.

    Raises:
        DataError: If the numbers differ, there is nothing to score, or references are no tuples of texts.
    """

    hypotheses: Sequence[str]
    references: Sequence[Sequence[str]]
    sources: Sequence[str] | None = None
    rows: Sequence[HintRow] | None = None

    def __post_init__(self) -> None:
        count = len(self.hypotheses)
        if isinstance(self.hypotheses, str):
            raise DataError("hypotheses must be a list of texts, and this is one text")
        if not count:
            raise DataError("nothing to score: no hypotheses")
        texts = next((i for i, its in enumerate(self.references, start=1) if isinstance(its, str)), None)
        if texts is not None:
            raise DataError(
                f"references must hold a tuple of texts for each segment, and entry {texts} is a text; "
                "with one reference a segment use SystemOutput.of(hypotheses, references)"
            )
        if len(self.references) != count:
            several = {len(its) for its in self.references}
            turned = (
                f": this looks like sacreBLEU's order, a list of {count:,} references from each of "
                f"{len(self.references)} translators; turn it with list(zip(*references))"
            )
            raise DataError(
                f"{count:,} hypotheses but {len(self.references):,} references"
                f"{turned if several == {count} else ''}"
            )
        for what, its in (("sources", self.sources), ("rows", self.rows)):
            if its is not None and len(its) != count:
                raise DataError(f"{count:,} hypotheses but {len(its):,} {what}")

    @classmethod
    def of(
        cls,
        hypotheses: Sequence[str],
        references: Sequence[str | None],
        sources: Sequence[str] | None = None,
        rows: Sequence[HintRow] | None = None,
    ) -> SystemOutput:
        """With at most one reference a segment: a text, or None where none is known."""
        return cls(hypotheses, [() if text is None else (text,) for text in references], sources, rows)


class NothingToCount(DataError):
    """One system has nothing that a metric could count, which says nothing of the other systems."""


class Scorer(Protocol):
    """A metric, ready to score any number of systems."""

    name: str

    def score(self, output: SystemOutput) -> MetricResult:
        """Scores one system.

        Raises:
            DataError: If the metric needs references, sources or rows that are missing.
            NothingToCount: If this system has nothing that it counts.
        """
        ...
