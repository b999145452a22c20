"""``mtprompt ablate``: what hints are worth on a test set."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.generation import generation_options, open_translator
from mtprompt.cli.inputs import load_retrieval_files, say_all_inverted, say_matches, say_nothing_found
from mtprompt.cli.options import config_option, metric_option, retrieval_options

if TYPE_CHECKING:
    from mtprompt.experiment.ablation import Arm


# what is measured must not be looked up in the pool: leaks are kept out unless asked for
@click.command(context_settings={"default_map": {"exact_match": "exclude"}})
@click.argument("source", metavar="IN")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N segments.")
@retrieval_options
@generation_options
@metric_option("bleu, chrf, chrf++, ter, comet:MODEL, terms:FILE or flags")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with signatures.")
@config_option
def ablate(source: str, limit: int | None, metrics: tuple[str, ...], as_json: bool, **settings: Any) -> None:
    """Measure what hints are worth on IN, a .jsonl file with references.

    It is translated without hints, with them, with those of other words (shuffled), and with those that
    the references confirm (gold), each compared with none. Pairs of the pool that IN has, too, are kept out.

    \b
    Example:
      mtprompt ablate test.jsonl --from de --to en --pool pool.jsonl \\
        --dictionary terms.tsv --hints entries --model gemma-3-270m
    """
    from mtprompt.cli.progress import progress
    from mtprompt.corpus.segments import read_segments
    from mtprompt.experiment.ablation import ablate as run

    segments = [segment for segment, _ in islice(read_segments(source), limit)]
    opened = load_retrieval_files(settings)
    say_all_inverted(settings, opened, [segment.source for segment in segments])
    with open_translator(opened, "-") as translator:
        translator.prepare(progress, partial(click.echo, err=True))
        arms = run(translator, segments, metrics, settings["seed"], progress)
        if not any(arm.use.found or arm.use.tokens for arm in arms):
            say_nothing_found(translator.retrieval, len(segments))
        if as_json:
            rows = [_row(arm) for arm in arms]
            click.echo(json.dumps({"signature": translator.signature, "arms": rows}, ensure_ascii=False))
            return
        _print(arms, metrics, len(segments))
        say_matches(translator.retrieval)
        click.echo(f"signature: {translator.signature}")


def _row(arm: Arm) -> dict[str, Any]:
    return {
        "name": arm.name,
        "results": {metric: result.row() for metric, result in arm.results.items()},
        "against_none": {metric: asdict(compared) for metric, compared in arm.against_none.items()},
        "use": asdict(arm.use),
        "prompt_tokens": arm.prompt_tokens,
    }


def _print(arms: list[Arm], metrics: tuple[str, ...], size: int) -> None:
    from mtprompt.cli.table import print_table
    from mtprompt.report.numbers import digits

    heads = [head for metric in metrics for head in (metric.upper(), "OVER NONE", "P")]
    rows = []
    for arm in arms:
        cells = [arm.name]
        for metric in metrics:
            compared = arm.against_none.get(metric)
            cells.append(f"{arm.results[metric].system:.{digits(metric)}f}")
            delta = f"{compared.delta:+.{digits(metric)}f}" if compared else ""
            cells += [delta, f"{compared.adjusted:.3f}" if compared else ""]
        use = arm.use
        cells += [
            f"{use.given:,}",
            _percent(use.followed, use.given),
            _percent(use.useful, use.given),
            _percent(use.misleading, use.given),
            f"{arm.prompt_tokens / size:.0f}",
        ]
        rows.append(cells)
    print_table(("HINTS", *heads, "GIVEN", "FOLLOWED", "USEFUL", "MISLEADING", "PROMPT TOKENS"), rows)
    click.echo(f"\n{size:,} segments; approximate randomization against none; tokens: mean of a prompt.")
    for result in arms[0].results.values():
        click.echo(f"signature: {result.signature}")


def _percent(part: int | None, whole: int) -> str:
    return f"{100 * (part or 0) / whole:.0f} %" if whole else ""
