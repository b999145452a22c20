"""How much of a text a dictionary knows, and which way round it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.dictionary.coverage import Coverage, looks_inverted, measure_coverage
from mtprompt.dictionary.dictionary import Dictionary

DATA = Path(__file__).parents[3] / "shared" / "data"
DE_EN = [
    ("Haus", "house"), ("Katze", "cat"), ("rot", "red"), ("groß", "big"), ("Tür", "door"),
    ("Rotes Kreuz", "Red Cross"), ("Speicher", "memory"), ("Platz", "place"), ("Fenster", "window"),
]  # fmt: skip


def dictionary(pairs: list[tuple[str, str]], source: str = "de", target: str = "en") -> Dictionary:
    return Dictionary.from_pairs(pairs, source, target)


def german(*texts: str, frequent: frozenset[str] = frozenset()) -> Coverage:
    return measure_coverage(dictionary(DE_EN), texts, frequent)


def test_words_are_counted_by_how_they_were_found() -> None:
    found = german("Die Katzen sind im roten Haus.", "Das Haus ist groß.")
    assert found.texts == 2
    assert found.how == {"exact": 3, "lemma": 2, "missing": 5}
    assert (found.total.tokens, found.total.tokens_found) == (10, 5)
    # Haus twice: nine different words, of which Katzen, roten, Haus, groß have an entry
    assert (found.total.types, found.total.types_found) == (9, 4)


def test_a_word_of_a_longer_term_counts_as_found() -> None:
    found = german("Das Rote Kreuz")
    assert found.missing == (("Das", 1),)
    assert found.in_longer_terms == 2
    assert found.total.tokens_found == 2


def test_a_compound_counts_once() -> None:
    found = german("Speicherplatz")
    assert found.how == {"compound": 1}
    assert (found.total.tokens, found.total.tokens_found) == (1, 1)


def test_numbers_and_signs_are_no_words() -> None:
    assert german("2024: 3,5 % – 7 Haus").total.tokens == 1
    assert german("12 – 13").total.tokens == 0
    assert german().total.tokens == 0


def test_case_makes_no_other_word() -> None:
    found = german("Die Tür, die Türen", "die")
    assert found.missing == (("Die", 3),)
    assert found.total.types == 3  # die, Tür, Türen


def test_a_word_is_found_if_it_has_an_entry_in_one_place() -> None:
    # the acronym is an entry, the pronoun of the same letters is not
    found = measure_coverage(dictionary([("IT", "Informatik")], "en", "de"), ["Is it IT?"])
    assert (found.total.types, found.total.types_found) == (2, 1)
    assert (found.total.tokens, found.total.tokens_found) == (3, 1)
    assert found.missing == (("Is", 1),)


def test_frequent_words_are_not_counted() -> None:
    found = german("Die Katze, die Maus", frequent=frozenset({"die", "maus"}))
    assert found.missing == ()
    assert found.total.tokens == 1


def test_words_are_banded_by_their_frequency_in_the_text() -> None:
    letters = "bcdfghjklm"
    vocabulary = [a + b + c for a in letters for b in letters for c in letters]  # 1,000 words
    texts = [" ".join(vocabulary), " ".join(vocabulary[:700]), " ".join(vocabulary[:500])]
    pairs = [(word, "x") for word in vocabulary[499:601]]
    found = measure_coverage(dictionary(pairs, "zu"), texts)
    rows = [(band.name, band.types, band.types_found, band.tokens, band.tokens_found) for band in found.bands]
    assert rows == [
        ("1–500", 500, 1, 1500, 3),
        ("501–5,000", 200, 101, 400, 202),
        ("seen once", 300, 0, 300, 0),
    ]


def test_missing_words_come_by_frequency_then_by_place() -> None:
    found = german("Hund Maus Maus", "Hund Esel Maus")
    assert found.missing == (("Maus", 3), ("Hund", 2), ("Esel", 1))


@pytest.mark.parametrize(
    ("pairs", "source", "text", "tokens", "found"),
    [
        ([("kočka", "cat"), ("dům", "house")], "cs", "Kočky jsou v domě.", 4, 2),
        ([("indlu", "house")], "zu", "Indlu inkulu.", 2, 1),  # without base forms and stems
        ([("ev", "house")], "tr", "EV BÜYÜK.", 2, 1),
        ([("بيت", "house")], "ar", "هذا بيت كبير", 3, 1),
    ],
)
def test_other_languages_are_counted_too(
    pairs: list[tuple[str, str]], source: str, text: str, tokens: int, found: int
) -> None:
    total = measure_coverage(dictionary(pairs, source), [text]).total
    assert (total.tokens, total.tokens_found) == (tokens, found)


@pytest.mark.filterwarnings("ignore:without word boundaries")
def test_without_spaces_characters_are_the_words() -> None:
    total = measure_coverage(dictionary([("电脑", "computer")], "zh"), ["这是电脑。"]).total
    assert (total.tokens, total.tokens_found) == (4, 2)


def test_progress_is_told_of_every_text() -> None:
    told: list[int] = []
    measure_coverage(dictionary(DE_EN), ["Haus", "", "Tür"], on_progress=told.append)
    assert sum(told) == 3


@given(st.lists(st.lists(st.sampled_from(["Haus", "Häuser", "Rotes", "Kreuz", "Maus", "7"])).map(" ".join)))
def test_the_parts_add_up_to_the_whole(texts: list[str]) -> None:
    found = german(*texts)
    for part in ("types", "types_found", "tokens", "tokens_found"):
        assert sum(getattr(band, part) for band in found.bands) == getattr(found.total, part)
    assert sum(found.how.values()) == found.total.tokens
    assert found.how.get("missing", 0) == found.total.tokens - found.total.tokens_found
    assert len(found.missing) == found.total.types - found.total.types_found


# the direction

TEXTS = ["Das Haus ist groß.", "Die Katze ist rot.", "Fenster und Tür sind rot.", "Rotes Kreuz"]


def turned(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(b, a) for a, b in pairs]


def test_a_dictionary_the_wrong_way_round_looks_inverted() -> None:
    assert looks_inverted(dictionary(turned(DE_EN)), TEXTS)
    assert not looks_inverted(dictionary(DE_EN), TEXTS)


def test_a_dictionary_of_other_words_does_not_look_inverted() -> None:
    assert not looks_inverted(dictionary([("Niere", "kidney"), ("Leber", "liver")]), TEXTS)


def test_names_that_are_the_same_in_both_languages_say_nothing() -> None:
    names = [(name, name) for name in ("Berlin", "Hamburg", "Bonn", "Köln")]
    assert not looks_inverted(
        dictionary(names), ["Von Berlin über Hamburg und Bonn nach Köln fahren wir oft."]
    )


def test_a_few_accidental_translations_are_not_enough() -> None:
    pairs = turned(DE_EN[:2])
    assert not looks_inverted(dictionary(pairs), ["Das Haus und die Katze."])


def test_nothing_to_look_at_does_not_look_inverted() -> None:
    assert not looks_inverted(dictionary(DE_EN), [])
    assert not looks_inverted(dictionary(DE_EN), ["", "12 %"])


def test_without_spaces_the_direction_is_seen_too() -> None:
    pairs = [("电脑", "computer"), ("网络", "network"), ("文件夹", "folder")]
    texts = ["打开文件夹", "电脑和网络"]
    assert looks_inverted(dictionary(turned(pairs), "zh"), texts)
    assert not looks_inverted(dictionary(pairs, "zh"), texts)


def test_only_the_first_texts_are_read() -> None:
    read: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(10_000):
            read.append(number)
            yield "Das Haus"

    looks_inverted(dictionary(DE_EN), texts())
    assert len(read) <= 101


def test_a_real_dictionary_looks_as_it_is() -> None:
    terms, test = DATA / "dictionaries" / "de-en.libreoffice_ui.tsv", DATA / "de-en/software_help/test.jsonl"
    if not terms.is_file() or not test.is_file():
        pytest.skip("the development data is not here")
    pairs = [(a, b) for a, b, *_ in (line.split("\t") for line in terms.read_text("utf-8").splitlines())]
    pairs = pairs[::4]
    texts = [json.loads(row)["source"] for row in test.read_text("utf-8").split("\n")[:100]]
    assert not looks_inverted(dictionary(pairs), texts)
    assert looks_inverted(dictionary(turned(pairs)), texts)
