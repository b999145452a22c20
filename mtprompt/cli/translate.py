"""``mtprompt translate``: the main job."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.generation import generation_options, open_translator
from mtprompt.cli.inputs import (
    files_in_options,
    load_retrieval_files,
    say_all_inverted,
    say_pool_limits,
)
from mtprompt.cli.options import config_option, file_options, retrieval_options

if TYPE_CHECKING:
    from mtprompt.cost import Estimate, Prices
    from mtprompt.prompting.builder import Draft
    from mtprompt.segments import Prompt, Segment
    from mtprompt.translator import Translator

FAILED_SEGMENTS = 3
_LOOKED_AT = 100  # segments that show whether input and dictionary fit


@click.command()
@file_options
@retrieval_options
@generation_options
@click.option("--jsonl", is_flag=True, help="Write JSON rows with examples, hints, flags and usage.")
@click.option("--shard", metavar="I/N", help="Only part I of N of IN; mtprompt merge joins the outputs.")
@click.option("--dry-run", is_flag=True, help="Do all up to the model; print prompts, token counts, cost.")
@click.option(
    "--price-in", type=click.FloatRange(min=0), default=0.0, help="Money for a million prompt tokens."
)
@click.option(
    "--price-out", type=click.FloatRange(min=0), default=0.0, help="Money for a million tokens of answers."
)
@config_option
def translate(
    source: str,
    out: str,
    jsonl: bool,
    file_format: str,
    limit: int | None,
    shard: str | None,
    dry_run: bool,
    price_in: float,
    price_out: float,
    **settings: Any,
) -> None:
    """Translate IN, one segment a line (or a .jsonl file); - is standard input.

    As many lines come out as went in, in their order. A run that was stopped goes on where it was
    when it is called again.

    \b
    Example:
      mtprompt translate in.txt -o out.txt --from de --to en --pool pool.tmx --model gemma-3-270m
    """
    from mtprompt.cli.output import check_writable
    from mtprompt.cli.progress import count_lines, progress
    from mtprompt.corpus.segments import is_jsonl, read_segments
    from mtprompt.corpus.shards import shard_range
    from mtprompt.cost import Prices

    check_writable(out, source, *files_in_options(settings))
    part = shard_range(shard, source, file_format, limit) if shard else range(limit or sys.maxsize)
    segments = islice(read_segments(source, file_format), part.start, part.stop)
    prices = Prices(price_in, price_out)
    first = list(islice(segments, _LOOKED_AT))  # a wrong input is found before a model is loaded
    opened = load_retrieval_files(settings)
    say_all_inverted(settings, opened, [segment.source for segment, _ in first])
    with open_translator(opened, out) as translator:
        say_pool_limits(translator.retrieval.selection.largest_k(), opened["pool"])
        retrieval = translator.retrieval
        if settings["dev"] and not (retrieval.selection.searches or retrieval.auto):
            click.echo("Note: --dev is not used: only task and --hints auto try things on it", err=True)
        translator.prepare(progress, partial(click.echo, err=True), dry=dry_run)
        items = chain(first, segments)
        if dry_run:
            more = [name for name in ("retry_flagged", "require") if settings[name]]
            _dry_run(translator, items, prices, more)
            return
        rows = jsonl or is_jsonl(out)
        total = len(part) if shard else count_lines(source, limit)
        failed = _run(translator, items, out, rows, total, prices)
    if failed:
        sys.exit(FAILED_SEGMENTS)


def _run(translator: Translator, items: Any, out: str, rows: bool, total: int | None, prices: Prices) -> int:
    """Translates and writes; returns the number of failed segments."""
    from mtprompt.cli.output import open_output
    from mtprompt.cli.progress import progress
    from mtprompt.cli.totals import Totals
    from mtprompt.postprocess.checks import NO_ANSWER, OVER_BUDGET
    from mtprompt.rows import translation_row

    endings: deque[str] = deque()

    def segments() -> Any:
        for segment, ending in items:
            endings.append(ending)
            yield segment

    language, signature = translator.retrieval.languages[1], translator.signature
    totals = Totals(language)
    with progress("translate", total) as advance, open_output(out) as stream:
        for translation in translator.translate_iter(segments(), advance):
            ending = endings.popleft()
            if rows:
                row = translation_row(translation, signature, language)
                line = json.dumps(row, ensure_ascii=False) + "\n"
            else:
                line = translation.text + ending
            stream.write(line.encode("utf-8", "replace"))
            if out == "-":
                stream.flush()  # whoever reads a pipe waits for each line
            totals.add(translation)
    totals.report(translator, prices)
    return totals.flags[OVER_BUDGET] + totals.flags[NO_ANSWER]


def _dry_run(
    translator: Translator, items: Iterable[tuple[Segment, str]], prices: Prices, more: Sequence[str]
) -> None:
    """Prints what would be sent, and what it would cost; ``more`` names options that may add to it."""
    estimates = translator.estimates()
    segments = (segment for segment, _ in items)
    while chunk := list(islice(segments, _LOOKED_AT)):
        drafts, prompts = translator.prompts_for_all(chunk)
        for estimate, its in zip(estimates, prompts, strict=True):
            estimate.add([segment.source for segment in chunk], its)
        for draft, prompt in zip(drafts, prompts[0], strict=True):
            _show(draft, prompt)
    for estimate in estimates:
        _say_estimate(estimate.stored.backend.name, [estimate], prices)
    if len(estimates) > 1:
        _say_estimate("together", estimates, prices)
    if more:
        options = " and ".join(f"--{name.replace('_', '-')}" for name in more)
        click.echo(f"second tries ({options}) may add to it", err=True)


def _say_estimate(name: str, estimates: Sequence[Estimate], prices: Prices) -> None:
    """Says what one model is to generate, or several together."""
    from mtprompt.cli.totals import say_money

    tokens_in = sum(estimate.prompt_tokens for estimate in estimates)
    tokens_out = sum(estimate.completion_tokens for estimate in estimates)
    about = "" if all(estimate.exact for estimate in estimates) else "about "
    click.echo(
        f"{name}: {sum(estimate.prompts for estimate in estimates):,} prompts to generate, "
        f"{about}{tokens_in:,} tokens in, about {tokens_out:,.0f} out "
        f"({sum(estimate.most_tokens for estimate in estimates):,} at most); nothing was generated",
        err=True,
    )
    say_money("about", prices, tokens_in, tokens_out)


def _show(draft: Draft, prompt: Prompt | None) -> None:
    """Prints what would be sent for one segment."""
    if prompt is None:
        fits = not draft.segment.source.strip() or draft.exact_match is not None
        click.echo(f"### {draft.segment.id}: {'nothing is sent' if fits else 'over the budget'}\n")
        return
    left_out = f", left out: {len(prompt.dropped)}" if prompt.dropped else ""
    click.echo(
        f"### {draft.segment.id}: {prompt.tokens} prompt tokens, room for {prompt.max_new_tokens} more, "
        f"{len(prompt.examples)} examples, {len(prompt.hints)} hints{left_out}"
    )
    click.echo(prompt.text + "\n")
