"""Which scripts a language is written in."""

from __future__ import annotations

import pytest

from mtprompt.text.scripts import foreign_letters, scripts


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", {"Latn"}),
        ("ja", {"Hani", "Hira", "Kana"}),
        ("ko", {"Hang", "Hani"}),
        ("zh-Hant", {"Hani"}),
        ("th", {"Thai"}),
        ("ar", {"Arab"}),
        ("sw", {"Latn"}),
        ("tr", {"Latn"}),
        ("sr", {"Cyrl", "Latn"}),
        ("sr-Latn", {"Latn"}),
        ("sr-Cyrl-RS", {"Cyrl"}),
    ],
)
def test_scripts_come_from_the_language_or_from_its_code(language: str, expected: set[str]) -> None:
    assert scripts(language) == expected


def test_letters_of_other_scripts_are_counted() -> None:
    assert foreign_letters("Das Wort «Привет» ist russisch", "de") == 6
    assert foreign_letters("Das Wort «Привет» ist russisch", "ru") == 0, "Latin letters never count"
    assert foreign_letters("こんにちは世界", "zh") == 5, "kana are not Chinese"
    assert foreign_letters("データを見る", "ja") == 0, "ー belongs to no script"
    assert foreign_letters("5 µm, 10 Ω, 20 ª", "en") == 1, "Ω alone is a Greek letter"
    assert foreign_letters("สวัสดี Привет", "th") == 6


def test_a_language_without_an_entry_has_no_foreign_letters() -> None:
    assert scripts("xx") == frozenset()
    assert foreign_letters("Привет", "xx") == 0
