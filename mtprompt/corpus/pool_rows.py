"""Pools as they are, flaws and further fields included, for what reads them to mend them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtprompt.corpus import jsonl, parallel, tmx, tsv
from mtprompt.errors import ConfigError, DataError
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
    empty = True
    for pair, row in _read(path, source_lang, target_lang, target_path):
        empty = False
        yield pair, row
    if empty:
        raise DataError(f"{path}: no sentence pairs in it")


def _read(
    path: Path, source_lang: str, target_lang: str, target_path: Path | None
) -> Iterator[tuple[Pair, dict[str, Any]]]:
    ending = path.suffix.lower()
    if target_path is None and ending == ".jsonl":
        for number, row in jsonl.read_rows(path):
            # null is how an export writes an empty side
            sides = {side: "" for side in ("source", "target") if side in row and row[side] is None}
            yield jsonl.pair_of(row | sides, number, f"{path}:{number}"), row
        return
    if target_path is not None:
        pairs = parallel.read_pairs(path, target_path, complete=False)
    elif ending == ".tsv":
        pairs = tsv.read_pairs(path, complete=False)
    elif ending == ".tmx":
        pairs = tmx.read_pairs(path, source_lang, target_lang, complete=False)
    else:
        raise ConfigError(
            f"{path}: a pool is .jsonl, .tsv or .tmx, or two parallel text files "
            "(SOURCE --pool-target TARGET)"
        )
    for pair in pairs:
        yield pair, {"id": pair.id, "source": pair.source, "target": pair.target}
