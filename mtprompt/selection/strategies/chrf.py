"""The closest pool sources by chrF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mtprompt.selection.index.arrays import Doubles, Int64s
from mtprompt.selection.index.compiled import compiled
from mtprompt.selection.options import need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query

ORDER, BETA = 6, 2
Codes = npt.NDArray[np.uint32]


class ChrfSelector:
    """``chrf(candidates=100)@k``: BM25's candidates whose source has the highest chrF.

    The segment's source is the reference and the candidate's source the hypothesis; from 0 to 100.
    A repeated source is offered once; a text that shares no word with the pool gets nothing.
    chrF is Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation"; to choose
    examples by it is our construction.
    """

    def __init__(self, pool: Pool, k: int | None, candidates: int = 100) -> None:
        self._pool = pool
        self._k = need_k("chrf", k)
        self._candidates = whole_at_least("chrf", "candidates", candidates, 1)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves for all queries together and re-ranks for each."""
        found = self._pool.candidates(queries, self._candidates)
        return [self._rank(query.source, choices) for query, choices in zip(queries, found, strict=True)]

    def _rank(self, source: str, candidates: Sequence[Choice]) -> list[Choice]:
        indices = sorted(choice.index for choice in candidates)
        scores = chrf_scores(source, [self._pool.pairs[index].source for index in indices])
        # a stable sort keeps the order of the pool among equals
        best = np.argsort(-scores, kind="stable")[: self._k]
        return [Choice(indices[i], float(scores[i])) for i in best]


def chrf_scores(reference: str, hypotheses: Sequence[str]) -> Doubles:
    """Scores each hypothesis against one reference, equal to the bit to sacreBLEU's chrF.

    That is ``CHRF().sentence_score(hypothesis, [reference]).score``: character 1- to 6-grams
    without white space, case kept, precision and recall averaged over the orders that both texts
    are long enough for, and of these the F-score with β = 2.

    Args:
        reference: The text to be close to.
        hypotheses: The texts to score.

    Returns:
        One score a hypothesis, from 0 to 100.
    """
    texts = ["".join(text.split()) for text in (reference, *hypotheses)]
    if not texts[0]:
        return np.zeros(len(hypotheses))
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
    lengths = np.array([len(text) for text in texts])
    matches = _count_matches(codes, np.cumsum(lengths))
    precision, recall, orders = np.zeros((3, len(hypotheses)))
    for n in range(1, min(ORDER, len(texts[0])) + 1):
        in_hypotheses = np.maximum(lengths[1:] - n + 1, 0)
        precision += matches[:, n - 1] / np.maximum(in_hypotheses, 1)
        recall += matches[:, n - 1] / (len(texts[0]) - n + 1)
        orders += in_hypotheses > 0
    orders = np.maximum(orders, 1)
    precision, recall = precision / orders, recall / orders
    weight = BETA**2
    below = weight * precision + recall
    scores: Doubles = 100 * ((1 + weight) * precision * recall / np.where(below > 0, below, 1))
    return scores


@compiled
def _count_matches(codes: Codes, ends: Int64s) -> Int64s:
    """How many n-grams of each order a hypothesis shares with the reference (hypotheses × orders).

    An n-gram counts as often as both have it. The reference's n-grams are nodes of a tree: the
    children of ``ab`` are all ``abx``, linked one to the next, few but for the root's.

    Args:
        codes: The characters of the reference and of all hypotheses, one after the other.
        ends: Where each of these texts ends.
    """
    reference = codes[: ends[0]]
    size = 1 + ORDER * reference.size
    letters, counts = np.zeros(size, np.uint32), np.zeros(size, np.int32)
    first_child, next_child = np.full(size, -1, np.int32), np.full(size, -1, np.int32)
    nodes = 1
    for start in range(reference.size):
        node = 0
        for code in reference[start : start + ORDER]:
            parent, last, node = node, -1, first_child[node]
            while node >= 0 and letters[node] != code:
                last, node = node, next_child[node]
            if node < 0:
                node, nodes = nodes, nodes + 1
                letters[node] = code
                if last < 0:
                    first_child[parent] = node
                else:
                    next_child[last] = node
            counts[node] += 1

    matches = np.zeros((ends.size - 1, ORDER), np.int64)
    for text in range(ends.size - 1):
        left = counts[:nodes].copy()
        for start in range(ends[text], ends[text + 1]):
            node = 0
            for n in range(min(ORDER, ends[text + 1] - start)):
                node = first_child[node]
                while node >= 0 and letters[node] != codes[start + n]:
                    node = next_child[node]
                if node < 0:
                    break
                if left[node] > 0:
                    left[node] -= 1
                    matches[text, n] += 1
    return matches
