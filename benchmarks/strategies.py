"""Selection strategies on real data with the embedded model, in-domain and out-of-domain; prints Markdown.

Example:
    python benchmarks/strategies.py --data DATA --limit 200
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from cells import Cell, Result, p_value, run_all

from mtprompt.experiment.manifest import machine
from mtprompt.generation.load import load_backend

METRICS = ("bleu", "chrf++")
STRATEGIES = (
    "random@4",
    "bm25@4",
    "rbm25@4",
    "rbm25(mode=residual)@4",
    "fuzzy@4",
    "dense(encoder=all-minilm-l6-v2)@4",
    "coverage@4",
    "mmr@4",
    "task@1+rbm25@3",
)
BASELINE = "rbm25@4"
DICTIONARIES = {"software_help": "libreoffice_ui"}


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--domains", default="software_help,medical", show_default=True)
@click.option("--other", default="news", show_default=True, help="The out-of-domain pool.")
@click.option("--limit", default=200, show_default=True)
@click.option("--out", default="build/strategies", show_default=True, type=click.Path(path_type=Path))
def main(data: Path, domains: str, other: str, limit: int, out: Path) -> None:
    folder = data / "de-en"
    backend = load_backend("gemma-3-270m")
    cells = []
    for domain in domains.split(","):
        test, dev = folder / domain / "test.jsonl", folder / domain / "dev.jsonl"
        cells.append(Cell(f"{domain}.zero", test, limit=limit, labels=(domain, "-", "zero")))
        for name in (domain, other):
            for strategy in STRATEGIES:
                cells.append(
                    Cell(
                        f"{domain}.{name}.{strategy}",
                        test,
                        folder / name / "pool.jsonl",
                        strategy,
                        limit=limit,
                        dev=dev if strategy.startswith("task") else None,
                        labels=(domain, name, strategy),
                    )
                )
        if (terms := data / "dictionaries" / f"de-en.{DICTIONARIES.get(domain)}.tsv").exists():
            pool = folder / domain / "pool.jsonl"
            name = f"{BASELINE}, entries"
            labels = (domain, domain, name)
            cells.append(
                Cell(f"{domain}.{name}", test, pool, BASELINE, terms, "entries", limit=limit, labels=labels)
            )
    results = run_all(cells, backend, out / "store", out, METRICS)
    for domain in domains.split(","):
        print(f"\n### {domain}, first {limit} of the test set\n")
        print(
            "| pool | examples | BLEU | chrF++ | chrF++ against rbm25@4 | p | prompt tokens | cut | flagged |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for result in (result for result in results if result.cell.labels[0] == domain):
            print(row(result, results))
    print(f"\n{backend.name}, {machine()}\n")
    print("\n".join(f"`{signature}`" for signature in results[0].signatures))


def row(result: Result, results: Sequence[Result]) -> str:
    """A line of the table; the paired bootstrap compares with rbm25@4 on the same pool."""
    domain, pool, strategy = result.cell.labels
    difference = p = ""
    if strategy not in (BASELINE, "zero"):
        (baseline,) = (other for other in results if other.cell.labels == (domain, pool, BASELINE))
        difference = f"{result.scores['chrf++'] - baseline.scores['chrf++']:+.1f}"
        p = f"{p_value(baseline, result, 'chrf++'):.3f}"
    scores = " | ".join(f"{result.scores[metric]:.1f}" for metric in METRICS)
    return (
        f"| {pool} | {strategy} | {scores} | {difference} | {p} | {result.prompt_tokens:.0f} "
        f"| {result.dropped} | {result.flags} |"
    )


if __name__ == "__main__":
    main()
