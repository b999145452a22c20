"""An index on disk: a folder in the user's cache, found by what is in the pool's file.

A changed file has another folder, so an index is never stale. It is written beside its place and
renamed, holds the SHA-256 of each of its files, and is mapped into memory when it is opened.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any
from unicodedata import unidata_version

import numpy as np

from mtprompt.cache import built_beside, cache_dir
from mtprompt.corpus.corpus import Corpus, Fingerprint, read_pairs
from mtprompt.corpus.lines import open_binary
from mtprompt.corpus.mapped import MappedPairs, PairWriter
from mtprompt.errors import DataError
from mtprompt.sealed import read_seal, seal, sha256, verify
from mtprompt.segments import Pair
from mtprompt.selection.index.index import Index

# Another one when the files change, or what cuts texts into tokens and compares them.
FORMAT = " ".join(["index 3", unidata_version, *map(version, ("sacrebleu", "regex"))])
Progress = Callable[[int], object]


@dataclass(frozen=True)
class PoolFile:
    """A pool's file (or two) with its languages."""

    path: Path
    languages: tuple[str, str]
    target_path: Path | None = None

    @property
    def paths(self) -> list[Path]:
        """The file, or both."""
        return [path for path in (self.path, self.target_path) if path]

    @property
    def names(self) -> list[str]:
        """Absolute names."""
        return [os.path.abspath(path) for path in self.paths]

    @property
    def once(self) -> bool:
        """Whether it can be read but once, as a pipe can."""
        return any(path.exists() and not path.is_file() and not path.is_dir() for path in self.paths)

    def folder(self) -> Path:
        """Where its index is, or would be.

        Raises:
            DataError: If the file cannot be read.
        """
        key = hashlib.sha256("\t".join([*self.languages, self.path.suffix.lower()]).encode())
        for path in self.paths:
            open_binary(path).close()  # says what is wrong with it
            key.update(sha256(path).encode())
        return cache_dir("indexes", key.hexdigest()[:16])


def open_or_build(pool: PoolFile, on_progress: Progress | None = None) -> tuple[Corpus, Index]:
    """The pool's corpus and index from the cache, made if they are not there.

    Where the cache cannot be written, both are made in memory, with a warning; of a pipe always.

    Raises:
        ConfigError: For an ending that is not known.
        DataError: For a pool that is missing, empty or malformed; names file and line.
    """
    if pool.once:
        return _in_memory(pool)
    folder = pool.folder()
    if folder.is_dir():
        try:
            return open_index(folder)
        except DataError as error:
            warnings.warn(f"{error}; it is built anew", stacklevel=2)
            shutil.rmtree(folder, ignore_errors=True)
    try:
        build_index(pool, folder, on_progress)
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or folder}"
    else:
        try:
            return open_index(folder)
        except DataError as error:  # another process took it away, or a damaged one could not be removed
            reason = str(error)
    warnings.warn(f"the index of {pool.path} is not kept for the next run ({reason})", stacklevel=2)
    return _in_memory(pool)


def _in_memory(pool: PoolFile) -> tuple[Corpus, Index]:
    corpus = Corpus.load(pool.path, *pool.languages, pool.target_path)
    return corpus, Index.build(corpus, pool.languages[0])


def build_index(pool: PoolFile, folder: Path, on_progress: Progress | None = None) -> None:
    """Reads a pool and writes its index; removes the index of the file's earlier content.

    Raises:
        DataError: For a pool that is missing, empty, malformed, or changes while it is read.
        OSError: If the cache cannot be written.
    """
    fingerprint = Fingerprint(pool.languages)
    with built_beside(folder) as building:
        with PairWriter(building) as writer:

            def passing() -> Iterator[Pair]:
                for pair in read_pairs(pool.path, *pool.languages, pool.target_path):
                    writer.write(pair)
                    fingerprint.update(pair)
                    if on_progress:
                        on_progress(1)
                    yield pair

            index = Index.build(passing(), pool.languages[0])
        if pool.folder() != folder:
            raise DataError(f"{pool.path}: it changed while it was read; try again when it is complete")
        for name in Index.ARRAYS:
            np.save(building / f"{name}.npy", getattr(index, name))
        (building / "vocabulary.txt").write_text("\n".join(index.vocabulary), encoding="utf-8", newline="\n")
        about = {
            "pool": pool.names,
            "languages": pool.languages,
            "pairs": len(index),
            "fingerprint": str(fingerprint),
        }
        seal(building, FORMAT, about)
    for other, described in stored_indexes():
        same = described.get("pool") == pool.names and described.get("languages") == list(pool.languages)
        if same and other != folder:
            shutil.rmtree(other, ignore_errors=True)


def stored_indexes() -> list[tuple[Path, dict[str, Any]]]:
    """Every index in the cache with what it says of itself."""
    found = []
    for path in sorted(cache_dir("indexes").glob("[!.]*/")):  # a dot: it is still being built
        try:
            found.append((path, read_seal(path, FORMAT)))
        except DataError:
            continue  # damaged, of another format, or being removed
    return found


def open_index(folder: Path) -> tuple[Corpus, Index]:
    """Opens what :func:`build_index` wrote.

    Raises:
        DataError: If it is damaged or of another format.
    """
    about = verify(folder, FORMAT)
    try:
        words = (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in Index.ARRAYS
        }
        index = Index(
            dict(zip(words, count())) if words != [""] else {},
            **{name: np.asarray(values) for name, values in arrays.items()},
        )
        corpus = Corpus(MappedPairs(folder, about["fingerprint"]), tuple(about["languages"]))
    except (OSError, ValueError) as error:
        raise DataError(f"{folder}: this index is damaged ({error})") from None
    return corpus, index
