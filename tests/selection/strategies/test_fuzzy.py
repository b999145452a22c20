"""``fuzzy@k``: match percentages of translation memories."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.strategies.fuzzy import FuzzySelector
from mtprompt.text.tokens import normalize


def pool_of(*sources: str, language: str = "de") -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], language, "en"))


def fuzzy(
    query: str,
    *sources: str,
    k: int = 9,
    excluded: frozenset[int] = frozenset(),
    language: str = "de",
    candidates: int = 100,
) -> list[tuple[int, float | None]]:
    selector = FuzzySelector(pool_of(*sources, language=language), k, candidates)
    (choices,) = selector.select([Query(query, excluded)])
    return [(choice.index, choice.score) for choice in choices]


def indices(found: list[tuple[int, float | None]]) -> list[int]:
    return [index for index, _ in found]


def test_the_score_is_the_share_of_characters_that_need_no_edit() -> None:
    # "rot grün" has 8 characters. "rot": 5 to insert, 100·(1 − 5/8) = 37.5; "rot grau": ün → au, 2 to
    # replace, 100·(1 − 2/8) = 75; "rot grün blau": 5 of 13 to delete, 100·(1 − 5/13) = 61.54
    found = fuzzy("rot grün", "rot", "rot grau", "rot grün blau")
    assert found == [(1, 75.0), (2, pytest.approx(61.538, abs=1e-3)), (0, 37.5)]


def test_a_match_in_other_case_width_or_spacing_is_100_percent() -> None:
    assert fuzzy("DATEI  öffnen", "Datei öffnen") == [(0, 100.0)]
    assert fuzzy("ＰＤＦ öffnen", "PDF\u00a0öffnen") == [(0, 100.0)]


def test_an_inflected_word_is_nearly_a_match() -> None:
    # Dateien: 2 of 18 characters to delete; Tabelle: 5 of 18 to change
    found = fuzzy("Die Datei öffnen", "Die Tabelle öffnen", "Die Dateien öffnen")
    assert found[0] == (1, pytest.approx(100 * (1 - 2 / 18)))


def test_ties_go_to_the_earlier_pair_even_where_bm25_ranks_the_later_higher() -> None:
    # each differs in one character of 8, and "grün" is the rarer of the words that they share with it
    pool = pool_of("rot grüx", "xot grün", "rot", "rot blau")
    query = Query("rot grün")
    ((first, *_),) = pool.candidates([query], 4)
    assert first.index == 1
    (choices,) = FuzzySelector(pool, 2).select([query])
    assert [(choice.index, choice.score) for choice in choices] == [(0, 87.5), (1, 87.5)]


def test_a_repeated_source_is_offered_once_and_the_earliest_stands_for_it() -> None:
    found = fuzzy("rot grün", "rot blau", "Rot Grün", "rot grün", "ROT  GRÜN")
    assert found[0] == (1, 100.0)
    assert indices(found) == [1, 0]


def test_excluded_pairs_are_left_out_and_their_repetitions_are_not() -> None:
    found = fuzzy("rot grün", "rot grün", "rot grün", "rot", excluded=frozenset({0}))
    assert found == [(1, 100.0), (2, 37.5)]


def test_only_the_best_candidates_of_bm25_are_looked_at() -> None:
    # BM25 prefers the pair with both rare words, edit distance the one with the same beginning
    sources = ["grün grün rot rot", "rot gräm", "rot gras"]
    assert indices(fuzzy("rot grün", *sources, candidates=1)) == [0]
    assert indices(fuzzy("rot grün", *sources, k=1)) == [1]


def test_k_limits_the_result() -> None:
    assert indices(fuzzy("rot grün", "rot", "rot grau", "rot grün", k=2)) == [2, 1]


@pytest.mark.parametrize("query", ["", "  ", "unbekannt", "!", "\n"])
def test_a_text_without_a_word_of_the_pool_gets_nothing(query: str) -> None:
    assert fuzzy(query, "rot grün", "blau") == []


def test_an_empty_pool_gives_nothing_and_a_small_one_what_it_has() -> None:
    assert fuzzy("rot") == []
    assert fuzzy("rot", "rot") == [(0, 100.0)]


def test_a_text_much_longer_than_any_pair_still_gets_its_matches() -> None:
    ((index, score),) = fuzzy("rot " * 5000, "rot", "blau")
    assert index == 0
    assert score == pytest.approx(100 * 3 / 19_999)  # 3 of 5000·4 − 1 characters stay


@pytest.mark.parametrize(
    ("language", "far", "near", "query"),
    [
        ("zh", "打开所有其他的窗口", "打开这个文件", "打开那个文件"),
        ("ja", "ファイルについての説明", "ファイルを開く", "ファイルを閉じる"),
        ("th", "ไฟล์ทั้งหมดในโฟลเดอร์", "เปิดไฟล์", "ปิดไฟล์"),
        ("ar", "الملف الجديد الكبير جدا", "افتح الملف", "أغلق الملف"),
        ("tr", "dosya adı çok uzun olabilir", "dosya aç", "dosya ağ"),
        ("sw", "faili zote za zamani zimefutwa", "fungua faili", "funga faili"),
    ],
)
def test_the_nearer_sentence_wins_in_every_script(language: str, far: str, near: str, query: str) -> None:
    assert indices(fuzzy(query, far, near, language=language)) == [1, 0]


@pytest.mark.parametrize("candidates", [0, -1, 2.5, float("nan"), "many", True])
def test_a_wrong_number_of_candidates_is_refused(candidates: object) -> None:
    with pytest.raises(ConfigError, match=r"^fuzzy: candidates must be a (whole )?number"):
        FuzzySelector(pool_of("a"), 4, candidates)


def test_without_k_it_says_what_to_write() -> None:
    with pytest.raises(ConfigError, match=r"^fuzzy needs a number of examples, for instance fuzzy@4$"):
        FuzzySelector(pool_of("a"), None)


def edits(one: str, other: str) -> int:
    """Levenshtein's distance by the textbook's table, row by row."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        left = [i]
        for j, b in enumerate(other, start=1):
            left.append(min(row[j] + 1, left[-1] + 1, row[j - 1] + (a != b)))
        row = left
    return row[-1]


