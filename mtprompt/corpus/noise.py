"""Pairs that would harm as examples: sides that are no translation of each other.

============  ================================================================================
``empty``     a side without any character but white space and invisible ones
``copy``      both sides are the same, and it is a text of three words or more (an untranslated
              sentence) or one without a letter (a number, a line of dashes); shorter ones may
              well be right: "OK", "LibreOffice Writer", "=SUM(A1:B2)"
``repeated``  the same source with the same target came before
``script``    most letters of a side are of a script that its language is not written in
``language``  a side of 20 letters or more is in another language, as surely as the identifier
              says; needs py3langid
``length``    the lengths cannot belong to one another: see :class:`~mtprompt.corpus.lengths.LengthRatio`
============  ================================================================================
"""

from __future__ import annotations

from hashlib import blake2b

import regex

from mtprompt.corpus.lengths import LengthRatio
from mtprompt.segments import Pair
from mtprompt.text.identify import LanguageIdentifier, alike
from mtprompt.text.languages import language_pair
from mtprompt.text.scripts import foreign_letters
from mtprompt.text.tokens import is_unspaced, normalize, words

REASONS = ("empty", "copy", "repeated", "script", "language", "length")

_VISIBLE = regex.compile(r"[^\p{Z}\p{C}]")
# Addresses, tags, placeholders, paths and names of variables are the same in every language.
_NO_PROSE = regex.compile(r"\w+://\S+|\S+@\S+|<[^<>]*>|\{[^{}]*\}|\S*[\\/_=]\S*")
# From this many words on, a source that is its own translation was left untranslated.
_SENTENCE = 3
_CHARACTERS_A_WORD = 3
# A Greek letter or two is a symbol.
_FOREIGN_LETTERS = 5


class NoiseFilter:
    """Finds noise pair by pair, so that a corpus of any size can stream through.

    Args:
        languages: Source and target code.
        ratio: The length ratio that the corpus itself has: ``LengthRatio.of(pairs)``.
        identifier: Tells languages apart; None leaves that to scripts alone.

    Raises:
        ConfigError: For a wrong language code.
    """

    def __init__(
        self,
        languages: tuple[str, str],
        ratio: LengthRatio,
        identifier: LanguageIdentifier | None = None,
    ) -> None:
        self._languages = language_pair(*languages)
        self._ratio = ratio
        self._identifier = identifier
        self._seen: set[bytes] = set()

    def reason(self, pair: Pair) -> str | None:
        """Why a pair is noise, the first of :data:`REASONS` that holds; None if it is to be kept.

        Call it once for each pair, in order: it remembers what it saw to find repetitions.
        """
        if not _VISIBLE.search(pair.source) or not _VISIBLE.search(pair.target):
            return "empty"
        source, target = normalize(pair.source), normalize(pair.target)
        if source == target and not alike(*self._languages) and _is_useless_copy(pair.source):
            return "copy"
        key = blake2b(f"{source}\n{target}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key in self._seen:
            return "repeated"
        self._seen.add(key)
        sides = [
            (_NO_PROSE.sub(" ", text), language)
            for text, language in zip((pair.source, pair.target), self._languages, strict=True)
        ]
        if any(_is_foreign(text, language) for text, language in sides):
            return "script"
        if self._identifier is not None and any(
            self._identifier.other_language(text, language) for text, language in sides
        ):
            return "language"
        return None if self._ratio.fits(pair) else "length"


def _is_useless_copy(text: str) -> bool:
    """Whether a text that is its own translation is a sentence, or nothing to translate at all."""
    if not any(map(str.isalpha, text)):
        return True
    count = sum(1 for word, _ in words(_NO_PROSE.sub(" ", text)) if any(map(str.isalpha, word)))
    return count >= (_SENTENCE * _CHARACTERS_A_WORD if is_unspaced(text) else _SENTENCE)


def _is_foreign(text: str, language: str) -> bool:
    foreign = foreign_letters(text, language)
    return foreign >= _FOREIGN_LETTERS and 2 * foreign > sum(map(str.isalpha, text))
