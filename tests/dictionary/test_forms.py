"""How words and terms are made comparable."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.dictionary.forms import (
    EXACT,
    LEMMA,
    STEM,
    fold,
    form,
    gaps,
    joined,
    levels,
    sure_forms,
    term_key,
)
from mtprompt.text.tokens import words


@pytest.mark.parametrize(
    ("word", "language", "folded"),
    [
        ("ÄRZTE", "de", "ärzte"),
        ("A\u0308rzte", "de", "ärzte"),
        ("Straße", "de", "straße"),  # Masse is not Maße
        ("ISPARTA", "tr", "ısparta"),
        ("İLAÇ", "tr", "ilaç"),
        ("ISPARTA", "az-AZ", "ısparta"),
        ("ISPARTA", "en", "isparta"),
        ("ＵＳＢ", "ja", "usb"),
        ("ﬁle", "en", "file"),
        ("l’IA", "fr", "l'ia"),
        ("комп\u02bcютер", "uk", "комп'ютер"),
        ("ΟΔΟΣ", "el", "οδος"),
        ("北京", "zh", "北京"),
        ("", "", ""),
    ],
)
def test_a_word_has_one_spelling_in_lower_case(word: str, language: str, folded: str) -> None:
    assert fold(word, language) == folded


def test_the_two_letters_i_of_turkish_stay_apart() -> None:
    assert fold("ilaç", "tr") != fold("ılaç", "tr")
    assert fold("I", "tr") != fold("i", "tr") and fold("İ", "tr") == fold("i", "tr")


@given(st.text(max_size=12), st.sampled_from(["de", "en", "tr", "ar", "ja"]))
def test_folding_twice_changes_nothing_more_and_the_way_of_storing_none(word: str, language: str) -> None:
    once = fold(word, language)
    decomposed = fold(unicodedata.normalize("NFD", once), language)
    assert fold(once, language) == once or "İ" in word  # whose dot lower() sets apart outside Turkish
    assert decomposed == fold(once, language)


def test_levels_are_those_that_a_language_has() -> None:
    assert levels("de") == (EXACT, LEMMA, STEM)
    assert levels("cs") == levels("sw") == levels("tr") == (EXACT, LEMMA)
    assert levels("zh") == levels("ja") == levels("th") == levels("yo") == (EXACT,)


@pytest.mark.parametrize(
    ("word", "language", "lemma"),
    [
        ("Tabletten", "de", "tablette"),
        ("Ha\u0308user", "de", "haus"),
        ("MICE", "en", "mouse"),
        ("patient's", "en", "patient"),
        ("souborů", "cs", "soubor"),
        ("Işıklar", "tr", "ışık"),
        ("IŞIKLAR", "tr", "ışık"),
        ("İlaçlar", "tr", "ilaç"),
        ("الطَّبِيب", "ar", "طبيب"),
        ("医者", "zh", "医者"),
    ],
)
def test_base_forms(word: str, language: str, lemma: str) -> None:
    assert form(word, language, LEMMA) == lemma


def test_stems_join_what_looks_related_from_four_letters_on() -> None:
    assert form("Entzündung", "de", STEM) == form("Entzündungen", "de", STEM)
    assert form("art", "en", STEM) == "art"


def test_a_string_of_a_hundred_thousand_letters_takes_no_time() -> None:
    began = time.perf_counter()
    assert form("a" * 100_000, "sw", LEMMA) == "a" * 100_000
    assert time.perf_counter() - began < 1


def test_sure_forms_are_the_word_and_its_base_form() -> None:
    assert sure_forms("Tabletten", "de", False) == {"tabletten", "tablette"}
    assert sure_forms("the", "yo", True) == {"the"}


def test_a_capital_that_may_mean_nothing_adds_the_base_form_of_the_word_in_lower_case() -> None:
    assert "suchen" not in sure_forms("Sucht", "de", False)
    assert "suchen" in sure_forms("Sucht", "de", True)
    assert sure_forms("I", "tr", True) == {"ı"}


def test_what_stands_between_words_is_kept_and_white_space_is_one_space() -> None:
    text = "  Rotes\u00a0\n Kreuz, rock ’n’ roll"
    assert gaps(text, words(text)) == [" ", " ", ", ", " '", "' "]
    assert gaps("", []) == []
    assert joined("Rote Kreuze", words("Rote Kreuze"), "de", LEMMA) == ["rot", " kreuz"]


@pytest.mark.parametrize(
    ("term", "key"),
    [
        ("Arzt", ("arzt",)),
        ("Rotes  Kreuz", ("rotes", " kreuz")),
        ("und/oder", ("und", "/oder")),
        ("C++ Compiler", ("c", "++ compiler")),
        ("北京", ("北", "京")),
        ("C++", ()),
        ("50 %", ()),
        ("U.S.", ()),
        ("- none -", ()),
        ("2024", ()),
        ("", ()),
    ],
)
def test_a_term_has_a_key_if_it_begins_and_ends_with_a_word_and_has_a_letter(
    term: str, key: tuple[str, ...]
) -> None:
    assert term_key(term, "de", EXACT) == key
