"""Existing translations of a test set, each with its own segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtprompt.corpus.columns import read_column, texts_of
from mtprompt.corpus.jsonl import optional_text, read_rows
from mtprompt.corpus.segments import is_jsonl
from mtprompt.errors import DataError
from mtprompt.experiment.grid import SystemCell
from mtprompt.segments import Segment

_FIELD = ("translation",)


def read_hypotheses(cell: SystemCell, segments: Sequence[Segment], limit: int | None) -> list[str]:
    """The translations of a test set's segments, in their order.

    Rows of a ``.jsonl`` file belong to the segments of the same ids. Where the test set gives no ids, or the
    rows have none or others throughout, the order of the file is taken for that of the test set. Where rows
    have sources, these are the test set's.

    Args:
        cell: Names the file.
        segments: Of its test set.
        limit: The sweep's; with one, the file may have more translations.

    Raises:
        DataError: If the file cannot be read, has another number of translations, another source, or some
            of the ids only.
    """
    path = str(cell.path)
    rows = list(read_rows(cell.path)) if is_jsonl(path) else []
    texts = texts_of(rows, _FIELD, path) if rows else read_column(path, _FIELD)
    if len(texts) < len(segments) or (limit is None and len(texts) != len(segments)):
        raise DataError(
            f"{path}: {len(texts):,} translations, and the test set {cell.test.name} has "
            f"{len(segments):,} segments"
        )
    order = _order(rows, cell, segments) if rows else range(len(segments))
    for i, segment in zip(order, segments, strict=True):
        number, row = rows[i] if rows else (0, {})
        source = optional_text(row, "source", f"{path}:{number}")
        if source is not None and source.strip() != segment.source.strip():
            raise DataError(
                f"{path}:{number}: its source is not that of segment {segment.id} of the test set "
                f"{cell.test.name}; bring the rows into the order of the test set, or give them its ids"
            )
    return [texts[i] for i in order]


def _order(
    rows: Sequence[tuple[int, dict[str, Any]]], cell: SystemCell, segments: Sequence[Segment]
) -> Sequence[int]:
    """Of each segment the row that is its translation."""
    by_line = range(len(segments))
    at = {name: i for i, (_, row) in enumerate(rows) if (name := _id(row)) is not None}
    ids = {segment.id for segment in segments}
    if len(at) < len(rows) or len(ids) < len(segments) or not _gives_ids(cell):
        return by_line
    if missing := [segment.id for segment in segments if segment.id not in at]:
        if ids & at.keys():
            raise DataError(
                f"{cell.path}: no row has the id {missing[0]!r} of the test set {cell.test.name}, though "
                "others have ids of it; give each its id, or none any"
            )
        return by_line
    return [at[segment.id] for segment in segments]


def _gives_ids(cell: SystemCell) -> bool:
    """Whether the test set has ids of its own: else they are the numbers of its lines."""
    path = cell.test.path
    return is_jsonl(str(path)) and all(_id(row) is not None for _, row in read_rows(path))


def _id(row: dict[str, Any]) -> str | None:
    """A row's id; what is neither text nor a whole number is none."""
    name = row.get("id")
    return str(name) if isinstance(name, str | int) and not isinstance(name, bool) else None
