"""Which words may differ in case and still be the same."""

from __future__ import annotations

import pytest

from mtprompt.dictionary.case import all_fit, distance, fits, is_acronym


@pytest.mark.parametrize("word", ["IT", "AIDS", "CO2", "COVID-19", "2FA", "HLA-B27", "ВОЗ", "ΕΕ"])
def test_an_acronym_is_two_capitals_and_no_small_letter_and_fits_itself(word: str) -> None:
    assert is_acronym(word)
    assert fits(word, word, "en", True) and fits(word, word, "en", False)


@pytest.mark.parametrize(
    "word", ["It", "mRNA", "pH", "A", "B12", "3D", "C++", "50", "", "北京", "طبيب", "CT-Scan"]
)
def test_other_words_are_no_acronyms(word: str) -> None:
    assert not is_acronym(word)


@pytest.mark.parametrize(
    ("headword", "word"), [("IT", "it"), ("IT", "It"), ("US", "us"), ("CO2", "co2"), ("COVID-19", "Covid-19")]
)
def test_an_acronym_is_not_a_word_with_small_letters(headword: str, word: str) -> None:
    assert not fits(headword, word, "en", True)
    assert not fits(headword, word, "en", False)


@pytest.mark.parametrize(("headword", "word"), [("PC", "PCs"), ("ID", "IDs"), ("DVD", "DVDs"), ("CT", "CTs")])
def test_an_acronym_may_have_an_ending(headword: str, word: str) -> None:
    assert fits(headword, word, "en", True)


def test_a_german_noun_is_not_a_word_in_lower_case_unless_the_text_has_no_capitals() -> None:
    assert not fits("Arm", "arm", "de", True)
    assert not fits("Arm", "arm", "de-AT", True)
    assert fits("Arm", "arm", "de", False)
    assert fits("Arm", "Arme", "de", True) and fits("Arm", "ARM", "de", True)
    assert fits("arm", "Arm", "de", True)  # at the start of a sentence


@pytest.mark.parametrize("language", ["en", "cs", "tr", "sw"])
def test_where_nouns_have_no_capitals_case_is_free(language: str) -> None:
    assert fits("Arm", "arm", language, True) and fits("strong", "STRONG", language, True)


def test_few_letters_in_capitals_are_an_acronym_unless_all_is_in_capitals() -> None:
    assert not fits("us", "US", "en", True)
    assert not fits("arms", "ARMS", "en", True)
    assert fits("us", "US", "en", True, has_small=False)
    assert fits("arm", "Arm", "en", True) and fits("i", "I", "en", True)
    assert fits("Us", "US", "en", True)  # a headword with a capital may be a name


def test_the_first_of_several_words_may_be_capitalized_for_being_the_first() -> None:
    assert all_fit(["Erweiterte", "Suche"], ["erweiterte", "Suche"], "de", True)
    assert not all_fit(["Erweiterte", "Suche"], ["erweiterte", "suche"], "de", True)
    assert not all_fit(["Suche"], ["suche"], "de", True)
    assert not all_fit(["IT", "Abteilung"], ["it", "Abteilung"], "de", True)


def test_the_nearer_spelling_is_the_one_with_the_same_first_letter() -> None:
    assert [distance("Arm", word) for word in ("Arm", "ARM", "arm")] == [0, 1, 2]
