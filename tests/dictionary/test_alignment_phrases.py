"""Phrase pairs, which runs of words are units, and how they are written."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.dictionary.alignment.bitext import APART, SPACED, Bitext
from mtprompt.dictionary.alignment.cohesion import cohesion, continued
from mtprompt.dictionary.alignment.phrases import Runs, find_phrases
from mtprompt.dictionary.alignment.spelling import spellings
from mtprompt.dictionary.alignment.symmetrize import Links
from mtprompt.segments import Pair


def one_sided(*texts: str, language: str = "de") -> Bitext:
    pairs = [Pair(str(i), text, "x") for i, text in enumerate(texts)]
    return Bitext.of_pairs(pairs, (language, "en"))


def runs_of(bitext: Bitext, longest: int) -> Runs:
    side = bitext.source
    return Runs.of(side.folded[side.words], side.before, longest)


def run(bitext: Bitext, runs: Runs, text: str) -> tuple[int, int, int]:
    """A run's number, the first place of it, and how many more words it has."""
    vocabulary, words = bitext.source.vocabulary, text.split()
    for at in range(bitext.source.words.size - len(words) + 1):
        here = [vocabulary[word] for word in bitext.source.words[at : at + len(words)]]
        if here == words and (number := int(runs.ids[len(words) - 1, at])) >= 0:
            return number, at, len(words) - 1
    raise AssertionError(f"{text} is no run")


# phrase pairs


def links(*pairs: set[tuple[int, int]]) -> Links:
    ordered = [sorted(pair) for pair in pairs]
    flat = [link for pair in ordered for link in pair]
    starts = np.cumsum([0, *map(len, ordered)])
    return Links(
        np.array([i for i, _ in flat], np.int32),
        np.array([j for _, j in flat], np.int32),
        starts.astype(np.int64),
    )


def phrases(source: str, target: str, linked: set[tuple[int, int]], longest: int) -> set[tuple[str, str]]:
    bitext = Bitext.of_pairs([Pair("1", source, target)], ("de", "en"))
    rows = find_phrases(bitext, links(linked), longest)
    spoken = [[side.vocabulary[word] for word in side.words] for side in (bitext.source, bitext.target)]
    return {
        (" ".join(spoken[0][i : i + more + 1]), " ".join(spoken[1][j : j + others + 1]))
        for i, more, j, others in rows.tolist()
    }


def test_phrase_pairs_of_a_sentence() -> None:
    # the second words of "page margin" and "öffnen Sie" belong to the first
    found = phrases("den Seitenrand öffnen Sie", "open the page margin", {(0, 1), (1, 2), (1, 3), (2, 0)}, 3)
    assert found == {
        ("den", "the"),
        ("Seitenrand", "page margin"),
        ("öffnen", "open"),
        ("den Seitenrand", "the page margin"),
    }  # all three words would be four on the other side, and "Sie" is linked to none


def test_no_phrase_reaches_over_punctuation() -> None:
    linked = {(0, 0), (1, 1)}
    assert phrases("Datei, Ordner", "file folder", linked, 2) == {("Datei", "file"), ("Ordner", "folder")}
    assert phrases("Datei Ordner", "file (folder", linked, 2) == {("Datei", "file"), ("Ordner", "folder")}
    assert ("Datei Ordner", "file folder") in phrases("Datei Ordner", "file folder", linked, 2)


@settings(max_examples=80, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    linked=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=10),
    longest=st.integers(1, 4),
)
def test_phrase_pairs_are_those_of_the_definition(
    sizes: tuple[int, int], linked: set[tuple[int, int]], longest: int
) -> None:
    i_size, j_size = sizes
    linked = {(i, j) for i, j in linked if i < i_size and j < j_size}
    wanted = set()
    for i in range(i_size):
        for stop in range(i, min(i + longest, i_size)):
            for j in range(j_size):
                for end in range(j, min(j + longest, j_size)):
                    inside = {(a, b) for a, b in linked if i <= a <= stop and j <= b <= end}
                    touching = {(a, b) for a, b in linked if i <= a <= stop or j <= b <= end}
                    edges = {i, stop} <= {a for a, _ in inside} and {j, end} <= {b for _, b in inside}
                    if inside == touching and edges:
                        wanted.add((i, stop - i, j, end - j))
    source, target = " ".join(f"s{i}" for i in range(i_size)), " ".join(f"t{j}" for j in range(j_size))
    bitext = Bitext.of_pairs([Pair("1", source, target)], ("de", "en"))
    rows = find_phrases(bitext, links(linked), longest).tolist()
    assert {tuple(row) for row in rows} == wanted
    assert len(rows) == len(wanted)


