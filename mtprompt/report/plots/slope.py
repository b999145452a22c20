"""Out of domain against in domain: a line for each strategy."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple

from mtprompt.report.labels import NO_POOL, OTHER, OWN, SYSTEM, plain
from mtprompt.report.numbers import metric_name, score_text
from mtprompt.report.plots.marks import Mark, draw_mark, tip
from mtprompt.report.plots.style import (
    INK,
    NEUTRAL_LINE,
    RULE,
    TEXT,
    Plot,
    apart,
    blank,
    figure_of,
    finished,
    write,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def slope(name: str, title: str, metric: str, those: Sequence[Mark]) -> Plot | None:
    """The plot of one test set; None where no strategy has both kinds of pool.

    Args:
        name: The plot's.
        title: The test set.
        metric: Whose scores.
        those: All marks of the test set.
    """
    sides: dict[str, dict[str, list[Mark]]] = {OWN: {}, OTHER: {}}
    for mark in those:
        if mark.label.kind in sides:
            sides[mark.label.kind].setdefault(mark.label.strategy, []).append(mark)
    lines = [(sides[OTHER][its], inside) for its, inside in sides[OWN].items() if its in sides[OTHER]]
    if not lines:
        return None
    level = [mark for mark in those if mark.label.kind == NO_POOL]
    axes = blank(title, max(3.1, 0.8 + 0.155 * (len(lines) + len(level))), left=0.72, right=1.95, bottom=0.3)
    scores = [mark.score for mark in those if mark.label.kind != SYSTEM]
    margin = 0.06 * (max(scores) - min(scores) or 1)
    axes.set_xlim(-0.06, 1.06)
    axes.set_ylim(min(scores) - margin, max(scores) + margin)
    axes.spines["bottom"].set_visible(False)
    axes.set_yticks([])
    axes.set_xticks([0, 1], ["other domain", "own domain"])
    for x in (0, 1):
        axes.axvline(x, color=RULE, linewidth=0.9, zorder=0)
    left: list[_End] = []
    right: list[_End] = []
    for mark in level:
        axes.axhline(mark.score, color=NEUTRAL_LINE, linewidth=1.1, linestyle=(0, (3, 2.4)), zorder=1)
        right.append(_End(mark.score, mark.label.short_strategy, mark.look.colour))
    tips: dict[str, str] = {}
    for outside, inside in lines:
        look = inside[0].look
        ends = [mean(mark.score for mark in its) for its in (outside, inside)]
        dashes = "solid" if look.marker == "o" else (0, (4, 1.6))
        axes.plot([0, 1], ends, color=look.colour, linewidth=1.5, linestyle=dashes, zorder=2)
        for x, mark in [(0, mark) for mark in outside] + [(1, mark) for mark in inside]:
            gid = f"{name}-m{len(tips)}"
            draw_mark(axes, x, mark.score, mark.look, gid, 4.6)
            tips[gid] = tip(mark, metric)
        left.append(_End(ends[0], "", look.colour))
        right.append(_End(ends[1], inside[0].label.short_strategy, look.colour))
    _write_ends(axes, metric, left, 0, -1)
    _write_ends(axes, metric, right, 1, 1)
    where = ["without examples"] * len(level) + ["in its own domain"] * len(lines)
    said = "; ".join(
        f"{its.text} {score_text(its.score, metric)} {place}" for its, place in zip(right, where, strict=True)
    )
    alt = f"{title}: {metric_name(metric)} with examples of another domain and of the test set's own. {said}."
    return finished(axes, name, "domains", metric, alt, tips)


class _End(NamedTuple):
    """What stands at the end of a line."""

    score: float
    text: str
    colour: str


def _write_ends(axes: Axes, metric: str, ends: Sequence[_End], x: float, side: int) -> None:
    """Scores and names beside an upright: ``side`` is 1 to its right, -1 to its left."""
    low, high = axes.get_ylim()
    gap = (high - low) * 9.2 / (axes.bbox.height * 72 / figure_of(axes).dpi)
    for y, its in zip(apart([its.score for its in ends], gap, low), ends, strict=True):
        near, far = x + side * 0.03, x + side * 0.1
        axes.plot([near, far], [its.score, y], color=RULE, linewidth=0.6, clip_on=False, zorder=0)
        align, colour = ("left", INK) if side > 0 else ("right", its.colour)
        write(
            axes, score_text(its.score, metric), (x + side * 0.13, y), colour=colour, size=TEXT, align=align
        )
        write(axes, plain(its.text, 27), (x + side * 0.13, y), (24, 0), colour=its.colour)
