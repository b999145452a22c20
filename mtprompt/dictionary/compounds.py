"""Compounds (``Speicherort``) as two entries of the dictionary (``Speicher``, ``Ort``)."""

from __future__ import annotations

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
Part = tuple[tuple[int, int], str]
"""Where a part stands in the word, without the link, and the headword that it is."""


def split_compound(word: str, dictionary: Dictionary) -> list[Part]:
    """The parts of a compound, if all are entries; an empty list if not.

    Hyphens part it (``PDF-Datei``); without any there are two parts. Of several ways to split, the
    one whose second part, which says what the whole is, is longest.
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
    if "-" in folded:
        return _hyphenated(folded, dictionary)
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


def _hyphenated(folded: str, dictionary: Dictionary) -> list[Part]:
    """All parts between the hyphens, whatever their length."""
    parts, start = [], 0
    known = dictionary.known(folded.split("-"))
    for part in folded.split("-"):
        head = _head(part, known, dictionary)
        if head is None:
            return []
        parts.append(((start, start + len(part)), _noun(head, dictionary)))
        start += len(part) + 1
    return parts


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
