"""MUSE's text format: two words on a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.read import read_entries
from mtprompt.errors import DataError


def read(folder: Path, content: str) -> tuple[list[Entry], list[str]]:
    path = folder / "de-en.txt"
    path.write_text(content, encoding="utf-8")
    problems: list[str] = []
    entries = list(read_entries(path, ("de", "en"), problems))
    return entries, [problem.removeprefix(f"{path}:") for problem in problems]


def test_words_have_a_space_between_them_and_several_lines_several_translations(tmp_path: Path) -> None:
    assert read(tmp_path, "bank bench\nbank bank\n東京 tokyo\n") == (
        [Entry("bank", "bench"), Entry("bank", "bank"), Entry("東京", "tokyo")],
        [],
    )


def test_a_tab_may_stand_instead_and_then_spaces_belong_to_the_texts(tmp_path: Path) -> None:
    assert read(tmp_path, "bank\tpark bench\n") == ([Entry("bank", "park bench")], [])


def test_other_lines_are_reported(tmp_path: Path) -> None:
    entries, problems = read(
        tmp_path, "bank bench\nbank\npark bank bench\n# a comment of ours\n\nhaus house\n"
    )
    assert entries == [Entry("bank", "bench"), Entry("haus", "house")]
    assert problems == [f"{line}: expected two words with a space between them" for line in (2, 3)]


def test_a_text_that_is_no_dictionary_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no usable line; expected two words with a space between them"):
        read(tmp_path, "one two three\nfour\n")


def test_a_single_line_with_a_tab_does_not_make_it_tsv(tmp_path: Path) -> None:
    path = tmp_path / "de-en.txt"
    path.write_text("Katze cat\nHund\tdog\nHaus house\n", encoding="utf-8")
    entries = list(read_entries(path, ("de", "en"), []))
    assert [entry[:2] for entry in entries] == [("Katze", "cat"), ("Hund", "dog"), ("Haus", "house")]
