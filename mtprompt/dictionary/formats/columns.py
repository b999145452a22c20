"""The columns of TSV and CSV dictionaries.

With a header line, columns are found by name, in any order; it is the first line with text, and must
name a term and a translation column. Without one the first column is the term and the second the
translation; of the further ones the first that is a number (``0.9``, or ``0,9``) is the weight, the first
that is none the part of speech, the second that is none the note. A weight such as ``1,200`` may be two
numbers, and is none. More are ignored, and so are columns of other names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isinf

from mtprompt.dictionary.entry import Entry
from mtprompt.text.languages import is_language_name, known_names, primary
from mtprompt.text.seen import seen

NAMES = {
    "term": ("term", "source", "headword"),
    "translation": ("translation", "target"),
    "weight": ("weight", "probability", "score"),
    "pos": ("pos", "part of speech"),
    "note": ("note", "notes", "comment"),
}
"""Names of columns in a header; the languages' codes and English names name the first two as well."""

_CODE = re.compile(r"[A-Za-z]{2,3}([-_]\w+)*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")  # or decimals: nobody knows


def could_be_header(term: str, translation: str) -> bool:
    """Whether an entry, as the first of a file, could be taken for a header in some languages."""
    return all(
        cell.lower() in NAMES[name] or _CODE.fullmatch(cell) or is_language_name(cell)
        for name, cell in (("term", term), ("translation", translation))
    )


class Columns:
    """Reads rows; the first may be a header.

    Args:
        languages: Codes of source and target language.
        expected: What a row should hold, for messages.
    """

    def __init__(self, languages: tuple[str, str], expected: str) -> None:
        names = dict(NAMES)
        for key, code in zip(("term", "translation"), languages, strict=True):
            spelt = (code, primary(code), *known_names(code))
            names[key] = (*names[key], *map(str.lower, spelt))
        self._names = {name: key for key, known in names.items() for name in known}
        self._expected = expected
        self._header: list[str | None] | None = None
        self._first = True

    def read(self, row: Sequence[str], place: str, problems: list[str]) -> Entry | None:
        """One row as an entry; None for the header and for what cannot be used, which is reported.

        Args:
            row: The columns.
            place: ``file:line``.
            problems: Where to report.
        """
        cells = [cell.strip() for cell in row]
        if self._first:
            self._first = False
            named = [self._names.get(cell.lower()) for cell in cells]
            if {"term", "translation"} <= set(named):
                self._header = named
                return None
        fields = self._by_name(cells) if self._header else _by_place(cells)
        term, translation = fields.get("term"), fields.get("translation")
        if not term or not translation or not seen(term).strip():
            problems.append(f"{place}: {self._expected}")
            return None
        weight = fields.get("weight")
        number = None
        if weight and _NUMBER.fullmatch(weight) and not _THOUSANDS.fullmatch(weight):
            number = float(weight.replace(",", "."))
        if weight and (number is None or isinf(number)):
            problems.append(f"{place}: the weight {weight!r} is no number; the entry is used without it")
            number = None
        return Entry(
            term,
            translation,
            number,
            fields.get("pos") or None,
            fields.get("note") or None,
        )

    def _by_name(self, cells: Sequence[str]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for name, cell in zip(self._header or (), cells, strict=False):
            if name:
                fields.setdefault(name, cell)
        return fields


def _by_place(cells: Sequence[str]) -> dict[str, str]:
    fields = dict(zip(("term", "translation"), cells, strict=False))
    texts = iter(("pos", "note"))
    for cell in filter(None, cells[2:]):
        key = "weight" if _NUMBER.fullmatch(cell) or _THOUSANDS.fullmatch(cell) else next(texts, "")
        fields.setdefault(key, cell)
    return fields
