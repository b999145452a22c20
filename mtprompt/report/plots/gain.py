"""Differences from a baseline with their intervals, the largest gain first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtprompt.experiment.compare import Against
from mtprompt.report.labels import plain
from mtprompt.report.numbers import delta_text, metric_name, p_text
from mtprompt.report.plots.style import (
    BETTER,
    MUTED,
    TEXT,
    WORSE,
    Plot,
    about_zero,
    finished,
    write,
)


@dataclass(frozen=True, slots=True)
class Gain:
    """A named comparison."""

    label: str
    against: Against


def gain(name: str, section: str, title: str, metric: str, gains: Sequence[Gain], other: str) -> Plot | None:
    """The plot of one test set; None where nothing could be compared.

    Args:
        name: The plot's.
        section: The part of the report that shows it.
        title: The test set.
        metric: Whose differences.
        gains: Compared, in any order.
        other: What they are compared with, for the axis.
    """
    shown = [(its, its.against.comparison) for its in gains if its.against.comparison]
    if not shown:
        return None
    lower = any(c is not None and c.delta != 0 and (c.delta > 0) != c.better for _, c in shown)
    shown.sort(key=lambda one: one[1].delta if one[1] else 0, reverse=lower)
    height = 0.82 + 0.185 * len(shown)
    axes = about_zero(title, height, left=1.82, right=1.05)
    axes.set_xlabel(f"{metric_name(metric)} against {other}")
    axes.set_ylim(-0.7, len(shown) - 0.3)
    tips = {}
    for y, (its, compared) in enumerate(shown):
        assert compared is not None
        colour = MUTED if not its.against.significant else BETTER if compared.better else WORSE
        if compared.interval:
            ends = [compared.interval.low, compared.interval.high]
            axes.plot(ends, [y, y], color=colour, linewidth=1.6, zorder=2)
        (line,) = axes.plot([compared.delta], [y], "o", markersize=4.6, color=colour, zorder=3)
        gid = f"{name}-m{y}"
        line.set_gid(gid)
        p = f"p {p_text(compared.adjusted)}" if its.against.why_not is None else "not testable"
        tips[gid] = f"{its.label}: {delta_text(compared.delta, metric)} {metric_name(metric)}, {p}"
        write(axes, plain(its.label, 34), (0, y), (-6, 0), align="right", beside=True)
        delta = delta_text(compared.delta, metric)
        write(axes, delta, (1, y), (36, 0), size=TEXT, colour=colour, align="right", beside=True)
        write(axes, p.replace("not testable", "–"), (1, y), (39, 0), colour=MUTED, beside=True)
    said = "; ".join(reversed(tips.values()))
    alt = f"{title}: differences from {other} with 95 % intervals. {said}."
    return finished(axes, name, section, metric, alt, tips)
