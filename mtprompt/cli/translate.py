"""``mtprompt translate``: the main job."""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.options import (
    config_option,
    file_options,
    files_in_options,
    load_retrieval_files,
    retrieval_options,
    say_matches,
    say_pool_limits,
)
from mtprompt.errors import ConfigError

if TYPE_CHECKING:
    from mtprompt.pipeline import Translator
    from mtprompt.segments import Translation

FAILED_SEGMENTS = 3


@click.command()
@file_options
@retrieval_options
@click.option(
    "--model", required=True, metavar="MODEL", help="gemma-3-270m, a folder, a hub id, or ENGINE:MODEL."
)
@click.option("--jsonl", is_flag=True, help="Write JSON rows with examples, hints, flags and usage.")
@click.option("--dry-run", is_flag=True, help="Do all up to the model; print prompts and token counts.")
@click.option(
    "--dev",
    metavar="FILE",
    help="Source and reference to try examples on, for task: .jsonl, .tsv, .tmx.  "
    "[default: pairs held out of the pool]",
)
@click.option("--template", metavar="FILE", help="A Jinja file with your own prompt.")
@click.option("--prompt-form", default="auto", show_default=True, metavar="FORM", help="auto, base or chat.")
@click.option(
    "--max-new-tokens",
    type=click.IntRange(min=1),
    help="Room for an answer.  [default: by the source's length]",
)
@click.option(
    "--temperature", type=click.FloatRange(min=0), default=0.0, show_default=True, help="0 is greedy."
)
@click.option("--seed", type=int, default=1, show_default=True, help="For sampling.")
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=32,
    show_default=True,
    help="Prompts generated together at most.",
)
@click.option("--device", default="auto", show_default=True, metavar="DEVICE", help="auto, cpu or cuda.")
@click.option("--store", metavar="DIR", help="Finished generations.  [default: .mtprompt beside OUT]")
@click.option("--no-store", is_flag=True, help="Keep no generations and use none.")
@config_option
def translate(
    source: str,
    out: str,
    pool: str | None,
    pool_target: str | None,
    dictionary: tuple[str, ...],
    jsonl: bool,
    file_format: str,
    limit: int | None,
    dry_run: bool,
    store: str | None,
    no_store: bool,
    **settings: Any,
) -> None:
    """Translate IN, one segment a line (or a .jsonl file); - is standard input.

    As many lines come out as went in, in their order. A run that was stopped goes on where it was
    when it is called again.

    \b
    Example:
      mtprompt translate in.txt -o out.txt --from de --to en --pool pool.tmx --model gemma-3-270m
    """
    from mtprompt.cache import cache_dir
    from mtprompt.cli.output import check_writable
    from mtprompt.cli.progress import count_lines, progress
    from mtprompt.corpus.segments import is_jsonl, read_segments
    from mtprompt.pipeline import Translator

    if store and no_store:
        raise ConfigError("--store and --no-store exclude each other")
    if settings["dev"] == "":
        raise ConfigError("--dev names no file (an unset variable?)")
    read = [source, pool, pool_target, *dictionary, settings["dev"], settings["template"]]
    check_writable(out, *read, *files_in_options(settings["select"]))
    segments = islice(read_segments(source, file_format), limit)
    first = list(islice(segments, 1))  # a wrong input is found before a model is loaded
    files = load_retrieval_files(
        settings["source_lang"], settings["target_lang"], pool, pool_target, dictionary
    )
    folder = Path(store) if store else Path(out).parent / ".mtprompt" if out != "-" else cache_dir("store")
    with Translator(**settings, **files, store=None if no_store else folder) as translator:
        say_pool_limits(translator.retrieval.selection.largest_k(), files["pool"])
        if settings["dev"] and not translator.retrieval.selection.searches:
            click.echo("Note: --dev is not used: only task tries examples on it", err=True)
        translator.prepare(progress, partial(click.echo, err=True), dry=dry_run)
        items = chain(first, segments)
        if dry_run:
            _dry_run(translator, [segment for segment, _ in items])
            return
        rows = jsonl or is_jsonl(out)
        failed = _run(translator, items, out, rows, count_lines(source, limit))
    if failed:
        sys.exit(FAILED_SEGMENTS)


def _run(translator: Translator, items: Any, out: str, rows: bool, total: int | None) -> int:
    """Translates and writes; returns the number of failed segments."""
    from mtprompt.cli.output import open_output
    from mtprompt.cli.progress import progress
    from mtprompt.postprocess.checks import OVER_BUDGET
    from mtprompt.rows import translation_row

    endings: deque[str] = deque()

    def segments() -> Any:
        for segment, ending in items:
            endings.append(ending)
            yield segment

    totals = _Totals()
    with progress("translate", total) as advance, open_output(out) as stream:
        for translation in translator.translate_iter(segments(), advance):
            ending = endings.popleft()
            if rows:
                row = translation_row(translation, translator.signature)
                line = json.dumps(row, ensure_ascii=False) + "\n"
            else:
                line = translation.text + ending
            stream.write(line.encode("utf-8", "replace"))
            totals.add(translation)
    totals.report(translator)
    return totals.flags[OVER_BUDGET]


class _Totals:
    """What a run did, for the lines on stderr at its end."""

    def __init__(self) -> None:
        self.segments = self.asked = self.cached = self.tokens_in = self.tokens_out = self.dropped = 0
        self.seconds = 0.0
        self.flags: Counter[str] = Counter()

    def add(self, translation: Translation) -> None:
        self.segments += 1
        self.flags.update(translation.flags)
        generation = translation.generation
        if generation and translation.prompt:
            self.asked += 1
            self.cached += generation.cached
            self.tokens_in += generation.usage.prompt_tokens
            self.tokens_out += generation.usage.completion_tokens
            self.seconds += generation.usage.seconds
            self.dropped += bool(translation.prompt.dropped)

    def report(self, translator: Translator) -> None:
        def say(line: str) -> None:
            click.echo(line, err=True)

        say(
            f"{self.segments:,} segments: {self.asked - self.cached:,} generated, "
            f"{self.cached:,} from the store; "
            f"{self.tokens_in:,} tokens in, {self.tokens_out:,} out, {self.seconds:.1f} s of generation"
        )
        if self.dropped:
            say(
                f"{self.dropped:,} prompts were over the {translator.backend.context:,} tokens of "
                f"{translator.backend.name}: their weakest examples were left out"
            )
        say_matches(translator.retrieval)
        if self.flags:
            say("flags: " + ", ".join(f"{name} {count:,}" for name, count in self.flags.most_common()))
        say(f"signature: {translator.signature}")


def _dry_run(translator: Translator, segments: list[Any]) -> None:
    tokens = sent = 0
    for draft, prompt in translator.prompts(segments):
        if prompt is None:
            fits = not draft.segment.source.strip() or draft.exact_match is not None
            click.echo(f"### {draft.segment.id}: {'nothing is sent' if fits else 'over the budget'}\n")
            continue
        sent, tokens = sent + 1, tokens + prompt.tokens
        left_out = f", left out: {len(prompt.dropped)}" if prompt.dropped else ""
        click.echo(
            f"### {draft.segment.id}: {prompt.tokens} prompt tokens, room for {prompt.max_new_tokens} more, "
            f"{len(prompt.examples)} examples, {len(prompt.hints)} hints{left_out}"
        )
        click.echo(prompt.text + "\n")
    click.echo(
        f"{len(segments):,} segments, {sent:,} prompts, {tokens:,} prompt tokens; nothing was generated",
        err=True,
    )
