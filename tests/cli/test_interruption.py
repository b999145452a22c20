"""A real process, stopped in the middle: nothing half-written, nothing generated twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from interruptible import MTPROMPT

from mtprompt.cli import main
from mtprompt.cli.output import open_output

LINES = [f"Zeile {n}" for n in range(40)]


def start(folder: Path) -> subprocess.Popen[str]:
    (folder / "in.txt").write_text("".join(line + "\n" for line in LINES))
    arguments = ["translate", "in.txt", "-o", "out.txt", "--from", "de", "--to", "en"]
    arguments += ["--model", "scripted:echo(delay=0.05,log=asked.txt)"]
    return subprocess.Popen([*MTPROMPT, *arguments], cwd=folder, stderr=subprocess.PIPE, text=True)


def asked(folder: Path) -> list[str]:
    log = folder / "asked.txt"
    return log.read_text().splitlines() if log.exists() else []


def wait_until_some_are_done(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while len(asked(folder)) < 5:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_lines_come_out_as_soon_as_all_before_them_are_done(tmp_path: Path) -> None:
    arguments = ["translate", "-", "-o", "-", "--from", "de", "--to", "en", "--no-store"]
    arguments += ["--model", "scripted:echo(delay=0.2)"]
    quiet = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [*MTPROMPT, *arguments],
        cwd=tmp_path,
        env=quiet,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write("".join(line + "\n" for line in LINES))
        process.stdin.close()
        assert process.stdout.readline() == "Zeile 0\n"
        started = time.monotonic()
        assert len(process.stdout.readlines()) == len(LINES) - 1
        assert time.monotonic() - started > 1  # the others were not even generated


def test_the_command_line_may_be_called_in_another_thread(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mtprompt", "--version"])
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with ThreadPoolExecutor() as threads, pytest.raises(SystemExit, match="0"):
        threads.submit(main).result()
    assert capsys.readouterr().out.startswith("mtprompt, version ")


def test_only_what_a_run_left_beside_its_output_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    others = [
        f".out.txt.part-{os.getpid()}",
        ".out.txt.part-two-notes",
        ".out.txt.part-",
        ".out.txt.part-7-x",
    ]
    for name in (*others, f".out.txt.part-{ended.pid}", f".out.txt.part-{10**20}"):
        (tmp_path / name).write_text("precious")
    (tmp_path / ".out.txt.part-99999999").mkdir()
    with open_output(str(tmp_path / "out.txt")) as stream:
        stream.write(b"done")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"out.txt", ".out.txt.part-99999999", *others} - {f".out.txt.part-{os.getpid()}"}


def test_what_may_not_be_removed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f".out.txt.part-{10**9}").write_text("another user's")
    unlink = Path.unlink

    def sticky(path: Path, **options: Any) -> None:
        if path.name.endswith(str(10**9)):
            raise PermissionError(1, "Operation not permitted", str(path))
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", sticky)
    with open_output(str(tmp_path / "out.txt")) as stream:
        stream.write(b"done")
    assert (tmp_path / "out.txt").read_bytes() == b"done"


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_stopped_run_leaves_no_output_and_the_next_generates_only_what_is_missing(
    tmp_path: Path, how: signal.Signals, code: int
) -> None:
    process = start(tmp_path)
    wait_until_some_are_done(tmp_path)
    process.send_signal(how)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in messages
    if how != signal.SIGKILL:
        assert not list(tmp_path.glob(".out.txt.part-*"))
        assert messages.splitlines()[-1] == "Interrupted."
    assert not (tmp_path / "out.txt").exists()
    before = asked(tmp_path)
    assert 5 <= len(before) < len(LINES)

    again = start(tmp_path)
    _, messages = again.communicate(timeout=60)
    assert again.returncode == 0, messages
    assert (tmp_path / "out.txt").read_text().splitlines() == LINES
    assert not list(tmp_path.glob(".out.txt.part-*"))
    # at most the one that was under way when the process died is asked for again
    assert len(LINES) <= len(asked(tmp_path)) <= len(LINES) + 1
    assert sorted(set(asked(tmp_path))) == sorted(LINES)
