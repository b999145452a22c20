"""``mtprompt store``: what is kept, and taking it out."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import ConfigError, DataError
from mtprompt.generation.scripted import ScriptedBackend

FILE = "generations.sqlite"


@pytest.fixture
def filled(run: Any, backend: ScriptedBackend, tmp_path: Path) -> Path:
    run("translate", "-", "-o", "out.txt", "--from", "de", "--to", "en", "--model", "m", stdin="Ja\nNein\n")
    connection = sqlite3.connect(tmp_path / ".mtprompt" / FILE)
    connection.execute("UPDATE answers SET created = datetime('now', '-10 days') WHERE text = 'Ja'")
    connection.commit()
    connection.close()
    return tmp_path / ".mtprompt"


def test_what_is_kept_is_told_by_model(run: Any, filled: Path) -> None:
    output = run("store", "info", filled).output
    assert "scripted echo_source  2        6          2           0" in output
    assert "2 answers" in output


def test_a_file_that_is_no_store_is_named_so(run: Any, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE answers (key TEXT)")
    connection.close()
    with pytest.raises(DataError, match="is no store of mtprompt's"):
        run("store", "info", tmp_path)


def test_old_answers_are_taken_out_and_the_rest_stays(
    run: Any, filled: Path, backend: ScriptedBackend
) -> None:
    assert (
        "1 answers would be taken out"
        in run("store", "prune", filled, "--older-than", "5", "--dry-run").output
    )
    assert "1 answers were taken out" in run("store", "prune", filled, "--older-than", "5").output
    backend.asked.clear()
    run("translate", "-", "-o", "out.txt", "--from", "de", "--to", "en", "--model", "m", stdin="Ja\nNein\n")
    assert [prompt.split()[1] for prompt in backend.asked] == ["Ja"]


def test_what_would_go_is_counted_without_writing(
    run: Any, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def reading(name: Any, **options: Any) -> sqlite3.Connection:
        assert "mode=ro" in str(name)
        return connect(name, **options)

    monkeypatch.setattr("mtprompt.store.sqlite3.connect", reading)
    assert "2 answers would be" in run("store", "prune", filled, "--all", "--dry-run").output


def test_all_answers_of_a_model_are_taken_out(run: Any, filled: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown model in this store 'scripted'\. Did you mean"):
        run("store", "prune", filled, "--model", "scripted")
    assert "2 answers were" in run("store", "prune", filled, "--model", "scripted echo_source").output


def test_nothing_is_taken_out_without_a_word_which(run: Any, filled: Path) -> None:
    for arguments in ([], ["--all", "--older-than", "1"]):
        with pytest.raises(ConfigError, match="name what is to go"):
            run("store", "prune", filled, *arguments)
    assert "2 answers were" in run("store", "prune", filled, "--all").output


def test_a_folder_without_a_store_is_named(run: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no store here"):
        run("store", "info", tmp_path)
