"""Where words begin and end in scripts that put no space between them."""

from __future__ import annotations

import warnings
from functools import cache
from importlib.util import find_spec
from itertools import accumulate

from mtprompt.text.languages import UNSPACED, primary


@cache
def _has_icu(language: str) -> bool:
    if find_spec("icu4py"):
        return True
    warnings.warn(
        f"without word boundaries a {language} term is also found inside a longer word; "
        "for them run: pip install 'mtprompt[icu]'",
        stacklevel=4,
    )
    return False


def word_boundaries(text: str, language: str) -> frozenset[int] | None:
    """The places between two words of a text, by ICU's dictionaries; None where any place will do.

    Languages with spaces need none: their words are found by :func:`~mtprompt.text.tokens.words`. Without
    the package icu4py (extra ``icu``), which is said once, there are none for Chinese, Japanese,
    Thai, Lao, Khmer and Burmese either.
    """
    if primary(language) not in UNSPACED or not _has_icu(primary(language)):
        return None
    from icu4py.breakers import WordBreaker

    return frozenset(accumulate(map(len, WordBreaker(text, primary(language))), initial=0))
