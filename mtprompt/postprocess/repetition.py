"""Whether a text got caught in a loop."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from operator import eq

from mtprompt.text.tokens import words as words_of

_LONGEST = 8
_TIMES = 4
_SPACES = bytes.maketrans(string.punctuation.replace("_", "").encode(), b" " * (len(string.punctuation) - 1))
# Combining marks are part of the word around them.
_WORD = re.compile(r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u0670\u0900-\u0963\u0966-\u0dff]+")
# Scripts without spaces: Thai, Lao, Myanmar, Khmer, kana, Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def pieces_of(text: str) -> list[bytes]:
    """What stands between white space and ASCII punctuation, in lower case and UTF-8.

    Bytes, because they are cut up three times as fast as a string: each translation is.
    """
    return text.lower().encode("utf-8", "surrogatepass").translate(_SPACES).split()


def loops(text: str, pieces: Sequence[bytes]) -> bool:
    """Whether one to eight words stand in a text four times in a row, case and punctuation aside.

    A character of a script without spaces is a word.

    Args:
        text: The text.
        pieces: Its :func:`pieces_of`.
    """
    words: Sequence[bytes | str] = pieces
    if not text.isascii():
        words = _words(text, pieces)
    if len(words) - len(set(words)) < _TIMES - 1:
        return False
    for period in range(1, min(_LONGEST, len(words) // _TIMES) + 1):
        same = bytes(map(eq, words, words[period:]))
        if bytes([True]) * period * (_TIMES - 1) in same:
            return True
    return False


def _words(text: str, pieces: Sequence[bytes]) -> Sequence[bytes | str]:
    lower = text.lower()
    if _UNSPACED.search(lower):
        return [word for word, _ in words_of(lower)]
    if len(pieces) >= _TIMES and len(set(pieces)) == len(pieces):
        return pieces  # no two alike, so no loop, whatever punctuation is still on them
    return _WORD.findall(lower)
