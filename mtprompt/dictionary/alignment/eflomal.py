"""Word alignment by eflomal (Östling, Tiedemann 2016), a package of its own under the GPL."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mtprompt.dictionary.alignment.align import PASSES, BestLinks, Progress
from mtprompt.dictionary.alignment.bitext import Bitext
from mtprompt.errors import BackendError, need_packages
from mtprompt.selection.index.arrays import Int32s, Int64s


def need_eflomal() -> None:
    """Raises MissingDependency if eflomal is not installed."""
    need_packages(["eflomal"], "--aligner eflomal", "eflomal")


def align_by_eflomal(bitext: Bitext, on_progress: Progress | None = None) -> BestLinks:
    """Aligns the words of all pairs, by their base forms, with eflomal's own settings.

    It samples from a seed that it takes from the clock: no two runs give quite the same links.

    Args:
        bitext: The pairs; none gives no links.
        on_progress: Called once, at the end, as if the pairs had been gone through as often as by
            :func:`~mtprompt.dictionary.alignment.align.align`; eflomal does not tell how far it is.

    Raises:
        MissingDependency: If eflomal is not installed.
        BackendError: If it fails.
    """
    need_eflomal()
    from eflomal import Aligner

    source, target = bitext.source, bitext.target
    with TemporaryDirectory() as folder:
        forward, backward = Path(folder, "forward"), Path(folder, "backward")
        try:
            Aligner().align(
                _lines(source.base[source.words], source.starts),
                _lines(target.base[target.words], target.starts),
                links_filename_fwd=str(forward),
                links_filename_rev=str(backward),
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise BackendError(f"eflomal failed: {error}") from None
        links = BestLinks(np.full(target.words.size, -1, np.int32), np.full(source.words.size, -1, np.int32))
        for pair, link in _read(forward):
            links.of_target[target.starts[pair] + link[1]] = link[0]
        for pair, link in _read(backward):
            links.of_source[source.starts[pair] + link[0]] = link[1]
    if on_progress:
        on_progress(PASSES * len(bitext))
    return links


def _lines(types: Int32s, starts: Int64s) -> Iterator[str]:
    """The words as numbers: eflomal reads text, and would cut words at every odd space in them."""
    for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        yield " ".join(map(str, types[first:last].tolist()))


def _read(path: Path) -> Iterator[tuple[int, tuple[int, int]]]:
    with path.open(encoding="ascii") as stream:
        for pair, line in enumerate(stream):
            for link in line.split():
                source, target = link.split("-")
                yield pair, (int(source), int(target))
