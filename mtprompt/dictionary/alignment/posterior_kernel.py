"""How surely the words of a text come from those of its translation, compiled."""

from __future__ import annotations

import numpy as np

from mtprompt.selection.index.arrays import Doubles
from mtprompt.selection.index.compiled import compiled


@compiled
def unordered_posteriors(emission: Doubles, nothing: Doubles, null: float, posterior: Doubles) -> None:
    """How surely each word comes from each word of the other side, by IBM model 1 (Brown et al. 1993).

    Args:
        emission: Probability of each word, given each word of the other side (words × other's words).
        nothing: Probability of each word, given none.
        null: Probability that a word comes from none.
        posterior: The answer (words × other's words).
    """
    size, states = emission.shape
    for j in range(size):
        total = null * nothing[j]
        for i in range(states):
            posterior[j, i] = (1.0 - null) / states * emission[j, i]
            total += posterior[j, i]
        for i in range(states):
            posterior[j, i] = posterior[j, i] / total if total > 0.0 else 0.0


@compiled
def ordered_posteriors(
    emission: Doubles, nothing: Doubles, jumps: Doubles, null: float, posterior: Doubles, expected: Doubles
) -> None:
    """As :func:`unordered_posteriors`, but by a hidden Markov model (Vogel, Ney, Tillmann 1996).

    Where a word comes from depends on where the last one came from; a word that comes from none
    leaves that place as it is (Och, Ney 2003). Before the first word the place is -1.

    Args:
        emission: As there.
        nothing: As there.
        jumps: Weight of each distance between two such places, the middle one for distance 0; those
            at the ends are for all that are wider.
        null: As there.
        posterior: The answer.
        expected: How often each distance was jumped is added to it.
    """
    size, states = emission.shape
    middle = jumps.size // 2
    step = np.empty((states + 1, states))  # from place - 1 to a place
    for last in range(states + 1):
        total = 0.0
        for i in range(states):
            step[last, i] = jumps[middle + min(max(i + 1 - last, -middle), middle)]
            total += step[last, i]
        for i in range(states):
            step[last, i] *= (1.0 - null) / total
    here = np.zeros((size, states))  # the words so far, the last of them from a place
    so_far = np.zeros((size + 1, states + 1))  # the words so far, the last of them that has a place from it
    so_far[0, 0] = 1.0
    scale = np.empty(size)
    for j in range(size):
        total = 0.0
        for last in range(states + 1):
            before = so_far[j, last]
            if before > 0.0:
                for i in range(states):
                    here[j, i] += before * step[last, i]
            so_far[j + 1, last] = before * null * nothing[j]
            total += so_far[j + 1, last]
        for i in range(states):
            here[j, i] *= emission[j, i]
            total += here[j, i]
        if total <= 0.0:  # no way to produce these words: nothing is learnt from them
            posterior[:] = 0.0
            return
        scale[j] = total
        so_far[j + 1] /= total
        for i in range(states):
            here[j, i] /= total
            so_far[j + 1, i + 1] += here[j, i]
    to_come, earlier = np.ones(states + 1), np.empty(states + 1)
    for j in range(size - 1, -1, -1):
        for last in range(states + 1):
            earlier[last] = to_come[last] * null * nothing[j] / scale[j]
        for i in range(states):
            posterior[j, i] = here[j, i] * to_come[i + 1]
            weight = emission[j, i] * to_come[i + 1] / scale[j]
            if weight > 0.0:
                for last in range(states + 1):
                    moved = step[last, i] * weight
                    earlier[last] += moved
                    expected[middle + min(max(i + 1 - last, -middle), middle)] += so_far[j, last] * moved
        to_come[:] = earlier
