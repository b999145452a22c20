"""What commands say of a dictionary that does not fit, and of pool pairs that are the test's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

DIRECTION = ("--from", "de", "--to", "en")
MODEL = ("--model", "scripted", "--no-store")
SENTENCE = "Die Katze und der Hund sehen das Haus."
TURNED = "cat\tKatze\ndog\tHund\nhouse\tHaus\nsee\tsehen\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "turned.tsv").write_text(TURNED, encoding="utf-8")
    (tmp_path / "other.tsv").write_text("Niere\tkidney\n", encoding="utf-8")
    row = {"source": SENTENCE, "reference": "The cat and the dog see the house."}
    (tmp_path / "test.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("option", ["--dictionary", "--require"])
@pytest.mark.parametrize(
    "command",
    [
        ("explain", SENTENCE),
        ("select", "test.jsonl", "-o", "rows.jsonl"),
        ("translate", "test.jsonl", "-o", "out.jsonl", *MODEL),
    ],
)
def test_a_list_the_wrong_way_round_is_said_everywhere(
    run: Any, backend: Any, files: Path, command: tuple[str, ...], option: str
) -> None:
    result = run(*command, *DIRECTION, option, "turned.tsv")
    assert "turned.tsv: few of these words are its terms" in result.stderr
    assert "mtprompt dictionary invert turned.tsv" in result.stderr


def test_ablate_says_it_too(run: Any, backend: Any, files: Path) -> None:
    result = run("ablate", "test.jsonl", *DIRECTION, *MODEL, "--dictionary", "turned.tsv", "--metric", "chrf")
    assert "mtprompt dictionary invert turned.tsv" in result.stderr


def test_a_dictionary_of_which_nothing_stands_in_the_input_is_said(
    run: Any, backend: Any, files: Path
) -> None:
    line = "Warning: nothing of the dictionary (1 term) stands in the input (1 segment), frequent words aside"
    options = (*DIRECTION, *MODEL, "--dictionary", "other.tsv")
    for command in (("translate", "test.jsonl", "-o", "o.txt"), ("ablate", "test.jsonl", "--metric", "chrf")):
        assert line in run(*command, *options).stderr
    assert "Warning" not in run("translate", "test.jsonl", "-o", "o.txt", *options, "--hints", "none").stderr


def test_required_terms_of_which_nothing_stands_in_the_input_are_no_dictionary(
    run: Any, backend: Any, files: Path
) -> None:
    said = run("translate", "test.jsonl", "-o", "o.txt", *DIRECTION, *MODEL, "--require", "other.tsv").stderr
    assert "Warning: nothing of the required terms (1 term) stands in the input (1 segment): is it" in said
    assert "dictionary" not in said and "frequent" not in said


def test_a_dictionary_that_auto_decided_against_is_not_said_to_miss(
    run: Any, backend: Any, files: Path
) -> None:
    (files / "fitting.tsv").write_text("Katze\tcat\nHund\tdog\n", encoding="utf-8")
    options = (
        "--dictionary",
        "fitting.tsv",
        "--require",
        "other.tsv",
        "--hints",
        "auto",
        "--dev",
        "test.jsonl",
    )
    said = run("translate", "test.jsonl", "-o", "o.txt", *DIRECTION, *MODEL, *options).stderr
    assert "hints: none (1 dev segments are too few" in said
    assert "nothing of the required terms (1 term)" in said and "the dictionary" not in said


def test_what_hints_in_the_examples_cost_is_said_where_the_segments_have_none(
    run: Any, backend: Any, files: Path
) -> None:
    (files / "pool.tsv").write_text("Die Niere und der Hund.\tThe kidney and the dog.\n", encoding="utf-8")
    options = (*DIRECTION, *MODEL, "--dictionary", "other.tsv", "--hints", "inline", "--pool", "pool.tsv")
    said = run("translate", "test.jsonl", "-o", "o.txt", *options, "--select", "bm25@1").stderr
    assert "hints: 0 given of 0 terms found; 8 prompt tokens" in said
    assert "Warning" not in said
    ablated = run("ablate", "test.jsonl", *options, "--select", "bm25@1", "--metric", "chrf").stderr
    assert "Warning" not in ablated


def test_an_ablation_keeps_pool_pairs_out_that_are_its_own(run: Any, backend: Any, files: Path) -> None:
    row = {"source": SENTENCE, "target": "The cat and the dog see the house."}
    (files / "pool.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (files / "d.tsv").write_text("Katze\tcat\n", encoding="utf-8")
    options = (*DIRECTION, *MODEL, "--dictionary", "d.tsv", "--pool", "pool.jsonl", "--metric", "chrf")
    (files / "c.toml").write_text("select = 'bm25@1'\n")
    assert "kept out" in run("ablate", "test.jsonl", *options).stderr
    assert "kept out" in run("ablate", "test.jsonl", *options, "--config", "c.toml").stderr
    assert "100 % match" in run("ablate", "test.jsonl", *options, "--exact-match", "example").stderr
