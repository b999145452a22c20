"""Pools: candidates against plain Python and bm25s, growth, threads, and sizes that nobody planned for."""

from __future__ import annotations

import json
import math
import os
import random
import signal
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import DataError
from mtprompt.segments import Pair
from mtprompt.selection.index import index as index_module
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection

Texts = tuple[str, str]

# few words, so that repeated sources, ties, and sources that differ in case alone are common
words = st.sampled_from(["rot", "Rot", "grün", "GRÜN", "blau", "a", "b", ".", "新", "İ"])
sources = st.lists(words, min_size=1, max_size=5).map(" ".join)
pools = st.lists(st.tuples(sources, st.sampled_from(["x", "y", "X"])), min_size=1, max_size=25)
asked = st.lists(st.lists(words | st.just("neu"), max_size=8).map(" ".join), min_size=1, max_size=4)


def pool_of(pairs: Sequence[Texts]) -> Pool:
    return Pool(Corpus.from_pairs(pairs, "de", "en"))


def opened(pairs: Sequence[Texts], folder: str | Path) -> Pool:
    """A pool from disk."""
    path = Path(folder) / "pool.jsonl"
    rows = (json.dumps({"source": source, "target": target}) + "\n" for source, target in pairs)
    path.write_text("".join(rows), encoding="utf-8")
    return Pool.load(path, "de", "en")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


# candidates against plain Python


def plain_bm25(pairs: Sequence[Texts], query: str) -> list[float]:
    """Lucene's BM25 in plain Python: k1 = 1.5, b = 0.75."""
    documents = [source.lower().split() for source, _ in pairs]
    average = sum(map(len, documents)) / len(documents)
    scores = [0.0] * len(documents)
    for word in query.lower().split():
        df = sum(word in document for document in documents)
        idf = math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))
        for at, document in enumerate(documents):
            tf = document.count(word)
            scores[at] += idf * tf / (tf + 1.5 * (0.25 + 0.75 * len(document) / average))
    return scores


@settings(max_examples=150, deadline=None)
@given(pairs=pools, queries=asked, distinct=st.booleans(), k=st.integers(1, 30), data=st.data())
def test_candidates_are_those_of_plain_python(
    pairs: list[Texts], queries: list[str], distinct: bool, k: int, data: st.DataObject
) -> None:
    excluded = [data.draw(st.frozensets(st.integers(0, len(pairs) - 1))) for _ in queries]
    found = pool_of(pairs).candidates(
        [Query(*one) for one in zip(queries, excluded, strict=True)], k, distinct=distinct
    )
    assert len(found) == len(queries)
    for query, without, choices in zip(queries, excluded, found, strict=True):
        scores = plain_bm25(pairs, query)
        eligible, seen = [], set()
        for at, (source, _) in enumerate(pairs):
            tokens = tuple(source.split())
            if scores[at] > 0 and at not in without and not (distinct and tokens in seen):
                eligible.append(at)
                seen.add(tokens)
        assert len(choices) == min(k, len(eligible))
        assert {choice.index for choice in choices} <= set(eligible)
        assert len({choice.index for choice in choices}) == len(choices)
        for choice in choices:
            assert choice.score == pytest.approx(scores[choice.index], rel=1e-5)
        # best first, ties in pool order
        keys = [(-(choice.score or 0.0), choice.index) for choice in choices]
        assert keys == sorted(keys)
        # nothing better was left out, and no earlier one of the same words
        last = choices[-1] if choices else None
        for at in set(eligible) - {choice.index for choice in choices}:
            assert last is not None
            assert scores[at] <= scores[last.index] * (1 + 1e-5)
            same_words = sorted(pairs[at][0].lower().split()) == sorted(pairs[last.index][0].lower().split())
            assert not (same_words and at < last.index)


def test_of_a_repeated_source_the_first_that_is_not_excluded_stands_for_all() -> None:
    pool = pool_of([("rot", "1"), ("blau", "2"), ("rot", "3"), ("Rot", "4"), ("rot", "5")])

    def found(*excluded: int, distinct: bool = True) -> list[int]:
        (choices,) = pool.candidates([Query("rot", frozenset(excluded))], 9, distinct=distinct)
        return [choice.index for choice in choices]

    assert found() == [0, 3]
    assert found(0) == [2, 3]
    assert found(0, 2) == [3, 4]
    assert found(0, 2, 4) == [3]
    assert found(2) == [0, 3]
    assert found(0, distinct=False) == [2, 3, 4]


