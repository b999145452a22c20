"""What every metric offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mtprompt.segments import MetricResult


class Scorer(Protocol):
    """A metric, ready to score any number of systems."""

    name: str

    def score(
        self,
        hypotheses: Sequence[str],
        references: Sequence[str],
        sources: Sequence[str] | None = None,
    ) -> MetricResult:
        """Scores one system.

        Args:
            hypotheses: N translations.
            references: N reference translations.
            sources: N source texts, for metrics that read them.

        Raises:
            DataError: If the numbers differ, or sources are needed and missing.
        """
        ...
