"""Writes a report and all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mtprompt.errors import ConfigError
from mtprompt.experiment.profile_correlation import correlate
from mtprompt.progress import Bar, no_bar
from mtprompt.report.csv_file import csv_text
from mtprompt.report.looks import Looks
from mtprompt.report.markdown import markdown
from mtprompt.report.matrix import matrix
from mtprompt.report.page import render
from mtprompt.report.plots.draw import draw_all
from mtprompt.report.plots.svg import as_file
from mtprompt.report.study import read_study
from mtprompt.scoring.significance import TEST
from mtprompt.whole_file import write_whole

PAGE = "report.html"


def write_report(
    folder: str | Path,
    out: str | Path | None = None,
    baseline: Sequence[str] = (),
    test: str = TEST,
    bar: Bar = no_bar,
) -> list[Path]:
    """Writes the page, Markdown, CSV and the plots.

    Args:
        folder: What ``mtprompt sweep`` wrote; only this is read.
        out: The page; the others stand beside it, under its name. ``report.html`` in the folder by default.
        baseline: Conditions that make a cell the baseline, such as ``select=rbm25@4``.
        test: ``bootstrap`` or ``randomization``.
        bar: Opens progress bars.

    Returns:
        The page, the Markdown file, the CSV file, the folder of plots.

    Raises:
        DataError: If there is nothing to report.
        ConfigError: For a baseline or test that there is not, or a place that cannot be written.
    """
    page = Path(out) if out is not None else Path(folder) / PAGE
    if page.suffix in (".md", ".csv"):
        raise ConfigError(f"{page}: the report's page is HTML, and {page.suffix} is written beside it")
    study = read_study(folder, baseline, test, bar)
    looks = Looks([study.labels[cell.cell] for one in study.test_sets for cell in one.cells])
    rows = {metric: matrix(study, metric) for metric in study.metrics}
    correlations = {metric: correlate(study.results.cells, metric) for metric in study.metrics}
    plots = draw_all(study, rows, looks, correlations, bar)
    images = page.with_name(f"{page.stem}-plots")
    images.mkdir(parents=True, exist_ok=True)
    for old in images.glob("*.svg"):
        old.unlink()
    for plot in plots:
        write_whole(images / f"{plot.name}.svg", as_file(plot))
    text = markdown(study, rows, correlations, [(plot, f"{images.name}/{plot.name}.svg") for plot in plots])
    beside = page.with_suffix(".md"), page.with_suffix(".csv")
    for path, content in (
        (page, render(study, rows, looks, correlations, plots)),
        (beside[0], text),
        (beside[1], csv_text(study)),
    ):
        write_whole(path, content.encode("utf-8", "replace"))
    return [page, *beside, images]
