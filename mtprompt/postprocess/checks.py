"""Flags: what looks wrong with a translation, by rules that anyone can check.

==================  =========================================================================
``empty``           nothing came back for a source with text
``source_copied``   the source of three words or more came back unchanged (case aside)
``over_length``     more than three times as long as the source, and 40 characters more; a
                    character of Chinese or Japanese counts as three
``truncated``       the token limit was reached before a stop
``repetition``      the same one to eight words four times in a row, and not so in the source
``over_budget``     the source alone is longer than the model's context: not sent, empty
``exact_match``     a 100 % match's target was copied (``--exact-match copy``)
``missing_term``    a required term is not translated as the terminology says (``--require``), though
                    the segment was tried a second time
==================  =========================================================================
"""

from __future__ import annotations

import regex

from mtprompt.segments import Generation
from mtprompt.text.tokens import normalize, words

OVER_BUDGET = "over_budget"
EXACT_MATCH = "exact_match"
MISSING_TERM = "missing_term"
_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_LOOP = regex.compile(r"(?:^|\n)((?:[^\n]+\n){1,8}?)\1{3}")


def check(source: str, text: str, generation: Generation) -> tuple[str, ...]:
    """The names of all flags that hold for a translation."""
    flags = {
        "empty": not text.strip(),
        "source_copied": len(words(source)) >= 3 and normalize(source) == normalize(text),
        "over_length": _length(text) > max(3 * _length(source), _length(source) + 40),
        "truncated": generation.finish_reason == "length",
        "repetition": _loops(text) and not _loops(source),
    }
    return tuple(name for name, raised in flags.items() if raised)


def _length(text: str) -> int:
    return len(text) + 2 * len(_IDEOGRAPH.findall(text))


def _loops(text: str) -> bool:
    return _LOOP.search("".join(f"{word.lower()}\n" for word, _ in words(text))) is not None
