"""What a run will cost, counted before it is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt import Corpus, Translator
from mtprompt.cost import Prices, length_ratio
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.segments import Pair, Segment

POOL = Corpus((Pair("1", "a b", "x y z"), Pair("2", "a b c d", "x y z x y z")), ("de", "en"))


def test_the_price_of_a_million_tokens_is_what_was_given() -> None:
    assert Prices(2.0, 6.0).of(1_000_000, 500_000) == 5.0
    assert Prices(0.5, 0).of(10, 1_000_000) == pytest.approx(0.000005)
    assert not Prices()


def test_translations_are_as_long_as_those_of_the_pool() -> None:
    assert length_ratio(ScriptedBackend(), POOL.pairs) == 9 / 6
    assert length_ratio(ScriptedBackend(), ()) == 1


def test_prompts_are_counted_exactly_once_and_without_those_in_the_store(tmp_path: Path) -> None:
    translator = Translator(ScriptedBackend(), "de", "en", pool=POOL, select="zero", store=tmp_path)
    translator.translate(["stored already"])
    (estimate,) = translator.estimates()
    texts = ["one two", "stored already", "one two", " ", "three"]
    for chunk in (texts[:3], [*texts[3:], "one two"]):
        _, prompts = translator.prompts_for_all([Segment(str(i), text) for i, text in enumerate(chunk)])
        estimate.add(chunk, prompts[0])
    assert estimate.prompts == 2
    assert estimate.prompt_tokens == len(["German:", "one", "two", "English:"]) + len(
        ["German:", "three", "English:"]
    )
    assert estimate.completion_tokens == 1.5 * (2 + 1)
    assert estimate.most_tokens == (2 * 2 + 32) + (2 * 1 + 32)
