"""Text as it is seen: without invisible characters, with one hyphen; terms and texts are compared so."""

from __future__ import annotations

from collections.abc import Sequence

import regex

# Soft hyphens, direction marks and the like, but not the joiners, which tell words of Persian apart.
_UNSEEN = regex.compile(r"[\p{Cf}--[\u200c\u200d]]", regex.V1)
_HYPHENS = str.maketrans("\u2010\u2011", "--")


def seen(text: str) -> str:
    """The text without soft hyphens, direction marks and other characters that show nothing.

    The hyphens U+2010 and U+2011 are the one of the keyboard.
    """
    return text if text.isascii() else _UNSEEN.sub("", text).translate(_HYPHENS)


def seen_places(text: str) -> tuple[str, Sequence[int]]:
    """:func:`seen`, and for each of its characters, and its end, the place in the text."""
    plain = seen(text)
    if len(plain) == len(text):
        return plain, range(len(text) + 1)
    places = [at for at, character in enumerate(text) if not _UNSEEN.match(character)]
    return plain, [*places, len(text)]
