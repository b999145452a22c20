"""``mtprompt dictionary``: one file a command, loaded when it is called."""

from __future__ import annotations

import click

from mtprompt.cli.group import LazyGroup

# Module and summary; that stands here so that the help imports no command.
_COMMANDS = {
    "info": ("mtprompt.cli.dictionary.info", "Describe a dictionary."),
    "coverage": ("mtprompt.cli.dictionary.coverage", "Report how many of a text's words it has."),
    "merge": ("mtprompt.cli.dictionary.combine", "Write several dictionaries as one."),
    "invert": ("mtprompt.cli.dictionary.combine", "Write a dictionary the other way round."),
    "install": ("mtprompt.cli.dictionary.install", "Install a published dictionary, or list them."),
    "induce": ("mtprompt.cli.dictionary.induce", "Make a dictionary from a pool."),
}


@click.group(cls=LazyGroup, lazy=_COMMANDS)
def dictionary() -> None:
    """Look into dictionaries, combine and turn them, install published ones, make one from a pool."""
