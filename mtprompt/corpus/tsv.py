"""Pools as tab-separated text: source, tab, target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mtprompt.corpus.lines import read_lines
from mtprompt.errors import DataError
from mtprompt.segments import Pair


def read_pairs(path: Path) -> Iterator[Pair]:
    """Pairs of a ``.tsv`` file; further columns are ignored, blank lines skipped.

    Raises:
        DataError: For a line without a tab or with an empty side; names file and line.
    """
    for number, line, _ in read_lines(path):
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) < 2 or not fields[0].strip() or not fields[1].strip():
            raise DataError(f"{path}:{number}: expected source, tab, target, each with text")
        yield Pair(str(number), fields[0].strip(), fields[1].strip())
