"""One line of a bilingual dictionary."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One translation of one term.

    Attributes:
        term: The headword, in its base form.
        translation: What it means in the target language.
        weight: How good the translation is beside the term's others, higher is better (an alignment
            probability, a rating); None where the file does not say.
        pos: The part of speech as the file names it (``n``, ``verb``), None where it does not say.
        note: What stood in brackets: usage, field, grammar.
    """

    term: str
    translation: str
    weight: float | None = None
    pos: str | None = None
    note: str | None = None
