"""Options that several commands share."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.errors import ConfigError
from mtprompt.registry import did_you_mean

if TYPE_CHECKING:
    from mtprompt.dictionary.dictionary import Dictionary
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


def apply(options: list[Callable[[Command], Command]], command: Command) -> Command:
    """Decorates with all, so that the help lists them in this order."""
    for option in reversed(options):
        command = option(command)
    return command


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


_FILES = (
    "pool", "pool_target", "frequent_words", "dictionary", "auxiliary", "require", "dev", "template",
)  # fmt: skip


def files_in_options(settings: dict[str, Any]) -> list[str]:
    """Files that a run with these options reads, which no output may replace.

    Those inside a strategy and the one of --config are among them.

    Raises:
        ConfigError: If an option names no file.
    """
    from mtprompt.selection.spec import parse, strategies_of

    named = []
    for name in _FILES:
        given = settings.get(name)
        values = given if isinstance(given, tuple) else (given,)
        for value in values:
            path = _auxiliary_path(value)[1] if name == "auxiliary" else value
            if path == "":
                raise ConfigError(f"--{name.replace('_', '-')} names no file (an unset variable?)")
            if path is not None:
                named.append(path)
    select = settings["select"]
    options = [s.options for s in strategies_of(parse(select))] if select else []
    config = click.get_current_context().meta.get(_CONFIG_FILE)
    return [*named, *(str(its["file"]) for its in options if "file" in its), *([config] if config else [])]


def _auxiliary_path(value: str) -> tuple[str, str]:
    code, equals, path = value.partition("=")
    if not equals:
        raise ConfigError(
            f"--auxiliary needs a language code and a file, such as fr=de-fr.tsv, got {value!r}"
        )
    return code, path


def load_retrieval_files(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with pool and dictionaries opened; malformed dictionary lines are said on stderr."""
    files_in_options(settings)  # says which option names none
    source_lang, target_lang = settings["source_lang"], settings["target_lang"]
    pool, pool_target = settings["pool"], settings["pool_target"]
    if pool_target and not pool:
        raise ConfigError("--pool-target needs --pool with the source side")
    auxiliary = dict(map(_auxiliary_path, settings["auxiliary"]))
    return {
        **{name: value for name, value in settings.items() if name != "pool_target"},
        "pool": open_pool(pool, source_lang, target_lang, pool_target) if pool else None,
        "dictionary": _open_if_given(settings["dictionary"], source_lang, target_lang),
        "require": _open_if_given(settings["require"], source_lang, target_lang),
        "auxiliary": {code: _open_if_given((path,), source_lang, code) for code, path in auxiliary.items()},
    }


def _open_if_given(paths: tuple[str, ...], source_lang: str, target_lang: str) -> Dictionary | None:
    """Opens dictionaries as one, and says what in them cannot be used."""
    if not paths:
        return None
    dictionary = open_dictionary(paths, source_lang, target_lang)
    say_problems(dictionary)
    return dictionary


def open_dictionary(paths: tuple[str, ...], source_lang: str, target_lang: str) -> Dictionary:
    """Opens dictionary files as one, with a progress bar where they must be compiled first."""
    from mtprompt.cli.progress import progress
    from mtprompt.dictionary.dictionary import Dictionary

    with progress("compile the dictionary", None, "terms") as advance:
        return Dictionary.load(paths, source_lang, target_lang, advance)


def say_problems(dictionary: Dictionary) -> None:
    """Says which lines of a dictionary were left out."""
    shown = 5
    for problem in dictionary.problems[:shown]:
        click.echo(f"Warning: {problem}", err=True)
    more = len(dictionary.problems) - shown
    if more > 0:
        click.echo(f"Warning: and {more:,} more such lines", err=True)
    if dictionary.problems:
        click.echo(f"Warning: these lines are left out; {len(dictionary):,} terms are used", err=True)


def say_inverted(paths: Sequence[str], dictionary: Dictionary | None, texts: Iterable[str]) -> None:
    """Says so where, by the first texts, a dictionary is the wrong way round, and how to turn it."""
    import shlex

    from mtprompt.dictionary.coverage import looks_inverted

    if dictionary is None or not looks_inverted(dictionary, texts):
        return
    target, source = dictionary.languages
    turned = f"{Path(paths[0]).name.split('.')[0]}.inverted.tsv"
    command = ["mtprompt", "dictionary", "invert", paths[0], "-o", turned, "--from", source, "--to", target]
    click.echo(
        f"Warning: {', '.join(paths)}: few of these words are its terms, but more are translations: it seems "
        f"to be the wrong way round. Turn it with: {shlex.join(command)}",
        err=True,
    )


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


def say_pool_limits(wanted: int, pool: Any) -> None:
    """Says so where a strategy asks for more examples than the pool has."""
    if pool is not None and wanted > len(pool.pairs):
        click.echo(f"Note: {wanted} examples are asked for and the pool has {len(pool.pairs)}", err=True)