# runs


def test_runs_of_the_same_words_share_a_number_and_are_counted() -> None:
    runs = Runs.of(
        np.array([0, 1, 0, 1, 2], np.int32),
        np.array([APART, SPACED, APART, SPACED, SPACED], np.int32),
        3,
    )
    assert runs.ids[0].tolist() == [0, 1, 0, 1, 2]
    pair, other = runs.ids[1, 0], runs.ids[1, 3]
    assert runs.ids[1].tolist() == [pair, -1, pair, other, -1]
    assert runs.ids[2].tolist() == [-1, -1, other + 1, -1, -1]
    assert runs.counts.tolist() == [2, 2, 1, 2, 1, 1]


def test_runs_are_no_longer_than_the_texts() -> None:
    assert Runs.of(np.array([0], np.int32), np.array([APART], np.int32), 3).counts.tolist() == [1]
    assert Runs.of(np.array([], np.int32), np.array([], np.int32), 3).ids.shape == (3, 0)


# units


def test_words_that_never_stand_apart_are_a_unit_and_those_of_a_chance_meeting_are_none() -> None:
    bitext = one_sided("rotes Kreuz", "rotes Kreuz", "a b", "a c", "d b", "d c")
    runs = runs_of(bitext, 2)
    asked = [run(bitext, runs, text) for text in ("rotes Kreuz", "a b", "a")]
    found = cohesion(runs, np.array([at for _, at, _ in asked]), np.array([more for *_, more in asked]))
    # "rotes Kreuz" is one in six of twelve words, as are its parts; "a b" one in twelve, its parts one in six
    assert found.tolist() == pytest.approx([1.0, math.log(12 / 36) / math.log(1 / 12), 1.0])


def test_a_run_is_as_loose_as_its_loosest_joint() -> None:
    texts = ["Rotes Kreuz und", "Rotes Kreuz", "Mann und", "Haus und", "Frau und"]
    bitext = one_sided(*texts)
    runs = runs_of(bitext, 3)
    _, at, _ = run(bitext, runs, "Rotes Kreuz und")
    two, three = cohesion(runs, np.array([at, at]), np.array([1, 2]))
    assert two == 1.0
    # eleven words; the run is one of them, its loose joint is between "Rotes Kreuz" (2) and "und" (4)
    assert three == pytest.approx(math.log((1 / 11) / (2 / 11 * 4 / 11)) / -math.log(1 / 11))


def test_pieces_of_a_longer_term_are_known() -> None:
    bitext = one_sided("in New York City", "aus New York City", "nach New York City", "New York heute")
    runs = runs_of(bitext, 4)
    shares = continued(runs, bitext.source.before)
    assert shares[run(bitext, runs, "York City")[0]] == 1.0  # "New" is always before it
    assert shares[run(bitext, runs, "New York")[0]] == 0.75
    assert shares[run(bitext, runs, "New York City")[0]] == pytest.approx(1 / 3)
    assert shares[run(bitext, runs, "York")[0]] == 0.0  # a single word is one for itself


def test_a_character_of_an_unspaced_script_is_a_piece_of_its_word() -> None:
    bitext = one_sided("文件", "文件夹", "文章", language="zh")
    runs = runs_of(bitext, 3)
    shares = continued(runs, bitext.source.before)
    assert shares[run(bitext, runs, "件")[0]] == 1.0
    assert shares[run(bitext, runs, "文")[0]] == pytest.approx(2 / 3)


# spelling


def test_the_most_frequent_casing_is_kept_that_does_not_open_a_sentence() -> None:
    bitext = one_sided("Öffnen", "Öffnen", "sie öffnen", "die Datei", "die DATEI", "eine Datei", "Nun. Immer")
    runs = runs_of(bitext, 2)
    texts = ("Öffnen", "Datei", "Immer", "die Datei")
    numbers = [run(bitext, runs, text)[0] for text in texts]
    found = spellings(bitext.source, runs, np.array(numbers))
    assert [found[number] for number in numbers] == ["öffnen", "Datei", "Immer", "die Datei"]
    assert len(found) == len(numbers)


def test_words_are_written_with_a_space_only_where_one_stood() -> None:
    bitext = one_sided("文件 X", language="zh")
    runs = runs_of(bitext, 3)
    found = spellings(bitext.source, runs, runs.ids[1:, 0])
    assert sorted(found.values()) == ["文件", "文件 X"]
