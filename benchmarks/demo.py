"""The demo: a German sample of two domains, translated in seven ways each by the embedded model."""

from __future__ import annotations

import time
from pathlib import Path

from cells import Cell, machine, run_all

from mtprompt.cli.table import print_table
from mtprompt.generation.load import load_backend

OUT = Path("demo-out")
METRICS = ("bleu", "chrf++")
DOMAINS = {"leaflet": "software", "software": "leaflet"}


def cells(domain: str) -> list[Cell]:
    """Zero-shot, then each strategy with the domain's own pool and with the other domain's."""
    sample = Path("benchmarks/sample")
    test = sample / domain / "test.jsonl"
    glossary = Path(f"dictionaries/{domain}.de-en.tsv")
    made = [Cell(f"{domain}.zero", test, labels=(domain, "zero-shot", "none"))]
    for where, pool, meaning in (("in", domain, "in-domain"), ("out", DOMAINS[domain], "out-of-domain")):
        path = sample / pool / "pool.jsonl"
        label = f"{pool} ({meaning})"
        made += [
            Cell(f"{domain}.random.{where}", test, path, "random@4", labels=(domain, "random@4", label)),
            Cell(f"{domain}.rbm25.{where}", test, path, "rbm25@4", labels=(domain, "rbm25@4", label)),
            Cell(
                f"{domain}.rbm25-hints.{where}",
                test,
                path,
                "rbm25@4",
                glossary,
                labels=(domain, "rbm25@4 + hints", label),
            ),
        ]
    return made


def main() -> None:
    started = time.monotonic()
    store = OUT / "store"
    backend = load_backend("gemma-3-270m")
    results = run_all([cell for domain in DOMAINS for cell in cells(domain)], backend, store, OUT, METRICS)
    rows = [
        (
            *result.cell.labels,
            *(f"{result.scores[metric]:.1f}" for metric in METRICS),
            f"{result.seconds:.1f}{'*' if result.cached else ''}",
            f"{result.prompt_tokens:.0f}",
        )
        for result in results
    ]
    print()
    print_table(("TEST", "EXAMPLES", "POOL", "BLEU", "CHRF++", "SECONDS", "PROMPT TOKENS"), rows)
    print("\n26 sentences a test set. Seconds: each prompt's share of its batch. Tokens: mean of a prompt.")
    if any(result.cached for result in results):
        print("* from the store: the seconds are those of the first generation.")
    print(f"{backend.name} on {machine()}; whole run {time.monotonic() - started:.0f} s.")
    for signature in results[0].signatures:
        print(f"signature: {signature}")
    print("\nThe commands of these rows, in their order (first: source .venv/bin/activate):")
    for result in results:
        print(f"  {result.cell.command(store, OUT)}")
    example = results[-1].cell
    print("\nTo score one:")
    print(f"  mtprompt score --hyp {example.output(OUT)} --ref {example.test} --to en")


if __name__ == "__main__":
    main()
