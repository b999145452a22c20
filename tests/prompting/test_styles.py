"""Every prompt style byte for byte."""

from __future__ import annotations

import pytest

from mtprompt.prompting.styles import STYLES, Block, Languages, insisting
from mtprompt.segments import Hint
from mtprompt.text.languages import language_name

LANGUAGES = Languages("German", "English")
DOCTOR = Hint("Arzt", ("doctor", "physician"), (4, 8), "Arzt")
TABLETS = Hint("Tabletten", ("tablet",), (0, 9), "Tablette")
HOUSE = Hint("Hauses", ("house",), (0, 6), "Haus")

BARE = [Block("Guten Tag.", None)]
WITH_EXAMPLES = [Block("Ja.", "Yes."), Block("Nein.", "No."), Block("Guten Tag.", None)]
WITH_HINTS = [Block("Der Arzt gibt Tabletten.", None, (DOCTOR, TABLETS))]
WITH_BOTH = [
    Block("des Hauses", "of the house", (HOUSE,)),
    Block("Nein.", "No."),
    Block("Der Arzt gibt Tabletten.", None, (DOCTOR, TABLETS)),
]


def prompt(style: str, blocks: list[Block]) -> str:
    return STYLES[style].wording(blocks, LANGUAGES)


@pytest.mark.parametrize("style", ["none", "glossary", "entries"])
def test_without_hints_the_prompt_is_the_base_prompt(style: str) -> None:
    assert prompt(style, BARE) == "German: Guten Tag.\nEnglish:"
    assert prompt(style, WITH_EXAMPLES) == (
        "German: Ja.\nEnglish: Yes.\n\nGerman: Nein.\nEnglish: No.\n\nGerman: Guten Tag.\nEnglish:"
    )


def test_none_writes_no_hint() -> None:
    assert prompt("none", WITH_BOTH) == (
        "German: des Hauses\nEnglish: of the house\n\n"
        "German: Nein.\nEnglish: No.\n\n"
        "German: Der Arzt gibt Tabletten.\nEnglish:"
    )


def test_inline_without_hints_has_no_middle_line() -> None:
    assert prompt("inline", BARE) == (
        "Translate the following sentence to English: Guten Tag.\nThe full translation to English is:"
    )
    assert prompt("inline", WITH_EXAMPLES) == (
        "Translate the following sentence to English: Ja.\nThe full translation to English is: Yes.\n\n"
        "Translate the following sentence to English: Nein.\nThe full translation to English is: No.\n\n"
        "Translate the following sentence to English: Guten Tag.\nThe full translation to English is:"
    )


def test_inline_gives_the_words_as_they_stand_in_the_text() -> None:
    assert prompt("inline", WITH_HINTS) == (
        "Translate the following sentence to English: Der Arzt gibt Tabletten.\n"
        'In this context, the word "Arzt" means "doctor", "physician"; the word "Tabletten" means "tablet".\n'
        "The full translation to English is:"
    )


def test_inline_gives_hints_in_the_examples_as_well() -> None:
    assert prompt("inline", WITH_BOTH) == (
        "Translate the following sentence to English: des Hauses\n"
        'In this context, the word "Hauses" means "house".\n'
        "The full translation to English is: of the house\n\n"
        "Translate the following sentence to English: Nein.\n"
        "The full translation to English is: No.\n\n"
        "Translate the following sentence to English: Der Arzt gibt Tabletten.\n"
        'In this context, the word "Arzt" means "doctor", "physician"; the word "Tabletten" means "tablet".\n'
        "The full translation to English is:"
    )


def test_glossary_writes_a_line_before_each_text_that_has_hints() -> None:
    assert prompt("glossary", WITH_HINTS) == (
        "Glossary: Arzt = doctor, physician; Tabletten = tablet\nGerman: Der Arzt gibt Tabletten.\nEnglish:"
    )
    assert prompt("glossary", WITH_BOTH) == (
        "Glossary: Hauses = house\nGerman: des Hauses\nEnglish: of the house\n\n"
        "German: Nein.\nEnglish: No.\n\n"
        "Glossary: Arzt = doctor, physician; Tabletten = tablet\n"
        "German: Der Arzt gibt Tabletten.\nEnglish:"
    )


def test_entries_writes_each_headword_as_a_tiny_example_before_the_examples() -> None:
    assert prompt("entries", WITH_HINTS) == (
        "German: Arzt\nEnglish: doctor\n\n"
        "German: Arzt\nEnglish: physician\n\n"
        "German: Tablette\nEnglish: tablet\n\n"
        "German: Der Arzt gibt Tabletten.\nEnglish:"
    )
    assert prompt("entries", WITH_BOTH) == (
        "German: Haus\nEnglish: house\n\n"
        "German: Arzt\nEnglish: doctor\n\n"
        "German: Arzt\nEnglish: physician\n\n"
        "German: Tablette\nEnglish: tablet\n\n"
        "German: des Hauses\nEnglish: of the house\n\n"
        "German: Nein.\nEnglish: No.\n\n"
        "German: Der Arzt gibt Tabletten.\nEnglish:"
    )


def test_entries_writes_a_term_of_two_texts_once() -> None:
    blocks = [Block("Arzt!", "Doctor!", (DOCTOR,)), Block("Ein Arzt?", None, (DOCTOR,))]
    assert prompt("entries", blocks) == (
        "German: Arzt\nEnglish: doctor\n\nGerman: Arzt\nEnglish: physician\n\n"
        "German: Arzt!\nEnglish: Doctor!\n\nGerman: Ein Arzt?\nEnglish:"
    )


