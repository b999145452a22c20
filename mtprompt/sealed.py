"""Cache folders that notice damage: the SHA-256 of each of their files stands in ``seal.json``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mtprompt.errors import DataError

_SEAL = "seal.json"


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def seal(folder: Path, kind: str, about: Mapping[str, Any]) -> None:
    """Writes down what a finished folder is, and the SHA-256 of each of its files.

    Args:
        folder: Complete but for this.
        kind: What it is, and its format (``index 2 …``); another one when the files change.
        about: What else is to be known of it, as JSON takes it.
    """
    files = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    content = {**about, "format": kind, "files": files}
    sealed = content | {"sha256": _digest(content)}
    (folder / _SEAL).write_text(json.dumps(sealed, indent=1), encoding="utf-8")


def read_seal(folder: Path, kind: str) -> dict[str, Any]:
    """What a folder says of itself; its files are not looked at.

    Raises:
        DataError: If that is damaged or of another format.
    """
    try:
        about: dict[str, Any] = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        if about["format"] != kind:
            raise DataError(f"{folder}: {_this(kind)} is of format {about['format']!r}, not {kind}")
        intact = about.pop("sha256") == _digest(about)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{folder}: {_this(kind)} is damaged ({_SEAL}: {error})") from None
    if not intact:
        raise DataError(f"{folder}: {_this(kind)} is damaged ({_SEAL})")
    return about


def verify(folder: Path, kind: str) -> dict[str, Any]:
    """What a folder says of itself, after each of its files was found as it was sealed.

    Raises:
        DataError: If a file is damaged, or the folder of another format.
    """
    about = read_seal(folder, kind)
    try:
        with ThreadPoolExecutor() as threads:
            names = list(about["files"])
            digests = threads.map(lambda name: sha256(folder / name), names)
            damaged = [n for n, digest in zip(names, digests, strict=True) if about["files"][n] != digest]
    except OSError as error:
        raise DataError(f"{folder}: {_this(kind)} is damaged ({error})") from None
    if damaged:
        raise DataError(f"{folder}: {_this(kind)} is damaged ({', '.join(damaged)})")
    return about


def _this(kind: str) -> str:
    name, _, _ = kind.partition(next(filter(str.isdecimal, kind)))
    return f"this {name.strip()}"


def _digest(about: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()
