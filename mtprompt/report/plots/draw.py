"""All plots of a report, in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mtprompt.experiment.compare import Against
from mtprompt.experiment.profile_correlation import Correlation
from mtprompt.progress import Bar, no_bar
from mtprompt.report.looks import Looks
from mtprompt.report.matrix import Row
from mtprompt.report.plots.composition import composition
from mtprompt.report.plots.gain import Gain, gain
from mtprompt.report.plots.marks import marks
from mtprompt.report.plots.price import SECONDS, TOKENS, price
from mtprompt.report.plots.shots import shots
from mtprompt.report.plots.slope import slope
from mtprompt.report.plots.style import Plot, drawing
from mtprompt.report.study import Study


def draw_all(
    study: Study,
    rows: Mapping[str, Sequence[Row]],
    looks: Looks,
    correlations: Mapping[str, Sequence[Correlation]],
    bar: Bar = no_bar,
) -> list[Plot]:
    """Draws what there is to draw; a plot that would be empty is left out.

    Args:
        study: The results.
        rows: The matrix by metric.
        looks: Of its strategies.
        correlations: Of profiles and scores, by metric.
        bar: Opens a progress bar.

    Raises:
        MissingDependency: Without matplotlib.
    """
    drawn = []
    names = _file_names(study.metrics)
    with drawing(), bar("draw", len(study.metrics) * (len(study.test_sets) + 1)) as advance:
        for metric in study.metrics:
            for at in range(len(study.test_sets)):
                drawn += [
                    plot
                    for plot in _of_test_set(study, rows[metric], looks, metric, names[metric], at)
                    if plot
                ]
                advance(1)
            for where in ("in", "out"):
                if plot := composition(
                    f"composition-{names[metric]}-{where}", where, metric, correlations[metric]
                ):
                    drawn.append(plot)
            advance(1)
    return drawn


def _of_test_set(
    study: Study, rows: Sequence[Row], looks: Looks, metric: str, name: str, at: int
) -> Iterator[Plot | None]:
    test = study.test_sets[at]
    those = marks(rows, at, looks)
    if not those:
        return
    rest = f"{name}-{at + 1}-{_slug(test.name)}"
    better = those[0].entry.cells[0].scores[metric].higher_is_better
    base = study.baseline_name
    yield gain(
        f"gain-{rest}", "gain", test.name, metric, _gains(study, at, metric, study.against_baseline), base
    )
    yield slope(f"domains-{rest}", test.name, metric, those)
    for cost in (TOKENS, SECONDS):
        yield price(f"{cost}-{rest}", test.name, metric, those, cost, higher_is_better=better)
    yield shots(f"shots-{rest}", test.name, metric, those)
    yield gain(
        f"hints-{rest}", "hints", test.name, metric,
        _gains(study, at, metric, study.against_unhinted), "the same without hints",
    )  # fmt: skip


def _gains(study: Study, at: int, metric: str, compared: Mapping[tuple[str, str], Against]) -> list[Gain]:
    cells = study.test_sets[at].cells
    several = len({cell.axes.get("seed") for cell in cells if cell.axes.get("seed") is not None}) > 1
    found = []
    for cell in cells:
        if (its := compared.get((cell.cell, metric))) is not None:
            seed = f" · seed {cell.axes['seed']}" if several and cell.axes.get("seed") is not None else ""
            found.append(Gain(f"{study.labels[cell.cell].short}{seed}", its))
    return found


def _file_names(metrics: Sequence[str]) -> dict[str, str]:
    """Names of metrics for files, each another: those of long paths may be cut to the same."""
    slugs = [_slug(metric) for metric in metrics]
    return {
        metric: slug if slugs.count(slug) == 1 else f"{slug}_{at + 1}"
        for at, (metric, slug) in enumerate(zip(metrics, slugs, strict=True))
    }


def _slug(text: str) -> str:
    """For a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("++", "pp")).strip("-")[:40] or "unnamed"
