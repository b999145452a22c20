"""JSON lines: pools with ``source`` and ``target``, inputs with ``source`` and what else is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtprompt.corpus.lines import read_lines
from mtprompt.errors import DataError
from mtprompt.segments import Pair


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of each line; blank lines are skipped.

    Raises:
        DataError: For a line that is no JSON object; names file and line.
    """
    yield from parse_rows(read_lines(path), str(path))


def parse_rows(lines: Iterator[tuple[int, str, str]], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """:func:`read_rows` of lines that are already read."""
    import jsonlines

    numbers: list[int] = []

    def texts() -> Iterator[str]:
        for number, text, _ in lines:
            numbers.append(number)
            yield text

    reader = jsonlines.Reader(texts())
    while True:
        try:
            row = reader.read(type=dict, skip_empty=True)
        except EOFError:
            return
        except jsonlines.InvalidLineError as error:
            reason = str(error).split(" (line ")[0]
            raise DataError(f"{name}:{numbers[-1]}: not a JSON object on one line: {reason}") from None
        except RecursionError:
            raise DataError(f"{name}:{numbers[-1]}: nested too deeply") from None
        yield numbers[-1], row
        numbers.clear()


def text_field(row: dict[str, Any], field: str, place: str) -> str:
    """A field that must be there and hold text.

    Raises:
        DataError: If it is missing or no string; names the place.
    """
    if field not in row:
        raise DataError(
            f"{place}: field {field!r} is missing; it has {', '.join(map(repr, row)) or 'no fields'}"
        )
    value = row[field]
    if not isinstance(value, str):
        raise DataError(f"{place}: field {field!r} must be a string, not {type(value).__name__}")
    return _whole_characters(value, field, place)


def optional_text(row: dict[str, Any], field: str, place: str) -> str | None:
    """A field that may be missing or null; a number is read as its text.

    Raises:
        DataError: If it holds anything else.
    """
    value = row.get(field)
    if value is None:
        return None
    if isinstance(value, str):
        return _whole_characters(value, field, place)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise DataError(f"{place}: field {field!r} must be a string, not {type(value).__name__}")


def _whole_characters(value: str, field: str, place: str) -> str:
    """JSON can write half a surrogate pair (a cut emoji), which no file or model can take."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"{place}: field {field!r} holds half a character, \\u{ord(value[error.start]):04x}"
        ) from None
    return value


def read_pairs(path: Path, *, complete: bool = True) -> Iterator[Pair]:
    """Pairs of a ``.jsonl`` pool.

    Args:
        path: The file.
        complete: Whether both sides must have text.

    Raises:
        DataError: For a malformed line, or, if ``complete``, an empty ``source`` or ``target``.
    """
    for number, row in read_rows(path):
        place = f"{path}:{number}"
        pair = pair_of(row, number, place)
        if complete and not (pair.source.strip() and pair.target.strip()):
            raise DataError(f"{place}: 'source' and 'target' must not be empty")
        yield pair


def pair_of(row: dict[str, Any], number: int, place: str) -> Pair:
    """The pair that a row holds, whether its sides have text or not; its id is the line's number without one.

    Raises:
        DataError: If a field is missing or of a wrong type; names the place.
    """
    return Pair(
        optional_text(row, "id", place) or str(number),
        text_field(row, "source", place),
        text_field(row, "target", place),
        optional_text(row, "domain", place),
    )
