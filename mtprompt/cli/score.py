"""``mtprompt score``: how good translations are, with signatures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click


@click.command()
@click.option(
    "--hyp", required=True, metavar="FILE", help="Translations: lines, or .jsonl with 'translation'."
)
@click.option(
    "--ref", required=True, metavar="FILE", help="References: lines, or .jsonl with 'reference' or 'target'."
)
@click.option("--src", metavar="FILE", help="Sources: lines, or .jsonl with 'source'. COMET needs them.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    default=("bleu", "chrf++"),
    show_default="bleu, chrf++",
    metavar="METRIC",
    help="bleu, chrf, chrf++, ter or comet:MODEL. Repeatable.",
)
@click.option(
    "--to", "target_lang", metavar="CODE", help="Target language; decides the tokenizer for zh, ja, ko."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with segment scores.")
def score(
    hyp: str, ref: str, src: str | None, metrics: tuple[str, ...], target_lang: str | None, as_json: bool
) -> None:
    """Score translations against references.

    \b
    Example:
      mtprompt score --hyp out.txt --ref ref.txt --to en --metric bleu --metric chrf++
    """
    from mtprompt.corpus.columns import read_column
    from mtprompt.errors import DataError
    from mtprompt.scoring.load import load_scorer

    scorers = [load_scorer(metric, target_lang) for metric in metrics]
    hypotheses = read_column(hyp, ("translation",))
    references = read_column(ref, ("reference", "target"))
    sources = read_column(src, ("source",)) if src else None
    for path, texts in ((ref, references), (src, sources)):
        if texts is not None and len(texts) != len(hypotheses):
            raise DataError(f"{hyp} has {len(hypotheses):,} segments and {path} has {len(texts):,}")
    results = [scorer.score(hypotheses, references, sources) for scorer in scorers]
    flags = _flags(hyp)
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
        click.echo(json.dumps({"count": len(hypotheses), "flags": flags, "scores": rows}, ensure_ascii=False))
        return
    width = max(len(result.name) for result in results)
    for result in results:
        digits = 4 if result.name.startswith("comet") else 2
        click.echo(f"{result.name:<{width}}  {result.system:8.{digits}f}")
    click.echo(f"\n{len(hypotheses):,} segments")
    if flags:
        click.echo("flags: " + ", ".join(f"{name} {count:,}" for name, count in flags.items()))
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
