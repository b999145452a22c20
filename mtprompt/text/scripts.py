"""Which scripts a language is written in, and letters that belong to none of them."""

from __future__ import annotations

from functools import cache

import regex

from mtprompt.text.languages import normalize_code

# CLDR's names for mixtures and variants, as the scripts that Unicode gives to letters.
_PARTS = {
    "Hans": ("Hani",),
    "Hant": ("Hani",),
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
    "Aran": ("Arab",),
}


@cache
def scripts(language: str) -> frozenset[str]:
    """ISO 15924 codes of the scripts a language is written in, by Unicode's CLDR.

    ``{"Cyrl", "Latn"}`` for ``sr``, ``{"Latn"}`` for ``sr-Latn``; none for a language without an entry.
    """
    from babel.core import get_global
    from babel.localedata import locale_identifiers

    parts = normalize_code(language).split("-")
    named = {part for part in parts[1:] if len(part) == 4}
    if not named:
        likely = get_global("likely_subtags")
        known = likely.get("_".join(parts[:2])) or likely.get(parts[0]) or ""
        names = [known, *(name for name in locale_identifiers() if name.split("_")[0] == parts[0])]
        named = {part for name in names for part in name.split("_")[1:] if len(part) == 4}
    return frozenset(script for name in named for script in _PARTS.get(name, (name,)))


@cache
def _foreign(language: str) -> regex.Pattern[str] | None:
    expected = scripts(language)
    if not expected:
        return None
    # Zyyy and Zinh are letters of no script or of any, such as µ and ー
    own = "".join(rf"--\p{{Script={script}}}" for script in sorted(expected | {"Latn", "Zyyy", "Zinh"}))
    return regex.compile(rf"(?V1)[\p{{L}}{own}]")


def foreign_letters(text: str, language: str) -> int:
    """How many letters are of a script that the language is not written in.

    Latin letters never count: names, units and code are written in them everywhere.
    """
    pattern = _foreign(language)
    return len(pattern.findall(text)) if pattern else 0