@pytest.mark.parametrize(
    "text", ["eins\nzwei", "eins\r\nzwei", "\n eins \n\n zwei\n", "eins\vzwei", "eins\f\rzwei"]
)
def test_each_text_stays_on_one_line_though_it_holds_line_breaks(text: str) -> None:
    blocks = [Block(text, text), Block(text, None)]
    assert prompt("none", blocks) == "German: eins zwei\nEnglish: eins zwei\n\nGerman: eins zwei\nEnglish:"
    assert prompt("inline", blocks) == (
        "Translate the following sentence to English: eins zwei\n"
        "The full translation to English is: eins zwei\n\n"
        "Translate the following sentence to English: eins zwei\n"
        "The full translation to English is:"
    )


def test_a_term_found_across_a_line_break_stays_on_one_line() -> None:
    broken = Hint("Rotes\nKreuz", ("Red Cross",), (0, 11), "Rotes Kreuz")
    blocks = [Block("Rotes\nKreuz", None, (broken,))]
    assert prompt("inline", blocks) == (
        "Translate the following sentence to English: Rotes Kreuz\n"
        'In this context, the word "Rotes Kreuz" means "Red Cross".\n'
        "The full translation to English is:"
    )
    assert prompt("glossary", blocks) == ("Glossary: Rotes Kreuz = Red Cross\nGerman: Rotes Kreuz\nEnglish:")
    assert (
        prompt("entries", blocks)
        == "German: Rotes Kreuz\nEnglish: Red Cross\n\nGerman: Rotes Kreuz\nEnglish:"
    )


def test_separators_that_end_no_line_of_a_file_stay_in_the_text() -> None:
    assert prompt("none", [Block("eins\u2028zwei\x85drei\tvier", None)]) == (
        "German: eins\u2028zwei\x85drei\tvier\nEnglish:"
    )


@pytest.mark.parametrize("text", ["{source}", "{{ source }}", "%s", "</s>", '"', "\\n", "German: x"])
def test_marks_of_template_languages_in_a_text_mean_themselves(text: str) -> None:
    assert prompt("none", [Block(text, None)]) == f"German: {text}\nEnglish:"


def test_the_styles_defaults_are_those_that_the_documentation_gives() -> None:
    assert {name: (style.max_translations, style.in_examples) for name, style in STYLES.items()} == {
        "none": (0, "never"),
        "inline": (3, "always"),
        "glossary": (3, "always"),
        "entries": (1, "never"),
        "chain": (1, "always"),
    }


def test_chain_links_the_translation_and_those_in_auxiliary_languages_before_each_text() -> None:
    blocks = [
        Block("Das Haus", "The house", (Hint("Haus", ("house",), (4, 8), "Haus", ("maison", "casa")),)),
        Block("Die Tür", "The door"),
        Block(
            "zwei Türen",
            None,
            (
                Hint("zwei", ("two",), (0, 4), "zwei"),
                Hint("Türen", ("door", "gate"), (5, 10), "Tür", ("porte",)),
            ),
        ),
    ]
    assert prompt("chain", blocks) == (
        '"Haus" means "house" means "maison" means "casa".\n'
        "German: Das Haus\nEnglish: The house\n\n"
        "German: Die Tür\nEnglish: The door\n\n"
        '"zwei" means "two".\n'
        '"Türen" means "door" means "gate" means "porte".\n'
        "German: zwei Türen\nEnglish:"
    )


OTHERS = [
    ("en", "de", "English", "German", "two doctors", "doctors", "Arzt"),
    ("cs", "en", "Czech", "English", "vidím kočku", "kočku", "cat"),
    ("en", "sw", "English", "Swahili", "the virus spreads", "virus", "virusi"),
    ("zh", "en", "Chinese", "English", "我住在北京", "北京", "Beijing"),
    ("ja", "en", "Japanese", "English", "東京へ行く", "東京", "Tokyo"),
]


@pytest.mark.parametrize(("source", "target", "source_name", "target_name", "text", "term", "said"), OTHERS)
def test_every_style_in_other_languages(
    source: str, target: str, source_name: str, target_name: str, text: str, term: str, said: str
) -> None:
    languages = Languages(language_name(source), language_name(target))
    at = text.index(term)
    block = Block(text, None, (Hint(term, (said,), (at, at + len(term)), term),))
    query = f"{source_name}: {text}\n{target_name}:"
    written = {name: style.wording([block], languages) for name, style in STYLES.items()}
    assert written == {
        "none": query,
        "inline": (
            f"Translate the following sentence to {target_name}: {text}\n"
            f'In this context, the word "{term}" means "{said}".\n'
            f"The full translation to {target_name} is:"
        ),
        "glossary": f"Glossary: {term} = {said}\n{query}",
        "entries": f"{source_name}: {term}\n{target_name}: {said}\n\n{query}",
        "chain": f'"{term}" means "{said}".\n{query}',
    }


def test_insisting_states_the_terms_right_before_the_text() -> None:
    unmet = [Hint("Häuser", ("house", "home"), (0, 6), "Haus"), Hint("Tür", ("door",), (7, 10), "Tür")]
    languages = Languages("German", "English")
    base = prompt("none", [Block("Dach", "roof"), Block("Häuser Tür", None)])
    assert insisting(base, unmet, languages) == (
        "German: Dach\nEnglish: roof\n\n"
        "German: Haus\nEnglish: house\n\nGerman: Tür\nEnglish: door\n\n"
        'The English translation of the next text must use "house" for "Häuser", "door" for "Tür".\n'
        "German: Häuser Tür\nEnglish:"
    )
    assert insisting(base, unmet[1:], languages, before_all=True) == (
        "German: Tür\nEnglish: door\n\n"
        f'The English translation of the next text must use "door" for "Tür".\n{base}'
    )
