"""``mtprompt models``: what can run here, and what an engine gets right."""

from __future__ import annotations

import click

from mtprompt.cli.group import LazyGroup

_COMMANDS = {
    "verify": ("mtprompt.cli.models.verify", "Compare an engine with transformers, at growing lengths."),
}


@click.group(cls=LazyGroup, lazy=_COMMANDS, invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models that can run here, and the engines that run them; or verify one.

    \b
    Example:
      mtprompt models
      mtprompt models verify ct2:gemma-3-270m
    """
    if context.invoked_subcommand is None:
        from mtprompt.cli.models.listing import print_models

        print_models()
