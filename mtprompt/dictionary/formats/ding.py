"""The text format of Ding, the dictionary of TU Chemnitz (https://dict.tu-chemnitz.de).

A line is ``German :: other language``. On each side, ``|`` parts expressions, which belong to the other
side's by position, and ``;`` their synonyms: ``Arzt {m}; Doktor {m} | Ärzte {pl} :: doctor | doctors``.
``{…}`` is grammar, ``[…]`` a field or register, ``(…)`` a note, ``/…/`` an abbreviation, ``<…>`` another
spelling, ``~…`` a pointer to another entry; lines that begin with ``#`` are comments. Described from
the files themselves, Debian's ``trans-de-en``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mtprompt.dictionary.clean import SEMICOLONS, Marks
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.tsv import text_lines
from mtprompt.text.languages import primary

BETWEEN = " :: "
EMPTY = "no usable line; expected German :: translation on each"
MARKS = Marks(
    terms=SEMICOLONS,
    translations=SEMICOLONS,
    grammar=re.compile(
        r"\{((?:[mfn](?:, ?[mfn])*|pl|adj|adv|v[tir]?|vt, ?vi|p?pron|prp|conj|num|interj|art)(?:;[^{}]*)?)\}"
    ),
    dropped=re.compile(r"\{[^{}]*\}|<[^<>]*>"),
)

_POINTER = re.compile(r"~[^;|]*")


def read(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """Pairs of expressions with their marks; the left side is German, so into German it is turned round."""
    turned = primary(languages[1]) == "de" != primary(languages[0])
    for number, line in text_lines(path, problems):
        if line.startswith("#"):
            continue
        sides = [_POINTER.sub("", side).split(" | ") for side in line.split(BETWEEN)]
        if len(sides) != 2:
            problems.append(f"{path}:{number}: expected German{BETWEEN}translation")
        elif len(sides[0]) != len(sides[1]):
            problems.append(
                f"{path}:{number}: {len(sides[0])} expressions on the left and {len(sides[1])} on the right"
            )
        else:
            for left, right in zip(*sides, strict=True):
                yield Entry(right, left) if turned else Entry(left, right)
