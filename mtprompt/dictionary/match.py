"""The terms of a dictionary in a text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from mtprompt.dictionary.case import all_fit, distance
from mtprompt.dictionary.compounds import split_compound, split_hyphens
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.forms import EXACT, LEMMA, SPELT, STEM, fold, form, gaps, levels
from mtprompt.dictionary.presence import goes_on
from mtprompt.text.boundaries import word_boundaries
from mtprompt.text.seen import seen_places
from mtprompt.text.tokens import words

COMPOUND, SIMILAR = "compound", "similar"
_STEM_SLACK = 3  # characters a word of the same stem may be longer or shorter
_SIMILAR_FROM = 5  # letters: below, one edit makes another word
Word = tuple[str, tuple[int, int]]  # as `words` gives them
Case = tuple[bool, bool]
"""Whether a text has a capital letter anywhere, and a small one."""


class Match(NamedTuple):
    """A term of a dictionary that stands in a text.

    Attributes:
        span: Where, in characters.
        term: The dictionary's headword.
        words: How many words of the text it takes up; 0 for a part of a compound.
        how: ``exact``, ``lemma``, ``stem``, ``compound`` or ``similar``.
    """

    span: tuple[int, int]
    term: str
    words: int
    how: str


class Matcher:
    """Finds a dictionary's terms: of overlapping ones the longest, then the surest, then the first.

    A term is looked for as it stands, by the base forms of its words and, as a last resort, by
    their stems (:mod:`mtprompt.dictionary.forms`), with the case rules of
    :mod:`mtprompt.dictionary.case`. It begins and ends at word boundaries: ``art`` is not found in
    ``start``. Invisible characters are looked past (:mod:`mtprompt.text.seen`).

    What is then left of the text are words without an entry: one with hyphens, and a German compound
    of two entries, gives its parts (:mod:`mtprompt.dictionary.compounds`), and, if asked for, a
    misspelt word the entry that it resembles.

    Args:
        dictionary: What is looked up; its source language is the texts'.
        min_similarity: For words without an entry, how similar a headword must be (1 − Levenshtein
            distance / longer length); None looks for none.
    """

    def __init__(self, dictionary: Dictionary, min_similarity: float | None = None) -> None:
        self._dictionary = dictionary
        self._language = dictionary.languages[0]
        self._levels = levels(self._language)
        self._min_similarity = min_similarity
        self._fallback = lru_cache(maxsize=1 << 16)(self._without_entry)
        self._nearest = lru_cache(maxsize=1 << 16)(self._nearest_term)

    def match(self, text: str) -> list[Match]:
        """All matches, in the order of the text, whose own characters their spans count."""
        plain, places = seen_places(text)
        boundaries = word_boundaries(text, self._language)
        if boundaries is not None and plain != text:
            boundaries = frozenset(at for at, place in enumerate(places) if place in boundaries)
        return [
            match._replace(span=(places[match.span[0]], places[match.span[1] - 1] + 1))
            for match in self._match(plain, boundaries)
        ]

    def _match(self, text: str, boundaries: frozenset[int] | None) -> list[Match]:
        found = words(text)
        case = (text != text.lower(), text != text.upper())
        taken = [False] * len(found)
        matches = []
        for start, match in sorted(
            self._candidates(text, found, boundaries, case), key=lambda at: _preference(*at)
        ):
            place = slice(start, start + match.words)
            if not any(taken[place]):
                taken[place] = [True] * match.words
                matches.append(match)
        for (word, (begin, _)), is_taken in zip(found, taken, strict=True):
            if not is_taken:
                matches += [
                    m._replace(span=(begin + m.span[0], begin + m.span[1]))
                    for m in self._fallback(word, case)
                ]
        return sorted(matches)

    def _candidates(
        self, text: str, found: list[Word], boundaries: frozenset[int] | None, case: Case
    ) -> Iterator[tuple[int, Match]]:
        """Each place with each term that begins there."""
        forms: dict[str, list[str]] = {}
        between = gaps(text, found)
        folded = forms[EXACT] = [form(word, self._language, EXACT) for word, _ in found]
        for start, (_, (begin, _)) in enumerate(found):
            if boundaries is not None and begin not in boundaries:
                continue
            for stop, terms in self._beginning(SPELT, start, folded, between):
                yield from ((start, match) for match in self._spelt_out(text, found[start:stop], terms))
            at_start = 0
            for level in self._levels:
                if level == STEM and at_start:
                    break  # the last resort is not needed
                if level not in forms:  # stems are rarely needed
                    forms[level] = [form(word, self._language, level) for word, _ in found]
                for stop, terms in self._beginning(level, start, forms[level], between):
                    end = found[stop - 1][1][1]
                    if boundaries is not None and end not in boundaries:
                        continue
                    text_words = tuple(word for word, _ in found[start:stop])
                    term = self._nearest(terms, text_words, case, level)
                    if term is not None:
                        at_start += 1
                        yield start, Match((begin, end), term, stop - start, level)

    def _beginning(
        self, level: str, start: int, forms: list[str], between: list[str]
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Headwords whose words stand from a place on, the longest first, and where they stop."""
        starting = self._dictionary.starting(level, forms[start])
        for length in starting.lengths:
            stop = start + 1 + length
            rest = tuple(between[i] + forms[i] for i in range(start + 1, min(stop, len(forms))))
            if len(rest) == length and (terms := starting.terms.get(rest)):
                yield stop, terms

    def _spelt_out(self, text: str, found: list[Word], terms: tuple[str, ...]) -> Iterator[Match]:
        """Those of the terms of these words, such as ``C++`` and ``.NET``, that have all their signs here."""
        its_text = tuple(word for word, _ in found)
        for term in terms:
            heads = _heads(term)
            first = found[0][1][0] - words(term)[0][1][0]
            end = first + len(term)
            if (
                first >= 0
                and fold(text[first:end], self._language) == fold(term, self._language)
                and not any(map(goes_on, (text[max(first - 1, 0) : first], text[end : end + 1])))
                and all_fit(heads, its_text, self._language, True)
            ):
                yield Match((first, end), term, len(heads), EXACT)

    def _nearest_term(
        self, terms: tuple[str, ...], text: tuple[str, ...], case: Case, level: str
    ) -> str | None:
        """Of headwords that compare equal the one nearest to the text, if case allows any.

        A base form goes before other forms of it, the same case before another.
        """
        best: tuple[tuple[bool, int, int], str] | None = None
        for term in terms:
            heads = _heads(term)
            if not all_fit(heads, text, self._language, *case):
                continue
            lengths = abs(len(term) - sum(map(len, text)))
            if level == STEM and lengths > _STEM_SLACK * len(text):
                continue
            is_base = all(
                fold(head, self._language) == form(word, self._language, LEMMA)
                for head, word in zip(heads, text, strict=True)
            )
            rank = (level != EXACT and not is_base, sum(map(distance, heads, text)), lengths)
            if best is None or rank < best[0]:
                best = rank, term
        return best and best[1]

    def _without_entry(self, word: str, case: Case) -> tuple[Match, ...]:
        """What a word without an entry may stand for; places are those in the word."""

        def term_of(part: str) -> str | None:
            for level in (level for level in self._levels if level != STEM):
                # simplemma knows nouns by their capital
                for key in {form(its, self._language, level): None for its in (part, part.capitalize())}:
                    terms = self._dictionary.starting(level, key).terms.get(())
                    if terms and (term := self._nearest(terms, (part,), case, level)):
                        return term
            return None

        if "-" in word:
            parts = split_hyphens(word, self._language, term_of)
        else:
            parts = split_compound(word, self._dictionary)
        if parts:
            return tuple(Match(span, term, 0, COMPOUND) for span, term in parts)
        if self._min_similarity is None or len(word) < _SIMILAR_FROM:
            return ()
        from rapidfuzz.distance.Levenshtein import normalized_similarity
        from rapidfuzz.process import extractOne

        folded = fold(word, self._language)
        best = extractOne(
            folded,
            self._dictionary.words_like(folded[0]),
            scorer=normalized_similarity,
            score_cutoff=self._min_similarity,
        )
        if not best:
            return ()
        return (Match((0, len(word)), self._dictionary.starting(EXACT, best[0]).terms[()][0], 1, SIMILAR),)


@lru_cache(maxsize=1 << 16)
def _heads(term: str) -> tuple[str, ...]:
    return tuple(word for word, _ in words(term))


def _preference(start: int, match: Match) -> tuple[int, int, int]:
    return -match.words, (EXACT, LEMMA, STEM).index(match.how), start
