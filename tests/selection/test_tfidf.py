"""Cosines of tf–idf vectors: by hand, against plain numpy, and exact where they are equal."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice
from mtprompt.selection.tfidf import TfIdfVectors, source_vectors

IDF = {"a": 1.0, "b": 2.0, "c": 0.1, "d": 7.0}


def test_a_component_is_count_times_idf() -> None:
    vectors = TfIdfVectors([["a", "b", "a"], ["b", "c"], ["d"]], IDF.__getitem__)
    # (a 2·1, b 1·2), length √8; (b 2, c 0.1), length √4.01; they share b: 2·2 = 4
    assert vectors.cosines(0).tolist() == pytest.approx([1, 4 / math.sqrt(8 * 4.01), 0], abs=1e-6)
    assert vectors.cosines(1).tolist() == pytest.approx([4 / math.sqrt(8 * 4.01), 1, 0], abs=1e-6)


def test_a_text_without_tokens_is_like_nothing_not_even_itself() -> None:
    vectors = TfIdfVectors([["a"], []], IDF.__getitem__)
    assert vectors.cosines(1).tolist() == [0, 0]
    assert vectors.squared_lengths().tolist() == [1, 0]


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=8), min_size=1, max_size=6))
def test_cosines_are_those_of_a_dense_matrix(texts: list[list[str]]) -> None:
    dense = np.array([[text.count(word) * IDF[word] for word in "abcd"] for text in texts])
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    vectors = TfIdfVectors(texts, IDF.__getitem__)
    measured = np.array([vectors.cosines(text) for text in range(len(texts))])
    assert np.allclose(measured, dense @ dense.T, atol=1e-6)
    assert np.array_equal(measured, measured.T)
    assert np.array_equal(measured.diagonal(), vectors.squared_lengths())


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=1), min_size=1, max_size=12), st.randoms())
def test_texts_with_the_same_tokens_in_any_order_are_equal_to_the_bit(
    tokens: list[str], random: random.Random
) -> None:
    def idf(token: str) -> float:
        return math.log(1 + ord(token) / 7)

    other = tokens.copy()
    random.shuffle(other)
    for row in ([["a", "h"], tokens, other], [other, ["b", "h"], tokens]):
        same = [row.index(tokens), len(row) - 1 - row[::-1].index(other)]
        vectors = TfIdfVectors(row, idf)
        for text in range(3):
            cosines = vectors.cosines(text)
            assert cosines[same[0]] == cosines[same[1]]


@given(st.lists(st.floats(0.1, 15), min_size=3, max_size=9))
def test_equal_overlaps_by_other_words_are_equal_to_the_bit(weights: list[float]) -> None:
    # the second text has the first's weights on other words, which the query has in reverse: in plain
    # floating point 0.1 + 0.7 + 0.3 is not 0.3 + 0.7 + 0.1
    there = [f"{weight!r} there" for weight in weights]
    back = [f"{weight!r} back" for weight in weights[::-1]]
    cosines = TfIdfVectors([[*there, *back], there, back], lambda token: float(token.split()[0])).cosines(0)
    assert cosines[1] == pytest.approx(1 / math.sqrt(2), abs=1e-6)
    assert cosines[1] == cosines[2]


def test_source_vectors_ignore_case_and_weigh_by_the_idf_they_are_given() -> None:
    pool = Pool(Corpus.from_pairs([("ROT Haus", "x"), ("grün", "y")], "de", "en"))
    asked: list[str] = []

    def idf(token: str) -> float:
        asked.append(token)
        return 3.0 if token == "rot" else 4.0

    vectors = source_vectors(pool, "rot", [Choice(1, 2.0), Choice(0, 1.0)], idf)
    # (rot 3) with (grün 4) and with (rot 3, haus 4), length 5: 3·3/(3·5) = 0.6
    assert vectors.cosines(0).tolist() == pytest.approx([1, 0, 0.6], abs=1e-6)
    assert asked == ["rot", "grün", "haus"]
