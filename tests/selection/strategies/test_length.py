"""``length@k``: the nearest in number of tokens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.strategies.length import LengthSelector


def pool_of(*sources: str, language: str = "de") -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], language, "en"))


def nearest(k: int, query: Query, *sources: str, language: str = "de") -> list[int]:
    (choices,) = LengthSelector(pool_of(*sources, language=language), k).select([query])
    return [choice.index for choice in choices]


def test_the_nearest_length_comes_first_and_ties_keep_the_order_of_the_pool() -> None:
    # tokens 1, 3, 2, 5, 3 against the query's 2: differences 1, 1, 0, 3, 1; shorter and longer tie
    sources = ["a", "a b c", "a b", "a b c d e", "c b a"]
    assert nearest(9, Query("x y"), *sources) == [2, 0, 1, 4, 3]
    assert nearest(3, Query("x y"), *sources) == [2, 0, 1]


def test_there_is_no_score() -> None:
    assert LengthSelector(pool_of("a"), 1).select([Query("a")]) == [[Choice(0, None)]]


def test_tokens_are_counted_not_words_or_characters() -> None:
    # 13a parts the marks: "Ja, gut!" is Ja , gut ! = 4 tokens; "Donaudampfschifffahrt" is 1
    assert nearest(1, Query("eins zwei drei vier"), "Donaudampfschifffahrt", "Ja, gut!") == [1]


@pytest.mark.parametrize(
    ("language", "sources", "query"),
    [
        ("zh", ["打开文件", "保存"], "关闭"),  # characters: 4 and 2 against 2
        ("ja", ["ファイルを開く", "保存"], "閉じ"),
        ("th", ["เปิดไฟล์นี้เดี๋ยวนี้", "ปิด"], "ลบ"),
        ("ar", ["افتح الملف الآن", "احفظ"], "أغلق"),  # words: 3 and 1 against 1
        ("tr", ["Dosyayı şimdi aç", "Kaydet"], "Kapat"),
        ("sw", ["Fungua faili sasa", "Hifadhi"], "Funga"),
    ],
)
def test_every_language_is_counted_in_its_own_tokens(language: str, sources: list[str], query: str) -> None:
    assert nearest(1, Query(query), *sources, language=language) == [1]


def test_excluded_pairs_leave_their_place_to_the_next() -> None:
    sources = ["a b", "c d", "e", "f g h"]
    assert nearest(2, Query("x y", frozenset({0, 2})), *sources) == [1, 3]


def test_an_empty_text_gets_the_shortest_and_a_very_long_one_the_longest() -> None:
    sources = ["a b c", "a", "a b"]
    assert nearest(2, Query(""), *sources) == [1, 2]
    assert nearest(2, Query("x " * 100_000), *sources) == [0, 2]


def test_an_empty_pool_gives_nothing_and_a_small_one_what_it_has() -> None:
    assert nearest(3, Query("x")) == []
    assert nearest(3, Query("x"), "a") == [0]
    assert nearest(3, Query("x", frozenset({0})), "a") == []


def test_pairs_that_came_into_the_pool_later_are_seen() -> None:
    pool = pool_of()
    selector = LengthSelector(pool, 2)
    for new, expected in [([], []), (["a b c", "a"], [0, 1]), (["a b"], [2, 0])]:
        pool.corpus.add((source, "target") for source in new)
        ((*choices,),) = selector.select([Query("x y")])
        assert [choice.index for choice in choices] == expected


def test_without_k_it_says_what_to_write() -> None:
    with pytest.raises(ConfigError, match=r"^length needs a number of examples, for instance length@4$"):
        LengthSelector(pool_of("a"), None)


LENGTHS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 0, 9, 7, 9]
POOL = pool_of(*("w " * n for n in LENGTHS))
queries_of = st.lists(
    st.builds(
        Query,
        st.integers(0, 12).map(lambda n: "w " * n),
        st.frozensets(st.integers(0, len(LENGTHS) - 1), max_size=8),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(queries=queries_of, k=st.integers(1, 20))
def test_choices_are_those_of_a_stable_sort_of_the_whole_pool(queries: list[Query], k: int) -> None:
    expected = []
    for query in queries:
        wanted = len(query.source.split())
        allowed = [i for i in range(len(LENGTHS)) if i not in query.excluded]
        expected.append(sorted(allowed, key=lambda i: abs(LENGTHS[i] - wanted))[:k])
    selector = LengthSelector(POOL, k)
    together = selector.select(queries)
    assert [[choice.index for choice in choices] for choices in together] == expected
    assert [selector.select([query])[0] for query in queries] == together, "one by one"
