"""``mtprompt dictionary install``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtprompt.cli.table import print_table

if TYPE_CHECKING:
    from mtprompt.dictionary.catalog import Published
    from mtprompt.dictionary.install import Installed

_UNDERSTOOD = 0.2  # entries a headword; what is read well has one at least


@click.command()
@click.argument("name", required=False)
@click.option(
    "-o",
    "--to-folder",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where to make its folder.  [default: in the user's data]",
)
def install(name: str | None, folder: Path | None) -> None:
    """Install a published dictionary from its Debian package; without NAME, list them.

    NAME is FreeDict's (deu-eng), a pair of languages (de-en) or ding. The package is downloaded
    with apt-get as an ordinary user, converted to TSV, and nothing is installed into the system.

    \b
    Example:
      mtprompt dictionary install deu-eng
    """
    from mtprompt.cli.progress import progress
    from mtprompt.dictionary.catalog import published
    from mtprompt.dictionary.install import default_folder
    from mtprompt.dictionary.install import install as install_published

    if name is None:
        _list(folder or default_folder())
        return
    wanted = published(name)
    with progress(f"install {wanted.name}", None, "entries") as advance:
        installed = install_published(wanted, folder or default_folder(), advance)
    _print(wanted, installed)


def _list(folder: Path) -> None:
    """Lists what can be installed, and what of it is there."""
    from mtprompt.dictionary.catalog import catalog
    from mtprompt.text.languages import language_name

    rows = []
    for it in catalog():
        arrow = "↔" if len(it.directions) > 1 else "→"
        languages = f"{language_name(it.source)} {arrow} {language_name(it.target)}"
        there = "installed" if (folder / it.name).is_dir() else ""
        size = f"{it.kilobytes:>6,} kB"
        rows.append([it.name, f"{it.source}-{it.target}", languages, size, it.licence, there])
    print_table(["NAME", "CODES", "LANGUAGES", "PACKAGE", "LICENCE", ""], rows)
    click.echo(f"{len(rows)} dictionaries; those that are installed are in {folder}")


def _print(wanted: Published, installed: Installed) -> None:
    """Says where a dictionary is, its licence, and how it is used."""
    if not installed.entries:
        click.echo(f"{wanted.name} is there already; to fetch it anew, remove {installed.files[0].parent}")
    for number, path in enumerate(installed.files):
        count = f" ({installed.entries[number]:,} entries)" if installed.entries else ""
        click.echo(f"{path}{count}")
    if installed.entries and min(installed.entries) < _UNDERSTOOD * installed.headwords:
        click.echo(
            f"Warning: that is little for {installed.headwords:,} headwords in {wanted.package}; the way "
            "its articles are written is not understood",
            err=True,
        )
    if installed.problems:
        click.echo(f"{len(installed.problems):,} lines could not be read, such as {installed.problems[0]}")
    click.echo(f"licence: {installed.licence} ({installed.licence_file})")
    for (source, target), path in zip(wanted.directions, installed.files, strict=True):
        option = shlex.join(["--dictionary", str(path)])
        click.echo(f"use it with: mtprompt translate … --from {source} --to {target} {option}")
