"""Greedy re-ranking by n-gram recall with down-weighting of what is covered ("R-BM25").

Source: Agrawal, Zhou, Lewis, Zettlemoyer, Ghazvininejad 2022, "In-context Examples Selection for
Machine Translation", arXiv 2212.02437, section 3.2 and algorithm 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

MAX_ORDER = 4


def ngram_counts(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    """Counts of the n-grams of one order, in order of first occurrence."""
    return Counter(tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1))


class _Source:
    """The source's n-grams with their weights, which shrink as examples cover them."""

    def __init__(self, tokens: Sequence[str]) -> None:
        counts = [ngram_counts(tokens, order) for order in range(1, MAX_ORDER + 1)]
        self.position = [{gram: i for i, gram in enumerate(count)} for count in counts]
        self.weights = [[float(c) for c in count.values()] for count in counts]

    def overlap(self, tokens: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each order, ``(position in the source, count in the candidate)`` in source order.

        Only shared n-grams are kept; leaving out the zeros does not change a float sum.
        """
        return [
            sorted(
                (position[gram], count)
                for gram, count in ngram_counts(tokens, order).items()
                if gram in position
            )
            for order, position in enumerate(self.position, start=1)
        ]

    def score(self, overlap: list[list[tuple[int, int]]]) -> float:
        """The recall of the source's weighted n-grams, 0 to 100.

        A geometric mean over the orders that the source has, with exponentially shrinking
        stand-ins for orders without a match, as sacreBLEU smooths (``exp``). Sums run in order
        of first occurrence and comparisons are exact: near-ties decide some cases.
        """
        zeros, logs, matched_any = 0, [], False
        for weights, shared in zip(self.weights, overlap, strict=True):
            total = 0.0
            for weight in weights:
                total += weight
            if total == 0:
                break
            matched = 0.0
            for position, count in shared:
                matched += min(weights[position], count)
            if matched == 0:
                zeros += 1
                recall = 100.0 / (2**zeros * total)
            else:
                matched_any = True
                recall = 100.0 * matched / total
            logs.append(math.log(recall))
        return math.exp(sum(logs) / len(logs)) if matched_any else 0.0

    def cover(self, overlap: list[list[tuple[int, int]]], weight: float) -> None:
        """Multiplies the weight of every n-gram that the chosen example holds."""
        for weights, shared in zip(self.weights, overlap, strict=True):
            for position, _ in shared:
                weights[position] *= weight


def select_by_recall(
    source: Sequence[str],
    candidates: Sequence[Sequence[str]],
    *,
    k: int,
    weight: float = 0.1,
    threshold: float = 1.0,
) -> list[tuple[int, float]]:
    """Chooses candidates greedily by their recall of the source's still uncovered n-grams.

    Args:
        source: Tokens of the text to translate.
        candidates: Tokens of each candidate's source, best first as retrieval ranked them.
        k: How many to choose at most.
        weight: λ, what is left of an n-gram's weight once an example covers it.
        threshold: The score below which choosing stops.

    Returns:
        ``(candidate index, score when chosen)`` in order of choice; ties go to the earlier
        candidate; a candidate without a shared n-gram is never chosen, whatever the threshold.
    """
    state = _Source(source)
    remaining = {i: state.overlap(tokens) for i, tokens in enumerate(candidates)}
    chosen: list[tuple[int, float]] = []
    while remaining and len(chosen) < k:
        best, best_score = -1, 0.0
        for i, overlap in remaining.items():
            score = state.score(overlap)
            if score > best_score:
                best, best_score = i, score
        if best < 0 or best_score < threshold:
            break
        chosen.append((best, best_score))
        state.cover(remaining.pop(best), weight)
    return chosen
