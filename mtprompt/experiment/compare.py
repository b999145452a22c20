"""Cells of a sweep against others of the same test set, with significance.

Which are compared is :mod:`mtprompt.experiment.pairing`'s to say. Holm's correction is over all cells of one
test set that are compared by one metric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import ceil
from typing import TYPE_CHECKING, Any

from mtprompt.errors import DataError, MTPromptError
from mtprompt.experiment.record import CellResult
from mtprompt.scoring.load import SACREBLEU, load_scorer
from mtprompt.scoring.protocol import Scorer, SystemOutput
from mtprompt.scoring.significance import SAMPLES, TEST, Comparison, compare_results, holm
from mtprompt.scoring.statistics import Statistics, ratio
from mtprompt.segments import MetricResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA = 0.05
"""Adjusted p-values below it are called significant."""

_PAIRS_PER_THOUSAND = 20
_ROUNDED = 1e-3  # stored segment scores are rounded


@dataclass(frozen=True, slots=True)
class Against:
    """A cell beside its baseline, by one metric.

    Attributes:
        cell: Its id.
        baseline: The baseline's; None if there is none.
        metric: As the sweep names it.
        comparison: None where there is nothing to compare.
        why_not: Why there is no comparison, or none that can be significant; None otherwise.
    """

    cell: str
    baseline: str | None
    metric: str
    comparison: Comparison | None
    why_not: str | None = None

    @property
    def significant(self) -> bool:
        """Whether the difference is, after Holm's correction."""
        return self.comparison is not None and self.why_not is None and self.comparison.adjusted < ALPHA


@dataclass(frozen=True, slots=True)
class CellOutput:
    """What a cell's segments say, as far as metrics need it.

    Attributes:
        ids: Of its N segments.
        output: Translations, references and sources.
        scores: By metric, the N scores that were stored; None where a segment has none.
        counts: By metric that is a share in percent, part and whole of each of the N segments.
    """

    ids: tuple[str, ...]
    output: SystemOutput
    scores: Mapping[str, Sequence[float | None]]
    counts: Mapping[str, Sequence[tuple[float, float]]]


def cell_output(rows: Sequence[Mapping[str, Any]]) -> CellOutput:
    """Reads what :func:`~mtprompt.experiment.results.read_segments` gives.

    Raises:
        DataError: If there are no rows, or rows without source or translation.
    """
    try:
        metrics = dict.fromkeys(name for row in rows for name in row.get("scores") or {})
        shares = dict.fromkeys(name for row in rows for name in row.get("counts") or {})
        return CellOutput(
            tuple(str(row["id"]) for row in rows),
            SystemOutput(
                [str(row["translation"]) for row in rows],
                [references_of(row) for row in rows],
                [str(row["source"]) for row in rows],
            ),
            {name: [(row.get("scores") or {}).get(name) for row in rows] for name in metrics},
            {name: [_part_of_whole(row["counts"][name]) for row in rows] for name in shares},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"a row of segments lacks {error}") from None


def _part_of_whole(counts: Sequence[float]) -> tuple[float, float]:
    part, whole = counts
    return float(part), float(whole)


def references_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A row's references: none, one, or as many as it lists."""
    reference = row.get("reference")
    if reference is None:
        return ()
    return (reference,) if isinstance(reference, str) else tuple(map(str, reference))


class MetricResults:
    """The scores of the cells of one test set, each made once however often it is compared.

    BLEU, chrF, chrF++ and TER are computed anew from the translations, shares such as ``hints`` from the
    counts that the sweep stored; other metrics are the mean of the segment scores that it stored, so that
    no large model has to run again.

    Args:
        cells: Of one test set, by id.
        outputs: Their segments, by id; cells without any are missing.
    """

    def __init__(self, cells: Mapping[str, CellResult], outputs: Mapping[str, CellOutput]) -> None:
        self._cells = cells
        self._outputs = outputs
        self._scorers: dict[tuple[str, str], Scorer] = {}
        self._made: dict[tuple[str, str], MetricResult] = {}

    def of(self, cell: str, metric: str) -> MetricResult:
        """A cell's result.

        Raises:
            MTPromptError: If it cannot be had, with the reason.
        """
        if (cell, metric) not in self._made:
            self._made[cell, metric] = self._make(cell, metric)
        return self._made[cell, metric]

    def ids(self, cell: str) -> tuple[str, ...]:
        """Of a cell's segments.

        Raises:
            DataError: If it has none.
        """
        if cell not in self._outputs:
            raise DataError(f"the segments of {cell} are missing")
        return self._outputs[cell].ids

    def _make(self, cell: str, metric: str) -> MetricResult:
        result, output = self._cells[cell], self._outputs[cell]
        if metric not in result.scores:
            raise DataError(f"{cell} has no score by {metric}")
        if metric in SACREBLEU:
            target = result.languages[1]
            if (metric, target) not in self._scorers:
                self._scorers[metric, target] = load_scorer(metric, target)
            made = self._scorers[metric, target].score(output.output)
            return replace(made, statistics=_remembering(made.statistics) if made.statistics else None)
        score = result.scores[metric]
        segments = tuple(output.scores.get(metric, ()))
        if counts := output.counts.get(metric):
            parts, wholes = zip(*counts, strict=True)
            return MetricResult(
                metric,
                score.score,
                segments,
                score.signature,
                score.higher_is_better,
                statistics=ratio(parts, wholes, 100),
            )
        defined = [its for its in segments if its is not None]
        if not defined:
            raise DataError(f"{metric} has no segment scores, so its differences cannot be tested")
        mean = sum(defined) / len(defined)
        if abs(mean - score.score) > _ROUNDED * (1 + abs(score.score)):
            raise DataError(
                f"{metric} is not the mean of its segment scores, so its differences cannot be tested"
            )
        return MetricResult(metric, mean, segments, score.signature, score.higher_is_better)


