"""The built-in word aligner, held against numbers worked out by hand and against plain enumeration."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
import types
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.dictionary.alignment import eflomal
from mtprompt.dictionary.alignment.align import PASSES, BestLinks, Model, Stage, align
from mtprompt.dictionary.alignment.align_kernel import INDEPENDENT, MEAN, PRODUCT
from mtprompt.dictionary.alignment.bitext import APART, LONGEST, SPACED, TOGETHER, Bitext
from mtprompt.dictionary.alignment.posterior_kernel import ordered_posteriors, unordered_posteriors
from mtprompt.dictionary.alignment.symmetrize import symmetrize
from mtprompt.errors import BackendError, MissingDependency
from mtprompt.segments import Pair

HOUSE = [("das Haus", "the house"), ("das Buch", "the book")]


def bitext_of(texts: Iterable[tuple[str, str]], languages: tuple[str, str] = ("de", "en")) -> Bitext:
    return Bitext.of_pairs((Pair(str(i), *pair) for i, pair in enumerate(texts)), languages)


def probabilities(bitext: Bitext, model: Model, backward: bool = False) -> dict[tuple[str, str], float]:
    """p(target word | source word), by the words."""
    source = [bitext.source.vocabulary[list(bitext.source.base).index(t)] for t in model.sources]
    target = [bitext.target.vocabulary[list(bitext.target.base).index(t)] for t in model.targets]
    direction = model.backward if backward else model.forward
    return {
        (t, s): round(p, 4) for s, t, p in zip(source, target, direction.translation.tolist(), strict=True)
    }


# the texts as numbers


def test_words_are_numbered_as_they_stand_folded_and_by_base_form() -> None:
    side = bitext_of([("Die Häuser, die HÄUSER", "a"), ("das Haus", "b")]).source
    assert side.vocabulary == ["Die", "Häuser", "die", "HÄUSER", "das", "Haus"]
    assert side.words.tolist() == [0, 1, 2, 3, 4, 5]
    assert side.starts.tolist() == [0, 4, 6]
    assert side.folded.tolist() == [0, 1, 0, 1, 2, 3]
    assert [side.bases[number] for number in side.base] == ["der", "haus", "der", "haus", "der", "haus"]


def test_a_base_form_is_its_own_base_form() -> None:
    # simplemma leads Tabletten to Tablette, and Tablette to Tablett
    side = bitext_of([("Tabletten Tablette", "a")]).source
    assert [side.bases[number] for number in side.base] == ["tablette", "tablette"]


def test_what_stands_before_a_word_is_kept() -> None:
    side = bitext_of([("„Datei“ - öffnen  nun", "a"), ("文件 X", "b")]).source
    assert side.before.tolist() == [APART, APART, SPACED, APART, TOGETHER, SPACED]


def test_pairs_with_an_empty_or_a_very_long_side_are_left_out() -> None:
    long, longest = "a " * (LONGEST + 1), "a " * LONGEST
    bitext = bitext_of([("a", "..."), (long, "a"), ("a", long), (longest, "b")])
    assert (len(bitext), bitext.too_long, bitext.source.words.size) == (1, 2, LONGEST)


# IBM model 1


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        # first round: every word of the other side is as likely as the next
        (1, {("the", "das"): 0.5, ("house", "das"): 0.25, ("house", "Haus"): 0.5, ("the", "Haus"): 0.5}),
        # second: "house" comes from Haus with 1/2 : 1/4, so das gives 1 : 1/3 : 1/3 and Haus 1/2 : 2/3
        (2, {("the", "das"): 0.6, ("house", "das"): 0.2, ("house", "Haus"): 0.5714, ("the", "Haus"): 0.4286}),
    ],
)
def test_model_1_gives_the_numbers_of_the_textbook(
    rounds: int, expected: dict[tuple[str, str], float]
) -> None:
    bitext = bitext_of(HOUSE)
    model = Model.train(bitext, None, [Stage(False, INDEPENDENT, rounds)], null=0.0)
    found = probabilities(bitext, model)
    assert {pair: found[pair] for pair in expected} == expected
    # both sides are built alike: p(das | house) is p(the | Haus)
    assert probabilities(bitext, model, backward=True)["house", "das"] == expected["the", "Haus"]


def test_directions_that_agree_are_surer_than_one_alone() -> None:
    # by the product "house" and Haus count 2/3 · 2/3 = 4/9, "the" and Haus 1/2 · 1/3 = 1/6: 8 to 3
    bitext = bitext_of(HOUSE)
    found = probabilities(bitext, Model.train(bitext, None, [Stage(False, PRODUCT, 2)], null=0.0))
    assert found["house", "Haus"] == round(8 / 11, 4)
    assert found["the", "das"] == 0.6  # 1/4 + 1/4 of 1/2 + 2 · 1/6
    # by the geometric mean: 2/3 to √(1/6)
    found = probabilities(bitext, Model.train(bitext, None, [Stage(False, MEAN, 2)], null=0.0))
    assert found["house", "Haus"] == round(2 / 3 / (2 / 3 + math.sqrt(1 / 6)), 4)


def test_a_word_may_come_from_nothing() -> None:
    emission, nothing, posterior = np.array([[0.2, 0.4]]), np.array([0.1]), np.empty((1, 2))
    unordered_posteriors(emission, nothing, 0.25, posterior)
    # 0.75 / 2 · (0.2, 0.4) against 0.25 · 0.1
    assert np.allclose(posterior, np.array([[0.075, 0.15]]) / 0.25)


# the hidden Markov model


def enumerated(
    emission: np.ndarray, nothing: np.ndarray, jumps: np.ndarray, null: float
) -> tuple[np.ndarray, np.ndarray]:
    """Posteriors and expected jumps by going through all ways to link the words."""
    size, states = emission.shape
    middle = len(jumps) // 2

    def bucket(distance: int) -> int:
        return middle + max(-middle, min(middle, distance))

    posterior, expected, total = np.zeros((size, states)), np.zeros(len(jumps)), 0.0
    for way in itertools.product([None, *range(states)], repeat=size):
        probability, last, made = 1.0, -1, []
        for j, i in enumerate(way):
            if i is None:
                probability *= null * nothing[j]
                continue
            all_jumps = sum(jumps[bucket(other - last)] for other in range(states))
            probability *= (1 - null) * jumps[bucket(i - last)] / all_jumps * emission[j, i]
            made.append(bucket(i - last))
            last = i
        total += probability
        for j, i in enumerate(way):
            if i is not None:
                posterior[j, i] += probability
        for jump in made:
            expected[jump] += probability
    return posterior / total, expected / total


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(1, 4),
    states=st.integers(1, 4),
    seed=st.integers(0, 999),
    null=st.sampled_from([0.0, 0.1, 0.5]),
)
def test_the_hidden_markov_model_says_what_enumeration_says(
    size: int, states: int, seed: int, null: float
) -> None:
    rng = np.random.default_rng(seed)
    emission, nothing, jumps = rng.random((size, states)), rng.random(size), rng.random(5) + 0.01
    posterior, expected = np.empty((size, states)), np.zeros(5)
    ordered_posteriors(emission, nothing, jumps, null, posterior, expected)
    wanted = enumerated(emission, nothing, jumps, null)
    assert np.allclose(posterior, wanted[0])
    assert np.allclose(expected, wanted[1])


def test_words_that_nothing_explains_teach_nothing() -> None:
    posterior, expected = np.empty((2, 1)), np.zeros(5)
    ordered_posteriors(np.array([[0.5], [0.0]]), np.array([0.5, 0.0]), np.ones(5), 0.1, posterior, expected)
    assert posterior.tolist() == [[0.0], [0.0]]
    assert expected.tolist() == [0.0] * 5


# links

RULES = [
    ("die Datei öffnen", "open the file"),
    ("die Datei schließen", "close the file"),
    ("den Ordner öffnen", "open the folder"),
    ("den Seitenrand öffnen", "open the page margin"),
    ("ein Seitenrand", "a page margin"),
    ("den Seitenrand schließen", "close the page margin"),
    ("ein Ordner", "a folder"),
]


def links_of(texts: Sequence[tuple[str, str]]) -> list[set[tuple[str, str]]]:
    bitext = bitext_of(texts)
    links = symmetrize(bitext, align(bitext))
    found = []
    for pair in range(len(bitext)):
        source, target = (
            [side.vocabulary[word] for word in side.words[side.starts[pair] : side.starts[pair + 1]]]
            for side in (bitext.source, bitext.target)
        )
        mine = slice(links.starts[pair], links.starts[pair + 1])
        found.append(
            {(source[i], target[j]) for i, j in zip(links.source[mine], links.target[mine], strict=True)}
        )
    return found


def test_words_are_linked_across_another_word_order_and_one_to_two() -> None:
    first, *_, last, _ = links_of(RULES)
    assert first == {("die", "the"), ("Datei", "file"), ("öffnen", "open")}
    assert last == {("den", "the"), ("Seitenrand", "page"), ("Seitenrand", "margin"), ("schließen", "close")}


def test_one_pair_is_aligned_and_none_is_not() -> None:
    assert links_of([("Haus", "house")]) == [{("Haus", "house")}]
    links = align(bitext_of([]))
    assert (links.of_source.size, links.of_target.size) == (0, 0)


def test_alignment_is_the_same_every_time_and_says_how_far_it_is() -> None:
    told: list[int] = []
    first, second = align(bitext_of(RULES), told.append), align(bitext_of(RULES))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert sum(told) == PASSES * len(RULES)


def test_links_of_one_direction_join_their_neighbours_if_a_word_has_none_yet() -> None:
    #   source a b c, target x y z: both directions link a-x; forward links a-y and c-z, backward c-y
    bitext = bitext_of([("a b c", "x y z")])
    links = symmetrize(bitext, BestLinks(np.array([0, 0, 2], np.int32), np.array([0, -1, 1], np.int32)))
    found = set(zip(links.source.tolist(), links.target.tolist(), strict=True))
    # a-y is beside a-x, and y has no link; c-y is not beside a-y; c-z is beside none
    assert found == {(0, 0), (0, 1)}


# any text

WORDS = ["Haus", "haus", "Häuser", "文", "件", "ไทย", "مَرْحَبًا", "e\u0301", "don't", "İ", "9", "x\ud83d"]
texts = st.lists(st.sampled_from([*WORDS, ".", "-", "  "]), max_size=6).map(" ".join)


@settings(max_examples=50, deadline=None)
@given(
    pairs=st.lists(st.tuples(texts, texts), max_size=6), language=st.sampled_from(["de", "zh", "tr", "ar"])
)
def test_probabilities_of_a_words_translations_sum_to_one(
    pairs: list[tuple[str, str]], language: str
) -> None:
    bitext = bitext_of(pairs, (language, "en"))
    model = Model.train(bitext)
    for givens, direction in ((model.sources, model.forward), (model.targets, model.backward)):
        sums = np.bincount(givens, direction.translation)[np.unique(givens)]
        assert np.all((np.abs(sums - 1) < 1e-9) | (sums == 0))
        assert direction.nothing.sum() == pytest.approx(1) or len(bitext) == 0
    links = symmetrize(bitext, model.best_links())
    assert links.starts[-1] == links.source.size == links.target.size


# eflomal


def test_without_eflomal_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda _: None)
    with pytest.raises(MissingDependency, match=r"pip install 'mtprompt\[eflomal\]'"):
        eflomal.align_by_eflomal(bitext_of(HOUSE))


def fake_eflomal(monkeypatch: pytest.MonkeyPatch, align: object) -> None:
    module = types.ModuleType("eflomal")
    module.Aligner = type("Aligner", (), {"align": align})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "eflomal", module)
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda _: True)


def test_eflomal_is_given_numbers_and_its_links_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given_lines: list[list[str]] = []

    def align(_: object, source: Iterable[str], target: Iterable[str], **files: str) -> None:
        given_lines.extend([list(source), list(target)])
        Path(files["links_filename_fwd"]).write_text("0-1 1-0\n\n0-0\n")
        Path(files["links_filename_rev"]).write_text("1-0\n0-0\n0-0\n")

    fake_eflomal(monkeypatch, align)
    told: list[int] = []
    bitext = bitext_of([("das Haus", "house the"), ("das", "the"), ("Haus", "house")])
    links = eflomal.align_by_eflomal(bitext, told.append)
    assert given_lines == [["0 1", "0", "1"], ["0 1", "1", "0"]]
    assert links.of_target.tolist() == [1, 0, -1, 0]
    assert links.of_source.tolist() == [-1, 0, 0, 0]
    assert told == [PASSES * 3]


def test_a_failing_eflomal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def align(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(-9, ["eflomal"])

    fake_eflomal(monkeypatch, align)
    with pytest.raises(BackendError, match="eflomal failed"):
        eflomal.align_by_eflomal(bitext_of(HOUSE))


def test_the_real_eflomal_links_what_is_obvious() -> None:
    pytest.importorskip("eflomal")
    bitext = bitext_of([(f"{a} {b}", f"{b.lower()}x {a.lower()}x") for a in "ABCD" for b in "EFGH"] * 4)
    links = eflomal.align_by_eflomal(bitext)
    assert (links.of_target == np.tile([1, 0], len(bitext))).mean() > 0.9
