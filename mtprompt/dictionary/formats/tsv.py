"""Dictionaries as tab-separated text: term, tab, translation, and further columns if there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mtprompt.corpus.lines import decode, open_binary
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.columns import Columns
from mtprompt.errors import DataError

EMPTY = "no usable line; expected term, tab, translation on each"
MARKS = None


def text_lines(path: Path, problems: list[str]) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is UTF-8 and not blank; what is not UTF-8 is reported.

    A carriage return ends a line, too, as in files of old spreadsheets.
    """
    with open_binary(path) as stream:
        lines = (line for raw in stream for line in raw.rstrip(b"\r\n").split(b"\r"))
        for number, raw in enumerate(lines, start=1):
            try:
                line = decode(raw, str(path), number)
            except DataError as error:
                problems.append(str(error))
                continue
            if line.strip():
                yield number, line


def read(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """Entries as they stand; lines that begin with ``#`` and have no tab are comments."""
    columns = Columns(languages, "expected term, tab, translation")
    for number, line in text_lines(path, problems):
        if not (line.startswith("#") and "\t" not in line):
            entry = columns.read(line.split("\t"), f"{path}:{number}", problems)
            if entry:
                yield entry
