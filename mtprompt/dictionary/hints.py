"""Dictionary hints for the rarer words of a text (DiPMT).

Source: Ghazvininejad, Gonen, Zettlemoyer 2023, "Dictionary-based Phrase-level Prompting of Large
Language Models for Machine Translation", arXiv 2302.07856; the details the abstract leaves open
(500 frequent words skipped, case-insensitive match, at most 3 translations) follow public
re-implementations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Protocol

from mtprompt.dictionary.case import is_acronym
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.forms import EXACT, LEMMA, fold
from mtprompt.dictionary.match import Match, Matcher
from mtprompt.segments import Hint
from mtprompt.text.seen import seen


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
        only_sure: Whether stems and parts of compounds, which may be other words, are left out.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        frequent: frozenset[str] = frozenset(),
        probability: Callable[[str, str], float | None] | None = None,
        auxiliary: Mapping[str, Dictionary] | None = None,
        min_similarity: float | None = None,
        only_sure: bool = False,
    ) -> None:
        self._dictionary = dictionary
        self._frequent = frequent
        self._probability = probability
        self._auxiliary = [(d, Matcher(d)) for d in (auxiliary or {}).values()]
        self._matcher = Matcher(dictionary, min_similarity)
        self._hows = (EXACT, LEMMA) if only_sure else None
        self._ranked = lru_cache(maxsize=1 << 16)(self._rank)

    def hints(self, texts: Sequence[str]) -> list[list[Hint]]:
        """See the protocol."""
        return [self._find(text) for text in texts]

    def _find(self, text: str) -> list[Hint]:
        hints: dict[str, Hint] = {}
        for match in self._matcher.match(text):
            if self._hows and match.how not in self._hows:
                continue
            if match.term not in hints and not self._is_frequent(match, text):
                hints[match.term] = Hint(
                    text[slice(*match.span)], self._ranked(match.term), match.span, match.term
                )
        found = list(hints.values())
        for dictionary, matcher in self._auxiliary:
            found = [_with_auxiliary(hint, dictionary, matcher) for hint in found]
        return found

    def _is_frequent(self, match: Match, text: str) -> bool:
        if is_acronym(match.term):
            return False
        return fold(seen(text[slice(*match.span)]), self._dictionary.languages[0]) in self._frequent

    def _rank(self, term: str) -> tuple[str, ...]:
        """The translations of a term, best first."""
        senses = self._dictionary.senses(term)
        ranked: list[str] = []
        for _, tied in groupby(senses, key=lambda sense: (sense.file, sense.weight or 0.0)):
            equals = [sense.translation for sense in tied]
            if self._probability is not None and len(equals) > 1:
                likely = {text: self._probability(term, text) or 0.0 for text in equals}
                equals.sort(key=lambda text: -likely[text])
            ranked += equals
        return tuple(ranked)


def _with_auxiliary(hint: Hint, dictionary: Dictionary, matcher: Matcher) -> Hint:
    """The hint with one more auxiliary translation, if the whole term has one."""
    for match in matcher.match(hint.term):
        if match.span == (0, len(hint.term)):
            return replace(hint, auxiliary=(*hint.auxiliary, dictionary.translations(match.term)[0]))
    return hint
