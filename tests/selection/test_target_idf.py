"""The idf of words among targets: by hand, sampled, and the same however a pool has grown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.selection import target_idf
from mtprompt.selection.pool import Pool
from mtprompt.selection.target_idf import TargetIdf


def pool_of(*targets: str) -> Pool:
    return Pool(Corpus.from_pairs([("s", target) for target in targets], "de", "en"))


def test_idf_is_lucenes_over_targets_in_lower_case() -> None:
    idf = TargetIdf(pool_of("The house, the garden", "THE dog", "a cat")).now()
    # N = 3; the: 2 targets, ln(1 + 1.5/2.5); dog: 1, ln(1 + 2.5/1.5); unseen: 0, ln(1 + 3.5/0.5)
    assert idf("the") == pytest.approx(math.log(1.6))
    assert idf("dog") == pytest.approx(math.log(1 + 2.5 / 1.5))
    assert idf("bird") == pytest.approx(math.log(8))


def test_an_empty_pool_has_an_idf_above_zero() -> None:
    assert TargetIdf(pool_of()).now()("x") > 0


def test_a_large_pool_is_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_idf, "SAMPLE", 4)
    # ten targets: every second would be five, so every fourth is read: 0, 4, 8
    idf = TargetIdf(pool_of(*"abbbabbbab")).now()
    assert idf("a") == pytest.approx(math.log(1 + 0.5 / 3.5))
    assert idf("b") == pytest.approx(math.log(1 + 3.5 / 0.5))


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=7), min_size=1, max_size=6))
def test_a_grown_pool_weighs_as_a_fresh_one(additions: list[list[str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target_idf, "SAMPLE", 4)
        pool = pool_of()
        grown = TargetIdf(pool)
        for new in additions:
            pool.corpus.add(("s", target) for target in new)
            fresh = TargetIdf(pool_of(*(pair.target for pair in pool.pairs))).now()
            assert [grown.now()(word) for word in "abcd"] == [fresh(word) for word in "abcd"]


def test_an_idf_that_was_handed_out_stays_as_it_was() -> None:
    pool = pool_of("a", "b")
    estimate = TargetIdf(pool)
    before = estimate.now()
    value = before("a")
    pool.corpus.add([("s", "a")] * 5)
    assert estimate.now()("a") < value
    assert before("a") == value
