"""``min_score`` and ``max_source_chars``, which every strategy takes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.segments import Example
from mtprompt.selection.limits import unlimited
from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Identified, Searching
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection

Texts = tuple[str, str]

# For "rot grün": fuzzy, 100·(1 − d/max): "rot grün" 100; "rot grau" d = 2 of 8: 75; "rot" d = 5 of 8: 37.5
COLOURS = [("rot", "1"), ("rot grün", "2"), ("blau", "3"), ("rot grau", "4"), ("lila gelb weiß", "5")]


def pool_of(pairs: Sequence[Texts]) -> Pool:
    return Pool(Corpus.from_pairs(pairs, "de", "en"))


def select(
    strategy: str, query: str = "rot grün", *excluded: int, pairs: Sequence[Texts] = COLOURS
) -> list[Example]:
    selection = Selection(strategy, pool_of(pairs), "best_first")
    (examples,) = selection.select([Query(query, frozenset(excluded))])
    return examples


def ids(examples: list[Example]) -> list[str]:
    return [example.pair.id for example in examples]


# min_score


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("0", ["2", "4", "1"]),
        ("37.5", ["2", "4", "1"]),  # as high as the limit is high enough
        ("37.51", ["2", "4"]),
        ("75", ["2", "4"]),
        ("75.5", ["2"]),
        ("100", ["2"]),
        ("100.01", []),
        ("1e300", []),
    ],
)
def test_examples_below_the_minimum_are_left_out(limit: str, expected: list[str]) -> None:
    examples = select(f"fuzzy(min_score={limit})@4")
    assert ids(examples) == expected
    assert [example.rank for example in examples] == list(range(1, len(expected) + 1))


@pytest.mark.parametrize(
    "strategy",
    ["bm25", "rbm25(threshold=0)", "rbm25(mode=residual)", "fuzzy", "chrf", "coverage", "mmr", "dpp"],
)
def test_the_minimum_is_on_the_scale_of_each_strategy(strategy: str) -> None:
    name = strategy.rstrip(")")
    both = f"{name}{',' if name != strategy else '('}"
    whole = select(f"{strategy}@5")
    assert len(whole) >= 2
    scores = [example.score or 0.0 for example in whole]
    for limit in [*scores, 0.0, max(scores) + 1]:
        left = select(f"{both}min_score={max(limit, 0.0)!r})@5")
        assert ids(left) == [e.pair.id for e in whole if (e.score or 0.0) >= max(limit, 0.0)]


def test_the_minimum_does_not_let_worse_ones_move_up() -> None:
    # k = 1 is chosen first, then looked at
    assert ids(select("fuzzy(min_score=50)@1", "rot grün", 1)) == ["4"]
    assert ids(select("fuzzy(min_score=80)@1", "rot grün", 1)) == []


def test_what_falls_short_is_topped_up() -> None:
    assert ids(select("fuzzy(min_score=80)@3|first@5")) == ["2", "1", "3"]
    assert ids(select("first@1+fuzzy(min_score=80)@3")) == ["1", "2"]
    assert ids(select("borda(fuzzy(min_score=80)@3,first@1)@3")) == ["1", "2"]


@pytest.mark.parametrize(
    "strategy", ["random(min_score=1)@2", "first(min_score=0)@2", "length(min_score=1)@2"]
)
def test_a_strategy_without_scores_has_no_minimum(strategy: str) -> None:
    name = strategy.partition("(")[0]
    with pytest.raises(ConfigError, match=f"^{name} gives no scores, so min_score cannot be used with it$"):
        select(strategy)


def test_zero_has_nothing_that_a_minimum_could_refuse() -> None:
    assert select("zero(min_score=1)") == []


# max_source_chars


@pytest.mark.parametrize(
    ("limit", "expected"), [("3", ["1"]), ("4", ["1"]), ("7", ["1"]), ("8", ["2", "4", "1"])]
)
def test_a_source_may_be_as_long_as_the_maximum(limit: str, expected: list[str]) -> None:
    assert ids(select(f"fuzzy(max_source_chars={limit})@4")) == expected


def test_characters_are_counted_and_not_bytes_or_words() -> None:
    pairs = [("grün", "1"), ("grün ", "2"), ("🙂🙂 grün", "3"), ("grün grün", "4")]
    # 4, 5, 7 and 9 characters; 5, 6, 14 and 11 bytes
    assert ids(select("bm25(max_source_chars=4)@9", "grün", pairs=pairs)) == ["1"]
    assert sorted(ids(select("bm25(max_source_chars=7)@9", "grün", pairs=pairs))) == ["1", "2", "3"]


def test_shorter_ones_move_up_in_place_of_longer_ones() -> None:
    assert ids(select("fuzzy@1")) == ["2"]
    assert ids(select("fuzzy(max_source_chars=7)@1")) == ["1"]


STRATEGIES = [
    "bm25@3", "rbm25@5", "rbm25(mode=residual,threshold=0)@2", "fuzzy@3", "chrf@3", "first@2", "length@3",
    "coverage@3", "coverage(side=both)@3", "mmr@3", "dpp@3", "zero",
]  # fmt: skip
sources = st.lists(st.sampled_from(["rot", "Rot", "grün", "blaugrün", "a"]), min_size=1, max_size=4).map(
    " ".join
)
pools = st.lists(st.tuples(sources, st.sampled_from(["x y", "z"])), min_size=1, max_size=14)


def limited(strategy: str, limit: int) -> str:
    name, at, k = strategy.partition("@")
    option = f"max_source_chars={limit}"
    return f"{name[:-1]},{option})" + at + k if name.endswith(")") else f"{name}({option}){at}{k}"


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=20, deadline=None)
@given(
    parts=st.lists(pools, min_size=1, max_size=3),
    queries=st.lists(sources, min_size=1, max_size=3),
    limit=st.integers(1, 20),
    from_disk=st.booleans(),
    data=st.data(),
)
def test_it_is_as_if_longer_sources_were_not_in_the_pool_which_may_grow(
    strategy: str,
    parts: list[list[Texts]],
    queries: list[str],
    limit: int,
    from_disk: bool,
    data: st.DataObject,
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        if from_disk:
            path = Path(folder) / "pool.jsonl"
            rows = [json.dumps({"source": source, "target": target}) for source, target in parts[0]]
            path.write_text("\n".join(rows), encoding="utf-8")
            pool = Pool.load(path, "de", "en")
        else:
            pool = pool_of(parts[0])
        selection = Selection(limited(strategy, limit), pool)
        pairs: list[Texts] = []
        for part in parts:
            if pairs:
                pool.corpus.add(part)
            pairs += part
            excluded = data.draw(st.frozensets(st.integers(0, len(pairs) - 1), max_size=5))
            short = [place for place, (source, _) in enumerate(pairs) if len(source) <= limit]
            expected = Selection(strategy, pool_of([pairs[place] for place in short])).select(
                [Query(query, frozenset(short.index(i) for i in excluded if i in short)) for query in queries]
            )
            found = selection.select([Query(query, excluded) for query in queries])
            assert [[(int(e.pair.id) - 1, e.score, e.rank) for e in its] for its in found] == [
                [(short[int(e.pair.id) - 1], e.score, e.rank) for e in its] for its in expected
            ]


def test_without_a_short_source_there_is_no_example() -> None:
    assert select("bm25(max_source_chars=1)@4") == []
    assert select("first(max_source_chars=1)@4|first@1", pairs=COLOURS) == select("first@1") != []
    assert select("rbm25(max_source_chars=5)@4", pairs=[]) == []


def test_a_pool_from_a_program_may_hold_empty_sources() -> None:
    pairs = [("", "x"), ("rot", "red"), (" ", ""), ("rot grün", "")]
    assert ids(select("bm25(max_source_chars=5)@4", "rot", pairs=pairs)) == ["2"]
    assert ids(select("first(max_source_chars=5)@4", "rot", pairs=pairs)) == ["1", "2", "3"]


def test_random_draws_from_the_short_sources() -> None:
    assert sorted(ids(select("random(max_source_chars=8)@9"))) == ["1", "2", "3", "4"]


# both, and what they are wrapped around


def test_both_limits_hold_together() -> None:
    assert ids(select("fuzzy(min_score=30,max_source_chars=7)@4")) == ["1"]
    assert ids(select("fuzzy(max_source_chars=7,min_score=40)@4")) == []
    assert ids(select("fuzzy(candidates=1,max_source_chars=7,min_score=30)@4")) == ["1"]


def test_the_strategy_below_the_limits_is_found() -> None:
    pool = pool_of(COLOURS)
    assert not Selection("rbm25(max_source_chars=9,min_score=1)@1", pool).searches
    assert Selection("task(max_source_chars=9,min_score=1)@1", pool).searches
    (selector,) = Selection("task(max_source_chars=9,min_score=1)@1", pool)._selectors.values()
    assert type(unlimited(selector)).__name__ == "TaskSelector"
    assert isinstance(selector, Searching)
    assert not isinstance(selector, Identified)


def test_each_strategy_has_its_own_limits() -> None:
    assert ids(select("fuzzy(max_source_chars=7)@1+fuzzy@1+fuzzy(min_score=99)@4")) == ["1", "2"]


# mistakes


@pytest.mark.parametrize("strategy", ["fuzzy", "bm25", "rbm25", "first", "random", "length"])
@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("min_score=nan", "min_score must be a number of at least 0, got nan"),
        ("min_score=-1", "min_score must be a number of at least 0, got -1"),
        ("min_score=-1e-300", "min_score must be a number of at least 0, got -1e-300"),
        ("min_score=inf", "min_score must be a number of at least 0, got inf"),
        ("min_score=high", "min_score must be a number of at least 0, got 'high'"),
        ('min_score="5"', "min_score must be a number of at least 0, got '5'"),
        ('min_score=""', "min_score must be a number of at least 0, got ''"),
        ("max_source_chars=nan", "max_source_chars must be a number of at least 1, got nan"),
        ("max_source_chars=0", "max_source_chars must be a number of at least 1, got 0"),
        ("max_source_chars=-300", "max_source_chars must be a number of at least 1, got -300"),
        ("max_source_chars=2.5", "max_source_chars must be a whole number, got 2.5"),
        ("max_source_chars=long", "max_source_chars must be a number of at least 1, got 'long'"),
        ("max_source_chars=inf", "max_source_chars must be a number of at least 1, got inf"),
        ("min_scor=1", "has no option 'min_scor'. Did you mean 'min_score'?"),
        ("max_source_char=1", "has no option 'max_source_char'. Did you mean 'max_source_chars'?"),
    ],
)
def test_a_wrong_limit_is_refused_before_anything_is_selected(
    strategy: str, option: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Selection(f"{strategy}({option})@4", pool_of(COLOURS))
    assert message in str(caught.value)
    assert str(caught.value).startswith(strategy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["1e9", "300.0", "999999999"])
def test_a_maximum_can_be_written_as_any_whole_number(value: str) -> None:
    assert ids(select(f"fuzzy(max_source_chars={value})@4")) == ["2", "4", "1"]
