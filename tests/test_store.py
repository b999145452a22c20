"""The store: nothing finished is lost, nothing stale is hit, and no fault of the disk stops a run."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mtprompt.generation.protocol import Decoding
from mtprompt.segments import Example, Generation, Pair, Prompt, Usage
from mtprompt.store import GenerationKeys, Store, open_read_only

posix = pytest.mark.skipif(os.name == "nt", reason="uses signals or resource limits")
ANSWER = Generation("Good day.", "stop", Usage(7, 3, 0.25))
CACHED = Generation("Good day.", "stop", Usage(7, 3, 0.25), cached=True)


def generation_key(prompt: Prompt, identity: dict[str, str], decoding: Decoding) -> str:
    return GenerationKeys(identity, decoding).key(prompt)


def open_quietly(folder: Path) -> Store:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return Store(folder)


def start_writer(script: str, *args: str) -> subprocess.Popen[str]:
    head = "import sys\nfrom mtprompt.segments import Generation, Usage\nfrom mtprompt.store import Store\n"
    return subprocess.Popen(
        [sys.executable, "-W", "always", "-c", head + script, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


WRITE_ON = """
store = Store(sys.argv[1])
for i in range(10**9):
    store.put(f"key{i}", Generation(f"answer {i}", "stop", Usage(1, 1, 0.0)), "m")
    print(i, flush=True)
"""

WRITE_100 = """
sys.stdin.readline()
store = Store(sys.argv[1])
for i in range(100):
    store.put(f"{sys.argv[2]}{i}", Generation(f"answer {sys.argv[2]}{i}", "stop", Usage(1, 1, 0.0)), "m")
"""

FILL_A_SMALL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
store = Store(sys.argv[1])
for i in range(20):
    store.put(f"key{i}", Generation("x" * 50_000, "stop", Usage(1, 1, 0.0)), "m")
print("went on", len(store.get([f"key{i}" for i in range(20)])))
"""


def test_what_was_put_comes_back_marked_as_cached(tmp_path: Path) -> None:
    store = open_quietly(tmp_path)
    store.put("k1", ANSWER, "m")
    assert store.get(["k1", "k2"]) == {"k1": CACHED}
    assert store.get([]) == {}
    store.close()


