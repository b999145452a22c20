"""Merging rankings by Borda count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtprompt.selection.query import Choice


def merge_ranks(rankings: Sequence[Sequence[Choice]], k: int) -> list[Choice]:
    """``borda(a,b,…)@k``: the k pairs with the most points.

    In a ranking of n pairs the first gets as many points as the longest ranking has pairs, each
    next one less; a pair that a ranking does not have gets none from it, and one that it has twice
    (as ``a+b`` can) counts at its better place. Ties go to the pair with the better best rank, then
    to the earlier in the pool. The points are the score.

    Source: de Borda 1781, "Mémoire sur les élections au scrutin".
    """
    rankings = [_different(ranking) for ranking in rankings]
    longest = max(map(len, rankings))
    points: dict[int, int] = {}
    best_rank: dict[int, int] = {}
    choices: dict[int, Choice] = {}
    for ranking in rankings:
        for rank, choice in enumerate(ranking):
            points[choice.index] = points.get(choice.index, 0) + longest - rank
            best_rank[choice.index] = min(rank, best_rank.get(choice.index, rank))
            choices.setdefault(choice.index, choice)
    order = sorted(choices, key=lambda index: (-points[index], best_rank[index], index))
    return [replace(choices[index], score=float(points[index])) for index in order[:k]]


def _different(ranking: Sequence[Choice]) -> list[Choice]:
    first: dict[int, Choice] = {}
    for choice in ranking:
        first.setdefault(choice.index, choice)
    return list(first.values())
