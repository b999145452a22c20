"""dictd: index and articles, in the layouts that FreeDict's dictionaries have."""

from __future__ import annotations

import gzip
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.dictd import _decoded
from mtprompt.dictionary.read import files_of, read_entries
from mtprompt.errors import DataError

DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def encoded(number: int) -> str:
    digits = DIGITS[number % 64]
    while number := number // 64:
        digits = DIGITS[number % 64] + digits
    return digits


def write(folder: Path, articles: dict[str, str], zipped: bool = True, extra: str = "") -> Path:
    """A dictionary of articles under the words that its index has."""
    index, content = [], b""
    for word, article in articles.items():
        raw = article.encode()
        index.append(f"{word}\t{encoded(len(content))}\t{encoded(len(raw))}\n")
        content += raw
    path = folder / "made-up.index"
    path.write_text("".join(index) + extra, encoding="utf-8")
    if zipped:
        (folder / "made-up.dict.dz").write_bytes(gzip.compress(content))
    else:
        (folder / "made-up.dict").write_bytes(content)
    return path


def read(path: Path, languages: tuple[str, str] = ("sw", "en")) -> tuple[list[Entry], list[str]]:
    problems: list[str] = []
    entries = list(read_entries(path, languages, problems))
    return entries, [problem.removeprefix(f"{path.parent}/") for problem in problems]


def translations(folder: Path, article: str) -> list[str]:
    path = write(folder, {"gari": article, "moto": "moto /moto/ <n>\nfire\n"})
    return [entry.translation for entry in read(path)[0] if entry.term == "gari"]


@given(st.integers(min_value=0, max_value=2**36))
def test_numbers_are_read_as_dictd_writes_them(number: int) -> None:
    assert _decoded(encoded(number)) == number


@pytest.mark.parametrize("zipped", [True, False])
def test_the_headword_is_as_the_article_writes_it_with_its_grammar(tmp_path: Path, zipped: bool) -> None:
    articles = {
        "00databaseinfo": "00-database-info\nMade up\n",
        "00-database-utf8": "00-database-utf8\n\n",
        "gari la moshi": "Gari-la-Moshi /ɡari la/ <n, pl> (pl: {magari})\n\ntrain [techn.], railway train\n",
        "moto": "moto /moto/ <n> [sg=pl]\n\nfire\n",
    }
    entries, problems = read(write(tmp_path, articles, zipped))
    assert entries == [
        Entry("Gari-la-Moshi", "train", pos="n, pl", note="techn."),
        Entry("Gari-la-Moshi", "railway train", pos="n, pl"),
        Entry("moto", "fire", pos="n", note="sg=pl"),
    ]
    assert problems == []


@pytest.mark.parametrize("ending", [".index", ".dict.dz"])
def test_any_of_the_files_names_the_dictionary(tmp_path: Path, ending: str) -> None:
    write(tmp_path, {"moto": "moto\nfire\n"})
    path = tmp_path / f"made-up{ending}"
    assert read(path)[0] == [Entry("moto", "fire")]
    assert files_of(path) == [tmp_path / "made-up.index", tmp_path / "made-up.dict.dz"]


def test_senses_are_numbered_on_the_line_or_above_it(tmp_path: Path) -> None:
    assert translations(tmp_path, "gari /ɡari/ <n>\n1. car, motor car\n2. cart\n") == [
        "car",
        "motor car",
        "cart",
    ]
    assert translations(tmp_path, "gari /ɡari/ <n>\n1.\ncar\n; motor car\n2.\ncart\n") == [
        "car",
        "motor car",
        "cart",
    ]


def test_a_number_that_counts_no_senses_belongs_to_the_translation(tmp_path: Path) -> None:
    assert translations(tmp_path, "gari\n2. wheel\n") == ["2. wheel"]


def test_examples_synonyms_notes_and_references_are_no_translations(tmp_path: Path) -> None:
    article = (
        "gari /ɡari/ <n>\n"
        " [auto]  [techn.] car <n>, motor car <n> [Br.]\n"
        "         Note: on the road\n"
        '      "gari kubwa"  - lorry\n'
        "   Synonyms: {motokaa}, {motakaa}\n"
        "\n"
        " see: {moto}, {mkokoteni}\n"
    )
    assert translations(tmp_path, article) == ["car", "motor car"]


