"""``mtprompt dictionary induce``: makes a dictionary from a pool."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

import click

from mtprompt.cli.dictionary.options import check_output, from_option, output_option, to_option, write_output
from mtprompt.errors import DataError

if TYPE_CHECKING:
    from mtprompt.dictionary.induce import Aligner, Induced

# As mtprompt.dictionary.induce has them; its import takes a second, which the help should not.
_MIN_COUNT, _MIN_PROBABILITY, _MAX_WORDS = 3, 0.4, 3


@click.command()
@click.option(
    "--pool", required=True, metavar="POOL", help=".jsonl, .tsv, .tmx, or the source side of two text files."
)
@from_option
@to_option
@click.option("--pool-target", metavar="FILE", help="The target side of two text files.")
@output_option
@click.option(
    "--min-count",
    type=click.IntRange(min=1),
    default=_MIN_COUNT,
    show_default=True,
    help="How often an entry occurs in the pool, at least, in any inflection.",
)
@click.option(
    "--min-probability",
    type=click.FloatRange(0, 1),
    default=_MIN_PROBABILITY,
    show_default=True,
    help="Share of the term's occurrences that are so translated, at least.",
)
@click.option(
    "--max-words",
    type=click.IntRange(1, 7),
    default=_MAX_WORDS,
    show_default=True,
    help="Words of a term, and of a translation, at most; characters, in scripts without spaces.",
)
@click.option(
    "--aligner",
    type=click.Choice(["builtin", "eflomal"]),
    default="builtin",
    show_default=True,
    help="What aligns the words; eflomal is an extra, slower, and no two of its runs are the same.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N pairs.")
def induce(
    pool: str,
    source_lang: str,
    target_lang: str,
    pool_target: str | None,
    out: str,
    min_count: int,
    min_probability: float,
    max_words: int,
    aligner: str,
    limit: int | None,
) -> None:
    """Make a dictionary from POOL, by word alignment: what its texts translate how.

    Precision comes before coverage: for more entries, lower --min-probability and --min-count. The
    weight of an entry is the share of the term's occurrences in the pool that are so translated.

    \b
    Example:
      mtprompt dictionary induce --pool pool.jsonl --from de --to en -o terms.tsv
    """
    check_output(out, pool, pool_target)
    started = time.perf_counter()
    induced = _induce(
        pool, source_lang, target_lang, pool_target, min_count, min_probability, max_words, aligner, limit
    )
    if not induced.entries:
        raise DataError(
            f"{pool}: no translation is frequent and sure enough among its {induced.pairs:,} pairs; "
            "lower --min-count or --min-probability, or take a larger pool"
        )
    write_output(induced.entries, out)
    terms = len({entry.term for entry in induced.entries})
    click.echo(
        f"{induced.pairs:,} pairs, {terms:,} terms, {len(induced.entries):,} translations, "
        f"{time.perf_counter() - started:.1f} s",
        err=True,
    )
    if induced.too_long:
        click.echo(f"{induced.too_long:,} pairs of more than 100 words were left out", err=True)


def _induce(
    pool: str,
    source_lang: str,
    target_lang: str,
    pool_target: str | None,
    min_count: int,
    min_probability: float,
    max_words: int,
    aligner: str,
    limit: int | None,
) -> Induced:
    from mtprompt.cli.progress import count_pairs, progress
    from mtprompt.corpus.corpus import read_pairs
    from mtprompt.dictionary.alignment.align import is_compiled
    from mtprompt.dictionary.induce import PASSES
    from mtprompt.dictionary.induce import induce as induce_entries
    from mtprompt.text.languages import language_pair

    languages = language_pair(source_lang, target_lang)
    align = _aligner(aligner)
    if aligner == "builtin" and not is_compiled():
        click.echo("Note: the aligner is compiled first, once after an installation (about 20 s)", err=True)
    lines = count_pairs(pool)
    total = lines if limit is None or lines is None else min(lines, limit)
    with progress("align", total and total * PASSES, "pairs") as advance:
        return induce_entries(
            islice(read_pairs(pool, *languages, pool_target), limit),
            *languages,
            min_count=min_count,
            min_probability=min_probability,
            max_words=max_words,
            aligner=align,
            on_progress=advance,
        )


def _aligner(name: str) -> Aligner:
    if name == "eflomal":
        from mtprompt.dictionary.alignment.eflomal import align_by_eflomal, need_eflomal

        need_eflomal()  # before the pool is read
        return align_by_eflomal
    from mtprompt.dictionary.alignment.align import align

    return align
