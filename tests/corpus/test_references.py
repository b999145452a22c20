"""References out of one file or several."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mtprompt.corpus.references import read_references
from mtprompt.errors import DataError


def write(path: Path, *lines: object) -> str:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return str(path)


def test_one_file_of_lines(tmp_path: Path) -> None:
    assert read_references([write(tmp_path / "a.txt", "x", "", "z")]) == [("x",), ("",), ("z",)]


def test_several_files_and_an_empty_reference_beside_another_does_not_count(tmp_path: Path) -> None:
    files = [write(tmp_path / "a.txt", "x", "", "", "w"), write(tmp_path / "b.txt", "y", "z", "", "w")]
    # the same text twice is two translators of one mind
    assert read_references(files) == [("x", "y"), ("z",), ("",), ("w", "w")]


def test_rows_have_one_reference_or_several(tmp_path: Path) -> None:
    single = write(tmp_path / "a.jsonl", {"reference": "x"}, {"target": "y"})
    listed = write(tmp_path / "b.jsonl", {"references": ["p", "q"]}, {"references": ["r"]})
    named = write(
        tmp_path / "c.jsonl", {"references": {"A": "p", "B": "q"}}, {"references": {"A": "r", "B": None}}
    )
    assert read_references([single]) == [("x",), ("y",)]
    assert read_references([listed]) == read_references([named]) == [("p", "q"), ("r",)]
    assert read_references([single, listed]) == [("x", "p", "q"), ("y", "r")]


def test_numbers_that_differ_are_said_with_both_files(tmp_path: Path) -> None:
    files = [write(tmp_path / "a.txt", "x", "y"), write(tmp_path / "b.txt", "x")]
    with pytest.raises(DataError, match=r"a\.txt has 2 segments and .*b\.txt has 1; each file must hold"):
        read_references(files)


def test_rows_that_list_none_have_their_single_reference(tmp_path: Path) -> None:
    rows = [{"references": ["x", "y"]}, {"reference": "z"}, {"references": [], "target": "w"}]
    path = write(
        tmp_path / "a.jsonl", *rows, {"references": None, "reference": ""}, {"references": ["", "v"]}
    )
    assert read_references([path]) == [("x", "y"), ("z",), ("w",), ("",), ("v",)]


@pytest.mark.parametrize("references", ["text", [], {}, 3, None, [1.5], {"A": None}])
def test_a_row_without_texts_is_one_line_with_its_place(tmp_path: Path, references: object) -> None:
    path = write(tmp_path / "a.jsonl", {"references": ["x"]}, {"references": references})
    with pytest.raises(DataError, match=r"a\.jsonl:2: [^\n]*references[^\n]*$"):
        read_references([path])
