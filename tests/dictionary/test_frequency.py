"""Which words are too frequent to need a hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.corpus.corpus import Corpus
from mtprompt.dictionary import frequency
from mtprompt.dictionary.frequency import SKIPPED_WORDS, frequent_words, read_frequent_words
from mtprompt.errors import DataError
from mtprompt.selection.pool import Pool


def frequent(sources: list[str], most: int = SKIPPED_WORDS, language: str = "de") -> frozenset[str]:
    return frequent_words(Pool(Corpus.from_pairs([(s, "x") for s in sources], language, "en")), most)


def test_a_word_is_frequent_from_ten_times_on() -> None:
    assert frequent(["Haus"] * 10 + ["Arzt"] * 9) == {"haus"}
    assert frequent(["Haus haus HAUS, Haus-Haus! haus."] * 2) == frozenset()  # 5 each; Haus-Haus is one
    assert frequent(["Haus haus HAUS. haus haus"] * 2) == {"haus"}


def test_a_small_pool_makes_none_of_its_words_frequent() -> None:
    assert frequent(["Der Arzt kommt heute."] * 9) == frozenset()
    assert frequent([]) == frozenset()


def test_five_hundred_words_are_frequent_at_most_the_most_frequent_of_all() -> None:
    pool = ["often often"] * 10 + [f"w{i:03}" for i in range(600) for _ in range(10)]
    found = frequent(pool)
    assert len(found) == 500
    assert {"often", "w000", "w498"} <= found  # ties in the order of the alphabet
    assert "w499" not in found
    assert frequent(pool, 1) == {"often"}


def test_words_of_a_script_without_spaces_are_those_of_icu() -> None:
    found = frequent(["我们在北京。"] * 10, language="zh")
    assert {"我们", "北京"} <= found
    assert not {"们", "京", "我们在"} & found


def test_without_icu_a_run_of_characters_is_frequent_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frequency, "word_boundaries", lambda *_: None)
    found = frequent(["我们，我们在这个地方"] * 5, language="zh")
    assert found == {"我", "们", "我们"}


def test_numbers_and_punctuation_are_no_words() -> None:
    assert frequent(["12 , . ! Haus 3D"] * 10) == {"haus", "3d"}


def test_a_list_without_counts_is_taken_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("der\nDie\n\nund\nHaus\n", encoding="utf-8")
    assert read_frequent_words(path, "de") == {"der", "die", "und", "haus"}
    assert read_frequent_words(path, "de", most=2) == {"der", "die"}


def test_a_list_with_counts_is_taken_by_count(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("haus 5\nder\t900\nund  800\n", encoding="utf-8")
    assert read_frequent_words(path, "de", most=2) == {"der", "und"}


def test_a_number_may_be_a_word(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("der\ndie\n2,000\nund\n", encoding="utf-8")
    assert read_frequent_words(path, "de") == {"der", "die", "2,000", "und"}


def test_a_count_may_be_zero(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("haus 0\nder 5\narzt 0\n", encoding="utf-8")
    assert read_frequent_words(path, "de", most=2) == {"der", "haus"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("der die das\n", ":1: expected a word, or a word and its count, got 'der die das'"),
        ("der 5\ndie\n", ":2: give every word a count, or none"),
        ("der\ndie 5\n", ":2: give every word a count, or none"),
        ("der x\n", ":1: expected a word, or a word and its count, got 'der x'"),
        ("der,900\ndie,800\n", ":1: white space must part a word and its count, got 'der,900'"),
        ('word;count\n"der";5\n', ":2: white space must part a word and its count, got '\"der\";5'"),
        ("", ": no words in it"),
    ],
)
def test_a_list_of_another_shape_is_an_error_with_its_place(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "words.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_frequent_words(path, "de")
    assert str(caught.value) == f"{path}{message}"
