"""Which translations of a hint are given, and which hints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mtprompt.dictionary.policy import parse_policy
from mtprompt.dictionary.presence import Presence
from mtprompt.dictionary.senses import confirmed as confirmed_by
from mtprompt.dictionary.senses import limit, rank_by_targets
from mtprompt.segments import Hint


def confirmed(hints: list[Hint], target: str) -> list[Hint]:
    return confirmed_by(hints, Presence(target, "en"))


def hint(*translations: str) -> Hint:
    return Hint("Zug", translations, (0, 3), "Zug")


def test_a_hint_is_confirmed_with_the_translations_that_the_target_holds() -> None:
    held = confirmed([hint("train", "draught", "move")], "The Move of the train.")
    assert held == [Hint("Zug", ("train", "move"), (0, 3), "Zug")]


@pytest.mark.parametrize("target", ["", "The trainees begin.", "a trai n", "no such word", "restrain"])
def test_a_hint_is_not_confirmed_by_a_part_of_a_word(target: str) -> None:
    assert confirmed([hint("train")], target) == []


def test_a_translation_of_several_words_is_confirmed_in_one_piece_only() -> None:
    assert confirmed([hint("high speed")], "A high speed train") == [hint("high speed")]
    assert confirmed([hint("high speed")], "A high, then a low speed") == []


def test_a_translation_without_a_word_is_never_confirmed() -> None:
    assert confirmed([hint("—", "...")], "a — b ...") == []


def test_an_inflected_translation_confirms() -> None:
    assert confirmed([hint("train", "move")], "Two trains are moving.") == [hint("train", "move")]


def ranked(its: Hint, *targets: str) -> tuple[str, ...]:
    (found,) = rank_by_targets([its], [Presence(target, "en") for target in targets])
    return found.translations


def test_translations_that_more_examples_use_go_first() -> None:
    targets = ("Your move.", "The train moves.", "It is their move.")
    assert ranked(hint("train", "draught", "move"), *targets) == ("move", "train", "draught")


def test_without_examples_or_uses_the_order_stays() -> None:
    assert ranked(hint("train", "draught", "move")) == ("train", "draught", "move")
    assert ranked(hint("train", "draught", "move"), "Nothing of it.") == ("train", "draught", "move")


def rare(term: str) -> int:
    return {"Zug": 7, "Arzt": 2, "Haus": 2}[term]


HINTS = [
    Hint("Zug", ("train", "draught", "move", "trait"), (0, 3), "Zug"),
    Hint("Arzt", ("doctor", "physician"), (4, 8), "Arzt"),
    Hint("Haus", ("house",), (9, 13), "Haus"),
]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("inline", ["train draught move", "doctor physician", "house"]),
        ("inline(max_translations=1)", ["train", "doctor", "house"]),
        ("entries", ["train", "doctor", "house"]),
        ("entries(max_senses=2)", ["doctor", "house"]),
        ("entries(max_senses=1)", ["house"]),
        ("entries(min_length=4)", ["doctor", "house"]),
        ("entries(min_length=5)", []),
        ("entries(max_hints=1)", ["doctor"]),  # Arzt and Haus are the rarest: the earlier
        ("entries(max_hints=2)", ["doctor", "house"]),
        ("entries(max_hints=3)", ["train", "doctor", "house"]),
    ],
)
def test_a_policy_limits_hints_and_translations(policy: str, expected: list[str]) -> None:
    found = limit(HINTS, parse_policy(policy), rare)
    assert [" ".join(one.translations) for one in found] == expected
    assert [replace(one, translations=()) for one in found] == [
        replace(one, translations=()) for one in HINTS if one.term in {f.term for f in found}
    ]
