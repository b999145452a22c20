"""References of a test set: one a segment or several, out of one file or several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtprompt.corpus.columns import read_column
from mtprompt.corpus.jsonl import optional_text, read_rows
from mtprompt.corpus.segments import is_jsonl
from mtprompt.errors import DataError


def read_references(paths: Sequence[str]) -> list[tuple[str, ...]]:
    """The references of each segment, those of the first file first.

    A file holds one a line, or is ``.jsonl`` with ``references`` (a list, or an object by translator),
    ``reference`` or ``target``. Of several references of a segment, empty ones do not count.

    Args:
        paths: One or more files of as many segments.

    Raises:
        DataError: If a file cannot be read or used, or the numbers of segments differ.
    """
    columns = [_read(path) for path in paths]
    for path, column in zip(paths, columns, strict=True):
        if len(column) != len(columns[0]):
            raise DataError(
                f"{paths[0]} has {len(columns[0]):,} segments and {path} has {len(column):,}; "
                "each file must hold a reference for every segment"
            )
    return [_that_count([text for its in rows for text in its]) for rows in zip(*columns, strict=True)]


def _read(path: str) -> list[tuple[str, ...]]:
    if is_jsonl(path):
        rows = [(row, f"{path}:{number}") for number, row in read_rows(Path(path))]
        if any("references" in row for row, _ in rows):
            return [_some(row, place) for row, place in rows]
    return [(text,) for text in read_column(path, ("reference", "target"))]


def _some(row: dict[str, Any], place: str) -> tuple[str, ...]:
    if references := row_references(row, place):
        return references
    raise DataError(f"{place}: no text in the field 'references', and no 'reference' or 'target'")


def row_references(row: dict[str, Any], place: str) -> tuple[str, ...]:
    """The references that a row lists in ``references``, else its ``reference`` or ``target``; none without.

    Raises:
        DataError: If one of these fields holds something else; names the place.
    """
    given = row.get("references")
    listed = dict(enumerate(given, start=1)) if isinstance(given, list) else given or {}
    if not isinstance(listed, dict):
        raise DataError(f"{place}: field 'references' must be a list of texts, or an object with texts")
    several = [optional_text(listed, name, f"{place}: references") for name in listed]
    single = [optional_text(row, field, place) for field in ("reference", "target")]
    found, other = ([text for text in texts if text is not None] for texts in (several, single))
    return _that_count(found or other[:1])


def _that_count(texts: Sequence[str]) -> tuple[str, ...]:
    """Of several references empty ones do not count."""
    return tuple(text for text in texts if text.strip()) or tuple(texts[:1])
