"""Which text has which n-gram: numbering, counts, weights, and a plain count as second opinion."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.selection.incidence import Incidence, lower_tokens

texts_of = st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=5)


def weigh(word: str) -> float:
    return {"a": 1.0, "b": 2.0, "c": 4.0}[word]


def test_words_are_numbered_as_they_come_and_counted_once_a_text() -> None:
    found = Incidence.of([["b", "a", "b"], ["a", "c"]], weigh)
    assert found.rows.tolist() == [0, 0, 1, 1]
    assert found.columns.tolist() == [0, 1, 1, 2]  # b 0, a 1, c 2
    assert found.counts.tolist() == [2, 1, 1, 1]
    assert found.weights.tolist() == [2.0, 1.0, 4.0]


def test_an_n_gram_weighs_the_mean_of_its_words() -> None:
    found = Incidence.of([["a", "b", "c"]], weigh, 3)
    # a, b, c; ab (1 + 2)/2, bc (2 + 4)/2; abc (1 + 2 + 4)/3
    assert found.weights.tolist() == pytest.approx([1, 2, 4, 1.5, 3, 7 / 3])


def test_no_n_gram_reaches_from_one_text_into_the_next() -> None:
    found = Incidence.of([["a"], ["b"]], weigh, 4)
    assert found.weights.size == 2


@pytest.mark.parametrize("texts", [[], [[]], [[], []]])
def test_texts_without_tokens_have_no_n_grams(texts: list[list[str]]) -> None:
    found = Incidence.of(texts, weigh, 4)
    assert [a.size for a in (found.rows, found.columns, found.counts, found.weights)] == [0, 0, 0, 0]


@given(texts=texts_of, max_order=st.integers(1, 9))
def test_n_grams_are_those_of_a_plain_count(texts: list[list[str]], max_order: int) -> None:
    found = Incidence.of(texts, weigh, max_order)
    plain = [
        Counter(tuple(text[i : i + n]) for n in range(1, max_order + 1) for i in range(len(text) - n + 1))
        for text in texts
    ]
    # numbers are names: compare what each stands for, which texts have it how often and what it weighs
    theirs: dict[int, list[tuple[int, int]]] = {}
    entries = zip(found.rows.tolist(), found.columns.tolist(), found.counts.tolist(), strict=True)
    for row, column, count in entries:
        theirs.setdefault(column, []).append((row, count))
    assert sorted(theirs) == list(range(found.weights.size))
    ours = [
        (
            [(row, its[gram]) for row, its in enumerate(plain) if gram in its],
            round(sum(map(weigh, gram)) / len(gram), 9),
        )
        for gram in {gram for its in plain for gram in its}
    ]
    measured = [(sorted(has), round(float(found.weights[at]), 9)) for at, has in theirs.items()]
    assert sorted(measured) == sorted(ours)


def test_tokens_are_lower_cased_selection_tokens() -> None:
    assert lower_tokens("Datei ÖFFNEN!", "de") == ["datei", "öffnen", "!"]
    assert lower_tokens("打开文件", "zh") == ["打", "开", "文", "件"]
