"""Selection strategies on real data with the embedded model; prints a Markdown table.

Example:
    python benchmarks/selection.py --data DATA --limit 200
"""

from __future__ import annotations

from pathlib import Path

import click
from cells import Cell, machine, run_all

from mtprompt.generation.load import load_backend

METRICS = ("bleu", "chrf++")


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--domain", default="software_help", show_default=True)
@click.option("--dictionary", default="de-en.libreoffice_ui", show_default=True)
@click.option("--limit", default=200, show_default=True)
@click.option("--out", default="build/selection", show_default=True, type=click.Path(path_type=Path))
def main(data: Path, domain: str, dictionary: str, limit: int, out: Path) -> None:
    folder = data / "de-en" / domain
    test, pool = folder / "test.jsonl", folder / "pool.jsonl"
    terms = data / "dictionaries" / f"{dictionary}.tsv"
    backend = load_backend("gemma-3-270m")
    cells = [
        Cell("zero", test, limit=limit),
        Cell("random@4", test, pool, "random@4", limit=limit),
        Cell("bm25@4", test, pool, "bm25@4", limit=limit),
        Cell("rbm25@4", test, pool, "rbm25@4", limit=limit),
        Cell("rbm25@4+entries", test, pool, "rbm25@4", terms, "entries", limit=limit),
    ]
    results = run_all(cells, backend, out / "store", out, METRICS)
    print("| examples | BLEU | chrF++ | seconds | prompt tokens | prompts cut | flagged |")
    print("|---|---|---|---|---|---|---|")
    for result in results:
        scores = " | ".join(f"{result.scores[metric]:.1f}" for metric in METRICS)
        print(
            f"| {result.cell.name} | {scores} | {result.seconds:.0f}{' (cached)' if result.cached else ''} "
            f"| {result.prompt_tokens:.0f} | {result.dropped} | {result.flags} |"
        )
    print(f"\n{domain}, first {limit} of the test set, {backend.name}, {machine()}\n")
    print("\n".join(f"`{signature}`" for signature in results[0].signatures))


if __name__ == "__main__":
    main()
