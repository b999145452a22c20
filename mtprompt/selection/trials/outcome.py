"""What a search for the task-level prompt found: a value, the line that says it, and its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from mtprompt.segments import Pair, Usage


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate, by its place in the pool, with its score on the first ``sentences`` of the dev set."""

    index: int
    source: str
    target: str
    score: float
    sentences: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Scores of all candidates on the same dev sentences.

    Attributes:
        candidates: How many.
        sentences: On how many dev sentences.
        best: The best score.
        mean: Their mean.
        worst: The worst score.
        deviation: Their standard deviation (that of a sample, n - 1).
    """

    candidates: int
    sentences: int
    best: float
    mean: float
    worst: float
    deviation: float

    @classmethod
    def of(cls, ranked: Sequence[float], sentences: int) -> Spread:
        """That of two or more scores, the best first."""
        return cls(len(ranked), sentences, ranked[0], fmean(ranked), ranked[-1], stdev(ranked))


@dataclass(frozen=True, slots=True)
class Cost:
    """Generations with their tokens and seconds, those that the store spared included."""

    generations: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float

    @classmethod
    def of(cls, usages: Iterable[Usage]) -> Cost:
        """The sum over generations."""
        paid = list(usages)
        return cls(
            len(paid),
            sum(usage.prompt_tokens for usage in paid),
            sum(usage.completion_tokens for usage in paid),
            sum(usage.seconds for usage in paid),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished search.

    Attributes:
        ranking: All candidates, the best first; those that were tried on more sentences stand
            before those that were given up earlier, whatever their scores.
        spread: That of the first round, which every candidate was in.
        cost: Of the whole search.
        metric: The metric's signature.
    """

    ranking: tuple[Ranked, ...]
    spread: Spread
    cost: Cost
    metric: str

    def best(self) -> str:
        """``31.2 BLEU on 64 dev sentences``."""
        best = self.ranking[0]
        return f"{self._number(best.score)} {self._label} on {best.sentences:,} dev sentences"

    def summary(self) -> str:
        """Best, spread and cost in one line."""
        spread, cost = self.spread, self.cost
        where = "" if spread.sentences == self.ranking[0].sentences else f" on the first {spread.sentences}"
        return (
            f"best {self.best()}; {spread.candidates:,} candidates{where}: best {self._number(spread.best)}, "
            f"mean {self._number(spread.mean)} ± {self._number(spread.deviation)}, "
            f"worst {self._number(spread.worst)}; {cost.generations:,} generations, {cost.seconds:,.0f} s"
        )

    @property
    def _label(self) -> str:
        return self.metric.split("|")[0].partition(":")[0].upper().replace("CHRF", "chrF")

    def _number(self, score: float) -> str:
        return f"{score:.{4 if self.metric.startswith('comet') else 1}f}"


def outcome_of(kept: Mapping[str, Any], pairs: Sequence[Pair]) -> Outcome:
    """Reads what was kept of an outcome; whatever else it is given raises.

    Args:
        kept: An outcome as a mapping.
        pairs: The pool's pairs, which must be those that were ranked.
    """
    ranking = tuple(Ranked(**row) for row in kept["ranking"])
    if len({ranked.index for ranked in ranking}) != len(ranking):
        raise ValueError("its ranking is not whole")
    for ranked in ranking:
        if ranked.index < 0 or (pair := pairs[ranked.index]).source != ranked.source:
            raise ValueError("it ranks pairs of another pool")
        if pair.target != ranked.target or not isinstance(ranked.score, float):
            raise ValueError("it ranks pairs of another pool")
    outcome = Outcome(ranking, Spread(**kept["spread"]), Cost(**kept["cost"]), kept["metric"])
    outcome.summary()  # numbers where numbers are said
    return outcome
