"""How long work is watched: who looks passes a bar, who does not passes none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Progress = Callable[[int], object]
Bar = Callable[[str, int], AbstractContextManager[Progress]]
"""Opens a progress bar for a number of segments: :func:`mtprompt.cli.progress.progress`."""
Say = Callable[[str], object]


def no_bar(_what: str, _total: int) -> AbstractContextManager[Progress]:
    """A bar that nobody looks at."""
    return nullcontext(say_nothing)


def say_nothing(_line: object) -> None:
    """Progress or a line that nobody reads."""
