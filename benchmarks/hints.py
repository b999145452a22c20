"""Dictionary hints on real data with the embedded model: which dictionary, which style, and what it brings.

Prints Markdown.

Example:
    python benchmarks/hints.py --data DATA --limit 200
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from cells import Cell, Result, p_value, run_all

from mtprompt.corpus.corpus import read_pairs
from mtprompt.dictionary.induce import induce
from mtprompt.dictionary.write import write_tsv
from mtprompt.experiment.manifest import machine
from mtprompt.generation.load import load_backend
from mtprompt.scoring.significance import holm

METRICS = ("bleu", "chrf++")
STRATEGIES = ("random@4", "rbm25@4")
STYLES = ("inline", "glossary", "entries", "auto")
INDUCED = "induced"
# Test set to the dictionaries that are tried on it.
DOMAINS = {
    "de-en/software_help": ("de-en.libreoffice_ui", INDUCED, "de-en"),
    "de-en/medical": (INDUCED, "de-en"),
    "en-sw/medical": (INDUCED, "en-sw"),
}


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--domains", default=",".join(DOMAINS), show_default=True)
@click.option("--limit", default=200, show_default=True)
@click.option("--out", default="build/hints", show_default=True, type=click.Path(path_type=Path))
def main(data: Path, domains: str, limit: int, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    backend = load_backend("gemma-3-270m")
    for domain in domains.split(","):
        results = run_all(list(cells(domain, data, limit, out)), backend, out / "store", out, METRICS)
        print(f"\n### {domain}, first {limit} of the test set\n")
        print(
            "| examples | dictionary | hints | BLEU | p | chrF++ | p | given | followed | useful "
            "| misleading | prompt tokens | cut |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
        corrected = {metric: corrected_p(results, metric) for metric in METRICS}
        for result in results:
            print(row(result, {metric: corrected[metric].get(result.cell.labels) for metric in METRICS}))
        print(f"\n{backend.name}, {machine()}\n")
        print("\n".join(f"`{signature}`" for signature in results[0].signatures), flush=True)


def cells(domain: str, data: Path, limit: int, out: Path) -> Iterator[Cell]:
    """No hints, then each dictionary in each style, for each strategy."""
    folder = data / domain
    source, target = domain.split("/")[0].split("-")
    name = domain.replace("/", ".")
    for strategy in STRATEGIES:
        for dictionary in (None, *DOMAINS[domain]):
            for style in STYLES if dictionary else ("none",):
                yield Cell(
                    f"{name}.{strategy}.{dictionary}.{style}",
                    folder / "test.jsonl",
                    folder / "pool.jsonl",
                    strategy,
                    dictionary_file(dictionary, folder, data, out) if dictionary else None,
                    style if dictionary else None,
                    limit,
                    folder / "dev.jsonl" if style == "auto" else None,
                    (strategy, dictionary or "none", style),
                    (source, target),
                )


def dictionary_file(name: str, folder: Path, data: Path, out: Path) -> Path:
    """A dictionary of the data, or the one that is induced from the domain's pool."""
    if name != INDUCED:
        return data / "dictionaries" / f"{name}.tsv"
    path = out / f"{folder.parent.name}.{folder.name}.induced.tsv"
    if not path.exists():
        source, target = folder.parent.name.split("-")
        entries = induce(read_pairs(folder / "pool.jsonl", source, target), source, target).entries
        with path.open("wb") as stream:
            write_tsv(entries, stream)
    return path


def corrected_p(results: list[Result], metric: str) -> dict[tuple[str, ...], float]:
    """The paired bootstrap against no hints and the same examples, by Holm over all of a strategy's rows."""
    found: dict[tuple[str, ...], float] = {}
    for strategy in STRATEGIES:
        (baseline,) = (result for result in results if result.cell.labels == (strategy, "none", "none"))
        others = [r for r in results if r.cell.labels[0] == strategy and r is not baseline]
        p_values = holm([p_value(baseline, result, metric) for result in others])
        found.update(zip((result.cell.labels for result in others), p_values, strict=True))
    return found


def row(result: Result, p_values: dict[str, float | None]) -> str:
    """A line of the table."""
    strategy, dictionary, style = result.cell.labels
    columns = [strategy, dictionary, f"auto: {result.policy}" if style == "auto" else style]
    for metric in METRICS:
        p = p_values[metric]
        columns += [f"{result.scores[metric]:.1f}", "" if p is None else f"{p:.3f}"]
    use = result.use
    columns.append(f"{use.given:,}")
    for part in (use.followed, use.useful, use.misleading):
        columns.append(f"{100 * (part or 0) / use.given:.0f} %" if use.given else "")
    return "| " + " | ".join([*columns, f"{result.prompt_tokens:.0f}", str(result.dropped)]) + " |"


if __name__ == "__main__":
    main()
