"""Inputs as segments: one a line, or JSON lines with ``source`` and what else is known."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mtprompt.corpus.jsonl import optional_text, parse_rows, text_field
from mtprompt.corpus.lines import open_binary, read_stream
from mtprompt.errors import ConfigError
from mtprompt.segments import Segment

FORMATS = ("auto", "text", "jsonl")


def is_jsonl(path: str, file_format: str = "auto") -> bool:
    """Whether a file is read or written as JSON lines: by ``file_format``, else by its ending."""
    if file_format not in FORMATS:
        raise ConfigError(f"unknown format {file_format!r}. Known: {', '.join(FORMATS)}")
    return file_format == "jsonl" or (file_format == "auto" and path.lower().endswith(".jsonl"))


def read_segments(path: str, file_format: str = "auto") -> Iterator[tuple[Segment, str]]:
    """Segments of a file (``-`` is standard input) with the line ending of each.

    A plain text's segments are its lines, with their number as id. A ``.jsonl`` row gives
    ``source`` and, where there, ``id``, ``reference`` (or ``target``), ``domain`` and ``doc``.

    Raises:
        DataError: For a file that cannot be read or a malformed line; names file and line.
    """
    if path == "-":
        yield from _read(sys.stdin.buffer, "standard input", is_jsonl(path, file_format))
    else:
        with open_binary(Path(path)) as stream:
            yield from _read(stream, path, is_jsonl(path, file_format))


def _read(stream: BinaryIO, name: str, jsonl: bool) -> Iterator[tuple[Segment, str]]:
    lines = read_stream(stream, name)
    if not jsonl:
        for number, text, ending in lines:
            yield Segment(str(number), text), ending
        return
    for number, row in parse_rows(lines, name):
        place = f"{name}:{number}"
        reference = optional_text(row, "reference", place)
        yield (
            Segment(
                id=optional_text(row, "id", place) or str(number),
                source=text_field(row, "source", place),
                reference=optional_text(row, "target", place) if reference is None else reference,
                domain=optional_text(row, "domain", place),
                doc=optional_text(row, "doc", place),
            ),
            "\n",
        )
