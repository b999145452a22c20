"""What ``mtprompt score`` prints: scores with intervals, and systems beside a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mtprompt.cli.score_inputs import System
    from mtprompt.scoring.hint_use import HintUse
    from mtprompt.scoring.protocol import Scorer
    from mtprompt.scoring.significance import Comparison, Interval
    from mtprompt.segments import MetricResult


@dataclass(frozen=True)
class Sampling:
    """How significance is computed."""

    test: str
    samples: int
    seed: int


@dataclass(frozen=True)
class Scored:
    """One metric's view of all systems: the baseline's result first, and its comparisons with the others.

    None stands for a system in which there is nothing to count, and for comparisons with it.
    """

    results: Sequence[MetricResult | None]
    intervals: Sequence[Interval | None]
    comparisons: Sequence[Comparison | None]

    @property
    def shown(self) -> MetricResult:
        """The first result there is: name and signature are those of all."""
        return next(result for result in self.results if result is not None)


def try_score(scorer: Scorer, system: System) -> MetricResult | None:
    """The score of a system; None, which is said, if it has nothing that the metric counts."""
    from mtprompt.scoring.protocol import NothingToCount

    try:
        return scorer.score(system.output)
    except NothingToCount as nothing:
        click.echo(f"Note: {system.path}: {nothing}", err=True)
        return None


def scored(results: Sequence[MetricResult | None], sampling: Sampling) -> list[Scored]:
    """The view of a metric, and one for each value that stands beside its own; none if nothing was scored."""
    from mtprompt.scoring.significance import compare_results, interval_of

    known = [result for result in results if result is not None]
    views = []
    for its in [known, *zip(*(result.beside for result in known), strict=False)] if known else []:
        following = iter(its)
        row = [None if result is None else next(following) for result in results]
        intervals = [result and interval_of(result, sampling.samples, sampling.seed) for result in row]
        others = its[1:] if row[0] else []
        compared = iter(compare_results(its[0], others, **asdict(sampling)))
        comparisons = [next(compared) if row[0] and one else None for one in row[1:]]
        views.append(Scored(row, intervals, comparisons))
    return views


def print_scores(
    systems: Sequence[System], uses: Sequence[HintUse | None], found: Sequence[Scored], sampling: Sampling
) -> None:
    """Prints all for people."""
    count = len(systems[0].output.hypotheses)
    if len(systems) == 1:
        _print_single(found)
    else:
        for its in found:
            _print_table([system.name for system in systems], its)
    click.echo(f"\n{count:,} segment{'s' if count > 1 else ''}")
    for system, use in zip(systems, uses, strict=True):
        prefix = f"{system.name}: " if len(systems) > 1 else ""
        if system.flags:
            counts = ", ".join(f"{name} {number:,}" for name, number in system.flags.items())
            click.echo(f"{prefix}flags: {counts}")
        if use:
            click.echo(f"{prefix}{use}")
    for its in found:
        for text in _details(its.shown) if len(systems) == 1 else ():
            click.echo(text)
    for its in found:
        click.echo(f"signature: {its.shown.signature}")
    if count == 1:
        click.echo("A single segment has no interval and no significance: it says nothing about others.")
    else:
        drawn = f"{sampling.samples:,} samples, seed {sampling.seed}"
        what = f"intervals: 95 %, bootstrap, {drawn}"
        if len(systems) > 1:
            name = {"bootstrap": "paired bootstrap", "randomization": "approximate randomization"}
            what += f"; p: {name[sampling.test]} against {systems[0].name}, {drawn}"
            what += "; Holm: corrected for all systems here"
        click.echo(what)


def _print_single(found: Sequence[Scored]) -> None:
    width = max(len(its.shown.name) for its in found)
    for its in found:
        result, (bounds,) = its.shown, its.intervals
        digits = _digits(result)
        line = f"{result.name:<{width}}  {result.system:8.{digits}f}"
        click.echo(f"{line}  {_bounds(bounds, digits)}".rstrip())


def _print_table(names: Sequence[str], its: Scored) -> None:
    from mtprompt.cli.table import print_table

    digits = _digits(its.shown)
    better = "" if its.shown.higher_is_better else " (lower is better)"
    click.echo(f"\n{its.shown.name}{better}")
    rows = []
    for i, (name, result, bounds) in enumerate(zip(names, its.results, its.intervals, strict=True)):
        cells = [name, f"{result.system:.{digits}f}" if result else "-", _bounds(bounds, digits)]
        if i and (one := its.comparisons[i - 1]):
            cells += [f"{one.delta:+.{digits}f}", _bounds(one.interval, digits, "+")]
            cells += [_p(one.p_value, bounds), _p(one.adjusted, bounds)]
            cells += ["" if n is None else f"{n:,}" for n in (one.wins, one.losses, one.ties)]
        rows.append([*cells, *[""] * (10 - len(cells))])
    heads = ("SYSTEM", "SCORE", "95 %", "DELTA", "95 %", "P", "HOLM", "WINS", "LOSSES", "TIES")
    print_table(heads, rows)


def _details(result: MetricResult) -> list[str]:
    """What a metric counted besides."""
    lines = []
    for name, said in (("counts", "failures in the text"), ("zeroed", f"{result.name}, scored 0")):
        if counts := result.details.get(name):
            lines.append(f"{said}: " + ", ".join(f"{flag} {number:,}" for flag, number in counts.items()))
    return lines


def _digits(result: MetricResult) -> int:
    return 4 if result.name.startswith("comet") else 2


def _bounds(bounds: Interval | None, digits: int, sign: str = "") -> str:
    return f"[{bounds.low:{sign}.{digits}f}, {bounds.high:{sign}.{digits}f}]" if bounds else ""


def _p(value: float, bounds: Interval | None) -> str:
    return f"{value:.3f}" if bounds else "-"  # a single segment


def as_row(
    systems: Sequence[System], uses: Sequence[HintUse | None], found: Sequence[Scored], sampling: Sampling
) -> dict[str, Any]:
    """All as JSON takes it: one system's scores as they are, several under ``systems``."""
    rows = []
    for i, (system, use) in enumerate(zip(systems, uses, strict=True)):
        row: dict[str, Any] = {"flags": system.flags, "scores": [_score_row(its, i) for its in found]}
        if use:
            row["hints"] = asdict(use)
        rows.append(row)
    about: dict[str, Any] = {"count": len(systems[0].output.hypotheses), "sampling": asdict(sampling)}
    if len(systems) == 1:
        return {**about, **rows[0]}
    named = [{"name": system.name, "file": system.path} for system in systems]
    both = [{**name, **row} for name, row in zip(named, rows, strict=True)]
    return {**about, "baseline": systems[0].name, "systems": both}


def _score_row(its: Scored, at: int) -> dict[str, Any]:
    result, bounds = its.results[at], its.intervals[at]
    if result is None:
        return {**its.shown.row(), "score": None, "segments": None, "low": None, "high": None}
    row = {
        **result.row(),
        "low": bounds.low if bounds else None,
        "high": bounds.high if bounds else None,
    }
    for name in ("counts", "zeroed"):
        if name in result.details:
            row[name] = result.details[name]
    if at and (compared := its.comparisons[at - 1]):
        row["against_baseline"] = asdict(compared)
    return row
