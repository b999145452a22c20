"""Ding's text format."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.read import read_entries
from mtprompt.errors import DataError

CONTENT = """# Version :: made up
Rad {n}; Wagenrad {n} (am Wagen) [techn.] | Räder {pl} :: wheel /W/; cart wheel | wheels
etw. drehen; etw. kurbeln {vt} | drehend :: to turn sth. {turned; turned} | turning
"""


def read(
    folder: Path, content: str, languages: tuple[str, str] = ("de", "en"), name: str = "de-en.txt"
) -> tuple[list[Entry], list[str]]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    problems: list[str] = []
    entries = list(read_entries(path, languages, problems))
    return entries, [problem.removeprefix(f"{path}:") for problem in problems]


@pytest.mark.parametrize("name", ["de-en.txt", "de-en", "de-en.dict"])
def test_expressions_pair_by_position_and_synonyms_with_each_other(tmp_path: Path, name: str) -> None:
    entries, problems = read(tmp_path, CONTENT, name=name)
    assert entries == [
        Entry("Rad", "wheel", pos="n"),
        Entry("Rad", "cart wheel", pos="n"),
        Entry("Wagenrad", "wheel", pos="n", note="am Wagen; techn."),
        Entry("Wagenrad", "cart wheel", pos="n", note="am Wagen; techn."),
        Entry("Räder", "wheels", pos="pl"),
        Entry("drehen", "turn", pos="vt"),
        Entry("kurbeln", "turn", pos="vt"),
        Entry("drehend", "turning"),
    ]
    assert problems == []


def test_into_german_the_file_is_read_the_other_way_round(tmp_path: Path) -> None:
    entries, _ = read(tmp_path, CONTENT, ("en-GB", "de-AT"))
    assert entries[:2] == [
        Entry("wheel", "Rad", pos="n"),
        Entry("wheel", "Wagenrad", pos="n", note="am Wagen; techn."),
    ]
    assert entries[-3:] == [
        Entry("turn", "drehen", pos="vt"),
        Entry("turn", "kurbeln", pos="vt"),
        Entry("turning", "drehend"),
    ]


def test_pointers_to_other_entries_are_left_out(tmp_path: Path) -> None:
    entries, _ = read(tmp_path, "Rad {n} ~Reifen | Räder :: wheel ~tyre; cart wheel | wheels\n")
    assert [entry[:2] for entry in entries] == [("Rad", "wheel"), ("Rad", "cart wheel"), ("Räder", "wheels")]


def test_lines_that_do_not_pair_are_reported_and_left_out(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, "Rad | Räder :: wheel\nRoss\nA :: B :: C\nRoss {n} :: horse\n")
    assert entries == [Entry("Ross", "horse", pos="n")]
    assert problems == [
        "1: 2 expressions on the left and 1 on the right",
        "2: expected German :: translation",
        "3: expected German :: translation",
    ]


def test_a_file_with_nothing_usable_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no usable line; expected German :: translation on each"):
        read(tmp_path, "# nothing\nRad… :: wheel-\n")
