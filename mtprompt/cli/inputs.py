"""What commands read: the files that their options name, opened, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.cli.options import CONFIG_FILE
from mtprompt.errors import ConfigError

if TYPE_CHECKING:
    from mtprompt.dictionary.dictionary import Dictionary
    from mtprompt.retrieval import Retrieval
    from mtprompt.selection.pool import Pool

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
    config = click.get_current_context().meta.get(CONFIG_FILE)
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
    from mtprompt.dictionary.policy import check_hints

    files_in_options(settings)  # says which option names none
    check_hints(settings["hints"], settings["hints_in_examples"])  # before anything large is read
    source_lang, target_lang = settings["source_lang"], settings["target_lang"]
    pool, pool_target = settings["pool"], settings["pool_target"]
    if pool_target and not pool:
        raise ConfigError("--pool-target needs --pool with the source side")
    auxiliary: dict[str, str] = {}
    for code, path in map(_auxiliary_path, settings["auxiliary"]):
        if code in auxiliary or code in (source_lang, target_lang):
            raise ConfigError(f"--auxiliary {code}=…: each further language has one dictionary")
        auxiliary[code] = path
    require = _open_if_given(settings["require"], source_lang, target_lang)
    if require:
        _say_unfindable(require)
    return {
        **{name: value for name, value in settings.items() if name != "pool_target"},
        "pool": open_pool(pool, source_lang, target_lang, pool_target) if pool else None,
        "dictionary": _open_if_given(settings["dictionary"], source_lang, target_lang),
        "require": require,
        "auxiliary": {code: _open_if_given((path,), source_lang, code) for code, path in auxiliary.items()},
    }


def _say_unfindable(terminology: Dictionary) -> None:
    """Says which required terms, or translations of them, cannot be looked for."""
    lost = [e.term for e in terminology.entries() if not any(map(str.isalpha, e.term))]
    lost += [e.translation for e in terminology.entries() if not any(map(str.isalnum, e.translation))]
    if lost:
        shown = ", ".join(map(repr, dict.fromkeys(lost[:5])))
        click.echo(
            f"Warning: terms without a letter, and translations without a letter or digit, cannot be looked "
            f"for: {shown}{', …' if len(lost) > 5 else ''}",
            err=True,
        )


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
    """Says which lines of a dictionary cannot be used, or not as they are."""
    shown = 5
    for problem in dictionary.problems[:shown]:
        click.echo(f"Warning: {problem}", err=True)
    more = len(dictionary.problems) - shown
    if more > 0:
        click.echo(f"Warning: and {more:,} more such lines", err=True)
    if dictionary.problems:
        click.echo(f"Warning: what cannot be used is left out; {len(dictionary):,} terms are used", err=True)


def say_all_inverted(settings: dict[str, Any], opened: dict[str, Any], texts: Sequence[str]) -> None:
    """:func:`say_inverted` of the dictionary and of the terms that are required."""
    for name in ("dictionary", "require"):
        say_inverted(settings[name], opened[name], texts)


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


def say_nothing_found(retrieval: Retrieval, segments: int) -> None:
    """Says that what was looked up has nothing to do with the input."""
    from mtprompt.report.numbers import counted

    def say(its: Dictionary, name: str, doubt: str) -> None:
        there = f"{name} ({counted(len(its), 'term')}) stands in the input ({counted(segments, 'segment')})"
        click.echo(f"Warning: nothing of {there}{doubt}", err=True)

    if retrieval.dictionary is not None and retrieval.policy.style != "none":
        say(retrieval.dictionary, "the dictionary", ", frequent words aside: is it the right one?")
    if retrieval.require is not None:
        say(retrieval.require, "the required terms", ": is it the right list?")


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
