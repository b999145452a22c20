"""Words and signs that multiply the number beside them: ``1.5 million``, ``Tsd.``, ``3万``, ``elfu 5``.

Each language's own are those of Unicode's CLDR (its compact numbers), with any ending, because a case may
add one; beside them stand a few that are written in many languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from mtprompt.text.languages import primary
from mtprompt.text.tokens import is_unspaced

# By the pattern of a word, which powers of ten it may stand for; a language's own words come first.
_ANYWHERE = {
    "[十십]": {1}, "[百백]": {2}, "[千천]": {3}, "[万萬만]": {4}, "[億亿억]": {8}, "[兆조]": {12},
    r"hundreds?(?!\w)": {2}, r"(?:thousand|tausend)\w*": {3}, r"(?:tsd|tys|tis|тыс|тис|хил)(?!\w)": {3},
    r"(?:lakh|lac)s?(?!\w)": {5}, r"crores?(?!\w)": {7},
    r"(?:mil+(?:ij|[iyj])(?:oe|[oóõ])|милл?ио|милл?иа|мільйо)\w*": {6}, r"(?:mio|mln|млн)(?!\w)": {6},
    r"(?:mil+(?:ij|[iyj])?ard|милл?иа?рд|милијард|мільярд)\w*": {9}, r"(?:mrd|mld|млрд)(?!\w)": {9},
    r"bil+(?:ij|[iyj])(?:oe|[oóõ])\w*": {9, 12}, r"tril+(?:ij|[iyj])(?:oe|[oóõ])\w*": {12, 18},
}  # fmt: skip
# What may stand for a unit of measurement as well: 5 m, 5 K, 3 t, 3 mi, 3 MIU.
_UNSURE = {r"k(?!\w)": {3}, r"(?:m|mn|mi[ue])(?!\w)": {6}, r"(?:b|bn|g)(?!\w)": {9}, r"(?:t|tn)(?!\w)": {12}}
_SHORT = 2
_DOTTED = 3  # an abbreviation: 5 mil. are millions in Czech, 5 mil miles
_ENDINGS_FROM = 4
_GAP = "[ \u00a0\u202f-]?[多余餘]?"
# Of a word before a number: "milioni $100", "milioni dola 100", "milioni 14 hadi 22".
_UP_TO_NUMBER = r"[ \u00a0-](?:[^\W\d]{2,8}[ \u00a0])?[$€£¥]?(?:\d[\d.,]*[^\d.,;:]{1,12})?$"
_LONGEST = 60
# Nouns change at their beginning, so that a list of words says little: isigidi, izigidi.
_CHANGE_AT_THE_BEGINNING = frozenset({
    "zu", "xh", "ss", "nr", "nd", "sn", "lg", "rw", "rn", "ny",
    "st", "nso", "tn", "ts", "ve", "ln", "kg", "lu", "bem",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """What multiplies numbers in one language.

    Attributes:
        scaled: Finds a number with a word behind it.
        is_known: Whether the language's own words are known.
    """

    scaled: re.Pattern[str]
    is_known: bool
    _behind: re.Pattern[str]
    _before: re.Pattern[str]
    _powers: tuple[frozenset[int], ...]
    _sure: int

    @classmethod
    @cache
    def of(cls, language: str | None) -> ScaleWords:
        """Those of a language's code; without it, those that many languages share, and English."""
        own = _own_words(language or "en")
        unsure = {_pattern(word): powers for word, powers in own.items() if _may_be_a_unit(word)}
        sure = {_pattern(word): powers for word, powers in own.items() if not _may_be_a_unit(word)}
        patterns = sure | {pattern: powers for pattern, powers in _ANYWHERE.items() if pattern not in sure}
        for pattern, powers in _UNSURE.items():
            unsure[pattern] = unsure.get(pattern, set()) | powers
        either = "|".join(f"({pattern})" for pattern in (*patterns, *unsure))
        any_sure = "|".join(patterns)
        return cls(
            re.compile(rf"\d{_GAP}(?:{any_sure})|(?<!\w)(?:{any_sure})[ \u00a0-]\d", re.IGNORECASE),
            language is not None
            and primary(language) not in _CHANGE_AT_THE_BEGINNING
            and any({4, 6} & powers for powers in sure.values()),
            re.compile(rf"{_GAP}(?:{either})\.?", re.IGNORECASE),
            re.compile(rf"(?<!\w)(?:{either}){_UP_TO_NUMBER}", re.IGNORECASE),
            tuple(frozenset(powers) for powers in (*patterns.values(), *unsure.values())),
            len(patterns),
        )

    def behind(self, text: str, at: int) -> tuple[frozenset[int], bool, int]:
        """What the words right behind a number multiply it by.

        Returns:
            The powers of ten that they may stand for, none if there are no such words; whether they can
            mean nothing else; and where they end.
        """
        powers, sure = frozenset[int](), False
        while found := self._behind.match(text, at):
            index = (found.lastindex or 1) - 1
            more = self._powers[index]
            sure = sure or index < self._sure
            powers = frozenset(a + b for a in powers for b in more) if powers else more
            at = found.end()
        return powers, sure, at

    def before(self, text: str, at: int) -> frozenset[int]:
        """What a word right before a number may multiply it by, as in ``elfu 5``."""
        found = self._before.search(text[max(at - _LONGEST, 0) : at])
        return self._powers[(found.lastindex or 1) - 1] if found else frozenset()


def _may_be_a_unit(word: str) -> bool:
    return len(word) <= _SHORT and word.isascii() or (word.endswith(".") and len(word) <= _DOTTED + 1)


def _pattern(word: str) -> str:
    word = word.rstrip(".")
    escaped = re.escape(word).replace("\\ ", r"\s")
    if is_unspaced(word):
        return escaped
    return escaped + (r"\w*" if len(word) >= _ENDINGS_FROM else r"(?!\w)")


def _own_words(language: str) -> dict[str, set[int]]:
    """Each word of CLDR's compact numbers, the longest first, with its powers of ten."""
    from babel import Locale, UnknownLocaleError

    try:
        styles = Locale.parse(language, sep="-").compact_decimal_formats
    except (UnknownLocaleError, ValueError):
        return {}
    words: dict[str, set[int]] = {}
    for forms in styles.values():
        for plural in forms.values():
            for magnitude, its in plural.items():
                form = str(its.pattern).partition(";")[0]
                zeros = form.count("0")
                word = re.sub("[0'\u200e\u200f]", "", form).replace("\u00a0", " ").strip(" -").lower()
                if zeros and word:
                    words.setdefault(word, set()).add(len(str(magnitude)) - zeros)
    return dict(sorted(words.items(), key=lambda item: (-len(item[0]), item[0])))
