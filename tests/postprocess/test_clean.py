"""A model's answer becomes one line, without what stands around the translation."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.postprocess.clean import clean

DE_EN = ("de", "en")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Good day.", "Good day."),
        ("  Good day. \n", "Good day."),
        ("", ""),
        (" \n\t\n", ""),
        ("Good\nday.", "Good day."),
        ("Good\r\nday.", "Good day."),
        ("Good\rday.", "Good day."),
        ("Good \n  day.", "Good day."),
        ("Good\u2028day.", "Good day."),
        ("Good\u2029day.", "Good day."),
        ("Good\x85day.", "Good day."),
        ("Good\vday.", "Good day."),
        ("Good\fday.", "Good day."),
        ("Good\x1cday.", "Good day."),
        ("Good day.\n\nGerman: Und noch", "Good day."),
        ("Good day.\n \t\nGerman: Und noch", "Good day."),
        ("\n\nGood day.", "Good day."),
        ("Good  day.", "Good  day."),
        ("Good\tday.", "Good\tday."),
        ("Good\u00a0day.", "Good\u00a0day."),
        ('"Good day."', '"Good day."'),
    ],
)
def test_without_a_source_an_answer_is_cut_at_its_first_blank_line_and_made_one_line(
    answer: str, text: str
) -> None:
    assert clean(answer) == text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Good\0 day.", "Good day."),
        ("\x1b[1mGood day.", "[1mGood day."),
        ("Good\x7f\x9f\x1f day.\x07", "Good day."),
        ("\ufeffGood day.", "Good day."),
        ("\0", ""),
        ("fine \ud83d\ude00", "fine \N{GRINNING FACE}"),  # the two halves of one character
        ("fine \ud83d", "fine \ufffd"),
        ("\udc80fine", "\ufffdfine"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs its zero-width non-joiner
        ("\u200fשלום", "\u200fשלום"),
    ],
)
def test_control_characters_are_dropped_and_half_characters_replaced(answer: str, text: str) -> None:
    assert clean(answer) == text
    assert clean(answer, "Guten Tag.", DE_EN) == text


@pytest.mark.parametrize(
    "answer",
    [
        "Good day.<end_of_turn>",
        "Good day.</s>",
        "<s> Good day.",
        "Good day.<|im_end|>\n<|im_start|>user\nAnd now",
        "<|im_start|>assistant\nGood day.<|im_end|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\nGood day.<|eot_id|>",
        "<start_of_turn>model\nGood day.<end_of_turn>\n<start_of_turn>user",
        "Good day.<eos><eos><pad>",
        "<bos>Good day.",
        "[/INST] Good day.",
        "Good day. <｜end▁of▁sentence｜>",
        "Good day. ###",
        "Good day.\n### German: Und noch",
        "<think>\nThey greet.\n\nSo:\n</think>\n\nGood day.",
        "They greet.\n</think>\n\nGood day.",
        "Good day.<|endoftext|>The next document",
    ],
)
def test_special_tokens_go_with_all_behind_them(answer: str) -> None:
    assert clean(answer, "Guten Tag.", DE_EN) == "Good day."


def test_of_channels_only_the_final_one_is_the_translation() -> None:
    thinking = "<|channel|>analysis<|message|>They greet.\n\nSo:"
    final = "<|end|><|start|>assistant<|channel|>final<|message|>Good day.<|return|>"
    for answer in (thinking + final, thinking + "<|channel|>final<|message|>Good day.", final):
        assert clean(answer, "Guten Tag.", DE_EN) == "Good day."
    assert clean(thinking, "Guten Tag.", DE_EN) == ""


@pytest.mark.parametrize(
    "answer",
    [
        '{"translation": "Good day."}',
        '{ "English" : "Good\\nday." }',
        '```json\n{"translation": "Good day."}\n```',
        '{"a": "{\\"b\\": \\"Good day.\\"}"}',
    ],
)
def test_the_only_value_of_a_json_object_is_the_translation(answer: str) -> None:
    assert clean(answer, "Guten Tag.", DE_EN) == "Good day."
    assert clean(answer, '{"a": "Guten Tag."}') != "Good day."


@pytest.mark.parametrize("answer", ["\u200b", "\u2060\n", " \u200d\u200b ", "\u200f", "\u00ad"])
def test_invisible_characters_alone_are_no_answer(answer: str) -> None:
    assert clean(answer) == ""
    assert clean(answer, "Guten Tag.", DE_EN) == ""


def test_reasoning_that_never_ended_is_no_translation() -> None:
    assert clean("<think>\nThey greet.", "Guten Tag.", DE_EN) == ""


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("<s>Good day.</s>", "<s>Guten Tag.</s>"),
        ("Write <eos> at the end.", "Schreiben Sie <eos> ans Ende."),
        ("### Heading ###", "### Überschrift ###"),
        ("Use <think> tags</think>", "Nutzen Sie <think></think>"),
        ("a <b> bold </b> word", "ein <b> fettes </b> Wort"),
        ("a | b", "a | b"),
    ],
)
def test_what_the_source_has_is_no_special_token(answer: str, source: str) -> None:
    assert clean(answer, source, DE_EN) == answer


@pytest.mark.parametrize(
    "answer",
    [
        '"Good day."',
        "“Good day.”",
        "„Good day.“",
        "„Good day.”",
        "”Good day.”",
        "«Good day.»",
        "»Good day.«",
        "« Good day. »",
        "‹Good day.›",
        "'Good day.'",
        "‘Good day.’",
        "「Good day.」",
        "`Good day.`",
        "**Good day.**",
        '**"Good day."**',
        '"„Good day.“"',
    ],
)
def test_quotes_and_marks_around_the_whole_answer_go(answer: str) -> None:
    assert clean(answer, "Guten Tag.", DE_EN) == "Good day."


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ('"Good day."', '"Guten Tag."'),
        ('"Good day."', "„Guten Tag.“"),
        ('"Good day," he said.', "„Guten Tag“, sagte er."),
        ('"I will look at it closely."', "Sie will es „genau prüfen“."),  # quoted in part
        ('"Yes" and "no"', "Ja und nein"),  # two pairs
        ('"No!"', "– Nein!"),  # a dialogue's dash
        ("'Twas the boys", "Es waren die Jungs"),
        ("'s 'n '", "x"),
        ("the dogs'", "der Hunde"),
        ('"', "Zoll"),
        ('""', "nichts"),
        ("《战争与和平》", "War and Peace"),  # a title's marks
        ("『戦争と平和』", "War and Peace"),
        ("**bold** and **bold**", "fett und fett"),
    ],
)
def test_quotes_that_may_be_meant_stay(answer: str, source: str) -> None:
    assert clean(answer, source, DE_EN) == answer


def test_apostrophes_inside_single_quotes_are_no_quotes() -> None:
    assert clean("'Don't do it.'", "Tu es nicht.", DE_EN) == "Don't do it."


@pytest.mark.parametrize(
    "answer",
    [
        "English: Good day.",
        "english:Good day.",
        "English : Good day.",
        "In English: Good day.",
        "Auf Englisch: Good day.",
        "Englisch: Good day.",  # its name in the source's language
        "**English:** Good day.",
        "**English**: Good day.",
        "English (US): Good day.",
        "English translation: Good day.",
        "Translation: Good day.",
        "Translation (English): Good day.",
        "Übersetzung: Good day.",
        "## Translation: Good day.",
        "Answer: Good day.",
        "German: Good day.",  # the wrong label, and still one
        'English: "Good day."',
        '"English: Good day."',
        "English: English: Good day.",
        "The full translation to English is: Good day.",
        "Sure! Here's the translation: Good day.",
        "English:\nGood day.",
        "**Translation:**\n\nGood day.",
    ],
)
def test_labels_at_the_start_go(answer: str) -> None:
    assert clean(answer, "Guten Tag.", DE_EN) == "Good day."


@pytest.mark.parametrize(
    ("languages", "answer", "text"),
    [
        (("en", "sw"), "Kiswahili: Habari.", "Habari."),
        (("en", "sw"), "Swahili: Habari.", "Habari."),
        (("en", "sw"), "Tafsiri: Habari.", "Habari."),
        (("en", "fr"), "Français : Bonjour.", "Bonjour."),
        (("en", "fr"), "Voici la traduction : Bonjour.", "Bonjour."),
        (("en", "zh"), "中文：您好。", "您好。"),
        (("en", "zh"), "翻译：您好。", "您好。"),
        (("en", "zh-Hant"), "Traditional Chinese: 您好。", "您好。"),
        (("en", "ja"), "日本語訳：こんにちは。", "日本語訳：こんにちは。"),  # not a name of the language
        (("en", "ja"), "日本語：こんにちは。", "こんにちは。"),
        (("en", "pt-BR"), "Brazilian Portuguese: Bom dia.", "Bom dia."),
        (("en", "tlh"), "Klingon: nuqneH.", "nuqneH."),  # unknown to CLDR but for its name
    ],
)
def test_labels_are_known_in_the_languages_at_hand(
    languages: tuple[str, str], answer: str, text: str
) -> None:
    assert clean(answer, "Good day.", languages) == text


@pytest.mark.parametrize(
    ("answer", "source", "text"),
    [
        ("English: a language", "Englisch: eine Sprache", "English: a language"),
        ("English: Note: the doctor", "Hinweis: der Arzt", "Note: the doctor"),
        ("Note: the doctor", "Hinweis: der Arzt", "Note: the doctor"),
        ("Note: the doctor", "Achtung, der Arzt", "Note: the doctor"),
        ("Answer: yes", "Antwort: ja", "Answer: yes"),
        ("The translation is: a house", "Die Übersetzung ist ein Haus", "The translation is: a house"),
        ("English 10:30", "Englisch 10:30", "English 10:30"),
        ("See https://example.org", "Siehe https://example.org", "See https://example.org"),
        ("The doctor said: come", "Der Arzt sagte, komm", "The doctor said: come"),
    ],
)
def test_a_label_of_the_source_stays(answer: str, source: str, text: str) -> None:
    assert clean(answer, source, DE_EN) == text


@pytest.mark.parametrize(
    "answer",
    [
        "Sure! Here is the translation:\n\nGood day.",
        "Here is the English translation of your text:\nGood day.",
        "Certainly!\n\nGood day.",
        "Sure, I can help you with that!\n\nGood day.",
        "Natürlich! Hier ist die Übersetzung:\n\nGood day.",
        "Gerne helfe ich dir dabei, hier:\n\nGood day.",
        "Bien sûr ! Voici :\n\nGood day.",  # an introduction in any language, by its colon
        "Sure! Here is the translation:\n\n```\nGood day.\n```",
        'Here you go:\n\n"Good day."\n\nLet me know if you need anything else!',
        "Good day.\n\nNote: this is a formal greeting.",
        "Good day.\n(Note: this is a formal greeting.)",
        "Good day.\nExplanation: a greeting.",
        "Good day.\nGerman: Und noch\nEnglish: And more",
        "Good day.\nEnglish: Hello.",
        "Good day.\nWord list: a, b",  # any label, as the source has no colon
    ],
)
def test_introductions_and_what_follows_go(answer: str) -> None:
    assert clean(answer, "Guten Tag, Welt.", DE_EN) == "Good day."


@pytest.mark.parametrize(
    ("answer", "source", "text"),
    [
        ("Sure!", "Klar!", "Sure!"),
        ("Sure!\n\nLet me know if you need more.", "Klar!", "Sure!"),
        ("Sure, I'm happy to help.\n\n(Informal.)", "Klar, ich helfe gern.", "Sure, I'm happy to help."),
        ("OK.\nThat is fine.", "In Ordnung, das ist gut so.", "OK. That is fine."),
        ("Here is the translation:", "Hier ist die Übersetzung:", "Here is the translation:"),
        ("To open a file:\n\nLet me know!", "So öffnen Sie eine Datei", "To open a file:"),
        ("I hope so.", "Ich hoffe es.", "I hope so."),
        ("Let me know.", "Gib Bescheid.", "Let me know."),
        ("He said:\ncome", "Er sagte: komm", "He said: come"),
    ],
)
def test_a_translation_that_reads_like_chatter_stays(answer: str, source: str, text: str) -> None:
    assert clean(answer, source, DE_EN) == text


@pytest.mark.parametrize(
    "answer",
    [
        "Guten Tag, liebe Welt.\nGood day, dear world.",
        "Guten Tag, liebe Welt.\n\nGood day, dear world.",
        "guten tag,  liebe Welt.\nGood day, dear world.",
        "German: Guten Tag, liebe Welt.\nEnglish: Good day, dear world.",
        "German: Guten Tag, liebe Welt.\n\nEnglish: Good day, dear world.",
        "German: Guten Tag, liebe Welt. English: Good day, dear world.",
        "Guten Tag, liebe Welt. → Good day, dear world.",
        "Guten Tag, liebe Welt. -> Good day, dear world.",
        "Guten Tag, liebe Welt. Good day, dear world.",
        "English: Guten Tag, liebe Welt. Good day, dear world.",
    ],
)
def test_a_repeated_source_goes(answer: str) -> None:
    assert clean(answer, "Guten Tag, liebe Welt.", DE_EN) == "Good day, dear world."


@pytest.mark.parametrize(
    ("answer", "source", "text"),
    [
        ("Guten Tag.", "Guten Tag.", "Guten Tag."),  # nothing else came; it has a flag of its own
        ("LibreOffice Writer\n\nGerman: Datei", "LibreOffice Writer", "LibreOffice Writer"),
        ("OK\n(Note: it stays OK.)", "OK", "OK"),
        ("Rust. C.", "Rust.", "Rust. C."),  # a name, perhaps
        ("Das ist ein Test. Das ist ein Test.", "Das ist ein Test.", "Das ist ein Test. Das ist ein Test."),
        ("Das ist ein Test. 5", "Das ist ein Test.", "Das ist ein Test. 5"),
        ("Apache Open Office Writer", "Apache Open Office", "Apache Open Office Writer"),
        ("File -> Open", "Datei -> Öffnen", "File -> Open"),
        ("File -> Open", "File -> Open", "File -> Open"),
    ],
)
def test_a_source_that_is_its_own_translation_stays(answer: str, source: str, text: str) -> None:
    assert clean(answer, source, DE_EN) == text


def test_only_an_answer_of_nothing_else_becomes_empty() -> None:
    for answer in (
        "English:",
        "Sure! Here is the translation:",
        "<eos>",
        "<end_of_turn>\n",
        "**Translation:**",
    ):
        assert clean(answer, "Guten Tag, Welt.", DE_EN) == ""


_PARTS = [
    *("English:", "German:", "Englisch", ":", "：", '"', "„", "“", "”", "«", "»", "'", "’", "`", "**", "*"),
    *("###", "#", "\n", "\n\n", "\r", "\u2028", " ", "a", "Good day.", "Guten Tag.", "Sure!", "Translation:"),
    *("Here is the translation:", "<eos>", "</s>", "<|im_end|>", "<start_of_turn>", "[/INST]", "<think>"),
    *("</think>", "```", "→", "->", "Note: ", "(Note: x)", "Let me know", "\0", "\ud83d", "\ude00", "中文"),
    *("{", "}", '{"a": "', '"}', "\\", "\u200b", "<|channel|>final<|message|>"),
    *("「", "」", "\t", "<", ">", "<|", "|>", "s", "eos", "__", "(", ")", "10:30", "-"),
]
_TEXTS = st.one_of(
    st.lists(st.sampled_from(_PARTS), max_size=12).map("".join),
    st.text(max_size=20),
    st.text(alphabet=st.sampled_from("ab \t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\0")),
)


@settings(deadline=None, max_examples=400)
@given(_TEXTS, st.one_of(st.none(), _TEXTS), st.sampled_from([None, DE_EN, ("en", "zh"), ("en", "tlh")]))
def test_no_answer_ever_gives_two_lines_and_cleaning_twice_changes_nothing(
    answer: str, source: str | None, languages: tuple[str, str] | None
) -> None:
    text = clean(answer, source, languages)
    assert len(text.splitlines()) <= 1
    assert text == text.strip()
    text.encode()  # no half characters
    assert clean(text, source, languages) == text


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        '"',
        "English: ",
        "English: a ",
        "\n",
        "a\n",
        "German: a\nEnglish: b\n\n",
        "<eos>",
        "<|",
        "###",
        "->",
    ],
)
def test_a_megabyte_of_anything_is_cleaned_in_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        answer = unit * (size // len(unit))
        start = time.process_time()
        clean(answer, "Der Arzt kommt.", DE_EN)
        return time.process_time() - start

    seconds(1000)  # names of languages are loaded once
    assert seconds(1_000_000) < 20 * max(seconds(100_000), 0.01)


@pytest.mark.parametrize(
    ("answer", "source", "expected"),
    [
        (
            'Here is the translation:\n```json\n{"translation": "The doctor comes."}\n```',
            "Der Arzt kommt.",
            "The doctor comes.",
        ),
        ('{"translation": "The doctor comes."}\n\nI hope this helps', "Der Arzt kommt.", "The doctor comes."),
        ('{\n  "translation": "The doctor comes."\n}\n\nBye', "Der Arzt kommt.", "The doctor comes."),
        ('{"translation": "Press {0}"}', "Drücken {0}", "Press {0}"),
        ('{"translation": "A", "note": "x"}', "Der Arzt kommt.", '{"translation": "A", "note": "x"}'),
        ('{"translation": "A"}', '{"translation": "B"}', '{"translation": "A"}'),
    ],
)
def test_an_object_is_taken_away_whole_or_not_at_all(answer: str, source: str, expected: str) -> None:
    assert clean(answer, source, DE_EN) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "<|channel|>final<|message|>The doctor comes.<|end|><|channel|>analysis<|message|>Hm",
        "<|channel|>final <|constrain|>text<|message|>The doctor comes.",
    ],
)
def test_what_stands_behind_the_final_channel_or_in_its_head_changes_nothing(answer: str) -> None:
    assert clean(answer, "Der Arzt kommt.", DE_EN) == "The doctor comes."


@pytest.mark.parametrize(
    ("answer", "source", "language"),
    [
        ("डॉक्टर आज आएंगे। The doctor comes today.", "डॉक्टर आज आएंगे।", "hi"),
        ("هل سيأتي الطبيب اليوم؟ The doctor comes today.", "هل سيأتي الطبيب اليوم؟", "ar"),
        ("ዶክተሩ ዛሬ ይመጣል። The doctor comes today.", "ዶክተሩ ዛሬ ይመጣል።", "am"),
        ("医生今天来。The doctor comes today.", "医生今天来。", "zh"),
        ("Der Arzt kommt heute. – The doctor comes today.", "Der Arzt kommt heute.", "de"),
        ("Der Arzt kommt heute. = The doctor comes today.", "Der Arzt kommt heute.", "de"),
    ],
)
def test_a_repeated_sentence_ends_as_its_language_ends_sentences(
    answer: str, source: str, language: str
) -> None:
    assert clean(answer, source, (language, "en")) == "The doctor comes today."


def test_a_dash_behind_a_name_is_meant() -> None:
    assert clean("LibreOffice – the suite", "LibreOffice", DE_EN) == "LibreOffice – the suite"
