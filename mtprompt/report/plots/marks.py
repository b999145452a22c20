"""What plots show: a mark for each strategy on a test set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtprompt.experiment.record import CellResult
from mtprompt.report.labels import Label
from mtprompt.report.looks import Look, Looks
from mtprompt.report.matrix import Entry, Row
from mtprompt.report.numbers import metric_name, score_text
from mtprompt.report.plots.style import SURFACE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Mark:
    """A strategy on a test set.

    Attributes:
        label: The strategy's and its pool's.
        look: How it is drawn.
        entry: Its scores.
        score: By the metric.
        tokens: Prompt tokens a segment; None where nothing was generated.
        seconds: Of generation a segment.
    """

    label: Label
    look: Look
    entry: Entry
    score: float
    tokens: float | None
    seconds: float | None


def marks(rows: Sequence[Row], test: int, looks: Looks) -> list[Mark]:
    """Of all strategies that have a score.

    Args:
        rows: The matrix.
        test: Number of the test set's column.
        looks: Of the sweep.
    """
    found = []
    for row in rows:
        its = row.entries[test]
        if its is None or its.score is None:
            continue
        tokens, seconds = costs(its.cells)
        found.append(Mark(row.label, looks[row.label], its, its.score, tokens, seconds))
    return found


def costs(cells: Sequence[CellResult]) -> tuple[float | None, float | None]:
    """Prompt tokens and seconds a segment; None where nothing was generated."""
    paid = [(cell.usage, cell.segments) for cell in cells if cell.usage and cell.segments]
    if not paid:
        return None, None
    count = sum(segments for _, segments in paid)
    return sum(its.prompt_tokens for its, _ in paid) / count, sum(its.seconds for its, _ in paid) / count


def tip(mark: Mark, metric: str, more: str = "") -> str:
    """What is said of a mark when it is pointed at."""
    text = f"{mark.label}: {score_text(mark.score, metric)} {metric_name(metric)}"
    if mark.entry.low is not None and mark.entry.high is not None:
        text += f" ({score_text(mark.entry.low, metric)} to {score_text(mark.entry.high, metric)})"
    if mark.entry.spread is not None:
        text += f", ± {score_text(mark.entry.spread, metric)} over {len(mark.entry.cells)} seeds"
    return f"{text}, {more}" if more else text


def draw_mark(axes: Axes, x: float, y: float, look: Look, name: str, size: float = 5.2) -> None:
    """One mark that can be pointed at."""
    (line,) = axes.plot(
        [x], [y], marker=look.marker, markersize=size, color=look.colour, linestyle="none", zorder=4,
        markerfacecolor=SURFACE if look.hollow else look.colour, markeredgewidth=1.3, clip_on=False,
    )  # fmt: skip
    line.set_gid(name)
