"""Files that are there whole or not at all, whatever happens to the process that writes them."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file beside its place and renames it; folders that are missing are made.

    Raises:
        OSError: If it cannot be written; nothing is left of it then.
    """
    part = path.with_name(f".{path.name}.part-{os.getpid()}-{uuid.uuid4().hex}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
