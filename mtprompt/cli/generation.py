"""Options of commands that ask a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.options import Command, apply
from mtprompt.errors import ConfigError

if TYPE_CHECKING:
    from mtprompt.translator import Translator


def generation_options(command: Command) -> Command:
    """Options that decide the model, its prompt and what is kept of its answers."""
    return apply(
        [
            click.option(
                "--model",
                required=True,
                metavar="MODEL",
                help="gemma-3-270m, a folder, a hub id, or ENGINE:MODEL.",
            ),
            click.option(
                "--dev",
                metavar="FILE",
                help="Source and reference to try things on, for task and --hints auto: .jsonl, .tsv, .tmx.  "
                "[default: pairs held out of the pool]",
            ),
            click.option("--template", metavar="FILE", help="A Jinja file with your own prompt."),
            click.option(
                "--prompt-form", default="auto", show_default=True, metavar="FORM", help="auto, base or chat."
            ),
            click.option(
                "--max-new-tokens",
                type=click.IntRange(min=1),
                help="Room for an answer.  [default: by the source's length]",
            ),
            click.option(
                "--temperature",
                type=click.FloatRange(min=0),
                default=0.0,
                show_default=True,
                help="0 is greedy.",
            ),
            click.option("--seed", type=int, default=1, show_default=True, help="For sampling."),
            click.option(
                "--retry-flagged",
                is_flag=True,
                help="Try translations with flags once more, with fewer examples; keep the better.",
            ),
            click.option(
                "--batch-size",
                type=click.IntRange(min=1),
                help="Prompts generated together at most.  [default: 32, on a GPU 256]",
            ),
            click.option(
                "--device", default="auto", show_default=True, metavar="DEVICE", help="auto, cpu or cuda."
            ),
            click.option(
                "--store",
                metavar="DIR",
                help="Finished generations.  [default: .mtprompt beside OUT, else in the user's cache]",
            ),
            click.option("--no-store", is_flag=True, help="Keep no generations on disk and use none of it."),
        ],
        command,
    )


def open_translator(settings: dict[str, Any], out: str) -> Translator:
    """The translator of a run.

    Args:
        settings: Of :func:`generation_options` and, with their files opened, of
            :func:`~mtprompt.cli.options.retrieval_options`.
        out: Beside which the store is by default; for standard output it is in the user's cache.
    """
    from mtprompt.cache import cache_dir
    from mtprompt.translator import Translator

    store, no_store = settings["store"], settings["no_store"]
    if store and no_store:
        raise ConfigError("--store and --no-store exclude each other")
    folder = Path(store) if store else Path(out).parent / ".mtprompt" if out != "-" else cache_dir("store")
    others = {name: value for name, value in settings.items() if name not in ("store", "no_store")}
    return Translator(**others, store=None if no_store else folder)
