"""The numbers of a text, and what stands beside them: a scale, the mark of a clock, of a decade."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from mtprompt.postprocess.scale_words import ScaleWords
from mtprompt.text.languages import primary

# Blanks divide groups of three only. Letters that digits belong to: Latin, Greek and Cyrillic; Han and
# kana stand right before numbers too.
_BLANK = " \u00a0\u2009\u202f"
_REST = rf"(?:\d{{0,2}}(?:[{_BLANK}]\d{{3}}(?!\d))+(?:[.,٫]\d+)?|\d*(?:[.,'’٫٬]\d+)*)"
NUMBER = re.compile(rf"\d{_REST}")  # beginning with a class, which `re` finds in one sweep
ASKED = re.compile(rf"\d(?<![A-Za-z\u00c0-\u024f\u0370-\u052f_\d]\d){_REST}")
_SEPARATOR = re.compile(rf"[.,'’٫٬{_BLANK}]")
_IN_WORDS_UP_TO = 20
_APART = 12  # how far a number may stand before another to share its scale: "3 to 5 million"

_LONGEST = 30  # digits of a sum
_SEEN = 60  # characters beside a number that may decide what it is

_MINUTES = re.compile(r"[:：][0-5]\d(?!\d)")
_PAST_HOUR = re.compile(r"(?<!\d)\d{1,2}[:：]$")
_LAST_HOUR = 24
_CLOCK_BEHIND = re.compile(
    r"(?:[:：]\d\d)*[ \u00a0\u202f]?"
    r"(?:(?i:a\.[ \u00a0\u202f]?m\.?|p\.[ \u00a0\u202f]?m\.?)|[AP]M\b|(?i:uhr|o['’]clock)\b|h[ ]?[0-5]\d\b"
    r"|[時时点點](?![間间])|시(?!간)|นาฬิกา)"
)
_SMALL_AM = re.compile(r"(?:[:：]\d\d)*[ \u00a0\u202f]?[ap]m\b")
_CLOCK_BEFORE = re.compile(
    r"(?:\b(?:saa|kl\.?|klo|klockan|klokken)|ሰዓት|午前|午後|上午|下午|오전|오후)\s?$", re.I
)
_HOURS = re.compile(
    r"(?:[:：]\d\d)*\s?(?:uhr|hod\w*|godz\w*|час\w*|годин\w*|uur|óra\w*|or[ae]s?|hor[ae]s?|heures?|saat\w*|timer|h)\.?\s",
    re.IGNORECASE,
)
_DAY_PERIODS = (
    "am",
    "pm",
    "morning1",
    "morning2",
    "afternoon1",
    "afternoon2",
    "evening1",
    "evening2",
    "night1",
)

_DECADE_BEHIND = re.compile(
    r"['’]?s\b|['’]?er(?:n|ne)?\b|[-‑](?:х|е|те|ті|та|ти|ти[хя]|ых|ые|tych|te|as|es|an)\b"
    r"|[-‑](?:luv\w*|luku\w*|tal\w*|års?\w*)\b"
    r"|['’]?(?:ene|erne|ere|-?årene|tal(?:et|ets)?)\b|\.[ \u00a0](?:let|léta?|létech|rok\w*)\b"
    r"|[ ]?(?:年代|년대|के दशक)"
)
_DECADE_BEFORE = re.compile(
    r"(?:['’‘]|\b(?:années|anni|años|anos|anys|anii|lat|latach|jaren|miaka ya|tahun|thập niên))\s?['’]?$",
    re.IGNORECASE,
)
_SECOND_YEAR = re.compile(r"(?:\d[/–-]|\b[A-Z]{2})$")  # 2011/12, SS19
_CENTURY = re.compile(r"(?:1\d|20)\d\d")

Value = tuple[str, int]  # significant digits, and the power of ten that the last of them counts


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as it stands in a text.

    Attributes:
        token: Its characters.
        groups: Its digits between separators.
        values: What it may mean.
        is_asked: Whether the other text must have it; digits right behind a letter belong to a name.
        is_scaled: Whether a word or sign beside it surely multiplies it.
        is_hour: Whether it is the hour of a clock, with minutes or without.
        is_minute: Whether it stands behind an hour and a colon.
        is_short: Whether it is a decade, or a year that may lack its century.
        is_date: Whether it is a day and a month.
    """

    token: str
    groups: tuple[str, ...]
    values: frozenset[Value]
    is_asked: bool = True
    is_scaled: bool = False
    is_hour: bool = False
    is_minute: bool = False
    is_short: bool = False
    is_date: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """What counts as a number of its own, without leading zeros; the groups of thousands do not."""
        if self.is_scaled:
            return ()
        if len(self.groups) > 1 and not (self.is_hour or self.is_date or len(self.groups) > 2):
            return ()
        if len(self.groups) > 2 and self.values:
            return ()
        return tuple(map(_bare, self.groups))

    @property
    def hour(self) -> int | None:
        """The hour, if it may be one."""
        first, *more = self.groups
        if len(first) > 2 or int(first) > _LAST_HOUR or len(more) > 1 or self.is_scaled or self.is_minute:
            return None
        return int(first) if not more or (len(more[0]) == 2 and more[0] < "60") else None

    @property
    def years(self) -> tuple[str, ...]:
        """Its parts that are years with their century."""
        return tuple(part for part in self.parts if _CENTURY.fullmatch(part))

    @property
    def may_be_in_words(self) -> bool:
        """Whether it is up to 20, or one digit with zeros behind it."""
        if len(self.groups) > 1:
            return False
        digits = _bare(self.groups[0])
        return (len(digits) <= 2 and int(digits) <= _IN_WORDS_UP_TO) or not digits[1:].strip("0")


