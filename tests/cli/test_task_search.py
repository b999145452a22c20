"""``task`` on the command line: what is said, what is kept, what needs a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import ConfigError, DataError
from mtprompt.generation.scripted import ScriptedBackend

BASE = ("--from", "de", "--to", "en", "--pool", "pool.jsonl")
MODEL = ("--model", "scripted", "--dev", "dev.jsonl", "--select", "task@1")


@pytest.fixture(autouse=True)
def dev(tmp_path: Path, pool: Path) -> Path:
    path = tmp_path / "dev.jsonl"
    # the model repeats the source, so these are half right
    rows = [
        {"source": f"eins zwei drei vier {i} fünf", "reference": f"eins zwei drei vier {i}"} for i in range(5)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_search_says_what_it_found_and_the_next_run_that_it_is_used_again(
    run: Any, backend: ScriptedBackend
) -> None:
    first = run("translate", "-", "-o", "out.txt", *BASE, *MODEL, stdin="Hallo\n")
    assert len(backend.asked) == 3 * 5 + 1
    line = next(line for line in first.stderr.splitlines() if line.startswith("task: best"))
    assert " BLEU on 5 dev sentences; 3 candidates: best " in line
    assert line.endswith("; 15 generations, 0 s; kept for the next run")
    # every candidate is as good as any other here
    assert "task: all 3 candidates score the same on 5 sentences" in first.stderr
    assert "1 segments: 1 generated" in first.stderr and "|dev:" in first.stderr
    again = run("translate", "-", "-o", "out.txt", *BASE, *MODEL, stdin="Hallo\n")
    assert len(backend.asked) == 3 * 5 + 1
    assert ", as found before (" in again.stderr and "15 generations" not in again.stderr


def test_without_a_dev_set_pairs_are_held_out(run: Any, backend: ScriptedBackend) -> None:
    result = run(
        *("translate", "-", *BASE, "--model", "scripted", "--select", "task(metric=chrf)@1"), stdin="Hallo\n"
    )
    assert len(backend.asked) == 2 * 1 + 1  # a pool of three: two candidates on one sentence
    assert "|dev:held-out|" in result.stderr
    assert "task: best " in result.stderr and " chrF on 1 dev sentences; 2 candidates" in result.stderr


def test_a_dry_run_needs_an_outcome_and_asks_nothing(run: Any, backend: ScriptedBackend) -> None:
    with pytest.raises(ConfigError, match=r"^task@1 was not searched yet with these settings"):
        run("translate", "-", *BASE, *MODEL, "--dry-run", stdin="Hallo\n")
    assert backend.asked == []
    run("translate", "-", *BASE, *MODEL, stdin="Hallo\n")
    asked = len(backend.asked)
    result = run("translate", "-", *BASE, *MODEL, "--dry-run", stdin="Hallo\n")
    assert len(backend.asked) == asked
    assert "1 examples" in result.stdout and "Öffnen Sie die Datei." in result.stdout


def test_no_store_keeps_no_outcome(run: Any, backend: ScriptedBackend, tmp_path: Path) -> None:
    result = run("translate", "-", *BASE, *MODEL, "--no-store", stdin="Hallo\n")
    assert "kept for the next run" not in result.stderr
    assert not (tmp_path / "cache" / "mtprompt" / "task").exists()


@pytest.mark.parametrize("command", [("select", "in.txt"), ("explain", "Hallo")])
def test_what_has_no_model_says_that_one_is_needed(
    run: Any, tmp_path: Path, command: tuple[str, str]
) -> None:
    (tmp_path / "in.txt").write_text("Hallo\n")
    with pytest.raises(ConfigError, match=r"^task@1 needs a model to try examples with: use translate$"):
        run(*command, *BASE, "--select", "task@1+rbm25@2")


def test_a_dev_set_that_nothing_uses_is_said(run: Any, backend: ScriptedBackend) -> None:
    arguments = ("translate", "-", *BASE, "--model", "scripted", "--dev", "dev.jsonl")
    assert "Note: --dev is not used" in run(*arguments, stdin="Hallo\n").stderr
    assert "Note: --dev" not in run(*arguments, "--select", "task@1", stdin="Hallo\n").stderr


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("--dev", "missing.jsonl"), DataError, "missing.jsonl: no such file"),
        (("--dev", ""), ConfigError, "--dev names no file"),
        (("--dev", "in.txt"), ConfigError, "in.txt: a dev set needs references"),
        (("--dev", "pool.jsonl", "-o", "pool.jsonl"), ConfigError, "is read by this run"),
        (("--dev", "dev.jsonl", "-o", "dev.jsonl"), ConfigError, "is read by this run"),
        (("--select", "task(search=best)@1"), ConfigError, "unknown search of task 'best'"),
    ],
)
def test_a_wrong_call_is_one_clear_error(
    run: Any, backend: Any, tmp_path: Path, arguments: Any, error: Any, message: str
) -> None:
    (tmp_path / "in.txt").write_text("Ja\n")
    with pytest.raises(error, match=message):
        run("translate", "in.txt", *BASE, "--model", "scripted", *arguments)
    assert "eins" in (tmp_path / "dev.jsonl").read_text()


def test_a_dev_set_can_come_from_the_options_file(run: Any, backend: ScriptedBackend, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('dev = "dev.jsonl"\nselect = "task@1"\nmodel = "scripted"\n')
    run("translate", "-", "--config", "run.toml", *BASE, stdin="Hallo\n")
    assert len(backend.asked) == 3 * 5 + 1
