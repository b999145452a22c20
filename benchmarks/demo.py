"""The demo: the sweep of the sample, its table, the commands of its rows, and its report."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

from mtprompt.cli.progress import progress
from mtprompt.cli.table import print_table
from mtprompt.errors import DataError
from mtprompt.experiment.grid import Cell, SystemCell
from mtprompt.experiment.manifest import machine
from mtprompt.experiment.plan import make_plan
from mtprompt.experiment.record import CellResult
from mtprompt.experiment.results import MANIFEST, read_results
from mtprompt.experiment.shared import Shared
from mtprompt.experiment.sweep import run_sweep
from mtprompt.experiment.sweep_reader import read_sweep
from mtprompt.report.write import write_report
from mtprompt.store import Store

SWEEP = Path("benchmarks/sweeps/sample.yaml")
OUT = Path("demo-out")
WHERE = {"in": " (in-domain)", "out": " (out-of-domain)", None: ""}


def say(line: object) -> None:
    print(line, file=sys.stderr)


def row(result: CellResult) -> tuple[str, ...]:
    """A line of the table; seconds and tokens are those of the first generation."""
    axes, usage = result.axes, result.usage
    assert usage
    select = "zero-shot" if axes["select"] == "zero" else str(axes["select"])
    return (
        str(axes["test"]),
        select + ("" if axes["hints"] == "none" else " + hints"),
        f"{axes['pool'] or 'none'}{WHERE[result.where]}",
        *(f"{score.score:.1f}" for score in result.scores.values()),
        f"{usage.seconds:.1f}",
        f"{usage.prompt_tokens / result.segments:.0f}",
    )


def command(cell: Cell, store: Path) -> str:
    """The command line that translates as a cell does."""
    out = OUT / f"{cell.id}.jsonl"
    source, target = cell.test.languages
    words = ["mtprompt", "translate", str(cell.test.path), "-o", str(out), "--from", source, "--to", target]
    if cell.pool:
        words += ["--pool", str(cell.pool.path), "--select", cell.select, "--exact-match", "exclude"]
    for path in cell.dictionary:
        words += ["--dictionary", str(path), "--hints", cell.hints]
    return shlex.join([*words, "--model", cell.model, "--store", str(store)])


def order(pair: tuple[Cell | SystemCell, CellResult]) -> tuple[str, bool, bool]:
    """Each test set's lines: zero-shot, then the pool of its own domain, then the other."""
    where = pair[1].where
    return str(pair[1].axes["test"]), where is not None, where == "out"


def main() -> None:
    started = time.monotonic()
    sweep = read_sweep(SWEEP)
    store = OUT / "store"
    shared = Shared(sweep, Store(store), progress, say)
    try:
        earlier = read_results(OUT) if (OUT / MANIFEST).exists() else None
    except DataError:  # another version's: the store has what matters
        earlier = None
    try:
        plan = make_plan(sweep, shared, earlier, progress, say)
        again = set(plan.results)
        results = run_sweep(plan, shared, OUT, progress, say)
        (voice,) = (shared.voices(name)[0] for name in {str(its.axes["model"]) for its in results})
        model = voice[0].name
    finally:
        shared.close()
    if lost := [result for result in results if not result.done]:
        sys.exit("\n".join(f"{result.cell}: {result.error}" for result in lost))
    pairs = sorted(zip(plan.cells, results, strict=True), key=order)
    header = ("TEST", "EXAMPLES", "POOL", *(metric.upper() for metric in sweep.metrics))
    print()
    print_table((*header, "SECONDS", "PROMPT TOKENS"), [row(result) for _, result in pairs])
    print("\n26 sentences a test set. Seconds: each prompt's share of its batch. Tokens: mean of a prompt.")
    if again or any(result.usage and result.usage.cached for result in results):
        print("What was there already is from the store: its seconds are those of the first generation.")
    for score in results[0].scores.values():
        print(f"signature: {score.signature}")
    print("\nThe commands of these rows, in their order (first: source .venv/bin/activate):")
    for cell, _ in pairs:
        assert isinstance(cell, Cell)
        print(f"  {command(cell, store)}")
    last = pairs[-1][0]
    print("\nTo score what the last of them writes:")
    print(f"  mtprompt score --hyp {OUT / last.id}.jsonl --ref {last.test.path} --to en")
    page, *beside = write_report(OUT, bar=progress)
    print(f"\n{model} on {machine()}; whole run {time.monotonic() - started:.0f} s.")
    print(f"The sweep again, or another: mtprompt sweep {SWEEP} -o {OUT}")
    print(f"Its report is there as {', '.join(path.name for path in beside)}, too.")
    print(f"\nThe report, to open in a browser: {page}")


if __name__ == "__main__":
    main()
