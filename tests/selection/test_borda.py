"""Merging rankings by Borda count: points by hand, how it is written, and inside other strategies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.segments import Pair
from mtprompt.selection.borda import merge_ranks
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.select import Selection
from mtprompt.selection.spec import Borda, Concat, Node, Strategy, TopUp, parse, strategies_of

A, B, C = Strategy("a", {}, 1), Strategy("b", {}, 2), Strategy("c")


def merge(*rankings: list[int], k: int = 99) -> list[tuple[int, float | None]]:
    merged = merge_ranks([[Choice(index, None) for index in ranking] for ranking in rankings], k)
    return [(choice.index, choice.score) for choice in merged]


# points


def test_the_first_of_three_gets_three_points_and_the_points_are_the_score() -> None:
    # 7: 3 + 2, 8: 2 + 3, 9: 1 + 1. 7 and 8 tie and both were first once, so the earlier in the pool leads.
    assert merge([7, 8, 9], [8, 7, 9]) == [(7, 5.0), (8, 5.0), (9, 2.0)]


def test_a_pair_that_a_ranking_does_not_have_gets_none_from_it() -> None:
    # 1: 2, 2: 1 + 2, 3: 1
    assert merge([1, 2], [2, 3]) == [(2, 3.0), (1, 2.0), (3, 1.0)]


def test_rankings_of_different_length_all_count_from_the_longest() -> None:
    # longest is 4: the only one of the short ranking gets 4 points, as the first of the long one does.
    # 5: 4, 1: 4, 2: 3, 3: 2, 4: 1; 1 and 5 were both first, 1 is earlier in the pool
    assert merge([1, 2, 3, 4], [5]) == [(1, 4.0), (5, 4.0), (2, 3.0), (3, 2.0), (4, 1.0)]
    # 3: 2 + 4 = 6 overtakes
    assert merge([1, 2, 3, 4], [3]) == [(3, 6.0), (1, 4.0), (2, 3.0), (4, 1.0)]


def test_ties_go_to_the_better_best_rank_and_then_to_the_earlier_pair() -> None:
    # 9: 3 + 1 (once first), 4: 2 + 2 (never), 5: 1 + 3 (once first)
    assert merge([9, 4, 5], [5, 4, 9]) == [(5, 4.0), (9, 4.0), (4, 4.0)]


def test_three_rankings_add_up() -> None:
    # 1: 2 + 2 + 1 = 5, 2: 1 + 1 + 2 = 4
    assert merge([1, 2], [1, 2], [2, 1]) == [(1, 5.0), (2, 4.0)]


@pytest.mark.parametrize("rankings", [([], []), ([], [], [])])
def test_empty_rankings_merge_to_nothing(rankings: tuple[list[int], ...]) -> None:
    assert merge(*rankings) == []


def test_an_empty_ranking_changes_nothing() -> None:
    assert merge([3, 1], []) == [(3, 2.0), (1, 1.0)]


def test_no_more_than_k_come_back() -> None:
    assert merge([1, 2, 3], [1, 2, 3], k=2) == [(1, 6.0), (2, 4.0)]
    assert merge([1, 2, 3], [1, 2, 3], k=999_999_999) == [(1, 6.0), (2, 4.0), (3, 2.0)]


def test_a_pair_that_one_ranking_names_twice_counts_once_at_its_better_place() -> None:
    # as in borda(bm25@2+fuzzy@2,…): [1, 2, 1, 3] is the ranking 1, 2, 3 → 1: 3, 2: 2, 3: 1
    assert merge([1, 2, 1, 3], []) == [(1, 3.0), (2, 2.0), (3, 1.0)]
    # against a second ranking 3, 2: 3: 1 + 3 = 4, 2: 2 + 2 = 4, 1: 3
    assert merge([1, 2, 1, 3], [3, 2]) == [(3, 4.0), (2, 4.0), (1, 3.0)]


def test_the_pair_that_a_choice_brings_along_is_kept() -> None:
    outside, shown = Pair("p", "außen", "outside"), Pair("q", "wie geschrieben", "as written")
    merged = merge_ranks(
        [[Choice(-5, None, outside), Choice(2, 0.5)], [Choice(2, None, shown), Choice(-5, None)]], 4
    )
    assert merged == [Choice(-5, 3.0, outside), Choice(2, 3.0)]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(-3, 9), unique=True, max_size=8), min_size=2, max_size=4),
    st.integers(1, 12),
    st.data(),
)
def test_the_order_of_the_rankings_does_not_matter_and_points_are_shared_out_whole(
    rankings: list[list[int]], k: int, data: st.DataObject
) -> None:
    merged = merge(*rankings)
    assert merge(*data.draw(st.permutations(rankings))) == merged
    assert merge(*rankings, k=k) == merged[:k]
    longest = max(map(len, rankings))
    assert sum(score or 0 for _, score in merged) == sum(
        longest - at for r in rankings for at in range(len(r))
    )
    assert {index for index, _ in merged} == {index for ranking in rankings for index in ranking}


# how it is written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("borda(a@1,b@2)@4", Borda((A, B), 4)),
        (" borda ( a@1 , b@2 , c ) @ 4 ", Borda((A, B, C), 4)),
        ("borda(a@1+b@2,c)@4", Borda((Concat((A, B)), C), 4)),
        ("borda(a@1|b@2,c)@4", Borda((TopUp((A, B)), C), 4)),
        ("borda((a@1|b@2)+c,c)@4", Borda((Concat((TopUp((A, B)), C)), C), 4)),
        ("borda(borda(a@1,b@2)@3,c)@4", Borda((Borda((A, B), 3), C), 4)),
        ("borda(a@1,b@2)@4+c", Concat((Borda((A, B), 4), C))),
        ("c|borda(a@1,b@2)@4|c", TopUp((C, Borda((A, B), 4), C))),
        ("(borda(a@1,b@2)@4)", Borda((A, B), 4)),
        ("borda(x(p=1,q=2)@1,b@2)@4", Borda((Strategy("x", {"p": 1, "q": 2}, 1), B), 4)),
        ('borda(x(p="a,b)@4")@1,b@2)@4', Borda((Strategy("x", {"p": "a,b)@4"}, 1), B), 4)),
    ],
)
def test_borda_is_read_with_strategies_as_its_parts(text: str, expected: Node) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "borda(a@1,b@2)@4",
        "borda(a@1+b@2,c|a@1)@4",
        "borda((a@1|b@2)+c,borda(a@1,b@2)@3)@4",
        "borda(a@1,b@2)@4+borda(b@2,c)@3|borda(a@1,c)@2",
        "(borda(a@1,b@2)@4|c)+a@1",
    ],
)
def test_borda_prints_as_it_is_written(text: str) -> None:
    assert str(parse(text)) == text


names = st.sampled_from(["a", "rbm25", "x-y"])
singles = st.builds(
    Strategy,
    names,
    st.dictionaries(names, st.integers() | st.floats(allow_nan=False) | st.text(max_size=5), max_size=2),
    st.none() | st.integers(1, 99),
)


def _groups(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return parts.map(Concat) | parts.map(TopUp) | st.builds(Borda, parts, st.integers(1, 999_999_999))


@settings(deadline=None, max_examples=200)
@given(st.recursive(singles, _groups, max_leaves=8))
def test_every_strategy_with_borda_in_it_reads_back_from_its_own_print(node: Node) -> None:
    assert parse(str(node)) == node
    assert str(parse(str(node))) == str(node)


@pytest.mark.parametrize(
    ("text", "what", "character"),
    [
        ("borda", "borda merges two strategies or more, as in borda(rbm25@16,fuzzy@16)@4,", 6),
        ("borda@4", "borda merges two strategies or more", 6),
        ("borda(a)@4", "borda merges two strategies or more", 6),
        ("borda()@4", "expected the name of a strategy", 7),
        ("borda(a,)@4", "expected the name of a strategy", 9),
        ("borda(,a)@4", "expected the name of a strategy", 7),
        ("borda(a,b)", "borda needs a number of examples after its ')', as in borda(…)@4,", 11),
        ("borda(a,b)+c@4", "borda needs a number of examples", 11),
        ("borda(a,b", "expected ')'", 10),
        ("borda(a b)@4", "expected ')'", 9),
        ("borda(a=1,b=2)@4", "expected ')'", 8),
        ("borda(a,b)@0", "must be from 1 to 999999999, not '0'", 12),
        ("borda(a,b)@x", "must be from 1 to 999999999, not 'x'", 12),
        ("borda(a,b)@4@5", "unexpected '@'", 13),
        ("borda(a,b)(c=1)@4", "borda needs a number of examples", 11),
        ("c+borda(a,b)@", "expected the number of examples after '@'", 14),
        ("borda(" * 60 + "a", "parentheses are nested too deeply", 307),
        ("borda(" * 100_000, "parentheses are nested too deeply", 307),
    ],
)
def test_a_mistake_is_refused_with_what_is_wrong_and_where(text: str, what: str, character: int) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert what in str(caught.value)
    assert f"at character {character};" in str(caught.value)


def test_the_strategies_in_it_are_found_in_order() -> None:
    node = parse("borda(a@1+b@2,borda(c,a@1)@2)@4|b@2")
    assert [strategy.name for strategy in strategies_of(node)] == ["a", "b", "c", "a", "b"]


# in a selection

COLOURS = [("rot", "1"), ("rot grün", "2"), ("blau", "3"), ("rot blau gelb", "4"), ("lila", "5")]


def select(strategy: str, query: str = "rot grün", order: str = "best_first", *excluded: int) -> list[str]:
    pool = Pool(Corpus.from_pairs(COLOURS, "de", "en"))
    (examples,) = Selection(strategy, pool, order).select([Query(query, frozenset(excluded))])
    assert sorted(example.rank for example in examples) == list(range(1, len(examples) + 1))
    return [example.pair.id for example in examples]


def test_the_rankings_of_its_parts_are_merged() -> None:
    assert select("bm25@9") == ["2", "1", "4"]
    assert select("first@3") == ["1", "2", "3"]
    # longest 3; pair 1: 2 + 3 = 5, pair 2: 3 + 2 = 5, pair 3: 1, pair 4: 1. 1 and 2 were first once
    # each; 3 and 4 third.
    assert select("borda(bm25@9,first@3)@9") == ["1", "2", "3", "4"]
    assert select("borda(bm25@9,first@3)@9", order="best_last") == ["4", "3", "2", "1"]
    assert select("borda(bm25@9,first@3)@2") == ["1", "2"]


def test_a_pair_that_a_concatenation_names_twice_has_no_more_points_for_it() -> None:
    # the ranking of the concatenation is 2, 1 (of bm25), then nothing new from rbm25@1 (2 again).
    # 2: 2, 1: 1; first@2: 1: 2, 2: 1. Both have 3 points and were first; 1 is the earlier one.
    assert select("rbm25@1") == ["2"]
    assert select("borda(bm25@2+rbm25@1,first@2)@2") == ["1", "2"]


def test_excluded_pairs_stay_out() -> None:
    assert select("borda(bm25@9,first@3)@9", "rot grün", "best_first", 0, 2) == ["2", "4", "5"]


def test_it_is_one_part_of_a_concatenation_and_stands_in_for_a_top_up() -> None:
    assert select("borda(bm25@9,first@3)@1+bm25@2") == ["1", "2"]
    assert select("bm25@1+borda(bm25@9,first@3)@3", order="best_last") == ["2", "3", "1"]
    assert select("bm25@4|borda(first@5,bm25@1)@5", "lila") == ["5", "1", "2", "3"]
    # a top-up fills borda to the number that borda was asked for
    assert select("borda(bm25@1,rbm25@1)@3|first@5") == ["2", "1", "3"]


def test_borda_of_borda() -> None:
    # inner: pairs 1 and 2 (see above), in that order; with bm25: 2: 1 + 3, 1: 2 + 2 … longest is 3
    # 2: 3 + 2 = 5, 1: 2 + 3 = 5, 4: 1; 1 and 2 both were first
    assert select("borda(bm25@9,borda(bm25@9,first@3)@2)@3") == ["1", "2", "4"]


def test_a_query_that_no_part_knows_gets_nothing() -> None:
    assert select("borda(bm25@9,rbm25@9)@4", "weiß") == []


def test_the_number_that_is_asked_for_is_that_of_borda_itself() -> None:
    # what the parts are asked for is no number of examples, so nobody is told that the pool is too small
    pool = Pool(Corpus.from_pairs(COLOURS, "de", "en"))
    assert Selection("borda(bm25@16,rbm25@16)@4", pool).largest_k() == 4
    assert Selection("borda(bm25@16,rbm25@16)@4+bm25@5|borda(bm25@9,bm25@9)@6", pool).largest_k() == 6


def test_borda_has_no_options() -> None:
    with pytest.raises(ConfigError, match="expected '\\)'"):
        parse("borda(a,b,min_score=1)@4")
