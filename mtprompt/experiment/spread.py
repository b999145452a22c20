"""Cells that differ by their seed alone, as one: mean and spread of their scores."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, stdev

from mtprompt.experiment.record import CellResult


@dataclass(frozen=True, slots=True)
class Spread:
    """Cells that differ by their seed alone.

    Attributes:
        cells: All of them, failed ones included.
    """

    cells: tuple[CellResult, ...]

    @property
    def done(self) -> list[CellResult]:
        """Those that have scores."""
        return [cell for cell in self.cells if cell.done]

    def score(self, metric: str) -> float | None:
        """The mean over the seeds; None where no cell has it."""
        scores = [cell.scores[metric].score for cell in self.done if metric in cell.scores]
        return mean(scores) if scores else None

    def deviation(self, metric: str) -> float | None:
        """The sample standard deviation over the seeds; None for fewer than two."""
        scores = [cell.scores[metric].score for cell in self.done if metric in cell.scores]
        return stdev(scores) if len(scores) > 1 else None


def over_seeds(cells: Iterable[CellResult]) -> list[Spread]:
    """Cells put together by everything but their seed, in the order of the first of each."""
    groups: dict[str, list[CellResult]] = {}
    for cell in cells:
        rest = {axis: value for axis, value in cell.axes.items() if axis != "seed"}
        groups.setdefault(json.dumps(rest), []).append(cell)
    return [Spread(tuple(its)) for its in groups.values()]
