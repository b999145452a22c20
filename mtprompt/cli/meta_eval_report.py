"""The answers of ``mtprompt meta-eval``: tables for people, JSON for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.table import print_table
from mtprompt.report.numbers import counted

if TYPE_CHECKING:
    from mtprompt.scoring.meta.agreement import Agreement
    from mtprompt.scoring.meta.people import People
    from mtprompt.scoring.meta.preferences import Preference
    from mtprompt.scoring.significance import Comparison, Interval


def print_agreement(people: People, found: Sequence[Agreement]) -> None:
    """Prints the agreement on systems, and on segments where people scored those."""
    from mtprompt.scoring.meta.agreement import all_tied

    click.echo(f"people's scores: {people.scores.name}, of {len(people.systems)} systems")
    if people.left_out:
        click.echo(f"left out, without translations or without scores: {', '.join(people.left_out)}")
    first = found[0].systems
    click.echo(f"\nOrder of systems: pairwise accuracy over {counted(first.pairs, 'pair')}")
    told = first.clear_pairs is not None
    rows = [
        [
            its.name,
            f"{its.systems.accuracy:.3f}",
            _interval(its.systems.interval),
            *([_number(its.systems.clear_accuracy)] if told else []),
            *_p(its.systems.p_value, its.systems.adjusted),
        ]
        for its in found
    ]
    clear = [f"OF {first.clear_pairs:,} CLEAR"] if told else []
    print_table(["METRIC", "ACCURACY", "95 %", *clear, *_p_columns([its.name for its in found])], rows)
    if told:
        click.echo("clear: pairs that people tell apart, p < 0.05")
    if people.scores.segments is not None:
        _print_segments(found, all_tied(people.scores.segments))
    click.echo()
    _print_signatures(found)


def _print_segments(found: Sequence[Agreement], tied: float) -> None:
    scored = [(its.name, its.segments) for its in found if its.segments]
    rows = [
        [
            name,
            f"{its.order.accuracy:.3f}",
            _interval(its.interval),
            f"{its.order.tau:.3f}",
            f"{its.order.epsilon:.4g}",
            f"{its.uncalibrated.accuracy:.3f}",
            _number(its.uncalibrated.of_ordered),
            *_against(its.against_first),
        ]
        for name, its in scored
    ]
    if scored:
        click.echo(f"\nOrder within a segment, ties calibrated: {counted(scored[0][1].order.pairs, 'pair')}")
        header = ["METRIC", "ACC_EQ", "95 %", "TAU_EQ", "EPSILON", "AT 0", "OF ORDERED"]
        print_table([*header, *_p_columns([name for name, _ in scored])], rows)
        click.echo(f"calling every pair a tie: acc_eq {tied:.3f}")
    for its in found:
        if its.segments is None:
            click.echo(f"{its.name} has no scores of segments")


def _p_columns(names: Sequence[str]) -> list[str]:
    return [f"P AGAINST {names[0]}", "HOLM"]


def agreement_json(people: People, found: Sequence[Agreement]) -> dict[str, Any]:
    """The same for machines, with all counts."""
    from mtprompt.scoring.meta.agreement import all_tied

    return {
        "human": people.scores.name,
        "systems": people.systems,
        "left_out": people.left_out,
        "all_tied": None if people.scores.segments is None else all_tied(people.scores.segments),
        "metrics": [
            {
                "metric": its.name,
                "signature": its.signature,
                "systems": asdict(its.systems),
                "segments": _segments_json(its),
            }
            for its in found
        ],
    }


def _segments_json(its: Agreement) -> dict[str, Any] | None:
    segments = its.segments
    if segments is None:
        return None
    order = segments.order
    return {
        "acc_eq": order.accuracy,
        "tau_eq": order.tau,
        "epsilon": order.epsilon,
        "acc_eq_uncalibrated": segments.uncalibrated.accuracy,
        "of_ordered": segments.uncalibrated.of_ordered,
        "interval": segments.interval and asdict(segments.interval),
        "against_first": segments.against_first and asdict(segments.against_first),
        "pairs": order.pairs,
        "concordant": order.alike,
        "discordant": order.reversed,
        "tied_by_people": order.tied_by_people,
        "tied_by_metric": order.tied_by_metric,
        "tied_by_both": order.tied_by_both,
    }


def print_preferences(found: Sequence[Preference]) -> None:
    """Prints how often each metric prefers what people prefer."""
    rows = [
        [
            its.name,
            f"{its.accuracy:.3f}",
            _interval(its.interval),
            f"{its.right:,}",
            f"{its.tied:,}",
            f"{its.wrong:,}",
            f"{its.p_chance:.4f}",
            *_against(its.against_first),
        ]
        for its in found
    ]
    click.echo("\nPreference accuracy (a tie is half right)")
    header = ["METRIC", "ACCURACY", "95 %", "RIGHT", "TIED", "WRONG", "P OF CHANCE"]
    print_table([*header, *_p_columns([its.name for its in found])], rows)
    click.echo()
    _print_signatures(found)


def preferences_json(found: Sequence[Preference]) -> dict[str, Any]:
    """The same for machines."""
    rows = [asdict(its) for its in found]
    return {"metrics": [{"metric": row.pop("name"), **row} for row in rows]}


def _print_signatures(found: Sequence[Agreement] | Sequence[Preference]) -> None:
    for its in found:
        if its.signature:
            click.echo(f"signature: {its.signature}")


def _interval(interval: Interval | None) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}" if interval else "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _against(compared: Comparison | None) -> list[str]:
    return _p(compared.p_value, compared.adjusted) if compared else _p(None, None)


def _p(value: float | None, adjusted: float | None) -> list[str]:
    return ["–" if p is None else f"{p:.4f}" for p in (value, adjusted)]
