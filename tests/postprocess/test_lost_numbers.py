"""A number of the source is in the translation, however it is written there, or the flag is raised."""

from __future__ import annotations

import pytest

from mtprompt.postprocess.numbers import lost_number


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Es sind 4711 Wörter.", "There are words."),
        ("Es sind 4711 Wörter.", "There are 4712 words."),
        ("Es sind 4711 Wörter.", "There are 471 words."),
        ("Preis: 1.000,5 Euro", "Price: 1,000.6 euros"),
        ("3,5 mg", "35 mg"),
        ("35 mg", "3.5 mg"),
        ("1,5 mg", "some mg"),
        ("0,05 mg", "0.5 mg"),
        ("50 Stück", "5 pieces"),
        ("5 mg", "6 mg"),  # a small number may be a word, but not another number
        ("am 24.12.2023", "on 24/12/2032"),
        ("im Jahr 1994", "in 1594"),
        ("Version 7.4.2", "version 7.4"),
        ("٤٧ كتاب", "48 books"),
    ],
)
def test_a_missing_or_changed_number_is_lost(source: str, text: str) -> None:
    assert lost_number(source, text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1.000,5", "1,000.5"),
        ("1.000,5", "1 000,5"),
        ("1.000,5", "1\u202f000,5"),
        ("1.000,5", "1'000.5"),
        ("1.000,5", "1000.5"),
        ("1.000.000", "1,000,000"),
        ("10 000", "10,000"),
        ("100,000", "1,00,000"),  # as in India
        ("0,125", "0.125"),
        ("1,50 €", "€1.5"),
        ("1.234", "1,234"),
        ("=SUMME(1,5;2)", "=SUM(1.5;2)"),
    ],
)
def test_each_language_has_its_own_separators(source: str, text: str) -> None:
    assert not lost_number(source, text)
    assert not lost_number(text, source)


@pytest.mark.parametrize(
    "text", ["１２３４ 5", "١٢٣٤ 5", "۱۲۳۴ 5", "१२३४ 5", "১২৩৪ 5", "๑๒๓๔ 5", "၁၂၃၄ 5", "១២៣៤ 5", "௧௨௩௪ 5"]
)
def test_digits_of_all_scripts_are_the_same(text: str) -> None:
    assert not lost_number("1234, 5", text)
    assert not lost_number(text, "1234, 5")
    assert lost_number("1235", text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("am 31.12.2020", "on December 31, 2020"),
        ("am 01.02.2020", "on 1 February 2020"),
        ("am 31.12.2020", "2020-12-31"),
        ("um 14.30 Uhr", "at 2:30 p.m."),
        ("um 15 Uhr", "at 3 p.m."),
        ("at 3 p.m.", "um 15:00 Uhr"),
        ("um 00:30 Uhr", "at 12:30 a.m."),
        ("die 80er Jahre", "the 1980s"),
        ("the 1980s", "die 80er"),
    ],
)
def test_dates_and_clocks_may_be_written_in_another_way(source: str, text: str) -> None:
    assert not lost_number(source, text)


def test_swahili_counts_the_hours_from_six() -> None:
    assert not lost_number("at 3 p.m.", "saa 9 mchana", ("en", "sw"))
    assert not lost_number("at 19:30", "saa 1:30 usiku", ("en", "sw"))
    assert lost_number("at 3 p.m.", "um 9 Uhr", ("en", "de"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("8.000 Menschen", "8 thousand people"),
        ("1,5 Mio. Euro", "1,500,000 euros"),
        ("2.5 billion", "2.500 Millionen"),
        ("30,000 people", "3万人"),
        ("1.5 million", "150万"),
        ("12,500", "1.25만"),
    ],
)
def test_numbers_may_be_given_in_thousands_millions_and_myriads(source: str, text: str) -> None:
    assert not lost_number(source, text)
    assert not lost_number(text, source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("1 Tropfen", "one drop"),
        ("12 Monate", "twelve months"),
        ("20 Leute", "twenty people"),
        ("100 Jahre", "a hundred years"),
        ("3 von 10", "three of ten"),
        ("Der 2. Teil", "part two"),
        ("5 mg in 2 Tagen", "5 mg in two days"),
    ],
)
def test_small_and_round_numbers_may_be_words(source: str, text: str) -> None:
    assert not lost_number(source, text)


def test_digits_that_belong_to_a_name_are_not_asked_for() -> None:
    assert not lost_number("Die Funktion ANZAHL2 und E218", "The function COUNTA and E number")
    assert not lost_number("in A47", "in the cell")
    assert lost_number("第47章", "Chapter 74")  # Han needs no space before a number


def test_a_number_may_stand_there_less_often_or_more_often() -> None:
    assert not lost_number("47 Euro, also 47 Euro", "47 euros")
    assert not lost_number("47 Euro", "47 euros, which is 47 euros, or 50 dollars")


def test_a_source_without_numbers_loses_none() -> None:
    assert not lost_number("Der Arzt kommt.", "The doctor comes at 47.")
    assert not lost_number("", "")
