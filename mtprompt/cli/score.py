"""``mtprompt score``: how good translations are, with signatures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.options import metric_option

if TYPE_CHECKING:
    from mtprompt.scoring.hint_use import HintUse


@click.command()
@click.option(
    "--hyp", required=True, metavar="FILE", help="Translations: lines, or .jsonl with 'translation'."
)
@click.option(
    "--ref", required=True, metavar="FILE", help="References: lines, or .jsonl with 'reference' or 'target'."
)
@click.option(
    "--src", metavar="FILE", help="Sources: lines, or .jsonl with 'source'. COMET and terms need them."
)
@metric_option("bleu, chrf, chrf++, ter, comet:MODEL or terms:FILE")
@click.option("--from", "source_lang", metavar="CODE", help="Source language; terms need it.")
@click.option(
    "--to",
    "target_lang",
    metavar="CODE",
    help="Target language; decides the tokenizer for zh, ja, ko, and how terms and hints are found.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with segment scores.")
def score(
    hyp: str,
    ref: str,
    src: str | None,
    metrics: tuple[str, ...],
    source_lang: str | None,
    target_lang: str | None,
    as_json: bool,
) -> None:
    """Score translations against references.

    \b
    Example:
      mtprompt score --hyp out.txt --ref ref.txt --to en --metric bleu --metric chrf++
      mtprompt score --hyp out.jsonl --ref ref.txt --src in.txt --from de --to en --metric terms:terms.tsv
    """
    from mtprompt.cli.inputs import say_problems
    from mtprompt.corpus.columns import read_column
    from mtprompt.errors import DataError
    from mtprompt.scoring.load import load_scorer
    from mtprompt.scoring.term_accuracy import TermAccuracy

    scorers = [load_scorer(metric, target_lang, source_lang) for metric in metrics]
    for scorer in scorers:
        if isinstance(scorer, TermAccuracy):
            say_problems(scorer.terms)
    hypotheses = read_column(hyp, ("translation",))
    references = read_column(ref, ("reference", "target"))
    sources = read_column(src, ("source",)) if src else None
    for path, texts in ((ref, references), (src, sources)):
        if texts is not None and len(texts) != len(hypotheses):
            raise DataError(f"{hyp} has {len(hypotheses):,} segments and {path} has {len(texts):,}")
    flags = _flags(hyp)
    hints = _hint_use(hyp, hypotheses, references, target_lang)
    results = [scorer.score(hypotheses, references, sources) for scorer in scorers]
    if as_json:
        rows = [
            {
                "metric": result.name,
                "score": result.system,
                "higher_is_better": result.higher_is_better,
                "segments": result.segments,
                "signature": result.signature,
            }
            for result in results
        ]
        answer: dict[str, Any] = {"count": len(hypotheses), "flags": flags, "scores": rows}
        if hints:
            answer["hints"] = asdict(hints)
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    width = max(len(result.name) for result in results)
    for result in results:
        digits = 4 if result.name.startswith("comet") else 2
        click.echo(f"{result.name:<{width}}  {result.system:8.{digits}f}")
    click.echo(f"\n{len(hypotheses):,} segments")
    if flags:
        click.echo("flags: " + ", ".join(f"{name} {count:,}" for name, count in flags.items()))
    if hints:
        click.echo(str(hints))
    for result in results:
        click.echo(f"signature: {result.signature}")


def _flags(hyp: str) -> dict[str, int]:
    """Counts of the flags that ``translate --jsonl`` wrote."""
    from mtprompt.corpus.jsonl import read_rows
    from mtprompt.corpus.segments import is_jsonl
    from mtprompt.errors import DataError

    names: Counter[str] = Counter()
    for number, row in read_rows(Path(hyp)) if is_jsonl(hyp) else ():
        flags = row.get("flags") or []
        if not isinstance(flags, list) or not all(isinstance(name, str) for name in flags):
            raise DataError(f"{hyp}:{number}: field 'flags' must be a list of strings")
        names.update(flags)
    return dict(names.most_common())


def _hint_use(
    hyp: str, hypotheses: Sequence[str], references: Sequence[str], target_lang: str | None
) -> HintUse | None:
    """What became of the hints that ``translate --jsonl`` wrote; None if it wrote none.

    The rows' own verdicts are not read: they are of the reference that was known then.
    """
    from mtprompt.corpus.jsonl import read_rows
    from mtprompt.corpus.segments import is_jsonl
    from mtprompt.rows import read_hints
    from mtprompt.scoring.hint_use import HintUse, Outcome, count_uses

    rows = (
        [read_hints(row, f"{hyp}:{number}") for number, row in read_rows(Path(hyp))] if is_jsonl(hyp) else []
    )
    if not any(row.given or row.required for row in rows):
        return None
    if not target_lang:
        # without base forms the same rows would give other numbers
        click.echo("Note: give --to CODE to see what became of the hints", err=True)
        return None
    total = HintUse()
    for row, hypothesis, reference in zip(rows, hypotheses, references, strict=True):
        outcome = Outcome(hypothesis, reference, target_lang)
        total += count_uses(outcome, row.given, row.required, found=row.found, tokens=row.tokens)
    return total
