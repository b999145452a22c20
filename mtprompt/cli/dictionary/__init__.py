"""``mtprompt dictionary``: one file a command, loaded when it is called."""

from __future__ import annotations

from importlib import import_module

import click

# Module and summary; that stands here so that the help imports no command.
_COMMANDS = {
    "info": ("mtprompt.cli.dictionary.info", "Describe a dictionary."),
    "coverage": ("mtprompt.cli.dictionary.coverage", "Report how many of a text's words it has."),
    "merge": ("mtprompt.cli.dictionary.combine", "Write several dictionaries as one."),
    "invert": ("mtprompt.cli.dictionary.combine", "Write a dictionary the other way round."),
    "install": ("mtprompt.cli.dictionary.install", "Install a published dictionary, or list them."),
    "induce": ("mtprompt.cli.induce", "Make a dictionary from a pool."),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group(cls=_Commands)
def dictionary() -> None:
    """Look into dictionaries, combine and turn them, install published ones, make one from a pool."""
