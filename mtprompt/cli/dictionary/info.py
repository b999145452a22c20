"""``mtprompt dictionary info``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtprompt.cli.dictionary.options import from_option, json_option, to_option
from mtprompt.cli.inputs import open_dictionary
from mtprompt.cli.table import print_table

if TYPE_CHECKING:
    from mtprompt.dictionary.description import Description
    from mtprompt.dictionary.dictionary import Dictionary

_PROBLEMS = 5
_PARTS = 8  # of speech
_TRANSLATIONS = 5  # of a sample term
_WIDTH = 70  # of a cell of samples


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@from_option
@to_option
@json_option
def info(files: tuple[str, ...], source_lang: str, target_lang: str, as_json: bool) -> None:
    """Describe a dictionary; several files are one, as with --dictionary.

    \b
    Example:
      mtprompt dictionary info terms.tsv --from de --to en
    """
    from mtprompt.dictionary.description import describe
    from mtprompt.dictionary.read import format_name

    opened = open_dictionary(files, source_lang, target_lang)
    described = describe(opened)
    formats = {file: format_name(Path(file)) for file in files}
    folder = _compiled(files, opened.languages)
    if not as_json:
        _print(opened, described, formats, folder)
        return
    found = {
        "files": formats,
        "languages": opened.languages,
        "fingerprint": opened.fingerprint,
        **asdict(described),
        "problems": opened.problems,
        "compiled": str(folder) if folder else None,
    }
    click.echo(json.dumps(found, ensure_ascii=False))


def _compiled(files: tuple[str, ...], languages: tuple[str, str]) -> Path | None:
    """Where a dictionary is kept compiled; None for one that is not."""
    from mtprompt.dictionary.compiled import compiled_folder

    paths = [Path(file) for file in files]
    if not all(path.is_file() for path in paths):
        return None  # a pipe can be read only once
    folder = compiled_folder(paths, languages)
    return folder if folder.is_dir() else None


def _print(
    dictionary: Dictionary, described: Description, formats: Mapping[str, str], folder: Path | None
) -> None:
    """Prints what is in a dictionary, what could not be read, and some entries."""
    from mtprompt.text.languages import language_name

    parts = [f"{name}: {count:,}" for name, count in described.parts_of_speech.items()]
    more = [f"and {len(parts) - _PARTS:,} more"] if len(parts) > _PARTS else []
    mean = described.translations / described.terms
    most = f"at most {described.most:,} ({described.most_term})"
    kept = "no"
    if folder:
        kept = f"{sum(path.stat().st_size for path in folder.iterdir()) / 1e6:,.1f} MB in {folder}"
    rows = [
        *(("file", f"{path} ({name})") for path, name in formats.items()),
        ("languages", " → ".join(map(language_name, dictionary.languages))),
        ("terms", f"{described.terms:,}"),
        ("of several words", f"{described.several_words:,}"),
        ("translations", f"{described.translations:,}"),
        ("a term", f"{mean:.1f} on average, {most}"),
        ("with a weight", f"{described.weighted:,}"),
        ("parts of speech", "; ".join([*parts[:_PARTS], *more]) or "none"),
        ("unusable lines", f"{len(dictionary.problems):,}"),
        ("fingerprint", dictionary.fingerprint),
        ("compiled", kept),
    ]
    print_table(["dictionary", "-".join(dictionary.languages)], rows)
    click.echo()
    print_table(
        ["SOME TERMS", "TRANSLATIONS"],
        [(_short(term), _short("; ".join(its[:_TRANSLATIONS]))) for term, its in described.samples],
    )
    if described.marked:
        source_lang, target_lang = dictionary.languages
        click.echo(
            f"\n{described.marked:,} translations have grammar marks such as {{f}}, which would stand in "
            f"prompts. To take them off: mtprompt dictionary merge --clean {shlex.join(formats)} "
            f"--from {source_lang} --to {target_lang} -o clean.tsv"
        )
    if dictionary.problems:
        click.echo(f"\nUnusable lines ({min(_PROBLEMS, len(dictionary.problems))} shown)")
        for problem in dictionary.problems[:_PROBLEMS]:
            click.echo(f"  {problem}")


def _short(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
