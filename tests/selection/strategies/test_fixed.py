"""``fixed(file=…)``: hand-picked examples, from the pool or not, and the leak guard over them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError, DataError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.select import Selection
from mtprompt.selection.strategies.fixed import FixedSelector
from mtprompt.text.tokens import normalize

POOL = [("rot", "red"), ("grün", "green"), ("blau", "blue"), ("rot", "crimson"), ("Rot", "red")]
# the second, third and fourth pair are not in the pool: other text, other target, other source
PICKED = [("grün", "green"), ("gelb", "yellow"), ("blau", "azure"), ("azur", "blue"), ("rot", "red")]


def pool_of(pairs: list[tuple[str, str]]) -> Pool:
    return Pool(Corpus.from_pairs(pairs, "de", "en"))


def write(path: Path, pairs: list[tuple[str, str]]) -> str:
    lines = [json.dumps({"source": source, "target": target}) for source, target in pairs]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def shown(choices: list[Choice]) -> list[tuple[str, str]]:
    return [(choice.pair.source, choice.pair.target) for choice in choices if choice.pair]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("fixed") / "prompts.jsonl", PICKED)


def fixed(file: str, query: Query, k: int | None = None) -> list[Choice]:
    (choices,) = FixedSelector(pool_of(POOL), k, file).select([query])
    return choices


# what is chosen


def test_every_segment_gets_all_pairs_of_the_file_in_its_order(file: str) -> None:
    queries = [Query("rot"), Query("etwas ganz anderes"), Query("")]
    for choices in FixedSelector(pool_of(POOL), None, file).select(queries):
        assert shown(choices) == PICKED
        assert {choice.score for choice in choices} == {None}


@pytest.mark.parametrize(("k", "expected"), [(1, 1), (3, 3), (5, 5), (99, 5)])
def test_k_takes_the_first_pairs(file: str, k: int, expected: int) -> None:
    assert shown(fixed(file, Query("rot"), k)) == PICKED[:expected]


def test_a_pair_of_the_pool_has_its_index_and_another_a_negative_one(file: str) -> None:
    indices = [choice.index for choice in fixed(file, Query("x"))]
    assert (indices[0], indices[4]) == (1, 0)  # green; red, whose first place is 0
    assert max(indices[1:4]) < 0
    assert len(set(indices)) == 5


def test_a_pair_is_shown_as_the_file_writes_it(tmp_path: Path) -> None:
    # the pool has "rot" and "red": the same after normalization
    (choice,) = fixed(write(tmp_path / "f.jsonl", [("ROT", " Red")]), Query("x"))
    assert choice.index == 0
    assert shown([choice]) == [("ROT", " Red")]


def test_a_pair_that_the_file_repeats_is_taken_once(tmp_path: Path) -> None:
    pairs = [("gelb", "yellow"), ("rot", "red"), ("Gelb", "Yellow"), ("ROT", "RED"), ("gelb", "gold")]
    path = write(tmp_path / "f.jsonl", pairs)
    assert shown(fixed(path, Query("x"))) == [pairs[0], pairs[1], pairs[4]]


def test_pairs_of_two_files_are_the_same_example_only_if_their_texts_are(tmp_path: Path) -> None:
    one = fixed(write(tmp_path / "one.jsonl", [("gelb", "yellow"), ("lila", "purple")]), Query("x"))
    other = fixed(write(tmp_path / "other.jsonl", [("Lila", "purple"), ("beige", "beige")]), Query("x"))
    assert one[1].index == other[0].index
    assert len({choice.index for choice in one + other}) == 3


def test_a_pair_that_comes_into_the_pool_later_gets_its_index(file: str) -> None:
    pool = pool_of(POOL)
    selector = FixedSelector(pool, None, file)
    assert selector.select([Query("x")])[0][1].index < 0
    pool.corpus.add([("gelb", "yellow")])
    assert selector.select([Query("x")])[0][1].index == len(POOL)


def test_a_prompt_can_mix_its_pairs_with_those_of_the_pool(file: str) -> None:
    # "rot" stands in the file and is not given twice; "blau", azure, is another example than blue
    (examples,) = Selection(f'fixed(file="{file}")+first@3', pool_of(POOL), "best_first").select([Query("x")])
    assert [(e.pair.source, e.pair.target) for e in examples] == [*PICKED, ("blau", "blue")]
    assert [e.rank for e in examples] == [1, 2, 3, 4, 5, 6]


def test_it_works_without_a_pool(file: str) -> None:
    (choices,) = FixedSelector(pool_of([]), None, file).select([Query("x")])
    assert shown(choices) == PICKED


@pytest.mark.parametrize("ending", [".tsv", ".tmx"])
def test_files_of_a_pools_other_formats_are_read(tmp_path: Path, ending: str) -> None:
    unit = '<tu><tuv xml:lang="{}"><seg>{}</seg></tuv><tuv xml:lang="{}"><seg>{}</seg></tuv></tu>'
    content = {
        ".tsv": "gelb\tyellow\n",
        ".tmx": f'<tmx version="1.4"><body>{unit.format("en", "yellow", "de-DE", "gelb")}</body></tmx>',
    }
    path = tmp_path / f"prompts{ending}"
    path.write_text(content[ending], "utf-8")
    assert shown(fixed(str(path), Query("x"))) == [("gelb", "yellow")]


# the leak guard


def test_a_pair_that_is_excluded_from_the_pool_is_left_out(file: str) -> None:
    assert shown(fixed(file, Query("x", frozenset({1})))) == PICKED[1:]


@pytest.mark.parametrize("twin", [0, 4])  # "rot" and "Rot", both red
def test_it_is_left_out_whichever_of_its_places_in_the_pool_is_excluded(file: str, twin: int) -> None:
    assert shown(fixed(file, Query("x", frozenset({twin})))) == PICKED[:4]


def test_another_translation_of_its_source_being_excluded_does_not_touch_it(file: str) -> None:
    assert shown(fixed(file, Query("x", frozenset({3})))) == PICKED  # rot, crimson


def test_with_k_the_next_pairs_take_the_place_of_those_left_out(file: str) -> None:
    assert shown(fixed(file, Query("x", frozenset({1})), 2)) == PICKED[1:3]


def test_where_the_guard_is_on_a_pair_with_the_segments_source_is_left_out(file: str) -> None:
    # no pool pair has this source, so no index says that it leaks
    assert shown(fixed(file, Query(" GELB", guarded=True))) == [PICKED[0], *PICKED[2:]]


def test_where_the_guard_is_on_a_pair_with_the_reference_as_target_is_left_out(file: str) -> None:
    assert shown(fixed(file, Query("x", guarded=True, reference="Yellow"))) == [PICKED[0], *PICKED[2:]]


@pytest.mark.parametrize("reference", [None, ""])
def test_without_a_reference_only_sources_are_compared(file: str, reference: str | None) -> None:
    assert shown(fixed(file, Query("x", guarded=True, reference=reference))) == PICKED


def test_a_source_equal_to_a_target_is_no_leak(file: str) -> None:
    assert shown(fixed(file, Query("yellow", guarded=True, reference="gelb"))) == PICKED


def test_where_the_guard_is_off_a_translator_sees_the_pair(file: str) -> None:
    assert shown(fixed(file, Query("gelb", reference="yellow"))) == PICKED


# bad input


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({}, r'^fixed needs a file of examples, for instance fixed\(file="prompts.jsonl"\)$'),
        ({"file": ""}, r'^fixed needs a file of examples, for instance fixed\(file="prompts.jsonl"\)$'),
        ({"file": 3}, r'^fixed needs a file of examples, for instance fixed\(file="prompts.jsonl"\), got 3$'),
        ({"file": "prompts.txt"}, r"^fixed: prompts.txt: a file of examples is .jsonl, .tsv or .tmx$"),
        ({"file": "prompts"}, r"^fixed: prompts: a file of examples is .jsonl, .tsv or .tmx$"),
    ],
)
def test_a_missing_or_wrong_file_name_says_what_to_write(option: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FixedSelector(pool_of(POOL), None, **option)


def test_a_file_that_is_missing_empty_or_malformed_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.jsonl: no such file"):
        FixedSelector(pool_of(POOL), None, str(tmp_path / "gone.jsonl"))
    with pytest.raises(DataError, match=r"empty\.jsonl: no sentence pairs"):
        FixedSelector(pool_of(POOL), None, write(tmp_path / "empty.jsonl", []))
    (tmp_path / "bad.tsv").write_text("only one column\n", "utf-8")
    with pytest.raises(DataError, match=r"bad\.tsv:1: expected source, tab, target"):
        FixedSelector(pool_of(POOL), None, str(tmp_path / "bad.tsv"))


queries_of = st.lists(
    st.builds(
        Query,
        st.sampled_from(["rot", "Gelb", "azur", "neu", ""]),
        st.frozensets(st.integers(0, len(POOL) - 1)),
        st.booleans(),
        st.sampled_from([None, "", "BLUE", "red"]),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(queries=queries_of, k=st.none() | st.integers(1, 6))
def test_choices_are_unique_never_leak_and_depend_on_neither_batch_nor_order(
    file: str, queries: list[Query], k: int | None
) -> None:
    selector = FixedSelector(pool_of(POOL), k, file)
    together = selector.select(queries)
    for query, choices in zip(queries, together, strict=True):
        indices = [choice.index for choice in choices]
        assert len(set(indices)) == len(indices) <= (k or len(PICKED))
        assert max(indices, default=0) < len(POOL)
        assert query.excluded.isdisjoint(indices)
        assert [pair for pair in PICKED if pair in shown(choices)] == shown(choices), "the file's order"
        if query.guarded:
            assert normalize(query.source) not in [normalize(source) for source, _ in shown(choices)]
    assert [selector.select([query])[0] for query in queries] == together, "one by one"
    assert selector.select(queries[::-1]) == together[::-1], "another order"


def test_a_wider_guard_keeps_near_pairs_from_outside_the_pool_out(tmp_path: Path) -> None:
    near = ("Diese Funktion gibt es seit Version 4.1.", "This function exists since version 4.1.")
    file = write(
        tmp_path / "near.jsonl", [near, ("Andere Wörter.", near[1]), ("ganz anders", "very different")]
    )
    # one edit in 40 characters (similarity 0.975); one in 39 of the reference
    query = Query("Diese Funktion gibt es seit Version 4.2.", guarded=True, near=0.95)
    assert len(fixed(file, query)) == 2
    known = Query(query.source, guarded=True, reference="This function exists since version 4.2.", near=0.95)
    assert shown(fixed(file, known)) == [("ganz anders", "very different")]
    assert len(fixed(file, Query(query.source, guarded=True))) == 3


@pytest.mark.parametrize("limit", ["min_score=3", "max_source_chars=30"])
def test_the_examples_of_a_file_are_not_limited(file: str, limit: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"fixed has no option '{limit.split('=')[0]}'.*Its options: file$"
    ):
        Selection(f'fixed(file="{file}",{limit})', pool_of(POOL))


def test_the_pairs_of_a_file_do_not_count_for_what_another_part_was_asked_for(file: str) -> None:
    selection = Selection(f'fixed(file="{file}")+bm25@1|random@9', pool_of(POOL))
    (examples,) = selection.select([Query("unbekannt")])
    assert len(examples) == len(PICKED) + 1