WORDS = ["rot", "Rot", "rote", "grün", "blau", "und", "Straße", "STRASSE", "ﬁx"]
SOURCES = [
    " ".join(WORDS[(i * 7 + j * (i % 4 + 1)) % len(WORDS)] for j in range(1 + i % 5)) for i in range(40)
]
SHARED = pool_of(*SOURCES)
queries_of = st.lists(
    st.builds(
        Query,
        st.lists(st.sampled_from([*WORDS, "neu", "x"]), max_size=7).map(" ".join),
        st.frozensets(st.integers(0, len(SOURCES) - 1), max_size=6),
    ),
    max_size=5,
)


@settings(max_examples=50, deadline=None)
@given(queries=queries_of, k=st.integers(1, 12))
def test_matches_are_ranked_unique_not_excluded_and_independent_of_the_batch(
    queries: list[Query], k: int
) -> None:
    selector = FuzzySelector(SHARED, k)
    together = selector.select(queries)
    assert len(together) == len(queries)
    for query, choices in zip(queries, together, strict=True):
        texts = [normalize(SOURCES[choice.index]) for choice in choices]
        assert len(choices) <= k
        assert len(set(texts)) == len(texts)
        assert query.excluded.isdisjoint(choice.index for choice in choices)
        wanted = normalize(query.source)
        expected = [100 * (1 - edits(wanted, text) / max(len(wanted), len(text))) for text in texts]
        assert [choice.score for choice in choices] == pytest.approx(expected)
        ranked = [(-(choice.score or 0), choice.index) for choice in choices]
        assert ranked == sorted(ranked)
    assert [selector.select([query])[0] for query in queries] == together, "one by one"
    assert selector.select(queries[::-1]) == together[::-1], "another order"
