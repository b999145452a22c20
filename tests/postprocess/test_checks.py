"""Each flag: what raises it and what does not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mtprompt.postprocess.checks import badness, check
from mtprompt.segments import Generation, Usage


def flags(
    source: str, text: str, finish_reason: str = "stop", languages: tuple[str, str] | None = None
) -> tuple[str, ...]:
    return check(source, text, Generation(text, finish_reason, Usage(1, 1, 0.0)), languages)


def test_a_good_translation_has_no_flag() -> None:
    assert flags("Der Arzt kommt morgen früh.", "The doctor comes tomorrow morning.") == ()


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_nothing_for_a_source_with_text_is_empty(text: str) -> None:
    assert flags("Der Arzt kommt.", text) == ("empty",)


@pytest.mark.parametrize("text", ["0", ".", "\u200b"])
def test_a_single_character_is_not_empty(text: str) -> None:
    assert "empty" not in flags("Der Arzt kommt.", text)


@pytest.mark.parametrize(
    "text", ["Der Arzt kommt.", "der arzt KOMMT.", " Der  Arzt kommt. ", "Der\u00a0Arzt kommt."]
)
def test_a_source_of_three_words_that_comes_back_is_copied(text: str) -> None:
    assert flags("Der Arzt kommt.", text) == ("source_copied",)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Windows 11", "Windows 11"),  # a name may stay as it is
        ("OK", "OK"),
        ("...", "..."),
        ("Der Arzt kommt.", "Der Arzt kommt"),
        ("Der Arzt kommt.", "Die Ärztin kommt."),
        ("Der Arzt kommt.", "The Arzt kommt."),
    ],
)
def test_a_short_or_changed_source_is_not_copied(source: str, text: str) -> None:
    assert flags(source, text) == ()


@pytest.mark.parametrize(
    "source",
    [
        "https://www.example.com/a",
        "info@example.org",
        "192.168.0.1",
        "31.12.2020",
        "LibreOffice 7.2.1",
        "Windows 11 24H2 (22631.3007)",
        "%s: %d / %d",
        "{count} / {total} <b>{name}</b>",
        "PROMT: https://www.example.com/docs/de/index.html",
    ],
)
def test_what_must_be_copied_is_no_copy(source: str) -> None:
    assert flags(source, source, languages=("de", "en")) == ()


@pytest.mark.parametrize(
    "source",
    ["Siehe auch unter https://example.org", "你好，我在3点到", "Nehmen Sie bitte 5 mg.", "ab/an/aus"],
)
def test_words_beside_what_must_be_copied_are_a_copy(source: str) -> None:
    assert "source_copied" in flags(source, source)


@pytest.mark.parametrize(
    ("source", "length", "raised"),
    [
        ("x" * 100, 300, False),
        ("x" * 100, 301, True),
        ("x" * 20, 60, False),
        ("x" * 20, 61, True),
        ("x" * 10, 50, False),  # below 20 characters: 40 more
        ("x" * 10, 51, True),
        ("x", 41, False),
        ("x", 42, True),
        ("北" * 10, 90, False),  # ten ideographs count as thirty
        ("北" * 10, 91, True),
    ],
)
def test_three_times_the_source_and_forty_characters_more_is_over_length(
    source: str, length: int, raised: bool
) -> None:
    assert flags(source, "y" * length) == (("over_length",) if raised else ())


def test_chinese_and_japanese_answers_are_measured_by_three() -> None:
    assert flags("x" * 20, "北京かなカナ" * 3 + "北京") == ()  # 20 characters count as 60
    assert flags("x" * 20, "北京かなカナ" * 3 + "北京市") == ("over_length",)


def test_an_answer_that_the_limit_cut_is_truncated() -> None:
    assert flags("Der Arzt kommt.", "The doctor", "length") == ("truncated",)
    assert flags("Der Arzt kommt.", "The doctor", "stop") == ()


@pytest.mark.parametrize(
    "text",
    [
        "no no no no",
        "No no, NO. no",
        "and so on and so on and so on and so on",
        "first a b a b a b a b last",
        "one two three four five six seven eight " * 4,
        "好好好好",
        "“no no no no”",
        "nein, nein, nein, nein – größer",
        "да да да да",
        "और और और और",
        "no-no-no-no",
        "4, 4, 4, 4",
    ],
)
def test_one_to_eight_words_four_times_in_a_row_are_a_repetition(text: str) -> None:
    assert "repetition" in flags("x" * 200, text)


@pytest.mark.parametrize(
    "text",
    [
        "no no no",
        "no no no nope",
        "and so on and so on and so on",
        "no yes no yes no maybe no yes",
        "one two three four five six seven eight nine " * 4,
        "nononono",
        "ähnlich ähnlich ähnlich ähnliche",
        "किताब की किताबों का किताबी कीड़ा",
        "",
    ],
)
def test_less_than_that_is_no_repetition(text: str) -> None:
    assert "repetition" not in flags("x" * 200, text)


def test_a_source_that_repeats_may_be_translated_so() -> None:
    assert flags("nein nein nein nein", "no no no no") == ()
    assert flags("ja ja ja ja ja", "yes yes yes yes yes") == ()


def test_short_texts_raise_no_flag() -> None:
    for source, text in [("Ja", "Yes"), ("5", "5"), ("OK", "OK"), ("–", "–"), ("Öl", "Oil"), ("北", "North")]:
        assert flags(source, text) == ()


def test_several_flags_stand_side_by_side() -> None:
    assert flags("Hallo", "hello " * 20, "length") == ("over_length", "truncated", "repetition")
    assert flags("Hallo", "", "length") == ("empty", "truncated")


def test_an_answer_of_a_megabyte_is_checked_in_no_time() -> None:
    assert flags("Hallo", "x" * 1_000_000) == ("over_length",)
    assert flags("Hallo", "a b " * 250_000) == ("over_length", "repetition")


def test_a_copy_is_not_called_a_wrong_language_too() -> None:
    source = "Bitte speichern Sie alle Dateien, bevor Sie den Computer neu starten."
    assert flags(source, source, languages=("de", "en")) == ("source_copied",)


def test_the_wrong_script_raises_a_flag_and_without_languages_none() -> None:
    text = "Врач придёт завтра утром."
    assert flags("Der Arzt kommt morgen früh.", text, languages=("de", "en")) == ("wrong_language",)
    assert flags("Der Arzt kommt morgen früh.", text) == ()


def test_what_must_be_carried_over_is_checked() -> None:
    assert flags("%s: <b>4711</b> auf https://example.org", "nothing at all, then") == (
        "lost_url",
        "lost_tag",
        "lost_placeholder",
        "lost_number",
    )


def test_an_empty_translation_is_only_empty() -> None:
    assert flags("Zeile 4711 {name} <b>", "") == ("empty",)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ((), ("lost_number",)),
        (("lost_number",), ("lost_tag",)),
        (("lost_number", "lost_tag"), ("truncated",)),
        (("lost_number", "lost_tag", "lost_url", "lost_placeholder"), ("truncated",)),
        (("truncated", "over_length"), ("repetition",)),
        (("truncated",), ("truncated", "lost_number")),
        (("source_copied",), ("empty",)),
        (("wrong_language", "repetition", "truncated"), ("empty",)),
        (("source_copied",), ("over_budget",)),
    ],
)
def test_fewer_and_milder_flags_are_better(better: tuple[str, ...], worse: tuple[str, ...]) -> None:
    assert badness(better) < badness(worse)


def test_a_copied_exact_match_is_nothing_bad() -> None:
    assert badness(["exact_match"]) == badness([]) == 0


def test_every_flag_has_its_place_in_the_order_and_in_the_documentation() -> None:
    written = (Path(__file__).parents[2] / "docs" / "flags.md").read_text(encoding="utf-8")
    documented = {line.split("`")[1] for line in written.splitlines() if line.startswith("| `")}
    assert documented == {
        *("empty", "source_copied", "wrong_language", "over_length", "truncated", "repetition"),
        *("lost_placeholder", "lost_tag", "lost_url", "lost_number"),
        *("over_budget", "no_answer", "exact_match", "missing_term"),
    }
    assert all(badness([name]) >= 0 for name in documented)


@pytest.mark.parametrize(
    "unit", ["x", "a b ", "1,", "12 345 ", "%0", "{", "<b", "a@", "http://", "中", "中文 ", "$a"]
)
def test_a_megabyte_of_anything_is_checked_in_linear_time(unit: str) -> None:
    source = 'Die "Datei" {name} %s $VAR <b>1.000,5</b> &amp; http://example.org a@example.org'

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        flags(source, text, languages=("de", "en"))
        return time.process_time() - start

    seconds(1000)  # patterns and the identifier are loaded once
    assert seconds(1_000_000) < 20 * max(seconds(100_000), 0.01)
