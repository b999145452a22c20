"""Entries as an SQLite database, in which terms are found by their first word."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.forms import EXACT, SPELT, fold, joined, levels, term_key, term_keys
from mtprompt.text.seen import seen
from mtprompt.text.tokens import words

Progress = Callable[[int], object]
BETWEEN = "\x1f"
"""Stands between the words of a key."""

# Terms and senses are numbered from 1 and 0 in their order; a key is a term as one level compares it.
_SCHEMA = """
CREATE TABLE terms (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE);
CREATE TABLE senses (term INTEGER, place INTEGER, file INTEGER, translation TEXT NOT NULL, weight REAL,
                     pos TEXT, note TEXT, PRIMARY KEY (term, place)) WITHOUT ROWID;
CREATE TABLE keys (level TEXT, first TEXT, rest TEXT, term INTEGER,
                   PRIMARY KEY (level, first, rest, term)) WITHOUT ROWID;
CREATE TABLE about (fingerprint TEXT NOT NULL);
"""


def write_database(
    database: sqlite3.Connection,
    files: Iterable[Iterable[Entry]],
    language: str,
    on_progress: Progress | None = None,
) -> None:
    """Fills an empty database.

    A term's translations are ordered by file, within a file by weight, then as they stand; of one
    that is given twice the better place counts. A term is written as it is seen
    (:func:`~mtprompt.text.seen.seen`), as texts are looked up; one of which nothing is seen is left out.

    Args:
        database: Where to.
        files: The entries of each dictionary, the preferred one first.
        language: That of the terms.
        on_progress: Called with the number of terms that were written since its last call.
    """
    terms: dict[str, dict[str, tuple[int, Entry]]] = {}
    for file, entries in enumerate(files):
        for term, its_entries in _by_term(entries).items():
            known = terms.setdefault(term, {})
            for entry in sorted(its_entries, key=lambda entry: -(entry.weight or 0.0)):
                known.setdefault(entry.translation, (file, entry))
    ways = levels(language)
    digest = hashlib.sha256()
    with database:
        database.executescript(_SCHEMA)
        for number, (term, translations) in enumerate(terms.items(), start=1):
            database.execute("INSERT INTO terms VALUES (?, ?)", (number, term))
            database.executemany(
                "INSERT INTO senses VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (number, place, file, *entry[1:])
                    for place, (file, entry) in enumerate(translations.values())
                ],
            )
            database.executemany(
                "INSERT INTO keys VALUES (?, ?, ?, ?)",
                [
                    (level, key[0], BETWEEN.join(key[1:]), number)
                    for level in ways
                    for key in term_keys(term, language, level)
                ],
            )
            if not term_key(term, language, EXACT) and any(map(str.isalpha, term)):
                found = words(term)
                first, rest = fold(found[0][0], language), joined(term, found, language, EXACT)[1:]
                database.execute(
                    "INSERT INTO keys VALUES (?, ?, ?, ?)", (SPELT, first, BETWEEN.join(rest), number)
                )
            if on_progress:
                on_progress(1)
        for term in sorted(terms):
            senses = [(entry.translation, entry.weight, file) for file, entry in terms[term].values()]
            digest.update(f"{term}\t{senses}\n".encode("utf-8", "surrogatepass"))
        database.execute("INSERT INTO about VALUES (?)", (digest.hexdigest()[:16],))


def _by_term(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    gathered: dict[str, list[Entry]] = {}
    for entry in entries:
        if term := seen(entry.term).strip():
            gathered.setdefault(term, []).append(entry)
    return gathered
