"""What a store holds, and taking old answers out of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mtprompt.errors import ConfigError, DataError
from mtprompt.store import FILE, in_words, open_read_only

_COUNT = """
    SELECT count(*) FROM answers
    WHERE (:age IS NULL OR created <= datetime('now', :age)) AND (:model IS NULL OR model = :model)
"""
_DELETE = """
    DELETE FROM answers
    WHERE (:age IS NULL OR created <= datetime('now', :age)) AND (:model IS NULL OR model = :model)
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store holds of one model.

    Attributes:
        model: Engine with its version, compute type, model and revision.
        answers: Their number.
        prompt_tokens: What they cost, tokens in.
        completion_tokens: Tokens out.
        seconds: And seconds of generation.
        first: Date and time of the oldest, UTC.
        last: Of the newest.
    """

    model: str
    answers: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    first: str
    last: str


def kept(folder: Path) -> list[Kept]:
    """What a store holds, by model, the newest first.

    Raises:
        ConfigError: If there is no store in the folder.
        DataError: If its file cannot be read.
    """
    query = (
        "SELECT model, count(*), sum(prompt_tokens), sum(completion_tokens), sum(seconds), min(created), "
        "max(created) FROM answers GROUP BY model ORDER BY max(created) DESC, model"
    )
    with _opened(folder, open_read_only) as connection:
        return [Kept(*row) for row in connection.execute(query)]


def prune(folder: Path, older_than: float | None, model: str | None, *, dry: bool = False) -> int:
    """Takes answers out, and gives their room back to the disk.

    Args:
        folder: The store's.
        older_than: Days; None for any age.
        model: As :func:`kept` names it; None for all.
        dry: Only count.

    Returns:
        How many answers match.

    Raises:
        ConfigError: If there is no store in the folder.
        DataError: If its file cannot be read or, unless ``dry``, written.
    """
    age = None if older_than is None else f"-{older_than:f} days"
    values = {"age": age, "model": model}
    with _opened(folder, open_read_only if dry else _open) as connection:
        (count,) = connection.execute(_COUNT, values).fetchone()
        if not dry and count:
            connection.execute(_DELETE, values)
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(count)


@contextmanager
def _opened(folder: Path, open_file: Callable[[Path], sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
    path = folder / FILE
    if not path.is_file():
        raise ConfigError(f"{folder}: there is no store here")
    try:
        with closing(open_file(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise DataError(f"{path}: {in_words(error)}") from None


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30, isolation_level=None)
