"""Where results go: standard output, or a file that is written beside its place and then renamed."""

from __future__ import annotations

import glob
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mtprompt.cache import ended
from mtprompt.errors import ConfigError


def check_writable(out: str, *inputs: str | None) -> None:
    """Finds an impossible output before hours of work.

    Args:
        out: Where results are to go.
        inputs: Every file that the run reads.

    Raises:
        ConfigError: If it is an input, a folder, or in a folder that is missing or read-only.
    """
    if out == "-":
        return
    path = Path(out)
    for name in inputs:
        if name and name != "-" and path.is_file() and Path(name).exists() and path.samefile(name):
            raise ConfigError(f"{out} is read by this run; name another output")
    if path.is_dir():
        raise ConfigError(f"{out} is a folder, not a file")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; make it first: mkdir -p {folder}")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise ConfigError(f"{out}: no permission to write it")


@contextmanager
def open_output(out: str) -> Iterator[BinaryIO]:
    """A stream whose content becomes ``out`` when the block ends well, and vanishes otherwise.

    A file keeps its mode, a link its place; a device or a pipe is written as it is. What a killed process
    left beside the file is removed.

    Raises:
        ConfigError: If the file cannot be written.
    """
    if out == "-":
        if sys.stdout is None:
            raise ConfigError("standard output is closed; name a file with -o")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(out).resolve()
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    for left in path.parent.glob(f".{glob.escape(path.name)}.part-*"):
        with suppress(OSError):  # another user's may stay
            if ended(left.name.rpartition(".part-")[2]) and left.is_file():
                left.unlink()
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                yield stream
            return
        with part.open("wb") as stream:
            if path.exists():
                shutil.copymode(path, part)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
