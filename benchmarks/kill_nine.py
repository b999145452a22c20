"""Kills a run with the real model at random moments: what is lost, what is generated twice?

Prints Markdown.

Example:
    python benchmarks/kill_nine.py --kills 5
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

import click

from mtprompt.store import FILE, Store

SAMPLE = Path(__file__).parent / "sample" / "software"


@click.command()
@click.option("--model", default="ct2:gemma-3-270m", show_default=True)
@click.option("--kills", default=5, show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of the moments.")
def main(model: str, kills: int, seed: int) -> None:
    moments = Random(seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        whole, _ = run(folder, "whole", model)
        watch(folder)
        lost = 0
        for _ in range(kills):
            before = stored(folder)
            process = start(folder, "killed", model)
            while stored(folder) == before and process.poll() is None:  # it has begun to generate
                time.sleep(0.02)
            time.sleep(moments.uniform(0, 0.5))
            process.kill()
            process.wait()
            lost += len(before - stored(folder))
        left = len(stored(folder))
        killed, report = run(folder, "killed", model)
        with closing(sqlite3.connect(folder / "killed" / FILE)) as connection:
            ((repeated,),) = connection.execute("SELECT count(*) FROM again")
        print("| model | segments | kills | stored before the last run | lost | made again | same output |")
        print("|---|---|---|---|---|---|---|")
        same = "yes" if killed == whole else "NO"
        print(f"| {model} | {len(whole)} | {kills} | {left} | {lost} | {repeated} | {same} |")
        print(f"\n`{report.splitlines()[0]}`")


def start(folder: Path, name: str, model: str) -> subprocess.Popen[str]:
    files = [str(SAMPLE / "test.jsonl"), "-o", str(folder / f"{name}.txt")]
    options = ["--from", "de", "--to", "en", "--pool", str(SAMPLE / "pool.jsonl"), "--model", model]
    options += ["--store", str(folder / name)]
    options += ["--batch-size", "2"]  # small steps: something is left to resume
    command = [sys.executable, "-m", "mtprompt", "translate", *files, *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def run(folder: Path, name: str, model: str) -> tuple[list[str], str]:
    """The lines that a run writes, and what it says on stderr."""
    process = start(folder, name, model)
    _, said = process.communicate()
    if process.returncode:
        raise SystemExit(said)
    return (folder / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n"), said


def watch(folder: Path) -> None:
    """Makes the killed runs' store, which notes each answer that is put in a second time."""
    Store(folder / "killed").close()
    with closing(sqlite3.connect(folder / "killed" / FILE)) as connection:
        connection.executescript(
            "CREATE TABLE again (key TEXT); CREATE TRIGGER noted BEFORE INSERT ON answers "
            "WHEN EXISTS (SELECT 1 FROM answers WHERE key = NEW.key) "
            "BEGIN INSERT INTO again VALUES (NEW.key); END"
        )


def stored(folder: Path) -> set[str]:
    """The keys of what the killed runs have stored."""
    with closing(sqlite3.connect(folder / "killed" / FILE)) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM answers")}


if __name__ == "__main__":
    main()
