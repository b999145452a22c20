"""Language codes and the English names that stand in the prompt (``German: …``)."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

from mtprompt.errors import ConfigError

# Written without spaces between words: their text is cut into characters instead.
UNSPACED = frozenset({"zh", "ja", "th", "km", "lo", "my", "yue", "wuu", "nan", "gan", "hak", "hsn", "lzh"})


@cache
def _names() -> dict[str, str]:
    """Code to English name, from Unicode's CLDR (as Babel ships it)."""
    from babel import Locale

    return {code.replace("_", "-"): name for code, name in Locale("en").languages.items()}


def known_names(code: str) -> list[str]:
    """The English names of a code with its region or script, and without; none for an unknown one."""
    return [name for one in (normalize_code(code), primary(code)) if (name := _names().get(one))]


def is_language_name(text: str) -> bool:
    """Whether a text is the English name of a language, in any case."""
    return text.casefold() in {name.casefold() for name in _names().values()}


def normalize_code(code: str) -> str:
    """``de_DE`` → ``de-DE``; the language in lower case, a region in upper, a script in title case."""
    first, *rest = code.strip().replace("_", "-").split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    return part.title() if len(part) == 4 else part.upper() if len(part) in (2, 3) else part.lower()


def language_pair(source: str, target: str) -> tuple[str, str]:
    """Both codes, normalized.

    Raises:
        ConfigError: If one is no language.
    """
    for code in (source, target):
        language_name(code)  # raises for a wrong code
    return normalize_code(source), normalize_code(target)


@cache
def primary(code: str) -> str:
    """The language without region and script: ``de`` for ``de-DE``."""
    return normalize_code(code).split("-")[0]


def same_language(a: str, b: str) -> bool:
    """Whether one code can stand for the other: ``de`` = ``de-DE``, but ``de-DE`` ≠ ``de-AT``."""
    left, right = normalize_code(a), normalize_code(b)
    if left == right:
        return True
    return primary(left) == primary(right) and ("-" not in left or "-" not in right)


def language_name(code: str) -> str:
    """The English name for a code: ``German`` for ``de``, ``Swahili`` for ``sw``.

    A region or script that CLDR names is kept (``zh-Hant`` → ``Traditional Chinese``),
    another is left out (``de-DE`` → ``German``).

    Raises:
        ConfigError: If the code is no language of CLDR; names a near one.
    """
    names = _names()
    normalized = normalize_code(code)
    parts = normalized.split("-")
    for length in range(len(parts), 0, -1):
        if name := names.get("-".join(parts[:length])):
            return name
    by_name = {name.lower(): known for known, name in names.items()}
    wanted = by_name.get(code.strip().lower())
    if wanted is None:
        near_name = get_close_matches(code.strip().lower(), by_name, n=1, cutoff=0.8)
        wanted = by_name[near_name[0]] if near_name else None
    hint = f" Did you mean {wanted!r} ({names[wanted]})?" if wanted else ""
    raise ConfigError(f"unknown language code {code!r}.{hint} Use a code such as de, en, zh or pt-BR.")
