"""A real process, killed twenty times at random moments: nothing is lost and nothing is repeated."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

KILLS = 20
LINES = [f"Zeile {n}" for n in range(400)]
MODEL = "scripted:echo(delay=0.004,log=asked.txt)"


def start(folder: Path) -> subprocess.Popen[bytes]:
    arguments = ["translate", "in.txt", "-o", "out.txt", "--from", "de", "--to", "en", "--model", MODEL]
    return subprocess.Popen(
        [sys.executable, "-m", "mtprompt", *arguments], cwd=folder, stderr=subprocess.PIPE
    )


def asked(folder: Path) -> list[str]:
    log = folder / "asked.txt"
    return log.read_text().splitlines() if log.exists() else []


def stored(folder: Path) -> set[str]:
    path = folder / ".mtprompt" / "generations.sqlite"
    if not path.exists():
        return set()
    with closing(sqlite3.connect(path)) as connection:
        return {text for (text,) in connection.execute("SELECT text FROM answers")}


def test_twenty_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("".join(line + "\n" for line in LINES))
    moments = Random(1)
    for _ in range(KILLS):
        kept, before = stored(tmp_path), len(asked(tmp_path))
        process = start(tmp_path)
        deadline = time.monotonic() + 60
        while len(asked(tmp_path)) == before:  # it has begun to generate
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.06))
        process.kill()
        process.communicate()
        assert kept <= stored(tmp_path)
        assert not kept & set(asked(tmp_path)[before:])
        assert not (tmp_path / "out.txt").exists()
    assert len(stored(tmp_path)) < len(LINES)  # else the last kills met nothing
    before, kept = len(asked(tmp_path)), stored(tmp_path)
    process = start(tmp_path)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert (tmp_path / "out.txt").read_text().splitlines() == LINES
    assert sorted(asked(tmp_path)[before:]) == sorted(set(LINES) - kept)
    # of each kill at most the answer that was just on its way was made again
    assert len(asked(tmp_path)) <= len(LINES) + KILLS
