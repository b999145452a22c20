"""Dictionary files of any known format, as plain entries."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from mtprompt.corpus.lines import open_binary
from mtprompt.dictionary.clean import Marks, cleaned
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats import csv, dictd, ding, muse, stardict, tbx, tsv
from mtprompt.errors import ConfigError, DataError


class Format(Protocol):
    """A module of :mod:`mtprompt.dictionary.formats`."""

    @property
    def EMPTY(self) -> str:  # noqa: N802
        """What to say of a file without a usable entry."""
        ...

    @property
    def MARKS(self) -> Marks | None:  # noqa: N802
        """What the format's signs mean, None where a field is plain text."""
        ...

    def read(self, path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
        """The entries as the file has them."""
        ...


_FORMATS: dict[str, Format] = {
    ".tsv": tsv,
    ".tab": tsv,
    ".csv": csv,
    ".index": dictd,
    ".dz": dictd,
    ".ifo": stardict,
    ".idx": stardict,
    ".tbx": tbx,
}
_BY_CONTENT = ("", ".txt", ".dict")
_LOOKED_AT = 100


def read_entries(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """The entries of a dictionary file, cleaned where its format has marks, in the file's order.

    The ending tells the format; of ``.txt``, ``.dict`` and no ending the first lines do.

    Args:
        path: The file; of formats with several files, any of them.
        languages: Codes of source and target language.
        problems: Gets ``file:line: reason`` for each line that cannot be used; the rest is read.

    Raises:
        DataError: If a file is missing or unreadable, or none of its lines can be used.
        ConfigError: For an ending that is not known.
    """
    known = _format(path)
    return _entries(known, path, languages, problems)


def files_of(path: Path) -> list[Path]:
    """The files on disk that a path stands for: itself, or all files of a dictd or StarDict dictionary.

    A missing one that is needed is named as it should be.
    """
    if path.is_file():
        known = _format(path)
        if known is dictd:
            return dictd.files(path)
        if known is stardict:
            return stardict.files(path)
    return [path]


def format_name(path: Path) -> str:
    """The name of a file's format, such as ``dictd``.

    Raises:
        DataError: If the file is missing or unreadable.
        ConfigError: For an ending that is not known.
    """
    return str(getattr(_format(path), "__name__", "")).rpartition(".")[2]


def _entries(known: Format, path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    found, before = False, len(problems)
    for entry in known.read(path, languages, problems):
        for plain in cleaned(entry, known.MARKS, languages) if known.MARKS else (entry,):
            found = True
            yield plain
    if not found:
        first = next((one for one in problems[before:] if "not UTF-8" in one), "")
        pipe = "" if path.is_file() else " (a pipe is read as TSV)"
        raise DataError(f"{path}: {known.EMPTY}{pipe}{f'; {first}' if first else ''}")


def _format(path: Path) -> Format:
    if path.exists() and not path.is_file() and not path.is_dir():
        return tsv  # a pipe can be read only once
    with open_binary(path) as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and path.suffix.lower() != ".tbx":
            raise DataError(f"{path}: this is UTF-16; convert it: iconv -f UTF-16 -t UTF-8")
    ending = path.suffix.lower()
    if ending not in _FORMATS and ending not in _BY_CONTENT:
        endings = ", ".join([*_FORMATS, *filter(None, _BY_CONTENT)])
        raise ConfigError(f"{path}: unknown kind of dictionary; a dictionary's ending is one of {endings}")
    if ending in (".dict", ".dz"):  # of dictd or of StarDict
        for known in (dictd, stardict):
            if known.files(path)[0].exists():
                return known
    return _FORMATS.get(ending) or _by_content(path)


def _by_content(path: Path) -> Format:
    with open_binary(path) as stream:
        lines = [raw.decode("utf-8", "replace") for raw in islice(stream, _LOOKED_AT)]
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    if 2 * sum(ding.BETWEEN in line for line in lines) > len(lines):
        return ding
    return tsv if 2 * sum("\t" in line for line in lines) >= len(lines) else muse
