"""Paired bootstrap resampling and Holm's correction."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER
from sacrebleu.significance import PairedTest

from mtprompt.errors import ConfigError, DataError
from mtprompt.scoring.significance import Comparison, holm, paired_bootstrap
from mtprompt.segments import MetricResult

TEXT = "the a red green house stands on under every hill and nobody knows why it does so"
WORDS = TEXT.split()


def sentences(count: int, seed: int, length: int = 8) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=length)) for _ in range(count)]


def spoilt(texts: Sequence[str], share: float, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join("x" if rng.random() < share else word for word in text.split()) for text in texts]


REFERENCES = sentences(40, 1)
WEAK, STRONG = spoilt(REFERENCES, 0.5, 2), spoilt(REFERENCES, 0.1, 3)


def sacrebleus_p(baseline: list[str], system: list[str], metric: Any) -> float:
    systems: Any = [("baseline", baseline), ("system", system)]
    _, scores = PairedTest(systems, {"m": metric}, [REFERENCES], test_type="bs", n_samples=1000)()
    (column,) = (results for name, results in scores.items() if name != "System")
    result: Any = column[1]
    return float(result.p_value)


@pytest.mark.parametrize(
    ("metric", "made"),
    [("bleu", BLEU()), ("chrf", CHRF()), ("chrf++", CHRF(word_order=2)), ("ter", TER())],
)
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_p_is_sacrebleus_own(metric: str, made: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SACREBLEU_SEED", raising=False)
    one, other = spoilt(REFERENCES, 0.3, seed), spoilt(REFERENCES, 0.3, seed + 10)
    expected = sacrebleus_p(one, other, made)
    assert paired_bootstrap(one, other, REFERENCES, metric, "en").p_value == expected


def test_a_clear_win_is_better_and_significant_and_the_other_way_round_worse() -> None:
    for metric in ("bleu", "chrf++", "ter"):
        won = paired_bootstrap(WEAK, STRONG, REFERENCES, metric, "en")
        lost = paired_bootstrap(STRONG, WEAK, REFERENCES, metric, "en")
        assert won.p_value == lost.p_value < 0.01, metric
        assert (won.better, lost.better) == (True, False)
        assert won.delta == -lost.delta
        assert (won.delta > 0) is (metric != "ter")


def test_the_same_system_is_no_better_than_itself() -> None:
    # sacreBLEU's formula gives 1/1001: no difference of 0 is larger than 0
    assert paired_bootstrap(WEAK, WEAK, REFERENCES, "chrf++", "en") == Comparison(0.0, 1.0, False)
    respaced = [text.replace(" ", "  ") for text in WEAK]
    assert paired_bootstrap(WEAK, respaced, REFERENCES, "bleu", "en").p_value == 1.0


def test_few_segments_can_prove_little() -> None:
    # whatever is drawn of one segment is that segment, so that sacreBLEU's p would be 1/1001
    one = paired_bootstrap(["x y"], ["a b"], ["a b"], "chrf", "en")
    assert (one.p_value, one.better) == (1.0, True)
    two = paired_bootstrap(["x", "x"], ["a b", "a b"], ["a b", "a b"], "chrf", "en")
    assert two.p_value == 0.5
    eleven = paired_bootstrap(["x y"] * 11, ["a b"] * 11, ["a b"] * 11, "chrf", "en")
    assert eleven.p_value == 1 / 1001


def test_the_draw_depends_on_the_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = spoilt(REFERENCES, 0.3, 4), spoilt(REFERENCES, 0.3, 14)
    monkeypatch.setenv("SACREBLEU_SEED", "7")
    state = str(np.random.get_state())
    by_seed = {
        seed: paired_bootstrap(one, other, REFERENCES, "chrf", "en", seed=seed) for seed in range(1, 6)
    }
    assert by_seed[1] == paired_bootstrap(one, other, REFERENCES, "chrf", "en", seed=1)
    assert len({found.p_value for found in by_seed.values()}) > 1
    assert by_seed[1].p_value < 1
    assert str(np.random.get_state()) == state
    assert os.environ["SACREBLEU_SEED"] == "7"


class Counted:
    """A metric of somebody else: the share of words that are wrong, with segment scores or without."""

    name = "counted"

    def __init__(self, *, segments: bool = True) -> None:
        self._segments = segments

    def score(
        self, hypotheses: Sequence[str], references: Sequence[str], sources: Sequence[str] | None = None
    ) -> MetricResult:
        scores = [
            100 * sum(a != b for a, b in zip(h.split(), r.split(), strict=True)) / len(r.split())
            for h, r in zip(hypotheses, references, strict=True)
        ]
        found = tuple(scores) if self._segments else None
        return MetricResult("counted", sum(scores) / len(scores), found, "counted", False)


def test_a_metric_with_segment_scores_gets_the_same_test() -> None:
    # of references of one length, the TER of a set is the mean of its segments', where nothing was moved
    one, other = spoilt(REFERENCES, 0.3, 4), spoilt(REFERENCES, 0.3, 15)
    ours = paired_bootstrap(one, other, REFERENCES, Counted(), "en")
    theirs = paired_bootstrap(one, other, REFERENCES, "ter", "en")
    assert ours.delta == pytest.approx(theirs.delta)
    assert ours.better is theirs.better
    assert ours.p_value == pytest.approx(theirs.p_value, abs=0.01)  # ties fall by the last digit
    assert 0.01 < ours.p_value < 0.99


def test_the_tokenizer_is_that_of_the_language() -> None:
    japanese = ["これはペンです。", "それは本です。"] * 6
    found = paired_bootstrap(["これは本です。"] * 12, japanese, japanese, "bleu", "ja")
    assert found.better and found.p_value < 0.01
    with pytest.raises(ConfigError, match="give --to"):
        paired_bootstrap(japanese, japanese, japanese, "bleu", "en")


def test_what_cannot_be_compared_is_an_error() -> None:
    with pytest.raises(DataError, match="nothing to score"):
        paired_bootstrap([], [], [], "chrf", "en")
    with pytest.raises(DataError, match="the baseline has 2 segments and the system 1"):
        paired_bootstrap(["a", "b"], ["a"], ["a", "b"], "chrf", "en")
    with pytest.raises(DataError, match="2 hypotheses but 1 references"):
        paired_bootstrap(["a", "b"], ["a", "c"], ["a"], "chrf", "en")
    with pytest.raises(ConfigError, match="counted has no segment scores"):
        paired_bootstrap(WEAK, STRONG, REFERENCES, Counted(segments=False), "en")
    for samples, seed in ((0, 1), (1, 0)):
        with pytest.raises(ConfigError, match="the bootstrap needs 1 sample and a seed of 1 or more"):
            paired_bootstrap(["a"], ["b"], ["a"], "chrf", "en", samples=samples, seed=seed)
    with pytest.raises(ConfigError, match="Did you mean 'bleu'"):
        paired_bootstrap(["a"], ["b"], ["a"], "blue", "en")


def test_a_thousand_samples_of_64_segments_take_few_seconds() -> None:
    references = sentences(64, 9, length=20)
    began = time.perf_counter()
    paired_bootstrap(spoilt(references, 0.3, 1), spoilt(references, 0.3, 2), references, "chrf++", "en")
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("values", "adjusted"),
    [
        ([], []),
        ([0.03], [0.03]),
        # sorted .005 .01 .03 .04: times 4, 3, 2, 1 gives .02 .03 .06 .04, and none below the one before
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.6], [1.0, 1.0]),
        ([0.02, 0.02], [0.04, 0.04]),
        ([0.0, 1.0], [0.0, 1.0]),
    ],
)
def test_holm_by_hand(values: list[float], adjusted: list[float]) -> None:
    assert holm(values) == pytest.approx(adjusted)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_keeps_the_order_and_is_between_the_value_and_bonferronis(values: list[float]) -> None:
    adjusted = holm(values)
    for value, its in zip(values, adjusted, strict=True):
        assert value <= its <= min(1.0, len(values) * max(values)) + 1e-12
    by_value = [its for _, its in sorted(zip(values, adjusted, strict=True))]
    assert by_value == sorted(by_value)
    if values:
        assert min(adjusted) == min(1.0, len(values) * min(values))
