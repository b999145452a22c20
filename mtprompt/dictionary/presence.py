"""Whether a text uses a term: a hint that was followed, a translation that the reference has."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache
from typing import NamedTuple

from mtprompt.dictionary.case import all_fit
from mtprompt.dictionary.forms import EXACT, fold, gaps, sure_forms, term_key
from mtprompt.text.seen import seen
from mtprompt.text.tokens import is_unspaced, words


class _Wanted(NamedTuple):
    """A term, ready to be looked for: its words with their forms and what stands between them.

    No words if it must be there as it is spelt.
    """

    has_content: bool
    spelling: str
    words: list[str]
    forms: list[frozenset[str]]
    gaps: list[str]


@lru_cache(maxsize=1 << 16)
def _wanted(term: str, language: str) -> _Wanted:
    term = " ".join(seen(term).split())
    has_content = any(map(str.isalnum, term))
    if not term_key(term, language, EXACT):
        return _Wanted(has_content, fold(term, language), [], [], [])
    found = words(term)
    heads = [word for word, _ in found]
    forms = [sure_forms(head, language, len(heads) > 1) for head in heads]
    return _Wanted(has_content, term, heads, forms, gaps(term, found)[1:])


class Presence:
    """A text that can be asked which terms stand in it.

    A term of several words stands in one piece, each word as it is or in another form of the same
    base form (simplemma; a language that it does not know is compared word for word), with the
    case rules of :mod:`mtprompt.dictionary.case`: ``red blood cells`` is there for ``red blood
    cell``, ``IT`` is not there for ``it``. A term that is not all words (``C++``, ``50 %``, ``U.S.``)
    is there as it is spelt, whatever its case. A part of a word is never there, but text without
    spaces between words is compared by characters.

    Args:
        text: The text.
        language: Its language.
    """

    def __init__(self, text: str, language: str) -> None:
        self._text = seen(text)
        self._language = language

    @cached_property
    def _found(self) -> list[tuple[str, tuple[int, int]]]:
        return words(self._text)

    @cached_property
    def _words(self) -> list[str]:
        return [word for word, _ in self._found]

    @cached_property
    def _gaps(self) -> list[str]:
        return gaps(self._text, self._found)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """For each form the words that have it."""
        places = defaultdict(list)
        for place, word in enumerate(self._words):
            for form in sure_forms(word, self._language, True):
                places[form].append(place)
        return dict(places)

    @cached_property
    def _has_capitals(self) -> bool:
        return self._text != self._text.lower()

    @cached_property
    def _has_small(self) -> bool:
        return self._text != self._text.upper()

    def holds(self, term: str) -> bool:
        """Whether the term stands in the text; never, if it has neither a letter nor a digit."""
        wanted = _wanted(term, self._language)
        if not wanted.has_content:
            return False
        if not wanted.words:
            return self._is_spelt_out(wanted.spelling)
        starts = {place for form in wanted.forms[0] for place in self._places.get(form, ())}
        return any(self._is_at(start, wanted) for start in starts)

    def _is_at(self, start: int, wanted: _Wanted) -> bool:
        stop = start + len(wanted.words)
        here = self._words[start:stop]
        any_case = len(wanted.words) > 1
        return (
            (not any_case or self._gaps[start + 1 : stop] == wanted.gaps)
            and all(
                forms & sure_forms(word, self._language, any_case)
                for forms, word in zip(wanted.forms, here, strict=True)
            )
            and all_fit(wanted.words, here, self._language, self._has_capitals, self._has_small)
        )

    @cached_property
    def _folded(self) -> str:
        return fold(" ".join(self._text.split()), self._language)

    def _is_spelt_out(self, wanted: str) -> bool:
        text = self._folded
        start = text.find(wanted)
        while start >= 0:
            stop = start + len(wanted)
            if not goes_on(text[max(start - 1, 0) : start]) and not goes_on(text[stop : stop + 1]):
                return True
            start = text.find(wanted, start + 1)
        return False


def goes_on(neighbour: str) -> bool:
    """Whether a word goes on with this character, as it does not in scripts without spaces."""
    return neighbour.isalnum() and not is_unspaced(neighbour)
