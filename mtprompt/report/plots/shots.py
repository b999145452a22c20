"""How quality grows with the number of examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mtprompt.report.labels import Label, plain, shots_of
from mtprompt.report.numbers import metric_name, score_text
from mtprompt.report.plots.marks import Mark, draw_mark, tip
from mtprompt.report.plots.style import NEUTRAL_LINE, RULE, Plot, apart, blank, finished, rules, write


def shots(name: str, title: str, metric: str, those: Sequence[Mark]) -> Plot | None:
    """The plot of one test set; None where no strategy has two numbers of examples.

    Args:
        name: The plot's.
        title: The test set.
        metric: Whose scores.
        those: All marks of the test set.
    """
    curves: dict[Label, list[tuple[int, Mark]]] = {}
    for mark in those:
        if (found := shots_of(mark.label.title)) is not None:
            label = replace(mark.label, title=found[0])
            curves.setdefault(label, []).append((found[1], mark))
    for mark in those:  # what "1 bad + random@3" has more of begins with "1 bad" alone
        if alone := re.match(r"\d+(?= )", mark.label.title):
            for label, its in curves.items():
                if label.title.startswith(f"{mark.label.title} + ") and mark.label == replace(
                    label, title=mark.label.title
                ):
                    its.append((int(alone[0]), mark))
    curves = {key: sorted(its, key=lambda one: one[0]) for key, its in curves.items() if len(its) > 1}
    if not curves:
        return None
    zero = [mark for mark in those if mark.label.title == "zero"]
    shown = [one for its in curves.values() for one in its]
    counts = sorted({count for count, _ in shown})
    places = {count: at + bool(zero) for at, count in enumerate(counts)}
    height = max(3.1, 0.8 + 0.155 * len(curves))
    axes = blank(title, height, left=0.48, right=1.75, bottom=0.46)
    rules(axes, "y")
    axes.set_xlabel("examples in the prompt")
    ticks = [0, *places.values()] if zero else list(places.values())
    axes.set_xticks(ticks, [str(count) for count in ([0, *counts] if zero else counts)])
    last = max(ticks)
    axes.set_xlim(-0.25, last + 0.08)
    tips: dict[str, str] = {}

    def draw(x: float, mark: Mark) -> None:
        gid = f"{name}-m{len(tips)}"
        if mark.entry.low is not None and mark.entry.high is not None:
            axes.plot(
                [x, x], [mark.entry.low, mark.entry.high], color=mark.look.colour, linewidth=0.7, alpha=0.45
            )
        draw_mark(axes, x, mark.score, mark.look, gid, 4.8)
        tips[gid] = tip(mark, metric)

    for mark in zero:
        draw(0, mark)
    if zero:
        axes.axhline(zero[0].score, color=NEUTRAL_LINE, linewidth=0.9, linestyle=(0, (3, 2.4)), zorder=1)
    ends = []
    for label, its in curves.items():
        look = its[0][1].look
        xs, ys = [places[count] for count, _ in its], [mark.score for _, mark in its]
        axes.plot(
            xs, ys, color=look.colour, linewidth=1.5, linestyle=(0, (4, 1.6)) if look.hollow else "solid"
        )
        for count, mark in its:
            draw(places[count], mark)
        ends.append((ys[-1], label.short, look.colour))
    low, high = axes.get_ylim()
    gap = (high - low) * 9.0 / (axes.get_position().height * height * 72)
    for y, (end, text, colour) in zip(apart([end[0] for end in ends], gap), ends, strict=True):
        if abs(y - end) > gap / 2:
            axes.plot([last + 0.05, last + 0.14], [end, y], color=RULE, linewidth=0.6, clip_on=False)
        write(axes, plain(text, 30), (last + 0.16, y), colour=colour)
    axes.set_ylim(low, high)
    said = "; ".join(
        f"{label}: " + ", ".join(f"{score_text(mark.score, metric)} with {count}" for count, mark in its)
        for label, its in curves.items()
    )
    alt = f"{title}: {metric_name(metric)} by the number of examples. {said}."
    return finished(axes, name, "shots", metric, alt, tips)
