"""Whether a translation is in a wrong language: by its script, and where that is right, by its words.

*By script*: 5 letters or more, and more than half of all, are of a script that the language is not written
in (Latin aside). Or the language is not written in Latin, and of 20 letters or more fewer than one in ten
are of its own script (a Chinese, Japanese or Korean character counts as three).

*By words*, with py3langid (extra ``langid``): the identifier surely names another language for 20 letters
or more (:mod:`mtprompt.text.identify`). As it takes ten times as long as all other checks together, it is
asked only where the script leaves a choice, and small words (``the``, ``und``) look like those of another
language (:mod:`mtprompt.postprocess.small_words`) or are missing from 50 characters or more.

Never wrong are texts all of whose words stand in the source (names; a copied sentence has its own flag),
code and addresses, foreign letters that the source quotes, and close languages for one another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import regex

from mtprompt.postprocess.close_languages import are_close
from mtprompt.postprocess.small_words import evidence
from mtprompt.text.identify import LETTERS, LanguageIdentifier
from mtprompt.text.languages import normalize_code, primary
from mtprompt.text.scripts import foreign_letters, scripts

_FOREIGN_LETTERS = 5
_OWN_SHARE = 1 / 10
_IDEOGRAPHS = frozenset({"Hani", "Hira", "Kana", "Hang"})
_LETTERS_AN_IDEOGRAPH = 3
# Characters from which on a text without any small word is worth a second look.
_EXPECTS_SMALL_WORDS = 50
# Enough to tell a language; more only costs time.
_CHARACTERS = 200

# Addresses, tags, placeholders, paths and names of variables are in no language.
_NO_PROSE = re.compile(r"\w+://\S+|\S+@\S+|<[^<>]*>|\{[^{}]*\}|\S*[\\/_=]\S*")
_WORD = re.compile(r"[^\W\d_]+")
# Where letters of other scripts are; a look before counting.
_BEYOND_LATIN = re.compile("[\u0370-\u1cff\u2c80-\ua71f\ua800-\U0010ffff]")
_KANA = re.compile("[\u3041-\u30ff]")

# Scripts of one language, or nearly: what is written in them needs no further look.
_TELLING = "Armn Geor Grek Gujr Guru Hang Hebr Khmr Knda Laoo Mlym Mymr Orya Sinh Taml Telu Thai"
_TELLING_SCRIPTS = frozenset(_TELLING.split())
# CLDR lists transcriptions into Latin too, and the Han of older Korean.
_WRITTEN = {"hi": frozenset({"Deva"}), "ko": frozenset({"Hang"}), "zh": frozenset({"Hani"})}


def wrong_language(source: str, text: str, words: Sequence[bytes], languages: tuple[str, str]) -> bool:
    """Whether a text is in another language than it should be.

    Args:
        source: The source, whose names may stand in the text.
        text: The translation.
        words: Its words, lower case, UTF-8.
        languages: Codes of the source language, and of the one that the text should be in.
    """
    language = languages[1]
    target = _Target.of(language)
    if not text.isascii() and _BEYOND_LATIN.search(text) and _is_foreign(text, language):
        return foreign_letters(source, languages[0]) < _FOREIGN_LETTERS
    if len(text) * _LETTERS_AN_IDEOGRAPH < LETTERS:
        return False
    if target.own and not target.has_enough(text):
        return not _stands_in(source, text)
    if len(text) < LETTERS:
        return False
    told = target.told(text)
    if told is None:
        said = evidence(words, language)
        told = said > 0 or (said == 0 and len(text) < _EXPECTS_SMALL_WORDS)
    return not told and _sounds_wrong(source, text, language)


@dataclass(frozen=True, slots=True)
class _Target:
    """How a language is told by its script.

    Attributes:
        language: The language without region and script.
        own: Finds a letter of its own; None for a language that is, or may be, written in Latin.
        letters: What a letter of its own counts.
        telling: Whether only this language is written so.
    """

    language: str
    own: regex.Pattern[str] | None
    letters: int
    telling: bool

    @classmethod
    @cache
    def of(cls, language: str) -> _Target:
        code = primary(language)
        written = scripts(language)
        if "Latn" not in normalize_code(language).split("-"):
            written = _WRITTEN.get(code, written)
        if not written or "Latn" in written:
            return cls(code, None, 1, False)
        own = regex.compile("[" + "".join(rf"\p{{Script={script}}}" for script in sorted(written)) + "]")
        letters = _LETTERS_AN_IDEOGRAPH if written & _IDEOGRAPHS else 1
        return cls(code, own, letters, bool(written & _TELLING_SCRIPTS))

    def has_enough(self, text: str) -> bool:
        """Whether enough letters of a text that is long enough are its own."""
        own = 0 if text.isascii() or self.own is None else len(self.own.findall(text))
        letters = sum(map(str.isalpha, text)) + own * (self.letters - 1)
        return letters < LETTERS or own * self.letters >= letters * _OWN_SHARE

    def told(self, text: str) -> bool | None:
        """Whether the letters say that it is this language; None if they leave it open."""
        if self.language in ("ja", "zh"):
            return bool(_KANA.search(text)) == (self.language == "ja")
        return True if self.telling else None


def _is_foreign(text: str, language: str) -> bool:
    foreign = foreign_letters(text, language)
    return foreign >= _FOREIGN_LETTERS and 2 * foreign > sum(map(str.isalpha, text))


def _stands_in(source: str, text: str) -> bool:
    return set(_WORD.findall(text)) <= set(_WORD.findall(source))


def _sounds_wrong(source: str, text: str, language: str) -> bool:
    identifier = _identifier()
    if identifier is None:
        return False
    prose = _NO_PROSE.sub(" ", text[:_CHARACTERS])
    other = identifier.other_language(prose, language)
    return other is not None and not are_close(other, language) and not _stands_in(source, text)


@cache
def _identifier() -> LanguageIdentifier | None:
    return LanguageIdentifier() if find_spec("py3langid") else None
