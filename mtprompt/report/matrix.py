"""Strategies against test sets: one row a strategy and pool, one column a test set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from mtprompt.experiment.compare import Against
from mtprompt.experiment.record import CellResult
from mtprompt.experiment.spread import Spread
from mtprompt.report.labels import NO_POOL, OTHER, OWN, SYSTEM, Label
from mtprompt.report.study import Comparisons, Study

BASELINE, BETTER, WORSE, SAME, UNTESTED = "baseline", "better", "worse", "same", "untested"


@dataclass(frozen=True, slots=True)
class Entry:
    """A strategy on a test set, by one metric: one cell, or one for each seed.

    Attributes:
        cells: Those that are done.
        failed: Those that are not.
        score: Their mean; None if none is done.
        low: Lower end of the 95 % interval; of several seeds there is none.
        high: Its upper end.
        spread: Standard deviation over seeds; None for a single one.
        delta: Mean difference from the baseline.
        p: The adjusted p-value; of several seeds the largest.
        verdict: ``better`` or ``worse`` where the difference is significant (for every seed), ``same`` where
            it is not, ``baseline``, or ``untested``.
        why: Why there is no test.
    """

    cells: tuple[CellResult, ...]
    failed: tuple[CellResult, ...]
    score: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    delta: float | None = None
    p: float | None = None
    verdict: str = UNTESTED
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A strategy; None where it has no cell of a test set."""

    label: Label
    entries: tuple[Entry | None, ...]


def matrix(study: Study, metric: str) -> list[Row]:
    """All strategies on all test sets by one metric; without a pool first, then with the own, then others."""
    labels = dict.fromkeys(study.labels[cell.cell] for test in study.test_sets for cell in test.cells)
    rows = []
    for label in sorted(labels, key=_pool_rank):
        entries = []
        for test in study.test_sets:
            cells = [cell for cell in test.cells if study.labels[cell.cell] == label]
            entries.append(entry(study, cells, metric) if cells else None)
        rows.append(Row(label, tuple(entries)))
    return rows


def entry(study: Study, cells: Sequence[CellResult], metric: str) -> Entry:
    """What the cells of one strategy, which differ in their seeds alone, give together."""
    done = tuple(cell for cell in cells if metric in cell.scores)
    failed = tuple(cell for cell in cells if not cell.done)
    if not done:
        reasons = (cell.unscored.get(metric, "no score by this metric") for cell in cells if cell.done)
        return Entry(done, failed, why=next(reasons, None))
    seeds = Spread(done)
    single = done[0].scores[metric] if len(done) == 1 else None
    delta, p, verdict, why = _verdict(study, done, metric, study.against_baseline)
    return Entry(
        done,
        failed,
        seeds.score(metric),
        single.low if single else None,
        single.high if single else None,
        seeds.deviation(metric),
        delta,
        p,
        verdict,
        why,
    )


def _verdict(
    study: Study, cells: Sequence[CellResult], metric: str, compared: Comparisons
) -> tuple[float | None, float | None, str, str | None]:
    if all(study.is_baseline(cell) for cell in cells):
        return None, None, BASELINE, None
    its = [found for cell in cells if (found := compared.get((cell.cell, metric)))]
    tested = [one.comparison for one in its if one.comparison is not None]
    why = next((one.why_not for one in its if one.why_not), None)
    if not tested:
        return None, None, UNTESTED, why or "no baseline"
    delta = mean(one.delta for one in tested)
    if why or len(tested) < len(cells):
        return delta, None, UNTESTED, why
    return delta, max(one.adjusted for one in tested), verdict_of(its), None


def verdict_of(those: Sequence[Against]) -> str:
    """``better`` or ``worse`` if all are significantly so, else ``same``."""
    for verdict, better in ((BETTER, True), (WORSE, False)):
        if all(one.significant and one.comparison and one.comparison.better == better for one in those):
            return verdict
    return SAME


def _pool_rank(label: Label) -> tuple[int, str]:
    return (NO_POOL, OWN, OTHER, SYSTEM).index(label.kind), label.name or ""
