"""Which terms stand in a text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.dictionary.presence import Presence


def holds(language: str, text: str, term: str) -> bool:
    return Presence(text, language).holds(term)


@pytest.mark.parametrize(
    ("language", "text", "term"),
    [
        ("en", "The red blood cells.", "red blood cell"),
        ("en", "RED BLOOD CELLS", "red blood cells"),
        ("en", "the patient’s age", "patient"),
        ("de", "Nehmen Sie zwei Tabletten.", "Tablette"),
        ("de", "die Akuten Störungen", "akute Störung"),
        ("de", "das Rote Kreuz hilft", "Rotes Kreuz"),
        ("de", "in der erweiterten Suche", "Erweiterte Suche"),
        ("cs", "Seznam souborů", "soubor"),
        ("cs", "bez NOVÝCH POČÍTAČŮ", "nový počítač"),
        ("sw", "Watoto wawili", "mtoto"),
        ("tr", "Işıklar yandı", "ışık"),
        ("tr", "İLAÇLAR", "ilaç"),
        ("tr", "İstanbul'da", "İstanbul"),
        ("fr", "de l’ordinateur", "ordinateur"),
        ("ar", "ذهب الطَّبِيب إلى البيت", "طبيب"),
        ("ckb", "کتێب باشە", "کتێب"),
        ("fa", "کتاب\u200cها", "کتاب\u200cها"),
    ],
)
def test_a_term_is_there_in_any_form_of_its_words(language: str, text: str, term: str) -> None:
    assert holds(language, text, term)


@pytest.mark.parametrize(
    ("language", "text", "term"),
    [
        ("en", "start Smart-TV party", "art"),
        ("en", "A high, then a low speed", "high speed"),
        ("en", "cells of red blood", "red blood cell"),
        ("en", "red blood", "red blood cell"),
        ("de", "die Sucht", "suchen"),
        ("de", "Rotes. Kreuz", "Rotes Kreuz"),
        ("cs", "soubory", "počítač"),
        ("tr", "ılık", "ilik"),
        ("tr", "ilaç", "ılaç"),
        ("yo", "Tabletten", "Tablette"),  # no base forms are known
        ("ar", "ذهب", "طبيب"),
        ("en", "", "a"),
    ],
)
def test_another_word_or_a_part_of_one_is_not_the_term(language: str, text: str, term: str) -> None:
    assert not holds(language, text, term)


@pytest.mark.parametrize(
    ("text", "term", "held"),
    [
        ("Ask IT about it.", "IT", True),
        ("It is so.", "IT", False),
        ("the CO2 level", "CO2", True),
        ("the co2 level", "CO2", False),
        ("a COVID-19 test", "COVID-19", True),
        ("two PCs", "PC", True),
        ("it", "it", True),
        ("IT", "it", True),
    ],
)
def test_an_acronym_keeps_its_capitals(text: str, term: str, held: bool) -> None:
    assert holds("en", text, term) is held


def test_a_german_noun_keeps_its_capital_where_the_text_has_capitals() -> None:
    assert not holds("de", "Er ist arm.", "Arm")
    assert holds("de", "der arm ist lang", "Arm")
    assert holds("de", "Der Arm ist lang.", "arm")


@pytest.mark.parametrize(
    ("language", "text", "term", "held"),
    [
        ("en", "C++, of course", "C++", True),
        ("en", "in c++", "C++", True),
        ("en", "in C++11", "C++", False),
        ("en", "two C++ compilers", "C++ compiler", True),
        ("en", "about 50 % of it", "50 %", True),
        ("en", "about 50\u00a0% of it", "50 %", True),
        ("en", "about 150 % of it", "50 %", False),
        ("en", "in the U.S. Army", "U.S.", True),
        ("en", "in the U.S.A. today", "U.S.", False),
        ("en", "ASP.NET", ".NET", False),
        ("en", "the .NET runtime", ".NET", True),
        ("en", "in 2024", "2024", True),
        ("en", "in 12024", "2024", False),
        ("zh", "约50%的人", "50%", True),
        ("tr", "IŞIK+", "ışık+", True),
        ("en", "aab+", "ab+", False),
        ("en", "aab+ ab+", "ab+", True),
    ],
)
def test_a_term_that_is_not_all_words_is_there_as_it_is_spelt(
    language: str, text: str, term: str, held: bool
) -> None:
    assert holds(language, text, term) is held


@pytest.mark.parametrize("term", ["", " ", "—", "...", "%", "()", "\u00ad"])
def test_a_term_without_letter_or_digit_is_never_there(term: str) -> None:
    assert not holds("en", "a — b ... % ()", term)


@pytest.mark.parametrize("term", ["a.c", "A*", "[abc]", "abc|x", "\\w+", "^abc$", "(?i)abc", "ab?c"])
def test_characters_of_regular_expressions_mean_themselves(term: str) -> None:
    assert not holds("en", "abc aaa", term)
    assert holds("en", f"so {term} it is", term)


@pytest.mark.parametrize(
    ("language", "text", "term"),
    [
        ("zh", "我住在北京市。", "北京"),
        ("ja", "東京タワーへ行きます", "東京タワー"),
        ("ja", "ＵＳＢメモリ", "USBメモリ"),
        ("th", "สวัสดีครับ", "สวัสดี"),
    ],
)
def test_text_without_spaces_is_compared_by_characters(language: str, text: str, term: str) -> None:
    assert holds(language, text, term)
    assert not holds(language, text[::-1], term)


def test_what_is_not_seen_does_not_matter() -> None:
    assert holds("ar", "\u200fذهب\u200f \u202bالطبيب\u202c", "ذهب الطبيب")
    assert holds("de", "Daten\u00adbank", "Datenbank")
    assert holds("en", "an e\u2011mail", "e-mail")
    assert holds("en", "red\n  blood\u00a0cell", " red  blood cell ")


def test_the_joiner_of_persian_tells_words_apart() -> None:
    assert not holds("fa", "کتابها", "کتاب\u200cها")


@given(
    st.text(alphabet=st.sampled_from("aB1ßıİ北 .,-'’%+\u0301طﷺ"), max_size=12),
    st.sampled_from(["en", "tr", "zh"]),
)
def test_every_text_holds_itself_if_it_has_a_letter_or_digit(text: str, language: str) -> None:
    assert holds(language, text, text) is any(map(str.isalnum, text))


@given(
    st.lists(st.sampled_from(["red", "blood", "cells", "IT", "C++"]), max_size=6),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_a_text_holds_each_run_of_its_words(text: list[str], start: int, stop: int) -> None:
    term = " ".join(text[start:stop])
    assert holds("en", " ".join(text), term) is bool(re.search(r"\w", term))