def test_an_excluded_number_that_is_no_place_in_the_pool_excludes_nothing() -> None:
    # a choice from outside the pool has a negative index
    pool = pool_of([("rot", "1"), ("rot blau", "2")])
    (choices,) = pool.candidates([Query("rot", frozenset({-1, -2, -(10**20), 2, 99, 10**20}))], 9)
    assert [choice.index for choice in choices] == [0, 1]


@settings(max_examples=60, deadline=None)
@given(pairs=pools, queries=asked)
def test_scores_are_those_of_bm25s(pairs: list[Texts], queries: list[str]) -> None:
    import bm25s

    theirs = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    theirs.index([source.lower().split() for source, _ in pairs], show_progress=False)
    found = pool_of(pairs).candidates([Query(query) for query in queries], len(pairs), distinct=False)
    known = {word for source, _ in pairs for word in source.lower().split()}
    for query, choices in zip(queries, found, strict=True):
        tokens = [word for word in query.lower().split() if word in known]
        expected = theirs.get_scores(tokens).tolist() if tokens else [0.0] * len(pairs)
        ours = {choice.index: choice.score for choice in choices}
        assert [ours.get(at, 0.0) for at in range(len(pairs))] == pytest.approx(expected, rel=1e-5)


def test_idf_is_lucenes_whatever_the_case_and_for_unknown_tokens_too() -> None:
    # N = 3, df = 2: ln(1 + 1.5/2.5) = ln 1.6; df = 0: ln(1 + 3.5/0.5) = ln 8
    pool = pool_of([("Rot", "1"), ("rot", "2"), ("blau", "3")])
    assert [pool.idf(token) for token in ("rot", "neu", "")] == pytest.approx(
        [math.log(1.6), math.log(8), math.log(8)]
    )


# growth

GROWING = [
    "bm25@4",
    "rbm25(threshold=0)@6",
    "rbm25(mode=residual,candidates=5)@3",
    "fuzzy@3",
    "length@3",
    "first@3",
    "coverage@3",
    "borda(rbm25@4,bm25@4)@3",
    "rbm25(max_source_chars=8)@4",
    "bm25(min_score=0.2)@4",
]


def everything(pool: Pool, queries: Sequence[Query]) -> dict[str, Any]:
    texts = [query.source for query in queries]
    return {
        "candidates": pool.candidates(queries, 7),
        "exact": pool.exact_matches(texts, ["X"] * len(texts)),
        "idf": [pool.idf(word) for word in ("rot", "grün", "i̇", "neu")],
        "fingerprint": pool.corpus.fingerprint,
        "size": (len(pool.pairs), len(pool.corpus), len(list(pool.pairs))),
    }


