"""How many candidates are tried on how much of a dev set."""

from __future__ import annotations

_LEAST_SLICE = 8  # dev sentences: a corpus score of fewer says little
_FINALISTS = 4  # candidates at least that are tried on the whole dev set

Round = tuple[int, int]
"""How many candidates are tried on how many of the first dev sentences."""


def full(candidates: int, dev: int, k: int) -> list[Round]:
    """Every candidate on the whole dev set."""
    return [(candidates, dev)]


def halving(candidates: int, dev: int, k: int) -> list[Round]:
    """All candidates on a slice of the dev set, then the better half on twice as much, and so on.

    Successive halving (Karnin, Koren & Somekh 2013, "Almost Optimal Exploration in Multi-Armed
    Bandits"; Jamieson & Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter
    Optimization"). Ours: it ends on the whole dev set with at least four candidates (k, if k is
    more), and starts on no fewer than eight sentences; what does not allow a halving is one round.

    100 candidates and 64 sentences make (100, 8), (50, 16), (25, 32), (12, 64), which is
    100·8 + 50·8 + 25·16 + 12·32 = 1,984 generations in place of 6,400.
    """
    rounds = [candidates]
    slices = [dev]
    while slices[0] // 2 >= _LEAST_SLICE and rounds[-1] // 2 >= max(_FINALISTS, k):
        slices.insert(0, slices[0] // 2)
        rounds.append(rounds[-1] // 2)
    return list(zip(rounds, slices, strict=True))


SEARCHES = {"full": full, "halving": halving}
