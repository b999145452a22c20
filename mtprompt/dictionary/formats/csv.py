"""Dictionaries as comma-separated values, with the same columns as TSV.

The delimiter is the one of tab, ``;`` and ``,`` that gives at least two columns on most of the first
lines; of two that do so equally often, the first named, for a comma stands in texts too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.columns import Columns
from mtprompt.dictionary.formats.tsv import text_lines

EMPTY = "no usable line; expected at least two columns, term and translation"
MARKS = None

_DELIMITERS = "\t;,"
_LOOKED_AT = 100
# A quoted cell may hold line breaks; one that runs on for longer has lost its closing quote.
_LINES_OF_A_ROW = 50


def read(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """Entries as they stand; a line break in a cell becomes a space."""
    lines = list(text_lines(path, problems))
    delimiter = _delimiter([line for _, line in lines[:_LOOKED_AT]])
    columns = Columns(languages, "expected at least two columns, term and translation")
    at = 0
    while at < len(lines):
        place = f"{path}:{lines[at][0]}"
        rows = csv.reader(
            (f"{line}\n" for _, line in lines[at : at + _LINES_OF_A_ROW]),
            delimiter=delimiter,
            strict=True,
        )
        try:
            row = next(rows)
        except csv.Error as error:
            lost = 'a " opens a cell and none closes it' if "end of data" in str(error) else error
            problems.append(f"{place}: {lost}")
            at += 1
            continue
        at += rows.line_num
        if len(row) == 1 and row[0].startswith("#"):
            continue
        entry = columns.read([" ".join(cell.split("\n")) for cell in row], place, problems)
        if entry:
            yield entry


def _delimiter(lines: Sequence[str]) -> str:
    def rows_with_columns(delimiter: str) -> int:
        return sum(delimiter in line for line in lines)

    return max(_DELIMITERS, key=rows_with_columns)
