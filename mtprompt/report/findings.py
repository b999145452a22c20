"""What the results show, in sentences that say how sure they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mtprompt.experiment.compare import ALPHA, Against
from mtprompt.experiment.profile_correlation import Correlation
from mtprompt.report.numbers import counted, delta_text, metric_name, p_text, score_text, signed_minus
from mtprompt.report.study import Comparisons, Study, TestSet

_NAMED = 4  # more names than this are a number


@dataclass(frozen=True, slots=True)
class Finding:
    """Sentences about one thing.

    Attributes:
        about: The test set, or a part of the report.
        sentences: The main one first.
    """

    about: str
    sentences: tuple[str, ...]


def findings(study: Study, metric: str, correlations: Sequence[Correlation]) -> list[Finding]:
    """What one metric shows."""
    found = []
    for test in study.test_sets:
        sentences = [*_best(study, test, metric), *_pools(study, test, metric), *_hints(study, test, metric)]
        if sentences:
            found.append(Finding(test.name, tuple(sentences)))
    if examples := _examples(correlations):
        found.append(Finding("Examples", (examples,)))
    return found


def _best(study: Study, test: TestSet, metric: str) -> Iterator[str]:
    best = test.best.get(metric)
    if best is None:
        return
    cell = next(its for its in test.cells if its.cell == best)
    score = cell.scores[metric]
    text = f"{study.name_of(best)} has the best {metric_name(metric)}, {score_text(score.score, metric)}"
    if score.low is not None and score.high is not None:
        text += f" ({score_text(score.low, metric)} to {score_text(score.high, metric)})"
    against = study.against_baseline.get((best, metric))
    if study.is_baseline(cell):
        text += ", and is the baseline"
    elif against and against.comparison:
        text += f": {delta_text(against.comparison.delta, metric)} against {study.baseline_name}"
        text += f", {_sure(against)}"
    yield text + "."
    others = [its for c in test.done if (its := study.against_best.get((c.cell, metric)))]
    tested = [its for its in others if its.comparison and its.why_not is None]
    if tested:
        equal = [study.name_of(its.cell) for its in tested if not its.significant]
        untested = len(others) - len(tested)
        if equal:
            yield f"Not told apart from it: {_names(equal)}."
        elif untested:
            yield f"It beats the {len(tested)} that could be tested significantly; {untested} could not be."
        else:
            yield "It beats every other significantly."
    yield from _counts(study, test, metric)


def _counts(study: Study, test: TestSet, metric: str) -> Iterator[str]:
    tested = _tested(study.against_baseline, test, metric)
    if not tested:
        reasons = {
            its.why_not
            for cell in test.done
            if (its := study.against_baseline.get((cell.cell, metric))) and its.why_not
        }
        if reasons:
            yield f"No significance against the baseline: {'; '.join(sorted(reasons)[:2])}."
        return
    better, worse = _split(tested)
    if len(tested) > 1:
        yield (
            f"Of {len(tested)} compared with the baseline, {better} are significantly better, {worse} worse, "
            f"{len(tested) - better - worse} not different."
        )


def _pools(study: Study, test: TestSet, metric: str) -> Iterator[str]:
    tested = _tested(study.against_own_pool, test, metric)
    if tested:
        better, worse = _split(tested)
        yield (
            f"Another domain’s examples instead of its own: {_range(tested, metric)}; significantly worse in "
            f"{worse} of {counted(len(tested), 'cell')}{f', better in {better}' if better else ''}."
        )


def _hints(study: Study, test: TestSet, metric: str) -> Iterator[str]:
    tested = _tested(study.against_unhinted, test, metric)
    if tested:
        better, worse = _split(tested)
        yield (
            f"Hints instead of none: {_range(tested, metric)}; they help significantly in {better} of "
            f"{counted(len(tested), 'cell')}{f' and harm in {worse}' if worse else ''}."
        )


def _examples(correlations: Sequence[Correlation]) -> str | None:
    if not correlations:
        return None
    parts = []
    for where, name in (("in", "in domain"), ("out", "out of domain")):
        here = [its for its in correlations if its.where == where]
        if not here:
            continue
        sure = [its for its in here if its.adjusted < ALPHA]
        if not sure:
            parts.append(f"{name}, no figure of the examples goes with the scores significantly")
            continue
        strongest = max(sure, key=lambda its: abs(its.spearman))
        rho = signed_minus(f"{strongest.spearman:.2f}")
        parts.append(
            f"{name}, {strongest.figure} goes with the scores most (ρ = {rho}, p "
            f"{p_text(strongest.adjusted)}, {strongest.n} cells)"
        )
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else None


def _tested(compared: Comparisons, test: TestSet, metric: str) -> list[Against]:
    found = [compared.get((cell.cell, metric)) for cell in test.cells]
    return [its for its in found if its is not None and its.comparison and its.why_not is None]


def _split(tested: Sequence[Against]) -> tuple[int, int]:
    sure = [its.comparison for its in tested if its.significant and its.comparison]
    better = sum(its.better for its in sure)
    return better, len(sure) - better


def _range(tested: Sequence[Against], metric: str) -> str:
    deltas = sorted(its.comparison.delta for its in tested if its.comparison)
    first, last = delta_text(deltas[0], metric), delta_text(deltas[-1], metric)
    return first if first == last else f"{first} to {last}"


def _sure(its: Against) -> str:
    if its.why_not is not None or its.comparison is None:
        return f"not tested ({its.why_not})"
    verdict = "" if its.significant else ", not significant"
    return f"p {p_text(its.comparison.adjusted)}{verdict}"


def _names(names: Sequence[str]) -> str:
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
