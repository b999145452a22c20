"""How each figure of the examples' profile goes with the scores."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.experiment.compare import ALPHA
from mtprompt.experiment.profile_correlation import Correlation
from mtprompt.report.numbers import metric_name, p_text, signed_minus
from mtprompt.report.plots.style import (
    BETTER,
    MUTED,
    RULE,
    SURFACE,
    TEXT,
    WORSE,
    Plot,
    about_zero,
    finished,
    write,
)

_WHERE = {"in": "examples of the own domain", "out": "examples of another domain"}


def composition(name: str, where: str, metric: str, those: Sequence[Correlation]) -> Plot | None:
    """The plot of all figures, in or out of domain; None where nothing could be correlated.

    Args:
        name: The plot's.
        where: ``in`` or ``out``.
        metric: Whose scores.
        those: Of all figures.
    """
    shown = [its for its in those if its.where == where]
    if not shown:
        return None
    shown.sort(key=lambda its: its.figure, reverse=True)
    groups = [its.figure.partition(".")[0] for its in shown]
    places, y = [], 0.0
    for at, group in enumerate(groups):
        y += 1.0 if at and groups[at - 1] == group else 2.1
        places.append(y)
    height = 0.62 + 0.165 * (places[-1] + 1)
    axes = about_zero(_WHERE[where], height, left=1.42, right=0.95)
    axes.set_xlim(-1.05, 1.05)
    axes.set_ylim(0.6, places[-1] + 1.4)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
    axes.set_xlabel(f"Spearman's ρ with {metric_name(metric)}")
    tips = {}
    for at, (its, y) in enumerate(zip(shown, places, strict=True)):
        significant = its.adjusted < ALPHA
        colour = (BETTER if its.spearman > 0 else WORSE) if significant else MUTED
        axes.plot([0, its.spearman], [y, y], color=colour if significant else RULE, linewidth=1.6, zorder=2)
        (line,) = axes.plot(
            [its.spearman], [y], "o", markersize=5, color=colour, zorder=3,
            markerfacecolor=colour if significant else SURFACE, markeredgewidth=1.2,
        )  # fmt: skip
        gid = f"{name}-m{at}"
        line.set_gid(gid)
        rho = signed_minus(f"{its.spearman:.2f}")
        tips[gid] = f"{its.figure}: ρ = {rho}, p {p_text(its.adjusted)}, {its.n} cells"
        figure = its.figure.partition(".")[2].replace("_", " ")
        write(axes, figure, (0, y), (-6, 0), align="right", beside=True)
        write(axes, rho, (1, y), (26, 0), colour=colour, size=TEXT, align="right", beside=True)
        write(axes, f"p {p_text(its.adjusted)}", (1, y), (29, 0), colour=MUTED, beside=True)
        if at + 1 == len(shown) or groups[at + 1] != groups[at]:
            write(axes, groups[at], (0, y + 1), (-6, 0), colour=MUTED, align="right", weight=600, beside=True)
    said = "; ".join(reversed(tips.values()))
    alt = f"With {_WHERE[where]}, how figures of the examples go with {metric_name(metric)}. {said}."
    return finished(axes, name, "composition", metric, alt, tips)
