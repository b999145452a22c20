"""``mtprompt dictionary coverage``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtprompt.cli.dictionary.options import from_option, json_option, to_option
from mtprompt.cli.inputs import open_dictionary, say_inverted, say_problems
from mtprompt.cli.overlap_report import percent
from mtprompt.cli.table import print_table
from mtprompt.errors import DataError

if TYPE_CHECKING:
    from mtprompt.dictionary.coverage import Band, Coverage


@click.command()
@click.argument("dict_file", metavar="DICT")
@click.argument("file", metavar="FILE")
@from_option
@to_option
@click.option(
    "--format",
    "file_format",
    default="auto",
    metavar="FORMAT",
    help="Of FILE: text or jsonl.  [default: by its ending]",
)
@click.option(
    "--frequent-words",
    metavar="LIST",
    help="Words by frequency; the first 500 are not counted, as they get no hint.",
)
@click.option(
    "--missing",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many words without an entry to show.",
)
@json_option
def coverage(
    dict_file: str,
    file: str,
    source_lang: str,
    target_lang: str,
    file_format: str,
    frequent_words: str | None,
    missing: int,
    as_json: bool,
) -> None:
    """Report how many of FILE's words DICT has, by their frequency.

    FILE is .jsonl with source, or text with a segment a line. Numbers are not counted. In scripts
    without spaces (Chinese, Japanese, Thai, …) each character counts as a word.

    \b
    Example:
      mtprompt dictionary coverage terms.tsv test.jsonl --from de --to en
    """
    from mtprompt.cli.progress import progress
    from mtprompt.corpus.segments import read_segments
    from mtprompt.dictionary.coverage import measure_coverage
    from mtprompt.dictionary.frequency import read_frequent_words

    opened = open_dictionary((dict_file,), source_lang, target_lang)
    say_problems(opened)
    language = opened.languages[0]
    frequent = read_frequent_words(Path(frequent_words), language) if frequent_words else frozenset[str]()
    texts = [segment.source for segment, _ in read_segments(file, file_format)]
    with progress("look up", len(texts)) as advance:
        found = measure_coverage(opened, texts, frequent, advance)
    if not found.total.tokens:
        raise DataError(f"{file}: no words in it to look up")
    if as_json:
        rows = asdict(found) | {"missing": found.missing[:missing]}
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        _print(found, language, missing)
    say_inverted([dict_file], opened, texts)


def _print(found: Coverage, language: str, missing: int) -> None:
    """Prints the shares of words found, by frequency and by how, and the most frequent missing ones."""
    from mtprompt.text.languages import UNSPACED, primary

    total = found.total
    unit = " (each character is one)" if primary(language) in UNSPACED else ""
    click.echo(f"{found.texts:,} segments, {total.tokens:,} words{unit}, {total.types:,} different ones\n")
    print_table(
        ["WORDS BY FREQUENCY", "DIFFERENT", "FOUND", "IN THE TEXT", "FOUND"],
        [_band_row(band) for band in (*found.bands, total)],
    )
    click.echo()
    rows = [[how, f"{count:>9,}", percent(count, total.tokens)] for how, count in _in_order(found.how)]
    longer = found.in_longer_terms
    rows.append(["in a term of several words", f"{longer:>9,}", percent(longer, total.tokens)])
    print_table(["WORDS IN THE TEXT", "HOW MANY", "SHARE"], rows)
    if missing and found.missing:
        shown = ", ".join(f"{word} {count:,}" for word, count in found.missing[:missing])
        click.echo(f"\nMost frequent without an entry: {shown}")


def _band_row(band: Band) -> list[str]:
    return [
        band.name,
        f"{band.types:>9,}",
        percent(band.types_found, band.types),
        f"{band.tokens:>11,}",
        percent(band.tokens_found, band.tokens),
    ]


def _in_order(how: Mapping[str, int]) -> list[tuple[str, int]]:
    """The surest way first, missing words last."""
    from mtprompt.dictionary.coverage import MISSING
    from mtprompt.dictionary.forms import EXACT, LEMMA, STEM

    order = [EXACT, LEMMA, STEM, *sorted(how.keys() - {EXACT, LEMMA, STEM, MISSING}), MISSING]
    return [(name, how[name]) for name in order if name in how]
