"""Dictionaries as tab-separated text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import BinaryIO

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.columns import could_be_header

_BREAK = re.compile(r"[\t\n\r]+")


def write_tsv(entries: Iterable[Entry], stream: BinaryIO) -> None:
    """Writes entries one a line: term, translation, and of weight, pos and note those that any has.

    A header names the columns if there are more than the first two, or if the first entry would be
    read as a header. Read back, the entries are the same; tabs and line breaks in them become spaces,
    space around them and entries without a term or translation are left out.

    Args:
        entries: The entries, in the order to be written.
        stream: A binary stream; UTF-8 is written.
    """
    rows = [tuple(map(_cell, entry)) for entry in entries]
    rows = [row for row in rows if row[0] and row[1]]
    kept = [at for at in range(len(Entry._fields)) if at < 2 or any(row[at] for row in rows)]
    if len(kept) > 2 or (rows and _misread(*rows[0][:2])):
        rows.insert(0, Entry._fields)
    for row in rows:
        stream.write(("\t".join(row[at] for at in kept) + "\n").encode())


def _misread(term: str, translation: str) -> bool:
    """Whether the first row needs a header above it; a byte-order mark would be dropped."""
    return term.startswith("\ufeff") or could_be_header(term, translation)


def _cell(value: str | float | None) -> str:
    return "" if value is None else _BREAK.sub(" ", str(value)).strip()
