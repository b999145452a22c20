"""Which words of a text get a hint, and which not."""

from __future__ import annotations

import pytest

from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.hints import DictionaryHints
from mtprompt.segments import Hint


def find(text: str, *pairs: tuple[str, str], language: str = "de", **options: object) -> list[Hint]:
    dictionary = Dictionary.from_pairs(pairs, language, "en" if language != "en" else "de")
    (hints,) = DictionaryHints(dictionary, **options).hints([text])  # type: ignore[arg-type]
    return hints


def terms(text: str, *pairs: tuple[str, str], language: str = "de", **options: object) -> list[str]:
    return [hint.term for hint in find(text, *pairs, language=language, **options)]


def test_a_hint_gives_the_term_of_the_text_its_place_and_its_headword() -> None:
    assert find("Der Arzt kommt.", ("Arzt", "doctor")) == [Hint("Arzt", ("doctor",), (4, 8), "Arzt")]


@pytest.mark.parametrize("text", ["arzt", "ARZT", "Arzt"])
def test_case_does_not_matter(text: str) -> None:
    assert find(text, ("Arzt", "doctor")) == [Hint(text, ("doctor",), (0, 4), "Arzt")]


def test_an_inflected_word_finds_its_base_form() -> None:
    found = find("Nehmen Sie zwei Tabletten.", ("Tablette", "tablet"))
    assert found == [Hint("Tabletten", ("tablet",), (16, 25), "Tablette")]


def test_a_form_that_is_an_entry_of_its_own_goes_before_the_base_form() -> None:
    found = find("Tabletten", ("Tablette", "tablet"), ("Tabletten", "tablets"))
    assert found == [Hint("Tabletten", ("tablets",), (0, 9), "Tabletten")]


def test_a_language_without_base_forms_matches_whole_words_only() -> None:
    assert terms("Tabletten Tablette", ("Tablette", "tablet"), language="yo") == ["Tablette"]


def test_the_longest_term_wins_and_uses_its_words_up() -> None:
    pairs = (("Rotes", "red"), ("Kreuz", "cross"), ("Rotes Kreuz", "Red Cross"))
    assert terms("Das Rotes Kreuz hilft.", *pairs) == ["Rotes Kreuz"]


def test_words_of_a_longer_term_match_alone_elsewhere() -> None:
    pairs = (("Kreuz", "cross"), ("Rotes Kreuz", "Red Cross"))
    assert terms("Rotes Kreuz und Kreuz", *pairs) == ["Rotes Kreuz", "Kreuz"]


def test_of_overlapping_terms_the_one_that_begins_first_wins() -> None:
    pairs = (("akute schwere", "acute severe"), ("schwere Störung", "serious disorder"))
    assert terms("eine akute schwere Störung", *pairs) == ["akute schwere"]


def test_a_term_inside_a_word_does_not_match() -> None:
    assert terms("Start startet Smart-TV", ("art", "kind"), ("Start", "start")) == ["Start"]
    assert terms("Wir startklar", ("art", "kind"), ("klar", "clear")) == []


@pytest.mark.parametrize(
    "text", ["Rotes. Kreuz", "Rotes, Kreuz", "Rotes (Kreuz)", "RotesKreuz", "Rotes-Kreuz"]
)
def test_a_term_of_two_words_is_not_found_across_punctuation(text: str) -> None:
    assert terms(text, ("Rotes Kreuz", "Red Cross")) == []


@pytest.mark.parametrize("text", ["Rotes  Kreuz", "Rotes\u00a0Kreuz", "Rotes\nKreuz", "Rotes\tKreuz"])
def test_any_white_space_may_stand_between_the_words_of_a_term(text: str) -> None:
    assert terms(text, ("Rotes Kreuz", "Red Cross")) == [text]


def test_a_term_hints_once_a_text_whatever_its_forms() -> None:
    assert terms("Tablette, Tabletten, tablette", ("Tablette", "tablet")) == ["Tablette"]