def test_a_new_run_finds_what_the_last_one_put(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "when" / "missing"
    first = open_quietly(folder)
    first.put("k1", ANSWER, "m")
    first.close()
    second = open_quietly(folder)
    assert second.get(["k1"]) == {"k1": CACHED}
    second.close()


def test_a_key_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    store = open_quietly(tmp_path)
    store.put("k1", ANSWER, "m")
    store.put("k1", Generation("other", "length", Usage(1, 1, 1.0)), "m")
    assert store.get(["k1"]) == {"k1": CACHED}
    store.close()


@pytest.mark.parametrize("text", ["", "a\0b", "a\nb\r\u2028", "北京 🙂", "' OR 1=1 --", "x" * 1_000_000])
def test_any_text_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    store = open_quietly(tmp_path)
    store.put("k1", Generation(text, "length", Usage(1, 2, 0.5)), "m")
    assert store.get(["k1"]) == {"k1": Generation(text, "length", Usage(1, 2, 0.5), cached=True)}
    store.close()


def test_thousands_of_keys_are_looked_up_at_once(tmp_path: Path) -> None:
    store = open_quietly(tmp_path)
    for i in (0, 499, 500, 501, 2499):
        store.put(f"k{i}", ANSWER, "m")
    found = store.get([f"k{i}" for i in range(2500)])
    assert sorted(found) == ["k0", "k2499", "k499", "k500", "k501"]
    store.close()


def test_after_closing_the_store_is_silent(tmp_path: Path) -> None:
    store = open_quietly(tmp_path)
    store.put("k1", ANSWER, "m")
    store.close()
    store.close()
    store.put("k2", ANSWER, "m")
    assert store.get(["k1", "k2"]) == {}


CLOSE_WHILE_OTHERS_WORK = """
import threading
for i in range(200):
    store = Store(sys.argv[1])
    working, stop = threading.Barrier(3), threading.Event()

    def work(name):
        working.wait()
        for j in range(10**9):
            store.put(f"{name}{i}.{j}", Generation("answer", "stop", Usage(1, 1, 0.0)), "m")
            store.get([f"{name}{i}.{k}" for k in range(50)])
            if stop.is_set():
                return

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    working.wait()
    store.close()
    stop.set()
    for thread in threads:
        thread.join()
"""


def test_a_store_may_be_closed_while_other_threads_use_it(tmp_path: Path) -> None:
    # in a process of its own: the fault is a crash of the interpreter
    worker = start_writer(CLOSE_WHILE_OTHERS_WORK, str(tmp_path))
    _, err = worker.communicate(timeout=60)
    assert (worker.returncode, err) == (0, "")


PROMPT = Prompt("German: Ja\nEnglish:", 3, 48, (), ())
IDENTITY = {"engine": "ct2 4.8", "compute": "int8", "model": "m", "revision": "r1"}


def test_the_key_is_sha256_of_canonical_json() -> None:
    # literal, so that a change of the form, which would orphan every user's store, is noticed
    canonical = (
        '{"backend":{"compute":"int8","engine":"ct2 4.8","model":"m","revision":"r1"},'
        '"decoding":{"stop_at_newline":true,"temperature":0.0},'
        '"max_new_tokens":48,"prompt":"German: Öl\\nEnglish:"}'
    )
    prompt = Prompt("German: Öl\nEnglish:", 3, 48, (), ())
    assert generation_key(prompt, IDENTITY, Decoding()) == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    ("prompt", "identity", "decoding"),
    [
        (Prompt("German: Ja\nEnglish: ", 3, 48, (), ()), IDENTITY, Decoding()),
        (Prompt("German: Ja\nEnglish:", 3, 64, (), ()), IDENTITY, Decoding()),
        (PROMPT, {**IDENTITY, "engine": "ct2 4.9"}, Decoding()),
        (PROMPT, {**IDENTITY, "compute": "float32"}, Decoding()),
        (PROMPT, {**IDENTITY, "model": "n"}, Decoding()),
        (PROMPT, {**IDENTITY, "revision": "r2"}, Decoding()),
        (PROMPT, IDENTITY, Decoding(temperature=0.5)),
        (PROMPT, IDENTITY, Decoding(stop_at_newline=False)),
    ],
    ids=["prompt", "limit", "engine", "compute", "model", "revision", "temperature", "stop"],
)
def test_the_key_changes_with_everything_that_decides_the_answer(
    prompt: Prompt, identity: dict[str, str], decoding: Decoding
) -> None:
    assert generation_key(prompt, identity, decoding) != generation_key(PROMPT, IDENTITY, Decoding())


def test_the_key_does_not_change_with_what_does_not_decide_the_answer() -> None:
    example = Example(Pair("1", "Ja", "Yes"), 1.0, 1)
    same = Prompt("German: Ja\nEnglish:", 99, 48, (example,), (), ("example",))
    turned = dict(reversed(list(IDENTITY.items())))
    key = generation_key(PROMPT, IDENTITY, Decoding())
    assert generation_key(same, turned, Decoding()) == key
    # nothing is drawn when decoding is greedy
    assert generation_key(PROMPT, IDENTITY, Decoding(seed=2, sample=3)) == key


@pytest.mark.parametrize("other", [Decoding(0.5, seed=2), Decoding(0.5, sample=1), Decoding(0.6)])
def test_the_key_of_a_sample_holds_all_that_it_is_drawn_with(other: Decoding) -> None:
    assert generation_key(PROMPT, IDENTITY, other) != generation_key(PROMPT, IDENTITY, Decoding(0.5))


def test_a_folder_that_cannot_be_made_warns_once_and_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.warns(UserWarning, match=r"store .*file.store: .*; going on without it") as caught:
        store = Store(tmp_path / "file" / "store")
        store.put("k1", ANSWER, "m")
        store.put("k2", ANSWER, "m")
        assert store.get(["k1"]) == {}
        store.close()
    assert len(caught) == 1


