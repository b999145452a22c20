"""The sentence vectors of a pool, kept in the user's cache.

They are kept in blocks of a few thousand sources, each found by the encoder's identity and by what
its sources say. So an interrupted run goes on where it was, of a pool that grew at its end only the
last block is encoded again, and a block is never stale. A block is written beside its place and
renamed, holds its SHA-256, and is mapped into memory when it is read again.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from mtprompt.cache import built_beside, cache_dir
from mtprompt.sealed import sha256
from mtprompt.selection.encoding.encoder import Encoder
from mtprompt.selection.index.arrays import Doubles, Floats, Int64s
from mtprompt.selection.pool import Pool

# Each block is a file that stays open: with many small ones a large pool would hit a system's limit.
BLOCK = 8192
FORMAT = 1
_logger = logging.getLogger(__name__)


class PoolVectors:
    """One vector of length 1 for each source of a pool; made when asked for. Safe in several threads.

    Args:
        pool: May grow at its end; then only what is new is encoded.
        encoder: What encodes.
    """

    def __init__(self, pool: Pool, encoder: Encoder) -> None:
        self._pool = pool
        self._encoder = encoder
        self._blocks: list[Floats] = []
        self._size = 0
        self._growing = Lock()
        self._keeps = True

    def blocks(self) -> list[Floats]:
        """The vectors of all pairs that are there now, ``BLOCK`` a block, fewer in the last."""
        size = len(self._pool.pairs)
        with self._growing:
            if self._size < size:
                self._grow(size)
            return list(self._blocks)

    def _grow(self, size: int) -> None:
        from tqdm import tqdm

        _logger.info("vectors of %d sources: read, or encoded by %s", size - self._size, self._encoder.name)
        # disable=None: shown to a person at a terminal and to nobody else
        with tqdm(
            desc="encode the pool",
            total=size - self._size,
            unit=" sources",
            delay=1,
            disable=None,
            leave=False,
        ) as bar:
            while self._size < size:
                stop = min(size, (self._size // BLOCK + 1) * BLOCK)
                sources = [self._pool.pairs[i].source for i in range(self._size, stop)]
                if self._size % BLOCK:  # what is added to a begun block stays in memory
                    new = self._encoder.encode(sources, bar.update)
                    self._blocks[-1] = np.concatenate([self._blocks[-1], new])
                else:
                    self._blocks.append(self._block(sources, bar.update))
                self._size = stop

    def _block(self, sources: Sequence[str], on_progress: Callable[[int], object]) -> Floats:
        """Vectors from the cache, or encoded and put there."""
        folder = cache_dir("vectors", self._encoder.identity[:16], _key(sources))
        kept = _read(folder, len(sources))
        if kept is not None:
            on_progress(len(sources))
            return kept
        vectors = self._encoder.encode(sources, on_progress)
        if self._keeps:
            try:
                with built_beside(folder) as building:
                    np.save(building / "vectors.npy", vectors)
                    (building / "sha256").write_text(sha256(building / "vectors.npy"), encoding="ascii")
            except OSError as error:
                self._keeps = False
                warnings.warn(
                    f"the pool's vectors are not kept for the next run ({error.strerror}: {folder.parent})",
                    stacklevel=2,
                )
        kept = _read(folder, len(sources)) if self._keeps else None
        return vectors if kept is None else kept


def cosines(blocks: Sequence[Floats], indices: Int64s, vector: Floats) -> Doubles:
    """The cosines of some rows with a vector, in float64.

    Each is summed by itself: it does not depend, not even in its last bit, on the other rows.

    Args:
        blocks: As :meth:`PoolVectors.blocks` gives them.
        indices: Rows, ascending.
        vector: Of length 1, like the rows.
    """
    found = [np.zeros(0)]
    starts = np.searchsorted(indices, np.arange(len(blocks) + 1) * BLOCK)
    for number, block in enumerate(blocks):
        rows = indices[starts[number] : starts[number + 1]] - number * BLOCK
        found.append((block[rows].astype(np.float64) * vector.astype(np.float64)).sum(axis=1))
    return np.concatenate(found)


def _key(sources: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{FORMAT}".encode())
    for source in sources:
        digest.update(f"\n{len(source)} {source}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _read(folder: Path, size: int) -> Floats | None:
    """A block from the cache; None, and a damaged one is removed, where it is to be made."""
    if not folder.is_dir():
        return None
    try:
        if (folder / "sha256").read_text(encoding="ascii") != sha256(folder / "vectors.npy"):
            raise ValueError("wrong checksum")
        vectors = np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False)
        if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != size:
            raise ValueError(f"{vectors.dtype} of shape {vectors.shape}")
    except (OSError, ValueError, EOFError) as error:
        warnings.warn(f"{folder}: these vectors are damaged ({error}); they are made anew", stacklevel=2)
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return np.asarray(vectors)