def test_hints_stand_in_the_order_of_the_text() -> None:
    pairs = (("Arzt", "doctor"), ("Haus", "house"))
    assert terms("Haus und Arzt", *pairs) == ["Haus", "Arzt"]


@pytest.mark.parametrize("term", ["a.c", "A*", "(Arzt", "[abc]", "Arzt|Haus", "C++", "\\d", "^Arzt$", "$"])
def test_characters_of_regular_expressions_in_a_term_mean_themselves(term: str) -> None:
    assert terms("abc aaa Arzt Haus 5", (term, "x"), language="en") == []


def test_a_term_with_an_inner_mark_is_found() -> None:
    assert find("per E-Mail", ("E-Mail", "email")) == [Hint("E-Mail", ("email",), (4, 10), "E-Mail")]
    assert terms("Ja und/oder Nein", ("und/oder", "and/or")) == ["und/oder"]
    assert terms("die U.S.-Börse", ("U.S.", "US")) == ["U.S."]


def test_a_hint_has_all_translations_the_best_first() -> None:
    pairs = [("Zug", "train"), ("Zug", "draught"), ("Zug", "move"), ("Zug", "trait")]
    assert find("Zug", *pairs)[0].translations == ("train", "draught", "move", "trait")


def test_umlauts_match_in_either_case_and_either_way_of_storing_them() -> None:
    assert terms("ÄRZTE", ("Ärzte", "doctors")) == ["ÄRZTE"]
    assert find("die A\u0308rzte", ("Ärzte", "doctors")) == [
        Hint("A\u0308rzte", ("doctors",), (4, 10), "Ärzte")
    ]
    assert terms("die Ärzte", ("A\u0308rzte", "doctors")) == ["Ärzte"]
    assert terms("Arzte", ("Ärzte", "doctors"), language="yo") == []


def test_a_decomposed_inflected_word_finds_its_base_form() -> None:
    assert find("Ha\u0308user", ("Haus", "house"))[0].origin == "Haus"


def test_a_chinese_term_is_found_inside_a_sentence() -> None:
    found = find("我住在北京。", ("北京", "Beijing"), language="zh")
    assert found == [Hint("北京", ("Beijing",), (3, 5), "北京")]


def test_the_longest_chinese_term_wins() -> None:
    pairs = (("北京", "Beijing"), ("北京大学", "Peking University"), ("大学", "university"))
    assert terms("北京大学很大", *pairs, language="zh") == ["北京大学"]


def test_a_japanese_term_of_mixed_scripts_is_found() -> None:
    found = find("東京タワーへ行きます", ("東京タワー", "Tokyo Tower"), language="ja")
    assert found == [Hint("東京タワー", ("Tokyo Tower",), (0, 5), "東京タワー")]


def test_right_to_left_text_gives_spans_in_characters_as_stored() -> None:
    assert find("הרופא בבית", ("בבית", "at home"), language="he") == [
        Hint("בבית", ("at home",), (6, 10), "בבית")
    ]
    assert find("ذهب الطبيب", ("الطبيب", "the doctor"), language="ar") == [
        Hint("الطبيب", ("the doctor",), (4, 10), "الطبيب")
    ]


def test_every_span_cuts_the_term_out_of_its_text() -> None:
    text = "Ein 🙂 Arzt, das Rotes Kreuz; Tabletten 北京!"
    pairs = (("Arzt", "d"), ("Rotes Kreuz", "r"), ("Tablette", "t"), ("北京", "b"))
    found = find(text, *pairs)
    assert [text[slice(*hint.span)] for hint in found] == ["Arzt", "Rotes Kreuz", "Tabletten", "北京"]
    assert [hint.term for hint in found] == ["Arzt", "Rotes Kreuz", "Tabletten", "北京"]


def test_each_text_of_a_batch_gets_its_own_hints() -> None:
    source = DictionaryHints(Dictionary.from_pairs([("Arzt", "doctor"), ("Haus", "house")], "de", "en"))
    found = source.hints(["Arzt", "", "Haus Arzt", "nichts"])
    assert [[hint.term for hint in hints] for hints in found] == [["Arzt"], [], ["Haus", "Arzt"], []]


