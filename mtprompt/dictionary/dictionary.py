"""A bilingual dictionary in memory."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mtprompt.corpus.lines import decode, open_binary, split_ending
from mtprompt.errors import ConfigError, DataError
from mtprompt.text.tokens import words

Key = tuple[str, ...]
Word = tuple[str, tuple[int, int]]  # as `words` gives them


def fold(word: str) -> str:
    """A word as look-up compares it: lower case, and an umlaut one character however it is stored."""
    return unicodedata.normalize("NFC", word.lower())


def keyed_words(text: str, found: list[Word]) -> tuple[list[str], list[str]]:
    """The words found in a text as look-up compares them: alone, and with what stands before each.

    What stands between two words counts, so that ``Rotes Kreuz`` is not found in ``rot. Kreuz``;
    white space of any kind and length is one space.
    """
    alone, joined, end = [], [], 0
    for word, (start, stop) in found:
        alone.append(fold(word))
        joined.append(re.sub(r"\s+", " ", text[end:start]) + alone[-1])
        end = stop
    return alone, joined


def term_key(term: str) -> Key:
    """The words of a term in lower case, the later ones with what stands before them.

    A term that does not begin and end with a word (``- none -``), or that has no letter, has
    no key, because it could only be matched by accident.
    """
    found = words(term)
    if not found or found[0][1][0] != 0 or found[-1][1][1] != len(term) or not any(map(str.isalpha, term)):
        return ()
    alone, joined = keyed_words(term, found)
    return (alone[0], *joined[1:])


@dataclass(frozen=True)
class Dictionary:
    """Terms and their translations, best first.

    Attributes:
        entries: Headword to translations, in file order.
        problems: ``file:line: reason`` of every line that could not be used.
    """

    entries: dict[str, tuple[str, ...]]
    problems: tuple[str, ...] = field(default=(), compare=False)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over all entries, shortened to 16 digits."""
        return hashlib.sha256(repr(sorted(self.entries.items())).encode()).hexdigest()[:16]

    @cached_property
    def by_key(self) -> dict[Key, str]:
        """Look-up key to the first headword that has it."""
        keys: dict[Key, str] = {}
        for term in self.entries:
            if key := term_key(term):
                keys.setdefault(key, term)
        return keys

    @cached_property
    def longest(self) -> int:
        """Words in the longest term."""
        return max(map(len, self.by_key), default=0)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]], problems: Iterable[str] = ()) -> Dictionary:
        """A dictionary of ``(term, translation)`` pairs; a repeated term gathers its translations."""
        gathered: dict[str, dict[str, None]] = {}
        for term, translation in pairs:
            gathered.setdefault(term, {})[translation] = None
        return cls({term: tuple(found) for term, found in gathered.items()}, tuple(problems))

    @classmethod
    def load(cls, *paths: str | Path) -> Dictionary:
        """Reads tab-separated dictionaries, the earlier file's translations first.

        One translation a line: term, tab, translation; further columns are ignored, so are blank
        lines and lines that begin with ``#`` and have no tab.

        Raises:
            DataError: If a file is missing or has no usable line. Single malformed lines go to
                ``problems`` and the rest is used.
        """
        if not paths:
            raise ConfigError("a dictionary needs at least one file")
        pairs: list[tuple[str, str]] = []
        problems: list[str] = []
        for path in map(Path, paths):
            before = len(pairs)
            with open_binary(path) as stream:
                for number, raw in enumerate(stream, start=1):
                    try:
                        line = split_ending(decode(raw, str(path), number))[0]
                    except DataError as error:
                        problems.append(str(error))
                        continue
                    if not line.strip() or (line.startswith("#") and "\t" not in line):
                        continue
                    term, *columns = (column.strip() for column in line.split("\t"))
                    if term and columns and columns[0]:
                        pairs.append((term, columns[0]))
                    else:
                        problems.append(f"{path}:{number}: expected term, tab, translation")
            if len(pairs) == before:
                raise DataError(f"{path}: no usable line; expected term, tab, translation on each")
        return cls.from_pairs(pairs, problems)
