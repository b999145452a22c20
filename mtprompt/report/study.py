"""Everything that a report says, before it is written down: cells, comparisons and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtprompt.errors import DataError
from mtprompt.experiment.compare import (
    Against,
    CellOutput,
    MetricResults,
    cell_output,
    compare_cells,
    samples_for,
)
from mtprompt.experiment.pairing import (
    Conditions,
    conditions_text,
    default_conditions,
    meets,
    pair_up,
    parse_conditions,
    twins,
)
from mtprompt.experiment.record import CellResult, Results
from mtprompt.experiment.results import read_results, read_segments
from mtprompt.progress import Bar, no_bar
from mtprompt.report.labels import Labels, plain
from mtprompt.report.pack import check_rows, pack_test_set
from mtprompt.scoring.significance import TEST

Comparisons = Mapping[tuple[str, str], Against]
"""By cell and metric."""


@dataclass(frozen=True, slots=True)
class TestSet:
    """A test set with all its cells, in the order of the sweep, failed ones included.

    Attributes:
        name: The sweep's name of it, fit to be shown.
        languages: Codes of source and target.
        cells: Of it.
        segments: How many segments its cells have; the most, should they differ.
        best: By metric, the cell with the best score.
        segment_metrics: Metrics with segment scores.
        pack: Its segments in all cells, for the page (:mod:`mtprompt.report.pack`); None without any.
    """

    name: str
    languages: tuple[str, str]
    cells: tuple[CellResult, ...]
    segments: int
    best: Mapping[str, str]
    segment_metrics: frozenset[str]
    pack: bytes | None

    @property
    def done(self) -> list[CellResult]:
        """Cells with scores."""
        return [cell for cell in self.cells if cell.done]


@dataclass(frozen=True, slots=True)
class Study:
    """A sweep's results, compared.

    Attributes:
        results: As they were read.
        labels: What cells are called.
        conditions: What makes a cell a baseline.
        test: ``bootstrap`` or ``randomization``.
        metrics: Of all cells, in the order of the sweep.
        test_sets: With their cells.
        against_baseline: Each cell beside its baseline.
        against_best: Each cell beside the best of its test set.
        against_unhinted: Each cell with hints beside its twin without.
        against_own_pool: Each cell with a pool of another domain beside its twin with the test set's own.
        flagged: How many translations of a cell have flags, where its segments are known.
        problems: What is missing or damaged, a sentence each.
    """

    results: Results
    labels: Labels
    conditions: Conditions
    test: str
    metrics: tuple[str, ...]
    test_sets: tuple[TestSet, ...]
    against_baseline: Comparisons
    against_best: Comparisons
    against_unhinted: Comparisons
    against_own_pool: Comparisons
    flagged: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def several_seeds(self) -> bool:
        """Whether cells differ in their seeds, so that each must be named with its own."""
        return len({cell.axes.get("seed") for cell in self.results.cells} - {None}) > 1

    def name_of(self, cell: str) -> str:
        """Its label, and its seed where others have the same label."""
        label = self.labels[cell]
        seeds = {
            its.cell: its.axes.get("seed") for its in self.results.cells if self.labels[its.cell] == label
        }
        return str(label) if len(set(seeds.values()) - {None}) < 2 else f"{label} · seed {seeds[cell]}"

    def is_baseline(self, cell: CellResult) -> bool:
        """Whether others are compared with it."""
        return cell.done and meets(cell, self.conditions)

    @property
    def baseline_seeds(self) -> str | None:
        """Which seed of a baseline that has several others are compared with; None if it has one."""
        cells = {its.cell: its for its in self.results.cells}
        baselines = list(filter(self.is_baseline, cells.values()))
        # by their names but for the seed
        if len({(its.axes.get("test"), str(self.labels[its.cell])) for its in baselines}) == len(baselines):
            return None
        met = {
            cells[its.baseline].axes.get("seed")
            for its in self.against_baseline.values()
            if its.baseline and cells[its.baseline].axes.get("seed") != cells[its.cell].axes.get("seed")
        }
        others = f", the others with seed {', '.join(sorted(map(str, met)))} of it alone" if met else ""
        return f"The baseline has several seeds: a cell is compared with its own seed of it{others}."

    @property
    def baseline_name(self) -> str:
        """What cells are compared with: a strategy's name where it is one, else the conditions."""
        cells = [cell for cell in self.results.cells if self.is_baseline(cell)]
        labels = [self.labels[cell.cell] for cell in cells]
        if len({label.title for label in labels}) != 1:
            return conditions_text(self.conditions)
        common = [its for its in labels[0].qualifiers if all(its in label.qualifiers for label in labels)]
        return " · ".join((labels[0].title, *common))


