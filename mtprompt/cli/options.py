"""Options that several commands share."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.errors import ConfigError
from mtprompt.registry import did_you_mean

if TYPE_CHECKING:
    from mtprompt.retrieval import Retrieval
    from mtprompt.selection.pool import Pool

Command = Callable[..., Any]
# click's name of an option's type to what TOML must give for it
_TOML_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "boolean": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "integer range": ((int,), "a whole number"),
    "float range": ((int, float), "a number"),
}


_CONFIG_FILE = "mtprompt.config_file"


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
    ctx.default_map = defaults
    ctx.meta[_CONFIG_FILE] = str(path)


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


def _apply(options: list[Callable[[Command], Command]], command: Command) -> Command:
    """Decorates with all, so that the help lists them in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def file_options(command: Command) -> Command:
    """IN, OUT, and how IN is read."""
    return _apply(
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
    return _apply(
        [
            click.argument("pool", metavar="POOL"),
            *_LANGUAGES,
            _POOL_TARGET,
        ],
        command,
    )


def retrieval_options(command: Command) -> Command:
    """Options that decide examples and hints."""
    return _apply(
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
                "--dictionary", multiple=True, metavar="FILE", help="Term, tab, translation. Repeatable."
            ),
            click.option(
                "--hints",
                metavar="STYLE",
                help="none, inline, glossary or entries.  [default: entries with a dictionary]",
            ),
            click.option(
                "--hints-in-examples",
                metavar="WHEN",
                help="always, never or confirmed.  [default: the style's own]",
            ),
        ],
        command,
    )


def load_retrieval_files(
    source_lang: str, target_lang: str, pool: str | None, pool_target: str | None, dictionary: tuple[str, ...]
) -> dict[str, Any]:
    """Reads pool and dictionaries; reports malformed dictionary lines on stderr."""
    from mtprompt.dictionary.dictionary import Dictionary

    for name, value in (
        ("--pool", pool),
        ("--pool-target", pool_target),
        *(("--dictionary", d) for d in dictionary),
    ):
        if value == "":
            raise ConfigError(f"{name} names no file (an unset variable?)")
    if pool_target and not pool:
        raise ConfigError("--pool-target needs --pool with the source side")
    loaded = Dictionary.load(*dictionary) if dictionary else None
    if loaded and loaded.problems:
        shown = 5
        for problem in loaded.problems[:shown]:
            click.echo(f"Warning: {problem}", err=True)
        more = len(loaded.problems) - shown
        if more > 0:
            click.echo(f"Warning: and {more} more such lines", err=True)
        click.echo(f"Warning: these lines are left out; {len(loaded):,} terms are used", err=True)
    return {
        "pool": open_pool(pool, source_lang, target_lang, pool_target) if pool else None,
        "dictionary": loaded,
    }


def open_pool(path: str, source_lang: str, target_lang: str, target_path: str | None) -> Pool:
    """Opens a pool through its index, with a progress bar where the index must be made first."""
    from mtprompt.cli.progress import count_pairs, progress
    from mtprompt.selection.index.bm25_kernel import bm25_top
    from mtprompt.selection.pool import Pool

    kept = bm25_top.stats.cache_path
    if not (kept and any(Path(kept).glob("*.nbi"))):
        click.echo("Note: the search is compiled first, once after an installation (about 10 s)", err=True)
    with progress("index", count_pairs(path), "pairs") as advance:
        return Pool.load(path, source_lang, target_lang, target_path, advance)


def say_matches(retrieval: Retrieval) -> None:
    """Says how many segments stand in the pool, and what became of it."""
    if kept_out := retrieval.kept_out:
        click.echo(
            f"{kept_out:,} segments have equal or near pairs in the pool, which were kept out", err=True
        )
    elif matches := retrieval.exact_matches:
        click.echo(
            f"{matches:,} segments have a 100 % match in the pool (--exact-match exclude keeps them out)",
            err=True,
        )


def files_in_options(select: str | None) -> list[str]:
    """Files that this run reads, and no output may replace, named inside a strategy or by --config."""
    from mtprompt.selection.spec import parse, strategies_of

    options = [s.options for s in strategies_of(parse(select))] if select else []
    config = click.get_current_context().meta.get(_CONFIG_FILE)
    return [str(its["file"]) for its in options if "file" in its] + ([config] if config else [])


def say_pool_limits(wanted: int, pool: Any) -> None:
    """Says so where a strategy asks for more examples than the pool has."""
    if pool is not None and wanted > len(pool.pairs):
        click.echo(f"Note: {wanted} examples are asked for and the pool has {len(pool.pairs)}", err=True)
