"""Generations on disk, keyed by all that decides them: nothing is generated twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from mtprompt.generation.protocol import Decoding
from mtprompt.segments import Generation, Prompt, Usage

FILE = "generations.sqlite"
_SELECT = "SELECT key, text, finish_reason, prompt_tokens, completion_tokens, seconds FROM answers"
_OURS = "SELECT key, model, text, finish_reason, created FROM answers LIMIT 0"
_WAIT_SECONDS = 30.0  # for another process's lock
_MANY = 500  # SQLite binds 999 values at most in old builds


class GenerationKeys:
    """Keys of one model's generations: SHA-256 of canonical JSON of all that decides an answer.

    That is the rendered prompt with the room for the answer, the engine and model, and the decoding;
    the seed and the sample's number count where something is drawn with them.

    Args:
        identity: The backend's.
        decoding: How tokens are chosen.
    """

    def __init__(self, identity: Mapping[str, str], decoding: Decoding) -> None:
        drawn = asdict(decoding)
        if decoding.temperature == 0:
            del drawn["seed"], drawn["sample"]
        # canonical JSON sorts its keys, so what all keys share comes first and is hashed once
        shared = _canonical({"backend": dict(identity), "decoding": drawn})
        self._shared = hashlib.sha256(shared.removesuffix("}").encode("utf-8", "surrogatepass"))

    def key(self, prompt: Prompt) -> str:
        """The key of a prompt's answer."""
        own = f',"max_new_tokens":{prompt.max_new_tokens},"prompt":{_canonical(prompt.text)}}}'
        digest = self._shared.copy()
        digest.update(own.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turns the write-ahead log on.

    Of several processes that open a new file at once, SQLite turns some away without the wait
    that it was given; they try again.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if _kind(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def open_read_only(path: Path) -> sqlite3.Connection:
    """A store's file, to be read alone; its folder need not be writable.

    Raises:
        sqlite3.Error: If it cannot be read, or is none of ours.
    """
    try:
        return _open_as(path, "mode=ro")
    except sqlite3.Error as error:
        if _kind(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
    # SQLite wants to make a log beside it, be it to read, unless told that nothing changes the file
    for log in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")):
        if log.is_file() and log.stat().st_size:
            raise sqlite3.OperationalError(
                f"{log.name} holds what a run that was stopped left, and can be read only where the folder "
                "can be written: open it there once"
            )
    return _open_as(path, "mode=ro&immutable=1")


def _open_as(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{how}", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute(_OURS)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _kind(error: Exception) -> int:
    """SQLite's primary code of an error, 0 for one that is none of its own."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def in_words(error: Exception) -> str:
    """What is wrong with a store's file, in words for a person."""
    if "no such column" in str(error):
        return f"{FILE} is no store of mtprompt's ({error})"
    return str(error)


class Store:
    """A folder with one SQLite file; several processes may share it.

    Of a store that cannot be written (a read-only folder) the answers are used and no new ones kept. One
    that cannot be read either, or that breaks (disk full), is given up. Each is warned of once, and the
    work goes on.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._writable = True
        try:
            self._connect()
        except (OSError, sqlite3.Error) as error:
            self._disconnect()
            self._only_read(error)

    def _connect(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # autocommit: each row is on disk when `put` returns, so a killed run loses none
        self._connection = sqlite3.connect(
            self.folder / FILE, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        _write_ahead(self._connection)
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, model TEXT NOT NULL, "
            "text TEXT NOT NULL, finish_reason TEXT NOT NULL, prompt_tokens INTEGER, "
            "completion_tokens INTEGER, seconds REAL, created TEXT DEFAULT CURRENT_TIMESTAMP) "
            "WITHOUT ROWID"
        )
        self._connection.execute(_OURS)

    def _only_read(self, why: Exception) -> None:
        if _kind(why) == sqlite3.SQLITE_BUSY:  # it was waited for long enough
            self._give_up(why)
            return
        try:
            self._connection = open_read_only(self.folder / FILE)
        except sqlite3.Error as error:
            self._give_up(why if isinstance(why, OSError) else error)
        else:
            self._keep_no_more(why)

    def _keep_no_more(self, why: Exception) -> None:
        self._writable = False
        warnings.warn(
            f"store {self.folder}: {why}; its answers are used, and new ones are not kept", stacklevel=4
        )

    def _give_up(self, error: Exception) -> None:
        """Closes the file for good, with a warning; the lock is held, or nobody else knows the store yet."""
        warnings.warn(f"store {self.folder}: {in_words(error)}; going on without it", stacklevel=3)
        self._disconnect()

    def get(self, keys: Sequence[str]) -> dict[str, Generation]:
        """The generations that are there, by key."""
        found: dict[str, Generation] = {}
        with self._lock:
            for start in range(0, len(keys), _MANY):
                some = keys[start : start + _MANY]
                if self._connection is None:
                    break
                places = ",".join("?" * len(some))
                query = f"{_SELECT} WHERE key IN ({places})"
                try:
                    rows = self._connection.execute(query, some).fetchall()
                except sqlite3.Error as error:
                    self._give_up(error)
                    break
                for key, text, reason, *usage in rows:
                    found[key] = Generation(text, reason, Usage(*usage), cached=True)
        return found

    def put(self, key: str, generation: Generation, model: str) -> None:
        """Writes one generation; a key that is there already stays as it is.

        Args:
            key: Of :class:`GenerationKeys`.
            generation: The answer.
            model: Who gave it, for people who look into the store.
        """
        usage = generation.usage
        with self._lock:
            if self._connection is None or not self._writable:
                return
            try:
                self._connection.execute(
                    "INSERT OR IGNORE INTO answers (key, model, text, finish_reason, prompt_tokens, "
                    "completion_tokens, seconds) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        key,
                        model,
                        generation.text,
                        generation.finish_reason,
                        usage.prompt_tokens,
                        usage.completion_tokens,
                        usage.seconds,
                    ),
                )
            except UnicodeEncodeError:
                return  # half a character, from a caller's text: it is generated anew each time
            except sqlite3.Error as error:
                if _kind(error) == sqlite3.SQLITE_READONLY:
                    self._keep_no_more(error)
                else:
                    self._give_up(error)

    def close(self) -> None:
        """Closes the file, between two reads or writes of other threads: they find and keep nothing then."""
        with self._lock:
            self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
