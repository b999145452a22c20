"""COMET through its real worker, on tiny checkpoints of random weights."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from comet_texts import HYPOTHESES, NINE, OUTPUT, SOURCES

from mtprompt.errors import BackendError, ConfigError, DataError, MissingDependency
from mtprompt.scoring import comet_env
from mtprompt.scoring.comet import Comet
from mtprompt.scoring.comet_name import CometOptions, short_name
from mtprompt.scoring.protocol import SystemOutput

HERE = Path(__file__).parent
posix = pytest.mark.skipif(os.name == "nt", reason="uses a shell script or signals")


def fake_python(folder: Path, script: str) -> Path:
    """An "interpreter" that is a shell script."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def one_line(error: pytest.ExceptionInfo[BaseException]) -> str:
    """The message, which must be one line without a traceback."""
    text = str(error.value)
    assert "\n" not in text
    assert "Traceback" not in text
    assert 'File "' not in text
    return text


def test_scores_are_those_of_predict(scorer: Comet, models: Path) -> None:
    result = scorer.score(OUTPUT)
    assert result.segments is not None
    assert (
        list(result.segments)
        == json.loads((models / "expected.json").read_text(encoding="utf-8"))["reference"]
    )
    assert len(set(result.segments)) > 100
    assert result.system == pytest.approx(sum(result.segments) / 150, abs=1e-12)
    assert result.higher_is_better


def test_second_call_is_the_same_and_keeps_the_worker(scorer: Comet) -> None:
    first = scorer.score(NINE)
    worker = scorer._worker
    assert scorer.score(NINE) == first
    assert scorer._worker is worker


def test_name_and_signature(scorer: Comet, models: Path) -> None:
    path = models / "reference" / "checkpoints" / "model.ckpt"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    result = scorer.score(SystemOutput.of(["a"], ["b"], ["c"]))
    assert result.name == f"comet:{path}"
    fields = result.signature.split("|")
    assert fields[:5] == ["comet", "model:reference", f"sha256:{digest[:16]}", "nrefs:1", "precision:fp32"]
    assert fields[5].startswith("unbabel-comet:2.")
    assert fields[6].startswith("mtprompt:")
    assert result.details["sha256"] == digest
    assert result.details["torch"]


def test_strange_text_comes_through(scorer: Comet) -> None:
    strange = ["", " ", "a\nb", "a\u2028b\u0085c", '"}{', "\ud800", "漢字 🙂", "a" * 3000]
    result = scorer.score(SystemOutput.of(strange, [*strange[:-1], "x"], strange))
    assert result.segments is not None
    assert len(result.segments) == len(strange)


@pytest.mark.parametrize("name", ["referenceless", "kiwi"])
def test_reference_free_models(python: Path, models: Path, name: str) -> None:
    with Comet(str(models / name), python=python, options=CometOptions(batch_size=4)) as scorer:
        without = scorer.score(SystemOutput.of(HYPOTHESES, [""] * 150, SOURCES))
        given = scorer.score(OUTPUT)
        none = scorer.score(SystemOutput(HYPOTHESES, [()] * 150, SOURCES))
    assert without == given == none
    assert "|nrefs:0|" in without.signature
    expected = json.loads((models / "expected.json").read_text(encoding="utf-8"))
    if name in expected:
        assert list(without.segments or ()) == expected[name]


def test_missing_texts_are_named(scorer: Comet) -> None:
    with pytest.raises(DataError, match="source texts"):
        scorer.score(SystemOutput.of(["a"], ["b"]))
    for none in ("", None):
        with pytest.raises(DataError, match="compares with references, and none were given"):
            scorer.score(SystemOutput.of(["a"], [none], ["b"]))
    with pytest.raises(DataError, match="compares with references, and segment 2 has none"):
        scorer.score(SystemOutput.of(["a", "b"], ["c", None], ["d", "e"]))


def test_missing_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="hf download") as error:
        Comet(str(tmp_path / "no.ckpt"), python=Path(sys.executable))
    assert "comet:/path/to/checkpoints/model.ckpt" in one_line(error)


def test_file_that_is_no_checkpoint(python: Path, models: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.ckpt"
    alone.write_bytes(b"text")
    with (
        Comet(str(alone), python=python) as scorer,
        pytest.raises(BackendError, match=r"hparams\.yaml") as error,
    ):
        scorer.load()
    one_line(error)
    folder = tmp_path / "damaged"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "hparams.yaml").write_bytes((models / "reference" / "hparams.yaml").read_bytes())
    (folder / "checkpoints" / "model.ckpt").write_bytes(b"version https://git-lfs")
    with (
        Comet(str(folder), python=python) as scorer,
        pytest.raises(BackendError, match=r"damaged|cannot be read") as error,
    ):
        scorer.load()
    one_line(error)


