"""Cleaning: each rule on entries made up for it, and what must come through untouched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.dictionary.clean import Marks, cleaned
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats import article, ding

DE_EN = ("de", "en")


def pairs(
    term: str, translation: str, marks: Marks, languages: tuple[str, str] = DE_EN
) -> list[tuple[str, str]]:
    return [entry[:2] for entry in cleaned(Entry(term, translation), marks, languages)]


def from_ding(term: str, translation: str) -> list[tuple[str, str]]:
    return pairs(term, translation, ding.MARKS)


def from_dictd(term: str, translation: str, languages: tuple[str, str] = DE_EN) -> list[tuple[str, str]]:
    return pairs(term, translation, article.MARKS, languages)


def test_rule_1_unicode_is_composed_and_white_space_is_one_space() -> None:
    assert from_ding("  A\u0308rztin \u00a0 im\u2003Haus", "a\n b") == [("Ärztin im Haus", "a b")]


def test_rule_1_typographic_hyphens_and_the_dutch_ligature_are_what_a_text_has() -> None:
    assert from_dictd("wĳn", "e‐mail, e‑mail", ("nl", "en")) == [("wijn", "e-mail")] * 2


def test_rule_2_each_synonym_goes_with_each_translation_in_the_files_order() -> None:
    assert from_ding("Auto; Wagen", "car; motor car") == [
        ("Auto", "car"),
        ("Auto", "motor car"),
        ("Wagen", "car"),
        ("Wagen", "motor car"),
    ]


def test_rule_2_a_comma_parts_translations_only_where_the_format_lists_them_so() -> None:
    assert from_ding("Rumpelstadt", "Rumple, Town") == [("Rumpelstadt", "Rumple, Town")]
    assert from_dictd("Rumpel", "rumple, 1,000 crumples") == [
        ("Rumpel", "rumple"),
        ("Rumpel", "1,000 crumples"),
    ]
    assert from_dictd("水", "eau、flots；onde", ("zh", "fr")) == [
        ("水", "eau"),
        ("水", "flots"),
        ("水", "onde"),
    ]


def test_rule_2_nothing_is_parted_within_brackets() -> None:
    assert from_ding("Griff (Tür; Tor)", "handle (door, gate; lid)") == [("Griff", "handle")]


def test_rule_2_a_term_with_a_comma_has_translations_with_commas() -> None:
    assert from_dictd("je mehr, desto besser", "the more, the better") == [
        ("je mehr, desto besser", "the more, the better")
    ]
    assert from_dictd("je mehr, desto besser", "the more, the better <adv>, more, please <adv>") == [
        ("je mehr, desto besser", "the more, the better"),
        ("je mehr, desto besser", "more, please"),
    ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Rechnerkern /RK/", "Rechnerkern"),
        ("Rechnerkern /RK/ {m}", "Rechnerkern"),
        ("/ɐ bˈɪt/ Rechnerkern", "Rechnerkern"),
        ("und/oder", "und/oder"),  # a slash within a word
    ],
)
def test_rule_3_what_stands_apart_between_slashes_goes(text: str, left: str) -> None:
    assert from_ding(text, "core") == [(left, "core")]


def test_rule_4_grammar_marks_are_the_part_of_speech() -> None:
    (entry,) = cleaned(Entry("Rad {n}", "wheel"), ding.MARKS, DE_EN)
    assert entry == Entry("Rad", "wheel", pos="n")
    (entry,) = cleaned(Entry("Rad <n, neut>", "wheel <n>"), article.MARKS, DE_EN)
    assert entry == Entry("Rad", "wheel", pos="n, neut")
    (entry,) = cleaned(Entry("wheel", "Rad {n}"), ding.MARKS, ("en", "de"))
    assert entry == Entry("wheel", "Rad", pos="n")


def test_rule_4_the_last_synonyms_mark_is_shared_by_those_before_it_without_one() -> None:
    found = cleaned(Entry("flink; rasch; Eile {f}; schnell {adj}", "quick"), ding.MARKS, DE_EN)
    assert [(entry.term, entry.pos) for entry in found] == [
        ("flink", "adj"),
        ("rasch", "adj"),
        ("Eile", "f"),
        ("schnell", "adj"),
    ]


def test_rule_4_inflected_forms_in_braces_are_no_part_of_speech() -> None:
    (entry,) = cleaned(Entry("gehen", "to go {went; gone}"), ding.MARKS, DE_EN)
    assert entry == Entry("gehen", "go")


def test_rule_5_other_spellings_and_cross_references_go() -> None:
    assert from_ding("Rad <Raad>", "wheel <weel>; to wind up <> sth.") == [
        ("Rad", "wheel"),
        ("Rad", "wind up"),
    ]
    assert from_dictd("gari (pl: {magari})", "car {see car}", ("sw", "en")) == [("gari", "car")]


def test_rule_6_what_stands_in_brackets_is_a_note() -> None:
    (entry,) = cleaned(Entry("Rad (am Wagen) [techn.]", "(round) wheel [Br.]"), ding.MARKS, DE_EN)
    assert entry == Entry("Rad", "wheel", note="am Wagen; techn.; round; Br.")


def test_rule_6_brackets_within_brackets_are_notes_too() -> None:
    (entry,) = cleaned(Entry("Rad (am Wagen (alt))", "wheel"), ding.MARKS, DE_EN)
    assert (entry.term, entry.note) == ("Rad", "alt; am Wagen")


@pytest.mark.parametrize("term", ["Zelle(n)", "(un)fair", "Kupfer(II)-salz", "f(x)", "Vater('s)"])
def test_rule_6_a_bracket_that_touches_the_word_belongs_to_it(term: str) -> None:
    assert from_ding(term, "x") == [(term, "x")]


def test_rule_6_full_width_brackets_are_notes_though_they_touch() -> None:
    (entry,) = cleaned(Entry("water", "水（喝的）"), article.MARKS, ("en", "zh"))
    assert entry == Entry("water", "水", note="喝的")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("etw. biegen", "biegen"),
        ("jdm. etw. geben", "geben"),
        ("jdn./etw. biegen", "biegen"),
        ("Rat von jdm. holen", "Rat von jemandem holen"),
        ("sich um jds. Rad sorgen", "sich um jemandes Rad sorgen"),
        ("etw.", "etwas"),
        ("etwas biegen", "etwas biegen"),
    ],
)
def test_rule_7_german_placeholders_go_at_the_ends_and_are_written_out_elsewhere(
    text: str, left: str
) -> None:
    assert from_ding(text, "x") == [(left, "x")]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bend sb./sth.", "bend"),
        ("bring sb. back", "bring someone back"),
        ("turn sb.'s head", "turn someone's head"),
        ("make sth. of sth.", "make something of"),
        ("sth.", "something"),
    ],
)
def test_rule_7_english_placeholders_likewise(text: str, left: str) -> None:
    assert from_ding("x", text) == [("x", left)]


def test_rule_8_an_ellipsis_goes_where_it_stands_apart_at_an_end() -> None:
    assert from_ding("… und weg", "and gone ...") == [("und weg", "and gone")]


@pytest.mark.parametrize(
    ("term", "translation", "left"),
    [
        ("biegen {vt}", "to bend", "bend"),
        ("weit weg sein", "to be far away", "be far away"),
        ("einig sein {v}", "to one another", "one another"),  # a verb says the mark
        ("links", "to the left", "to the left"),
        ("bisher", "to date", "to date"),
        ("nach Maß {adv}", "to measure", "to measure"),  # no verb says the mark
        ("morgen", "tomorrow", "tomorrow"),
    ],
)
def test_rule_9_an_english_verb_loses_its_to(term: str, translation: str, left: str) -> None:
    assert [translation for _, translation in from_ding(term, translation)] == [left]


def test_rule_9_holds_for_the_english_side_alone() -> None:
    assert pairs("to bend", "biegen", ding.MARKS, ("en", "de")) == [("bend", "biegen")]
    assert pairs("to bend", "to bend", ding.MARKS, ("en-GB", "da")) == [("bend", "to bend")]


@pytest.mark.parametrize(
    "left_out",
    [
        "",
        "(am Wagen)",
        "--",
        "auf … fahren",
        "Räder…",
        "-stellig",
        "Rad-",
        "zum ~",
        "ob + Verb",
        "Hauptort: Radstadt",
        "Rad (am Wagen",
        "Rad am Wagen)",
        "das Rad/Ross drehen",
        "ein Rad / Ross drehen",
        "jdm./einer Sache zusehen",
        "Rad/",
        "Das ist rund.",
        "„Das ist rund!“",
        "这 个 轮。",
        "ein Ding von runder Form an einem Wagen",
    ],
)
def test_rule_10_what_could_not_be_used_as_it_stands_is_left_out(left_out: str) -> None:
    assert from_ding("Rad", left_out) == []
    assert from_ding("Rad", f"wheel; {left_out}")[:1] == [("Rad", "wheel")]


@pytest.mark.parametrize(
    "kept",
    [
        "TCP/IP address",
        "24/7 service",
        "I/O port",
        "und/oder",
        "U.S.",
        "z. B.",
        "Halt!",
        "C++",
        "-1 °C",
        "E-Mail",
    ],
)
def test_rule_10_abbreviations_numbers_and_short_calls_are_kept(kept: str) -> None:
    assert from_ding(kept, "x") == [(kept, "x")]


def test_rule_10_a_translation_may_be_as_long_as_its_term_and_six_words_more() -> None:
    assert from_ding("Rad", "a b c d e f g") == [("Rad", "a b c d e f g")]
    assert from_ding("Rad", "a b c d e f g h") == []


@pytest.mark.parametrize(
    "term", ["der Wagen", "das A und O", "sich drehen", "a.*b", "שלום", "خوش آمدید", "東京"]
)
def test_articles_and_words_of_any_script_come_through(term: str) -> None:
    assert from_ding(term, "x") == [(term, "x")]


def test_a_term_may_translate_as_itself_and_have_a_thousand_senses() -> None:
    assert from_ding("Radio", "Radio") == [("Radio", "Radio")]
    assert len(from_ding("Rad", "; ".join(f"wheel {n}" for n in range(1000)))) == 1000


@given(st.text(), st.text(), st.sampled_from([ding.MARKS, article.MARKS]))
def test_whatever_stands_in_the_fields_what_comes_out_is_plain(
    term: str, translation: str, marks: Marks
) -> None:
    for entry in cleaned(Entry(term, translation), marks, DE_EN):
        for text in entry[:2]:
            assert text == " ".join(text.split())
            assert any(map(str.isalnum, text))
            assert "…" not in text


words = st.lists(st.text("abzäö水ш", min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)


@given(st.lists(words, min_size=1, max_size=4), st.lists(words, min_size=1, max_size=4))
def test_plain_words_come_through_as_they_are(terms: list[str], translations: list[str]) -> None:
    assert from_ding("; ".join(terms), "; ".join(translations)) == [
        (term, translation) for term in terms for translation in translations
    ]
