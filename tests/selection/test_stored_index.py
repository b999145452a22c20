"""Indexes on disk: made once, opened after that, never stale, and never the reason that a run fails."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError, DataError
from mtprompt.segments import Pair
from mtprompt.selection.index import stored as stored_index
from mtprompt.selection.index.index import Index
from mtprompt.selection.index.stored import PoolFile, stored_indexes
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection

ROWS: list[dict[str, Any]] = [
    {"source": "Das Haus ist rot.", "target": "The house is red."},
    {"source": "Die Tür ist offen.", "target": "The door is open.", "domain": "law"},
    {"source": "das haus ist ROT.", "target": "Red house.", "domain": ""},
    {"id": "x-7", "source": "Das Haus ist rot.", "target": "That house is red."},
]
QUERIES = ["Das Haus ist offen.", "DIE TÜR", "unbekannt", ""]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the indexes; it is there once one was made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mtprompt" / "indexes"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "pool.jsonl", ROWS)


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def load(path: Path, source: str = "de", target: str = "en", target_path: Path | None = None) -> Pool:
    return Pool.load(path, source, target, target_path)


def in_memory(path: Path, source: str = "de", target: str = "en", target_path: Path | None = None) -> Pool:
    return Pool(Corpus.load(path, source, target, target_path))


def answers(pool: Pool, texts: list[str]) -> dict[str, Any]:
    """Everything that can be asked of a pool."""
    queries = [Query(text) for text in texts] + [Query(text, frozenset({0, 2})) for text in texts]
    return {
        "pairs": list(pool.pairs),
        "fingerprint": pool.corpus.fingerprint,
        "languages": (pool.languages, pool.language, pool.corpus.languages),
        "bm25": pool.candidates(queries, 5, distinct=False),
        "distinct": pool.candidates(queries, 5),
        "rbm25": Selection("rbm25(threshold=0)@9", pool).select(queries),
        "exact": pool.exact_matches(texts, list(reversed(texts))),
        "idf": [pool.idf(token) for text in texts for token in text.split()],
    }


def folders(cache: Path) -> list[Path]:
    """The indexes, and whatever else lies beside them."""
    return sorted(cache.iterdir()) if cache.is_dir() else []


def forbid_building(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> None:
        raise AssertionError("it was built again")

    monkeypatch.setattr(stored_index, "build_index", build)
    monkeypatch.setattr(Index, "build", build)


def answers_without_building(file: Path, monkeypatch: pytest.MonkeyPatch, **kinds: Any) -> dict[str, Any]:
    with monkeypatch.context() as patch:
        forbid_building(patch)
        return answers(load(file, **kinds), QUERIES)


# built once, opened after that


def test_the_second_time_an_index_is_opened_and_not_built(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = answers(load(file), QUERIES)
    assert answers_without_building(file, monkeypatch) == built == answers(in_memory(file), QUERIES)


def test_the_wanted_answers_are_not_all_empty(file: Path) -> None:
    found = answers(in_memory(file), QUERIES)
    assert [choice.index for choice in found["bm25"][0]] == [1, 0, 2, 3]
    assert [choice.index for choice in found["distinct"][0]] == [1, 0, 2]
    assert found["exact"] == [[], [], [], []]
    assert in_memory(file).exact_matches(["das HAUS  ist rot."]) == [[0, 2, 3]]
    assert [pair.domain for pair in load(file).pairs] == [None, "law", "", None]
    assert [pair.id for pair in load(file).pairs] == ["1", "2", "3", "x-7"]


# words of many scripts, and everything that some function or other takes for a line's end or a space
WORDS = [
    "Haus", "haus", "HAUS", "Straße", "STRASSE", "ΟΔΟΣ", "οδος", "İstanbul", "ışık", "IŞIK", "नमस्ते",
    "我爱你。", "漢字かな交じり文", "コーヒー", "สวัสดีครับ", "السلام", "عليكم", "مَرْحَبًا", "🙂",
    "👩\u200d👩\u200d👧", "🇩🇪", "e\u0301té", "été", "ﬁn", "１２３", "1,000.5", "3-4", "don't", "&quot;",
    "&amp;lt;", "<skipped>", "-", ".", ",", "\u200b", "\ufeff", "x\0y", "\x7f",
]  # fmt: skip
SPACES = [
    " ", "  ", "\u00a0", "\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\t", "-\n", "\n", "\r", "\u3000", "",
]  # fmt: skip
texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), min_size=1, max_size=7).map(
    lambda parts: "".join(word + space for word, space in parts)
)
sides = texts.filter(lambda text: text.strip() != "")
rows_of = st.lists(
    st.fixed_dictionaries(
        {"source": sides, "target": sides},
        optional={"id": st.sampled_from(["a", "ü\u2028", "7"]), "domain": st.sampled_from(["", "law", "法"])},
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(
    rows=rows_of,
    wanted=st.lists(texts, min_size=1, max_size=3),
    language=st.sampled_from(["de", "tr", "zh", "ja", "th", "ar"]),
)
def test_opened_built_and_in_memory_pools_answer_the_same(
    rows: list[dict[str, Any]], wanted: list[str], language: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        path = write_jsonl(Path(folder) / "pool.jsonl", rows)
        pairs = [
            Pair(row.get("id", str(number)), row["source"], row["target"], row.get("domain"))
            for number, row in enumerate(rows, start=1)
        ]
        expected = answers(Pool(Corpus(pairs, (language, "en"))), [*wanted, rows[0]["source"]])
        assert answers(load(path, language), [*wanted, rows[0]["source"]]) == expected, "built"
        forbid_building(patch)
        assert answers(load(path, language), [*wanted, rows[0]["source"]]) == expected, "opened"


def test_a_pool_whose_sources_have_no_token_at_all_is_kept_and_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 13a takes <skipped> away: no token, no term, arrays of length 0 in the files
    path = write_jsonl(tmp_path / "pool.jsonl", [{"source": "<skipped>", "target": "x"}] * 2)
    expected = answers(in_memory(path), ["<skipped>", "Haus"])
    assert expected["exact"][0] == [0, 1]
    assert answers(load(path), ["<skipped>", "Haus"]) == expected
    forbid_building(monkeypatch)
    assert answers(load(path), ["<skipped>", "Haus"]) == expected


@pytest.mark.parametrize("at", [0, 3, -1, -4])
def test_pairs_on_disk_are_indexed_as_a_list_is(file: Path, at: int) -> None:
    pairs, plain = load(file).pairs, list(in_memory(file).pairs)
    assert pairs[at] == plain[at]
    assert (len(pairs), pairs[1:3], pairs[::-2]) == (4, plain[1:3], plain[::-2])


@pytest.mark.parametrize("at", [4, -5, 100, -100])
@pytest.mark.parametrize("added", [0, 1, 9])
def test_a_place_outside_the_pairs_on_disk_is_an_index_error(file: Path, at: int, added: int) -> None:
    pool = load(file)
    pool.corpus.add([("neu", "new")] * added)
    place = at + added if at >= 0 else at - added
    with pytest.raises(IndexError):
        pool.pairs[place]


# a changed pool


def test_a_changed_file_is_noticed_even_with_the_same_size_and_time(file: Path, cache: Path) -> None:
    load(file)
    before = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("offen", "neuer"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    pool = load(file)
    assert pool.pairs[1].source == "Die Tür ist neuer."
    assert answers(pool, QUERIES) == answers(in_memory(file), QUERIES)
    assert len(folders(cache)) == 1, "the index of the earlier content is removed"


def test_a_file_that_changes_back_gives_its_first_content_again(file: Path) -> None:
    first = file.read_text(encoding="utf-8")
    before = answers(load(file), QUERIES)
    file.write_text(first.replace("rot", "alt"), encoding="utf-8")
    load(file)
    file.write_text(first, encoding="utf-8")
    assert answers(load(file), QUERIES) == before


def test_each_direction_of_languages_keeps_its_own_index(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(file, "de", "en")
    load(file, "en", "de")
    assert len(folders(cache)) == 2
    answers_without_building(file, monkeypatch, source="de", target="en")
    answers_without_building(file, monkeypatch, source="en", target="de")
    file.write_text(file.read_text(encoding="utf-8").replace("rot", "alt"), encoding="utf-8")
    load(file, "de", "en")
    assert sorted("-".join(about["languages"]) for _, about in stored_indexes()) == ["de-en", "en-de"]
    assert len(folders(cache)) == 2


def test_the_languages_decide_over_tokens(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "pool.jsonl", [{"source": "我爱你", "target": "I love you"}])
    assert load(path, "de").candidates([Query("你")], 1) == [[]]
    ((found,),) = load(path, "zh").candidates([Query("你")], 1)
    assert found.index == 0


def test_another_file_with_the_same_content_shares_the_index(
    file: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(file)
    copy = tmp_path / "copy.jsonl"
    shutil.copy(file, copy)
    answers_without_building(copy, monkeypatch)
    assert len(folders(cache)) == 1


def test_the_index_of_another_file_stays(file: Path, tmp_path: Path, cache: Path) -> None:
    other = write_jsonl(tmp_path / "other.jsonl", ROWS[:1])
    load(other)
    load(file)
    write_jsonl(file, ROWS[:2])
    load(file)
    assert sorted(about["pairs"] for _, about in stored_indexes()) == [1, 2]
    assert len(folders(cache)) == 2


def test_a_file_that_changes_while_it_is_read_leaves_no_index_behind(file: Path, cache: Path) -> None:
    rows = list(ROWS)

    def change(_: int) -> None:
        if len(rows) == len(ROWS):
            rows.append({"source": "Nachtrag", "target": "Addendum"})
            write_jsonl(file, rows)

    with pytest.raises(DataError, match=r"pool\.jsonl: it changed while it was read"):
        Pool.load(file, "de", "en", on_progress=change)
    assert folders(cache) == []
    assert answers(load(file), QUERIES) == answers(in_memory(file), QUERIES)


# damage

FILES = [
    "seal.json",
    "vocabulary.txt",
    *(f"{name}.npy" for name in Index.ARRAYS),
    *(f"{column}.{kind}" for column in ("id", "source", "target", "domain") for kind in ("txt", "npy")),
]


def remove(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_first(path: Path) -> None:
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def flip_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def flip_last(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"0")


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").write_text("in it")


def load_with_one_warning(file: Path) -> tuple[Pool, str]:
    with pytest.warns(UserWarning) as caught:
        pool = load(file)
    (warning,) = caught
    message = str(warning.message)
    assert "\n" not in message
    assert warning.category is UserWarning
    return pool, message


def check_mended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One warning, the right answer, and a sound index for the next run."""
    expected = answers(in_memory(file), QUERIES)
    pool, message = load_with_one_warning(file)
    assert "; it is built anew" in message
    assert answers(pool, QUERIES) == expected
    assert answers_without_building(file, monkeypatch) == expected


