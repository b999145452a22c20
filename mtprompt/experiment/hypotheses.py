"""Existing translations of a test set, each with its own segment."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.corpus.columns import read_column
from mtprompt.corpus.jsonl import optional_text, read_rows
from mtprompt.corpus.segments import is_jsonl
from mtprompt.errors import DataError
from mtprompt.experiment.grid import SystemCell
from mtprompt.segments import Segment


def read_hypotheses(cell: SystemCell, segments: Sequence[Segment], limit: int | None) -> list[str]:
    """The translations of a test set's segments, in their order.

    Rows of a ``.jsonl`` file belong to the segments of the same ids, if they have all of these; else the
    order of the file is taken for that of the test set. Where rows have sources, these are the test set's.

    Args:
        cell: Names the file.
        segments: Of its test set.
        limit: The sweep's; with one, the file may have more translations.

    Raises:
        DataError: If the file cannot be read, has another number of translations, or another source.
    """
    path, test = str(cell.path), cell.test.name
    texts = read_column(path, ("translation",))
    if len(texts) < len(segments) or (limit is None and len(texts) != len(segments)):
        raise DataError(
            f"{path}: {len(texts):,} translations, and the test set {test} has {len(segments):,} segments"
        )
    if not is_jsonl(path):
        return texts[: len(segments)]
    rows = list(read_rows(cell.path))
    ids = [optional_text(row, "id", f"{path}:{number}") for number, row in rows]
    at = {name: i for i, name in enumerate(ids)}
    wanted = {segment.id for segment in segments}
    by_id = len(at) == len(rows) and len(wanted) == len(segments) and wanted <= at.keys()
    order = [at[segment.id] for segment in segments] if by_id else range(len(segments))
    for i, segment in zip(order, segments, strict=True):
        number, row = rows[i]
        source = optional_text(row, "source", f"{path}:{number}")
        if source is not None and source.strip() != segment.source.strip():
            raise DataError(
                f"{path}:{number}: its source is not that of segment {segment.id} of the test set {test}; "
                "bring the rows into the order of the test set, or give them its ids"
            )
    return [texts[i] for i in order]
