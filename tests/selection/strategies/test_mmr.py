"""``mmr@k``: relevance against redundancy, by hand and against the formula taken literally."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reranking import check, queries_of, sources_of

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.strategies.mmr import MMRSelector, choose_by_mmr
from mtprompt.selection.tfidf import TfIdfVectors

WORDS = ["rot", "grün", "Blau", "gelb", "LILA", "weiß"]


def pool_of(*sources: str, language: str = "de") -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], language, "en"))


def places(choices: list[Choice]) -> list[int]:
    return [choice.index for choice in choices]


def vectors_of(query: str, *candidates: str) -> TfIdfVectors:
    return TfIdfVectors([text.split() for text in (query, *candidates)], lambda token: 1.0)


# the choice


@pytest.mark.parametrize(
    ("balance", "expected"),
    [
        # cosines with "a b": 1, 1, 1/2; between the first two 1, of the third with each 1/2
        # second choice: λ·1 − (1 − λ)·1 against λ/2 − (1 − λ)/2, even at λ = 1/2, where the earlier wins
        (1.0, [(0, 1.0), (1, 1.0), (2, 0.5)]),
        (0.6, [(0, 0.6), (1, 0.6 - 0.4), (2, 0.3 - 0.2)]),
        (0.5, [(0, 0.5), (1, 0.0), (2, 0.0)]),
        (0.3, [(0, 0.3), (2, 0.15 - 0.35), (1, 0.3 - 0.7)]),
        (0.0, [(0, 0.0), (2, -0.5), (1, -1.0)]),
    ],
)
def test_balance_decides_between_a_repetition_and_something_else(
    balance: float, expected: list[tuple[int, float]]
) -> None:
    chosen = choose_by_mmr(vectors_of("a b", "a b", "b a", "a c"), 3, balance)
    assert chosen == [(place, pytest.approx(value, abs=1e-6)) for place, value in expected]


def test_redundancy_is_the_nearest_of_the_chosen_not_the_last() -> None:
    # λ = 0.3. Cosines with the query: 1, 1/√2, 1/√2, 1/2; with the first choice the same
    # second: "c a" 0.3/2 − 0.7/2 = −0.2, before "a" and "b" with (0.3 − 0.7)/√2 = −0.283
    # third: "a" has 1/√2 with both chosen; "b" has 1/√2 with the first and 0 with the last, so both
    # are at −0.283 still and the earlier is taken
    chosen = choose_by_mmr(vectors_of("a b", "a b", "a", "b", "c a"), 4, 0.3)
    assert [place for place, _ in chosen] == [0, 3, 1, 2]
    assert [value for _, value in chosen] == pytest.approx(
        [0.3, -0.2, -0.4 / math.sqrt(2), -0.4 / math.sqrt(2)], abs=1e-6
    )


def literally(vectors: TfIdfVectors, size: int, k: int, balance: float) -> list[tuple[int, float]]:
    """The formula, with all of its similarities computed anew in every step."""
    chosen: list[tuple[int, float]] = []
    while len(chosen) < min(k, size):
        values = {}
        for z in range(size):
            if z not in [place for place, _ in chosen]:
                nearest = max((float(vectors.cosines(s + 1)[z + 1]) for s, _ in chosen), default=0.0)
                values[z] = balance * float(vectors.cosines(0)[z + 1]) - (1 - balance) * nearest
        best = max(values, key=lambda z: (values[z], -z))
        chosen.append((best, values[best]))
    return chosen


sentences = st.lists(st.sampled_from("abcde"), min_size=1, max_size=5).map(" ".join)


@given(sentences, st.lists(sentences, max_size=7), st.integers(1, 9), st.floats(0, 1))
def test_every_choice_is_the_formulas(query: str, candidates: list[str], k: int, balance: float) -> None:
    vectors = vectors_of(query, *candidates)
    assert choose_by_mmr(vectors, k, balance) == literally(vectors, len(candidates), k, balance)


# the strategy


def test_mmr_prefers_a_new_word_to_a_second_example_of_the_same() -> None:
    # N = 5: idf(a) with 3 sources ln(1 + 2.5/3.5) = 0.5390, idf(b) with 1 ln(1 + 4.5/1.5) = 1.3863,
    # x, y, z, w 1.3863 each, v 1 too. "a a x" and "a a y" and "b z w v" against "a b":
    # query (0.5390, 1.3863), length 1.4874
    # "a a x": (1.0780, 1.3863), length 1.7561; cosine 0.5390·1.0780/(1.4874·1.7561) = 0.2225, also "a a y"
    # "b z w v": four times 1.3863, length 2.7726; cosine 1.3863²/(1.4874·2.7726) = 0.4660
    pool = pool_of("a a x", "a a y", "b z w v", "a q", "r")
    (choices,) = MMRSelector(pool, 2, balance=0.5).select([Query("a b", frozenset({3}))])
    # then 0.5·0.2225 − 0.5·0 for the first of the two
    assert places(choices) == [2, 0]
    assert [choice.score for choice in choices] == pytest.approx([0.2330, 0.1113], abs=2e-4)
    (all_three,) = MMRSelector(pool, 9, balance=0.5).select([Query("a b", frozenset({3}))])
    # "a a x" and "a a y" share a: 1.0780²/1.7561² = 0.3768; 0.5·0.2225 − 0.5·0.3768
    assert places(all_three) == [2, 0, 1]
    assert all_three[2].score == pytest.approx(-0.0772, abs=2e-4)


def test_candidates_limits_what_is_chosen_from() -> None:
    pool = pool_of("rot grün", "rot grün blau", "rot grün gelb weiß")
    (choices,) = MMRSelector(pool, 3, balance=0.1, candidates=2).select([Query("rot grün")])
    assert sorted(places(choices)) == [0, 1]


def test_a_repeated_source_is_offered_once() -> None:
    (choices,) = MMRSelector(pool_of("rot", "rot", "rot"), 3).select([Query("rot")])
    assert places(choices) == [0]


@pytest.mark.parametrize("source", ["", " ", "?!", "unbekannt"])
def test_a_query_without_a_shared_word_gets_nothing(source: str) -> None:
    assert MMRSelector(pool_of("rot", "grün"), 2).select([Query(source)]) == [[]]


def test_an_empty_pool_and_no_queries_give_nothing() -> None:
    assert MMRSelector(pool_of(), 2).select([Query("rot")]) == [[]]
    assert MMRSelector(pool_of("rot"), 2).select([]) == []


def test_a_pool_of_one_gives_it() -> None:
    (choices,) = MMRSelector(pool_of("rot"), 4).select([Query("rot " * 500)])
    assert choices == [Choice(0, pytest.approx(0.5))]


def test_pairs_added_later_are_found() -> None:
    pool = pool_of("rot")
    selector = MMRSelector(pool, 2)
    selector.select([Query("rot")])
    pool.corpus.add([("rot grün", "x")])
    (choices,) = selector.select([Query("rot grün")])
    assert places(choices) == [1, 0]


@pytest.mark.parametrize(
    ("language", "query", "sources", "expected"),
    [
        ("zh", "打开文件", ["关闭窗口", "打开窗口", "保存文件"], [1, 2]),
        ("ja", "ファイルを開く", ["開く", "ファイル"], [1, 0]),
        ("th", "เปิดไฟล์", ["ปิด", "ไฟล์"], [1, 0]),
        ("ar", "افتح الملف", ["أغلق النافذة", "احفظ الملف"], [1]),
        ("tr", "DOSYA aç", ["pencere", "dosya kaydet"], [1]),
        ("sw", "fungua faili", ["funga dirisha", "hifadhi faili"], [1]),
    ],
)
def test_other_languages_work(language: str, query: str, sources: list[str], expected: list[int]) -> None:
    (choices,) = MMRSelector(pool_of(*sources, language=language), 2).select([Query(query)])
    assert places(choices) == expected


# invariants

POOL = pool_of(*sources_of(WORDS))


@settings(max_examples=50, deadline=None)
@given(queries_of(WORDS), st.integers(1, 40), st.sampled_from([0.0, 0.5, 1.0]), st.integers(1, 30))
def test_choices_are_unique_in_range_not_excluded_and_independent_of_the_batch(
    queries: list[Query], k: int, balance: float, candidates: int
) -> None:
    selector = MMRSelector(POOL, k, balance, candidates)
    check(selector, POOL, queries, k, candidates)


# mistakes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"balance": float("nan")}, "mmr: balance must be a number from 0 to 1, got nan"),
        ({"balance": -0.1}, "mmr: balance must be a number from 0 to 1, got -0.1"),
        ({"balance": 1.5}, "mmr: balance must be a number from 0 to 1, got 1.5"),
        ({"balance": "0.5"}, "mmr: balance must be a number from 0 to 1, got '0.5'"),
        ({"candidates": 0}, "mmr: candidates must be a number of at least 1, got 0"),
        ({"candidates": 2.5}, "mmr: candidates must be a whole number, got 2.5"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        MMRSelector(POOL, 4, **options)  # type: ignore[arg-type]


def test_a_missing_number_of_examples_is_refused() -> None:
    with pytest.raises(ConfigError, match="mmr needs a number of examples, for instance mmr@4"):
        MMRSelector(POOL, None)
