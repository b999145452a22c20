"""Orders in the prompt: what each does, and what is refused."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.segments import Example, Pair
from mtprompt.selection.order import DEFAULT_ORDER, parse_order
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection

FOUR = [Example(Pair(str(rank), "x", "y"), None, rank) for rank in (1, 2, 3, 4)]
RANDOM = [
    "random",
    "random(seed=1)",
    "random(seed=2)",
    "random(seed=3)",
    "random(seed=50)",
    "random(seed=7)",
]
ORDERS = ["best_last", "best_first", "as_is", *RANDOM]
EIGHT = [(f"rot {i}", str(i)) for i in range(8)]


def ranks(order: str, source: str = "Quelle", chosen: list[Example] = FOUR) -> list[int]:
    return [example.rank for example in parse_order(order)(chosen, source)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("best_last", [4, 3, 2, 1]),
        ("best_first", [1, 2, 3, 4]),
        ("as_is", [1, 2, 3, 4]),
        (" best_first ", [1, 2, 3, 4]),
        ("(as_is)", [1, 2, 3, 4]),
    ],
)
def test_an_order_sorts_what_was_chosen(order: str, expected: list[int]) -> None:
    assert ranks(order) == expected


def test_the_default_puts_the_best_last() -> None:
    assert ranks(DEFAULT_ORDER) == [4, 3, 2, 1]


@settings(deadline=None)
@given(st.sampled_from(ORDERS), st.integers(0, 9), st.text())
def test_every_order_keeps_every_example_once(order: str, size: int, source: str) -> None:
    chosen = [Example(Pair("same", "x", "y"), None, rank) for rank in range(1, size + 1)]
    assert sorted(ranks(order, source, chosen)) == list(range(1, size + 1))
    assert [example.rank for example in chosen] == list(range(1, size + 1)), "what was given stays as it was"


@settings(deadline=None)
@given(st.sampled_from(RANDOM), st.text())
def test_a_random_order_is_the_same_again_for_the_same_source(order: str, source: str) -> None:
    assert ranks(order, source) == ranks(order, source)


def test_random_orders_differ_between_sources_and_between_seeds() -> None:
    by_source = {tuple(ranks("random(seed=1)", f"Satz {i}")) for i in range(200)}
    assert by_source == set(permutations([1, 2, 3, 4])), "every order comes up"
    assert len({tuple(ranks(f"random(seed={seed})")) for seed in range(200)}) == 24


def test_the_seed_is_1_where_none_is_given() -> None:
    for source in ("a", "b", "c", "d"):
        assert ranks("random", source) == ranks("random(seed=1)", source)


def test_random_orders_are_the_same_on_every_machine_and_python() -> None:
    # a change here changes published numbers: say so in the CHANGELOG
    assert [ranks("random(seed=1)", source) for source in ("Der Hund schläft.", "我爱你", "Guten Tag")] == [
        [2, 4, 1, 3],
        [1, 4, 2, 3],
        [4, 2, 1, 3],
    ]


def test_half_a_character_has_an_order_too() -> None:
    assert sorted(ranks("random", "rot \ud83d")) == [1, 2, 3, 4]


# in a selection


def select(strategy: str, order: str, source: str = "rot") -> list[tuple[str, int]]:
    pool = Pool(Corpus.from_pairs(EIGHT, "de", "en"))
    (examples,) = Selection(strategy, pool, order).select([Query(source)])
    return [(example.pair.id, example.rank) for example in examples]


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_changes_neither_the_choice_nor_the_ranks(order: str) -> None:
    chosen = select("bm25@6", "best_first")
    assert chosen == [(str(i), i) for i in range(1, 7)]
    assert sorted(select("bm25@6", order)) == chosen


@pytest.mark.parametrize("order", RANDOM)
def test_each_part_of_a_concatenation_is_ordered_for_itself(order: str) -> None:
    mixed = False
    for source in ("rot a", "rot b", "rot c", "rot d"):
        ranked = [rank for _, rank in select("bm25@3+first@8", order, source)]
        assert sorted(ranked[:3]) == [1, 2, 3]
        assert sorted(ranked[3:]) == [4, 5, 6, 7, 8]
        mixed |= ranked != sorted(ranked)
    assert mixed


def test_a_random_order_depends_on_nothing_but_seed_and_source() -> None:
    selection = Selection("bm25@6", Pool(Corpus.from_pairs(EIGHT, "de", "en")), "random(seed=3)")
    queries = [Query(f"rot {word}") for word in "abcdef"]
    together = selection.select(queries)
    assert [selection.select([query])[0] for query in queries] == together
    assert selection.select(queries[::-1]) == together[::-1]


# mistakes

KNOWN = r"Known: as_is, best_first, best_last, random$"


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("best_lst", rf"^unknown order 'best_lst'\. Did you mean 'best_last'\? {KNOWN}"),
        ("zufall", rf"^unknown order 'zufall'\. {KNOWN}"),
        ("BEST_LAST", rf"^unknown order 'BEST_LAST'\. {KNOWN}"),
        ("random@3", r"^unknown order 'random@3'"),
        ("random(seed=1)@3", r"^unknown order 'random\(seed=1\)@3'"),
        ("as_is+random", r"^unknown order 'as_is\+random'"),
        ("as_is|random", r"^unknown order 'as_is\|random'"),
        ("borda(as_is,random)@2", r"^unknown order 'borda\(as_is,random\)@2'"),
        ("", rf"^unknown order ''\. {KNOWN}"),
        ("random(", r"^unknown order 'random\('\. Did you mean 'random'\?"),
        ("random(seed=-3)", r"^random: seed must be a number of at least 0, got -3$"),
        ("random(seed=nan)", r"^random: seed must be a number of at least 0, got nan$"),
        ("random(seed=0.5)", r"^random: seed must be a whole number, got 0\.5$"),
        ("random(seed)", r"^unknown order 'random\(seed\)'"),
        ('"best_last"', r"^unknown order '\"best_last\"'"),
        ("random(sed=1)", r"has an option that it does not know; only random has one: seed$"),
        ("random(seed=1,k=2)", "has an option that it does not know"),
        ("best_last(seed=1)", r"^the order 'best_last\(seed=1\)' has an option that it does not know"),
        ("as_is(x=1)", "has an option that it does not know"),
    ],
)  # fmt: skip
def test_an_order_that_is_none_is_refused_with_those_that_are(order: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_order(order)
    assert "strategy" not in str(caught.value)
    assert "rbm25" not in str(caught.value)
