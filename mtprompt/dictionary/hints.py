"""Dictionary hints for the rarer words of a text (DiPMT).

Source: Ghazvininejad, Gonen, Zettlemoyer 2023, "Dictionary-based Phrase-level Prompting of Large
Language Models for Machine Translation", arXiv 2302.07856; the details the abstract leaves open
(500 frequent words skipped, case-insensitive match, at most 3 translations) follow public
re-implementations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from mtprompt.dictionary.dictionary import Dictionary, fold, keyed_words
from mtprompt.segments import Hint
from mtprompt.text.lemmas import lemma
from mtprompt.text.tokens import words

SKIPPED_WORDS = 500
# A small pool's 500 most frequent words would be nearly all of its words; a word that it shows
# less than ten times is not frequent. In a pool of 10,000 sentences this changes nothing.
_FREQUENT_FROM = 10


def frequent_words(texts: Iterable[str], skipped: int = SKIPPED_WORDS) -> frozenset[str]:
    """The most frequent words of a pool's sources, in lower case: a model knows them.

    Args:
        texts: The pool's source texts.
        skipped: How many at most; words seen fewer than ten times are never frequent.
    """
    counts = Counter(fold(word) for text in texts for word, _ in words(text))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:skipped]
    return frozenset(word for word, count in ranked if count >= _FREQUENT_FROM)


class HintSource(Protocol):
    """Where hints come from."""

    def hints(self, texts: Sequence[str]) -> list[list[Hint]]:
        """Hints for each text, in order of their place in it."""
        ...


class DictionaryHints:
    """Looks the words of a text up in a dictionary.

    The longest term that begins at a word wins and its words are used up. Words match without
    regard to case, and a single word also by its base form (``Tabletten`` finds ``Tablette``)
    where :mod:`mtprompt.text.lemmas` knows the language. A frequent word gets no hint, a term
    hints once a text.

    Args:
        dictionary: The dictionary.
        language: The source language, for base forms.
        frequent: Lower-cased words that need no hint.
        max_translations: Translations of a term at most.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        language: str,
        frequent: frozenset[str] = frozenset(),
        max_translations: int = 3,
    ) -> None:
        self._dictionary = dictionary
        self._language = language
        self._frequent = frequent
        self._max_translations = max_translations

    def hints(self, texts: Sequence[str]) -> list[list[Hint]]:
        """See the protocol."""
        return [self._find(text) for text in texts]

    def _find(self, text: str) -> list[Hint]:
        found = words(text)
        lowered, joined = keyed_words(text, found)
        hints: dict[str, Hint] = {}
        at = 0
        while at < len(found):
            length, term = self._longest_at(found[at][0], lowered[at], joined, at)
            if term and term not in hints and not (length == 1 and lowered[at] in self._frequent):
                span = (found[at][1][0], found[at + length - 1][1][1])
                translations = self._dictionary.entries[term][: self._max_translations]
                hints[term] = Hint(text[span[0] : span[1]], translations, span, term)
            at += length
        return list(hints.values())

    def _longest_at(self, word: str, lowered: str, joined: list[str], at: int) -> tuple[int, str | None]:
        by_key = self._dictionary.by_key
        for length in range(min(self._dictionary.longest, len(joined) - at), 0, -1):
            if term := by_key.get((lowered, *joined[at + 1 : at + length])):
                return length, term
        # only after the exact look-up failed: a form may be an entry of its own
        return 1, by_key.get((fold(lemma(word, self._language)),))


def confirmed(hints: Sequence[Hint], target: str) -> list[Hint]:
    """Hints of which the target holds a translation, word for word, with those translations alone."""
    spoken = _spoken(target)
    kept = []
    for hint in hints:
        held = tuple(t for t in hint.translations if (said := _spoken(t)) and said in spoken)
        if held:
            kept.append(Hint(hint.term, held, hint.span, hint.origin))
    return kept


def _spoken(text: str) -> str:
    found = [fold(word) for word, _ in words(text)]
    return "\n".join(["", *found, ""]) if found else ""
