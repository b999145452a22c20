"""The engine vllm with the real vLLM and the embedded model; ``make test-vllm`` runs it.

vLLM pins other versions of its libraries than the rest of the project, so it has an environment of its own.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from interruptible import MTPROMPT

from mtprompt import Corpus, Translator
from mtprompt.corpus.segments import read_segments
from mtprompt.errors import BackendError
from mtprompt.generation.embedded import EMBEDDED, model_folder
from mtprompt.generation.hf.backend import HFBackend
from mtprompt.generation.protocol import Decoding, Running
from mtprompt.generation.vllm.backend import VLLMBackend

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(find_spec("vllm") is None, reason="vllm is not installed; see make test-vllm"),
    pytest.mark.skipif(
        # vLLM's transformers is too old to convert it
        not model_folder(EMBEDDED["gemma-3-270m"]).is_dir(),
        reason="the embedded model is not converted yet; see make test-vllm",
    ),
    # the engines' own libraries warn about themselves
    pytest.mark.filterwarnings("default"),
]

MODEL = "gemma-3-270m"
SMALL = {"kv_cache_memory_bytes": 500_000_000, "max_model_len": 4096}
SHOTS = (
    "German: Guten Morgen.\nEnglish: Good morning.\n\n"
    "German: Wo ist der Bahnhof?\nEnglish: Where is the train station?\n\n"
    "German: Das Haus ist rot.\nEnglish: The house is red.\n\n"
)


def vllm(name: str = MODEL, **options: object) -> VLLMBackend:
    return VLLMBackend(name, Running("cpu", 16, {**SMALL, **options}))  # type: ignore[dict-item]


def failure(made: VLLMBackend) -> str:
    with pytest.raises(BackendError) as caught:
        list(made.generate(["a"], [1], Decoding()))
    return str(caught.value)


# These start no engine, and vLLM runs once in a process: they come before the fixture.


def test_a_model_that_vllm_does_not_know_is_one_line(tmp_path: Path) -> None:
    source = model_folder(EMBEDDED[MODEL])
    for file in source.iterdir():
        (tmp_path / file.name).symlink_to(file)
    config = json.loads((source / "config.json").read_text())
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_text(json.dumps({**config, "architectures": ["NoSuchModel"]}))
    message = failure(vllm(str(tmp_path)))
    assert "NoSuchModel" in message and "(the engine hf may run it)" in message
    assert "\n" not in message and len(message) < 600


def test_a_cache_that_is_too_small_is_one_line_with_what_helps() -> None:
    message = failure(vllm(kv_cache_memory_bytes=2_000_000))
    assert "KV cache" in message and "VLLM_CPU_KVCACHE_SPACE" in message
    assert "\n" not in message


@pytest.fixture(scope="module")
def backend() -> Iterator[VLLMBackend]:
    made = vllm()
    yield made
    made.close()


def prompts(backend: VLLMBackend, root: Path, select: str, count: int) -> list[tuple[str, int]]:
    """Prompts of the sample with their room for an answer."""
    sample = root / "benchmarks" / "sample" / "leaflet"
    pool = Corpus.load(sample / "pool.jsonl", "de", "en")
    segments = [segment for segment, _ in read_segments(str(sample / "test.jsonl"))][:count]
    translator = Translator(backend, "de", "en", pool=pool, select=select, exact_match="exclude", store=None)
    return [(p.text, p.max_new_tokens) for _, p in translator.prompts(segments) if p]


def test_greedy_answers_are_those_of_transformers_also_beyond_the_sliding_window(
    backend: VLLMBackend, root: Path
) -> None:
    asked = prompts(backend, root, "rbm25@4", 12) + prompts(backend, root, "random@24", 8)
    texts, rooms = [text for text, _ in asked], [room for _, room in asked]
    lengths = backend.count_tokens(texts)
    assert len(texts) == 20 and min(lengths) < 300 and sum(length > 512 for length in lengths) >= 8
    answers = {i: (its.text, its.finish_reason) for i, its in backend.generate(texts, rooms, Decoding())}
    reference = HFBackend(MODEL, Running("cpu", 4))
    assert reference.count_tokens(texts) == lengths
    expected = {i: (its.text, its.finish_reason) for i, its in reference.generate(texts, rooms, Decoding())}
    reference.close()
    assert answers == expected


def test_two_threads_get_what_one_gets(backend: VLLMBackend) -> None:
    texts = [f"{SHOTS}German: Zimmer {i} ist frei.\nEnglish:" for i in range(6)]

    def answer(some: list[str]) -> list[str]:
        answers = dict(backend.generate(some, [12] * len(some), Decoding()))
        return [answers[i].text for i in range(len(some))]

    expected = [text for some in (texts[:3], texts[3:]) for text in answer(some)]
    got: dict[int, list[str]] = {}
    threads = [
        threading.Thread(target=lambda at=at: got.update({at: answer(texts[at : at + 3])})) for at in (0, 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert got[0] + got[3] == expected


def test_closing_a_generator_frees_the_engine_for_the_next(backend: VLLMBackend) -> None:
    first = f"{SHOTS}German: Das Haus ist rot.\nEnglish:"
    rest = [f"{SHOTS}German: Zimmer {i} ist frei.\nEnglish:" for i in range(20)]
    answers = backend.generate([first, *rest], [12] + [200] * 20, Decoding(stop_at_newline=False))
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    started = time.monotonic()
    ((_, answer),) = backend.generate([first], [12], Decoding())
    assert answer.text == " The house is red."
    assert time.monotonic() - started < 60


def test_a_sample_depends_on_its_seed_and_number_and_not_on_the_batch(backend: VLLMBackend) -> None:
    texts = [f"{SHOTS}German: Der Arzt untersuchte Patient {i}.\nEnglish:" for i in range(4)]

    def drawn(some: list[str], **decoding: int) -> list[str]:
        answers = dict(backend.generate(some, [12] * len(some), Decoding(1.0, **decoding)))
        return [answers[i].text for i in range(len(some))]

    together = drawn(texts)
    assert drawn(texts[2:3]) == together[2:3]
    assert drawn(texts, sample=1) != together
    assert drawn(texts, seed=2) != together


def processes_of(session: int) -> list[str]:
    """Names of the processes in a session; its leader may be gone."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, fields = stat.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue  # ended meanwhile
        state, _parent, _group, its_session = fields.split()[:4]
        if int(its_session) == session and state != "Z":
            found.append(name)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")
