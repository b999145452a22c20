"""Pools as two parallel text files: line n of one translates line n of the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from mtprompt.corpus.lines import read_lines
from mtprompt.errors import DataError
from mtprompt.segments import Pair


def read_pairs(source_path: Path, target_path: Path, *, complete: bool = True) -> Iterator[Pair]:
    """Pairs of two files; a line that is blank on both sides is skipped.

    Args:
        source_path: One text a line.
        target_path: Their translations.
        complete: Whether both sides must have text.

    Raises:
        DataError: If the numbers of lines differ, or, if complete, one side of a pair is blank.
    """
    count = 0
    for source, target in zip_longest(read_lines(source_path), read_lines(target_path)):
        if source is None or target is None:
            longer = source_path if target is None else target_path
            raise DataError(
                f"{source_path} and {target_path} differ in their number of lines: "
                f"only {longer} goes on after line {count}"
            )
        count += 1
        texts = source[1].strip(), target[1].strip()
        if not any(texts):
            continue
        if complete and not all(texts):
            blank = source_path if not texts[0] else target_path
            raise DataError(f"{blank}:{count}: blank, but its translation is not")
        yield Pair(str(count), *texts)
