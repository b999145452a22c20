"""``mtprompt dictionary merge`` and ``invert``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtprompt.cli.dictionary.options import check_output, from_option, output_option, to_option, write_output

if TYPE_CHECKING:
    from mtprompt.dictionary.entry import Entry

_SHOWN = 5


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="A B...")
@from_option
@to_option
@output_option
@click.option(
    "--clean",
    is_flag=True,
    help="Part synonyms at ';', and take off {f}, [tech.], (notes), sb., and the 'to' of verbs.",
)
def merge(files: tuple[str, ...], source_lang: str, target_lang: str, out: str, clean: bool) -> None:
    """Write several dictionaries as one; of each term, the earlier one's translations come first.

    A weight that would put a translation before an earlier dictionary's is dropped. A single file is
    written anew, which with --clean makes a plain list of one with marks.

    \b
    Example:
      mtprompt dictionary merge own.tsv general.tsv -o all.tsv --from de --to en
    """
    from mtprompt.dictionary.combine import merge as merge_entries

    check_output(out, *files)
    read = [_read(file, source_lang, target_lang) for file in files]
    if clean:
        read = [_cleaned(*its, (source_lang, target_lang)) for its in zip(files, read, strict=True)]
    known: set[tuple[str, str]] = set()
    for file, entries in zip(files, read, strict=True):
        pairs = {(entry.term, entry.translation) for entry in entries}
        click.echo(f"{file}: {len(pairs):,} entries, {len(pairs - known):,} of them new", err=True)
        known |= pairs
    _write(merge_entries(read), out)


@click.command()
@click.argument("file", metavar="IN")
@from_option
@to_option
@output_option
def invert(file: str, source_lang: str, target_lang: str, out: str) -> None:
    """Write a dictionary the other way round; --from and --to are those of IN.

    Weights say how good a translation is for its term, not the reverse: they rank the new translations
    and are not written. Parts of speech and notes, which are the old terms', are not written either.

    \b
    Example:
      mtprompt dictionary invert en-de.tsv -o de-en.tsv --from en --to de
    """
    from mtprompt.dictionary.combine import invert as invert_entries
    from mtprompt.dictionary.combine import merge as merge_entries

    check_output(out, file)
    # merge puts each term's translations in the order of their weights
    _write(invert_entries(merge_entries([_read(file, source_lang, target_lang)])), out)


def _read(file: str, source_lang: str, target_lang: str) -> list[Entry]:
    """A file's entries; what cannot be read is said."""
    from mtprompt.cli.progress import progress
    from mtprompt.dictionary.read import read_entries
    from mtprompt.text.languages import language_pair

    languages = language_pair(source_lang, target_lang)
    problems: list[str] = []
    entries = []
    with progress(f"read {Path(file).name}", None, "entries") as advance:
        for entry in read_entries(Path(file), languages, problems):
            entries.append(entry)
            advance(1)
    for problem in problems[:_SHOWN]:
        click.echo(f"Warning: {problem}", err=True)
    if len(problems) > _SHOWN:
        click.echo(f"Warning: and {len(problems) - _SHOWN:,} more such lines", err=True)
    return entries


def _cleaned(file: str, entries: list[Entry], languages: tuple[str, str]) -> list[Entry]:
    """Entries as if the file had the marks of Ding; what came of them is said."""
    from mtprompt.dictionary.clean import cleaned
    from mtprompt.dictionary.formats.ding import MARKS

    made = [list(cleaned(entry, MARKS, languages)) for entry in entries]
    changed = sum(its != [entry] for entry, its in zip(entries, made, strict=True))
    left_out = sum(not its for its in made)
    click.echo(f"{file}: {changed:,} of {len(entries):,} entries changed, {left_out:,} left out", err=True)
    return [entry for its in made for entry in its]


def _write(entries: Iterable[Entry], out: str) -> None:
    made = list(entries)
    write_output(made, out)
    click.echo(f"{len({entry.term for entry in made}):,} terms, {len(made):,} translations", err=True)