def numerals(text: str, language: str | None = None) -> list[Numeral]:
    """All numbers of a text, in order, without those that come again among the same characters.

    Of ``1億2000万`` there is the sum, too.

    Args:
        text: The text.
        language: Its code; without it English marks of scales and clocks are known, and common ones.
    """
    asked = {match.start() for match in ASKED.finditer(text)}
    scales = ScaleWords.of(language)
    found: list[Numeral] = []
    shared: frozenset[int] = frozenset()
    behind_start = len(text)
    addend: frozenset[Value] = frozenset()
    known: dict[tuple[str, str], tuple[Numeral, bool, frozenset[int], frozenset[Value]]] = {}
    for match in reversed(list(NUMBER.finditer(text))):
        start, end = match.span()
        # a model that loops writes the same thousands of times
        place = text[max(start - _SEEN, 0) : start], text[start : end + _SEEN]
        if place in known:
            numeral, is_summed, shared, addend = known[place]
            if is_summed:
                found.pop()
            behind_start = start
            found.append(numeral)
            continue
        numeral = _plain(match.group(), start in asked)
        powers, is_sure, scaled_end = scales.behind(text, end)
        factors = powers if is_sure else powers | {0}
        if not is_sure:
            factors |= scales.before(text, start)
            if behind_start - end <= _APART and "." not in text[end:behind_start]:
                factors |= shared
        values = frozenset((digits, power + factor) for digits, power in numeral.values for factor in factors)
        is_summed = is_sure and bool(addend) and scaled_end == behind_start
        if is_summed:
            values = _sums(values, addend)
            found.pop()
        addend = values if is_sure or not powers else frozenset()
        shared = powers if is_sure else shared if behind_start - end <= _APART else frozenset()
        behind_start = start
        found.append(_marked(replace(numeral, values=values, is_scaled=is_sure), text, start, end, language))
        known[place] = found[-1], is_summed, shared, addend
    return list({id(numeral): numeral for numeral in reversed(found)}.values())


def _plain(token: str, is_asked: bool) -> Numeral:
    digits = token
    if not token.isascii():
        digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in token)
    groups = _SEPARATOR.split(digits)
    return Numeral(token, tuple(groups), frozenset(map(_scientific, _values(digits, groups))), is_asked)


