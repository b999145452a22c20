"""TSV: what a person wrote is read as it stands, with or without a header."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.read import read_entries
from mtprompt.errors import DataError


def read(
    folder: Path, content: str | bytes, languages: tuple[str, str] = ("de", "en")
) -> tuple[list[Entry], list[str]]:
    path = folder / "d.tsv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems: list[str] = []
    entries = list(read_entries(path, languages, problems))
    return entries, [problem.removeprefix(f"{path}:") for problem in problems]


@pytest.mark.parametrize(
    ("term", "translation"),
    [
        ("Haus; Heim", "house; home"),
        ("Zelle(n) {f}", "cell(s) [biol.]"),
        ("(veraltet)", "(dated)"),
        ("gehen", "to go"),
        ("jdn. sehen", "see sb."),
        ("A\u0308rzte", "a  doctor"),  # a decomposed umlaut, two spaces
        ("a.*b|c :: d", "…"),
        ("#Hashtag", "hashtag"),
        ("a", "a"),
        ("שלום", "مرحبا"),
        ("„Fenster“, neu", '"windows", new'),
        ("weit\u2028weg", "far\x85away"),
    ],
)
def test_fields_come_through_as_they_were_written(tmp_path: Path, term: str, translation: str) -> None:
    assert read(tmp_path, f"{term}\t{translation}\n") == ([Entry(term, translation)], [])


def test_space_around_columns_line_endings_and_a_byte_order_mark_leave_no_trace(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, b"\xef\xbb\xbf Arzt\t doctor \r\nHaus\thouse")
    assert entries == [Entry("Arzt", "doctor"), Entry("Haus", "house")]
    assert problems == []


def test_blank_lines_and_comments_are_skipped(tmp_path: Path) -> None:
    assert read(tmp_path, "# German\n\n  \nArzt\tdoctor\n#end") == ([Entry("Arzt", "doctor")], [])


def test_broken_lines_are_reported_with_their_numbers_and_the_rest_is_read(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, b"Arzt\tdoctor\nno tab\n\tx\n\xc4rger\ttrouble\ny\t\nHaus\thouse\n")
    assert entries == [Entry("Arzt", "doctor"), Entry("Haus", "house")]
    assert problems[:2] == ["2: expected term, tab, translation", "3: expected term, tab, translation"]
    assert problems[2].startswith("4: not UTF-8 (byte 0xc4 at position 1)")
    assert problems[3:] == ["5: expected term, tab, translation"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("0.9", Entry("Arzt", "doctor", weight=0.9)),
        ("1e-3", Entry("Arzt", "doctor", weight=0.001)),
        ("noun", Entry("Arzt", "doctor", pos="noun")),
        ("noun\t0.9", Entry("Arzt", "doctor", 0.9, "noun")),
        ("0.9\tnoun\tformal", Entry("Arzt", "doctor", 0.9, "noun", "formal")),
        ("noun\tformal\t3\t4\tmore", Entry("Arzt", "doctor", 3.0, "noun", "formal")),
        ("\t\tnoun", Entry("Arzt", "doctor", pos="noun")),
        ("nan", Entry("Arzt", "doctor", pos="nan")),
        ("", Entry("Arzt", "doctor")),
    ],
)
def test_without_a_header_a_number_is_the_weight_then_come_part_of_speech_and_note(
    tmp_path: Path, columns: str, expected: Entry
) -> None:
    assert read(tmp_path, f"Arzt\tdoctor\t{columns}\n") == ([expected], [])


@pytest.mark.parametrize(
    "header",
    [
        "note\ttranslation\tid\tterm\tweight\tpos",
        "Comment\tTarget\tx\tSource\tScore\tPart of Speech",
        "notes\ten\tfr\tde\tprobability\tPOS",
    ],
)
def test_a_header_names_the_columns_in_any_order(tmp_path: Path, header: str) -> None:
    entries, problems = read(
        tmp_path, f"# mine\n\n{header}\nformal\tdoctor\t7\tArzt\t0.5\tnoun\n\thouse\t8\tHaus\n"
    )
    assert entries == [Entry("Arzt", "doctor", 0.5, "noun", "formal"), Entry("Haus", "house")]
    assert problems == []


def test_a_header_may_name_the_languages_with_their_regions(tmp_path: Path) -> None:
    assert read(tmp_path, "en\tde-AT\ndoctor\tArzt\n", ("de-AT", "en-GB"))[0] == [Entry("Arzt", "doctor")]


@pytest.mark.parametrize("first", ["Term\tterm", "source\tQuelle", "note\tNotiz", "Gewicht\tweight"])
def test_a_first_entry_that_is_no_header_is_an_entry(tmp_path: Path, first: str) -> None:
    entries, _ = read(tmp_path, f"{first}\nArzt\tdoctor\n")
    assert ["\t".join(entry[:2]) for entry in entries] == [first, "Arzt\tdoctor"]


@pytest.mark.parametrize("weight", ["1,200", "1,200,000"])
def test_a_weight_that_may_be_two_numbers_is_reported(tmp_path: Path, weight: str) -> None:
    entries, problems = read(tmp_path, f"Haus\thouse\t{weight}\nHaus\tbuilding\t0,125\n")
    assert [entry.weight for entry in entries] == [None, 0.125]
    assert problems == [f"1: the weight '{weight}' is no number; the entry is used without it"]


def test_a_term_of_which_nothing_is_seen_is_reported(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, "Haus\thouse\n\u00ad\tx\n")
    assert [entry.term for entry in entries] == ["Haus"]
    assert len(problems) == 1 and problems[0].startswith("2: ")


def test_a_weight_that_is_no_number_is_reported_and_the_entry_kept(tmp_path: Path) -> None:
    entries, problems = read(tmp_path, "term\ttranslation\tweight\nArzt\tdoctor\thalf\nHaus\thouse\t\n")
    assert entries == [Entry("Arzt", "doctor"), Entry("Haus", "house")]
    assert problems == ["2: the weight 'half' is no number; the entry is used without it"]


@pytest.mark.parametrize("content", ["", "\n\n", "# only\n", "no tab\n", "term\ttranslation\n"])
def test_a_file_without_a_usable_line_is_an_error_that_names_it(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    assert (
        str(caught.value) == f"{tmp_path / 'd.tsv'}: no usable line; expected term, tab, translation on each"
    )
