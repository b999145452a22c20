"""``dpp@k``: greedy MAP against determinants computed one by one, and what happens at determinant 0."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reranking import check, queries_of, sources_of

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.strategies.dpp import DPPSelector, choose_by_dpp
from mtprompt.selection.tfidf import TfIdfVectors

WORDS = ["rot", "grün", "Blau", "gelb", "LILA", "weiß"]


def pool_of(*sources: str, language: str = "de") -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], language, "en"))


def places(choices: list[Choice]) -> list[int]:
    return [choice.index for choice in choices]


def vectors_of(query: str, *candidates: str) -> TfIdfVectors:
    return TfIdfVectors([text.split() for text in (query, *candidates)], lambda token: 1.0)


# the choice


def test_without_relevance_the_widest_set_is_chosen() -> None:
    # cosines: "a b" with "a c" 1/2, with "c d" 0; the first by rank, as all lengths are 1
    # second: "c d" keeps all of its 1, "a c" 1 − 1/4
    # third: "a c" is 1/2 in the direction of either: 1 − 1/4 − 1/4
    chosen = choose_by_dpp(vectors_of("a b", "a b", "a c", "c d"), 3, relevance=0)
    assert chosen == [(0, pytest.approx(100)), (2, pytest.approx(100)), (1, pytest.approx(50))]


def test_relevance_outweighs_diversity() -> None:
    # as above; cosines with the query 1, 1/2, 0. Second: "a c" 2·(1/2) + ln(3/4) = 0.712, "c d" 0 + ln 1 = 0
    # scores: e^(2·(1 − 1)) = 1; 3/4·e^(2·(1/2 − 1)) = 0.75/e;
    # "c d" then: of its length 1 the share along "a c" less its part along "a b" is gone,
    # (1/2)²/(3/4) = 1/3 → 2/3·e^(−2)
    chosen = choose_by_dpp(vectors_of("a b", "a b", "a c", "c d"), 3, relevance=2)
    assert [place for place, _ in chosen] == [0, 1, 2]
    assert [score for _, score in chosen] == pytest.approx([100, 75 / math.e, 200 / 3 / math.e**2], rel=1e-5)


def test_what_repeats_the_chosen_comes_last_by_relevance_with_score_0() -> None:
    # "b a" repeats "a b"; "a b a b" has its direction, too. "a", "b" span the same plane, so after
    # "a b" and "a" nothing of "b" is left either; cosines with the query: "b" 1/√2, the repetitions 1
    chosen = choose_by_dpp(vectors_of("a b", "a b", "a", "b", "b a", "a b a b"), 9, relevance=1)
    assert [place for place, _ in chosen] == [0, 1, 3, 4, 2]
    assert [score for _, score in chosen[2:]] == [0, 0, 0]
    assert choose_by_dpp(vectors_of("a b", "a b", "b a", "a b"), 2, relevance=1)[1] == (1, 0.0)


def test_a_weight_that_overflows_exp_is_no_harm() -> None:
    chosen = choose_by_dpp(vectors_of("a b", "c d", "a c", "a b"), 3, relevance=1000)
    assert [place for place, _ in chosen] == [2, 1, 0]


sentences = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5).map(" ".join)
Matrix = npt.NDArray[np.float64]


def kernel(vectors: TfIdfVectors, size: int, relevance: float) -> Matrix:
    """L = diag(q)·S·diag(q) with q = exp(relevance/2·(sim − 1)), written out."""
    similar = np.array([vectors.cosines(z + 1)[1:] for z in range(size)]).reshape(size, size)
    quality = np.exp(relevance / 2 * (vectors.cosines(0)[1:] - 1))
    whole: Matrix = quality[:, None] * similar * quality[None, :]
    return whole


@settings(max_examples=200)
@given(
    sentences,
    st.lists(sentences, min_size=1, max_size=7),
    st.integers(1, 8),
    st.sampled_from([0, 0.5, 3, 10]),
)
def test_every_step_makes_the_determinant_as_great_as_any_candidate_could(
    query: str, candidates: list[str], k: int, relevance: float
) -> None:
    vectors = vectors_of(query, *candidates)
    whole = kernel(vectors, len(candidates), relevance)

    def determinant(chosen: list[int]) -> float:
        return float(np.linalg.det(whole[np.ix_(chosen, chosen)]))

    chosen = choose_by_dpp(vectors, k, relevance)
    assert sorted({place for place, _ in chosen}) == sorted(place for place, _ in chosen)
    assert len(chosen) == min(k, len(candidates))
    so_far: list[int] = []
    before = 1.0
    for place, score in chosen:
        others = [z for z in range(len(candidates)) if z not in so_far]
        best = max(determinant([*so_far, z]) for z in others)
        if score == 0:
            # ln det may end at what is taken for nothing: 10⁻⁶ of the length, times q² ≤ 1
            assert best <= 1.1e-6 * before
            break
        now = determinant([*so_far, place])
        assert now >= best * (1 - 1e-5)
        assert score / 100 * before == pytest.approx(now, rel=1e-4)
        # of equals the first: no earlier candidate comes as near as rounding
        earlier = [determinant([*so_far, z]) for z in others if z < place]
        assert all(value <= now * (1 - 1e-7) for value in earlier)
        so_far.append(place)
        before = now


# the strategy


def test_dpp_prefers_a_new_word_to_a_second_example_of_the_same() -> None:
    # "rot rot x" and "rot rot y" are alike, "grün z w v" is not
    pool = pool_of("rot rot x", "rot rot y", "grün z w v", "rot q")
    (choices,) = DPPSelector(pool, 2, relevance=1).select([Query("rot grün", frozenset({3}))])
    assert set(places(choices)) == {0, 2}


def test_a_determinant_by_hand_with_the_pools_idf() -> None:
    # N = 2, each word in one source: idf ln(1 + 1.5/1.5) = ln 2 for all, so it cancels
    # query "rot grün" with "rot x" and with "grün y": 1/2 each; these two share nothing
    # scores: 100·e^(3·(1/2 − 1)) = 100·e^(−1.5), for both
    (choices,) = DPPSelector(pool_of("rot x", "grün y"), 2).select([Query("rot grün")])
    expected = pytest.approx(100 * math.exp(-1.5), rel=1e-5)
    assert choices == [Choice(0, expected), Choice(1, expected)]


def test_sources_that_differ_in_case_or_order_alone_are_repetitions() -> None:
    (choices,) = DPPSelector(pool_of("rot grün", "ROT grün", "grün rot", "rot blau"), 4).select(
        [Query("rot grün")]
    )
    assert places(choices) == [0, 3, 1, 2]
    assert [choice.score for choice in choices[2:]] == [0, 0]


def test_candidates_limits_what_is_chosen_from() -> None:
    pool = pool_of("rot grün", "rot grün blau", "rot grün gelb weiß")
    (choices,) = DPPSelector(pool, 3, relevance=0, candidates=2).select([Query("rot grün")])
    assert sorted(places(choices)) == [0, 1]


@pytest.mark.parametrize("source", ["", " ", "?!", "unbekannt"])
def test_a_query_without_a_shared_word_gets_nothing(source: str) -> None:
    assert DPPSelector(pool_of("rot", "grün"), 2).select([Query(source)]) == [[]]


def test_an_empty_pool_and_no_queries_give_nothing() -> None:
    assert DPPSelector(pool_of(), 2).select([Query("rot")]) == [[]]
    assert DPPSelector(pool_of("rot"), 2).select([]) == []


def test_a_pool_of_one_gives_it() -> None:
    (choices,) = DPPSelector(pool_of("rot"), 4).select([Query("rot " * 500)])
    assert choices == [Choice(0, pytest.approx(100))]


def test_pairs_added_later_are_found() -> None:
    pool = pool_of("rot")
    selector = DPPSelector(pool, 2)
    selector.select([Query("rot")])
    pool.corpus.add([("rot grün", "x")])
    (choices,) = selector.select([Query("rot grün")])
    assert places(choices) == [1, 0]


@pytest.mark.parametrize(
    ("language", "query", "sources", "expected"),
    [
        ("zh", "打开文件", ["关闭窗口", "打开窗口", "保存文件"], {1, 2}),
        ("ja", "ファイルを開く", ["開く", "ファイル"], {0, 1}),
        ("th", "เปิดไฟล์", ["ปิด", "ไฟล์"], {0, 1}),
        ("ar", "افتح الملف", ["أغلق النافذة", "احفظ الملف"], {1}),
        ("tr", "DOSYA aç", ["pencere", "dosya kaydet"], {1}),
        ("sw", "fungua faili", ["funga dirisha", "hifadhi faili"], {1}),
    ],
)
def test_other_languages_work(language: str, query: str, sources: list[str], expected: set[int]) -> None:
    (choices,) = DPPSelector(pool_of(*sources, language=language), 2).select([Query(query)])
    assert set(places(choices)) == expected


# invariants

POOL = pool_of(*sources_of(WORDS))


@settings(max_examples=50, deadline=None)
@given(queries_of(WORDS), st.integers(1, 40), st.sampled_from([0.0, 3.0, 1000.0]), st.integers(1, 30))
def test_choices_are_unique_in_range_not_excluded_and_independent_of_the_batch(
    queries: list[Query], k: int, relevance: float, candidates: int
) -> None:
    selector = DPPSelector(POOL, k, relevance, candidates)
    check(selector, POOL, queries, k, candidates)


# mistakes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"relevance": float("nan")}, "dpp: relevance must be a number from 0 to 1000, got nan"),
        ({"relevance": -1}, "dpp: relevance must be a number from 0 to 1000, got -1"),
        ({"relevance": float("inf")}, "dpp: relevance must be a number from 0 to 1000, got inf"),
        ({"relevance": "high"}, "dpp: relevance must be a number from 0 to 1000, got 'high'"),
        ({"candidates": 0}, "dpp: candidates must be a number of at least 1, got 0"),
        ({"candidates": 2.5}, "dpp: candidates must be a whole number, got 2.5"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        DPPSelector(POOL, 4, **options)  # type: ignore[arg-type]


def test_a_missing_number_of_examples_is_refused() -> None:
    with pytest.raises(ConfigError, match="dpp needs a number of examples, for instance dpp@4"):
        DPPSelector(POOL, None)
