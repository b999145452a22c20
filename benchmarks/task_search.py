"""How much the one example of a 1-shot prompt matters: the search for the task-level prompt, as a table.

The dev set of a domain is translated with one example at a time out of a pool, of the same domain or
of another. Generations are kept, so that a stopped run goes on and a second search of the same
candidates, full after halving, pays only for what is new.

Example:
    python benchmarks/task_search.py --data DATA --domain medical --pool-domain news --search full
"""

from __future__ import annotations

from pathlib import Path

import click

from mtprompt import Corpus, Translator
from mtprompt.cli.progress import progress
from mtprompt.experiment.manifest import machine
from mtprompt.generation.load import load_backend
from mtprompt.selection.pool import Pool
from mtprompt.selection.strategies.task import TaskSelector
from mtprompt.selection.trials.outcome import Ranked

_SHOWN = 3


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--domain", default="software_help", show_default=True, help="Of the dev set.")
@click.option("--pool-domain", help="Of the candidates.  [default: that of the dev set]")
@click.option("--search", default="halving", show_default=True, help="full or halving.")
@click.option("--candidates", default=100, show_default=True)
@click.option("--sentences", default=64, show_default=True, help="Of the dev set.")
@click.option("--metric", default="bleu", show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--out", default="build/task_search", show_default=True, type=click.Path(path_type=Path))
def main(
    data: Path,
    domain: str,
    pool_domain: str | None,
    search: str,
    candidates: int,
    sentences: int,
    metric: str,
    seed: int,
    out: Path,
) -> None:
    folder = data / "de-en"
    pool = Corpus.load(folder / (pool_domain or domain) / "pool.jsonl", "de", "en")
    selector = TaskSelector(Pool(pool), 1, candidates, sentences, metric, search, seed)
    backend = load_backend("gemma-3-270m")
    dev = folder / domain / "dev.jsonl"
    with Translator(backend, "de", "en", dev=dev, store=out / "store") as translator:
        selector.prepare(translator.trial(progress, lambda line: click.echo(line, err=True)))
    outcome = selector.outcome
    if outcome is None:
        raise click.ClickException("the pool is too small to search")
    spread, cost, best = outcome.spread, outcome.cost, outcome.ranking[0]
    print("| pool | search | candidates | on sentences | best | mean | deviation | worst | winner |")
    print("|---|---|---|---|---|---|---|---|---|")
    print(
        f"| {pool_domain or domain} | {search} | {spread.candidates} | {spread.sentences} "
        f"| {spread.best:.2f} | {spread.mean:.2f} | {spread.deviation:.2f} | {spread.worst:.2f} "
        f"| {best.score:.2f} on {best.sentences} |"
    )
    print("\n| generations | prompt tokens | tokens out | seconds |\n|---|---|---|---|")
    tokens = f"{cost.prompt_tokens:,} | {cost.completion_tokens:,}"
    print(f"| {cost.generations:,} | {tokens} | {cost.seconds:,.0f} |")
    print("\n| rank | score | on sentences | source | target |\n|---|---|---|---|---|")
    ranked = list(enumerate(outcome.ranking, start=1))
    for rank, candidate in ranked[:_SHOWN] + ranked[max(_SHOWN, len(ranked) - _SHOWN) :]:
        print(_row(rank, candidate))
    print(f"\n{domain}, seed {seed}, {backend.name}, {machine()}\n\n`{outcome.metric}`")


def _row(rank: int, candidate: Ranked) -> str:
    texts = (text.replace("|", "\\|") for text in (candidate.source, candidate.target))
    return f"| {rank} | {candidate.score:.2f} | {candidate.sentences} | {' | '.join(texts)} |"


if __name__ == "__main__":
    main()
