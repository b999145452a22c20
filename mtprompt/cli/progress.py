"""A progress bar on stderr: live on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def count_lines(path: str, limit: int | None) -> int | None:
    """Lines of a file, None for standard input."""
    if path == "-":
        return limit
    with Path(path).open("rb") as stream:
        lines = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    return min(lines, limit) if limit is not None else lines


def progress(items: Iterable[T], what: str, total: int | None) -> Iterator[T]:
    """Yields the items and shows how far it is; nothing within the first two seconds."""
    from tqdm import tqdm

    live = sys.stderr.isatty()
    yield from tqdm(
        items,
        desc=what,
        total=total,
        unit=" segments",
        delay=2,
        mininterval=0.5 if live else 10,
        ascii=not live,
    )
