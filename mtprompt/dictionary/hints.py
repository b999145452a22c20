"""Dictionary hints for the rarer words of a text (DiPMT).

Source: Ghazvininejad, Gonen, Zettlemoyer 2023, "Dictionary-based Phrase-level Prompting of Large
Language Models for Machine Translation", arXiv 2302.07856; the details the abstract leaves open
(500 frequent words skipped, case-insensitive match, at most 3 translations) follow public
re-implementations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.forms import fold
from mtprompt.dictionary.match import Match, Matcher
from mtprompt.segments import Hint


class HintSource(Protocol):
    """Where hints come from."""

    def hints(self, texts: Sequence[str]) -> list[list[Hint]]:
        """Hints for each text, in order of their place in it, each with all translations, best first."""
        ...


class DictionaryHints:
    """Looks the words of a text up in a dictionary.

    What matches is :class:`~mtprompt.dictionary.match.Matcher`'s; a frequent word gets no hint, a term
    hints once a text. Translations come in the dictionary's order, or, where the pool can say how
    it translates a term, the likelier first among those of the same weight.

    Args:
        dictionary: The dictionary.
        frequent: Folded words that need no hint.
        probability: How likely a translation of a term is in the pool; None where it cannot say.
        auxiliary: Dictionaries from the same source language into others, by language code, whose best
            translation goes into a hint's ``auxiliary``.
        min_similarity: See :class:`~mtprompt.dictionary.match.Matcher`.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        frequent: frozenset[str] = frozenset(),
        probability: Callable[[str, str], float | None] | None = None,
        auxiliary: Mapping[str, Dictionary] | None = None,
        min_similarity: float | None = None,
    ) -> None:
        self._dictionary = dictionary
        self._frequent = frequent
        self._probability = probability
        self._auxiliary = [(d, Matcher(d)) for d in (auxiliary or {}).values()]
        self._matcher = Matcher(dictionary, min_similarity)

    def hints(self, texts: Sequence[str]) -> list[list[Hint]]:
        """See the protocol."""
        return [self._find(text) for text in texts]

    def _find(self, text: str) -> list[Hint]:
        hints: dict[str, Hint] = {}
        for match in self._matcher.match(text):
            if match.term not in hints and not self._is_frequent(match, text):
                hints[match.term] = Hint(
                    text[slice(*match.span)], self._ranked(match.term), match.span, match.term
                )
        found = list(hints.values())
        for dictionary, matcher in self._auxiliary:
            found = [_with_auxiliary(hint, dictionary, matcher) for hint in found]
        return found

    def _is_frequent(self, match: Match, text: str) -> bool:
        if match.words > 1:
            return False
        return fold(text[slice(*match.span)], self._dictionary.languages[0]) in self._frequent

    def _ranked(self, term: str) -> tuple[str, ...]:
        """The translations of a term, best first."""
        senses = self._dictionary.senses(term)
        if (probability := self._probability) is not None and len(senses) > 1:
            likely = {s.translation: probability(term, s.translation) or 0.0 for s in senses}
            senses = tuple(sorted(senses, key=lambda s: (s.file, -(s.weight or 0.0), -likely[s.translation])))
        return tuple(sense.translation for sense in senses)


def _with_auxiliary(hint: Hint, dictionary: Dictionary, matcher: Matcher) -> Hint:
    """The hint with one more auxiliary translation, if the whole term has one."""
    for match in matcher.match(hint.term):
        if match.span == (0, len(hint.term)):
            return replace(hint, auxiliary=(*hint.auxiliary, dictionary.translations(match.term)[0]))
    return hint
