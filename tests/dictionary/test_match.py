"""Where a dictionary's terms stand in a text."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.dictionary.compounds import split_compound
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.match import Matcher, _heads
from mtprompt.text import boundaries


def matches(
    text: str, *terms: str, language: str = "de", min_similarity: float | None = None
) -> list[tuple[str, str, str]]:
    """The words of the text, the headword, and how they were matched."""
    dictionary = Dictionary.from_pairs([(term, "x") for term in terms], language, "fr")
    found = Matcher(dictionary, min_similarity).match(text)
    return [(text[slice(*one.span)], one.term, one.how) for one in found]


def test_of_overlapping_terms_the_longest_wins_wherever_it_begins() -> None:
    found = matches("der neue rote Faden", "neue rote", "der neue", "rote Faden liegt", "neue rote Faden")
    assert found == [("neue rote Faden", "neue rote Faden", "exact")]
    assert matches("a b c d", "a b", "b c d", language="en") == [("b c d", "b c d", "exact")]


def test_what_a_longer_term_leaves_is_matched_too() -> None:
    assert matches("a b c d", "a b", "b c d", "a", language="en") == [
        ("a", "a", "exact"),
        ("b c d", "b c d", "exact"),
    ]


def test_a_term_as_it_stands_goes_before_one_by_its_base_form() -> None:
    assert matches("Tabletten", "Tablette", "Tabletten") == [("Tabletten", "Tabletten", "exact")]
    assert matches("Tabletten", "Tablette") == [("Tabletten", "Tablette", "lemma")]


def test_a_term_of_several_inflected_words_is_found() -> None:
    found = matches("die Geschichte des Roten Kreuzes", "Rotes Kreuz", "Kreuz")
    assert found == [("Roten Kreuzes", "Rotes Kreuz", "lemma")]


@pytest.mark.parametrize(
    ("language", "text", "term", "how"),
    [
        ("en", "two red blood cells", "red blood cell", "lemma"),
        ("en", "connections", "connection", "lemma"),
        ("cs", "vidím velkou kočku", "velká kočka", "lemma"),
        ("cs", "s lékařem", "lékař", "lemma"),
        ("sw", "watoto wanacheza", "watoto", "exact"),
        ("sw", "Kuna vitabu vingi", "kitabu", "lemma"),
        ("ar", "ذهب الطبيب", "الطبيب", "exact"),
        ("tr", "ISPANAK", "ıspanak", "exact"),
        ("tr", "İLAÇ", "ilaç", "exact"),
        ("th", "ฉันกินข้าว", "ข้าว", "exact"),
        ("ja", "東京へ行く", "東京", "exact"),
        ("zh", "我住在北京", "北京", "exact"),
    ],
)
def test_terms_are_found_in_many_languages(language: str, text: str, term: str, how: str) -> None:
    found = matches(text, term, language=language)
    assert [(headword, its_how) for _, headword, its_how in found] == [(term, how)]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("We use C++ here", "C++"),
        ("We use C++.", "C++"),
        ("the .NET runtime", ".NET"),
        ("(C#)", "C#"),
        ("on the U.S. border", "U.S."),
        ("- none -", "- none -"),
        ("a.c*", "a.c*"),
        ("我用C++写程序", "C++"),
        ("私はC++を使う", "C++"),
        ("ใช้C++เขียน", "C++"),
    ],
)
def test_a_term_with_signs_at_its_ends_is_found_with_all_of_them(text: str, term: str) -> None:
    assert matches(text, term, language="en") == [(term, term, "exact")]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("We use C here", "C++"),
        ("Vitamin C+", "C++"),
        ("xC++", "C++"),
        ("ASP.NET", ".NET"),
        ("Das ASP.NET ist", ".NET"),
        ("Das C++11 ist", "C++"),
        ("C++11 ist", "C++"),
        ("the .net", ".NET"),
        ("C#sharp", "C#"),
        ("abc", "a.c*"),
        ("none", "- none -"),
    ],
)
def test_a_term_with_signs_is_not_found_without_them(text: str, term: str) -> None:
    assert matches(text, term, language="en") == []


def test_a_hyphen_parts_a_compound_of_any_length() -> None:
    assert matches("PDF-Dateien öffnen", "PDF", "Datei") == [
        ("PDF", "PDF", "compound"),
        ("Dateien", "Datei", "compound"),
    ]
    assert matches("PDF-Dingsda", "PDF", "Datei") == [("PDF", "PDF", "compound")]


@pytest.mark.parametrize(
    ("language", "word", "terms", "found"),
    [
        ("de", "E-Mail-Adresse", ("E-Mail", "Mail", "Adresse"), ["E-Mail", "Adresse"]),
        ("de", "E-Mail-Programm", ("Programm",), ["Programm"]),
        ("de", "E-Mail-Anhang", ("Mail", "Anhang"), ["Anhang"]),
        ("de", "COVID-19-Patienten", ("COVID-19", "Patient"), ["COVID-19", "Patienten"]),
        ("de", "COVID-19-Patienten", ("Patient", "19"), ["Patienten"]),
        ("de", "Mund-zu-Mund-Beatmung", ("Mund", "zu", "Beatmung"), ["Beatmung"]),
        ("en", "insulin-dependent", ("insulin", "dependent"), ["insulin", "dependent"]),
        ("en", "US-dollars", ("us", "dollar"), ["dollars"]),
        ("fr", "médecins-chercheurs", ("médecin",), ["médecins"]),
        ("en", "state-of-the-art", ("state", "of", "the", "art"), []),
        ("en", "mother-in-law", ("mother", "in", "law"), []),
        ("en", "X-rays", ("ray", "X"), []),
        ("en", "check-in", ("check", "in"), []),
        ("en", "STATE-OF-THE-ART", ("state", "of", "the", "art"), []),
        ("en", "State-Of-The-Art", ("state", "of", "the", "art"), []),
        ("en", "State-Of-The-Art", ("state", "art"), []),
        ("en", "Australia-UK-US", ("Australia", "UK", "US"), ["Australia", "UK", "US"]),
        ("hi", "कम-से-कम", ("कम", "से"), []),
        ("nl", "zee-leeuw", ("zee", "leeuw"), ["zee", "leeuw"]),
        ("de", "Web-App-Name", ("Web", "Name"), ["Web", "Name"]),
        ("de", "CORONA-PATIENTEN", ("Patient",), ["PATIENTEN"]),
    ],
)
def test_a_word_with_hyphens_gives_those_of_its_parts_that_are_entries(
    language: str, word: str, terms: tuple[str, ...], found: list[str]
) -> None:
    assert [text for text, _, _ in matches(f"Now {word}.", *terms, language=language)] == found


def test_a_word_of_thousands_of_hyphens_is_no_word() -> None:
    assert matches("-".join(["Haus"] * 20_000), "Haus") == []


def test_a_letter_that_is_stored_as_two_does_not_shift_the_parts() -> None:
    assert matches("Ha\u0308userliste", "Häuser", "Liste") == []


def test_stems_are_the_last_resort() -> None:
    # simplemma does not lead this form back; Snowball cuts both to "unbedingt"
    assert matches("unbedingtes", "unbedingt")[0][2] in ("lemma", "stem")
    assert matches("die optionalen", "Option") == []  # the stems differ
    assert matches("Verfügbarkeiten", "verfügbar") == []


def test_a_stem_does_not_join_words_of_very_different_length() -> None:
    assert matches("relational", "relate", language="en") == []


def test_a_base_form_goes_before_another_form_of_it() -> None:
    assert matches("er bittet", "gebeten", "bitten") == [("bittet", "bitten", "lemma")]


def test_of_headwords_that_differ_in_case_the_one_like_the_text_wins() -> None:
    assert matches("der Arm", "arm", "Arm") == [("Arm", "Arm", "exact")]
    assert matches("Er ist arm", "Arm", "arm") == [("arm", "arm", "exact")]


def test_a_german_noun_is_no_word_in_lower_case() -> None:
    assert matches("Er ist arm", "Arm") == []
    assert matches("er ist arm", "Arm") == [("arm", "Arm", "exact")]  # nothing is capitalized here


def test_an_acronym_is_not_the_same_letters_in_lower_case() -> None:
    assert matches("it is here", "IT", language="en") == []
    assert matches("the IT staff", "IT", "it", language="en") == [("IT", "IT", "exact")]
    assert matches("Give it to us", "US", language="en") == []


def test_a_compound_of_two_entries_gives_both() -> None:
    assert matches("Speicherort", "Speicher", "Ort") == []  # Ort is too short to be trusted
    assert matches("Tabellenblatt", "Tabelle", "Blatt") == [
        ("Tabelle", "Tabelle", "compound"),
        ("blatt", "Blatt", "compound"),
    ]
    assert matches("Zeitungsartikel", "Zeitung", "Artikel") == [
        ("Zeitung", "Zeitung", "compound"),
        ("artikel", "Artikel", "compound"),
    ]


def test_the_second_part_of_a_compound_may_be_inflected() -> None:
    assert matches("Tabellenblätter", "Tabelle", "Blatt") == [
        ("Tabelle", "Tabelle", "compound"),
        ("blätter", "Blatt", "compound"),
    ]


def test_the_longest_second_part_is_taken() -> None:
    found = matches("Blutdruckmessgerät", "Blutdruck", "Messgerät", "Gerät", "Blut")
    assert [headword for _, headword, _ in found] == ["Blutdruck", "Messgerät"]


def test_a_compound_that_is_an_entry_is_not_split() -> None:
    assert matches("Tabellenblatt", "Tabelle", "Blatt", "Tabellenblatt") == [
        ("Tabellenblatt", "Tabellenblatt", "exact")
    ]


def test_other_languages_are_not_split() -> None:
    assert matches("doghouse", "dogs", "house", "doge", language="en") == []


def test_similar_words_are_matched_only_if_asked_for() -> None:
    assert matches("Kalender Kalnder", "Kalender") == [("Kalender", "Kalender", "exact")]
    # one letter of eight is missing: similarity 7/8
    found = matches("Kalnder", "Kalender", min_similarity=0.87)
    assert found == [("Kalnder", "Kalender", "similar")]
    assert matches("Kalnder", "Kalender", min_similarity=0.88) == []


def test_a_short_word_is_never_taken_for_a_similar_one() -> None:
    assert matches("Huas", "Haus", min_similarity=0.5) == []


def test_a_chinese_term_is_not_found_inside_a_longer_word() -> None:
    assert matches("研究生命科学", "生命", language="zh") == [("生命", "生命", "exact")]
    assert matches("研究生", "究生", language="zh") == []


def test_without_icu_it_is_said_once_and_any_place_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icu4py", None)
    monkeypatch.setattr(boundaries, "find_spec", lambda _name: None)
    boundaries._has_icu.cache_clear()
    try:
        with pytest.warns(
            UserWarning, match=r"a zh term is also found inside a longer word; .*mtprompt\[icu\]"
        ):
            assert matches("研究生", "究生", language="zh") == [("究生", "究生", "exact")]
        assert matches("研究生", "究生", language="zh") == [("究生", "究生", "exact")]
    finally:
        boundaries._has_icu.cache_clear()


WORDS = st.sampled_from(
    ["Haus", "haus", "Häuser", "Rotes", "Kreuz", "IT", "it", "art", "Start", "a.c", "北京", "x"]
)


@given(st.lists(WORDS, max_size=8), st.lists(st.lists(WORDS, min_size=1, max_size=3), max_size=6))
def test_matches_are_of_the_text_in_order_and_apart(text: list[str], terms: Iterable[list[str]]) -> None:
    joined = " ".join(text)
    dictionary = Dictionary.from_pairs([(" ".join(term), "x") for term in terms], "de", "en")
    found = Matcher(dictionary).match(joined)
    headwords = {entry.term for entry in dictionary.entries()}
    end = 0
    for match in found:
        assert match.span[0] >= end and match.span[1] <= len(joined)
        assert match.term in headwords
        end = match.span[1]


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=12), max_size=5))
def test_odd_text_and_odd_terms_do_no_harm(text: str, terms: list[str]) -> None:
    usable = [term for term in terms if term.isprintable()]
    dictionary = Dictionary.from_pairs([(term, "x") for term in usable], "de", "en")
    for match in Matcher(dictionary, 0.8).match(text):
        assert text[slice(*match.span)].strip()


def test_a_word_of_20000_letters_is_no_compound_and_costs_no_time() -> None:
    # 1,250 of them took half a minute: every place to cut was looked up, with all that stands before it
    dictionary = Dictionary.from_pairs([("Dampf", "steam"), ("Schiff", "ship")], "de", "en")
    assert split_compound("Dampfschiff" * 1_800, dictionary) == []
    assert [part for _, part in split_compound("Dampfschiff", dictionary)] == ["Dampf", "Schiff"]


def test_many_terms_with_signs_and_the_same_first_word_cost_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    dictionary = Dictionary.from_pairs([(f"der Weg {at}!", "x") for at in range(2_000)], "de", "en")
    looked_at: list[str] = []

    def heads(term: str) -> tuple[str, ...]:
        looked_at.append(term)
        return _heads(term)

    monkeypatch.setattr("mtprompt.dictionary.match._heads", heads)
    assert [one.term for one in Matcher(dictionary).match("der Weg 7! der Weg 8")] == ["der Weg 7!"]
    assert set(looked_at) <= {"der Weg 7!", "der Weg 8!"}


def test_of_terms_of_the_same_words_the_one_with_the_signs_of_the_text_is_found() -> None:
    terms = ("C++", "C#", "C++ Builder!", "¿C?")
    assert matches("C++ Builder! C# ¿C?", *terms, language="en") == [
        ("C++ Builder!", "C++ Builder!", "exact"),
        ("C#", "C#", "exact"),
        ("¿C?", "¿C?", "exact"),
    ]
