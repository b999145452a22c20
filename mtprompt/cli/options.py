"""Options that several commands share."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mtprompt.errors import ConfigError
from mtprompt.registry import did_you_mean

Command = Callable[..., Any]
# click's name of an option's type to what TOML must give for it
_TOML_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "boolean": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "integer range": ((int,), "a whole number"),
    "float range": ((int, float), "a number"),
}


CONFIG_FILE = "mtprompt.config_file"


def _read_config(ctx: click.Context, _param: click.Parameter, path: Path | None) -> None:
    """Takes defaults from a TOML file; the command line wins."""
    if path is None:
        return
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    by_option = {
        option.removeprefix("--"): parameter
        for parameter in ctx.command.params
        for option in parameter.opts
        if option.startswith("--") and option not in ("--config", "--help")
    }
    defaults: dict[str, Any] = {}
    for key, value in values.items():
        if key not in by_option:
            raise ConfigError(f"{path}: {did_you_mean('option', key, list(by_option))}")
        parameter = by_option[key]
        defaults[parameter.name or key] = _config_value(parameter, value, f"{path}: {key}")
    ctx.default_map = {**(ctx.default_map or {}), **defaults}
    ctx.meta[CONFIG_FILE] = str(path)


def _config_value(parameter: click.Parameter, value: object, place: str) -> object:
    """A value of the file, if it is of the option's own type."""
    if getattr(parameter, "multiple", False):
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise ConfigError(f"{place}: expected a string or a list of strings, got {value!r}")
        return values
    right, wanted = _TOML_TYPES.get(parameter.type.name, ((str,), "a string"))
    if type(value) not in right:
        raise ConfigError(f"{place}: expected {wanted}, got {value!r}")
    return value


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_read_config,
    help='TOML file with defaults for these options, such as: to = "en".',
)


def apply(options: list[Callable[[Command], Command]], command: Command) -> Command:
    """Decorates with all, so that the help lists them in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def metric_option(known: str) -> Callable[[Command], Command]:
    """How translations are scored.

    Args:
        known: The metrics that will do, for the help.
    """
    return click.option(
        "--metric",
        "metrics",
        multiple=True,
        default=("bleu", "chrf++"),
        show_default="bleu, chrf++",
        metavar="METRIC",
        help=f"{known}. Repeatable.",
    )


def file_options(command: Command) -> Command:
    """IN, OUT, and how IN is read."""
    return apply(
        [
            click.argument("source", metavar="IN"),
            click.option(
                "-o",
                "--output",
                "out",
                default="-",
                metavar="OUT",
                help="Where to.  [default: standard output]",
            ),
            click.option(
                "--format",
                "file_format",
                default="auto",
                metavar="FORMAT",
                help="Of IN: text or jsonl.  [default: by its ending]",
            ),
            click.option("--limit", type=click.IntRange(min=1), help="Only the first N segments."),
        ],
        command,
    )


_LANGUAGES = [
    click.option("--from", "source_lang", required=True, metavar="CODE", help="Source language: de."),
    click.option("--to", "target_lang", required=True, metavar="CODE", help="Target language: en."),
]
_POOL_TARGET = click.option("--pool-target", metavar="FILE", help="The target side of two text files.")


def pool_options(command: Command) -> Command:
    """POOL, and what it takes to read it."""
    return apply(
        [
            click.argument("pool", metavar="POOL"),
            *_LANGUAGES,
            _POOL_TARGET,
        ],
        command,
    )


def retrieval_options(command: Command) -> Command:
    """Options that decide examples and hints."""
    return apply(
        [
            *_LANGUAGES,
            click.option(
                "--pool",
                metavar="FILE",
                help="Pairs to take examples from: .jsonl, .tsv, .tmx, or the source side of two text files.",
            ),
            _POOL_TARGET,
            click.option(
                "--select",
                metavar="STRATEGY",
                help="How examples are chosen: rbm25@4, fuzzy@4, random@4, zero, a+b, a|b, …; "
                "docs/selection.md has them all.  "
                "[default: rbm25@4 with a pool, else zero]",
            ),
            click.option(
                "--order",
                default="best_last",
                show_default=True,
                metavar="ORDER",
                help="best_last, best_first, as_is (order of selection) or random(seed=1).",
            ),
            click.option(
                "--exact-match",
                default="example",
                show_default=True,
                metavar="HOW",
                help="A pool pair with the very same source is an example, is taken over (copy), or is "
                "kept out (exclude; for experiments).",
            ),
            click.option(
                "--near-match",
                type=click.FloatRange(0.5, 1),
                metavar="SHARE",
                help="With --exact-match exclude: keep out pairs at least this similar, too, such as 0.95.",
            ),
            click.option(
                "--dictionary",
                multiple=True,
                metavar="FILE",
                help="Terms and translations: .tsv, .csv, .tbx, Ding, dictd, StarDict, MUSE. Repeatable; the "
                "first one's translations come first.",
            ),
            click.option(
                "--hints",
                metavar="POLICY",
                help="none, inline, glossary, entries or chain, with options: inline(max_translations=1); "
                "auto finds out on dev sentences what helps.  [default: entries with a dictionary]",
            ),
            click.option(
                "--hints-in-examples",
                metavar="WHEN",
                help="always, never or confirmed.  [default: the style's own]",
            ),
            click.option(
                "--frequent-words",
                metavar="FILE",
                help="Words by frequency; the first 500 get no hint.  [default: the pool's]",
            ),
            click.option(
                "--auxiliary",
                multiple=True,
                metavar="CODE=FILE",
                help="For chain: a dictionary from the source language into another. Repeatable.",
            ),
            click.option(
                "--require",
                multiple=True,
                metavar="FILE",
                help="Terms that must be translated as it says; a miss is tried again, then flagged. "
                "Repeatable.",
            ),
        ],
        command,
    )