@pytest.mark.parametrize("from_disk", [False, True])
@settings(max_examples=50, deadline=None)
@given(parts=st.lists(pools, min_size=1, max_size=4), queries=asked, data=st.data())
def test_a_pool_that_grew_answers_as_one_that_had_all_pairs_from_the_start(
    from_disk: bool, parts: list[list[Texts]], queries: list[str], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        pool = opened(parts[0], folder) if from_disk else pool_of(parts[0])
        selections = {strategy: Selection(strategy, pool) for strategy in GROWING}
        pairs: list[Texts] = []
        for part in parts:
            if pairs:
                pool.corpus.add(part)
            pairs += part
            excluded = data.draw(st.frozensets(st.integers(0, len(pairs) - 1), max_size=6))
            asked = [Query(query, excluded) for query in queries]
            if not data.draw(st.booleans(), "ask in between"):
                continue
            fresh = pool_of(pairs)
            assert everything(pool, asked) == everything(fresh, asked)
            for strategy, selection in selections.items():
                assert selection.select(asked) == Selection(strategy, fresh).select(asked), strategy


@pytest.mark.parametrize("strategy", ["random@3", "random(max_source_chars=8)@3"])
def test_random_draws_from_pairs_that_were_added_too(strategy: str) -> None:
    pairs = [("rot", "1"), ("blau", "2"), ("grün", "3"), ("gelb", "4")]
    pool = pool_of(pairs[:1])
    selection = Selection(strategy, pool)
    pool.corpus.add(pairs[1:])
    assert selection.select([Query("rot")]) == Selection("random@3", pool_of(pairs)).select([Query("rot")])


def test_a_pool_can_start_empty() -> None:
    pool = pool_of([])
    selection = Selection("rbm25@2", pool)
    assert selection.select([Query("rot")]) == [[]]
    assert pool.exact_matches(["rot"]) == [[]]
    pool.corpus.add([("rot", "red")])
    (((example),),) = selection.select([Query("rot")])
    assert (example.pair, pool.exact_matches(["ROT"])) == (Pair("1", "rot", "red"), [[0]])


def test_nothing_added_changes_nothing(tmp_path: Path) -> None:
    for pool in (pool_of([("rot", "red")]), opened([("rot", "red")], tmp_path)):
        before, index = pool.corpus.fingerprint, pool.index
        pool.corpus.add([])
        assert pool.corpus.fingerprint == before
        assert pool.index is index


@pytest.mark.parametrize("from_disk", [False, True])
@pytest.mark.parametrize(
    "wrong", [("", "x"), ("x", ""), (" \u00a0\t", "x"), ("x", "\n"), Pair("7", "x", ""), Pair("7", "", "x")]
)
def test_a_pair_with_an_empty_side_is_refused_and_none_is_added(
    wrong: Texts | Pair, from_disk: bool, tmp_path: Path
) -> None:
    pool = opened([("rot", "red")], tmp_path) if from_disk else pool_of([("rot", "red")])
    before = pool.corpus.fingerprint
    with pytest.raises(DataError, match=r"^pair [37] cannot be added: its source or target is empty$"):
        pool.corpus.add([("blau", "blue"), wrong, ("gelb", "yellow")])
    assert (len(pool.pairs), pool.corpus.fingerprint) == (1, before)
    assert pool.candidates([Query("blau gelb x")], 9) == [[]]


def test_pairs_that_fail_to_come_are_not_added_in_part() -> None:
    def failing() -> Iterator[Texts]:
        yield "blau", "blue"
        raise RuntimeError("the database is gone")

    corpus = Corpus.from_pairs([("rot", "red")], "de", "en")
    with pytest.raises(RuntimeError):
        corpus.add(failing())
    assert len(corpus) == 1


@pytest.mark.parametrize("from_disk", [False, True])
def test_texts_are_numbered_on_and_pairs_keep_what_they_have(from_disk: bool, tmp_path: Path) -> None:
    pool = opened([("rot", "red")], tmp_path) if from_disk else pool_of([("rot", "red")])
    pool.corpus.add([("blau", "blue"), Pair("mine", "gelb", "yellow", "law"), ("lila", "purple")])
    assert list(pool.pairs)[1:] == [
        Pair("2", "blau", "blue"),
        Pair("mine", "gelb", "yellow", "law"),
        Pair("4", "lila", "purple"),
    ]


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), min_size=1, max_size=6),
    cut=st.integers(0, 6),
)
def test_the_fingerprint_is_that_of_the_content_however_it_came(pairs: list[Texts], cut: int) -> None:
    pairs = [(f"a{source}", f"b{target}") for source, target in pairs]
    whole = Corpus.from_pairs(pairs, "de", "en")
    grown = Corpus.from_pairs(pairs[:cut], "de", "en")
    grown.add(pairs[cut:])
    assert grown.fingerprint == whole.fingerprint
    asked_before = Corpus.from_pairs(pairs[:cut], "de", "en")
    assert isinstance(asked_before.fingerprint, str)
    asked_before.add(pairs[cut:])
    assert asked_before.fingerprint == whole.fingerprint
    assert Corpus.from_pairs(pairs, "en", "de").fingerprint != whole.fingerprint
    assert Corpus.from_pairs([*pairs, ("a", "b")], "de", "en").fingerprint != whole.fingerprint


def test_half_a_character_from_a_program_is_an_ordinary_text() -> None:
    # json.loads makes them of a cut emoji; files with them are refused
    pool = pool_of([("rot \ud83d", "red"), ("rot \ude00", "red")])
    assert pool.corpus.fingerprint != pool_of([("rot", "red"), ("rot", "red")]).corpus.fingerprint
    assert pool.exact_matches(["ROT \ud83d"]) == [[0]]
    assert len(pool.candidates([Query("rot \ud83d")], 2)[0]) == 2


