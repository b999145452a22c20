"""How much of a text a dictionary knows, and whether it is the wrong way round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.forms import fold
from mtprompt.dictionary.match import Match, Matcher
from mtprompt.text.seen import seen
from mtprompt.text.tokens import words

BANDS = (500, 5_000)
"""The last ranks of the most frequent words and of those that come next; words seen once are apart."""
MISSING = "missing"
_TRIED = 100  # texts that tell which way round a dictionary is
_LONGEST = 4  # words of a translation that is looked for in a text
# Of a text's different words. Of 38 combinations of dictionary, text and direction, the wrong way round gave
# at most 0.14 as terms and 6 times as many or more as translations, the right way at most 0.16 times as many
# (a glossary of another domain, with less than 0.01 either way, left aside).
_ENOUGH = 0.2
_CLEARLY = 3
_ACCIDENT = 0.01


@dataclass(frozen=True, slots=True)
class Band:
    """Words of a like frequency.

    Attributes:
        name: What they are, such as ``501–5,000``.
        types: How many different words.
        types_found: How many of them have an entry in at least one place where they stand.
        tokens: How often they stand in the text.
        tokens_found: How often with an entry.
    """

    name: str
    types: int
    types_found: int
    tokens: int
    tokens_found: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many words of a text have an entry.

    Attributes:
        texts: Number of segments.
        total: All words together.
        bands: The words by their frequency in this very text; empty bands are left out.
        how: Number of tokens by how they were found (``exact``, ``lemma``, ``stem``, ``compound``), and
            ``missing``.
        in_longer_terms: How many of the tokens found are part of a term of several words.
        missing: Words without any entry, with how often they stand there, the most frequent first.
    """

    texts: int
    total: Band
    bands: tuple[Band, ...]
    how: dict[str, int]
    in_longer_terms: int
    missing: tuple[tuple[str, int], ...]


def measure_coverage(
    dictionary: Dictionary,
    texts: Iterable[str],
    frequent: frozenset[str] = frozenset(),
    on_progress: Callable[[int], object] | None = None,
) -> Coverage:
    """Counts the words of texts that a dictionary has an entry for.

    What has no letter (a number) is no word here. A word counts as found, too, as a part of a term of
    several words and if it is a compound of two entries. Upper and lower case are one word. In
    scripts without spaces, each character counts as a word.

    Args:
        dictionary: What is looked up; its source language is the texts'.
        texts: Source texts.
        frequent: Folded words that are not counted, because they get no hint.
        on_progress: Called with the number of texts that were looked up since its last call.
    """
    language = dictionary.languages[0]
    matcher = Matcher(dictionary)
    tokens: Counter[str] = Counter()
    found: Counter[str] = Counter()
    how: Counter[str] = Counter()
    shown: dict[str, str] = {}
    number = in_longer_terms = 0
    for text in map(seen, texts):
        number += 1
        matches = iter(matcher.match(text))
        match = next(matches, None)
        for word, (start, end) in words(text):
            while match is not None and match.span[1] <= start:
                match = next(matches, None)
            key = fold(word, language)
            if key in frequent or not any(map(str.isalpha, word)):
                continue
            if match is not None and match.span[0] < end and _is_in(frequent, text, match, language):
                continue
            tokens[key] += 1
            shown.setdefault(key, word)
            if match is not None and match.span[0] < end:
                found[key] += 1
                how[match.how] += 1
                in_longer_terms += match.words > 1
            else:
                how[MISSING] += 1
        if on_progress:
            on_progress(1)
    missing = ((shown[key], count) for key, count in tokens.most_common() if not found[key])
    return Coverage(
        texts=number,
        total=_band("all", list(tokens), tokens, found),
        bands=_bands(tokens, found),
        how=dict(how),
        in_longer_terms=in_longer_terms,
        missing=tuple(missing),
    )


def _is_in(frequent: frozenset[str], text: str, match: Match, language: str) -> bool:
    """Whether a whole match is frequent, as terms of scripts without spaces may be."""
    return fold(text[slice(*match.span)], language) in frequent


def _bands(tokens: Counter[str], found: Counter[str]) -> tuple[Band, ...]:
    ranked = [key for key, count in tokens.most_common() if count > 1]
    once = [key for key, count in tokens.items() if count == 1]
    first, second = BANDS
    parts = {
        f"1–{first:,}": ranked[:first],
        f"{first + 1:,}–{second:,}": ranked[first:second],
        f"from {second + 1:,}": ranked[second:],
        "seen once": once,
    }
    return tuple(_band(name, keys, tokens, found) for name, keys in parts.items() if keys)


def _band(name: str, keys: list[str], tokens: Counter[str], found: Counter[str]) -> Band:
    return Band(
        name,
        types=len(keys),
        types_found=sum(found[key] > 0 for key in keys),
        tokens=sum(tokens[key] for key in keys),
        tokens_found=sum(found[key] for key in keys),
    )


def looks_inverted(dictionary: Dictionary, texts: Iterable[str]) -> bool:
    """Whether the first texts have few of a dictionary's terms, but clearly more of its translations.

    Our construction, meant to be cheap: single words are looked up as they stand, and only if fewer than
    a fifth of them have an entry are the translations gone through, until enough are found.

    Args:
        dictionary: The dictionary; its source language is, or should be, the texts'.
        texts: Source texts, of which the first 100 are looked at.
    """
    language = dictionary.languages[0]
    vocabulary: set[str] = set()
    pieces: dict[str, list[str]] = {}
    for text in map(seen, islice(texts, _TRIED)):
        found = [(fold(word, language), span) for word, span in words(text) if not word.isdecimal()]
        vocabulary.update(word for word, _ in found)
        for first, (_, (start, _)) in enumerate(found):
            for last, (_, (_, end)) in enumerate(found[first : first + _LONGEST], start=first):
                piece = fold(text[start:end], language)
                pieces[piece] = [word for word, _ in found[first : last + 1]]
    as_terms = len(dictionary.known(vocabulary))
    if as_terms >= _ENOUGH * len(vocabulary):
        return False
    wanted = max(_CLEARLY * as_terms, _ACCIDENT * len(vocabulary), _CLEARLY)
    as_translations: set[str] = set()
    for entry in dictionary.entries():
        as_translations.update(pieces.get(fold(seen(entry.translation), language), ()))
        if len(as_translations) >= wanted:
            return True
    return False
