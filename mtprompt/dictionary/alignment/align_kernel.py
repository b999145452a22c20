"""The loops of training and linking, compiled; :mod:`mtprompt.dictionary.alignment.align` says what for."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mtprompt.dictionary.alignment.cells_kernel import Cells
from mtprompt.dictionary.alignment.posterior_kernel import ordered_posteriors, unordered_posteriors
from mtprompt.selection.index.arrays import Doubles, Int32s
from mtprompt.selection.index.compiled import compiled

INDEPENDENT, PRODUCT, MEAN = 0, 1, 2
"""What two directions make of a link in training: each its own, their product, their geometric mean."""


class Direction(NamedTuple):
    """A model of one direction, source to target or target to source.

    Attributes:
        translation: Each entry's probability.
        nothing: For each type of the side that is produced its probability to come from nothing.
        jumps: Weight of each distance from one linked word to the next.
    """

    translation: Doubles
    nothing: Doubles
    jumps: Doubles


class Counts(NamedTuple):
    """The same as a :class:`Direction`, before it is normalized."""

    translation: Doubles
    nothing: Doubles
    jumps: Doubles


@compiled
def both_posteriors(
    pair: int,
    cells: Cells,
    forward: Direction,
    backward: Direction,
    null: float,
    ordered: bool,
    forward_jumps: Doubles,
    backward_jumps: Doubles,
) -> tuple[Doubles, Doubles]:
    """A pair's posteriors in both directions: target words × source words, and the other way round.

    Args:
        pair: Which.
        cells: The words of all pairs.
        forward: Source to target.
        backward: Target to source.
        null: Probability of no link.
        ordered: Whether the hidden Markov model is asked.
        forward_jumps: Where that counts its jumps.
        backward_jumps: Where that counts its jumps.
    """
    sources = cells.source[cells.source_starts[pair] : cells.source_starts[pair + 1]]
    targets = cells.target[cells.target_starts[pair] : cells.target_starts[pair + 1]]
    emission = np.empty((targets.size, sources.size))
    reverse = np.empty((sources.size, targets.size))
    cell = cells.starts[pair]
    for i in range(sources.size):
        for j in range(targets.size):
            emission[j, i] = forward.translation[cells.entries[cell]]
            reverse[i, j] = backward.translation[cells.entries[cell]]
            cell += 1
    there, back = np.empty_like(emission), np.empty_like(reverse)
    nothing, reverse_nothing = forward.nothing[targets], backward.nothing[sources]
    if ordered:
        ordered_posteriors(emission, nothing, forward.jumps, null, there, forward_jumps)
        ordered_posteriors(reverse, reverse_nothing, backward.jumps, null, back, backward_jumps)
    else:
        unordered_posteriors(emission, nothing, null, there)
        unordered_posteriors(reverse, reverse_nothing, null, back)
    return there, back


@compiled
def expect(
    first: int,
    last: int,
    cells: Cells,
    forward: Direction,
    backward: Direction,
    null: float,
    ordered: bool,
    agreement: int,
    forward_counts: Counts,
    backward_counts: Counts,
) -> None:
    """Adds up how often the pairs from ``first`` to ``last`` (excluded) are expected to hold each link.

    Args:
        first: The first pair.
        last: The pair after the last.
        cells: See :func:`both_posteriors`, and so for what follows.
        forward: As there.
        backward: As there.
        null: As there.
        ordered: As there.
        agreement: INDEPENDENT, PRODUCT or MEAN.
        forward_counts: The answer.
        backward_counts: The answer.
    """
    for pair in range(first, last):
        there, back = both_posteriors(
            pair, cells, forward, backward, null, ordered, forward_counts.jumps, backward_counts.jumps
        )
        i_start, j_start, cell = cells.source_starts[pair], cells.target_starts[pair], cells.starts[pair]
        for i in range(back.shape[0]):
            for j in range(there.shape[0]):
                entry = cells.entries[cell]
                cell += 1
                if agreement == INDEPENDENT:
                    forward_counts.translation[entry] += there[j, i]
                    backward_counts.translation[entry] += back[i, j]
                else:
                    both = there[j, i] * back[i, j]
                    if agreement == MEAN:
                        both = math.sqrt(both)
                    forward_counts.translation[entry] += both
                    backward_counts.translation[entry] += both
        for j in range(there.shape[0]):
            forward_counts.nothing[cells.target[j_start + j]] += max(0.0, 1.0 - there[j].sum())
        for i in range(back.shape[0]):
            backward_counts.nothing[cells.source[i_start + i]] += max(0.0, 1.0 - back[i].sum())


@compiled
def best_links(
    first: int,
    last: int,
    cells: Cells,
    forward: Direction,
    backward: Direction,
    null: float,
    ordered: bool,
    of_target: Int32s,
    of_source: Int32s,
) -> None:
    """Finds the word that each word comes from most surely.

    Args:
        first: See :func:`expect`, and so for what follows.
        last: As there.
        cells: As there.
        forward: As there.
        backward: As there.
        null: As there.
        ordered: As there.
        of_target: The answer: for each target word its source word's place in the pair, -1 for none.
        of_source: The answer for each source word.
    """
    unused = np.zeros(forward.jumps.size)
    for pair in range(first, last):
        there, back = both_posteriors(pair, cells, forward, backward, null, ordered, unused, unused)
        for j in range(there.shape[0]):
            best = np.argmax(there[j])
            of_target[cells.target_starts[pair] + j] = best if there[j, best] > 0.0 else -1
        for i in range(back.shape[0]):
            best = np.argmax(back[i])
            of_source[cells.source_starts[pair] + i] = best if back[i, best] > 0.0 else -1
