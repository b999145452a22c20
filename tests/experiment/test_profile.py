"""The profile of a pool, and of picked examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.lengths import LengthRatio
from mtprompt.errors import BackendError, ConfigError
from mtprompt.experiment.profile import frequent_types, profile_examples, profile_pairs
from mtprompt.experiment.profile_measures import back_translation, quality_estimate
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.segments import Example, Generation, MetricResult, Pair, Usage
from mtprompt.translator import Translator

DE_EN = ("de", "en")
PAIRS = [
    Pair("1", "Das Haus ist rot.", "The house is red."),
    Pair("2", "Das Haus ist grün.", "The house is green."),
    Pair("3", "Öffnen Sie die Datei!", "Open the file!"),
]


def picked(*prompts: Sequence[Pair]) -> list[list[Example]]:
    return [[Example(pair, None, rank) for rank, pair in enumerate(its, start=1)] for its in prompts]


def test_a_profile_by_hand() -> None:
    figures = profile_pairs(PAIRS, DE_EN, frequent=frozenset({"das", "ist", "sie", "die"}))
    # das haus ist rot . / das haus ist grün . / öffnen sie die datei !
    assert figures["complexity.source_tokens"] == 5
    assert figures["complexity.target_tokens"] == pytest.approx((5 + 5 + 4) / 3)
    assert figures["complexity.rare_share"] == 6 / 12  # haus, rot, haus, grün, öffnen, datei
    assert figures["complexity.mattr"] == 9 / 12
    assert figures["diversity.distinct_1"] == 11 / 15  # "." and "!" are tokens
    assert figures["diversity.distinct_2"] == 10 / 12  # "das haus" and "haus ist" stand there twice
    assert figures["diversity.pair_share"] == 1
    assert 2 < figures["diversity.vendi"] < 3
    assert figures["quality.noise_share"] == 0


def test_what_is_no_translation_is_counted_by_its_kind() -> None:
    copy = "Dieser Satz wurde leider nie übersetzt."
    pairs = [
        *PAIRS,
        Pair("4", copy, copy),
        Pair("5", "Ein kurzer Satz", "x" * 200),
        Pair("6", "Это предложение по-русски", "This sentence is in Russian"),
        Pair("7", " ", "Nothing"),
        Pair("8", "Das Haus ist rot.", "The house is red."),  # repeated, which is no fault
    ]
    figures = profile_pairs(pairs, DE_EN)
    assert figures["quality.copy_share"] == figures["quality.length_share"] == 1 / 8
    assert figures["quality.language_share"] == 1 / 8
    assert figures["quality.noise_share"] == 4 / 8
    assert figures["diversity.pair_share"] == 7 / 8


def test_the_length_deviation_is_measured_against_the_pairs_own_ratio() -> None:
    pairs = [Pair(str(i), "a" * 40, "b" * 80) for i in range(60)]
    assert profile_pairs(pairs, DE_EN)["quality.length_deviation"] == pytest.approx(
        abs(LengthRatio(2.0).off(pairs[0]))
    )
    few = profile_pairs(pairs[:10], DE_EN)["quality.length_deviation"]
    assert few == pytest.approx(np.log(90 / 50))  # ten pairs tell no ratio, so 1 it is


def test_a_pair_that_is_picked_twice_counts_twice() -> None:
    twice = profile_examples(picked([PAIRS[0]], [PAIRS[0]], [PAIRS[2]]), DE_EN)
    assert twice["diversity.pair_share"] == 2 / 3
    assert twice["diversity.vendi"] == pytest.approx(np.exp(-(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3))))


def test_the_diversity_of_a_prompt_is_that_of_its_own_examples() -> None:
    alike = profile_examples(picked([PAIRS[0], PAIRS[0]], [PAIRS[2], PAIRS[2]]), DE_EN)
    mixed = profile_examples(picked([PAIRS[0], PAIRS[2]], [PAIRS[0], PAIRS[2]]), DE_EN)
    assert alike["diversity.prompt_vendi"] == pytest.approx(0.5)
    assert mixed["diversity.prompt_vendi"] == pytest.approx(1.0)
    assert alike["diversity.prompt_distinct_2"] == 0.5 and mixed["diversity.prompt_distinct_2"] == 1.0


def test_one_example_a_prompt_has_no_diversity_of_a_prompt() -> None:
    assert not [name for name in profile_examples(picked([PAIRS[0]]), DE_EN) if "prompt" in name]


def test_one_shot_and_many_are_measured_on_as_many_examples() -> None:
    pairs = [Pair(str(i), f"Wort{i} kommt nur hier vor.", f"Word{i} is only here.") for i in range(64)]
    one = profile_examples(picked(*[[pair] for pair in pairs[:16]]), DE_EN)
    four = profile_examples(picked(*[pairs[4 * i : 4 * i + 4] for i in range(16)]), DE_EN)
    assert one["diversity.vendi"] == pytest.approx(four["diversity.vendi"])
    assert one["diversity.distinct_1"] == four["diversity.distinct_1"]


def test_rows_and_examples_give_the_same_profile() -> None:
    rows = [
        {"examples": [{"source": pair.source, "target": pair.target, "score": 1.0} for pair in its]}
        for its in (PAIRS, PAIRS[:1], [])
    ]
    assert profile_examples(rows, DE_EN) == profile_examples(picked(PAIRS, PAIRS[:1], []), DE_EN) != {}


def test_without_examples_there_is_nothing_to_say() -> None:
    assert profile_examples(picked([], []), DE_EN) == {} == profile_pairs([], DE_EN)


def test_a_sample_depends_on_its_seed_alone() -> None:
    pairs = [Pair(str(i), f"Satz {'sehr ' * (i % 7)}Nummer {i}", f"Sentence {i}") for i in range(100)]
    some = profile_pairs(pairs, DE_EN, sample=10)
    assert some == profile_pairs(pairs, DE_EN, sample=10) != profile_pairs(pairs, DE_EN, sample=10, seed=2)
    assert some["diversity.vendi"] <= 10 + 1e-9


def test_characters_are_the_tokens_of_languages_without_spaces() -> None:
    figures = profile_pairs([Pair("1", "我喜欢你", "I like you")], ("zh", "en"))
    assert figures["complexity.source_tokens"] == 4 and figures["complexity.target_tokens"] == 3
    assert figures["complexity.mattr"] == 1.0


def test_frequent_words_are_seen_ten_times_and_case_does_not_matter() -> None:
    texts = ["Der der Hund 7 ."] * 5 + ["Hund", "Katze"]
    assert frequent_types(texts, "de") == {"der"}
    assert frequent_types(texts * 2, "de", most=1) == {"der"}
    assert frequent_types(texts * 2, "de") == {"der", "hund"}


def test_vectors_of_an_encoder_give_a_diversity_of_meaning() -> None:
    vectors = {PAIRS[0].source: [1, 0], PAIRS[1].source: [1, 0], PAIRS[2].source: [0, 1]}
    figures = profile_pairs(PAIRS, DE_EN, encode=lambda texts: [vectors[text] for text in texts])
    assert figures["diversity.vendi_encoder"] == pytest.approx(
        np.exp(-(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3)))
    )


class Estimate:
    """A metric without references for tests: characters of the target."""

    name = "estimate"

    def score(self, output: SystemOutput) -> MetricResult:
        assert not any(output.references) and output.sources is not None
        segments = tuple(float(len(text)) for text in output.hypotheses)
        return MetricResult("estimate", 0.0, segments, "")


def test_a_metric_without_references_estimates_quality() -> None:
    figures = profile_pairs(PAIRS[:2], DE_EN, measures={"quality.estimate": quality_estimate(Estimate())})
    assert figures["quality.estimate"] == (17 + 19) / 2


def test_a_metric_that_scores_no_segments_is_refused() -> None:
    class Whole(Estimate):
        def score(self, output: SystemOutput) -> MetricResult:
            return MetricResult("whole", 1.0, None, "")

    with pytest.raises(ConfigError, match="whole does not score every pair"):
        quality_estimate(Whole())(PAIRS)


def test_a_target_that_leads_back_to_its_source_agrees_with_it() -> None:
    def answer(prompt: str) -> str:
        return "Das Haus ist rot." if "house" in prompt else "Etwas ganz anderes"

    with Translator(ScriptedBackend(answer), "en", "de", store=None) as translator:
        agreement = back_translation(translator)([PAIRS[0], PAIRS[2]])
    assert agreement[0] == pytest.approx(100) and agreement[1] < 20


def test_a_target_that_got_no_answer_is_no_figure() -> None:
    class Refusing(ScriptedBackend):
        def generate(self, *args: Any) -> Iterator[tuple[int, Generation]]:
            yield 0, Generation("Das Haus ist rot.", "stop", Usage(1, 1, 0.0))
            yield 1, Generation("", "error", Usage(0, 0, 0.0), fault="HTTP 400: filtered")

    measure = back_translation(Translator(Refusing(), "en", "de", store=None))
    with pytest.raises(BackendError, match="1 of 2 prompts got no answer: HTTP 400: filtered"):
        measure([PAIRS[0], PAIRS[2]])


@settings(deadline=None)  # the first call loads libraries
@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=6))
def test_any_text_has_a_profile_of_finite_numbers(texts: list[tuple[str, str]]) -> None:
    pairs = [Pair(str(i), *its) for i, its in enumerate(texts)]
    figures = profile_examples(picked(pairs), DE_EN, frequent=frozenset())
    assert all(np.isfinite(value) for value in figures.values())
    shares = [value for name, value in figures.items() if name.endswith("_share")]
    assert all(0 <= share <= 1 for share in shares)
