"""Whether one system is better than another, or only looks so on this test set.

Paired bootstrap resampling (Koehn 2004, "Statistical Significance Tests for Machine Translation
Evaluation") in sacreBLEU's form, and Holm's correction for several comparisons (Holm 1979, "A Simple
Sequentially Rejective Multiple Test Procedure").
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from mtprompt.errors import ConfigError, DataError
from mtprompt.scoring.load import closing, load_scorer
from mtprompt.scoring.protocol import Scorer
from mtprompt.scoring.sacrebleu_metrics import SacreBLEUMetric
from mtprompt.segments import MetricResult

SAMPLES = 1000
SEED = 12345  # sacreBLEU's own


@dataclass(frozen=True, slots=True)
class Comparison:
    """A system beside a baseline.

    Attributes:
        delta: The system's score minus the baseline's, on the metric's own scale.
        p_value: How often chance alone would make a difference as large (two-sided).
        better: Whether the system has the better score, be it significantly or not.
    """

    delta: float
    p_value: float
    better: bool


def paired_bootstrap(
    baseline: Sequence[str],
    system: Sequence[str],
    references: Sequence[str],
    metric: str | Scorer,
    target_lang: str,
    samples: int = SAMPLES,
    seed: int = SEED,
    sources: Sequence[str] | None = None,
) -> Comparison:
    """Compares two systems by resampling the test set.

    The p-value is sacreBLEU's: over ``samples`` sets of N segments drawn with replacement, with dᵢ the
    absolute difference of both systems' scores on set i and d that on the whole test set, it is
    (1 + number of i with dᵢ − mean(dᵢ) > d) / (samples + 1). BLEU, chrF, chrF++ and TER are
    computed anew on each set by sacreBLEU; of a metric with segment scores (COMET) the mean is.

    Where that formula has no meaning we depart from it: systems with the same score have p = 1 (its
    value would be the smallest there is), and no p is below 2^(1−N), the least that a test of N
    pairs can give if either system may have won each by chance. This matters for N ≤ 10 alone.

    Args:
        baseline: N translations.
        system: N translations of the same sources.
        references: N references.
        metric: A metric's name, or a scorer, which is then left open.
        target_lang: Code of the translations' language.
        samples: How many test sets are drawn.
        seed: Of their draw; sacreBLEU's default is ours, its environment variable is not read.
        sources: N source texts, for metrics that read them.

    Raises:
        DataError: If there is nothing to compare, or numbers of segments differ.
        ConfigError: For a metric without segment scores, or impossible numbers.
    """
    if samples < 1 or seed < 1:
        raise ConfigError(f"the bootstrap needs 1 sample and a seed of 1 or more, not {samples} and {seed}")
    if len(baseline) != len(system):
        raise DataError(f"the baseline has {len(baseline):,} segments and the system {len(system):,}")
    opened = closing(load_scorer(metric, target_lang)) if isinstance(metric, str) else nullcontext(metric)
    with opened as scorer:
        first, second = (scorer.score(its, references, sources) for its in (baseline, system))
    delta = second.system - first.system
    if delta == 0:
        return Comparison(0.0, 1.0, False)
    if isinstance(scorer, SacreBLEUMetric):
        p_value = _sacrebleus(scorer, baseline, system, references, samples, seed)
    else:
        p_value = _of_segments(_segments(first), _segments(second), samples, seed)
    p_value = max(p_value, 2.0 ** (1 - len(system)))
    return Comparison(delta, p_value, (delta > 0) == second.higher_is_better)


def _sacrebleus(
    scorer: SacreBLEUMetric,
    baseline: Sequence[str],
    system: Sequence[str],
    references: Sequence[str],
    samples: int,
    seed: int,
) -> float:
    from sacrebleu.significance import PairedTest

    test = PairedTest(
        [("baseline", list(baseline)), ("system", list(system))],
        {scorer.name: scorer._metric},
        [list(references)],
        test_type="bs",
        n_samples=samples,
    )
    test._seed = seed  # else that of SACREBLEU_SEED, which is the whole process's
    _, columns = test()
    (column,) = (column for name, column in columns.items() if name != "System")
    result: Any = column[1]
    return float(result.p_value)


def _segments(result: MetricResult) -> tuple[float, ...]:
    if result.segments is None:
        raise ConfigError(f"{result.name} has no segment scores, so its differences cannot be tested")
    return result.segments


def _of_segments(baseline: Sequence[float], system: Sequence[float], samples: int, seed: int) -> float:
    """The same test of a metric that is the mean of its segment scores."""
    import numpy as np

    differences = np.array(system) - np.array(baseline)
    drawn = np.random.default_rng(seed).choice(differences, size=(samples, len(differences)))
    found = np.abs(drawn.mean(axis=1))
    larger = np.count_nonzero(found - found.mean() > abs(differences.mean()))
    return (int(larger) + 1) / (samples + 1)


def check_testable(metric: str) -> None:
    """Says so before anything is generated where two systems cannot be compared by a metric.

    Raises:
        ConfigError: For term accuracy, which has no score for a segment without terms.
    """
    if metric.partition(":")[0] == "terms":
        raise ConfigError(f"{metric} cannot tell chance from merit here; use it with mtprompt score")


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values: each may be compared with the level that all tests together are to keep.

    Of m values the i-th smallest is multiplied by m − i + 1, is at least as large as the one before
    it, and at most 1. The order is that of ``p_values``.
    """
    ascending = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(ascending):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = largest
    return adjusted
