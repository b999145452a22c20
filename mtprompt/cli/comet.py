"""``mtprompt comet``: the environment that COMET runs in."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def comet() -> None:
    """Set up COMET, which runs in an environment of its own."""


@comet.command()
@click.option(
    "--env",
    "environment",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to make it in.  [default: in the user's cache]",
)
@click.option("--python", help="Python 3.11 or 3.12 to make it from.  [default: the one that runs mtprompt]")
def install(environment: Path | None, python: str | None) -> None:
    """Make the environment for COMET scores (about 2 GB; nothing is done if it is there).

    \b
    Example:
      mtprompt comet install
    """
    import sys

    from mtprompt.scoring import comet_env

    def progress(line: str) -> None:
        click.echo(line, err=True)

    made = comet_env.install(environment, python or sys.executable, progress=progress)
    if environment is not None:
        click.echo(f"To use it: export {comet_env.PYTHON_VARIABLE}={made}", err=True)
