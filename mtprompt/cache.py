"""Where converted models, environments and stores live on this machine, and how they get there whole."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path


def cache_dir(*parts: str) -> Path:
    """A folder of ours in the user's cache (``$XDG_CACHE_HOME`` is obeyed); not created."""
    return user_cache_path("mtprompt").joinpath(*parts)


@contextmanager
def built_beside(target: Path) -> Iterator[Path]:
    """An empty folder to fill, renamed to ``target`` when the block ends without an error.

    A killed build leaves nothing under ``target``; what it left beside is removed by the next
    one there. Of two builds at once, the first to finish wins and the other's work is dropped.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}.building-"
    for left in target.parent.glob(".*.building-*"):
        if ended(left.name.rpartition(".building-")[2].split("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    # not by the process id alone: in containers a new process often has a killed one's id
    folder = target.parent / f"{prefix}{os.getpid()}-{uuid.uuid4().hex}"
    folder.mkdir()
    try:
        yield folder
        try:
            os.replace(folder, target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ended(pid: str) -> bool:
    """Whether a text is the id of a process, and none with it runs on this machine."""
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass
    return False
