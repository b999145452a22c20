"""``coverage@k``: greedy set cover by hand, its guarantee by brute force, weights with their arithmetic."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reranking import check, queries_of, sources_of

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.strategies.coverage import CoverageSelector, agreement, choose_by_coverage

WORDS = ["rot", "grün", "Blau", "gelb", "LILA", "weiß"]


def pool_of(*sources: str, language: str = "de") -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], language, "en"))


def pool_of_pairs(*pairs: tuple[str, str]) -> Pool:
    return Pool(Corpus.from_pairs(pairs, "de", "en"))


def places(choices: list[Choice]) -> list[int]:
    return [choice.index for choice in choices]


# the greedy cover


def cover(weights: list[float], held: list[set[int]], k: int) -> list[tuple[int, float]]:
    rows = np.array([row for row, its in enumerate(held) for _ in its], np.int64)
    columns = np.array([column for its in held for column in sorted(its)], np.int64)
    return choose_by_coverage(np.array(weights, np.float64), rows, columns, len(held), k)


def test_the_greatest_gain_comes_first_and_what_is_covered_counts_no_more() -> None:
    # gains 5, 5, 8 → 2; then 0, 2 (of 3 + 2) → 1
    assert cover([5, 3, 2], [{0}, {1, 2}, {0, 1}], 2) == [(2, 8), (1, 2)]


def test_a_new_cover_starts_when_nothing_is_left_to_gain() -> None:
    # as above; then all is covered, and in a new cover 0 gains 5 again
    assert cover([5, 3, 2], [{0}, {1, 2}, {0, 1}], 9) == [(2, 8), (1, 2), (0, 5)]
    # four of the same: a new cover for each, in their order
    assert cover([1], [{0}] * 4, 9) == [(0, 1), (1, 1), (2, 1), (3, 1)]


def test_a_new_cover_forgets_what_the_last_one_covered() -> None:
    # 0 covers both; new cover: 1 gains 4, and 2 nothing that 1 did not → after 3, a new cover for 2
    assert cover([4, 1], [{0, 1}, {0}, {0}, {1}], 4) == [(0, 5), (1, 4), (3, 1), (2, 4)]


def test_ties_go_to_the_earlier_candidate() -> None:
    assert cover([1, 1, 2], [{0}, {2}, {0, 1}], 3) == [(1, 2), (2, 2), (0, 1)]


def test_what_holds_nothing_of_weight_comes_last_in_its_order() -> None:
    assert cover([1, 0], [set(), {1}, {0}], 3) == [(2, 1), (0, 0), (1, 0)]
    assert cover([], [set(), set()], 1) == [(0, 0)]


def test_nothing_to_choose_from_gives_nothing() -> None:
    assert cover([1], [], 3) == []


@given(
    st.lists(st.integers(0, 9), min_size=6, max_size=6),
    st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=7),
    st.integers(1, 4),
)
def test_greedy_choices_cover_at_least_the_share_that_is_proven(
    weights: list[int], held: list[set[int]], k: int
) -> None:
    def covered(chosen: list[int]) -> int:
        return sum(weights[element] for element in set().union(*(held[row] for row in chosen)))

    chosen = cover([float(weight) for weight in weights], held, k)
    rows = [row for row, _ in chosen]
    assert len(set(rows)) == len(rows) == min(k, len(held))
    best = max(covered(list(those)) for those in combinations(range(len(held)), len(rows)))
    assert covered(rows) >= (1 - 1 / math.e) * best
    # and step by step the first of those that add the most, until nothing adds
    for step, (row, gain) in enumerate(chosen):
        gains = [
            -1 if other in rows[:step] else covered([*rows[:step], other]) - covered(rows[:step])
            for other in range(len(held))
        ]
        if max(gains) == 0:
            break
        assert (row, gain) == (gains.index(max(gains)), max(gains))


# weights


def test_the_querys_n_grams_weigh_the_mean_idf_of_their_words() -> None:
    # N = 4; rot and grün in 2 sources each: idf ln(1 + 2.5/2.5) = 0.6931472; blau in 1: ln(1 + 3.5/1.5) =
    # 1.2039728. rot 0.6931472, grün 0.6931472, blau 1.2039728, "rot grün" 0.6931472,
    # "grün blau" (0.6931472 + 1.2039728)/2 = 0.94856; together 4.2319744
    # 1 has grün, blau and "grün blau": 2.84568, 67.2424 %; 0 then adds rot and "rot grün": 1.3862944,
    # 32.7576 %; all is covered, and in a new cover 2 has rot: 16.3788 %
    pool = pool_of("rot grün", "grün blau", "rot", "gelb")
    (choices,) = CoverageSelector(pool, 4, max_order=2).select([Query("rot grün blau")])
    assert places(choices) == [1, 0, 2]
    assert [choice.score for choice in choices] == pytest.approx([67.2424, 32.7576, 16.3788], abs=1e-4)


def test_what_no_candidate_has_is_part_of_the_whole() -> None:
    # N = 1: rot ln(1 + 0.5/1.5) = 0.2876821, the unknown word ln(1 + 1.5/0.5) = 1.3862944
    (choices,) = CoverageSelector(pool_of("rot"), 1, max_order=1).select([Query("rot unbekannt")])
    assert choices == [Choice(0, pytest.approx(100 * 0.2876821 / 1.6739765, abs=1e-4))]


def test_an_n_gram_counts_once_however_often_it_is_there() -> None:
    once = CoverageSelector(pool_of("rot rot rot grün"), 1, max_order=1).select([Query("rot grün")])
    often = CoverageSelector(pool_of("rot rot rot grün"), 1, max_order=1).select([Query("rot rot grün")])
    assert once == often == [[Choice(0, pytest.approx(100))]]


def test_longer_n_grams_tell_apart_what_words_do_not() -> None:
    pool = pool_of("blau grün rot", "rot grün blau gelb")  # the shorter is BM25's best
    assert places(CoverageSelector(pool, 1, max_order=1).select([Query("rot grün blau")])[0]) == [0]
    assert places(CoverageSelector(pool, 1, max_order=2).select([Query("rot grün blau")])[0]) == [1]


def test_case_is_ignored() -> None:
    (choices,) = CoverageSelector(pool_of("ROT Grün"), 1).select([Query("rot grün")])
    assert choices == [Choice(0, pytest.approx(100))]


# the targets' side


def test_agreement_is_the_chance_that_two_texts_drawn_by_relevance_both_have_it() -> None:
    # shares 3/6, 2/6, 1/6. n-gram 0 in all three: 2·(3·2 + 3·1 + 2·1)/36 = 22/36; 1 in the first
    # and the last: 2·3·1/36; 2 in the second alone: none
    rows, columns = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 2, 0, 1])
    assert agreement([3, 2, 1], rows, columns).tolist() == [pytest.approx(22 / 36), pytest.approx(6 / 36), 0]


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=9))
def test_what_one_text_alone_has_is_agreed_on_by_nobody(scores: list[float]) -> None:
    alone = np.arange(len(scores))
    assert agreement(scores, alone, alone).tolist() == [0] * len(scores)


def test_targets_that_agree_decide_between_sources_that_cover_the_same() -> None:
    # all of the source (rot) in each; of the targets' words only y stands in two
    pool = pool_of_pairs(("rot a", "x"), ("rot b", "y"), ("rot c", "y"), ("gelb", "z"))
    by_source = CoverageSelector(pool, 3).select([Query("rot")])
    assert by_source == [[Choice(place, pytest.approx(100)) for place in (0, 1, 2)]]
    # half of the weight is y's: 1 covers all; new cover: 2 covers all; new cover: 0 covers rot
    by_both = CoverageSelector(pool, 3, side="both").select([Query("rot")])
    assert by_both == [
        [Choice(1, pytest.approx(100)), Choice(2, pytest.approx(100)), Choice(0, pytest.approx(50))]
    ]


def test_what_every_target_has_weighs_little() -> None:
    # the four candidates are even, "the" and "q" stand in two of their targets each, but "the" in
    # all others, too. N = 7: the ln(1 + 2.5/5.5) = 0.3747, q ln(1 + 5.5/2.5) = 1.1632
    pairs = [("rot a", "the"), ("rot b", "the"), ("rot c", "q"), ("rot d", "q")]
    pool = pool_of_pairs(*pairs, *[(word, "the") for word in ("gelb", "lila", "weiß")])
    (choices,) = CoverageSelector(pool, 2, side="both").select([Query("rot")])
    # 2: rot 50 and q's part of the other 50; then 0 the rest
    q = 50 * 1.1632 / (1.1632 + 0.3747)
    assert choices == [Choice(2, pytest.approx(50 + q, abs=0.01)), Choice(0, pytest.approx(50 - q, abs=0.01))]


def test_relevance_weighs_what_targets_agree_on() -> None:
    # "rot" is frequent and "blau" rare: the two with blau have the higher BM25 score and agree on p;
    # the two with rot agree on q. p and q are in two targets of seven each
    pairs = [("rot a", "q"), ("rot b", "q"), ("blau c", "p"), ("blau d", "p")]
    pool = pool_of_pairs(*pairs, *[(f"rot {i} {i} {i}", str(i)) for i in range(3)])
    query = Query("rot blau", frozenset({4, 5, 6}))
    found = {choice.index: choice.score for choice in pool.candidates([query], 9)[0]}
    assert found[2] == found[3] > found[0] == found[1]  # type: ignore[operator]
    (choices,) = CoverageSelector(pool, 2, side="both", max_order=1).select([query])
    total = sum(score or 0 for score in found.values())
    p, q = ((2 * ((found[place] or 0) / total) ** 2) for place in (2, 0))
    # idf: rot 5 of 7 sources, blau 2 of 7
    rot, blau = math.log(1 + 2.5 / 5.5), math.log(1 + 5.5 / 2.5)
    assert places(choices) == [2, 0]
    assert [choice.score for choice in choices] == pytest.approx(
        [50 * blau / (rot + blau) + 50 * p / (p + q), 50 * rot / (rot + blau) + 50 * q / (p + q)], abs=1e-3
    )


def test_where_no_targets_agree_the_source_has_all_the_weight() -> None:
    for side in ("source", "both"):
        (choices,) = CoverageSelector(pool_of_pairs(("rot", "red")), 2, side=side).select([Query("rot")])
        assert choices == [Choice(0, pytest.approx(100))]


# the strategy


def test_candidates_limits_what_is_chosen_from() -> None:
    pool = pool_of("rot grün", "rot grün blau", "rot grün gelb weiß")
    (choices,) = CoverageSelector(pool, 3, candidates=2).select([Query("rot grün weiß")])
    assert set(places(choices)) == set(places(pool.candidates([Query("rot grün weiß")], 2)[0]))


@pytest.mark.parametrize("side", ["source", "both"])
@pytest.mark.parametrize("source", ["", " ", "?!", "unbekannt"])
def test_a_query_without_a_shared_word_gets_nothing(source: str, side: str) -> None:
    assert CoverageSelector(pool_of("rot", "grün"), 2, side).select([Query(source)]) == [[]]


@pytest.mark.parametrize("side", ["source", "both"])
def test_an_empty_pool_and_no_queries_give_nothing(side: str) -> None:
    assert CoverageSelector(pool_of(), 2, side).select([Query("rot")]) == [[]]
    assert CoverageSelector(pool_of("rot"), 2, side).select([]) == []


def test_a_query_longer_than_any_document_is_covered_as_far_as_it_goes() -> None:
    (choices,) = CoverageSelector(pool_of("rot"), 4).select([Query("rot " * 500)])
    # rot, "rot rot", … weigh the same each, and one of the four is there
    assert choices == [Choice(0, pytest.approx(25))]


@pytest.mark.parametrize("side", ["source", "both"])
def test_pairs_added_later_are_found(side: str) -> None:
    pool = pool_of("rot")
    selector = CoverageSelector(pool, 3, side)
    selector.select([Query("rot")])
    pool.corpus.add([("rot grün", "x y"), ("grün", "x")])
    queries = [Query("rot grün")]
    assert selector.select(queries) == CoverageSelector(pool, 3, side).select(queries)
    assert places(selector.select(queries)[0])[0] == 1


@pytest.mark.parametrize("side", ["source", "both"])
@pytest.mark.parametrize(
    ("language", "query", "sources", "expected"),
    [
        ("zh", "打开文件", ["文打件开", "打开文件夹"], 1),
        ("ja", "ファイルを開く", ["く開をルイァフ", "ファイルを開ける"], 1),
        ("th", "เปิดไฟล์", ["ปิด", "เปิดไฟล์นี้"], 1),
        ("ar", "افتح الملف", ["أغلق النافذة", "افتح الملف الآن"], 1),
        ("tr", "DOSYA aç", ["pencere aç", "dosya aç şimdi"], 1),
        ("sw", "fungua faili", ["funga faili", "fungua faili sasa"], 1),
    ],
)
def test_other_languages_work(
    language: str, query: str, sources: list[str], expected: int, side: str
) -> None:
    (choices,) = CoverageSelector(pool_of(*sources, language=language), 1, side).select([Query(query)])
    assert places(choices) == [expected]


# invariants

SOURCES = sources_of(WORDS)
TARGETS = [" ".join("abc"[(i + j) % 3] for j in range(1 + i % 4)) for i in range(30)]
POOL = pool_of_pairs(*zip(SOURCES, TARGETS, strict=True))


@settings(max_examples=60, deadline=None)
@given(
    queries_of(WORDS),
    st.integers(1, 40),
    st.sampled_from(["source", "both"]),
    st.integers(1, 30),
    st.integers(1, 9),
)
def test_choices_are_unique_in_range_not_excluded_and_independent_of_the_batch(
    queries: list[Query], k: int, side: str, candidates: int, max_order: int
) -> None:
    selector = CoverageSelector(POOL, k, side, candidates, max_order)
    for choices in check(selector, POOL, queries, k, candidates):
        assert all(0 < (choice.score or 0) <= 100 + 1e-6 for choice in choices)


# mistakes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"side": "target"}, "coverage: side must be source or both, got 'target'"),
        ({"side": 1}, "coverage: side must be source or both, got 1"),
        ({"candidates": 0}, "coverage: candidates must be a number of at least 1, got 0"),
        ({"candidates": float("nan")}, "coverage: candidates must be a number of at least 1, got nan"),
        ({"max_order": 0}, "coverage: max_order must be a number of at least 1, got 0"),
        ({"max_order": 1.5}, "coverage: max_order must be a whole number, got 1.5"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CoverageSelector(POOL, 4, **options)  # type: ignore[arg-type]


def test_a_missing_number_of_examples_is_refused() -> None:
    with pytest.raises(ConfigError, match="coverage needs a number of examples, for instance coverage@4"):
        CoverageSelector(POOL, None)
