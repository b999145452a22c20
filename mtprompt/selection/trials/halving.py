"""Which of many candidates is the best on a dev set, without trying all of them on all of it."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.scoring.protocol import Scorer
from mtprompt.segments import MetricResult, Segment, Translation
from mtprompt.selection.pool import Pool
from mtprompt.selection.trials.outcome import Cost, Outcome, Ranked, Spread
from mtprompt.selection.trials.trial import Job, Trial

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


def search(
    pool: Pool,
    candidates: Sequence[int],
    dev: Sequence[Segment],
    rounds: Sequence[Round],
    trial: Trial,
    scorer: Scorer,
) -> Outcome:
    """Tries candidates as the only example of each dev sentence and ranks them by the metric.

    What was generated in one round is part of the next one's score, and all candidates of a round
    are tried on the same sentences. Ties go to the earlier pool index.

    Args:
        pool: Where the candidates are from.
        candidates: Their indices; two or more.
        dev: Segments with references.
        rounds: As :func:`full` and :func:`halving` give them for these numbers.
        trial: Translates.
        scorer: Scores the translations.
    """
    sources = [segment.source for segment in dev]
    references = [segment.reference or "" for segment in dev]
    # a metric that cannot run says so now, not after hours of generation
    scorer.score(references[:1], references[:1], sources[:1])
    alive, given_up = list(candidates), list[int]()
    translations: dict[int, list[Translation]] = {index: [] for index in candidates}
    results: dict[int, MetricResult] = {}
    spread: Spread | None = None
    for number, (count, size) in enumerate(rounds, start=1):
        alive, given_up = alive[:count], alive[count:] + given_up
        fresh = dev[len(translations[alive[0]]) : size]
        jobs: list[Job] = [(segment, (pool.pairs[index],)) for index in alive for segment in fresh]
        done = trial.translate(jobs, f"task, round {number} of {len(rounds)}")
        for at, index in enumerate(alive):
            translations[index] += done[at * len(fresh) : (at + 1) * len(fresh)]
            texts = [translation.text for translation in translations[index]]
            results[index] = scorer.score(texts, references[:size], sources[:size])
        alive.sort(key=lambda index: (_badness(results[index]), index))
        spread = spread or Spread.of([results[index].system for index in alive], size)
    assert spread is not None
    return Outcome(
        tuple(_ranked(index, pool, results[index], len(translations[index])) for index in alive + given_up),
        spread,
        Cost.of(t.usage for its in translations.values() for t in its if t.usage),
        results[alive[0]].signature,
    )


def _badness(result: MetricResult) -> float:
    return -result.system if result.higher_is_better else result.system


def _ranked(index: int, pool: Pool, result: MetricResult, sentences: int) -> Ranked:
    pair = pool.pairs[index]
    return Ranked(index, pair.source, pair.target, float(result.system), sentences)
