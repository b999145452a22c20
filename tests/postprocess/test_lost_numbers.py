"""A number of the source is in the translation, however it is written there, or the flag is raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ("languages", "source", "text"),
    [
        ("de-en", "Nehmen Sie 15 Tabletten am Tag.", "Take 3 tablets a day."),
        ("de-en", "Nehmen Sie 15 am Tag.", "Take 3 a day."),  # no a.m.
        ("de-en", "3 Tabletten abends", "15 tablets in the evening"),
        ("de-sw", "15 Tabletten", "vidonge 9"),
        ("de-en", "Maximal 24 mg pro Tag", "At most 12 mg a day"),
        ("de-en", "alle 12 h", "every 24 h"),
        ("de-en", "15 Stunden", "3 hours"),
        ("de-en", "14,30 Euro", "2.30 euros"),
        ("de-en", "80 Jahre alt", "1980 years"),
        ("de-en", "20 mg", "2020 mg"),
        ("de-en", "20 mg", "8 mg"),
        ("de-en", "1 Tablette", "13 tablets"),
        ("de-en", "5 mg", "12.5 mg"),
        ("de-en", "12 mg", "12.5 mg"),
    ],
)
def test_only_a_clock_and_a_decade_may_be_counted_in_another_way(
    languages: str, source: str, text: str
) -> None:
    assert lost_number(source, text, _pair(languages))


@pytest.mark.parametrize(
    ("languages", "source", "text"),
    [
        ("de-en", "Dosis: 5 mg", "Dose: 5000 mg"),
        ("de-en", "5 mg", "5,000 mg"),
        ("de-en", "5.000 IE", "5 IU"),
        ("de-en", "0,5 mg", "500 mg"),
        ("de-en", "3 Mio.", "3 billion"),
        ("de-en", "12 Millionen", "1.2 million"),
        ("de-en", "8 Tsd.", "80,000"),
        ("de-en", "2 Billionen", "2 billion"),  # a thousand times as many in German
        ("ja-en", "12億", "12 billion"),
        ("zh-en", "3万人", "3,000 people"),
        ("zh-en", "3万人", "3 people"),
        ("zh-en", "3万人", "30 million people"),
        ("de-tlh", "5 mg", "5000 mg"),  # of a language with unknown words only millions are believed
    ],
)
def test_the_scale_must_agree_exactly(languages: str, source: str, text: str) -> None:
    assert lost_number(source, text, _pair(languages))


@pytest.mark.parametrize(
    ("languages", "source", "text"),
    [
        ("de-en", "3 Mio. Leute", "3 million people"),
        ("de-en", "2,5 Billionen", "2.5 trillion"),
        ("de-en", "zwischen 3 und 5 Millionen", "between 3 million and 5 million"),
        ("de-en", "5,5-Milliarden-Dollar-Geschäft", "$5.5 billion deal"),
        ("en-de", "$5M", "5 Mio. $"),
        ("en-de", "3 MIU", "3 Mio. I.E."),
        ("ja-en", "12億", "1.2 billion"),
        ("ja-en", "1億2000万円", "120 million yen"),
        ("ja-en", "2万3456", "23,456"),
        ("ja-en", "3万～5万", "30,000 to 50,000"),
        ("zh-en", "100多万", "more than 1 million"),
        ("de-ko", "3.000.000", "300만"),
        ("en-sw", "5,000", "elfu 5"),
        ("en-sw", "between $14 and 22 million", "kati ya milioni $14 hadi 22"),
        ("es-en", "5 mil millones", "5 billion"),
        ("cs-en", "45 mil daleko", "45 miles away"),
        ("ru-en", "5 тысячами", "5 thousand"),
        ("hi-en", "50 लाख", "5 million"),
        ("th-en", "5 ล้านคน", "5 million people"),
        ("en-zu", "5 million", "izigidi ezi-5"),
        ("en-tlh", "1.5 million people", "1,5 xyz"),
    ],
)
def test_many_languages_have_words_for_a_scale(languages: str, source: str, text: str) -> None:
    assert not lost_number(source, text, _pair(languages))
    assert not lost_number(text, source, _pair(languages)[::-1])


@pytest.mark.parametrize(
    ("languages", "source", "text"),
    [
        ("de-en", "um 20.15 Uhr", "at 8:15 pm"),
        ("de-en", "um 14.00 Uhr", "at 2 p.m."),
        ("de-en", "am 24.12.", "on December 24"),
        ("de-en", "im 12.2020", "in December 2020"),
        ("de-en", "am 31.12.20", "on 12/31/2020"),
        ("de-en", "2011/12", "2011/2012"),
        ("de-en", "Sommer 2019", "SS19"),
        ("fr-en", "à 15h30", "at 3:30 pm"),
        ("es-de", "a las 3 de la tarde", "um 15 Uhr"),
        ("en-cs", "at 3 p.m.", "ve 3 hodiny odpoledne"),
        ("en-cs", "at 3 p.m.", "v 15 hodin"),
        ("de-zh", "um 15 Uhr", "下午3点"),
        ("en-ja", "at 15:00", "午後3時"),
        ("fr-en", "les années 80", "the 1980s"),
        ("it-en", "gli anni '80", "the 1980s"),
        ("sv-en", "80-talet", "the 1980s"),
        ("cs-en", "80. léta", "the 1980s"),
        ("ru-en", "в 1980-е годы", "in the 80s"),
        ("ja-en", "1980年代", "the 80s"),
    ],
)
def test_many_languages_mark_clocks_and_decades(languages: str, source: str, text: str) -> None:
    assert not lost_number(source, text, _pair(languages))
    assert not lost_number(text, source, _pair(languages)[::-1])


def test_a_name_with_digits_does_not_stand_in_the_place_of_a_number() -> None:
    assert not lost_number("13 Patienten nahmen E218 ein", "Thirteen patients took E218")


def _pair(languages: str) -> tuple[str, str]:
    source, target = languages.split("-")
    return source, target


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


@given(st.text("0159.,:万億½ mMk¹٣a's-", max_size=30), st.text("0159.,:万億½ mMk¹٣a's-", max_size=30))
def test_no_number_is_lost_in_a_copy_of_itself(source: str, text: str) -> None:
    lost_number(source, text, ("en", "zh"))
    assert not lost_number(source, source, ("en", "en"))


def test_digits_without_end_are_numbers_too() -> None:
    assert lost_number("5" * 6000 + "万3", "5" * 6000, ("ja", "en"))
