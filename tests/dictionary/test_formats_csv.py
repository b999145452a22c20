"""CSV: the delimiter found, quotes read, the columns of TSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.read import read_entries
from mtprompt.errors import DataError


def read(folder: Path, content: str | bytes) -> tuple[list[Entry], list[str]]:
    path = folder / "d.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems: list[str] = []
    entries = list(read_entries(path, ("de", "en"), problems))
    return entries, [problem.removeprefix(f"{path}:") for problem in problems]


@pytest.mark.parametrize(
    "content",
    [
        "Arzt,doctor\nHaus,house\n",
        "Arzt;doctor\r\nHaus;house\r\n",
        "Arzt\tdoctor\nHaus\thouse",
        '\ufeff"Arzt","doctor"\n\n# a comment\n"Haus","house"\n',
        "source,target\nArzt,doctor\nHaus,house\n",
        "en;id;de\ndoctor;1;Arzt\nhouse;2;Haus\n",
    ],
)
def test_delimiter_quotes_and_header_are_found(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == ([Entry("Arzt", "doctor"), Entry("Haus", "house")], [])


def test_a_comma_in_a_text_does_not_make_it_the_delimiter(tmp_path: Path) -> None:
    assert read(tmp_path, "je mehr, desto besser;the more, the better\n")[0] == [
        Entry("je mehr, desto besser", "the more, the better")
    ]


def test_quotes_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, 'Zoll,"1"" long",3,noun,"one\nnote"\nHaus,"house, home"\n')
    assert entries == [Entry("Zoll", '1" long', 3.0, "noun", "one note"), Entry("Haus", "house, home")]
    assert problems == []


def test_a_lost_closing_quote_costs_its_line_alone(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, 'Arzt,doctor\nZoll,"inch\n' + "Haus,house\n" * 100)
    assert entries == [Entry("Arzt", "doctor")] + [Entry("Haus", "house")] * 100
    assert len(problems) == 1 and problems[0].startswith("2: ")


def test_broken_rows_are_reported_with_the_numbers_of_their_lines(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, b'a,"b\nc"\n\n,x\nalone\n\xff,y\nHaus,house\n')
    assert entries == [Entry("a", "b c"), Entry("Haus", "house")]
    assert [problem.split(" ")[0] for problem in problems] == ["6:", "4:", "5:"]
    assert problems[1] == "4: expected at least two columns, term and translation"


def test_a_file_with_one_column_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"d\.csv: no usable line; expected at least two columns"):
        read(tmp_path, "Arzt\nHaus\n")


def test_a_weight_may_have_a_decimal_comma(tmp_path: Path) -> None:
    assert read(tmp_path, "Katze;cat;0,9;noun\n") == ([Entry("Katze", "cat", 0.9, "noun")], [])


def test_an_infinite_weight_is_no_weight(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, "Katze;cat;1e999\n")
    assert entries == [Entry("Katze", "cat")]
    assert problems == ["1: the weight '1e999' is no number; the entry is used without it"]


def test_a_lost_closing_quote_is_named(tmp_path: Path) -> None:
    assert read(tmp_path, 'Katze,cat\nHund,"dog\n')[1] == ['2: a " opens a cell and none closes it']


@pytest.mark.parametrize(
    "content", ["German;English\nKatze;cat\n", "english,german\ncat,Katze\n", "Katze\tcat\r"]
)
def test_names_of_both_languages_are_a_header_and_a_carriage_return_ends_a_line(
    tmp_path: Path, content: str
) -> None:
    assert read(tmp_path, content) == ([Entry("Katze", "cat")], [])
    assert read(tmp_path, "Deutsch;German\nKatze;cat\r")[0][0] == Entry("Deutsch", "German")
    assert len(read(tmp_path, "Katze\tcat\rHund\tdog\r")[0]) == 2
