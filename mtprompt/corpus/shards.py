"""A file in parts, for several machines, and the parts' translations put together again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path

from mtprompt.corpus.jsonl import read_rows
from mtprompt.corpus.lines import open_binary
from mtprompt.corpus.segments import is_jsonl, read_segments
from mtprompt.errors import ConfigError, DataError


def shard_range(shard: str, path: str, file_format: str = "auto", limit: int | None = None) -> range:
    """Which segments of a file are in a part of it: contiguous, so that the parts in order are the file.

    Args:
        shard: ``2/5`` is the second of five parts.
        path: The file; it is read once to be counted.
        file_format: As in :func:`~mtprompt.corpus.segments.read_segments`.
        limit: Only the first so many segments are shared out; None for all.

    Raises:
        ConfigError: For another form, or an input that can be read but once.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})", shard)
    if match is None or int(match[1]) > int(match[2]):
        raise ConfigError(f"a shard is written I/N, with I from 1 to N, such as 2/5; got {shard!r}")
    if not Path(path).is_file():
        raise ConfigError("a shard needs a file as input, since its segments are counted first")
    part, parts = int(match[1]), int(match[2])
    total = sum(1 for _ in islice(read_segments(path, file_format), limit))
    return range((part - 1) * total // parts, part * total // parts)


def merged(source: str, parts: Sequence[str], file_format: str = "auto") -> Iterator[bytes]:
    """The lines of all parts, in order, checked against the file that was translated.

    JSON rows must have the ids of the file's segments. Plain lines have none: there must be as many, and no
    part twice, but parts of equal length in the wrong order look right.

    Args:
        source: The file that was translated.
        parts: Its translations, first to last.
        file_format: Of ``source``.

    Raises:
        ConfigError: If a part is named twice, or parts are of different formats.
        DataError: At the first row that is not the one expected, or if some are missing at the end.
    """
    for i, part in enumerate(parts):
        if os.path.realpath(part) in map(os.path.realpath, parts[:i]):
            raise ConfigError(f"{part} is there twice; name each part once, first to last")
    jsonl = [is_jsonl(part) for part in parts]
    if any(jsonl) and not all(jsonl):
        raise ConfigError("the parts are of different formats: .jsonl and plain text")
    lines = (line for part in parts for line in (_rows(part) if jsonl[0] else _plain(part)))
    for expected, found in zip_longest(read_segments(source, file_format), lines):
        if found is None:
            raise DataError(
                f"{parts[-1]}: ends before segment {expected[0].id} of {source}; is a part missing?"
            )
        place, its_id, line = found
        if expected is None:
            raise DataError(f"{place}: {source} has no such segment any more; is a part there twice?")
        if its_id is not None and its_id != expected[0].id:
            raise DataError(f"{place}: segment {its_id}, where {expected[0].id} of {source} was expected")
        yield line


def _rows(part: str) -> Iterator[tuple[str, str | None, bytes]]:
    import json

    for number, row in read_rows(Path(part)):
        line = json.dumps(row, ensure_ascii=False) + "\n"
        yield f"{part}:{number}", str(row.get("id")), line.encode("utf-8", "surrogatepass")


def _plain(part: str) -> Iterator[tuple[str, str | None, bytes]]:
    with open_binary(Path(part)) as stream:
        for number, line in enumerate(stream, start=1):
            yield f"{part}:{number}", None, line
