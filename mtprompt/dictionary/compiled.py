"""Dictionaries compiled once, in the user's cache, found by what is in their files."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from unicodedata import unidata_version

from mtprompt.cache import built_beside, cache_dir
from mtprompt.corpus.lines import open_binary
from mtprompt.dictionary.database import Progress, write_database
from mtprompt.dictionary.read import files_of, read_entries
from mtprompt.errors import DataError
from mtprompt.sealed import seal, sha256, verify

# Another one when the database changes, or what reads and cleans entries and compares words.
FORMAT = " ".join(["dictionary 4", unidata_version, *map(version, ("simplemma", "nltk", "regex"))])
_DATABASE = "dictionary.sqlite"
Opened = tuple[sqlite3.Connection, tuple[str, str], Sequence[str]]
"""A database, its languages, and what could not be read."""


def open_or_compile(
    paths: Sequence[Path], languages: tuple[str, str], on_progress: Progress | None = None
) -> Opened:
    """Opens the compiled form of dictionary files, made if it is not there.

    A changed file has another folder, so that what is opened is never stale. Where the cache cannot be
    written, the dictionary is made in memory, with a warning; of a pipe always.

    Raises:
        ConfigError: For an ending that is not known.
        DataError: If a file is missing or has no usable entry.
    """
    if any(path.exists() and not path.is_file() and not path.is_dir() for path in paths):
        return _in_memory(paths, languages, on_progress)
    folder = compiled_folder(paths, languages)
    try:
        if folder.is_dir():
            try:
                return _open(folder, languages, paths)
            except DataError as error:
                warnings.warn(f"{error}; it is made anew", stacklevel=2)
                shutil.rmtree(folder, ignore_errors=True)
        with built_beside(folder) as building:
            problems = _compile(building, paths, languages, on_progress)
            about = {"read": [str(path) for path in paths], "languages": languages, "problems": problems}
            seal(building, FORMAT, about)
    except (OSError, sqlite3.OperationalError) as error:
        reason = f"{getattr(error, 'strerror', None) or error}: {folder}"
    else:
        try:
            return _open(folder, languages, paths)
        except DataError as error:  # one that may not be read, nor be removed
            reason = str(error)
    warnings.warn(f"the dictionary is not kept for the next run ({reason})", stacklevel=2)
    return _in_memory(paths, languages, on_progress)


def compiled_folder(paths: Sequence[Path], languages: tuple[str, str]) -> Path:
    """Where dictionary files are, or would be, compiled.

    Raises:
        ConfigError: For an ending that is not known.
        DataError: If a file is missing or unreadable.
    """
    key = hashlib.sha256("\t".join([FORMAT, *languages]).encode())
    for path in paths:
        for part in files_of(path):
            open_binary(part).close()  # says what is wrong with it
            key.update(f"\n{part.suffix.lower()} {sha256(part)}".encode())
    return cache_dir("dictionaries", key.hexdigest()[:16])


def _compile(
    folder: Path, paths: Sequence[Path], languages: tuple[str, str], on_progress: Progress | None
) -> list[str]:
    database = sqlite3.connect(folder / _DATABASE)
    try:
        # the folder gets its name when all is done: nothing needs to survive a crash before
        database.execute("PRAGMA journal_mode=OFF")
        database.execute("PRAGMA synchronous=OFF")
        return _fill(database, paths, languages, on_progress)
    finally:
        database.close()


def _fill(
    database: sqlite3.Connection,
    paths: Sequence[Path],
    languages: tuple[str, str],
    on_progress: Progress | None,
) -> list[str]:
    problems: list[str] = []
    files = (read_entries(path, languages, problems) for path in paths)
    write_database(database, files, languages[0], on_progress)
    return problems


def _open(folder: Path, languages: tuple[str, str], paths: Sequence[Path]) -> Opened:
    about = verify(folder, FORMAT)
    try:
        uri = (folder / _DATABASE).absolute().as_uri() + "?mode=ro&immutable=1"
        database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        database.execute("SELECT fingerprint FROM about").fetchone()
    except sqlite3.Error as error:
        raise DataError(f"{folder}: this dictionary is damaged ({error})") from None
    problems = list(about["problems"])
    for before, path in zip(about["read"], paths, strict=True):  # the same content may have another name
        problems = [
            f"{path}{one.removeprefix(before)}" if one.startswith(f"{before}:") else one for one in problems
        ]
    return database, languages, problems


def _in_memory(paths: Sequence[Path], languages: tuple[str, str], on_progress: Progress | None) -> Opened:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    return database, languages, _fill(database, paths, languages, on_progress)
