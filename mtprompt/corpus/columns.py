"""One text a segment out of a file: hypotheses, references or sources to score."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mtprompt.corpus.jsonl import read_rows, text_field
from mtprompt.corpus.lines import read_lines
from mtprompt.corpus.segments import is_jsonl
from mtprompt.errors import DataError


def read_column(path: str, fields: tuple[str, ...]) -> list[str]:
    """The lines of a text file, or the first field of ``fields`` that a ``.jsonl`` row has.

    Raises:
        DataError: If the file cannot be read, is empty, or a row has none of the fields.
    """
    if is_jsonl(path):
        return texts_of(read_rows(Path(path)), fields, path)
    texts = [text for _, text, _ in read_lines(Path(path))]
    if texts and _is_row(texts[0], fields):
        raise DataError(f"{path}: its lines are JSON rows; give it a name that ends in .jsonl")
    return _not_empty(texts, path)


def texts_of(rows: Iterable[tuple[int, dict[str, Any]]], fields: tuple[str, ...], path: str) -> list[str]:
    """:func:`read_column` of a file's rows, with their line numbers, that are already read."""
    texts = []
    for number, row in rows:
        field = next((name for name in fields if row.get(name) is not None), fields[0])
        texts.append(text_field(row, field, f"{path}:{number}"))
    return _not_empty(texts, path)


def _not_empty(texts: list[str], path: str) -> list[str]:
    if not texts:
        raise DataError(f"{path}: the file is empty")
    return texts


def _is_row(line: str, fields: tuple[str, ...]) -> bool:
    try:
        row = json.loads(line)
    except ValueError:
        return False
    return isinstance(row, dict) and any(field in row for field in fields)
