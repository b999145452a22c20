"""Languages that pass for one another: a text in one is not called wrong where the other is asked for."""

from __future__ import annotations

from functools import cache

from mtprompt.text.identify import alike
from mtprompt.text.languages import primary

# Beside those that are alike to an identifier: its model takes short texts of one for the other.
_CLOSE = tuple(
    frozenset(group.split())
    for group in (
        "cs sk",
        "de lb nds",
        "nl af",
        "es gl ast",
        "pt gl",
        "bg mk",
        "no nb nn da sv",
        "az tr",
        "be ru",
        "hi ne mr",
        "zu xh",
        "rw rn",
        "fo is",
    )
)


@cache
def are_close(a: str, b: str) -> bool:
    """Whether two codes mean one language, or languages that pass for one another in a sentence."""
    return alike(a, b) or any({primary(a), primary(b)} <= group for group in _CLOSE)