@pytest.mark.parametrize("after", ["selection_tokens", "make_postings"])
def test_an_interrupted_extension_is_made_up_for(after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Ctrl-C in a notebook: the shared vocabulary has words by then that no index has
    pairs = [(f"wort{i} Wort{i} rot", "x") for i in range(20)]
    pool = pool_of(pairs[:5])
    selection = Selection("rbm25@3", pool)
    queries = [Query(source) for source, _ in pairs]
    selection.select(queries)
    pool.corpus.add(pairs[5:])
    with monkeypatch.context() as patch:
        calls = iter(range(8))
        tokens = index_module.selection_tokens

        def interrupted(*arguments: Any) -> Any:
            if next(calls, None) is None:
                raise KeyboardInterrupt
            return tokens(*arguments)

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        if after == "selection_tokens":
            patch.setattr(index_module, "selection_tokens", interrupted)
        else:
            patch.setattr("mtprompt.selection.index.postings.make_postings", interrupt)
        with pytest.raises(KeyboardInterrupt):
            selection.select(queries)
    pool.corpus.add([("ganz neue Wörter", "y"), ("NEUE wort7", "z")])
    queries.append(Query("Ganz neue Wort7"))
    everyone = [*pairs, ("ganz neue Wörter", "y"), ("NEUE wort7", "z")]
    assert selection.select(queries) == Selection("rbm25@3", pool_of(everyone)).select(queries)
    assert everything(pool, queries) == everything(pool_of(everyone), queries)


# threads


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def together(*works: Any) -> list[BaseException]:
    """Runs works in threads that start at once; what they raised."""
    barrier, raised = threading.Barrier(len(works)), []

    def run(work: Any) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


VOCABULARY = [f"wort{i}" for i in range(30)]
MANY = [(" ".join(random.Random(i).choices(VOCABULARY, k=3 + i % 9)), f"target {i}") for i in range(240)]
MANY_QUERIES = [Query(" ".join(random.Random(-i).choices(VOCABULARY, k=6))) for i in range(70)]


@pytest.mark.parametrize("from_disk", [False, True])
@pytest.mark.parametrize("strategy", ["bm25@5", "rbm25@5", "bm25(max_source_chars=45)@5"])
def test_selecting_while_a_thread_adds_gives_the_answer_before_or_after(
    strategy: str, from_disk: bool, tmp_path: Path, restless: None
) -> None:
    sizes = range(40, 241, 20)
    valid = [Selection(strategy, pool_of(MANY[:size])).select(MANY_QUERIES) for size in sizes]
    assert len({str(result) for result in valid}) == len(sizes), "the states can be told apart"
    pool = opened(MANY[:40], tmp_path) if from_disk else pool_of(MANY[:40])
    selection = Selection(strategy, pool)
    seen: list[int] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            seen.append(valid.index(selection.select(MANY_QUERIES)))

    def add() -> None:
        try:
            for size in sizes[1:]:
                reached = len(seen)
                pool.corpus.add(MANY[size - 20 : size])
                deadline = time.monotonic() + 5
                while len(seen) < reached + 2 and time.monotonic() < deadline:
                    done.wait(0.001)
        finally:
            done.set()

    assert together(ask, ask, ask, add) == []
    assert len(set(seen)) > 2, "answers from several states"
    assert selection.select(MANY_QUERIES) == valid[-1]


@pytest.mark.parametrize("strategy", ["rbm25@5", "length@5", "bm25(max_source_chars=45)@5"])
def test_the_first_selection_can_come_from_many_threads(strategy: str, restless: None) -> None:
    expected = Selection(strategy, pool_of(MANY)).select(MANY_QUERIES)
    for _ in range(5):
        selection = Selection(strategy, pool_of(MANY))
        found: list[bool] = []
        work = lambda s=selection, f=found: f.append(s.select(MANY_QUERIES) == expected)  # noqa: E731
        assert together(*[work] * 4) == []
        assert found == [True] * 4
        assert selection.select(MANY_QUERIES) == expected


def test_a_fingerprint_can_be_asked_for_by_many_threads(restless: None) -> None:
    expected = Corpus.from_pairs(MANY, "de", "en").fingerprint
    for _ in range(20):
        corpus = Corpus.from_pairs(MANY, "de", "en")
        found: list[str] = []
        assert together(*[lambda c=corpus, f=found: f.append(c.fingerprint)] * 4) == []
        assert found == [expected] * 4


def test_pairs_that_many_threads_add_are_all_there_with_a_number_each(restless: None) -> None:
    corpus = Corpus.from_pairs([], "de", "en")

    def add() -> None:
        for source, target in MANY[:50]:
            corpus.add([(source, target)])

    assert together(*[add] * 4) == []
    assert Counter(pair.source for pair in corpus) == Counter(s for s, _ in MANY[:50] for _ in range(4))
    assert sorted(int(pair.id) for pair in corpus) == list(range(1, 201))


# sizes

ALL = [
    "bm25", "rbm25", "rbm25(mode=residual)", "fuzzy", "chrf", "length", "first", "random",
    "coverage", "coverage(side=both)", "mmr", "dpp",
]  # fmt: skip
ODD = {
    "empty": "",
    "white space": " \u00a0\t\u2028",
    "marks": "?!… — “”",
    "unknown": "völlig unbekanntes Zeug",
    "long": " ".join(random.Random(7).choices([*VOCABULARY, *(f"neu{i}" for i in range(500))], k=5_000)),
    "one word, often": "wort3 " * 5_000,
    "one letter, often": "x" * 20_000,
    "control": "wort1 \x00 \x1b[31m \U0001f600",
}


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize("size", [0, 1, 60])
def test_odd_queries_get_an_answer_like_any_other(strategy: str, size: int) -> None:
    selection = Selection(f"{strategy}@4", pool_of(MANY[:size]))
    queries = [Query(text) for text in ODD.values()]
    results = selection.select(queries)
    assert len(results) == len(queries)
    assert all(len({example.pair.id for example in its}) == len(its) <= min(4, size) for its in results)
    assert [selection.select([query])[0] for query in queries] == results
    assert selection.select([]) == []


@pytest.mark.parametrize("strategy", ALL)
def test_half_a_character_in_a_query_is_a_word_like_any_other(strategy: str) -> None:
    Selection(f"{strategy}@4", pool_of(MANY[:60])).select([Query("wort1 \ud83d wort2")])


@pytest.mark.parametrize("strategy", ["bm25", "rbm25", "fuzzy", "coverage", "mmr", "dpp"])
@pytest.mark.parametrize("name", ["empty", "white space", "marks", "unknown"])
def test_a_query_that_shares_no_word_gets_nothing(strategy: str, name: str) -> None:
    assert Selection(f"{strategy}@4", pool_of(MANY[:60])).select([Query(ODD[name])]) == [[]]


def test_a_long_query_is_ranked_as_plain_python_ranks_it() -> None:
    found = pool_of(MANY).candidates([Query(ODD["long"])], len(MANY), distinct=False)[0]
    scores = plain_bm25(MANY, ODD["long"])
    assert len(found) == len(MANY)
    assert [choice.score for choice in found] == pytest.approx(
        sorted(scores, reverse=True), rel=1e-4
    )  # float32 sums of 5,000
    assert [choice.score for choice in found] == pytest.approx(
        [scores[choice.index] for choice in found], rel=1e-4
    )


@pytest.mark.parametrize("strategy", [*ALL, "rbm25(candidates=999999999)"])
def test_an_enormous_k_costs_no_more_than_the_pool(strategy: str) -> None:
    queries = MANY_QUERIES[:40]
    pool = pool_of(MANY)
    enormous, whole = f"{strategy}@999999999", f"{strategy}@{len(MANY)}"
    expected = Selection(whole, pool).select(queries)
    selection = Selection(enormous, pool)
    tracemalloc.start()
    try:
        results = selection.select(queries)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert results == expected
    assert peak < 50e6, f"{peak / 1e6:.0f} MB"


def test_an_enormous_k_of_many_queries_is_no_problem_inside_a_combination() -> None:
    strategy = "borda(rbm25@999999999,bm25@999999999)@999999999+bm25@999999999|random@999999999"
    results = Selection(strategy, pool_of(MANY)).select(MANY_QUERIES[:5])
    assert [len(its) for its in results] == [len(MANY)] * 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_selects_as_its_parent_did() -> None:
    pool = pool_of([(f"Wort{i} und Wort{i + 1}", f"word {i}") for i in range(50)])
    queries = [Query(f"Wort{i % 50}") for i in range(100)]  # enough for several threads
    expected = Selection("rbm25@2", pool).select(queries)
    child = os.fork()
    if not child:
        os._exit(0 if Selection("rbm25@2", pool).select(queries) == expected else 1)
    deadline = time.monotonic() + 60
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    if not ended[0]:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert ended == (child, 0)
