"""``mtprompt explain``: why this sentence gets these examples and hints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.inputs import load_retrieval_files, say_all_inverted, say_pool_limits
from mtprompt.cli.options import config_option, retrieval_options

if TYPE_CHECKING:
    from mtprompt.segments import Example, Hint


@click.command()
@click.argument("sentence")
@retrieval_options
@click.option("--template", metavar="FILE", help="A Jinja file with your own prompt.")
@config_option
def explain(
    sentence: str,
    template: str | None,
    **settings: Any,
) -> None:
    """Show the prompt of one SENTENCE: shared words in [brackets], hinted words in {braces}.

    \b
    Example:
      mtprompt explain "Bitte speichern Sie die Datei." --from de --to en \\
        --pool pool.jsonl --dictionary terms.tsv
    """
    from mtprompt.cli.progress import progress
    from mtprompt.prompting.styles import STYLES, Languages
    from mtprompt.prompting.template import load_template
    from mtprompt.retrieval import Retrieval
    from mtprompt.segments import Segment
    from mtprompt.text.languages import language_name

    opened = load_retrieval_files(settings)
    say_all_inverted(settings, opened, [sentence])
    retrieval = Retrieval(**opened)
    retrieval.align(progress)
    wording = load_template(Path(template)) if template else STYLES[retrieval.policy.style].wording
    say_pool_limits(retrieval.selection.largest_k(), opened["pool"])
    (draft,) = retrieval.drafts([Segment("1", sentence)])
    _heading("Sentence")
    click.echo(mark_hints(sentence, draft.hints))
    for hint in draft.hints:
        base = "" if hint.origin == hint.term else f" (entry {hint.origin})"
        click.echo(f"  {hint.term}{base}: {', '.join(hint.translations)}")
    if opened["dictionary"] and retrieval.dictionary and not draft.hints:
        click.echo("  no hints: no rarer word of it is in the dictionary")
    _heading(f"Examples by {retrieval.selection}, in the order of the prompt")
    if not draft.examples:
        click.echo("  none")
    for example in draft.examples:
        _show_example(sentence, example, settings["source_lang"])
    if retrieval.copies_exact_matches and draft.exact_match is not None:
        _heading("The pool has this very sentence; its translation is taken over")
        click.echo(draft.exact_match)
        return
    _heading("Prompt (base form)")
    languages = Languages(language_name(settings["source_lang"]), language_name(settings["target_lang"]))
    click.echo(wording(draft.blocks(), languages))


def _heading(text: str) -> None:
    click.secho(f"\n{text}", bold=True)


def _show_example(sentence: str, example: Example, language: str) -> None:
    from mtprompt.selection.ngrams import MAX_ORDER, ngram_counts
    from mtprompt.text.tokens import selection_tokens

    source = selection_tokens(sentence, language)
    candidate = selection_tokens(example.pair.source, language)
    shared = []
    for order in range(1, MAX_ORDER + 1):
        wanted = ngram_counts(source, order)
        if wanted:
            shared.append(f"{(wanted & ngram_counts(candidate, order)).total()}/{wanted.total()}")
    score = "" if example.score is None else f"score {example.score:.2f}, "
    click.echo(f"  rank {example.rank}: {score}shared 1- to {len(shared)}-grams {', '.join(shared)}")
    click.echo(f"    {mark_shared(example.pair.source, sentence)}")
    click.echo(f"    {example.pair.target}")


def mark_hints(sentence: str, hints: Sequence[Hint]) -> str:
    """The sentence with hinted terms in braces."""
    return _mark(sentence, [hint.span for hint in hints], "{", "}", "yellow")


def mark_shared(text: str, sentence: str) -> str:
    """The text with each longest run of words that stands in the sentence too in brackets."""
    from mtprompt.text.tokens import words

    found = words(text)
    other = [word for word, _ in words(sentence)]
    spans = []
    at = 0
    while at < len(found):
        length = 0
        while at + length < len(found) and _contains(other, [w for w, _ in found[at : at + length + 1]]):
            length += 1
        if length:
            spans.append((found[at][1][0], found[at + length - 1][1][1]))
        at += max(length, 1)
    return _mark(text, spans, "[", "]", "green")


def _contains(words: list[str], run: list[str]) -> bool:
    return any(words[i : i + len(run)] == run for i in range(len(words) - len(run) + 1))


def _mark(text: str, spans: Sequence[tuple[int, int]], left: str, right: str, colour: str) -> str:
    """Puts marks around spans; on a terminal they are coloured as well."""
    parts, at = [], 0
    for start, end in sorted(spans):
        parts += [text[at:start], click.style(f"{left}{text[start:end]}{right}", fg=colour)]
        at = end
    return "".join([*parts, text[at:]])
