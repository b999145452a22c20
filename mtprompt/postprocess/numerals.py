"""The numbers of a text, and what stands beside them: a scale, the mark of a clock, of a decade."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from mtprompt.postprocess.clock_marks import PAST_HOUR, RANGE, is_marked
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
_LAST_HOUR = 24
_APART = 12  # how far a number may stand before another to share its scale: "3 to 5 million"
_LONGEST = 30  # digits of a sum
_SURELY, _MAYBE = "surely", "maybe"
_BEFORE, _AFTER = 15, 40
_SEEN = 60  # characters beside a number that may decide what it is

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

_NONE = frozenset[int]()
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
        """Whether it is up to 20, or one digit with zeros behind it, written without separators."""
        if len(self.groups) > 1:
            return False
        digits = _bare(self.groups[0])
        return (len(digits) <= 2 and int(digits) <= _IN_WORDS_UP_TO) or not digits[1:].strip("0")


def numerals(text: str, language: str | None = None) -> list[Numeral]:
    """All numbers of a text, in order, without those that come again among the same characters.

    ``1億2000万`` is one number, its sum. ``5 bin 300``, with a blank, may be one or two: the first may be the
    sum, and the second is not asked for.

    Args:
        text: The text.
        language: Its code; without it English marks of scales and clocks are known, and common ones.
    """
    asked = {match.start() for match in ASKED.finditer(text)}
    found: list[Numeral] = []
    behind = _Behind(len(text))
    known: dict[tuple[str, str], tuple[Sequence[Numeral], bool, _Behind]] = {}
    for match in reversed(list(NUMBER.finditer(text))):
        start, end = match.span()
        # a model that loops writes the same thousands of times
        place = text[max(start - _SEEN, 0) : start], text[start : end + _SEEN]
        if place not in known:
            plain = _plain(match.group(), start in asked)
            numeral, addend, its = _in_place(plain, text, start, end, language or "en", behind)
            joined: Sequence[Numeral] = (numeral,)
            if addend == _MAYBE:
                joined = replace(found[-1], is_asked=False), numeral
            known[place] = joined, bool(addend), its
        joined, replaces, behind = known[place]
        behind = behind._replace(start=start)  # of those known it is another
        if replaces:
            found.pop()
        found += joined
    return list({id(numeral): numeral for numeral in reversed(found)}.values())


class _Behind(NamedTuple):
    """What the number before needs to know: where this one is, what it may be, what is said of both."""

    start: int
    values: frozenset[Value] = frozenset()
    powers: frozenset[int] = _NONE
    is_hour: bool = False


def _in_place(
    numeral: Numeral, text: str, start: int, end: int, language: str, behind: _Behind
) -> tuple[Numeral, str, _Behind]:
    """A number with what stands beside it.

    Returns:
        The number; whether it holds the one behind it, ``_SURELY``, ``_MAYBE`` or not; and what the number
        before it needs to know.
    """
    scales = ScaleWords.of(language)
    powers, is_sure, scaled_end = scales.behind(text, end)
    between = text[end : behind.start]
    is_near = len(between) <= _APART
    gap = text[scaled_end : behind.start] if powers else between
    sums = frozenset[Value]()
    if powers and (not gap or gap in _BLANK) and text[scaled_end - 1] != ".":
        sums = _sums(_multiplied(numeral.values, powers), behind.values)
    addend = "" if not sums else _MAYBE if gap else _SURELY
    if addend == _SURELY:
        values, is_sure = sums, True
    elif is_sure:
        values = _multiplied(numeral.values, powers) | sums
    else:
        factors = powers | {0} | scales.before(text, start)
        if is_near and "." not in between:
            factors |= behind.powers
        values = _multiplied(numeral.values, factors) | sums
    is_sure &= bool(values)  # a date or a version is not multiplied
    left, right = text[max(start - _BEFORE, 0) : start], text[end : end + _AFTER]
    has_minutes = len(numeral.groups) > 1
    numeral = replace(
        numeral,
        values=values,
        is_scaled=is_sure,
        is_hour=not is_sure
        and numeral.hour is not None
        and (
            (behind.is_hour and RANGE.fullmatch(between) is not None)
            or is_marked(left, right, language, has_minutes=has_minutes)
        ),
        is_minute=not has_minutes and PAST_HOUR.search(left) is not None,
        is_short=len(numeral.groups) > 2 or _is_short(numeral, left, right),
        is_date=_is_date(numeral, right, language),
    )
    shared = powers or (behind.powers if is_near else _NONE)
    return numeral, addend, _Behind(start, values, shared, numeral.is_hour)


def _multiplied(values: frozenset[Value], powers: frozenset[int]) -> frozenset[Value]:
    return frozenset((digits, power + more) for digits, power in values for more in powers)


def _plain(token: str, is_asked: bool) -> Numeral:
    digits = token
    if not token.isascii():
        digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in token)
    groups = _SEPARATOR.split(digits)
    return Numeral(token, tuple(groups), frozenset(map(_scientific, _values(digits, groups))), is_asked)


def _is_short(numeral: Numeral, before: str, behind: str) -> bool:
    if len(numeral.groups) > 1 or len(numeral.groups[0]) not in (2, 4):
        return False
    return bool(_DECADE_BEHIND.match(behind) or _DECADE_BEFORE.search(before) or _SECOND_YEAR.search(before))


def _is_date(numeral: Numeral, behind: str, language: str) -> bool:
    """Whether it is ``24.12.`` or ``12.2020``."""
    if len(numeral.groups) != 2 or "." not in numeral.token or primary(language) == "en":
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
    return frozenset(sums)
