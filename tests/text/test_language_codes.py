"""Language codes: their usual form, which stand for each other, and their English names."""

from __future__ import annotations

import pytest

from mtprompt.errors import ConfigError
from mtprompt.text.languages import language_name, normalize_code, primary, same_language


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de_de", "de-DE"),
        (" pt-br ", "pt-BR"),
        ("ZH_hant_tw", "zh-Hant-TW"),
        ("sr-LATN", "sr-Latn"),
        ("es-419", "es-419"),
        ("de-CH-1901", "de-CH-1901"),
    ],
)
def test_codes_are_brought_into_their_usual_form(code: str, expected: str) -> None:
    assert normalize_code(code) == expected


@pytest.mark.parametrize(("code", "expected"), [("de", "de"), ("DE_at", "de"), ("zh-Hant-TW", "zh")])
def test_the_primary_code_has_neither_region_nor_script(code: str, expected: str) -> None:
    assert primary(code) == expected


@pytest.mark.parametrize(
    ("a", "b"), [("de", "de"), ("de", "de-DE"), ("DE_de", "de"), ("de-de", "de-DE"), ("zh", "zh-Hant-TW")]
)
def test_a_code_and_its_variant_stand_for_each_other(a: str, b: str) -> None:
    assert same_language(a, b)
    assert same_language(b, a)


@pytest.mark.parametrize(
    ("a", "b"), [("de", "en"), ("de-DE", "de-AT"), ("zh-Hans", "zh-Hant"), ("de", "den"), ("de-DE", "en-DE")]
)
def test_different_languages_or_variants_do_not_stand_for_each_other(a: str, b: str) -> None:
    assert not same_language(a, b)
    assert not same_language(b, a)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("de", "German"),
        ("DE", "German"),
        ("en", "English"),
        ("sw", "Swahili"),
        ("cs", "Czech"),
        ("ja", "Japanese"),
        ("th", "Thai"),
        ("zh", "Chinese"),
        ("zh-Hant", "Traditional Chinese"),
        ("zh_hans", "Simplified Chinese"),
        ("pt-BR", "Brazilian Portuguese"),
    ],
)
def test_a_code_has_its_english_name(code: str, name: str) -> None:
    assert language_name(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("de-DE", "German"),
        ("cs_CZ", "Czech"),
        ("zh-Hant-TW", "Traditional Chinese"),
        ("zh-Hans-CN", "Simplified Chinese"),
        ("zh-TW", "Chinese"),
        ("sr-Latn-RS", "Serbian"),
    ],
)
def test_the_longest_part_of_a_code_that_has_a_name_gives_it(code: str, name: str) -> None:
    assert language_name(code) == name


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("german", "Did you mean 'de' (German)?"),
        ("GERMAN", "Did you mean 'de' (German)?"),
        ("Germann", "Did you mean 'de' (German)?"),
        ("swahili", "Did you mean 'sw' (Swahili)?"),
    ],
)
def test_a_name_in_place_of_a_code_is_refused_with_the_code(code: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        language_name(code)
    assert str(caught.value).startswith(f"unknown language code {code!r}. {hint}")


@pytest.mark.parametrize("code", ["", " ", "xx", "q", "-", "x-de", "../de", "deutschlandisch"])
def test_a_code_of_no_language_is_refused(code: str) -> None:
    with pytest.raises(ConfigError, match="unknown language code"):
        language_name(code)
