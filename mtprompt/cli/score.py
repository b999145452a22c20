"""``mtprompt score``: how good translations are, with signatures and significance."""

from __future__ import annotations

import json

import click

from mtprompt.cli.options import metric_option
from mtprompt.errors import DataError


@click.command()
@click.option(
    "--hyp",
    "hypotheses",
    required=True,
    multiple=True,
    metavar="FILE",
    help="Translations: lines, or .jsonl with 'translation'. Repeat it to compare systems.",
)
@click.option(
    "--ref",
    "references",
    multiple=True,
    metavar="FILE",
    help="References: lines, or .jsonl with 'reference', 'target' or 'references'. Repeatable.",
)
@click.option(
    "--src",
    metavar="FILE",
    help="Sources: lines, or .jsonl with 'source'; COMET, terms and flags need them.  [default: those in "
    "the rows of --hyp]",
)
@metric_option("bleu, chrf, chrf++, ter, comet:MODEL, terms:FILE, hints or flags")
@click.option("--from", "source_lang", metavar="CODE", help="Source language; terms need it.")
@click.option(
    "--to",
    "target_lang",
    metavar="CODE",
    help="Target language; decides the tokenizer for zh, ja, ko, and how terms and hints are found.",
)
@click.option(
    "--baseline",
    metavar="SYSTEM",
    help="What the others are compared with: one of --hyp, or another file.  [default: the first]",
)
@click.option(
    "--test",
    metavar="TEST",
    help="bootstrap or randomization; docs/scoring.md says how they differ.  [default: randomization]",
)
@click.option(
    "--samples", type=click.IntRange(min=1), default=1000, show_default=True, help="How often is drawn."
)
@click.option("--seed", type=click.IntRange(min=1), default=12345, show_default=True, help="Of the draw.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with segment scores.")
def score(
    hypotheses: tuple[str, ...],
    references: tuple[str, ...],
    src: str | None,
    metrics: tuple[str, ...],
    source_lang: str | None,
    target_lang: str | None,
    baseline: str | None,
    test: str | None,
    samples: int,
    seed: int,
    as_json: bool,
) -> None:
    """Score translations against references, and compare systems.

    \b
    Example:
      mtprompt score --hyp out.txt --ref ref.txt --to en --metric bleu --metric chrf++
      mtprompt score --hyp base.txt --hyp a.txt --hyp b.txt --ref ref1.txt --ref ref2.txt --to en
      mtprompt score --hyp out.jsonl --ref ref.txt --from de --to en --metric terms:terms.tsv --metric flags
    """
    from mtprompt.cli.inputs import say_problems
    from mtprompt.cli.score_inputs import hint_use, read_systems
    from mtprompt.cli.score_tables import Sampling, Scored, as_row, print_scores, scored, try_score
    from mtprompt.scoring.load import closing, load_scorer
    from mtprompt.scoring.significance import TEST, check_test
    from mtprompt.scoring.term_accuracy import TermAccuracy

    sampling = Sampling(check_test(test or TEST), samples, seed)
    scorers = [load_scorer(metric, target_lang, source_lang) for metric in metrics]
    for scorer in scorers:
        if isinstance(scorer, TermAccuracy):
            say_problems(scorer.terms)
    systems = read_systems(hypotheses, baseline, references, src)
    uses = [hint_use(system, target_lang) for system in systems]
    found: list[Scored] = []
    for scorer in scorers:
        with closing(scorer):
            results = [try_score(scorer, system) for system in systems]
        found += scored(results, sampling)
    if not found:
        raise DataError(f"nothing can be scored by {', '.join(metrics)}")
    warnings = (w for its in found for one in its.results if one is not None for w in one.warnings)
    for warning in dict.fromkeys(warnings):
        click.echo(f"Warning: {warning}", err=True)
    if as_json:
        click.echo(json.dumps(as_row(systems, uses, found, sampling), ensure_ascii=False))
    else:
        print_scores(systems, uses, found, sampling)
