"""Whether a word of a text can be a headword that differs from it in case."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.text.languages import primary

_LONGEST_ACRONYM = 4  # letters; a longer word in capitals is rather emphasized
CAPITALIZED_NOUNS = frozenset({"de", "lb", "nds", "gsw"})


def fits(headword: str, word: str, language: str, has_capitals: bool, has_small: bool = True) -> bool:
    """Whether case allows that a word of a text is this headword, or an inflected form of it.

    - An acronym (``IT``, ``CO2``) is not the same letters in lower case, and not a word that
      merely begins with a capital; its endings are free (``PCs``).
    - A word of two to four letters in capitals (``US``) is an acronym and not the headword in small letters
      (``us``), unless the whole text is in capitals.
    - Where nouns are capitalized, a noun (``Arm``) is not a word in lower case (``arm``), unless
      the whole text is written without capitals.

    All else matches: capitals open sentences, stand in titles, and emphasize.

    Args:
        headword: A word of the dictionary's term.
        word: The word of the text.
        language: Their language.
        has_capitals: Whether the text has a capital letter anywhere.
        has_small: Whether it has a small one.
    """
    if has_small and is_acronym(word) and len(word) <= _LONGEST_ACRONYM and headword.islower():
        return False
    if is_acronym(headword):
        cased = [letter for letter in word if letter.lower() != letter.upper()]
        return all(map(str.isupper, cased[:2]))
    if has_capitals and primary(language) in CAPITALIZED_NOUNS and headword[:1].isupper():
        return not word.islower()
    return True


def all_fit(
    headwords: Sequence[str],
    found: Sequence[str],
    language: str,
    has_capitals: bool,
    has_small: bool = True,
) -> bool:
    """:func:`fits` for each word of a term.

    The first of several words may be capitalized for being the first: the entry ``Erweiterte
    Suche`` is found in ``die erweiterte Suche``.

    Args:
        headwords: The words of the term.
        found: As many words of the text.
        language: Their language.
        has_capitals: Whether the text has a capital letter anywhere.
        has_small: Whether it has a small one.
    """
    return all(
        fits(head, word, language, has_capitals and (place > 0 or len(headwords) == 1), has_small)
        for place, (head, word) in enumerate(zip(headwords, found, strict=True))
    )


def is_acronym(word: str) -> bool:
    """Whether a word is of two capital letters or more, and of no small one."""
    return word.isupper() and sum(map(str.isalpha, word)) > 1


def distance(headword: str, word: str) -> int:
    """How far two forms of a word are apart in case: 0 the same, 1 the first letter alike, else 2."""
    if headword == word:
        return 0
    return 1 if headword[:1].isupper() == word[:1].isupper() else 2
