"""What marks a number as the hour of a clock: ``3 p.m.``, ``15 Uhr``, ``下午3点``, ``von 13 bis 15 Uhr``."""

from __future__ import annotations

import re
from functools import cache

from mtprompt.text.languages import primary

_MINUTES = re.compile(r"[:：][0-5]\d(?!\d)")
PAST_HOUR = re.compile(r"(?<!\d)\d{1,2}[:：]$")
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
# Between two hours that one mark serves: "13–15 Uhr", "de 15h à 17h", "entre las 3 y las 5".
RANGE = re.compile(r"\s?(?:h|[時时点點시])?\s?(?:[-‑–—~〜～]|(?:[^\W\d] )?[^\W\d]{1,5})\s?")


def is_marked(before: str, behind: str, language: str, *, has_minutes: bool) -> bool:
    """Whether what stands beside a number makes it the hour of a clock.

    Args:
        before: Some characters before it.
        behind: Some characters behind it.
        language: Their language.
        has_minutes: Whether the number itself has minutes, as in ``14.30``.
    """
    if _CLOCK_BEHIND.match(behind) or _CLOCK_BEFORE.search(before):
        return True
    if not has_minutes and _MINUTES.match(behind) and not PAST_HOUR.search(before):
        return True
    if primary(language) != "de" and _SMALL_AM.match(behind):  # a German preposition
        return True
    hours = _HOURS.match(behind)
    return behind[hours.end() if hours else 0 :].lstrip().lower().startswith(_periods(language))


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
