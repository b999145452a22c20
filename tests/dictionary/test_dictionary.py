"""Loading dictionaries: every line used or reported with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def load(*paths: Path) -> Dictionary:
    return Dictionary.load(paths, "de", "en")


def content(dictionary: Dictionary) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in dictionary.entries():
        found[entry.term] = (*found.get(entry.term, ()), entry.translation)
    return found


def write(folder: Path, content: str | bytes, name: str = "d.tsv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_reads_term_tab_translation(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, "Arzt\tdoctor\nHaus\thouse\n"))
    assert content(loaded) == {"Arzt": ("doctor",), "Haus": ("house",)}
    assert loaded.problems == ()
    assert len(loaded) == 2


def test_malformed_lines_are_reported_with_their_numbers_and_the_rest_is_used(tmp_path: Path) -> None:
    path = write(tmp_path, "Arzt\tdoctor\nno tab here\n\tno term\nno translation\t\n\t\nHaus\thouse\n")
    loaded = load(path)
    assert content(loaded) == {"Arzt": ("doctor",), "Haus": ("house",)}
    # line 5 is a tab alone: white space, so a blank line
    assert loaded.problems == (
        f"{path}:2: expected term, tab, translation",
        f"{path}:3: expected term, tab, translation",
        f"{path}:4: expected term, tab, translation",
    )


def test_a_line_that_is_not_utf8_is_reported_and_the_rest_is_used(tmp_path: Path) -> None:
    path = write(tmp_path, b"Arzt\tdoctor\n\xc4rger\ttrouble\nHaus\thouse\n")
    loaded = load(path)
    assert content(loaded) == {"Arzt": ("doctor",), "Haus": ("house",)}
    (problem,) = loaded.problems
    assert problem.startswith(f"{path}:2: not UTF-8 (byte 0xc4 at position 1)")


def test_comments_and_blank_lines_are_no_problem(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, "# German to English\n\n   \nArzt\tdoctor\n#end"))
    assert content(loaded) == {"Arzt": ("doctor",)}
    assert loaded.problems == ()


def test_a_term_may_begin_with_a_number_sign(tmp_path: Path) -> None:
    assert content(load(write(tmp_path, "#Hashtag\thashtag\n"))) == {"#Hashtag": ("hashtag",)}


def test_several_translations_of_a_term_keep_the_order_of_the_file_once_each(tmp_path: Path) -> None:
    path = write(tmp_path, "Bank\tbench\nArzt\tdoctor\nBank\tbank\nBank\tbench\n")
    assert content(load(path)) == {"Bank": ("bench", "bank"), "Arzt": ("doctor",)}


def test_of_several_files_the_earlier_ones_translations_come_first(tmp_path: Path) -> None:
    own = write(tmp_path, "Bank\tbench\n", "own.tsv")
    general = write(tmp_path, "Bank\tbank\nHaus\thouse\n", "general.tsv")
    assert content(load(own, general)) == {"Bank": ("bench", "bank"), "Haus": ("house",)}
    assert content(load(general, own)) == {"Bank": ("bank", "bench"), "Haus": ("house",)}


def test_problems_of_several_files_name_the_right_file(tmp_path: Path) -> None:
    good = write(tmp_path, "Bank\tbench\n", "good.tsv")
    bad = write(tmp_path, "Haus\thouse\nbroken\n", "bad.tsv")
    assert load(good, bad).problems == (f"{bad}:2: expected term, tab, translation",)


def test_further_columns_and_space_around_columns_are_ignored(tmp_path: Path) -> None:
    assert content(load(write(tmp_path, "  Arzt \t doctor  \tnoun\t0.9\n"))) == {"Arzt": ("doctor",)}


def test_windows_line_endings_and_a_byte_order_mark_leave_no_trace(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbfArzt\tdoctor\r\nHaus\thouse\r\n")
    assert content(load(path)) == {"Arzt": ("doctor",), "Haus": ("house",)}


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "no tab\n"])
def test_a_file_without_a_usable_line_is_an_error_that_names_it(tmp_path: Path, content: str | bytes) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: no usable line; expected term, tab, translation on each"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfeA\x00\t\x00B\x00", "this is UTF-16; convert it: iconv -f UTF-16 -t UTF-8"),
        (
            b"Gr\xfc\xdfe\tgreetings\n",
            "no usable line; expected term, tab, translation on each; {path}:1: not UTF-8 (byte 0xfc at "
            "position 3). Convert the file, for instance with: iconv -f LATIN1 -t UTF-8",
        ),
    ],
)
def test_a_file_in_another_encoding_says_how_to_convert_it(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: {reason.format(path=path)}"


@pytest.mark.parametrize("pair", [("", "x"), ("x", " "), ("x", None), ("\ud800x", "x"), (5, "x")])
def test_an_entry_that_is_no_text_is_refused(pair: Any) -> None:
    with pytest.raises(DataError, match="needs a term and a translation, both text"):
        Dictionary.from_pairs([pair], "de", "en")


def test_an_empty_file_is_an_error_also_beside_a_good_one(tmp_path: Path) -> None:
    good, empty = write(tmp_path, "Arzt\tdoctor\n", "good.tsv"), write(tmp_path, "", "empty.tsv")
    with pytest.raises(DataError, match=r"empty\.tsv: no usable line"):
        load(good, empty)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path / "none.tsv")
    assert str(caught.value) == f"{tmp_path / 'none.tsv'}: no such file"


def test_a_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder, not a file"):
        load(tmp_path)


def test_the_same_content_under_another_name_is_compiled_once_and_its_problems_have_that_name(
    tmp_path: Path, cache: Path
) -> None:
    first = write(tmp_path, "Arzt\tdoctor\nbroken\n", "first.tsv")
    second = write(tmp_path, "Arzt\tdoctor\nbroken\n", "second.tsv")
    load(first)
    assert load(second).problems == (f"{second}:2: expected term, tab, translation",)
    assert len(list((cache / "mtprompt" / "dictionaries").iterdir())) == 1


def test_the_fingerprint_changes_with_any_entry_and_not_with_the_order_of_terms() -> None:
    first = Dictionary.from_pairs([("Arzt", "doctor"), ("Bank", "bench"), ("Bank", "bank")], "de", "en")
    assert len(first.fingerprint) == 16
    same = Dictionary.from_pairs([("Bank", "bench"), ("Bank", "bank"), ("Arzt", "doctor")], "de", "en")
    assert same.fingerprint == first.fingerprint
    for pairs in (
        [("Arzt", "doctor"), ("Bank", "bank"), ("Bank", "bench")],  # another best translation
        [("Arzt", "doctor"), ("Bank", "bench")],
        [("Arzt", "physician"), ("Bank", "bench"), ("Bank", "bank")],
        [("Ärzte", "doctor"), ("Bank", "bench"), ("Bank", "bank")],
    ):
        assert Dictionary.from_pairs(pairs, "de", "en").fingerprint != first.fingerprint
