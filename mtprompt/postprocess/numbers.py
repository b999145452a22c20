"""Whether the numbers of a source are in its translation, however a language writes them.

A number of the source is kept if the translation has

* the same value: ``1.000,5`` = ``1,000.5`` = ``1 000,5`` = ``١٠٠٠٫٥``. A separator before exactly three
  digits may be one of thousands or of decimals, so both readings count; ``1,00,000`` = ``100,000``;
* its parts, where it is a date, a time or a version: ``14.30`` → ``2:30``, ``31.12.2020`` → ``Dec 31, 2020``;
* the same digits at another scale: ``8.000`` → ``8 thousand``, ``1,5 Mio.`` → ``1,500,000`` (a factor of
  1,000 or more; beside Chinese, Japanese and Korean myriads any power of ten);
* the hour of the other clock, ``15 Uhr`` → ``3 p.m.`` (Swahili and Amharic count hours from six in the
  morning), or the decade with its century, ``80er`` → ``1980s``;
* words for it: a whole number up to 20, or one digit with zeros behind it (``100``), need not stand there at
  all, if the translation has no number that the source lacks (``5 mg`` → ``6 mg`` is a loss).

Digits right behind a letter belong to a name (``ANZAHL2``, ``E218``) and are not asked for. How often a
number stands there does not count. Converted units (``64 km`` → ``40 miles``) are a known false alarm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from mtprompt.text.languages import primary

# Blanks divide groups of three only. Letters that digits belong to: Latin, Greek and Cyrillic; Han and
# kana stand right before numbers too.
_BLANK = " \u00a0\u2009\u202f"
_REST = rf"(?:\d{{0,2}}(?:[{_BLANK}]\d{{3}}(?!\d))+(?:[.,٫]\d+)?|\d*(?:[.,'’٫٬]\d+)*)"
_NUMBER = re.compile(rf"\d{_REST}")  # beginning with a class, which `re` finds in one sweep
_ASKED = re.compile(rf"\d(?<![A-Za-z\u00c0-\u024f\u0370-\u052f_\d]\d){_REST}")
_SEPARATOR = re.compile(rf"[.,'’٫٬{_BLANK}]")
_MYRIAD = re.compile("[万萬億亿兆만억조]")
_FROM_SIX = frozenset({"sw", "am"})
_SWAP = str.maketrans(",.", ".,")
_IN_WORDS_UP_TO = 20


def lost_number(source: str, text: str, languages: tuple[str, str] | None = None) -> bool:
    """Whether a number of the source is not in the translation."""
    asked = set(_ASKED.findall(source))
    if not asked:
        return False
    found = set(_NUMBER.findall(text))
    missing = asked - found
    if missing.issubset(map(_swapped, found)):  # as nearly always
        return False
    scale = 1 if _MYRIAD.search(source + text) else 3
    clock = 6 if languages and not _FROM_SIX.isdisjoint(map(primary, languages)) else 12
    return _is_lost(missing, asked, found, scale, clock)


def _swapped(token: str) -> str:
    return token.translate(_SWAP)


def _is_lost(missing: set[str], asked: set[str], found: set[str], scale: int, clock: int) -> bool:
    ours, theirs = _Numbers.of(asked, scale, clock), _Numbers.of(found, scale, clock)
    lost = [number for number in map(_Number.parse, missing) if not theirs.have(number)]
    if not all(number.may_be_in_words for number in lost):
        return True
    # what may stand there in words does not if another number stands in its place
    return bool(lost) and not all(ours.have(_Number.parse(token)) for token in found - asked)


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it stands in a text.

    Attributes:
        groups: Its digits between separators.
        values: What it may mean: digits without leading zeros, ``.`` and a fraction if there is one.
    """

    groups: tuple[str, ...]
    values: tuple[str, ...]

    @classmethod
    def parse(cls, token: str) -> _Number:
        if not token.isascii():
            token = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in token)
        groups = _SEPARATOR.split(token)
        return cls(tuple(groups), tuple(_values(token, groups)))

    @property
    def may_be_in_words(self) -> bool:
        if len(self.groups) > 1:
            return False
        (digits,) = self.values
        return _is_small(digits) or not digits[1:].strip("0")


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
    if grouped and token.count(token[-len(last) - 1]) == 1:  # a decimal point is the only one of its kind
        fraction = last.rstrip("0")
        yield _bare("".join(before)) + (f".{fraction}" if fraction else "")


def _scientific(value: str) -> tuple[str, int]:
    """Significant digits, and the power of ten that the last of them counts."""
    number, _, fraction = value.partition(".")
    digits = (number + fraction).lstrip("0")
    significant = digits.rstrip("0")
    return significant, len(digits) - len(significant) - len(fraction)


def _is_small(digits: str) -> bool:
    return len(digits) <= 2 and int(digits) <= _IN_WORDS_UP_TO


@dataclass(slots=True)
class _Numbers:
    """All numbers of a text, to look one up however it is written there.

    Attributes:
        scale: How many powers of ten a word such as "million" may stand for, at least.
        clock: How many hours two clocks may be apart, or a multiple.
    """

    scale: int
    clock: int
    values: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    decades: set[str] = field(default_factory=set)
    scales: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, tokens: Iterable[str], scale: int, clock: int) -> _Numbers:
        all_of_them = cls(scale, clock)
        for number in map(_Number.parse, tokens):
            all_of_them.values.update(number.values)
            all_of_them.parts.update(number.groups, map(_bare, number.groups))
            for significant, power in map(_scientific, number.values):
                all_of_them.scales.setdefault(significant, []).append(power)
        all_of_them.decades.update(part[2:] for part in all_of_them.parts if len(part) == 4)
        return all_of_them

    def have(self, number: _Number) -> bool:
        return (
            not self.values.isdisjoint(number.values)
            or self._have_parts(number)
            or any(map(self._have_scaled, number.values))
        )

    def _have_parts(self, number: _Number) -> bool:
        first, *more = number.groups
        if len(more) == 1:  # a time, if no decimal fraction
            return len(first) <= 2 == len(more[0]) and more[0] in self.parts and self._has_part(first)
        if more and number.values:
            return False  # groups of thousands
        if len(more) == 2 and _is_small(more[0]):  # a month, which may be a word
            del more[0]
        return all(map(self._has_part, (first, *more)))

    def _has_part(self, part: str) -> bool:
        part = _bare(part)
        if part in self.parts or (len(part) == 4 and part[2:] in self.parts):
            return True
        if len(part) > 2:
            return False
        if part in self.decades:
            return True
        hour = int(part)
        others = range(hour % self.clock, 25, self.clock) if hour <= 24 else ()
        return any(str(other) in self.parts for other in others)

    def _have_scaled(self, value: str) -> bool:
        significant, power = _scientific(value)
        return any(abs(power - its) >= self.scale for its in self.scales.get(significant, ()))
