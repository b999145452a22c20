"""``mtprompt sweep``: a grid of experiments from one file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtprompt.errors import ConfigError, DataError

if TYPE_CHECKING:
    from mtprompt.cost import Prices
    from mtprompt.experiment.plan import Plan
    from mtprompt.experiment.record import CellResult, Results
    from mtprompt.experiment.spread import Spread
    from mtprompt.experiment.workload import Workload

FAILED_CELLS = 3


@click.command()
@click.argument("file", metavar="SWEEP.yaml")
@click.option("-o", "--output", "out", metavar="DIR", help="Where results go.  [default: NAME-results]")
@click.option(
    "--set",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="What stands for ${NAME} in the file, such as data=../data. Repeatable.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N segments of each test set.")
@click.option("--store", metavar="DIR", help="Finished generations.  [default: store in DIR]")
@click.option("--dry-run", is_flag=True, help="Check everything; print cells, prompts, tokens, time, cost.")
@click.option(
    "--price-in", type=click.FloatRange(min=0), default=0.0, help="Money for a million prompt tokens."
)
@click.option(
    "--price-out", type=click.FloatRange(min=0), default=0.0, help="Money for a million tokens of answers."
)
def sweep(
    file: str,
    out: str | None,
    variables: tuple[str, ...],
    limit: int | None,
    store: str | None,
    dry_run: bool,
    price_in: float,
    price_out: float,
) -> None:
    """Run the experiments of a YAML file: test sets by pools by strategies by hints by models by seeds.

    The file is checked whole before anything runs. A sweep that was stopped goes on where it was when
    it is called again, and after a change of the file does only what is new.

    \b
    Example:
      mtprompt sweep benchmarks/sweeps/sample.yaml -o demo-out
      mtprompt report demo-out
    """
    from mtprompt.cli.progress import progress
    from mtprompt.cost import Prices
    from mtprompt.experiment.plan import make_plan
    from mtprompt.experiment.results import only_writer
    from mtprompt.experiment.shared import Shared
    from mtprompt.experiment.sweep import run_sweep
    from mtprompt.experiment.sweep_reader import read_sweep
    from mtprompt.report.numbers import counted
    from mtprompt.store import Store

    say = partial(click.echo, err=True)
    read = read_sweep(file, _variables(variables), limit)
    folder = Path(out if out is not None else f"{Path(file).stem}-results")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; name a folder with -o")
    answers = Path(store) if store is not None else folder / "store"
    with ExitStack() as opened:
        if not dry_run:  # which leaves no folder behind
            opened.enter_context(only_writer(folder))
        earlier = _earlier(folder)
        kept = None if dry_run and not answers.is_dir() else Store(answers)
        shared = opened.enter_context(closing(Shared(read, kept, progress, say)))
        plan = make_plan(read, shared, earlier, progress, say)
        if dry_run:
            _print_plan(plan, Prices(price_in, price_out))
            return
        if plan.results:
            say(f"there already: {counted(len(plan.results), 'cell')}")
        results = run_sweep(plan, shared, folder, progress, say)
    _print_results(results, read.metrics)
    click.echo(f"\nresults: {folder}\nsee them with: mtprompt report {folder}")
    if lost := sum(not result.done for result in results):
        say(f"{lost:,} of {len(results):,} cells failed; the same command tries them again")
    nowhere = _scored_nowhere(results, read.metrics)
    for line in nowhere:
        say(line)
    if lost or len(nowhere) == len(read.metrics):
        sys.exit(FAILED_CELLS)


def _scored_nowhere(results: Sequence[CellResult], metrics: Sequence[str]) -> list[str]:
    """Metrics that gave no cell a score, each with a reason."""
    done = [result for result in results if result.done]
    nowhere = [metric for metric in metrics if done and not any(metric in its.scores for its in done)]
    return [f"no cell has a score by {metric}: {done[0].unscored[metric]}" for metric in nowhere]


def _variables(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise ConfigError(f"--set needs a name and a value, such as data=../data, got {name!r}")
    return {name: value for name, _, value in pairs}


def _earlier(folder: Path) -> Results | None:
    """What an earlier run left there."""
    from mtprompt.experiment.results import MANIFEST, OtherFormat, read_results

    if not (folder / MANIFEST).exists():
        return None
    try:
        earlier = read_results(folder)
    except OtherFormat:
        raise
    except DataError as error:  # the answers are in the store: nothing is lost
        click.echo(f"Warning: {error}; its results are made anew", err=True)
        return None
    for damage in earlier.damaged:
        click.echo(f"Warning: {damage}; its cell is made anew", err=True)
    return earlier


def _print_plan(plan: Plan, prices: Prices) -> None:
    from mtprompt.report.numbers import counted

    counts = [counted(len(plan.cells), "cell"), f"{len(plan.results):,} there already"]
    if plan.systems:
        counts.append(f"{len(plan.systems):,} existing translations to score")
    click.echo(", ".join(counts))
    for work in plan.workloads:
        click.echo(_work(work))
        if prices:
            cost = prices.of(work.prompt_tokens, work.completion_tokens)
            click.echo(f"  about {cost:,.4f} by the prices given")
    if plan.searching:
        click.echo(
            f"{plan.searching:,} cells search by translating first (task, hints: auto): their prompts are "
            "not known yet and not counted"
        )
    click.echo("nothing was generated")


def _work(work: Workload) -> str:
    from mtprompt.report.numbers import counted

    time = (
        "time unknown: no answer of it is stored yet"
        if work.seconds is None
        else f"about {_span(work.seconds)}"
    )
    return (
        f"{work.model}: {counted(work.cells, 'cell')}, {counted(work.asked, 'prompt')}, "
        f"{work.different:,} of them different, {work.missing:,} to generate: "
        f"{'' if work.exact else 'about '}{work.prompt_tokens:,} tokens in, "
        f"about {work.completion_tokens:,.0f} out ({work.most_tokens:,} at most), {time}"
    )


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _print_results(results: list[CellResult], metrics: Sequence[str]) -> None:
    from mtprompt.cli.table import print_table
    from mtprompt.experiment.record import warnings_of
    from mtprompt.experiment.spread import over_seeds

    spreads = over_seeds(results)
    axes = dict.fromkeys(axis for result in results for axis in result.axes if axis != "seed")
    values = {axis: {result.axes.get(axis) for result in results} - {None} for axis in axes}
    # what is the same everywhere need not be read in every line
    always = ("test", "pool", "select", "system")
    shown = [axis for axis in axes if axis in always or len(values[axis]) > 1]
    header = [*(axis.upper() for axis in shown), *map(_heading, metrics)]
    rows = [
        [
            *("" if its.cells[0].axes.get(axis) is None else str(its.cells[0].axes[axis]) for axis in shown),
            *(_score(its, metric) for metric in metrics),
            *_costs(its),
        ]
        for its in spreads
    ]
    print_table((*header, "SECONDS", "PROMPT TOKENS"), rows)
    if any(len(its.cells) > 1 for its in spreads):
        click.echo("\n±: standard deviation over seeds")
    scores = [result.scores[metric] for metric in metrics for result in results if metric in result.scores]
    for signature in dict.fromkeys(score.signature for score in scores):
        click.echo(f"signature: {signature}")
    for warning in warnings_of(results):
        click.echo(f"Warning: {warning}", err=True)


def _heading(metric: str) -> str:
    """In capitals, as the other headings, unless a file's name is in it."""
    from mtprompt.report.numbers import metric_name

    return metric_name(metric) if ":" in metric else metric.upper()


def _score(its: Spread, metric: str) -> str:
    from mtprompt.report.numbers import digits

    score, deviation = its.score(metric), its.deviation(metric)
    if score is None:
        return "–" if its.done else "failed"
    places = digits(metric)
    return f"{score:.{places}f}" + ("" if deviation is None else f" ± {deviation:.{places}f}")


def _costs(its: Spread) -> tuple[str, str]:
    """Seconds of generation and the mean of a prompt's tokens; of several seeds their mean."""
    paid = [(cell.usage, cell.segments) for cell in its.done if cell.usage]
    if not paid:
        return "", ""
    seconds = sum(usage.seconds for usage, _ in paid) / len(paid)
    tokens = sum(usage.prompt_tokens / max(segments, 1) for usage, segments in paid) / len(paid)
    return f"{seconds:.1f}", f"{tokens:.0f}"
