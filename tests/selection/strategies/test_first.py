"""``first@k``: the top of the pool."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.strategies.first import FirstSelector


def pool_of(*sources: str) -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], "de", "en"))


def first(k: int, query: Query, *sources: str) -> list[int]:
    (choices,) = FirstSelector(pool_of(*sources), k).select([query])
    return [choice.index for choice in choices]


def test_the_first_pairs_come_in_pool_order_whatever_is_asked() -> None:
    assert first(2, Query("c"), "a", "b", "c") == [0, 1]
    assert first(2, Query(""), "a", "b", "c") == [0, 1]


def test_the_next_pairs_take_the_place_of_excluded_ones() -> None:
    assert first(2, Query("a", frozenset({0, 2})), "a", "b", "a", "d") == [1, 3]


def test_there_is_no_score() -> None:
    assert FirstSelector(pool_of("a"), 1).select([Query("a")]) == [[Choice(0, None)]]


@pytest.mark.parametrize(("sources", "expected"), [([], []), (["a"], [0]), (["a", "b"], [0, 1])])
def test_a_pool_smaller_than_k_gives_what_it_has(sources: list[str], expected: list[int]) -> None:
    assert first(5, Query("a"), *sources) == expected


def test_a_pool_of_excluded_pairs_gives_nothing() -> None:
    assert first(2, Query("a", frozenset({0, 1})), "a", "b") == []


def test_a_pair_that_came_into_the_pool_later_is_seen() -> None:
    pool = pool_of("one")
    selector = FirstSelector(pool, 2)
    assert selector.select([Query("x")]) == [[Choice(0, None)]]
    pool.corpus.add([("two", "zwei")])
    assert selector.select([Query("x")]) == [[Choice(0, None), Choice(1, None)]]


def test_without_k_it_says_what_to_write() -> None:
    with pytest.raises(ConfigError, match=r"^first needs a number of examples, for instance first@4$"):
        FirstSelector(pool_of("a"), None)


@given(
    size=st.integers(0, 12),
    k=st.integers(1, 15),
    excluded=st.lists(st.frozensets(st.integers(0, 11)), max_size=4),
)
def test_choices_are_the_smallest_indices_that_are_not_excluded(
    size: int, k: int, excluded: list[frozenset[int]]
) -> None:
    selector = FirstSelector(pool_of(*"abcdefghijkl"[:size]), k)
    results = selector.select([Query("x", out) for out in excluded])
    assert [[c.index for c in r] for r in results] == [sorted(set(range(size)) - out)[:k] for out in excluded]
