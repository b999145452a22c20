"""How words and terms are compared: as they stand, by base form, and by stem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from mtprompt.text.languages import language_name, primary
from mtprompt.text.lemmas import has_lemmas, lemma
from mtprompt.text.tokens import words

if TYPE_CHECKING:
    from nltk.stem.snowball import SnowballStemmer

EXACT, LEMMA, STEM = "exact", "lemma", "stem"
"""The ways to compare two words, the surest first."""
SPELT = "spelt"
"""The way to compare a term that does not begin and end with a word: sign by sign."""

_STEMMED_FROM = 4  # letters: stems of shorter words fall together by accident
_MOST_KEYS = 27  # of one term: three words of three forms each
_LONGEST = 100  # letters: what is longer is no word, and simplemma takes seconds for it
_DOTTED = str.maketrans({"I": "ı", "İ": "i"})  # Turkish and Azeri have two letters i
_APOSTROPHES = str.maketrans("’ʼ", "''")


def fold(word: str, language: str = "") -> str:
    """A word as look-up compares it: in lower case, and one spelling of what is stored in several.

    An umlaut is one character or two, a full-width letter (``ＵＳＢ``) an ordinary one
    (Unicode's NFKC), and an apostrophe straight or curved.
    """
    word = _one_spelling(word)
    if _has_two_i(language):
        word = word.translate(_DOTTED)
    return word.lower()


def _one_spelling(word: str) -> str:
    return word if word.isascii() else unicodedata.normalize("NFKC", word).translate(_APOSTROPHES)


def _has_two_i(language: str) -> bool:
    return bool(language) and primary(language) in ("tr", "az")


def levels(language: str) -> tuple[str, ...]:
    """The ways that there are to compare words of a language, the surest first."""
    stems = (STEM,) if _has_stems(language) else ()
    return (EXACT, *((LEMMA,) if has_lemmas(language) else ()), *stems)


@lru_cache(maxsize=1 << 18)
def form(word: str, language: str, level: str) -> str:
    """What is equal for two words that are the same at a level.

    ``exact`` is :func:`fold`; ``lemma`` simplemma's base form; ``stem`` Snowball's stem (Porter 2001,
    "Snowball: A language for stemming algorithms"), which also joins words that only look related.
    """
    folded = fold(word, language)
    if level == EXACT or len(folded) > _LONGEST:
        return folded
    if level == LEMMA:
        # simplemma tells German nouns by their capital, but lowers a Turkish one as if it were English
        known = folded if _has_two_i(language) else _one_spelling(word)
        return fold(lemma(known, language), language)
    return str(_stemmer(language).stem(folded)) if len(folded) >= _STEMMED_FROM else folded


@lru_cache(maxsize=1 << 18)
def sure_forms(word: str, language: str, any_case: bool) -> frozenset[str]:
    """The word as it stands and its base form; no stem. Two words that share one are the same word.

    Args:
        word: The word.
        language: Its language.
        any_case: Whether its capital may mean nothing, so that its base form in lower case counts
            as well: German ``Akuten`` is of ``Akute``, and, where it opens a title, of ``akut``.
    """
    spelt = {word, word.lower()} if any_case and not _has_two_i(language) else {word}
    return frozenset({fold(word, language), *(form(each, language, LEMMA) for each in spelt)})


@cache
def _has_stems(language: str) -> bool:
    from nltk.stem.snowball import SnowballStemmer

    return language_name(primary(language)).lower() in SnowballStemmer.languages


@cache
def _stemmer(language: str) -> SnowballStemmer:
    from nltk.stem.snowball import SnowballStemmer

    return SnowballStemmer(language_name(primary(language)).lower())


def joined(text: str, found: Sequence[tuple[str, tuple[int, int]]], language: str, level: str) -> list[str]:
    """The form of each word of a text, with what stands between it and the word before.

    What stands between two words counts, so that ``Rotes Kreuz`` is not found in ``rot. Kreuz``;
    white space of any kind and length is one space.

    Args:
        text: The text.
        found: Its words with their spans, as :func:`~mtprompt.text.tokens.words` gives them.
        language: The text's language.
        level: How words are compared.
    """
    between = gaps(text, found)
    return [gap + form(word, language, level) for gap, (word, _) in zip(between, found, strict=True)]


def gaps(text: str, found: Sequence[tuple[str, tuple[int, int]]]) -> list[str]:
    """What stands before each word of a text, white space of any kind and length as one space."""
    ends = [0, *(stop for _, (_, stop) in found)]
    cut = [text[end:start] for end, (_, (start, _)) in zip(ends, found, strict=False)]
    return [gap if gap in ("", " ") else _one_space(gap) for gap in cut]


def _one_space(gap: str) -> str:
    return re.sub(r"\s+", " ", gap).translate(_APOSTROPHES)


def term_key(term: str, language: str, level: str) -> tuple[str, ...]:
    """The words of a term as a level compares them, the later ones with what stands before them.

    A term that does not begin and end with a word (``C++``), or that has no letter, has no key.
    """
    found = words(term)
    if not found or found[0][1][0] != 0 or found[-1][1][1] != len(term) or not any(map(str.isalpha, term)):
        return ()
    return tuple(joined(term, found, language, level))


def term_keys(term: str, language: str, level: str) -> set[tuple[str, ...]]:
    """The keys under which a headword is found at a level, as :func:`term_key` gives them.

    A headword is a base form already, which simplemma does not always see (it takes ``Tablette`` for a
    form of ``Tablett``), so by base form each word of it also counts as it stands.
    """
    if not (key := term_key(term, language, level)):
        return set()
    if level != LEMMA:
        return {key}
    found = words(term)
    each = [
        {gap + one for one in sure_forms(word, language, True)}
        for gap, (word, _) in zip(gaps(term, found), found, strict=True)
    ]
    if prod(map(len, each)) > _MOST_KEYS:
        return {key, term_key(term, language, EXACT)}
    return set(product(*each))
