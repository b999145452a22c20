"""A progress bar on stderr: live on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def count_lines(path: str, limit: int | None) -> int | None:
    """Lines of a file; ``limit`` for what can be read but once (pipes) or not at all."""
    if not Path(path).is_file():
        return limit
    try:
        with Path(path).open("rb") as stream:
            lines = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    except OSError:  # whoever reads it says so
        return limit
    return min(lines, limit) if limit is not None else lines


def count_pairs(path: str) -> int | None:
    """Pairs of a pool, a line each; None for a ``.tmx``, whose units span lines."""
    return None if path.lower().endswith(".tmx") else count_lines(path, None)


@contextmanager
def progress(what: str, total: int | None, unit: str = "segments") -> Iterator[Callable[[int], object]]:
    """A bar; gives the function that moves it on by a number of units."""
    from tqdm import tqdm

    live = sys.stderr.isatty()
    with tqdm(
        desc=what, total=total, unit=f" {unit}", delay=1, mininterval=0.5 if live else 10, ascii=not live
    ) as bar:
        yield bar.update
