"""``mtprompt meta-eval``: how well metrics and judges agree with people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from mtprompt.errors import ConfigError

if TYPE_CHECKING:
    from mtprompt.scoring.meta.agreement import Scores
    from mtprompt.scoring.meta.rated import RatedSet


@click.command(name="meta-eval")
@click.argument("path", metavar="FILE")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="METRIC",
    help="bleu, chrf, chrf++, ter, comet:MODEL, … Repeatable.  [default: bleu and chrf++, without --scores]",
)
@click.option(
    "--scores",
    "fields",
    multiple=True,
    metavar="FIELD",
    help="A metric's or judge's scores that stand in FILE. Repeatable.",
)
@click.option(
    "--lower-is-better", multiple=True, metavar="FIELD", help="Of --scores or --human: a score of errors."
)
@click.option(
    "--human",
    metavar="FIELD",
    help="People's scores: a field of FILE, or a column of --system-scores.  [default: the only one]",
)
@click.option(
    "--system-scores", metavar="TSV", help="People's scores of whole systems: columns system, scores, pair."
)
@click.option(
    "--reference",
    "references",
    multiple=True,
    metavar="NAME",
    help="A reference that metrics may see. Repeatable.  [default: all]",
)
@click.option("--from", "source_lang", metavar="CODE", help="Source language.")
@click.option("--to", "target_lang", metavar="CODE", help="Target language; decides the tokenizer.")
@click.option("--samples", type=click.IntRange(min=1), default=1000, show_default=True, help="Of resampling.")
@click.option("--seed", type=click.IntRange(min=1), default=12345, show_default=True, help="Of resampling.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all counts.")
def meta_eval(
    path: str,
    metrics: tuple[str, ...],
    fields: tuple[str, ...],
    lower_is_better: tuple[str, ...],
    human: str | None,
    system_scores: str | None,
    references: tuple[str, ...],
    source_lang: str | None,
    target_lang: str | None,
    samples: int,
    seed: int,
    as_json: bool,
) -> None:
    """Say how well metrics agree with people on FILE.

    FILE is .jsonl, a segment a row: source, references, systems (each system's translation) and people's
    scores of them, such as mqm; or chosen and rejected, which is a preference. The first metric is the one
    that the others are compared with. docs/meta-evaluation.md explains the columns.

    \b
    Example:
      mtprompt meta-eval mqm.en-de.jsonl --human mqm --from en --to de --metric chrf++ --metric comet:MODEL
      mtprompt meta-eval wmt22.de-en.jsonl --system-scores wmt22.tsv --human da_z --from de --to en
      mtprompt meta-eval preferences.jsonl --scores judge
    """
    from mtprompt.cli.meta_eval_report import (
        agreement_json,
        preferences_json,
        print_agreement,
        print_preferences,
    )
    from mtprompt.report.numbers import counted
    from mtprompt.scoring.meta.agreement import Scores, agreement
    from mtprompt.scoring.meta.people import people_in_file, people_in_table
    from mtprompt.scoring.meta.preferences import preferences
    from mtprompt.scoring.meta.rated import read_rated
    from mtprompt.text.languages import language_pair, primary

    for name in lower_is_better:
        if name not in (*fields, human):
            raise ConfigError(f"--lower-is-better {name}: name it with --scores or --human, too")
    rated = read_rated(path)
    people = None
    if rated.is_preferences and (human or system_scores):
        raise ConfigError(f"{path} holds preferences, which need neither --human nor --system-scores")
    if system_scores is not None:
        languages = language_pair(source_lang, target_lang) if source_lang and target_lang else None
        pair = "-".join(map(primary, languages)) if languages else None
        people = people_in_table(rated, system_scores, human, pair, human in lower_is_better)
    elif not rated.is_preferences:
        people = people_in_file(rated, human, human in lower_is_better, fields)
    systems = people.systems if people else tuple(rated.outputs)
    if not metrics and not fields:
        metrics = ("bleu", "chrf++") if people else ("chrf++",)
    in_file = [
        Scores.of_segments(name, rated.scores(name, systems, name in lower_is_better)) for name in fields
    ]
    computed = _computed(metrics, rated, systems, references, target_lang, source_lang)
    scores = [*computed, *in_file]
    for warning in dict.fromkeys(warning for its in scores for warning in its.warnings):
        click.echo(f"Warning: {warning}", err=True)
    answer: dict[str, Any]
    if people is None:
        preferred = preferences(scores, samples=samples, seed=seed)
        answer = preferences_json(preferred)
    else:
        found = agreement(people.scores, scores, samples=samples, seed=seed)
        answer = agreement_json(people, found)
    if as_json:
        click.echo(json.dumps({"file": path, "segments": rated.segments, **answer}, ensure_ascii=False))
        return
    click.echo(f"{path}: {counted(rated.segments, 'segment')}")
    if people is None:
        print_preferences(preferred)
    else:
        print_agreement(people, found)


def _computed(
    metrics: Sequence[str],
    rated: RatedSet,
    systems: Sequence[str],
    references: Sequence[str],
    target_lang: str | None,
    source_lang: str | None,
) -> Iterator[Scores]:
    from mtprompt.scoring.load import closing, load_scorer
    from mtprompt.scoring.meta.metric_scores import metric_scores

    scorers = [load_scorer(metric, target_lang, source_lang) for metric in metrics]
    for scorer in scorers:
        with closing(scorer):
            yield from metric_scores(scorer, rated, systems, references)
