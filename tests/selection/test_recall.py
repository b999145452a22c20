"""Greedy n-gram recall: cases worked out by hand, and parity with the reference implementation.

In the comments, R_n is the smoothed recall of order n; the score is the geometric mean of R_1 … R_4.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import math
import random
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.errors import ConfigError
from mtprompt.selection.recall import MODES, choose_by_recall, select_by_recall
from mtprompt.text.tokens import selection_tokens

REFERENCE = Path(__file__).parents[3] / "shared" / "data" / "reference" / "ngram_recall_selection.de.jsonl.gz"


def choose(
    source: str, *candidates: str, k: int = 16, weight: float = 0.1, threshold: float = 1.0
) -> list[tuple[int, float]]:
    """Selection over texts whose tokens are separated by spaces."""
    return select_by_recall(
        source.split(), [text.split() for text in candidates], k=k, weight=weight, threshold=threshold
    )


def order(chosen: list[tuple[int, float]]) -> list[int]:
    return [index for index, _ in chosen]


def scores(chosen: list[tuple[int, float]]) -> list[float]:
    return [score for _, score in chosen]


def test_all_40_reference_selections_are_matched_index_for_index() -> None:
    if not REFERENCE.is_file():
        pytest.skip(f"the reference selections are not in this checkout: {REFERENCE}")
    with gzip.open(REFERENCE, "rt", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    assert len(cases) == 40
    wrong = {}
    for number, case in enumerate(cases):
        chosen = order(
            select_by_recall(
                selection_tokens(case["source"], "de"),
                [selection_tokens(text, "de") for text in case["candidates"]],
                k=16,
                weight=0.1,
                threshold=1.0,
            )
        )
        if chosen != case["selected"]:
            wrong[number] = (chosen, case["selected"])
    assert wrong == {}


def test_one_token_source_uses_unigrams_only() -> None:
    # t_1 = 1, t_2 = 0: only n = 1 is kept. "Haus bauen": m_1 = 1, R_1 = 100·1/1, score 100.
    # "Auto": m_1 = 0, score 0, never chosen.
    assert choose("Haus", "Auto", "Haus bauen") == [(1, pytest.approx(100.0))]


def test_orders_without_a_match_are_smoothed_with_growing_powers_of_two() -> None:
    # Source a b c d: t = 4, 3, 2, 1. Candidate a x b y: m = 2, 0, 0, 0.
    # R = 100·2/4 = 50; 100/(2·3) = 16.6667; 100/(4·2) = 12.5; 100/(8·1) = 12.5
    # score = (50 · 16.6667 · 12.5 · 12.5)^(1/4) = 130208.33^(1/4) = 18.99589
    assert choose("a b c d", "a x b y") == [(0, pytest.approx(18.99589, abs=1e-5))]


def test_a_full_copy_scores_100_at_every_order() -> None:
    assert choose("a b c d e", "x", "a b c d e") == [(1, pytest.approx(100.0))]


def test_source_shorter_than_four_tokens_stops_at_its_own_length() -> None:
    # Source a b: t = 2, 1, 0: the mean is over two orders.
    # "a a a": m_1 = min(1, 3) = 1, R_1 = 50; m_2 = 0, R_2 = 100/(2·1) = 50; score 50.
    # "b a":   m_1 = 2, R_1 = 100;             m_2 = 0, R_2 = 50;              score √5000 = 70.71068
    # After "b a": a = b = 0.1, ab = 1; t_1 = 0.2, t_2 = 1.
    # "a a a": m_1 = min(0.1, 3) = 0.1, R_1 = 50; R_2 = 50; score 50.
    chosen = choose("a b", "a a a", "b a")
    assert order(chosen) == [1, 0]
    assert scores(chosen) == pytest.approx([70.71068, 50.0], abs=1e-5)


def test_repeated_source_words_count_as_often_as_the_candidate_has_them() -> None:
    # Source a x a y a (a: 3): t = 5, 4, 3, 2. No candidate has a bigram of it:
    # R_2 = 100/(2·4) = 12.5, R_3 = 100/(4·3) = 8.33333, R_4 = 100/(8·2) = 6.25.
    # "a":   m_1 = min(3, 1) = 1, R_1 = 20, score (20·12.5·8.33333·6.25)^(1/4) = 13020.83^(1/4) = 10.6822
    # "a a": m_1 = min(3, 2) = 2, R_1 = 40, score 26041.67^(1/4) = 12.70332
    assert choose("a x a y a", "a", "a a", k=1) == [(1, pytest.approx(12.70332, abs=1e-5))]


def test_what_is_covered_counts_a_tenth_so_the_new_word_comes_second() -> None:
    # Source a b c d: t = 4, 3, 2, 1.
    # 1st: "a b c x": m = 3, 2, 1, 0: R = 75, 66.6667, 50, 100/(2·1) = 50; score 12500000^(1/4) = 59.46036
    # Then a = b = c = ab = bc = abc = 0.1; d = cd = bcd = abcd = 1: t = 1.3, 1.2, 1.1, 1.
    #   "a b": R = 20/1.3 = 15.38462, 10/1.2 = 8.33333, 100/(2·1.1) = 45.45455, 100/(4·1) = 25: 19.53684
    #   "x d": R = 100/1.3 = 76.92308, 100/(2·1.2) = 41.66667, 100/(4·1.1) = 22.72727, 12.5: 30.89048
    # 2nd: "x d". Then d = 0.1: t = 0.4, 1.2, 1.1, 1.
    #   "a b": R = 20/0.4 = 50, 8.33333, 45.45455, 25: 473484.8^(1/4) = 26.23170
    chosen = choose("a b c d", "a b c x", "a b", "x d")
    assert order(chosen) == [0, 2, 1]
    assert scores(chosen) == pytest.approx([59.46036, 30.89048, 26.23170], abs=1e-4)


def test_weight_one_ignores_coverage_so_the_longer_overlap_comes_second() -> None:
    # As above with λ = 1: nothing shrinks, t stays 4, 3, 2, 1.
    #   "a b": R = 50, 33.33333, 100/(2·2) = 25, 100/(4·1) = 25: 1041666.7^(1/4) = 31.94716
    #   "x d": R = 25, 100/(2·3) = 16.66667, 12.5, 12.5: 65104.17^(1/4) = 15.97358
    chosen = choose("a b c d", "a b c x", "a b", "x d", weight=1.0)
    assert order(chosen) == [0, 1, 2]
    assert scores(chosen) == pytest.approx([59.46036, 31.94716, 15.97358], abs=1e-4)


def test_weight_zero_never_chooses_what_is_already_covered() -> None:
    # After "a b c x": d = cd = bcd = abcd = 1, the rest 0: t = 1, 1, 1, 1.
    #   "x d": R = 100, 50, 25, 12.5: 1562500^(1/4) = 35.35534
    #   "a b": m = 0, 0, 0, 0: score 0.
    chosen = choose("a b c d", "a b c x", "a b", "x d", weight=0.0, threshold=0.0)
    assert order(chosen) == [0, 2]
    assert scores(chosen) == pytest.approx([59.46036, 35.35534], abs=1e-4)


def test_everything_covered_with_weight_zero_ends_the_selection() -> None:
    # After the copy all weights are 0: t_1 = 0, no order is left.
    assert order(choose("a b", "a b", "b a", weight=0.0, threshold=0.0)) == [0]


def test_choosing_stops_below_the_threshold() -> None:
    # The scores are 59.46, 30.89, 26.23 (see above); 26.23 < 30.
    assert order(choose("a b c d", "a b c x", "a b", "x d", threshold=30.0)) == [0, 2]


def test_a_score_equal_to_the_threshold_is_chosen_and_the_next_larger_float_refuses_it() -> None:
    ((_, score),) = choose("a b", "x b")
    assert score == pytest.approx(50.0)
    assert order(choose("a b", "x b", threshold=score)) == [0]
    assert order(choose("a b", "x b", threshold=math.nextafter(score, math.inf))) == []


def test_equal_scores_go_to_the_earlier_candidate() -> None:
    # Source a b: both candidates have m_1 = 1, R = 50, 100/(2·1) = 50: score 50.
    # After "x b": b = 0.1, t_1 = 1.1. "y a": R_1 = 100/1.1 = 90.90909, R_2 = 50: √4545.4545 = 67.41999
    chosen = choose("a b", "x b", "y a")
    assert order(chosen) == [0, 1]
    assert scores(chosen) == pytest.approx([50.0, 67.41999], abs=1e-5)


def test_near_tie_is_decided_by_exact_float_comparison() -> None:
    # Source a b c d e f g: t = 7, 6, 5, 4. On paper the two candidates tie, since 6·2 = 4·3:
    #   0: "a b - c d - e - f":   m = 6, 2, 0, 0: ln R = ln 85.714… + ln 33.333… + ln 10 + ln 6.25
    #                             = 12.09274396022317  → score 20.556680845025987
    #   1: "a b - b c - c d":     m = 4, 3, 0, 0: ln R = ln 57.142… + ln 50      + ln 10 + ln 6.25
    #                             = 12.092743960223173 → score 20.556680845025998
    # In float64 the second is larger by about 1e-14; with a tolerance the first would win.
    chosen = choose("a b c d e f g", "a b - c d - e - f", "a b - b c - c d", k=1)
    assert order(chosen) == [1]
    assert scores(chosen) == pytest.approx([20.556680845], abs=1e-8)


def test_threshold_zero_terminates_and_leaves_out_candidates_without_overlap() -> None:
    assert order(choose("a b", "x", "a", "y", "b", threshold=0.0)) == [1, 3]


def test_threshold_zero_with_fewer_candidates_than_k_returns_them_all_once() -> None:
    assert sorted(order(choose("a b c", "a", "b", "c", k=100, threshold=0.0))) == [0, 1, 2]


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_no_candidates_give_an_empty_selection(threshold: float) -> None:
    assert choose("a b c", threshold=threshold) == []


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_empty_source_gives_an_empty_selection(threshold: float) -> None:
    assert choose("", "a b", "c", threshold=threshold) == []


def test_candidate_without_tokens_is_never_chosen() -> None:
    assert order(choose("a b", "", "a", threshold=0.0)) == [1]


@pytest.mark.parametrize(("k", "expected"), [(0, []), (1, [0]), (2, [0, 2]), (3, [0, 2, 1])])
def test_no_more_than_k_are_chosen(k: int, expected: list[int]) -> None:
    assert order(choose("a b c d", "a b c x", "a b", "x d", k=k)) == expected


def test_case_is_kept() -> None:
    assert order(choose("Die Reise", "die reise", "Die Reise", threshold=0.0)) == [1]


# mode=residual, and both modes against plain Python


def test_residual_takes_off_only_as_many_as_the_example_has() -> None:
    # Source a a a b: t = 4, 3, 2, 1. "a" and "b" have m = 1, 0, 0, 0 each, so the earlier is taken:
    #   R = 25, 100/(2·3), 100/(4·2), 100/(8·1): (25 · 16.66667 · 12.5 · 12.5)^(1/4) = 15.973578
    # λ = 0.1. What is left of a's weight 3 is in residual 3 − 0.9·min(3, 1) = 2.1, in paper 0.1·3 = 0.3.
    #   residual: t_1 = 3.1; "b": R_1 = 100/3.1: (32.25806 · 16.66667 · 12.5 · 12.5)^(1/4) = 17.024594
    #   paper:    t_1 = 1.3; "b": R_1 = 100/1.3: (76.92308 · 16.66667 · 12.5 · 12.5)^(1/4) = 21.155893
    source, candidates = ["a", "a", "a", "b"], [["a"], ["b"]]
    residual = select_by_recall(source, candidates, k=2, mode="residual")
    assert order(residual) == [0, 1]
    assert scores(residual) == pytest.approx([15.973578, 17.024594], abs=1e-6)
    paper = select_by_recall(source, candidates, k=2)
    assert order(paper) == [0, 1]
    assert scores(paper) == pytest.approx([15.973578, 21.155893], abs=1e-6)


def test_residual_leaves_what_the_source_repeats_to_be_covered_again() -> None:
    # Source a a a b c: S_1 = a:3 b:1 c:1. λ = 0, so that what is covered counts nothing.
    #   candidate 0 "a b": m = 2, 1 (ab), 0, 0; t = 5, 4, 3, 2:
    #     R = 40, 25, 100/(2·3), 100/(4·2) → (40·25·16.66667·12.5)^(1/4) = 21.364350
    #   candidate 1 "a":   R = 20, 100/(2·4), 100/(4·3), 100/(8·2) → (20·12.5·8.33333·6.25)^(1/4) = 10.682175
    #   candidate 2 "c":   the same as "a".
    # After "a b":
    #   paper:    a, b and ab are 0: "a" matches only what weighs 0 → score 0, and "c" alone is left.
    #   residual: a: 3 − min(3, 1) = 2, b: 0, ab: 0, t = 3, 3, 3, 2. "a" and "c" tie again:
    #             R = 33.33333, 100/(2·3), 100/(4·3), 100/(8·2) → 13.042372; "a" is earlier.
    #   then a: 2 − 1 = 1, t_1 = 2; "c": R_1 = 50 → 14.433757
    source, candidates = ["a", "a", "a", "b", "c"], [["a", "b"], ["a"], ["c"]]
    paper = select_by_recall(source, candidates, k=3, weight=0.0)
    assert order(paper) == [0, 2]
    residual = select_by_recall(source, candidates, k=3, weight=0.0, mode="residual")
    assert order(residual) == [0, 1, 2]
    assert scores(residual) == pytest.approx([21.364350, 13.042372, 14.433757], abs=1e-6)


def test_both_modes_are_the_same_where_the_source_repeats_nothing() -> None:
    source, candidates = list("abcdefg"), [list("abx"), list("bcd"), list("efgg"), list("aag"), list("cdab")]
    paper = select_by_recall(source, candidates, k=5, threshold=0.0)
    residual = select_by_recall(source, candidates, k=5, threshold=0.0, mode="residual")
    assert order(paper) == order(residual)
    assert scores(paper) == pytest.approx(scores(residual))


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown mode of rbm25 'residuals'\. Did you mean 'residual'\?"):
        select_by_recall(["a"], [["a"]], k=1, mode="residuals")


def load_plain_recall() -> Any:
    path = Path(__file__).parents[2] / "benchmarks" / "plain_recall.py"
    spec = importlib.util.spec_from_file_location("plain_recall", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.plain_recall


plain_recall = load_plain_recall()
few_words = st.lists(st.sampled_from("abc"), max_size=12)
some_words = st.lists(st.sampled_from("abcdefgh.,"), max_size=25)


@pytest.mark.parametrize("words", [few_words, some_words], ids=["three words", "ten words"])
@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=120, deadline=None)
@given(
    data=st.data(),
    k=st.sampled_from([1, 2, 16, 1000]),
    weight=st.sampled_from([0, 0.1, 0.5, 1]),
    threshold=st.sampled_from([0, 1, 50]),
)
def test_the_compiled_choice_is_that_of_plain_python_index_for_index(
    words: st.SearchStrategy[list[str]],
    mode: str,
    data: st.DataObject,
    k: int,
    weight: float,
    threshold: float,
) -> None:
    source = data.draw(words, "source")
    candidates = data.draw(st.lists(words, max_size=12), "candidates")
    chosen = select_by_recall(source, candidates, k=k, weight=weight, threshold=threshold, mode=mode)
    assert order(chosen) == plain_recall(source, candidates, k, weight, threshold, mode == "residual")
    assert all(score >= threshold and score > 0 for score in scores(chosen))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("weight", [0, 0.1])
def test_hundreds_of_copies_are_chosen_as_plain_python_does_until_weights_vanish(
    mode: str, weight: float
) -> None:
    # 0.1 ** 400 is no float any more: the n-grams of all copies come to weigh nothing
    source = list("abcabd")
    candidates = [list("abcabd"), list("abx")] * 210
    chosen = select_by_recall(source, candidates, k=420, weight=weight, threshold=0, mode=mode)
    assert order(chosen) == plain_recall(source, candidates, 420, weight, 0, mode == "residual")


def test_sources_of_all_lengths_share_one_call_and_none_touches_another() -> None:
    # what is kept between the queries of one call is sized by the longest of them
    rng = random.Random(5)
    vocabulary = 40
    lengths = [0, 1, 3, 4, 5, 300, 2, 0, 1200, 7]
    queries = [[rng.randrange(vocabulary + 5) for _ in range(length)] for length in lengths]
    documents = [[rng.randrange(vocabulary) for _ in range(rng.randrange(15))] for _ in range(60)]
    candidates = [rng.sample(range(60), 30) for _ in queries]
    counts = [30, 0, 17, 30, 1, 30, 30, 30, 30, 2]
    chosen, _, found = choose_by_recall(
        np.array(list(chain(*queries)), np.int32),
        np.cumsum([0, *lengths]),
        np.array(candidates, np.int32),
        np.array(counts),
        np.array(list(chain(*documents)), np.int32),
        np.cumsum([0, *map(len, documents)]),
        vocabulary,
        k=8,
        weight=0.1,
        threshold=0.0,
        mode="paper",
    )
    for at, (query, count) in enumerate(zip(queries, counts, strict=True)):
        its = [list(map(str, documents[doc])) for doc in candidates[at][:count]]
        assert chosen[at, : found[at]].tolist() == plain_recall(list(map(str, query)), its, 8, 0.1, 0.0)