def test_the_index_has_the_files_that_are_damaged_below(file: Path, cache: Path) -> None:
    load(file)
    (folder,) = folders(cache)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


@pytest.mark.parametrize(
    "damage", [remove, truncate, empty, flip_first, flip_middle, flip_last, append, replace_by_folder]
)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_costs_a_warning_and_is_mended(
    name: str, damage: Callable[[Path], None], file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(file)
    (folder,) = folders(cache)
    damage(folder / name)
    check_mended(file, monkeypatch)


@pytest.mark.parametrize(
    "content",
    [
        "", " ", "x", "{", "5", "null", '"text"', "[]", "[1]", "[[1, 2]]", "{}", "true", "NaN", "[" * 100_000,
        '{"format": null}', '{"format": []}', '{"format": {}, "files": {}}', '{"format": "1"}',
        "\ud800", b"\xff\xfe", b"\0" * 50,
    ],
)  # fmt: skip
def test_an_index_that_says_nonsense_of_itself_is_mended(
    content: str | bytes, file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(file)
    (folder,) = folders(cache)
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    (folder / "seal.json").write_bytes(data)
    check_mended(file, monkeypatch)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 0), ("format", 99), ("format", "1"), ("format", None),
        ("pool", "x"), ("pool", None), ("pool", []),
        ("languages", ["en", "de"]), ("languages", ["de"]), ("languages", "de"), ("languages", None),
        ("pairs", 3), ("pairs", "4"), ("pairs", None),
        ("fingerprint", "0" * 16), ("fingerprint", None), ("fingerprint", 5),
        ("files", {}), ("files", []), ("files", None), ("files", 5), ("files", {"/etc/hostname": "x"}),
    ],
)  # fmt: skip
def test_a_field_of_another_type_or_content_is_noticed(
    field: str, value: object, file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(file)
    (folder,) = folders(cache)
    about = json.loads((folder / "seal.json").read_text(encoding="utf-8"))
    (folder / "seal.json").write_text(json.dumps(about | {field: value}), encoding="utf-8")
    check_mended(file, monkeypatch)


def test_an_index_of_another_format_says_so(file: Path, cache: Path) -> None:
    load(file)
    (folder,) = folders(cache)
    about = json.loads((folder / "seal.json").read_text(encoding="utf-8"))
    (folder / "seal.json").write_text(json.dumps(about | {"format": 99}), encoding="utf-8")
    _, message = load_with_one_warning(file)
    assert f"this index is of format 99, not {stored_index.FORMAT}; it is built anew" in message


@pytest.mark.parametrize("content", ["5", "[1]", "{}", "x", '{"pool": 7, "languages": 7}', "[" * 100_000])
def test_a_damaged_index_of_another_pool_disturbs_nobody(
    content: str, file: Path, tmp_path: Path, cache: Path
) -> None:
    load(write_jsonl(tmp_path / "other.jsonl", ROWS[:1]))
    (other,) = folders(cache)
    (other / "seal.json").write_text(content, encoding="utf-8")
    assert answers(load(file), QUERIES) == answers(in_memory(file), QUERIES)
    assert [about["pool"] for _, about in stored_indexes()] == [[str(file)]]


def test_an_empty_folder_in_place_of_the_index_is_mended(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(file)
    (folder,) = folders(cache)
    shutil.rmtree(folder)
    folder.mkdir()
    check_mended(file, monkeypatch)


def test_a_file_in_place_of_the_index_costs_a_warning(file: Path, cache: Path) -> None:
    load(file)
    (folder,) = folders(cache)
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    pool, message = load_with_one_warning(file)
    assert "is not kept for the next run" in message
    assert answers(pool, QUERIES) == answers(in_memory(file), QUERIES)
    assert folders(cache) == [folder]


def test_a_damaged_index_that_cannot_be_removed_costs_warnings_and_gives_the_right_answer(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(file)
    (folder,) = folders(cache)
    flip_last(folder / "tokens.npy")
    # of another user's folder only its name beside others can be changed, not what is in it
    monkeypatch.setattr(stored_index.shutil, "rmtree", lambda *_args, **_kwargs: None)
    with pytest.warns(UserWarning) as caught:
        pool = load(file)
    assert [("built anew" in str(w.message), "not kept" in str(w.message)) for w in caught] == [
        (True, False),
        (False, True),
    ]
    assert answers(pool, QUERIES) == answers(in_memory(file), QUERIES)


def test_an_index_that_another_process_takes_away_once_built_costs_a_warning(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = stored_index.build_index

    def build_and_lose(pool: PoolFile, folder: Path, *rest: Any) -> None:
        build(pool, folder, *rest)
        shutil.rmtree(folder)  # as one does that has met another content of the same file

    monkeypatch.setattr(stored_index, "build_index", build_and_lose)
    pool, message = load_with_one_warning(file)
    assert "is not kept for the next run" in message
    assert answers(pool, QUERIES) == answers(in_memory(file), QUERIES)


# a cache that cannot be written


@pytest.mark.parametrize("place", ["", "mtprompt", "mtprompt/indexes"])
def test_without_a_cache_folder_the_index_is_made_in_memory(
    place: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked" / place
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    pool, message = load_with_one_warning(file)
    assert message.startswith(f"the index of {file} is not kept for the next run (")
    assert answers(pool, QUERIES) == answers(in_memory(file), QUERIES)
    assert stored_indexes() == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError("1048576 requested and 4096 written"), "1048576 requested and 4096 written"),  # NumPy's
    ],
)
def test_a_full_disk_costs_a_warning_and_leaves_nothing_behind(
    error: OSError, reason: str, file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", save)
        pool, message = load_with_one_warning(file)
    assert reason in message
    assert "None" not in message
    assert folders(cache) == []
    assert answers(pool, QUERIES) == answers(in_memory(file), QUERIES)


# several processes

CHILD = """
import json, os, signal, sys, time
from pathlib import Path
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query

pool_file, what = sys.argv[1], sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def wait(_):
    ready = Path(pool_file).with_name(f"ready-{os.getpid()}")
    ready.touch()
    deadline = time.monotonic() + 30
    while len(list(ready.parent.glob("ready-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)

progress = {"die in the first pair": die, "meet": wait}.get(what)
if what == "die before the arrays":
    import numpy
    numpy.save = die
if what == "die before seal.json":
    json.dumps = die
if what == "die before it is in its place":
    os.replace = die
pool = Pool.load(pool_file, "de", "en", on_progress=progress)
print([choice.index for choice in pool.candidates([Query("Das Haus ist offen.")], 9, distinct=False)[0]])
"""


def start(file: Path, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(file), what],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_two_processes_that_build_at_once_both_answer_and_leave_one_index(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [start(file, "meet"), start(file, "meet")]
    for process in both:
        out, err = process.communicate(timeout=60)
        assert (out, err) == ("[1, 0, 2, 3]\n", "")
    assert len(list(file.parent.glob("ready-*"))) == 2, "both were building"
    (folder,) = folders(cache)
    assert not folder.name.startswith(".")
    answers_without_building(file, monkeypatch)


@pytest.mark.parametrize(
    "when",
    ["in the first pair", "before the arrays", "before seal.json", "before it is in its place"],
)
def test_a_build_that_is_killed_leaves_no_index_and_the_next_run_makes_one(
    when: str, file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(file, f"die {when}")
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGKILL, "")
    assert stored_indexes() == []
    (left,) = folders(cache)
    assert left.name.startswith("."), "what is left is no index"
    assert answers(load(file), QUERIES) == answers(in_memory(file), QUERIES)
    (folder,) = folders(cache)
    assert not folder.name.startswith("."), "what was left is removed"
    answers_without_building(file, monkeypatch)


def test_what_another_process_is_building_is_no_index_and_is_left_alone(file: Path, cache: Path) -> None:
    # of the same pool, complete but for its last step; our own process id is one that is alive
    load(file)
    (folder,) = folders(cache)
    building = cache / f".0123456789abcdef.building-{os.getpid()}-0"
    folder.rename(building)
    assert stored_indexes() == []
    load(file)
    assert building.is_dir()
    assert len(list(building.iterdir())) == len(FILES)


def test_threads_that_load_one_pool_at_once_all_get_it(file: Path, cache: Path) -> None:
    expected = answers(in_memory(file), QUERIES)
    start_together = threading.Barrier(4)
    found: list[object] = []

    def work() -> None:
        start_together.wait()
        try:
            found.append(answers(load(file), QUERIES) == expected)
        except BaseException as error:
            found.append(error)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 4
    assert len(folders(cache)) == 1


# formats, and files that are no pool


def test_tsv_tmx_and_two_text_files_are_indexed_like_jsonl(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [(row["source"], row["target"]) for row in ROWS]
    tsv, tmx = tmp_path / "pool.tsv", tmp_path / "pool.tmx"
    sources, targets = tmp_path / "pool.de", tmp_path / "pool.en"
    tsv.write_text("".join(f"{s}\t{t}\n" for s, t in pairs), encoding="utf-8")
    sources.write_text("".join(f"{s}\n" for s, _ in pairs), encoding="utf-8")
    targets.write_text("".join(f"{t}\n" for _, t in pairs), encoding="utf-8")
    units = "".join(
        f'<tu><tuv xml:lang="de-DE"><seg>{s}</seg></tuv><tuv xml:lang="en"><seg>{t}</seg></tuv></tu>'
        for s, t in pairs
    )
    tmx.write_text(f'<tmx version="1.4"><header/><body>{units}</body></tmx>', encoding="utf-8")
    texts = {"bm25", "distinct", "exact", "idf", "fingerprint"}
    expected = answers(Pool(Corpus.from_pairs(pairs, "de", "en")), QUERIES)
    for path, target_path in ((tsv, None), (tmx, None), (sources, targets)):
        built = answers(load(path, target_path=target_path), QUERIES)
        assert built == answers_without_building(path, monkeypatch, target_path=target_path)
        assert built == answers(in_memory(path, target_path=target_path), QUERIES)
        assert {key: built[key] for key in texts} == {key: expected[key] for key in texts}
    assert len(folders(cache)) == 3


def test_the_target_side_of_two_text_files_is_looked_at_too(tmp_path: Path, cache: Path) -> None:
    sources, targets = tmp_path / "a.txt", tmp_path / "b.txt"
    sources.write_text("Haus\n")
    targets.write_text("house\n")
    load(sources, target_path=targets)
    targets.write_text("House\n")
    assert load(sources, target_path=targets).pairs[0].target == "House"
    assert len(folders(cache)) == 1


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("missing.tsv", None, DataError, "missing.tsv: no such file"),
        ("empty.tsv", "", DataError, "empty.tsv: no sentence pairs in it"),
        ("empty.jsonl", "\n\n", DataError, "empty.jsonl: no sentence pairs in it"),
        ("bad.tsv", "a\tb\nc\n", DataError, "bad.tsv:2: expected source, tab, target, each with text"),
        ("bad.tsv", "a\tb\n\t \n", DataError, None),  # a line without text is skipped
        ("bad.jsonl", '{"source": "a", "target": "b"}\n{"source": "a"\n', DataError, "bad.jsonl:2: not a"),
        (
            "half.jsonl",
            '{"source": "a", "target": "b"}\n{"source": "\\ud83d", "target": "b"}\n',
            DataError,
            "half.jsonl:2: field 'source' holds half a character",
        ),
        ("latin.tsv", b"a\tb\nT\xfcr\tdoor\n", DataError, "latin.tsv:2: not UTF-8"),
        ("broken.tmx", "<tmx><body>", DataError, "broken.tmx:1: not well-formed XML"),
        ("pool.txt", "a\tb\n", ConfigError, "pool.txt: a pool is .jsonl, .tsv or .tmx"),
    ],
)
def test_a_file_that_is_no_pool_is_the_error_that_it_always_was_and_leaves_no_index(
    name: str,
    content: str | bytes | None,
    error: type[Exception],
    message: str | None,
    tmp_path: Path,
    cache: Path,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if message is None:
        assert len(load(path).pairs) == 1
        return
    with pytest.raises(error, match=message.replace(".", r"\.")) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(error) as without_index:
        in_memory(path)
    assert str(caught.value) == str(without_index.value)
    assert folders(cache) == []


def test_a_folder_and_a_missing_target_side_are_named(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.txt").write_text("Haus\n")
    with pytest.raises(DataError, match=r"pool\.tsv: is a folder, not a file"):
        (tmp_path / "pool.tsv").mkdir()
        load(tmp_path / "pool.tsv")
    with pytest.raises(DataError, match=r"b\.txt: no such file"):
        load(tmp_path / "a.txt", target_path=tmp_path / "b.txt")
    assert folders(cache) == []


def test_a_file_that_turns_out_malformed_leaves_the_index_of_its_earlier_content_usable(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = file.read_text(encoding="utf-8")
    load(file)
    file.write_text(good + "{", encoding="utf-8")
    with pytest.raises(DataError, match=r"pool\.jsonl:5: not a JSON object"):
        load(file)
    file.write_text(good, encoding="utf-8")
    answers_without_building(file, monkeypatch)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Callable[[str, str], Path]]:
    """Makes named pipes that a thread writes a text into, once."""
    writers = []

    def make(name: str, text: str) -> Path:
        path = tmp_path / name
        os.mkfifo(path)
        writer = threading.Thread(target=lambda: path.write_text(text, encoding="utf-8"), daemon=True)
        writer.start()
        writers.append(writer)
        return path

    yield make
    for writer in writers:
        writer.join(timeout=10)
        assert not writer.is_alive()


def test_a_pipe_is_read_once_and_indexed_in_memory(pipe: Callable[[str, str], Path], cache: Path) -> None:
    # as `--pool <(zcat de.gz) --pool-target <(zcat en.gz)` gives them
    pool = load(pipe("de.txt", "Haus\nTür\n"), target_path=pipe("en.txt", "house\ndoor\n"))
    assert [(pair.source, pair.target) for pair in pool.pairs] == [("Haus", "house"), ("Tür", "door")]
    assert [choice.index for choice in pool.candidates([Query("tür")], 2)[0]] == [1]
    assert folders(cache) == []
