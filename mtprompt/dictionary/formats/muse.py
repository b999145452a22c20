"""The text format of MUSE's dictionaries: two words on a line, with one space between them.

Source: Conneau et al. 2018, "Word Translation Without Parallel Data", arXiv 1710.04087, and the files
published with it. Files with a tab instead of the space are TSV and read as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.tsv import text_lines

EMPTY = "no usable line; expected two words with a space between them on each, or term, tab, translation"
MARKS = None


def read(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """Entries as they stand; several lines of a word are its translations, best first."""
    for number, line in text_lines(path, problems):
        words = line.split()
        if len(words) == 2:
            yield Entry(words[0], words[1])
        elif not line.startswith("#"):
            problems.append(f"{path}:{number}: expected two words with a space between them")