def compare_cells(
    pairs: Mapping[str, str | None],
    results: MetricResults,
    metric: str,
    *,
    test: str = TEST,
    samples: int | None = None,
) -> list[Against]:
    """Compares cells of one test set with their baselines by one metric.

    Args:
        pairs: From a cell's id to its baseline's.
        results: Of the test set.
        metric: As the sweep names it.
        test: ``bootstrap`` or ``randomization``.
        samples: How many test sets are drawn; by default as many as these pairs need.

    Returns:
        One for each pair, in their order.
    """
    samples = samples or samples_for(len(pairs))
    by_baseline: dict[str, list[str]] = {}
    made: dict[str, Against] = {}
    for cell, baseline in pairs.items():
        reason = _cannot(cell, baseline, results, metric)
        if reason is None and baseline is not None:
            by_baseline.setdefault(baseline, []).append(cell)
        else:
            made[cell] = Against(cell, baseline, metric, None, reason)
    for baseline, cells in by_baseline.items():
        its = [results.of(cell, metric) for cell in cells]
        try:
            compared = compare_results(results.of(baseline, metric), its, test=test, samples=samples)
        except MTPromptError as error:
            made |= {cell: Against(cell, baseline, metric, None, str(error)) for cell in cells}
            continue
        single = "a single segment tells nothing of others" if len(results.ids(baseline)) < 2 else None
        for cell, comparison in zip(cells, compared, strict=True):
            made[cell] = Against(cell, baseline, metric, comparison, single)
    return _adjusted([made[cell] for cell in pairs])


def samples_for(pairs: int) -> int:
    """How many test sets to draw for so many comparisons: 1,000 for every 20 of them.

    A thousand give no p-value below 0.001, and Holm's correction multiplies by the number of comparisons:
    with the same thousand nothing among 60 could be significant, however large.
    """
    return SAMPLES * max(1, ceil(pairs / _PAIRS_PER_THOUSAND))


def _remembering(statistics: Statistics) -> Statistics:
    """The same, but no sums are scored twice: a cell meets several others on the same drawn test sets."""
    known: dict[bytes, NDArray[Any]] = {}

    def score(sums: NDArray[Any]) -> NDArray[Any]:
        key = blake2b(sums.tobytes(), digest_size=16, salt=str(sums.dtype).encode()).digest()
        if key not in known:
            known[key] = statistics.score(sums)
        return known[key]

    return replace(statistics, score=score)


def _adjusted(those: Sequence[Against]) -> list[Against]:
    """With Holm's correction over all that were tested, whatever their baselines were."""
    tested = [its for its in those if its.comparison is not None and its.why_not is None]
    p_values = [its.comparison.p_value for its in tested if its.comparison is not None]
    adjusted = {its.cell: p for its, p in zip(tested, holm(p_values), strict=True)}
    return [
        replace(its, comparison=replace(its.comparison, adjusted=adjusted[its.cell]))
        if its.comparison is not None and its.cell in adjusted
        else its
        for its in those
    ]


def _cannot(cell: str, baseline: str | None, results: MetricResults, metric: str) -> str | None:
    """Why two cells cannot be compared; None if they can be."""
    if baseline is None:
        return "no baseline for this test set and model, or several models with one"
    try:
        if results.ids(cell) != results.ids(baseline):
            return f"it has other segments than {baseline}"
        results.of(cell, metric), results.of(baseline, metric)
    except MTPromptError as error:
        return str(error)
    return None
