"""Which of several proposals is taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF

from mtprompt.postprocess.consensus import consensus, utility_signature
from mtprompt.postprocess.utility import pairwise_chrf
from mtprompt.segments import Generation, Segment, Translation, Usage

SEGMENT = Segment("1", "Das Haus ist rot.")


def proposal(text: str, cached: bool = False) -> Translation:
    return Translation(SEGMENT, text, text, generation=Generation(text, "stop", Usage(5, 3, 0.5), cached))


def test_the_proposal_that_agrees_most_with_the_others_is_taken() -> None:
    texts = ["A cat sleeps.", "The house was red.", "The house is red.", "This house is red."]
    taken = consensus([proposal(text) for text in texts])
    assert taken.text == "The house is red."
    assert [p.text for p in taken.proposals] == texts
    utilities = [p.utility for p in taken.proposals]
    assert utilities[0] < 20 < 35 < min(utilities[1:])
    assert max(utilities) == utilities[2]


def test_equal_proposals_support_each_other() -> None:
    texts = ["The house is red.", "It rains.", "It rains."]
    assert consensus([proposal(text) for text in texts]).text == "It rains."


def test_the_earlier_of_equals_is_taken() -> None:
    first, second = proposal("Yes."), proposal("Yes.")
    assert consensus([first, second]).raw is first.raw
    assert [p.utility for p in consensus([first, second]).proposals] == [100, 100]


def test_an_empty_proposal_is_taken_only_where_all_are() -> None:
    assert consensus([proposal(""), proposal(""), proposal("Yes.")]).text == "Yes."
    assert consensus([proposal(""), proposal(" ")]).text == ""


def test_the_cost_of_all_is_counted() -> None:
    taken = consensus([proposal("a", cached=True), proposal("b")])
    assert taken.generation is not None
    assert taken.generation.usage == Usage(10, 6, 1.0)
    assert not taken.generation.cached  # one was paid for now


def test_what_no_model_was_asked_stays_as_it_is() -> None:
    empty = Translation(Segment("1", " "), " ")
    assert consensus([empty, empty]) == empty


def test_the_utility_is_sacrebleus_sentence_chrf() -> None:
    from sacrebleu import sentence_chrf

    taken = consensus([proposal("The house is red."), proposal("The mouse is dead.")])
    expected = sentence_chrf("The house is red.", ["The mouse is dead."], word_order=2, eps_smoothing=True)
    assert taken.proposals[0].utility == pytest.approx(expected.score)


def test_the_signature_names_the_metric_that_chooses_with_its_settings() -> None:
    assert utility_signature().startswith("chrF++|nrefs:1|")
    assert "|nw:2|" in utility_signature()


@given(st.lists(st.text("ab .,(\u00e4日本\u3000\n"), min_size=2, max_size=5))
def test_the_utility_is_sacrebleus_sentence_chrf_to_the_bit(texts: list[str]) -> None:
    metric = CHRF(word_order=2, eps_smoothing=True)
    expected = [[metric.sentence_score(text, [other]).score for other in texts] for text in texts]
    assert np.array_equal(pairwise_chrf(texts), expected)
