"""Pairs kept on disk and read when they are asked for."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import overload

import numpy as np

from mtprompt.segments import Pair

_COLUMNS = ("id", "source", "target", "domain")


class PairWriter:
    """Writes pairs into a folder, a column a file: ``source.txt`` with the texts' ends in ``source.npy``.

    A context, at whose end the files are complete, unless it ends with an error. A text is its UTF-8
    with one byte before it, which tells no text (0) from an empty one (1).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = {column: (folder / f"{column}.txt").open("wb") for column in _COLUMNS}
        self._ends = {column: array("q", [0]) for column in _COLUMNS}

    def write(self, pair: Pair) -> None:
        """Appends a pair."""
        for column, value in zip(_COLUMNS, (pair.id, pair.source, pair.target, pair.domain), strict=True):
            data = b"\0" if value is None else b"\1" + value.encode()
            self._files[column].write(data)
            self._ends[column].append(self._ends[column][-1] + len(data))

    def __enter__(self) -> PairWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with ExitStack() as files:  # closes them all, even where a full disk keeps one from it
            for file in self._files.values():
                files.callback(file.close)
        for column in _COLUMNS if kind is None else ():
            np.save(self._folder / f"{column}.npy", np.frombuffer(self._ends[column], np.int64))


class MappedPairs(Sequence[Pair]):
    """What a :class:`PairWriter` wrote, memory-mapped, and pairs added since.

    Args:
        folder: Where it was written.
        fingerprint: The corpus' fingerprint as it was written.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._columns = []
        for column in _COLUMNS:
            ends = np.load(folder / f"{column}.npy", mmap_mode="r", allow_pickle=False)
            with (folder / f"{column}.txt").open("rb") as stream:
                # a memory view gives Python's own integers, which cut faster than NumPy's
                self._columns.append((mmap(stream.fileno(), 0, access=ACCESS_READ), memoryview(ends)))
        self._size = len(ends) - 1
        self._fingerprint = fingerprint
        self._added: list[Pair] = []

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint, None once pairs were added."""
        return None if self._added else self._fingerprint

    def __len__(self) -> int:
        return self._size + len(self._added)

    def __iter__(self) -> Iterator[Pair]:
        return (self[at] for at in range(len(self)))

    @overload
    def __getitem__(self, at: int) -> Pair: ...
    @overload
    def __getitem__(self, at: slice) -> list[Pair]: ...
    def __getitem__(self, at: int | slice) -> Pair | list[Pair]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        size = len(self)
        if not -size <= at < size:
            raise IndexError(f"pair {at} of {size}")
        at %= size
        if at >= self._size:
            return self._added[at - self._size]
        identity, source, target, domain = (data[ends[at] : ends[at + 1]] for data, ends in self._columns)
        return Pair(
            identity[1:].decode(),
            source[1:].decode(),
            target[1:].decode(),
            domain[1:].decode() if domain[0] else None,
        )

    def extend(self, pairs: Iterable[Pair]) -> None:
        """Adds pairs in memory."""
        self._added.extend(pairs)
