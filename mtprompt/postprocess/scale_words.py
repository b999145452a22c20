"""Words and signs that multiply the number beside them: ``1.5 million``, ``Tsd.``, ``3万``, ``elfu 5``.

Each language's own are those of Unicode's CLDR (its compact numbers), and a few that it lacks; beside them
stand some that are written in many languages. A word with an ending that is not listed may be one of its
cases, or another word (``тысячами``, ``тысячелетий``): it may multiply or not. So may what is no more than
a letter or two, which may be a unit (``5 m``), and words of languages in which another word may follow
without a space, or with one between its syllables (``25 พันธุ์``, ``25 triệu chứng``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from mtprompt.text.languages import primary
from mtprompt.text.tokens import is_unspaced

# By the pattern of a word, which powers of ten it may stand for. These surely multiply; 百, 千 and 兆 stand
# before units as well (千克 is a kilogram), and 조 is also a clause.
_SURE = {
    "[万萬만]": {4}, "[億亿억]": {8},
    r"hundreds?(?!\w)": {2}, r"(?:thousand|tausend)(?!\w)": {3}, r"(?:tsd|tys|tis|тыс|тис|хил)(?!\w)": {3},
    r"(?:lakh|lac)s?(?!\w)": {5}, r"crores?(?!\w)": {7},
    r"(?:mio|mln|млн)(?!\w)": {6}, r"(?:mrd|mld|млрд)(?!\w)": {9},
}  # fmt: skip
_UNSURE = {
    "[十십]": {1}, "[百백]": {2}, "[千천]": {3}, "[兆조]": {12}, r"(?:thousand|tausend)\w+": {3},
    r"(?:mil+(?:ij|[iyj])(?:oe|[oóõ])|милл?ио|милл?иа|мільйо)\w*": {6},
    r"(?:mil+(?:ij|[iyj])?ard|милл?иа?рд|милијард|мільярд)\w*": {9},
    r"bil+(?:ij|[iyj])(?:oe|[oóõ])\w*": {9, 12}, r"tril+(?:ij|[iyj])(?:oe|[oóõ])\w*": {12, 18},
    r"k(?!\w)": {3}, r"(?:m|mn|mi[ue])(?!\w)": {6}, r"(?:b|bn|g)(?!\w)": {9}, r"(?:t|tn)(?!\w)": {12},
}  # fmt: skip
# What CLDR lacks: common words, and stems that change.
_MORE = {
    "am": {"ሺህ": 3},
    "ar": {"بليون": 9, "تريليون": 12},
    "bn": {"লক্ষ": 5},
    "ca": {"mil": 3},
    "gl": {"mil": 3},
    "he": {"אלפי": 3},
    "hu": {"ezr": 3},
    "kn": {"ಲಕ್ಷ": 5, "ಕೋಟಿ": 7},
    "ml": {"ലക്ഷം": 5, "കോടി": 7},
    "mr": {"लक्ष": 5},
    "sw": {"laki": 5},
    "ta": {"லட்சம்": 5, "இலட்சம்": 5, "கோடி": 7},
    "te": {"లక్ష": 5, "కోటి": 7, "కోట్లు": 7},
    "vi": {"ngàn": 3, "tỉ": 9},
    "xh": {"iwaka": 3, "amawaka": 3},
    "zu": {"izinkulungwane": 3},
}
_SHORT = 2
_DOTTED = 3  # an abbreviation: 5 mil. are millions in Czech, 5 mil miles
_ENDINGS_FROM = 3
_MOST_WORDS = 4  # beside one number; a looping answer has thousands
# What may be written or not: the dot below of Hindi, and what stands on an Arabic alef.
_SPELLINGS = str.maketrans({"\u093c": "\u093c?", **dict.fromkeys("أإآا", "[أإآا]")})
_GAP = "[ \u00a0\u202f-]?[多余餘]?"
# Of a word before a number: "milioni $100", "milioni dola 100", "milioni 14 hadi 22", "izigidi ezi-5".
_UP_TO_NUMBER = r"[ \u00a0-](?:[^\W\d]{2,8}[ \u00a0-])?[$€£¥]?(?:\d[\d.,]*[^\d.,;:]{1,12})?$"
_LONGEST = 60
_NONE = frozenset[int]()
# Nouns change at their beginning, so that a list of words says little: isigidi, izigidi.
_CHANGE_AT_THE_BEGINNING = frozenset({
    "zu", "xh", "ss", "nr", "nd", "sn", "lg", "rw", "rn", "ny",
    "st", "nso", "tn", "ts", "ve", "ln", "kg", "lu", "bem",
})  # fmt: skip
_SPACE_BETWEEN_SYLLABLES = "vi"


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
        sure, unsure = dict(_SURE), dict[str, set[int]]()
        for word, powers in own.items():
            spelt = re.escape(word.rstrip(".")).replace("\\ ", r"\s").translate(_SPELLINGS)
            if _may_mean_more(word, language or "en"):
                unsure.setdefault(spelt + ("" if is_unspaced(word) else r"(?!\w)"), set()).update(powers)
            else:
                sure.setdefault(spelt + r"(?!\w)", set()).update(powers)
            if len(word) >= _ENDINGS_FROM and not is_unspaced(word):
                unsure.setdefault(spelt + r"\w*", set()).update(powers)
        for pattern, its in _UNSURE.items():
            unsure[pattern] = unsure.get(pattern, set()) | its
        either = "|".join(f"({pattern})" for pattern in (*sure, *unsure))
        any_sure = "|".join(sure)
        return cls(
            re.compile(rf"\d{_GAP}(?:{any_sure})|(?<!\w)(?:{any_sure})[ \u00a0-]\d", re.IGNORECASE),
            language is not None
            and primary(language) not in _CHANGE_AT_THE_BEGINNING
            and any({4, 6} & powers for word, powers in own.items() if not _is_short(word)),
            re.compile(rf"{_GAP}(?:{either})\.?", re.IGNORECASE),
            re.compile(rf"(?<!\w)(?:{either}){_UP_TO_NUMBER}", re.IGNORECASE),
            tuple(frozenset(powers) for powers in (*sure.values(), *unsure.values())),
            len(sure),
        )

    def behind(self, text: str, at: int) -> tuple[frozenset[int], bool, int]:
        """What the words right behind a number multiply it by.

        Returns:
            The powers of ten that they may stand for, none if there are no such words; whether they can
            mean nothing else; and where they end.
        """
        powers, sure = _NONE, False
        every = _NONE  # where each of the words multiplies
        for _ in range(_MOST_WORDS):
            found = self._behind.match(text, at)
            if found is None:
                break
            index = (found.lastindex or 1) - 1
            its = self._powers[index]
            every = frozenset(a + b for a in every for b in its) if powers else its
            if index < self._sure:
                powers, sure = every, True
            else:
                powers |= every
            at = found.end()
        return powers, sure, at

    def before(self, text: str, at: int) -> frozenset[int]:
        """What a word right before a number may multiply it by, as in ``elfu 5``."""
        found = self._before.search(text[max(at - _LONGEST, 0) : at])
        return self._powers[(found.lastindex or 1) - 1] if found else _NONE


def _is_short(word: str) -> bool:
    return word.isascii() and len(word) <= _SHORT


def _may_mean_more(word: str, language: str) -> bool:
    """Whether a word may stand for a unit as well, or be the beginning of another word."""
    return (
        len(word) <= _SHORT
        or (word.endswith(".") and len(word) <= _DOTTED + 1)
        or is_unspaced(word)
        or primary(language) == _SPACE_BETWEEN_SYLLABLES
    )


def _own_words(language: str) -> dict[str, set[int]]:
    """Each word of a language in all its scripts, the longest first, with its powers of ten."""
    words: dict[str, set[int]] = {}
    for word, power in (*_MORE.get(primary(language), {}).items(), *_compact_words(language)):
        words.setdefault(word, set()).add(power)
    return dict(sorted(words.items(), key=lambda item: (-len(item[0]), item[0])))


def _compact_words(language: str) -> Iterator[tuple[str, int]]:
    """The words of CLDR's compact numbers."""
    from babel import Locale, UnknownLocaleError
    from babel.localedata import locale_identifiers

    in_scripts = re.compile(rf"{primary(language)}_[A-Z][a-z]{{3}}")
    for code in (language, *filter(in_scripts.fullmatch, locale_identifiers())):
        try:
            styles = Locale.parse(code.replace("-", "_")).compact_decimal_formats
        except (UnknownLocaleError, ValueError):
            continue
        for forms in styles.values():
            for plural in forms.values():
                for magnitude, its in plural.items():
                    form = str(its.pattern).partition(";")[0]
                    zeros = form.count("0")
                    word = re.sub("[0'\u200e\u200f]", "", form).replace("\u00a0", " ").strip(" -").lower()
                    if zeros and word:
                        yield word, len(str(magnitude)) - zeros
