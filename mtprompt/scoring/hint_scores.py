"""What became of dictionary hints, as a metric: ``hints``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.metadata import version

from mtprompt.scoring.hint_use import HintUse, Outcome, count_uses
from mtprompt.scoring.protocol import NothingToCount, SystemOutput
from mtprompt.scoring.statistics import ratio
from mtprompt.segments import MetricResult
from mtprompt.signature import signature
from mtprompt.version import __version__


class Hints:
    """The share of the hints given that are followed, in percent; see :mod:`mtprompt.scoring.hint_use`.

    Beside it stand the shares that are ``useful`` and ``misleading`` by the reference (the first, where a
    segment has several), of the hints in segments with one.

    Args:
        target_lang: Code of the translations' language, in which words are looked for.
    """

    name = "hints"

    def __init__(self, target_lang: str) -> None:
        self._language = target_lang

    def score(self, output: SystemOutput) -> MetricResult:
        """See :class:`~mtprompt.scoring.protocol.Scorer`.

        Returns:
            The share, and that of each segment with hints; ``details`` has all counts added up.

        Raises:
            NothingToCount: If rows are missing, or none has a hint.
        """
        uses = uses_of_hints(output, self._language)
        given = [its.given for its in uses]
        if not sum(given):
            raise NothingToCount(f"{self.name}: no segment has a hint, so none can be followed")
        judged = [its.judged or 0 for its in uses]
        beside = [
            self._share(f"{self.name} {what}", [getattr(its, what) or 0 for its in uses], judged, better)
            for what, better in (("useful", True), ("misleading", False))
            if sum(judged)
        ]
        followed = self._share(self.name, [its.followed for its in uses], given)
        return replace(followed, beside=tuple(beside), details=asdict(sum(uses, HintUse())))

    def _share(
        self, name: str, parts: Sequence[int], wholes: Sequence[int], higher_is_better: bool = True
    ) -> MetricResult:
        versions = {"lang": self._language, "simplemma": version("simplemma"), "mtprompt": __version__}
        return MetricResult(
            name=name,
            system=100 * sum(parts) / sum(wholes),
            segments=tuple(100 * p / w if w else None for p, w in zip(parts, wholes, strict=True)),
            signature=f"{name.replace(' ', '-')}|{signature(versions)}",
            higher_is_better=higher_is_better,
            statistics=ratio(parts, wholes, 100),
        )


def uses_of_hints(output: SystemOutput, target_lang: str) -> list[HintUse]:
    """The counts of each segment.

    Raises:
        NothingToCount: If rows are missing.
    """
    if output.rows is None:
        raise NothingToCount("hints reads what rows of `mtprompt translate --jsonl` say, and none were given")
    return [
        count_uses(
            Outcome(text, references[0] if references else None, target_lang),
            row.given,
            row.required,
            found=row.found,
            tokens=row.tokens,
        )
        for text, references, row in zip(output.hypotheses, output.references, output.rows, strict=True)
    ]
