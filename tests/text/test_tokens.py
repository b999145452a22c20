"""Words, selection tokens, equality of texts, one-line texts and base forms."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from mtprompt.text.lemmas import has_lemmas, lemma
from mtprompt.text.tokens import has_words, normalize, one_line, selection_tokens, words

# selection tokens: sacreBLEU's 13a


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Klicken Sie auf OK.", ["Klicken", "Sie", "auf", "OK", "."]),
        ("Der Wert 1.5, nicht 1,000!", ["Der", "Wert", "1.5", ",", "nicht", "1,000", "!"]),
        ("Wie geht's (heute)?", ["Wie", "geht's", "(", "heute", ")", "?"]),
        ("E-Mail 1-2", ["E-Mail", "1", "-", "2"]),
        ("100%", ["100", "%"]),
        ("&quot;Ja&quot; &amp; nein", ['"', "Ja", '"', "&", "nein"]),
        ("„OK“", ["„OK“"]),  # 13a separates ASCII punctuation only
        ("  zwei \t Wörter\n", ["zwei", "Wörter"]),
        ("a\u2028b", ["a", "b"]),
        ("", []),
        (" ", []),
    ],
)
def test_tokens_are_those_of_13a_with_the_case_kept(text: str, expected: list[str]) -> None:
    assert selection_tokens(text, "de") == expected


# All that 13a has rules for, and everything that splits lines or words for somebody.
PIECES = [
    *"abzäßĄЖאبनअไ我かΣİ\u0301", *"0123456789٣５½", *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    *"„“’«»…–—·、。¡¿€", *" \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2028\u2029\u202f\u3000",
    *"\0\x7f\u00ad\u200b\u200d\ufeff\U0001f642", "&quot;", "&amp;", "&lt;", "&gt;", "&amp;quot;", "&quot",
    "<skipped>", "skipped", "-\n", "-\r\n", "- \n", "\n-", "1,000.5", "1-2", "3.", ".5", ",,", "..", "., ",
    "x-", "don't", "www.a-b.de/?q=1&amp;r=2",
]  # fmt: skip


@cache
def sacrebleu_13a() -> Tokenizer13a:
    return Tokenizer13a()


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=40))
def test_tokens_are_those_of_sacrebleus_13a_on_any_text(text: str) -> None:
    assert selection_tokens(text, "de") == sacrebleu_13a()(text).split()
    assert selection_tokens(text, "de") == sacrebleu_13a()(text).split(), "looked up the second time"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_token_holds_white_space_which_the_index_separates_them_by(text: str) -> None:
    for language in ("de", "zh"):
        tokens = selection_tokens(text, language)
        assert all(token and token.split() == [token] for token in tokens)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("我爱你。", "zh", ["我", "爱", "你", "。"]),
        ("我爱GPU版", "zh-Hant", ["我", "爱", "GPU", "版"]),
        ("これはペンです。", "ja", ["こ", "れ", "は", "ペ", "ン", "で", "す", "。"]),
        ("コーヒー", "ja", ["コ", "ー", "ヒ", "ー"]),
        ("สวัสดี", "th", ["ส", "วั", "ส", "ดี"]),  # marks stay with their letter
        ("我爱你", "nan", ["我", "爱", "你"]),
        ("我爱你", "de", ["我爱你"]),
    ],
)
def test_languages_without_spaces_are_cut_into_characters(
    text: str, language: str, expected: list[str]
) -> None:
    assert selection_tokens(text, language) == expected


# words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Öffnen Sie E-Mails!", [("Öffnen", (0, 6)), ("Sie", (7, 10)), ("E-Mails", (11, 18))]),
        ("l’été d'Anna", [("l’été", (0, 5)), ("d'Anna", (6, 12))]),
        ("-a- b--c", [("a", (1, 2)), ("b", (4, 5)), ("c", (7, 8))]),
        ("3.5 mg/kg", [("3", (0, 1)), ("5", (2, 3)), ("mg", (4, 6)), ("kg", (7, 9))]),
        ("नमस्ते दुनिया", [("नमस्ते", (0, 6)), ("दुनिया", (7, 13))]),
        (
            "KI里程碑 2024",
            [("KI", (0, 2)), ("里", (2, 3)), ("程", (3, 4)), ("碑", (4, 5)), ("2024", (6, 10))],
        ),
        ("วันดี", [("วั", (0, 2)), ("น", (2, 3)), ("ดี", (3, 5))]),
        ("e\u0301te\u0301", [("e\u0301te\u0301", (0, 5))]),
        ("", []),
        ("„…“ – !", []),
    ],
)
def test_words_come_with_their_place_in_the_text(
    text: str, expected: list[tuple[str, tuple[int, int]]]
) -> None:
    assert words(text) == expected


@settings(deadline=None)
@given(st.text(max_size=40))
def test_words_stand_where_their_span_says_in_order_and_without_overlap(text: str) -> None:
    end = 0
    for word, (start, stop) in words(text):
        assert start >= end
        assert text[start:stop] == word != ""
        end = stop


# equality


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Straße", "STRASSE"),
        ("  Das\u00a0Haus\n ist alt ", "das haus ist alt"),
        ("Tu\u0308r", "Tür"),
        ("ＡＢＣ１２３", "abc123"),
        ("ﬁn", "fin"),
        ("\u0390", "\u03aa\u0301"),  # ΐ and its capital: folding takes the letter apart
    ],
)
def test_texts_that_differ_in_case_space_or_encoding_alone_count_as_the_same(a: str, b: str) -> None:
    assert normalize(a) == normalize(b)


@given(st.text(max_size=30), st.integers(1, 6))
def test_a_text_has_as_many_words_as_without_digits_are_found_in_it(text: str, number: int) -> None:
    plain = [word for word, _ in words(text) if not any(map(str.isdecimal, word))]
    assert has_words(text, number) == (len(plain) >= number)


@pytest.mark.parametrize(("a", "b"), [("Tür", "Tur"), ("Haus.", "Haus"), ("E-Mail", "EMail"), ("ab", "a b")])
def test_texts_that_differ_in_letters_punctuation_or_words_do_not(a: str, b: str) -> None:
    assert normalize(a) != normalize(b)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", max_codepoint=0x2FFF), max_size=20))
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


# one line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "a b"),
        ("a \r\n\r\n b\x0bc\x0cd\re", "a b c d e"),
        (" \n a \n ", "a"),
        ("a  b", "a  b"),
        ("a\u2028b\x85c", "a\u2028b\x85c"),
        ("", ""),
        ("\n", ""),
    ],
)
def test_line_breaks_become_single_spaces_and_other_text_stays(text: str, expected: str) -> None:
    assert one_line(text) == expected


# base forms


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [("Tabletten", "de", "Tablette"), ("Tabletten", "de-AT", "Tablette"), ("tablets", "en", "tablet")],
)
def test_inflected_words_are_led_back_to_their_base_form(word: str, language: str, expected: str) -> None:
    assert lemma(word, language) == expected


def test_a_word_of_a_language_without_lemmas_stays_as_it_is() -> None:
    assert not has_lemmas("zh")
    assert lemma("里程碑", "zh") == "里程碑"
