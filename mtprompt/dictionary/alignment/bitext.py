"""Sentence pairs as numbers: each word an id, in the two ways that alignment needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mtprompt.dictionary.forms import EXACT, LEMMA, form
from mtprompt.segments import Pair
from mtprompt.selection.index.arrays import Int32s, Int64s
from mtprompt.text.lemmas import has_lemmas
from mtprompt.text.tokens import words

LONGEST = 100
"""Words of the longest side that is aligned; the cost grows with the cube of the length."""
APART, TOGETHER, SPACED = 0, 1, 2
"""What stands before a word: punctuation or the text's start, nothing at all, white space."""


@dataclass(frozen=True, slots=True)
class Side:
    """The texts of one language.

    Attributes:
        words: Each word's id in ``vocabulary``, all texts in one row.
        starts: Where each text begins in it, and the end.
        before: What stands before each word: APART, TOGETHER or SPACED.
        vocabulary: The words as they stand in the texts, in order of first occurrence.
        folded: For each id of the vocabulary what all casings of the word share.
        base: For each id of the vocabulary its place in ``bases``.
        bases: The words' base forms, as far as those of the language are known.
    """

    words: Int32s
    starts: Int64s
    before: Int32s
    vocabulary: list[str]
    folded: Int32s
    base: Int32s
    bases: list[str]


@dataclass(frozen=True, slots=True)
class Bitext:
    """Texts and their translations, and how many pairs were left out for their length."""

    source: Side
    target: Side
    too_long: int

    def __len__(self) -> int:
        return len(self.source.starts) - 1

    @classmethod
    def of_pairs(cls, pairs: Iterable[Pair], languages: tuple[str, str]) -> Bitext:
        """Reads pairs once; those with a side of no word, or more than :data:`LONGEST`, are left out."""
        source, target = _Reader(), _Reader()
        too_long = 0
        for pair in pairs:
            sides = words(pair.source), words(pair.target)
            if max(map(len, sides)) > LONGEST:
                too_long += 1
            elif all(sides):
                source.add(pair.source, sides[0])
                target.add(pair.target, sides[1])
        return cls(source.side(languages[0]), target.side(languages[1]), too_long)


class _Reader:
    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._words: list[int] = []
        self._before: list[int] = []
        self._starts = [0]

    def add(self, text: str, found: list[tuple[str, tuple[int, int]]]) -> None:
        end = -1
        for word, (start, stop) in found:
            self._words.append(self._ids.setdefault(word, len(self._ids)))
            if start == end:
                self._before.append(TOGETHER)
            else:
                self._before.append(SPACED if end >= 0 and text[end:start].isspace() else APART)
            end = stop
        self._starts.append(len(self._words))

    def side(self, language: str) -> Side:
        vocabulary = list(self._ids)
        folded = [form(word, language, EXACT) for word in vocabulary]
        base, bases = _numbered(_base_forms(vocabulary, folded, language))
        return Side(
            np.array(self._words, np.int32),
            np.array(self._starts, np.int64),
            np.array(self._before, np.int32),
            vocabulary,
            _numbered(folded)[0],
            base,
            bases,
        )


def _base_forms(vocabulary: list[str], folded: list[str], language: str) -> list[str]:
    """A base form for each word, the same for all its casings."""
    lemmas: dict[str, str] = {}
    if has_lemmas(language):
        for word, alike in zip(vocabulary, folded, strict=True):
            if (lemma := form(word, language, LEMMA)) != alike:
                lemmas.setdefault(alike, lemma)
    # simplemma takes some base forms for forms of others: Tabletten of Tablette, and that of Tablett
    known = set(lemmas.values())
    return [word if word in known else lemmas.get(word, word) for word in folded]


def _numbered(forms: list[str]) -> tuple[Int32s, list[str]]:
    ids: dict[str, int] = {}
    return np.array([ids.setdefault(form, len(ids)) for form in forms], np.int32), list(ids)
