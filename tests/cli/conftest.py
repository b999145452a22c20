"""A command line whose model is scripted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mtprompt.cli import cli
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.generation.spec import ModelSpec, Voice

PAIRS = [
    ("Öffnen Sie die Datei.", "Open the file."),
    ("Schließen Sie die Datei.", "Close the file."),
    ("Das Haus ist rot.", "The house is red."),
]


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    path = tmp_path / "pool.jsonl"
    rows = (json.dumps({"source": s, "target": t}, ensure_ascii=False) for s, t in PAIRS)
    path.write_text("".join(row + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ScriptedBackend:
    made = ScriptedBackend(context=500)
    monkeypatch.setattr(
        "mtprompt.translator.load_voices",
        lambda *_args, **_kwargs: [(made, Voice(ModelSpec("", "scripted")))],
    )
    return made


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder; errors are raised as they are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(
            cli, [str(a) for a in arguments], input=stdin, catch_exceptions=False, standalone_mode=False
        )

    return call
