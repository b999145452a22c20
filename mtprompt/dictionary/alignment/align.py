"""The built-in word aligner: IBM model 1, then a hidden Markov model, trained to agree in both directions.

Sources: Brown, Della Pietra, Della Pietra, Mercer 1993, "The Mathematics of Statistical Machine
Translation" (model 1); Vogel, Ney, Tillmann 1996, "HMM-Based Word Alignment in Statistical
Translation"; Liang, Taskar, Klein 2006, "Alignment by Agreement" (a link counts as much in training as
both directions believe in it, by the product of their posteriors). That the hidden Markov model
counts by the geometric mean of the posteriors instead is our construction: a word that is rendered by two
(``Seitenrand``: page margin) shares its posterior among them, and a product would punish it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mtprompt.dictionary.alignment.align_kernel import MEAN, PRODUCT, Counts, Direction, best_links, expect
from mtprompt.dictionary.alignment.bitext import Bitext
from mtprompt.dictionary.alignment.cells_kernel import Cells, find_entries
from mtprompt.selection.index.arrays import Doubles, Int32s, Int64s

Progress = Callable[[int], object]
WIDEST_JUMP = 12
"""Wider jumps from one linked word to the next share one probability."""
_NULL = 0.1
_RARE_JUMP = 1e-6  # no jump is impossible because none was seen
_CHUNK = 4096  # pairs between two signs of life


class Stage(NamedTuple):
    """Some rounds of training.

    Attributes:
        ordered: By the hidden Markov model instead of IBM model 1.
        agreement: How the directions are joined; see :mod:`~mtprompt.dictionary.alignment.align_kernel`.
        rounds: How many.
    """

    ordered: bool
    agreement: int
    rounds: int


STAGES = (Stage(False, PRODUCT, 4), Stage(True, MEAN, 4))
PASSES = sum(stage.rounds for stage in STAGES) + 1
"""How often :func:`align` goes through the pairs."""


class BestLinks(NamedTuple):
    """What each direction alone links.

    Attributes:
        of_target: For each target word its source word's place in the pair, -1 for none.
        of_source: For each source word its target word's place in the pair, -1 for none.
    """

    of_target: Int32s
    of_source: Int32s


@dataclass(frozen=True)
class Model:
    """Translation probabilities of the words of some pairs.

    Attributes:
        cells: The words, and where they meet.
        sources: Each entry's source type.
        targets: Each entry's target type.
        forward: p(target type | source type), and what goes with it.
        backward: p(source type | target type), and what goes with it.
        null: Probability that a word comes from none of the other side.
        ordered: Whether it is a hidden Markov model.
    """

    cells: Cells
    sources: Int64s
    targets: Int32s
    forward: Direction
    backward: Direction
    null: float
    ordered: bool

    @classmethod
    def train(
        cls,
        bitext: Bitext,
        on_progress: Progress | None = None,
        stages: Sequence[Stage] = STAGES,
        null: float = _NULL,
    ) -> Model:
        """Learns from pairs, by their words' base forms.

        Args:
            bitext: The pairs.
            on_progress: Called with the number of pairs that were gone through since its last call.
            stages: What is done in which order.
            null: Probability that a word comes from none of the other side.
        """
        source, target = bitext.source, bitext.target
        words = source.base[source.words], source.starts, target.base[target.words], target.starts
        types = 1 + int(source.base.max(initial=-1)), 1 + int(target.base.max(initial=-1))
        starts, targets, cell_starts, entries = find_entries(*words, *types)
        model = cls(
            Cells(*words, cell_starts, entries),
            np.repeat(np.arange(types[0]), np.diff(starts)),
            targets,
            _uniform(targets.size, types[1]),
            _uniform(targets.size, types[0]),
            null,
            False,
        )
        for stage in stages:
            for _ in range(stage.rounds):
                model = model._after(stage, on_progress)
        return model

    def _after(self, stage: Stage, on_progress: Progress | None) -> Model:
        """The model after one more round (expectation maximization; Dempster, Laird, Rubin 1977)."""
        forward, backward = (
            Counts(*map(np.zeros_like, direction)) for direction in (self.forward, self.backward)
        )
        for first, last in _chunks(self.cells.starts.size - 1, on_progress):
            expect(
                first, last, self.cells, self.forward, self.backward, self.null,
                stage.ordered, stage.agreement, forward, backward,
            )  # fmt: skip
        return replace(
            self,
            forward=_normalized(forward, self.sources, self.forward.jumps),
            backward=_normalized(backward, self.targets, self.backward.jumps),
            ordered=stage.ordered,
        )

    def best_links(self, on_progress: Progress | None = None) -> BestLinks:
        """Each word's surest link, in either direction."""
        links = BestLinks(
            np.empty(self.cells.target.size, np.int32), np.empty(self.cells.source.size, np.int32)
        )
        for first, last in _chunks(self.cells.starts.size - 1, on_progress):
            best_links(
                first, last, self.cells, self.forward, self.backward, self.null, self.ordered, *links
            )  # fmt: skip
        return links


def align(bitext: Bitext, on_progress: Progress | None = None) -> BestLinks:
    """Aligns the words of all pairs; the same pairs always give the same links.

    Args:
        bitext: The pairs.
        on_progress: Called with the number of pairs that were gone through since its last call; each
            is gone through :data:`PASSES` times.
    """
    return Model.train(bitext, on_progress).best_links(on_progress)


def is_compiled() -> bool:
    """Whether the machine code of the training is there, or made (20 s) at the first call."""
    kept = expect.stats.cache_path
    return bool(kept and any(Path(kept).glob("*both_posteriors*.nbi")))


def _uniform(entries: int, types: int) -> Direction:
    distances = np.abs(np.arange(-WIDEST_JUMP, WIDEST_JUMP + 1) - 1)  # the next word is the likeliest
    each = 1 / max(types, 1)
    return Direction(np.full(entries, each), np.full(types, each), (1.0 + distances) ** -1.5)


def _normalized(counts: Counts, givens: Int32s | Int64s, jumps: Doubles) -> Direction:
    """Probabilities, given each source (or target) type; the earlier jumps where none were counted."""
    totals = np.bincount(givens, counts.translation)
    totals[totals == 0.0] = 1.0
    return Direction(
        counts.translation / totals[givens],
        counts.nothing / (counts.nothing.sum() or 1.0),
        counts.jumps / counts.jumps.sum() + _RARE_JUMP if counts.jumps.any() else jumps,
    )


def _chunks(pairs: int, on_progress: Progress | None) -> Iterator[tuple[int, int]]:
    for first in range(0, pairs, _CHUNK):
        last = min(first + _CHUNK, pairs)
        yield first, last
        if on_progress:
            on_progress(last - first)
