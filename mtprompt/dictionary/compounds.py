"""Compounds (``Speicherort``, ``PDF-Datei``) as the entries of the dictionary that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from mtprompt.dictionary.case import CAPITALIZED_NOUNS
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.forms import EXACT, LEMMA, fold, form
from mtprompt.text.languages import primary

# What may stand between the two parts, the likeliest first.
_LINKS = {
    "de": ("", "s", "n", "e", "es", "en", "er"),
    "nl": ("", "s", "e", "en", "er"),
    "sv": ("", "s"),
    "da": ("", "s", "e"),
    "nb": ("", "s", "e"),
    "nn": ("", "s", "e"),
    "no": ("", "s", "e"),
}
_PART = 4  # letters at least: shorter parts are found everywhere by accident
_LONGEST = 100  # letters of a word: longer ones are no words, and every place to cut costs a lookup
_TOGETHER = 4  # parts between hyphens that may be one entry
_BINDING = 3  # characters at most of a part that is no word of its own (of, in, up)
Part = tuple[tuple[int, int], str]
"""Where a part stands in the word, without the link, and the headword that it is."""


def split_compound(word: str, dictionary: Dictionary) -> list[Part]:
    """The parts of a compound, if all are entries; an empty list if not.

    There are two. Of several ways to split, the one whose second part, which says what the whole is, is
    longest.
    The first part stands as in the dictionary or by its base form, and may be followed by a linking
    element; the second may be inflected. German, Dutch and the Scandinavian languages.

    Args:
        word: A word of a text that is no entry itself.
        dictionary: What is looked up.
    """
    language = dictionary.languages[0]
    links = _LINKS.get(primary(language), ())
    folded = fold(word, language)
    if not links or len(folded) != len(word):  # a letter that is stored as two: no place would be right
        return []
    if not folded.isalpha() or not 2 * _PART <= len(folded) <= _LONGEST:
        return []
    cuts = range(_PART, len(folded) - _PART + 1)
    modifiers = {
        cut: [
            folded[: cut - len(link)]
            for link in links
            if folded[:cut].endswith(link) and cut - len(link) >= _PART
        ]
        for cut in cuts
    }
    known = dictionary.known({m for its in modifiers.values() for m in its} | {folded[cut:] for cut in cuts})
    for cut in cuts:
        modifier = next((m for m in modifiers[cut] if m in known), None)
        if modifier and (head := _head(folded[cut:], known, dictionary)):
            return [
                ((0, len(modifier)), _noun(modifier, dictionary)),
                ((cut, len(word)), _noun(head, dictionary)),
            ]
    return []


def split_hyphens(word: str, language: str, term_of: Callable[[str], str | None]) -> list[Part]:
    """The entries among the parts of a word with hyphens: ``PDF`` and ``Datei`` in ``PDF-Datei``.

    In any language. Parts that are an entry together (``E-Mail`` in ``E-Mail-Adresse``) are one, the
    longest from the left; parts without an entry are passed over. A single letter, or a small word of two
    or three, says nothing alone and belongs to its neighbours, which are then no entries either: nothing is
    found in ``state-of-the-art``, ``mother-in-law`` and ``X-ray``.

    Args:
        word: A word of a text that is no entry itself.
        language: Its language.
        term_of: The headword that a word is, None where there is none.
    """
    if len(word) > _LONGEST:
        return []
    pieces = word.split("-")
    places = list(accumulate((len(piece) + 1 for piece in pieces), initial=0))
    bound = {
        at
        for at, piece in enumerate(pieces)
        if _binds(piece, 0 < at < len(pieces) - 1, pieces, language, term_of)
    }
    found: list[tuple[int, int, str]] = []
    first = 0
    while first < len(pieces):
        for stop in range(min(len(pieces), first + _TOGETHER), first, -1):
            is_word = stop > first + 1 or first not in bound
            if is_word and (term := term_of("-".join(pieces[first:stop]))):
                found.append((first, stop, term))
                break
        first = stop
    taken = {at for first, stop, _ in found for at in range(first, stop)}
    bound -= taken
    return [
        ((places[first], places[stop] - 1), term)
        for first, stop, term in found
        if not {first - 1, stop} & bound
    ]


def _binds(
    piece: str, is_inner: bool, pieces: Sequence[str], language: str, term_of: Callable[[str], str | None]
) -> bool:
    """Whether a part is a small word.

    Languages with compounds write small nouns at both ends of a word (``zee-leeuw``), and in a headline a
    small word has a capital.
    """
    if any(map(str.isdecimal, piece)) or not any(map(str.isalpha, piece)):
        return False
    if len(piece) == 1 or len(piece) > _BINDING:
        return len(piece) == 1
    if piece.islower():
        return is_inner or primary(language) not in _LINKS
    if not is_inner or piece.lower() == piece.upper():  # a script without capitals
        return is_inner
    if primary(language) in CAPITALIZED_NOUNS or not all(its[:1].isupper() for its in pieces):
        return False
    term = term_of(piece)
    return term is None or term.islower()


def _head(part: str, known: set[str], dictionary: Dictionary) -> str | None:
    """A last part as it is in the dictionary, as it stands or by its base form."""
    if part in known:
        return part
    # simplemma knows nouns by their capital
    base = form(part.capitalize(), dictionary.languages[0], LEMMA)
    return base if dictionary.known([base]) else None


def _noun(folded: str, dictionary: Dictionary) -> str:
    """The headword; one with a capital goes before others, since compounds are mostly of nouns."""
    terms = dictionary.starting(EXACT, folded).terms[()]
    return next((term for term in terms if term[:1].isupper()), terms[0])