def test_an_empty_dictionary_finds_nothing() -> None:
    assert find("Der Arzt") == []


def test_a_frequent_word_gets_no_hint_in_any_case() -> None:
    frequent = frozenset({"haus"})
    assert terms("Haus HAUS Arzt", ("Haus", "house"), ("Arzt", "doctor"), frequent=frequent) == ["Arzt"]


def test_an_acronym_is_never_a_frequent_word() -> None:
    frequent = frozenset({"it", "us"})
    assert terms("the IT of the US", ("IT", "x"), ("US", "y"), language="en", frequent=frequent) == [
        "IT",
        "US",
    ]


def test_the_pool_orders_translations_of_the_same_weight_only() -> None:
    entries = [
        Entry("Bank", "bench", 0.9),
        Entry("Bank", "bank", 0.5),
        Entry("Bank", "shore", 0.5),
        Entry("Bank", "row", 0.5),
    ]
    likely = {"bench": 0.0, "bank": 0.1, "shore": 0.7, "row": None}
    dictionary = Dictionary.from_entries(entries, "de", "en")
    source = DictionaryHints(dictionary, probability=lambda _term, translation: likely[translation])
    ((hint,),) = source.hints(["Bank"])
    assert hint.translations == ("bench", "shore", "bank", "row")
    assert dictionary.has_ties
    assert not Dictionary.from_entries(entries[:2], "de", "en").has_ties


def test_a_term_of_several_words_is_hinted_though_its_words_are_frequent() -> None:
    frequent = frozenset({"rotes", "kreuz"})
    assert terms("Rotes Kreuz", ("Rotes Kreuz", "Red Cross"), frequent=frequent) == ["Rotes Kreuz"]


@pytest.mark.parametrize(
    ("text", "pair", "language", "found"),
    [
        ("ذهب الطبيب", ("\u200f الطبيب", "the doctor"), "ar", ["الطبيب"]),
        ("ذهب \u200fالطبيب", ("الطبيب", "the doctor"), "ar", ["الطبيب"]),
        ("the st\u00adart", ("art", "Kunst"), "en", []),
        ("die Daten\u00adbank", ("Daten", "data"), "de", []),
        ("die Daten\u00adbank", ("Datenbank", "database"), "de", ["Daten\u00adbank"]),
        ("die Datenbank", ("Daten\u00adbank", "database"), "de", ["Datenbank"]),
        ("\ufeffeine E\u2011Mail", ("E-Mail", "email"), "de", ["E\u2011Mail"]),
        ("eine E-Mail", ("E\u2010Mail", "email"), "de", ["E-Mail"]),
        ("我住\u200b在\u200b北京。", ("北京", "Beijing"), "zh", ["北京"]),
    ],
)
def test_what_is_not_seen_matters_neither_in_text_nor_in_term(
    text: str, pair: tuple[str, str], language: str, found: list[str]
) -> None:
    hints = find(text, pair, language=language)
    assert [hint.term for hint in hints] == found
    assert [text[slice(*hint.span)] for hint in hints] == found


def test_a_frequent_word_is_frequent_with_a_soft_hyphen_too() -> None:
    assert terms("die Daten\u00adbank", ("Datenbank", "database"), frequent=frozenset({"datenbank"})) == []


def test_a_term_of_which_nothing_is_seen_is_no_term() -> None:
    assert len(Dictionary.from_pairs([("\u200f", "x"), ("Arzt\u200f", "a"), ("Arzt", "b")], "de", "en")) == 1


def test_in_a_script_without_spaces_a_term_is_frequent_as_a_whole() -> None:
    pairs = (("我们", "we"), ("医生", "doctor"))
    assert terms("你的医生和我们", *pairs, language="zh", frequent=frozenset({"我们"})) == ["医生"]
    assert terms("我们", *pairs, language="zh", frequent=frozenset("我们")) == ["我们"]
