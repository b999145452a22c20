"""Pools as tab-separated text: source, tab, target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mtprompt.corpus.lines import read_lines
from mtprompt.errors import DataError
from mtprompt.segments import Pair


def read_pairs(path: Path, *, complete: bool = True) -> Iterator[Pair]:
    """Pairs of a ``.tsv`` file; further columns are ignored, blank lines skipped.

    Args:
        path: The file.
        complete: Whether both sides must have text.

    Raises:
        DataError: For a line without a tab or, if complete, with an empty side; names file and line.
    """
    for number, line, _ in read_lines(path):
        if not line.strip():
            continue
        fields = line.split("\t")
        texts = [field.strip() for field in fields[:2]]
        if len(texts) < 2 or (complete and not all(texts)):
            raise DataError(f"{path}:{number}: expected source, tab, target, each with text")
        yield Pair(str(number), *texts)
