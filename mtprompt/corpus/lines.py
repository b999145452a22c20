"""Text files as lines: UTF-8, split on ``\\n`` alone, line endings kept, errors with their place."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mtprompt.errors import DataError


def open_binary(path: Path) -> BinaryIO:
    """Opens a file for reading.

    Raises:
        DataError: If it is missing, a folder or not readable.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder, not a file") from None
    except PermissionError:
        raise DataError(f"{path}: no permission to read it") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def decode(raw: bytes, name: str, number: int) -> str:
    """One line as text; a byte-order mark at the start of the file is dropped.

    Raises:
        DataError: If it is not UTF-8; names file, line and byte.
    """
    if number == 1:
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}:{number}: not UTF-8 (byte 0x{raw[error.start]:02x} at position {error.start + 1}). "
            "Convert the file, for instance with: iconv -f LATIN1 -t UTF-8"
        ) from None


def split_ending(line: str) -> tuple[str, str]:
    """Text and line ending (``\\n``, ``\\r\\n`` or nothing at the end of the file)."""
    for ending in ("\r\n", "\n"):
        if line.endswith(ending):
            return line[: -len(ending)], ending
    return line, ""


def read_stream(stream: BinaryIO, name: str) -> Iterator[tuple[int, str, str]]:
    """Line number, text and line ending of each line; only ``\\n`` ends a line."""
    for number, raw in enumerate(stream, start=1):
        text, ending = split_ending(decode(raw, name, number))
        yield number, text, ending


def read_lines(path: Path) -> Iterator[tuple[int, str, str]]:
    """:func:`read_stream` of a file.

    Raises:
        DataError: If it cannot be opened or is not UTF-8.
    """
    with open_binary(path) as stream:
        yield from read_stream(stream, str(path))
