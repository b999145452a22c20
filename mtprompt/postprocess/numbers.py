"""Whether the numbers of a source are in its translation, however a language writes them.

A number of the source is kept if the translation has

* the same value: ``1.000,5`` = ``1,000.5`` = ``1 000,5`` = ``١٠٠٠٫٥``. A separator before exactly three
  digits may be one of thousands or of decimals, so both readings count; ``1,00,000`` = ``100,000``;
* its parts, where it is a date, a time or a version: ``14.30`` → ``2:30 p.m.``, ``31.12.2020`` →
  ``Dec 31, 2020``;
* the same value at another scale, with a word or sign for it on one side: ``8.000`` → ``8 thousand``,
  ``1,5 Mio.`` → ``1,500,000``, ``12億`` → ``1.2 billion`` (:mod:`~mtprompt.postprocess.scale_words`);
* the hour of the other clock, where one side is marked as a clock's: ``15 Uhr`` → ``3 p.m.`` (Swahili and
  Amharic count hours from six in the morning);
* the decade with its century or without, where one side is marked as a decade: ``80er`` → ``1980s``;
* words for it: a whole number up to 20, or one digit with zeros behind it (``100``), without separators, need
  not stand there at all, if the translation has no number that the source lacks (``5 mg`` → ``6 mg`` is a
  loss).

Digits right behind a letter belong to a name (``ANZAHL2``, ``E218``) and are not asked for. How often a
number stands there does not count. Converted units (``64 km`` → ``40 miles``) are a known false alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mtprompt.postprocess.numerals import ASKED, NUMBER, Numeral, Value, numerals
from mtprompt.postprocess.scale_words import ScaleWords
from mtprompt.text.languages import primary

_FROM_SIX = frozenset({"sw", "am"})
_SWAP = str.maketrans(",.", ".,")
_THOUSAND, _MILLION = 3, 6


def lost_number(source: str, text: str, languages: tuple[str, str] | None = None) -> bool:
    """Whether a number of the source is not in the translation."""
    asked = set(ASKED.findall(source))
    if not asked:
        return False
    found = set(NUMBER.findall(text))
    ours, theirs = languages or (None, None)
    if (asked - found).issubset(map(_swapped, found)) and not (  # as nearly always
        ScaleWords.of(ours).scaled.search(source) or ScaleWords.of(theirs).scaled.search(text)
    ):
        return False
    clock = 6 if languages and not _FROM_SIX.isdisjoint(map(primary, languages)) else 12
    may_scale = not (ScaleWords.of(ours).is_known and ScaleWords.of(theirs).is_known)
    return _is_lost(numerals(source, ours), numerals(text, theirs), clock, may_scale)


def _swapped(token: str) -> str:
    return token.translate(_SWAP)


def _is_lost(source: Sequence[Numeral], text: Sequence[Numeral], clock: int, may_scale: bool) -> bool:
    ours, theirs = _Numbers.of(source, clock, may_scale), _Numbers.of(text, clock, may_scale)
    lost = [number for number in source if number.is_asked and not theirs.have(number)]
    if not all(number.may_be_in_words for number in lost):
        return True
    # what may stand there in words does not if another number stands in its place
    return bool(lost) and not all(map(ours.have, text))


@dataclass(slots=True)
class _Numbers:
    """All numbers of a text, to look one up however it is written there.

    Attributes:
        clock: How many hours two clocks may be apart, or a multiple.
        may_scale: Whether a word beside a number may be one for millions that nobody told us of.
    """

    clock: int
    may_scale: bool
    tokens: set[str] = field(default_factory=set)
    values: set[Value] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    minutes: set[str] = field(default_factory=set)
    hours: set[int] = field(default_factory=set)
    clock_hours: set[int] = field(default_factory=set)
    years: set[str] = field(default_factory=set)
    marked_years: set[str] = field(default_factory=set)
    marked_short: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, numbers: Sequence[Numeral], clock: int, may_scale: bool) -> _Numbers:
        its = cls(clock, may_scale)
        for number in numbers:
            its.values |= number.values
            its.parts.update(number.parts)
            if not number.is_scaled:
                its.tokens |= {number.token, _swapped(number.token)}
            if number.hour is not None:
                its.hours.add(number.hour)
                if number.is_hour:
                    its.clock_hours.add(number.hour)
                    its.minutes.update(number.groups[1:])
                elif len(number.groups) == 2:
                    its.minutes.add(number.groups[1])
            years = {year[2:] for year in number.years}
            its.years |= years
            if number.is_short:
                its.marked_years |= years
                its.marked_short.update(part for part in number.groups if len(part) == 2)
        return its

    def have(self, number: Numeral) -> bool:
        return (
            not self.values.isdisjoint(number.values)
            or (not number.is_scaled and number.token in self.tokens)
            or self._have_parts(number)
            or self._have_hour(number)
            or (self.may_scale and any(map(self._have_scaled, number.values)))
        )

    def _have_parts(self, number: Numeral) -> bool:
        if number.is_scaled or (len(number.groups) > 2 and number.values):
            return False  # groups of thousands
        if len(number.groups) == 2 and number.values and not (number.is_date or number.hour is not None):
            return False  # a decimal fraction
        parts = list(number.groups)
        if number.is_date and len(parts[1]) == 4:  # a month, which may be a word
            del parts[0]
        elif number.is_date or (len(parts) == 3 and len(parts[1]) <= 2 and int(parts[1]) <= 12):
            del parts[1]
        return all(self._have_part(part, number) for part in parts)

    def _have_part(self, part: str, number: Numeral) -> bool:
        bare = part.lstrip("0") or "0"
        if bare in self.parts or (number.is_minute and part in self.minutes):
            return True
        if len(bare) == 4:
            return bare[2:] in self.marked_short or (number.is_short and bare[2:] in self.parts)
        return len(part) == 2 and (part in self.marked_years or (number.is_short and part in self.years))

    def _have_hour(self, number: Numeral) -> bool:
        hour = number.hour
        if hour is None or not self._have_minutes(number):
            return False
        same = set(range(hour % self.clock, 25, self.clock))
        return not same.isdisjoint(self.hours if number.is_hour else self.clock_hours)

    def _have_minutes(self, number: Numeral) -> bool:
        return all(
            int(minute) == 0 or minute in self.minutes or minute in self.parts for minute in number.groups[1:]
        )

    def _have_scaled(self, value: Value) -> bool:
        digits, power = value
        return any(
            digits == its and abs(power - other) >= _THOUSAND and len(digits) + max(power, other) > _MILLION
            for its, other in self.values
        )