def test_what_follows_the_first_line_of_a_sense_explains_it(tmp_path: Path) -> None:
    assert translations(tmp_path, "gari\n\ncar\n thing with four wheels\n(said in towns)\n") == ["car"]
    assert translations(tmp_path, 'gari\n1.\n      "gari kubwa"\n a large one\n\n2.\ncar\n') == ["car"]


def test_a_reference_before_the_translations_is_left_out(tmp_path: Path) -> None:
    assert translations(tmp_path, "gari\n\n Plural of {kigari}: car, cart\n") == ["car", "cart"]
    assert translations(tmp_path, "gari\n\n Plural of {kigari}: 1. car, cart 2. wagon\n") == [
        "car",
        "cart",
        "wagon",
    ]


def test_an_abbreviation_glued_to_a_translation_is_cut_off_or_costs_it(tmp_path: Path) -> None:
    assert translations(tmp_path, "gari\nmotor car <n>MC,  /ˌɛm ˈsiː/ , cart <n>\n") == ["motor car", "cart"]
    assert translations(tmp_path, "gari\nmotor car [Br.] mc,  /ˌɛm/ mcar,  /kɑː/ , cart\n") == [
        "motor car",
        "cart",
    ]
    assert translations(tmp_path, "gari\ncart, motor carMC,  /ˌɛm ˈsiː/\n") == ["cart"]


def test_several_headwords_of_an_article_are_terms_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, {"gari": "gari, motokaa /ɡari/ /moto/ <n>\ncar\n", "moto": "moto\nfire\n"})
    first, second = path.read_text().splitlines(keepends=True)
    path.write_text(f"{first}{first.replace('gari', 'motokaa')}{second}")  # two words, one article
    assert read(path)[0] == [
        Entry("gari", "car", pos="n"),
        Entry("motokaa", "car", pos="n"),
        Entry("moto", "fire"),
    ]


def test_a_comma_in_a_headword_is_no_list_of_headwords(tmp_path: Path) -> None:
    path = write(tmp_path, {"je mehr desto besser": "je mehr, desto besser\nthe more, the better\n"})
    assert read(path, ("de", "en"))[0] == [Entry("je mehr, desto besser", "the more, the better")]


def test_without_the_headword_above_its_articles_the_index_has_the_terms(tmp_path: Path) -> None:
    path = write(tmp_path, {"gari": "car, cart\n", "moto": "fire\n"})
    assert [entry[:2] for entry in read(path)[0]] == [("gari", "car"), ("gari", "cart"), ("moto", "fire")]


def test_broken_lines_of_the_index_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    extra = "no tabs\nx\tA\n!\t?\t?\nfar\tzzzz\tA\nempty\tA\tA\n"
    entries, problems = read(write(tmp_path, {"moto": "moto\nfire\n"}, extra=extra))
    assert entries == [Entry("moto", "fire")]
    expected = "expected headword, offset and length with tabs between them"
    assert problems == [
        *(f"made-up.index:{line}: {expected}" for line in (2, 3, 4)),
        "made-up.index:5: points to no article of made-up.dict.dz",
        "made-up.index:6: points to no article of made-up.dict.dz",
    ]


def test_an_article_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, {"moto": "moto\nfire\n", "gari": "gari\ncar\n"}, zipped=False)
    content = tmp_path / "made-up.dict"
    content.write_bytes(content.read_bytes().replace(b"car", b"c\xe4r"))
    entries, problems = read(path)
    assert entries == [Entry("moto", "fire")]
    assert problems == ["made-up.index:2: the article is not UTF-8"]


def test_a_missing_or_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path, {"moto": "moto\nfire\n" * 50})
    zipped = tmp_path / "made-up.dict.dz"
    zipped.write_bytes(zipped.read_bytes()[:-12])
    with pytest.raises(DataError, match=r"made-up\.dict\.dz: damaged, cannot be unpacked"):
        read(path)
    zipped.unlink()
    with pytest.raises(DataError, match=r"made-up\.dict: no such file"):
        read(path)


def test_a_dictionary_with_nothing_usable_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"made-up\.index: no usable article"):
        read(write(tmp_path, {"00databaseinfo": "00-database-info\n"}))
