"""A bilingual dictionary, ready to be searched."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from mtprompt.dictionary.database import BETWEEN, Progress, write_database
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.forms import EXACT
from mtprompt.errors import ConfigError, DataError
from mtprompt.text.languages import language_pair

_MANY = 500  # SQLite binds 999 values at most in old builds
Rest = tuple[str, ...]
"""The words of a term after its first, as :func:`~mtprompt.dictionary.forms.term_key` gives them."""


class Sense(NamedTuple):
    """A translation of a term, its weight (None where the file has none), and which file it is from."""

    translation: str
    weight: float | None
    file: int


class Starting(NamedTuple):
    """Headwords that begin with the same word.

    Attributes:
        lengths: How many further words they have, the most first.
        terms: The headwords by their further words, in the order of the files.
    """

    lengths: list[int]
    terms: dict[Rest, tuple[str, ...]]


class Dictionary:
    """Terms and their translations, best first, found by how their first word compares.

    Immutable, and safe to use from several threads. The entries live in an SQLite database, in
    memory or compiled in the user's cache, so that a dictionary of any size opens at once.

    Args:
        database: What :func:`write_database` made.
        languages: Codes of source and target language.
        problems: ``file:line: reason`` of every line that could not be used.
    """

    def __init__(
        self, database: sqlite3.Connection, languages: tuple[str, str], problems: Iterable[str] = ()
    ) -> None:
        self._database = database
        self._lock = Lock()
        self.languages = languages
        self.problems = tuple(problems)
        self.fingerprint = str(self._rows("SELECT fingerprint FROM about")[0][0])
        """SHA-256 over all terms with their translations, weights and files, shortened to 16 digits."""
        self._size = int(self._rows("SELECT count(*) FROM terms")[0][0])
        self.starting = lru_cache(maxsize=1 << 16)(self._starting)
        self.senses = lru_cache(maxsize=1 << 16)(self._senses)

    def __len__(self) -> int:
        return self._size

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def _senses(self, term: str) -> tuple[Sense, ...]:
        """Of a headword: an earlier file's first, by weight, then in the order of the file."""
        query = (
            "SELECT translation, weight, file FROM senses JOIN terms ON id = senses.term "
            "WHERE terms.term = ? ORDER BY place"
        )
        return tuple(map(Sense._make, self._rows(query, term)))

    def translations(self, term: str) -> tuple[str, ...]:
        """Of a headword, best first; none for what is no headword."""
        return tuple(sense.translation for sense in self.senses(term))

    def _starting(self, level: str, first: str) -> Starting:
        """The headwords whose first word compares equal."""
        query = (
            "SELECT rest, terms.term FROM keys JOIN terms ON id = keys.term "
            "WHERE level = ? AND first = ? ORDER BY keys.term"
        )
        found: dict[Rest, tuple[str, ...]] = {}
        for rest, term in self._rows(query, level, first):
            key = tuple(rest.split(BETWEEN)) if rest else ()
            found[key] = (*found.get(key, ()), term)
        return Starting(sorted(set(map(len, found)), reverse=True), found)

    def known(self, words: Collection[str]) -> set[str]:
        """Which folded words are headwords."""
        some, found = list(words), set[str]()
        for start in range(0, len(some), _MANY):
            part = some[start : start + _MANY]
            places = ",".join("?" * len(part))
            query = "SELECT first FROM keys WHERE level = ? AND rest = '' AND first IN"
            found.update(row[0] for row in self._rows(f"{query} ({places})", EXACT, *part))
        return found

    def words_like(self, initial: str) -> list[str]:
        """All headwords of one word that begin with a letter, folded."""
        query = "SELECT DISTINCT first FROM keys WHERE level = ? AND rest = '' AND first >= ? AND first < ?"
        return [row[0] for row in self._rows(query, EXACT, initial, chr(ord(initial) + 1))]

    def entries(self) -> Iterator[Entry]:
        """All entries, terms in the order of the files, of each the best translation first."""
        query = (
            "SELECT terms.term, translation, weight, pos, note FROM senses JOIN terms ON id = senses.term "
            "WHERE senses.term BETWEEN ? AND ? ORDER BY senses.term, place"
        )
        for start in range(1, len(self) + 1, _MANY):  # by parts, so that other threads need not wait
            yield from map(Entry._make, self._rows(query, start, start + _MANY - 1))

    @cached_property
    def has_ties(self) -> bool:
        """Whether a term has two translations that the dictionary ranks by nothing but their place."""
        query = (
            "SELECT 1 FROM senses a JOIN senses b ON a.term = b.term AND b.place = a.place + 1 "
            "AND a.file = b.file AND ifnull(a.weight, 0) = ifnull(b.weight, 0) LIMIT 1"
        )
        return bool(self._rows(query))

    def close(self) -> None:
        """Closes the database; nothing is found any more."""
        self._database.close()

    @classmethod
    def from_entries(
        cls,
        entries: Iterable[Entry],
        source_lang: str,
        target_lang: str,
        problems: Iterable[str] = (),
    ) -> Dictionary:
        """A dictionary in memory; a repeated term gathers its translations.

        Raises:
            DataError: If an entry has no term or no translation, or one that is no text.
        """
        languages = language_pair(source_lang, target_lang)
        database = sqlite3.connect(":memory:", check_same_thread=False)
        write_database(database, [map(_checked, entries)], languages[0])
        return cls(database, languages, problems)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]], source_lang: str, target_lang: str) -> Dictionary:
        """A dictionary in memory of ``(term, translation)`` texts."""
        return cls.from_entries((Entry(*pair) for pair in pairs), source_lang, target_lang)

    @classmethod
    def load(
        cls,
        paths: str | Path | Sequence[str | Path],
        source_lang: str,
        target_lang: str,
        on_progress: Progress | None = None,
    ) -> Dictionary:
        """Opens dictionary files through their compiled form in the user's cache, made at the first time.

        Args:
            paths: One file or several, of any format of :mod:`mtprompt.dictionary.read`; of a term
                that stands in several, the earlier file's translations come first.
            source_lang: Code of the terms' language.
            target_lang: Code of the translations' language.
            on_progress: Called with the number of terms that were compiled since its last call.

        Raises:
            ConfigError: For an ending that is not known or a wrong language code.
            DataError: If a file is missing or has no usable line. Single malformed lines go to
                ``problems`` and the rest is used.
        """
        from mtprompt.dictionary.compiled import open_or_compile

        given = [paths] if isinstance(paths, str | Path) else list(paths)
        if not given:
            raise ConfigError("a dictionary needs at least one file")
        languages = language_pair(source_lang, target_lang)
        return cls(*open_or_compile([Path(path) for path in given], languages, on_progress))


def _checked(entry: Entry) -> Entry:
    for text in entry[:2]:
        if not isinstance(text, str) or not text.strip() or any(map(_is_half, text)):
            raise DataError(f"a dictionary's entry needs a term and a translation, both text, got {entry!r}")
    return entry


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"  # of a pair that stands for one character