def test_a_run_of_the_command_line_that_is_killed_or_interrupted_leaves_nothing_and_goes_on(
    root: Path, tmp_path: Path
) -> None:
    sample = root / "benchmarks" / "sample" / "software"
    store = tmp_path / "store"
    options = ",".join(f"{key}={value}" for key, value in SMALL.items())
    command = [
        *(*MTPROMPT, "translate", str(sample / "test.jsonl"), "-o", "-"),
        *("--from", "de", "--to", "en", "--pool", str(sample / "pool.jsonl"), "--device", "cpu"),
        *("--format", "jsonl", "--batch-size", "2", "--store", str(store)),
        *("--model", f"vllm:{MODEL}({options})"),
    ]

    def stored() -> int:
        try:
            with sqlite3.connect(f"file:{store}/generations.sqlite?mode=ro", uri=True) as connection:
                return int(connection.execute("SELECT count(*) FROM answers").fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    def run_until(done: Callable[[], bool], number: signal.Signals) -> tuple[int, str]:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        deadline = time.monotonic() + 500
        while process.poll() is None and not done() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(process.pid, number)
        error = process.communicate()[1]
        for _ in range(100):
            if not processes_of(process.pid):
                break
            time.sleep(0.1)
        assert processes_of(process.pid) == []
        return process.returncode, error

    code, error = run_until(lambda: stored() >= 3, signal.SIGINT)
    assert code == 130, error
    assert "Interrupted." in error and "Traceback" not in error
    kept = stored()
    assert 3 <= kept < 26
    code, _ = run_until(lambda: stored() >= kept + 3, signal.SIGKILL)
    assert code == -signal.SIGKILL
    kept = stored()
    assert kept < 26
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 26
    assert f"{26 - kept} generated, {kept} from the store" in done.stderr
    noise = [line for line in done.stderr.splitlines() if "WARNING" in line or "Warning" in line]
    assert noise == []
