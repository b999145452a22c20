"""``mtprompt index``: makes and describes the index of a pool."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

import click

from mtprompt.cli.options import pool_options
from mtprompt.errors import ConfigError, DataError


@click.group()
def index() -> None:
    """Make or describe the index of a pool.

    Every command makes it by itself when it first meets a pool; `build` does it beforehand.
    """


@index.command()
@pool_options
def build(pool: str, source_lang: str, target_lang: str, pool_target: str | None) -> None:
    """Make the index of POOL, unless it is there.

    \b
    Example:
      mtprompt index build pool.jsonl --from de --to en
    """
    from mtprompt.cli.inputs import open_pool

    folder = _folder(pool, source_lang, target_lang, pool_target)
    started = time.perf_counter()
    opened = open_pool(pool, source_lang, target_lang, pool_target)
    click.echo(f"{len(opened.pairs):,} pairs, ready after {time.perf_counter() - started:.1f} s")
    if not folder.is_dir():
        raise ConfigError(f"{folder}: the index could not be kept there")
    click.echo(f"kept in {folder}")


@index.command()
@pool_options
def info(pool: str, source_lang: str, target_lang: str, pool_target: str | None) -> None:
    """Describe the index of POOL.

    \b
    Example:
      mtprompt index info pool.jsonl --from de --to en
    """
    from mtprompt.cli.table import print_table
    from mtprompt.selection.index.stored import open_index

    folder = _folder(pool, source_lang, target_lang, pool_target)
    files = [pool, "--pool-target", pool_target] if pool_target else [pool]
    command = ["mtprompt", "index", "build", *files, "--from", source_lang, "--to", target_lang]
    remedy = f"make it with: {shlex.join(command)}"
    if not folder.is_dir():
        raise ConfigError(f"{pool} has no index yet, or has changed since; {remedy}")
    started = time.perf_counter()
    try:
        corpus, opened = open_index(folder)
    except DataError as error:
        raise DataError(f"{error}; {remedy}") from None
    seconds = time.perf_counter() - started
    sources = len(set(opened.first_same.tolist()))
    rows = [
        ("pairs", f"{len(opened):,}"),
        ("different sources", f"{sources:,}"),
        ("source tokens", f"{len(opened.tokens):,} ({len(opened.tokens) / len(opened):.1f} a pair)"),
        ("different tokens", f"{len(opened.vocabulary):,} (and their lower-cased forms)"),
        ("languages", "-".join(corpus.languages)),
        ("fingerprint", corpus.fingerprint),
        ("size", f"{_megabytes(folder)} MB"),
        ("opens in", f"{seconds:.2f} s"),
        ("folder", str(folder)),
    ]
    print_table(["index of", pool], rows)


@index.command(name="list")
def list_() -> None:
    """List all indexes that are kept on this machine."""
    from mtprompt.cache import cache_dir
    from mtprompt.cli.table import print_table
    from mtprompt.selection.index.stored import stored_indexes

    found = stored_indexes()
    if not found:
        click.echo(f"no index is kept in {cache_dir('indexes')}")
        return
    rows = [
        (" ".join(about["pool"]), "-".join(about["languages"]), f"{about['pairs']:,}", _megabytes(folder))
        for folder, about in found
    ]
    print_table(["pool", "languages", "pairs", "MB"], rows)
    click.echo(f"kept in {cache_dir('indexes')}; what is deleted there is made again when it is needed")


def _folder(pool: str, source_lang: str, target_lang: str, pool_target: str | None) -> Path:
    from mtprompt.selection.index.stored import PoolFile
    from mtprompt.text.languages import language_pair

    languages = language_pair(source_lang, target_lang)
    file = PoolFile(Path(pool), languages, Path(pool_target) if pool_target else None)
    if file.once:
        raise DataError(f"{pool}: no index is kept of a pipe; save it as a file first")
    return file.folder()


def _megabytes(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in folder.iterdir()) / 1e6:,.1f}"
