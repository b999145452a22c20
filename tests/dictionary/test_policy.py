"""Hint policies as values."""

from __future__ import annotations

import pytest

from mtprompt.dictionary.policy import AutoPolicy, HintPolicy, parse_policy
from mtprompt.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("none", HintPolicy("none", 0, "never")),
        ("entries", HintPolicy("entries", 1, "never")),
        ("inline", HintPolicy("inline", 3, "always")),
        ("glossary(max_translations=1)", HintPolicy("glossary", 1, "always")),
        ("chain(in_examples=confirmed)", HintPolicy("chain", 1, "confirmed")),
        (
            "entries(max_hints=5,min_length=4,max_senses=9,min_similarity=0.9)",
            HintPolicy("entries", 1, "never", 5, 4, 9, 0.9),
        ),
    ],
)
def test_a_policy_is_read_and_printed_the_same(text: str, policy: HintPolicy) -> None:
    assert parse_policy(text) == policy
    assert parse_policy(str(policy)) == policy
    assert str(policy) == text


def test_what_is_the_styles_own_is_not_printed() -> None:
    assert str(parse_policy("inline(max_translations=3,in_examples=always,min_length=1)")) == "inline"


def test_hints_in_examples_can_be_given_apart() -> None:
    assert parse_policy("inline", "never") == HintPolicy("inline", 3, "never")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("inlin", "unknown hint style 'inlin'. Did you mean 'inline'?"),
        ("entries(max_hint=2)", "unknown option of entries 'max_hint'. Did you mean 'max_hints'?"),
        ("entries(style=2)", "unknown option of entries 'style'"),
        ("entries(max_hints=0)", "entries: max_hints must be a number of at least 1, got 0"),
        ("entries(max_hints=1.5)", "entries: max_hints must be a whole number, got 1.5"),
        ("entries(max_translations=-1)", "entries: max_translations must be a number of at least 1, got -1"),
        ("entries(min_similarity=nan)", "entries: min_similarity must be a number from 0.5 to 1, got nan"),
        ("entries(in_examples=sometimes)", "unknown value for hints in examples 'sometimes'."),
        ("entries@4", "hints 'entries@4': expected a style"),
        ("entries+inline", "hints 'entries+inline': expected a style"),
        ("entries(", "hints 'entries(': expected an option's name at character 9; for instance entries"),
    ],
)
def test_a_wrong_policy_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_policy(text)
    assert str(caught.value).startswith(message)


def test_auto_has_options_of_its_own() -> None:
    assert AutoPolicy.parse("auto") == AutoPolicy(128, "chrf++", 1)
    given = AutoPolicy.parse('auto(dev=200,metric="comet:/models/a.ckpt",seed=3)')
    assert given == AutoPolicy(200, "comet:/models/a.ckpt", 3)
    assert AutoPolicy.parse(str(given)) == given
    assert str(AutoPolicy()) == "auto"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("auto(devs=5)", "unknown option of auto 'devs'. Did you mean 'dev'?"),
        ("auto(dev=13)", "auto: dev must be a number of at least 14, got 13"),
        ("auto(seed=-1)", "auto: seed must be a number of at least 0, got -1"),
    ],
)
def test_a_wrong_auto_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        AutoPolicy.parse(text)
    assert str(caught.value).startswith(message)