def read_study(
    folder: str | Path, baseline: Sequence[str] = (), test: str = TEST, bar: Bar = no_bar
) -> Study:
    """Reads a sweep's folder and makes all comparisons.

    Args:
        folder: What ``mtprompt sweep`` wrote.
        baseline: Conditions such as ``select=rbm25@4``; by default, ``select=zero`` with ``hints=none``.
        test: ``bootstrap`` or ``randomization``.
        bar: Opens a progress bar.

    Raises:
        DataError: If there is nothing to report.
        ConfigError: For a baseline or test that there is not.
    """
    results = read_results(folder)
    if not results.cells:
        why = f" ({results.damaged[0]})" if results.damaged else ""
        raise DataError(f"{folder}: the sweep has no finished cell yet{why}; wait for one, or run it again")
    cells = results.cells
    conditions = parse_conditions(baseline, cells) if baseline else default_conditions(cells)
    reader = _Reader(results, Labels(cells), conditions, test)
    names = dict.fromkeys(str(cell.axes.get("test")) for cell in cells)
    with bar("compare", len(names)) as advance:
        for name in names:
            reader.read(name, [cell for cell in cells if str(cell.axes.get("test")) == name])
            advance(1)
    return reader.study()


class _Reader:
    """Reads one test set after the other, so that the segments of only one are in memory."""

    def __init__(self, results: Results, labels: Labels, conditions: Conditions, test: str) -> None:
        self._results = results
        self._labels = labels
        self._conditions = conditions
        self._test = test
        self._metrics = tuple(in_order([list(cell.scores) for cell in results.cells]))
        self._test_sets: list[TestSet] = []
        self._compared: dict[str, dict[tuple[str, str], Against]] = {
            name: {} for name in ("baseline", "best", "hints", "pool")
        }
        self._flagged: dict[str, int] = {}
        self._problems: list[str] = []
        self._problems += [f"{plain(its, 400)}; the same sweep again mends it." for its in results.damaged]
        if results.missing:
            self._problems.append(
                f"The sweep is not through: {len(results.missing):,} of its "
                f"{len(results.manifest.cells):,} cells are missing. If it was stopped, run it again, and it "
                "goes on where it was."
            )

    def read(self, name: str, cells: Sequence[CellResult]) -> None:
        """Reads a test set's segments and compares its cells."""
        rows, outputs = self._segments(cells)
        metric_results = MetricResults({cell.cell: cell for cell in cells}, outputs)
        best = {metric: cell for metric in self._metrics if (cell := _best(cells, metric))}
        baselines = pair_up(cells, self._conditions)
        for metric in self._metrics:
            scored = [cell for cell in cells if metric in cell.scores]
            wanted: dict[str, Mapping[str, str | None]] = {
                "baseline": {its.cell: baselines[its.cell] for its in scored if its.cell in baselines},
                "best": {its.cell: best[metric] for its in scored if its.cell != best[metric]},
                "hints": twins(scored, "hints", "none"),
                "pool": twins(scored, "where", "in"),
            }
            # the same for all four, so that no drawn test set is scored twice
            samples = samples_for(len(scored))
            for kind, pairs in wanted.items():
                for its in compare_cells(pairs, metric_results, metric, test=self._test, samples=samples):
                    self._compared[kind][its.cell, metric] = its
        self._flagged |= {cell: sum(bool(row.get("flags")) for row in its) for cell, its in rows.items()}
        self._test_sets.append(
            TestSet(
                plain(name),
                cells[0].languages,
                tuple(cells),
                max(cell.segments for cell in cells),
                best,
                frozenset(name for output in outputs.values() for name in output.scores),
                pack_test_set(rows) if rows else None,
            )
        )

    def _segments(
        self, cells: Sequence[CellResult]
    ) -> tuple[dict[str, list[dict[str, Any]]], dict[str, CellOutput]]:
        rows, outputs = {}, {}
        for cell in cells:
            if not cell.done:
                continue
            try:
                its = list(read_segments(self._results.folder, cell.cell))
                check_rows(its)
                outputs[cell.cell] = cell_output(its)
                rows[cell.cell] = its
            except DataError as error:
                self._problems.append(
                    f"{cell.cell} is shown without its segments and cannot be compared: {plain(error, 200)}."
                )
        return rows, outputs

    def study(self) -> Study:
        """What was read."""
        return Study(
            self._results,
            self._labels,
            self._conditions,
            self._test,
            self._metrics,
            tuple(self._test_sets),
            self._compared["baseline"],
            self._compared["best"],
            self._compared["hints"],
            self._compared["pool"],
            self._flagged,
            tuple(self._problems),
        )


def in_order(lists: Sequence[Sequence[str]]) -> list[str]:
    """All names once, in the order of the lists, which lack some of them."""
    merged: list[str] = []
    for names in lists:
        at = 0
        for name in names:
            if name not in merged:
                merged.insert(at, name)
            at = merged.index(name) + 1
    return merged


def _best(cells: Sequence[CellResult], metric: str) -> str | None:
    found = {cell.cell: cell.scores[metric] for cell in cells if metric in cell.scores}
    scores = {cell: its.score if its.higher_is_better else -its.score for cell, its in found.items()}
    return max(scores, key=lambda cell: scores[cell], default=None)
