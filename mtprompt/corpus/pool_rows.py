"""Pools as they are, flaws and further fields included, for what reads them to mend them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtprompt.corpus import jsonl
from mtprompt.corpus.corpus import read_pairs
from mtprompt.errors import DataError
from mtprompt.segments import Pair


def read_pool_rows(
    path: Path, source_lang: str, target_lang: str, target_path: Path | None = None
) -> Iterator[tuple[Pair, dict[str, Any]]]:
    """Pairs with the row that each is in ``.jsonl``; a side may be empty.

    A ``.jsonl`` row keeps all its fields; in other formats the id is the line's number (or the
    unit's name), so that a pair can be found again. The formats are those of
    :func:`mtprompt.corpus.corpus.read_pairs`.

    Raises:
        ConfigError: For an ending that is not known.
        DataError: For a file that is missing, empty or malformed; names file and line.
    """
    if target_path is not None or path.suffix.lower() != ".jsonl":
        for pair in read_pairs(path, source_lang, target_lang, target_path, complete=False):
            yield pair, {"id": pair.id, "source": pair.source, "target": pair.target}
        return
    empty = True
    for number, row in jsonl.read_rows(path):
        empty = False
        # null is how an export writes an empty side
        sides = {side: "" for side in ("source", "target") if side in row and row[side] is None}
        yield jsonl.pair_of(row | sides, number, f"{path}:{number}"), row
    if empty:
        raise DataError(f"{path}: no sentence pairs in it")