def _marked(numeral: Numeral, text: str, start: int, end: int, language: str | None) -> Numeral:
    before, behind = text[max(start - 15, 0) : start], text[end : end + 40]
    return replace(
        numeral,
        is_hour=numeral.hour is not None and _is_hour(numeral, before, behind, language),
        is_minute=len(numeral.groups) == 1 and _PAST_HOUR.search(before) is not None,
        is_short=len(numeral.groups) > 2 or _is_short(numeral, before, behind),
        is_date=_is_date(numeral, behind, language),
    )


def _is_hour(numeral: Numeral, before: str, behind: str, language: str | None) -> bool:
    if _CLOCK_BEHIND.match(behind) or _CLOCK_BEFORE.search(before):
        return True
    if len(numeral.groups) == 1 and _MINUTES.match(behind) and not _PAST_HOUR.search(before):
        return True
    if primary(language or "en") != "de" and _SMALL_AM.match(behind):  # a German preposition
        return True
    hours = _HOURS.match(behind)
    return behind[hours.end() if hours else 0 :].lstrip().lower().startswith(_periods(language or "en"))


@cache
def _periods(language: str) -> tuple[str, ...]:
    """What a language says behind an hour: ``de la tarde``, ``odpoledne``."""
    from babel import Locale, UnknownLocaleError

    try:
        periods = Locale.parse(language, sep="-").day_periods["format"]
    except (UnknownLocaleError, ValueError):
        return ()
    words = {its[key].lower() for its in periods.values() for key in _DAY_PERIODS if key in its}
    return tuple(word for word in words if len(word) > 2 or not word.isascii())


def _is_short(numeral: Numeral, before: str, behind: str) -> bool:
    if len(numeral.groups) > 1 or len(numeral.groups[0]) not in (2, 4):
        return False
    return bool(_DECADE_BEHIND.match(behind) or _DECADE_BEFORE.search(before) or _SECOND_YEAR.search(before))


def _is_date(numeral: Numeral, behind: str, language: str | None) -> bool:
    """Whether it is ``24.12.`` or ``12.2020``."""
    if len(numeral.groups) != 2 or "." not in numeral.token or primary(language or "en") == "en":
        return False
    first, second = numeral.groups
    if _CENTURY.fullmatch(second):
        return len(first) <= 2 and 1 <= int(first) <= 12
    is_day = len(first) <= 2 and 1 <= int(first) <= 31 and len(second) <= 2 and 1 <= int(second) <= 12
    return is_day and behind.startswith(".")


def _bare(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _values(token: str, groups: list[str]) -> Iterable[str]:
    whole = _bare("".join(groups))
    *before, last = groups
    if not before:
        yield whole
        return
    marks = {c for c in token if not c.isdecimal()}
    grouped = all(2 <= len(group) <= 3 for group in before[1:])
    if grouped and len(marks) == 1 and len(last) == 3 and len(groups[0]) <= 3 and groups[0] != "0":
        yield whole
        if last == "000":  # 5 is not written as 5.000
            return
    if grouped and token.count(token[-len(last) - 1]) == 1:  # a decimal point is the only one of its kind
        fraction = last.rstrip("0")
        yield _bare("".join(before)) + (f".{fraction}" if fraction else "")


def _scientific(value: str) -> Value:
    number, _, fraction = value.partition(".")
    digits = (number + fraction).lstrip("0")
    significant = digits.rstrip("0")
    return significant, len(digits) - len(significant) - len(fraction) if significant else 0


def _sums(values: frozenset[Value], addends: frozenset[Value]) -> frozenset[Value]:
    """Of each value and each smaller addend, as in 1億2000万."""
    sums = set()
    for digits, power in values:
        for more, lower in addends:
            if lower >= 0 and len(more) + lower <= power and len(digits) + power <= _LONGEST:
                sums.add(_scientific(str(int(digits or 0) * 10**power + int(more or 0) * 10**lower)))
    return frozenset(sums) or values
