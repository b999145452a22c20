"""``mtprompt translate``: the main job."""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.generation import generation_options, open_translator
from mtprompt.cli.inputs import (
    files_in_options,
    load_retrieval_files,
    say_inverted,
    say_matches,
    say_pool_limits,
)
from mtprompt.cli.options import config_option, file_options, retrieval_options

if TYPE_CHECKING:
    from mtprompt.translator import Translator
    from mtprompt.segments import Translation

FAILED_SEGMENTS = 3
_LEFT_OUT = {"example": "their weakest examples", "hints": "their hints"}
_LOOKED_AT = 100  # segments that show whether input and dictionary fit


@click.command()
@file_options
@retrieval_options
@generation_options
@click.option("--jsonl", is_flag=True, help="Write JSON rows with examples, hints, flags and usage.")
@click.option("--dry-run", is_flag=True, help="Do all up to the model; print prompts and token counts.")
@config_option
def translate(
    source: str,
    out: str,
    jsonl: bool,
    file_format: str,
    limit: int | None,
    dry_run: bool,
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

    check_writable(out, source, *files_in_options(settings))
    segments = islice(read_segments(source, file_format), limit)
    first = list(islice(segments, _LOOKED_AT))  # a wrong input is found before a model is loaded
    opened = load_retrieval_files(settings)
    say_inverted(settings["dictionary"], opened["dictionary"], (segment.source for segment, _ in first))
    with open_translator(opened, out) as translator:
        say_pool_limits(translator.retrieval.selection.largest_k(), opened["pool"])
        retrieval = translator.retrieval
        if settings["dev"] and not (retrieval.selection.searches or retrieval.auto):
            click.echo("Note: --dev is not used: only task and --hints auto try things on it", err=True)
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

    language, signature = translator.retrieval.languages[1], translator.signature
    totals = _Totals(language)
    with progress("translate", total) as advance, open_output(out) as stream:
        for translation in translator.translate_iter(segments(), advance):
            ending = endings.popleft()
            if rows:
                row = translation_row(translation, signature, language)
                line = json.dumps(row, ensure_ascii=False) + "\n"
            else:
                line = translation.text + ending
            stream.write(line.encode("utf-8", "replace"))
            totals.add(translation)
    totals.report(translator)
    return totals.flags[OVER_BUDGET]


class _Totals:
    """What a run did, for the lines on stderr at its end."""

    def __init__(self, language: str) -> None:
        from mtprompt.scoring.hint_use import HintUse

        self.language = language
        self.hints = HintUse()
        self.segments = self.asked = self.cached = self.tokens_in = self.tokens_out = self.dropped = 0
        self.seconds = 0.0
        self.flags: Counter[str] = Counter()
        self.dropped_kinds: Counter[str] = Counter()
        self.retried = 0

    def add(self, translation: Translation) -> None:
        self.segments += 1
        self.flags.update(translation.flags)
        self.retried += translation.tries > 1
        prompt = translation.prompt
        if translation.found or translation.required or (prompt and prompt.hint_tokens):
            from mtprompt.scoring.hint_use import hint_use

            self.hints += hint_use(translation, self.language)
        generation = translation.generation
        if generation and translation.prompt:
            self.asked += 1
            self.cached += generation.cached
            self.tokens_in += generation.usage.prompt_tokens
            self.tokens_out += generation.usage.completion_tokens
            self.seconds += generation.usage.seconds
            self.dropped += bool(translation.prompt.dropped)
            self.dropped_kinds.update(translation.prompt.dropped)

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
                f"{translator.backend.name}: left out "
                + ", ".join(_LEFT_OUT[kind] for kind in _LEFT_OUT if self.dropped_kinds[kind])
            )
        if self.retried:
            say(f"{self.retried:,} segments missed required terms and were tried a second time")
        say_matches(translator.retrieval)
        if self.hints.found is not None:
            say(str(self.hints))
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