def test_checkpoint_with_code_is_refused(python: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    with (
        Comet(str(models / "code"), python=python) as scorer,
        pytest.raises(BackendError, match="can run code") as error,
    ):
        scorer.load()
    one_line(error)
    assert not (models / "code-was-run").exists()


class Hub(http.server.BaseHTTPRequestHandler):
    """A hub that refuses everything, for the reason that the repository's name says."""

    def do_GET(self) -> None:
        gated = "gated" in self.path
        self.send_response(403 if gated else 404)
        self.send_header("X-Error-Code", "GatedRepo" if gated else "RepoNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Points the worker at a hub of ours."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("model", "expected"), [("a/gated", "HF_TOKEN"), ("a/nowhere", "'a/nowhere' is not on the hub")]
)
def test_hub_refuses(python: Path, hub: None, model: str, expected: str) -> None:
    with Comet(model, python=python) as scorer, pytest.raises(BackendError, match=expected) as error:
        scorer.load()
    one_line(error)


def test_hub_out_of_reach(
    python: Path, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with (
        Comet("a/model", python=python) as scorer,
        pytest.raises(BackendError, match="hf download a/model") as error,
    ):
        scorer.load()
    one_line(error)
    with Comet(str(models / "lost-encoder"), python=python) as scorer, pytest.raises(BackendError) as error:
        scorer.load()
    assert "'nobody/encoder' is not in the hub cache" in one_line(error)


def test_missing_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MTPROMPT_COMET_PYTHON", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(comet_env, "version", lambda name: "1.1.3")  # too old counts as absent
    with pytest.raises(MissingDependency, match="mtprompt comet install") as error:
        Comet("Unbabel/wmt22-comet-da")
    one_line(error)


def test_environment_without_its_marker_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MTPROMPT_COMET_PYTHON", raising=False)
    monkeypatch.setattr(comet_env, "cache_dir", lambda *parts: tmp_path.joinpath(*parts))
    monkeypatch.setattr(comet_env, "version", lambda name: "1.1.3")
    inner = comet_env.python_in(tmp_path / "comet-env")
    inner.parent.mkdir(parents=True)
    inner.touch()
    assert comet_env.find_python() is None
    (tmp_path / "comet-env" / comet_env.MARKER).touch()
    assert comet_env.find_python() == inner


def test_interpreter_without_comet(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    scorer = Comet(str(models / "reference"), python=comet_env.python_in(bare))
    with scorer, pytest.raises(MissingDependency, match="mtprompt comet install") as error:
        scorer.load()
    one_line(error)
    monkeypatch.setenv("MTPROMPT_COMET_PYTHON", str(tmp_path / "no-python"))
    with pytest.raises(ConfigError, match="MTPROMPT_COMET_PYTHON"):
        Comet(str(models / "reference"))


@posix
def test_worker_killed_between_calls_is_restarted(scorer: Comet) -> None:
    before = scorer.score(NINE)
    assert scorer._worker is not None
    os.kill(scorer._worker.pid, signal.SIGKILL)
    scorer._worker._process.wait()
    assert scorer.score(NINE) == before


@posix
def test_worker_killed_during_a_call_is_an_error_and_then_restarted(scorer: Comet) -> None:
    before = scorer.score(NINE)
    assert scorer._worker is not None
    pid = scorer._worker.pid
    os.kill(pid, signal.SIGSTOP)  # so that it cannot finish first
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(BackendError, match="killed by SIGKILL") as error:
        scorer.score(NINE)
    one_line(error)
    assert scorer.score(NINE) == before


@posix
def test_garbage_on_stdout_is_passed_over(python: Path, models: Path, scorer: Comet, tmp_path: Path) -> None:
    noise = """echo 'Loading...'; echo '{"id": 99, "result": {}}'; echo '[1]'; printf '{"id": 1'"""
    noisy = fake_python(tmp_path, f'{noise}; exec "{python}" "$@"')
    with Comet(str(models / "reference"), python=noisy, options=CometOptions(batch_size=4)) as other:
        expected = scorer.score(OUTPUT).segments
        assert other.score(OUTPUT).segments == expected


@posix
def test_silent_worker_is_given_up(models: Path, tmp_path: Path) -> None:
    silent = fake_python(tmp_path, "exec sleep 60")
    scorer = Comet(str(models / "reference"), python=silent, options=CometOptions(timeout=0.5))
    start = time.monotonic()
    with scorer, pytest.raises(BackendError, match=r"no sign of life for 0\.5 seconds") as error:
        scorer.load()
    one_line(error)
    assert time.monotonic() - start < 10


@posix
def test_death_tells_the_last_useful_line(models: Path, tmp_path: Path) -> None:
    lines = r"Traceback (most recent call last):\n  File \"x.py\", line 1\nOSError: libfoo.so is missing\n\n"
    dying = fake_python(tmp_path, f'printf "{lines}" >&2; exit 7')
    with Comet(str(models / "reference"), python=dying) as scorer, pytest.raises(BackendError) as error:
        scorer.load()
    assert one_line(error).endswith("ended with exit status 7; it last said: OSError: libfoo.so is missing")


@posix
def test_no_orphan(python: Path, models: Path) -> None:
    """Neither close() nor the sudden death of the parent leaves a worker behind, even one at work."""
    with Comet(str(models / "reference"), python=python) as scorer:
        scorer.load()
        assert scorer._worker is not None
        process = scorer._worker._process
    assert process.poll() == 0

    parent = f"""
import os, threading
from pathlib import Path
from mtprompt.scoring.comet import Comet
from mtprompt.scoring.comet_name import CometOptions
from mtprompt.scoring.protocol import SystemOutput
options = CometOptions(batch_size=1)
scorer = Comet({str(models / "reference")!r}, python=Path({str(python)!r}), options=options)
scorer.load()
print(scorer._worker.pid, flush=True)
threading.Timer(1.0, os._exit, (1,)).start()
texts = ["abc " * 5 + str(i) for i in range(200000)]
scorer.score(SystemOutput.of(texts, texts, texts))
"""
    done = subprocess.run(
        [sys.executable, "-c", parent], capture_output=True, text=True, check=False, cwd=HERE.parents[1]
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        state = Path(f"/proc/{pid}/stat")
        if state.is_file() and state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return  # dead; only its new parent has not taken notice
        time.sleep(0.1)
    pytest.fail("the worker outlived its parent")


def test_impossible_options() -> None:
    with pytest.raises(ConfigError, match="batch size"):
        CometOptions(batch_size=0)
    with pytest.raises(ConfigError, match="GPUs"):
        CometOptions(gpus=2)
    for timeout in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(ConfigError, match="timeout must be some seconds"):
            CometOptions(timeout=timeout)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/m/my-model.ckpt", "my-model"),
        ("/m/wmt22-comet-da/checkpoints/model.ckpt", "wmt22-comet-da"),
        ("/h/models--Unbabel--wmt22-comet-da/snapshots/ab12/checkpoints/model.ckpt", "wmt22-comet-da"),
        ("/m/a|b c.ckpt", "a_b_c"),
    ],
)
def testshort_name(path: str, name: str) -> None:
    assert short_name(Path(path)) == name


def test_install_leaves_a_finished_environment_alone(tmp_path: Path) -> None:
    inner = comet_env.python_in(tmp_path)
    inner.parent.mkdir(parents=True)
    inner.touch()
    done = hashlib.sha256(comet_env.CONSTRAINTS.read_bytes()).hexdigest()
    (tmp_path / comet_env.MARKER).write_text(done + "\n", encoding="utf-8")
    said: list[str] = []
    assert comet_env.install(tmp_path, progress=said.append) == inner
    assert said == [f"COMET is already installed in {tmp_path}"]


@posix
def test_install_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "thesis.txt").touch()
    suitable = str(fake_python(tmp_path, "echo 3 12"))
    with pytest.raises(ConfigError, match="no virtual environment"):
        comet_env.install(tmp_path / "env", suitable)
    assert (tmp_path / "env" / "thesis.txt").exists()
    old = tmp_path / "old"
    old.mkdir()
    with pytest.raises(ConfigError, match=r"3\.11 or 3\.12"):
        comet_env.install(tmp_path / "new", str(fake_python(old, "echo 3 14")))
    with pytest.raises(ConfigError, match="cannot be run"):
        comet_env.install(tmp_path / "new", str(tmp_path / "no-python"))


@posix
@pytest.mark.parametrize("uv", [False, True])
def test_install_failure_is_one_line_and_leaves_no_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv: bool
) -> None:
    """A venv whose pip fails, and uv if it is there, without a network."""
    monkeypatch.setattr(comet_env, "find_spec", lambda name: name == "uv" and uv or None)
    (tmp_path / "uv").mkdir()
    failing = fake_python(tmp_path / "uv", "echo 'error: no such index'; echo 'hint: try another'; exit 2")
    monkeypatch.setattr(sys, "executable", str(failing))
    script = f"""
case "$2" in
  *version_info*) echo 3 12;;
  *) mkdir -p {tmp_path}/env/bin; cp "{tmp_path}/pip" {tmp_path}/env/bin/python;;
esac"""
    pip = fake_python(tmp_path, "echo Collecting torch; echo 'ERROR: No matching distribution'; echo; exit 1")
    pip.rename(tmp_path / "pip")
    said: list[str] = []
    with pytest.raises(BackendError, match="cannot install torch==") as error:
        comet_env.install(tmp_path / "env", str(fake_python(tmp_path, script)), progress=said.append)
    assert one_line(error).endswith(": No matching distribution")
    assert "Collecting torch" in said
    assert ("uv cannot install it: no such index; now by pip" in said) == uv
    assert not (tmp_path / "env" / comet_env.MARKER).exists()


def test_command_group_is_light() -> None:
    code = "import sys, mtprompt.cli.comet; print(*{'subprocess', 'comet', 'torch'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parents[1]
    )
    assert done.stdout.strip() == ""