@pytest.mark.parametrize("noticed", ["when it is opened", "when it is written"])
def test_a_store_that_can_only_be_read_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noticed: str
) -> None:
    store = open_quietly(tmp_path)
    store.put("k1", ANSWER, "m")
    store.close()
    connect = sqlite3.connect

    def reading(name: Any, **options: Any) -> sqlite3.Connection:  # as for others than root
        if options.get("uri"):
            return connect(name, **options)
        if noticed == "when it is opened":
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return connect(f"file:{name}?mode=ro", **options, uri=True)

    monkeypatch.setattr("mtprompt.store.sqlite3.connect", reading)
    with pytest.warns(UserWarning, match="its answers are used, and new ones are not kept") as caught:
        store = Store(tmp_path)
        store.put("k2", ANSWER, "m")
        store.put("k3", ANSWER, "m")
        assert store.get(["k1", "k2"]) == {"k1": CACHED}
    store.close()
    assert len(caught) == 1


def test_what_another_process_has_not_committed_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_quietly(tmp_path)
    for i in range(300):
        store.put(f"k{i}", Generation("right" * 100, "stop", Usage(1, 1, 0.0)), "m")
    store.close()
    monkeypatch.setattr("mtprompt.store._WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(tmp_path / "generations.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("PRAGMA cache_size=5")  # so little that it writes into the file before it commits
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE answers SET text = 'never committed'")
        started = time.monotonic()
        with pytest.warns(UserWarning, match="database is locked; going on without it"):
            store = Store(tmp_path)
        assert store.get([f"k{i}" for i in range(300)]) == {}
        assert time.monotonic() - started < 3  # it waits once
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            open_read_only(tmp_path / "generations.sqlite")


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for others than root in a folder that is not theirs, without a shared-memory file."""
    connect = sqlite3.connect

    def connect_reading(name: Any, **options: Any) -> sqlite3.Connection:
        if "immutable" not in str(name):  # SQLite finds out at the first statement
            raise cant_open
        return connect(name, **options)

    with pytest.raises(sqlite3.OperationalError) as caught:
        connect("/no/such/folder/file")
    cant_open = caught.value
    monkeypatch.setattr("mtprompt.store.sqlite3.connect", connect_reading)


def test_in_a_folder_that_cannot_be_written_a_store_is_read_without_its_log(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store = open_quietly(tmp_path)
    store.put("k1", ANSWER, "m")
    store.close()
    request.getfixturevalue("read_only")
    with pytest.warns(UserWarning, match="its answers are used, and new ones are not kept"):
        assert Store(tmp_path).get(["k1"]) == {"k1": CACHED}


@pytest.mark.usefixtures("read_only")
@pytest.mark.parametrize("log", ["wal", "journal"])
def test_what_only_a_log_holds_is_not_passed_over(tmp_path: Path, log: str) -> None:
    (tmp_path / "generations.sqlite").write_bytes(b"")
    (tmp_path / f"generations.sqlite-{log}").write_bytes(b"answers")
    with pytest.warns(UserWarning, match=f"generations.sqlite-{log} holds .* going on without it"):
        Store(tmp_path)


def test_a_file_that_is_not_ours_is_named_so_and_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "generations.sqlite")) as other:
        other.execute("CREATE TABLE answers (key TEXT, text TEXT)")
    with pytest.warns(UserWarning, match="is no store of mtprompt's .no such column: model.; going on"):
        store = Store(tmp_path)
    assert store.get(["k1"]) == {}


def test_a_corrupt_file_warns_once_the_work_goes_on_and_the_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "generations.sqlite"
    path.write_bytes(b"this is no database " * 100)
    with pytest.warns(UserWarning, match="file is not a database; going on without it") as caught:
        store = Store(tmp_path)
        store.put("k1", ANSWER, "m")
        assert store.get(["k1"]) == {}
    assert len(caught) == 1
    assert path.read_bytes() == b"this is no database " * 100


@pytest.mark.parametrize("first", ["put", "get"])
def test_a_file_that_breaks_during_the_run_warns_once_and_the_work_goes_on(
    tmp_path: Path, first: str
) -> None:
    store = open_quietly(tmp_path)
    store.put("k1", ANSWER, "m")
    other = sqlite3.connect(tmp_path / "generations.sqlite")
    other.execute("DROP TABLE answers")
    other.commit()
    other.close()
    with pytest.warns(UserWarning, match="no such table: answers; going on without it") as caught:
        if first == "put":
            store.put("k2", ANSWER, "m")
        assert store.get(["k1"]) == {}
        store.put("k3", ANSWER, "m")
    assert len(caught) == 1


@posix
def test_a_full_disk_warns_once_and_the_work_goes_on(tmp_path: Path) -> None:
    writer = start_writer(FILL_A_SMALL_DISK, str(tmp_path))
    out, err = writer.communicate(timeout=60)
    assert writer.returncode == 0, err
    assert out == "went on 0\n"  # the store gave up
    assert err.count("going on without it") == 1
    store = open_quietly(tmp_path)
    kept = store.get([f"key{i}" for i in range(20)])
    assert 1 <= len(kept) < 20  # what was finished before is whole
    assert {generation.text for generation in kept.values()} == {"x" * 50_000}
    store.close()


def test_two_connections_see_each_others_rows_at_once(tmp_path: Path) -> None:
    one, two = open_quietly(tmp_path), open_quietly(tmp_path)
    one.put("k1", ANSWER, "m")
    two.put("k2", ANSWER, "m")
    assert two.get(["k1"]) == {"k1": CACHED}
    assert one.get(["k2"]) == {"k2": CACHED}
    one.close()
    two.put("k3", ANSWER, "m")
    assert sorted(two.get(["k1", "k2", "k3"])) == ["k1", "k2", "k3"]
    two.close()


def test_processes_that_start_and_write_at_once_share_a_new_store(tmp_path: Path) -> None:
    writers = {name: start_writer(WRITE_100, str(tmp_path / "new"), name) for name in ("a", "b", "c")}
    for writer in writers.values():
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers.values():
        _, err = writer.communicate(timeout=120)
        assert (writer.returncode, err) == (0, "")
    store = open_quietly(tmp_path / "new")
    keys = [f"{name}{i}" for name in writers for i in range(100)]
    found = store.get(keys)
    assert len(found) == 300
    assert all(found[key].text == f"answer {key}" for key in keys)
    store.close()


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = open_quietly(tmp_path)
    wrong: list[str] = []

    def work(name: str) -> None:
        for i in range(50):
            store.put(f"{name}{i}", Generation(f"{name}{i}", "stop", Usage(1, 1, 0.0)), "m")
            if store.get([f"{name}{i}"])[f"{name}{i}"].text != f"{name}{i}":
                wrong.append(f"{name}{i}")

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(store.get([f"{name}{i}" for name in "abcd" for i in range(50)])) == 200
    store.close()


def finished_before_kill(writer: subprocess.Popen[str], at_least: int) -> Sequence[int]:
    assert writer.stdout is not None
    done = [int(writer.stdout.readline()) for _ in range(at_least)]
    writer.send_signal(signal.SIGKILL)
    # what had been said before the kill was finished, too; a line cut in two does not count
    done += [int(line) for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    writer.wait()
    writer.communicate()
    return done


@posix
def test_kill_9_loses_no_finished_row(tmp_path: Path) -> None:
    done = finished_before_kill(start_writer(WRITE_ON, str(tmp_path)), at_least=50)
    store = open_quietly(tmp_path)
    found = store.get([f"key{i}" for i in done])
    assert len(done) >= 50
    assert sorted(found) == sorted(f"key{i}" for i in done)
    assert all(found[f"key{i}"].text == f"answer {i}" for i in done)
    store.put("after", ANSWER, "m")
    assert store.get(["after"]) == {"after": CACHED}
    store.close()


def test_a_new_store_may_be_opened_by_many_at_the_same_moment(tmp_path: Path) -> None:
    for number in range(25):
        barrier = threading.Barrier(8)

        def open_and_put(name: str, folder: Path, barrier: threading.Barrier) -> None:
            barrier.wait()
            store = Store(folder)
            store.put(name, ANSWER, "m")
            store.close()

        folder = tmp_path / str(number)
        folder.mkdir()
        threads = [threading.Thread(target=open_and_put, args=(n, folder, barrier)) for n in "abcdefgh"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store = open_quietly(folder)
        assert sorted(store.get(list("abcdefgh"))) == list("abcdefgh")
        store.close()
