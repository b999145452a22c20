"""Which runs of words are units, and not words that happen to meet (``die Datei``, ``Datei und``).

No list of function words is asked: how often the words stand together, and alone, tells.
"""

from __future__ import annotations

import numpy as np

from mtprompt.dictionary.alignment.bitext import TOGETHER
from mtprompt.dictionary.alignment.phrases import Runs
from mtprompt.selection.index.arrays import Doubles, Int32s


def cohesion(runs: Runs, at: Int32s, more: Int32s) -> Doubles:
    """How much the words of runs belong together: 1 if they never stand apart, 0 if they meet by chance.

    Normalized pointwise mutual information (Bouma 2009) of the two parts of the run, where it is cut so
    that they belong together least; 1 for a single word.

    Args:
        runs: The runs of the texts.
        at: The first word of an occurrence of each run.
        more: How many words follow in it.
    """
    words = (runs.ids[0] >= 0).sum()
    values = np.ones(at.size)
    for length in range(1, runs.ids.shape[0]):
        mine = np.flatnonzero(more == length)
        first = at[mine]
        whole = np.log(runs.counts[runs.ids[length, first]] / words)
        for cut in range(1, length + 1):
            left = np.log(runs.counts[runs.ids[cut - 1, first]] / words)
            right = np.log(runs.counts[runs.ids[length - cut, first + cut]] / words)
            together = np.where(whole < 0.0, (left + right - whole) / np.minimum(whole, -1e-12), 1.0)
            values[mine] = np.minimum(values[mine], together)
    return values


def continued(runs: Runs, before: Int32s) -> Doubles:
    """For each run the share of its occurrences that one and the same longer run continues.

    Where it is near 1 the run is a piece of a term, such as ``York`` of ``New York`` (compare the
    C-value of Frantzi, Ananiadou 1996). A single word is a piece only of what is written without a space:
    a Chinese character, of a word.

    Args:
        runs: The runs of the texts, those of one word more than is asked about included.
        before: What stands before each word.
    """
    most = np.zeros(runs.counts.size, np.int64)
    for more in range(runs.ids.shape[0] - 1):
        longer = np.flatnonzero(runs.ids[more + 1] >= 0)
        # the run with a word after it, and with one before it; where the two meet
        for start, joint in ((0, more + 1), (1, 1)):
            its = longer if more else longer[before[longer + joint] == TOGETHER]
            np.maximum.at(most, runs.ids[more, its + start], runs.counts[runs.ids[more + 1, its]])
    shares: Doubles = most / np.maximum(runs.counts, 1)
    return shares
