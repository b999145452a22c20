"""What models put before a translation: labels (``English:``) and introductions (``Here it is:``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from mtprompt.errors import ConfigError
from mtprompt.text.languages import language_name, primary

# How "translation" and "translate" begin, lower case.
_TRANSLATION = {
    "af": "verta",
    "am": "ትርጉም",
    "ar": "ترجم",
    "be": "перакл",
    "bg": "превод",
    "bn": "অনুবাদ",
    "bs": "prijevod prevod превод",
    "ca": "tradu",
    "cs": "překl přelož",
    "cy": "cyfieith",
    "da": "oversæt",
    "de": "übersetz",
    "el": "μετάφρασ μεταφρ",
    "en": "translat",
    "es": "tradu",
    "et": "tõlge tõlgi",
    "eu": "itzul",
    "fa": "ترجم",
    "fi": "käänn",
    "fr": "tradu",
    "ga": "aistri",
    "gl": "tradu",
    "ha": "fassar",
    "he": "תרגו",
    "hi": "अनुवाद",
    "hr": "prijevod prevod",
    "hu": "fordít",
    "id": "terjemah",
    "is": "þýð",
    "it": "tradu tradott",
    "ja": "翻訳 訳文",
    "ko": "번역",
    "lt": "verti",
    "lv": "tulk",
    "mk": "превод",
    "mr": "भाषांतर",
    "ms": "terjemah",
    "nl": "verta",
    "no": "overset",
    "nb": "overset",
    "nn": "overset omset",
    "pl": "tłumacz przekład",
    "pt": "tradu",
    "ro": "tradu",
    "ru": "перевод перевед",
    "sk": "prekl prelož",
    "sl": "prevod preved",
    "sq": "përkthim",
    "sr": "prevod превод",
    "sv": "översätt",
    "sw": "tafsiri",
    "ta": "மொழிபெயர்",
    "te": "అనువాద",
    "th": "แปล",
    "tr": "çevir çeviri",
    "uk": "переклад",
    "ur": "ترجم",
    "vi": "bản dịch dịch",
    "yue": "翻譯 翻译 譯文",
    "zh": "翻译 翻譯 译文 譯文",
}
_ENGLISH = ("Answer", "Output", "Response", "Target text")
_OPENER = r"(?:Sure|Certainly|Of course|Absolutely|Okay|OK|Gladly|Gerne|Natürlich|Selbstverständlich|Klar)\b"

_HEAD = re.compile(r"[^:：]{1,160}[:：]")
_BEHIND = re.compile(r"(?:\*\*|__)?\s*")
# Of a text that has a label of its own: a few words, then a colon that is not inside a time or an address.
_OWN_LABEL = re.compile(r"[^:：.!?]{1,60}(?::(?=\s|$)|：)")
# One that may be the translation of a label such as a language's name.
_SHORT_LABEL = re.compile(r"[^\s:：.!?]{1,40}(?: [^\s:：.!?]{1,40})?\s?(?::(?=\s|$)|：)")
_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)")
_OPENER_SENTENCE = re.compile(rf"{_OPENER}[^.!:：]{{0,60}}[.!,]?\s*", re.IGNORECASE)
_OPENING = re.compile(_OPENER, re.IGNORECASE)
_OPENER_ALONE = re.compile(rf"{_OPENER}[!.,]*$", re.IGNORECASE)
CLOSING = re.compile(
    r"\(?\*{0,2}(?:(?:Please )?note|Explanation|Hinweis|Anmerkung|Erklärung|Erläuterung)\b.{0,30}?:"
    r"|Let me know|I hope ",
    re.IGNORECASE,
)
_OFFER = re.compile(
    rf"{_OPENER}.{{0,20}}\b(?:I|I'm|I’m|I'd|I’d|I'll|I’ll|here|happy|glad|ich|hier)\b.{{0,80}}$",
    re.IGNORECASE,
)


def has_label(text: str) -> bool:
    """Whether a text begins with a few words and a colon."""
    return _OWN_LABEL.match(text) is not None


@dataclass(frozen=True, slots=True)
class Labels:
    """What a model may put before a translation between two languages.

    Attributes:
        source: Matches a label with the source language's name.
        target: Matches one with the target language's, or ``Answer:`` and the like.
        translation: Finds the word for a translation in one of both languages, or English.
    """

    source: re.Pattern[str]
    target: re.Pattern[str]
    translation: re.Pattern[str]

    @classmethod
    @cache
    def of(cls, languages: tuple[str, str]) -> Labels:
        """The labels of two language codes: names by Unicode's CLDR, in English and in both languages."""
        source, target = languages
        stems = {
            stem for code in (source, target, "en") for stem in _TRANSLATION.get(primary(code), "").split()
        }
        return cls(
            _label(_names(source, target)),
            _label({*_names(target, source), *_ENGLISH}),
            re.compile(_either(stems), re.IGNORECASE),
        )

    def end(self, text: str, source: str, start: int = 0, end: int | None = None) -> int:
        """Where the text goes on behind a label or introduction at its start; ``start`` if there is none.

        What the source has too is none: its own label, or talk of translations.
        """
        end = len(text) if end is None else end
        head = _HEAD.match(text, start, end)
        if head is None:
            return start
        named = self.source.fullmatch(head.group()) or self.target.fullmatch(head.group())
        if not named and not self._is_introduction(head.group(), source):
            return start
        behind = _BEHIND.match(text, head.end(), end)
        at = behind.end() if behind else head.end()
        if _SHORT_LABEL.match(source) and not _OWN_LABEL.match(text, at, end):
            return start
        return at

    def is_introduction(self, line: str, following: str, source: str, *, apart: bool) -> bool:
        """Whether a line only introduces the one that follows it.

        It speaks of a translation; or ends in a colon, if the source has none; or is an offer to help in
        English or German, a paragraph of its own.

        Args:
            line: The line.
            following: The next one with text.
            source: The source.
            apart: Whether an empty line stands between both.
        """
        has_colon = line.endswith((":", "："))
        if has_colon and self._is_introduction(line, source):
            return True
        if CLOSING.match(following) or self.source.match(following):
            return False
        if has_colon and ":" not in source and "：" not in source:
            return True
        if not apart or _OPENING.match(source) or (following[:1] == "(" != source[:1]):
            return False
        return bool(_OFFER.match(line)) or (len(source) > len(line) and bool(_OPENER_ALONE.match(line)))

    def _is_introduction(self, head: str, source: str) -> bool:
        if head.lstrip().startswith("{"):  # a key of JSON
            return False
        if not self.translation.search(head) or self.translation.search(source):
            return False
        opener = _OPENER_SENTENCE.match(head)
        return not _SENTENCE_END.search(head[opener.end() :] if opener else head)


def _label(names: set[str]) -> re.Pattern[str]:
    # with a preposition: "In English:", "Auf Deutsch:"
    return re.compile(
        rf"\s*(?:#{{1,6}}\s*)?(?:\*\*|__)?(?:\w{{1,4}} )?(?:{_either(names)})"
        r"(?:\s?\([^()]{1,40}\))?(?:\*\*|__)?\s?[:：]",
        re.IGNORECASE,
    )


def _either(words: set[str]) -> str:
    # (?!) never matches
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) or "(?!)"


def _names(code: str, other: str) -> set[str]:
    """What a language is called in English, in itself and in the other."""
    from babel import Locale, UnknownLocaleError

    names = set()
    for known in (code, primary(code)):
        try:
            names.add(language_name(known))
        except ConfigError:
            pass
    for speaker in (code, other):
        try:
            its = Locale.parse(speaker, sep="-").languages
        except (UnknownLocaleError, ValueError):
            continue
        names |= {its[known] for known in (code.replace("-", "_"), primary(code)) if known in its}
    return names
