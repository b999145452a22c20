"""What a run says of its cost, before it and after it: what is generated anew, and nothing twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mtprompt.generation.scripted import ScriptedBackend, echo_source
from mtprompt.generation.spec import ModelSpec, Voice

BASE = ("--from", "de", "--to", "en", "--model", "scripted")


def tokens(stderr: str) -> tuple[int, int]:
    found = re.search(r"([\d,]+) tokens in, ([\d,]+) out", stderr)
    assert found, stderr
    return int(found[1]), int(found[2])


@pytest.fixture
def samples(monkeypatch: pytest.MonkeyPatch) -> list[Voice]:
    """Samples of one model; tests add to them."""
    made: list[Voice] = []
    backend = ScriptedBackend()
    monkeypatch.setattr(
        "mtprompt.translator.load_voices", lambda *_args, **_kwargs: [(backend, its) for its in made]
    )
    return made


def sample(number: int) -> Voice:
    return Voice(ModelSpec("", "scripted"), 0.5, number)


def test_a_sample_more_costs_that_sample(run: Any, samples: list[Voice], tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("eins zwei\n")
    samples += [sample(0), sample(1)]
    assert tokens(run("translate", "in.txt", "-o", "out.txt", *BASE).stderr) == (8, 4)
    samples.append(sample(2))
    third = run("translate", "in.txt", "-o", "out.txt", *BASE)
    assert tokens(third.stderr) == (4, 2)
    assert "1 segments: 1 generated, 0 from the store" in third.stderr


def test_a_second_try_costs_that_try(
    run: Any, monkeypatch: pytest.MonkeyPatch, pool: Path, tmp_path: Path
) -> None:
    backend = ScriptedBackend(lambda prompt: "" if prompt.count("German:") > 1 else echo_source(prompt))
    voices = [(backend, Voice(ModelSpec("", "scripted")))]
    monkeypatch.setattr("mtprompt.translator.load_voices", lambda *_args, **_kwargs: voices)
    (tmp_path / "in.txt").write_text("eins zwei\n")
    command = ("translate", "in.txt", "-o", "out.txt", *BASE, "--pool", "pool.jsonl", "--select", "first@1")
    run(*command)
    second = run(*command, "--retry-flagged")
    assert len(backend.asked) == 2
    assert tokens(second.stderr) == (4, 2)


def test_without_a_store_a_line_that_comes_twice_is_repeated(run: Any, backend: Any) -> None:
    done = run("translate", "-", *BASE, "--no-store", stdin="eins\nzwei\neins\n\n")
    assert "4 segments: 2 generated, 1 repeated (33 %)" in done.stderr


def test_a_dry_run_of_several_samples_has_a_total(run: Any, samples: list[Voice]) -> None:
    samples += [sample(0), sample(1), sample(2)]
    options = ("--dry-run", "--price-in", "1000000", "--retry-flagged")
    said = run("translate", "-", *BASE, *options, stdin="eins zwei\n").stderr
    assert "together: 3 prompts to generate, 12 tokens in, about 6 out (108 at most)" in said
    assert "about 12.0000 by the prices given" in said
    assert "second tries (--retry-flagged) may add to it" in said


def test_tokens_that_no_one_counts_are_about_so_many(
    run: Any, backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "estimates_tokens", True, raising=False)
    said = run("translate", "-", *BASE, "--dry-run", stdin="eins zwei\n").stderr
    assert "scripted: 1 prompts to generate, about 4 tokens in, about 2 out" in said
    assert "together" not in said and "may add" not in said
