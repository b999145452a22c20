"""Terms that must be translated as a terminology says: checked, tried again, flagged, never edited."""

from __future__ import annotations

from typing import Any

import pytest

from mtprompt import Dictionary, Translator
from mtprompt.errors import ConfigError
from mtprompt.generation.scripted import ScriptedBackend

TERMS = Dictionary.from_pairs(
    [("Tabelle", "table"), ("Tabelle", "spreadsheet"), ("Zelle", "cell"), ("IT", "IT")], "de", "en"
)
SOURCE = "Die Tabelle hat zwei Zellen."


def translate(*answers: str, source: str = SOURCE, **options: Any) -> tuple[Any, list[str]]:
    """The translation by a model that gives these answers in turn, and the prompts that it saw."""
    left = list(answers)
    backend = ScriptedBackend(lambda _prompt: left.pop(0))
    options = {"require": TERMS, "store": None, **options}
    (result,) = Translator(backend, "de", "en", **options).translate([source])
    return result, backend.asked


def test_a_translation_with_all_required_terms_is_kept() -> None:
    result, asked = translate("The table has two cells.")  # inflected: cell, cells
    assert (result.text, result.flags, len(asked), result.tries) == ("The table has two cells.", (), 1, 1)
    assert [(hint.term, hint.origin, hint.translations) for hint in result.required] == [
        ("Tabelle", "Tabelle", ("table", "spreadsheet")),
        ("Zellen", "Zelle", ("cell",)),
    ]


def test_any_listed_translation_will_do() -> None:
    result, _ = translate("The spreadsheet has two cells.")
    assert result.flags == ()


def test_a_miss_is_tried_again_with_a_stronger_wording() -> None:
    result, asked = translate("The table has two boxes.", "The table has two cells.")
    assert (result.text, result.flags, result.tries) == ("The table has two cells.", (), 2)
    # required terms are hints from the start, in the default style as entries with the best translation
    head = "German: Tabelle\nEnglish: table\n\nGerman: Zelle\nEnglish: cell\n\n"
    assert asked[0] == f"{head}German: {SOURCE}\nEnglish:"
    assert asked[1] == (
        f"{head}German: Zelle\nEnglish: cell\n\n"
        'The English translation of the next text must use "cell" for "Zellen".\n'
        f"German: {SOURCE}\nEnglish:"
    )


def test_the_cost_of_both_tries_is_counted() -> None:
    result, asked = translate("The table has two boxes.", "The table has two cells.")
    assert result.usage.prompt_tokens == sum(len(prompt.split()) for prompt in asked)
    assert result.usage.completion_tokens == 10


def test_what_misses_again_is_flagged_and_not_edited() -> None:
    result, asked = translate("The table has two boxes.", "The chart has two boxes.")
    assert (result.text, result.flags, len(asked)) == ("The table has two boxes.", ("missing_term",), 2)


def test_a_second_try_that_is_better_but_not_perfect_is_kept_and_flagged() -> None:
    result, _ = translate("The chart has two boxes.", "The table has two boxes.")
    assert (result.text, result.flags) == ("The table has two boxes.", ("missing_term",))


def test_the_case_of_an_acronym_counts() -> None:
    result, asked = translate("Ask it.", "Ask IT.", source="Fragen Sie die IT.")
    assert (result.text, result.flags, len(asked)) == ("Ask IT.", (), 2)


def test_a_word_that_merely_looks_related_requires_nothing() -> None:
    related = Dictionary.from_pairs(
        [("Universum", "universe"), ("Speicher", "memory"), ("Zeit", "time")], "de", "en"
    )
    result, asked = translate("Anything.", source="Die Universität hat Speicherzeit.", require=related)
    assert (result.required, result.flags, len(asked)) == ((), (), 1)


def test_what_a_second_prompt_demands_counts_as_the_cost_of_hints() -> None:
    result, _ = translate("The table has two boxes.", "The table has two cells.")
    bare = len(f"German: {SOURCE}\nEnglish:".split())
    assert result.prompt.hint_tokens == result.prompt.tokens - bare


def test_a_text_without_required_terms_is_not_tried_again() -> None:
    result, asked = translate("Anything.", source="Guten Tag")
    assert (result.required, result.flags, len(asked)) == ((), (), 1)


def test_without_hints_the_terms_are_checked_all_the_same() -> None:
    result, asked = translate("The table has two boxes.", "The table has two cells.", hints="none")
    assert asked[0] == f"German: {SOURCE}\nEnglish:"
    assert result.flags == ()


@pytest.mark.parametrize("style", ["inline", "glossary", "chain"])
def test_a_required_term_takes_the_place_of_a_dictionarys_hint(style: str) -> None:
    dictionary = Dictionary.from_pairs([("Tabelle", "chart"), ("zwei", "two")], "de", "en")
    result, asked = translate("The table has two cells.", dictionary=dictionary, hints=style)
    assert "chart" not in asked[0] and "table" in asked[0]
    assert [(hint.term, hint.translations[0]) for hint in result.hints] == [
        ("Tabelle", "table"),
        ("zwei", "two"),
        ("Zellen", "cell"),
    ]


def test_tries_of_several_segments_come_back_to_their_own() -> None:
    answers = {"Tabelle": "a chart", "Zelle": "a cell", "Haus": "a house"}
    again = {"Tabelle": "a table"}

    def answer(prompt: str) -> str:
        query = prompt.removesuffix("\nEnglish:").rsplit("German: ", 1)[1]
        return again[query] if "must use" in prompt else answers[query]

    subject = Translator(ScriptedBackend(answer), "de", "en", require=TERMS, store=None)
    results = subject.translate(["Haus", "Tabelle", "Zelle", "Tabelle"])
    assert [result.text for result in results] == ["a house", "a table", "a cell", "a table"]


def test_a_terminology_of_other_languages_is_refused() -> None:
    wrong = Dictionary.from_pairs([("table", "Tabelle")], "en", "de")
    with pytest.raises(ConfigError, match="the terminology is en-de, the translation de-en"):
        Translator(ScriptedBackend(), "de", "en", require=wrong, store=None)
