"""A dictionary in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.ding import MARKS


@dataclass(frozen=True, slots=True)
class Description:
    """What is in a dictionary.

    Attributes:
        terms: How many.
        translations: How many, of all terms together.
        most: The greatest number of translations of a term.
        most_term: That term, the first if there are several.
        several_words: Terms with white space in them.
        weighted: Translations with a weight.
        marked: Translations with a grammar mark as Ding has them (``{f}``), in the term or in themselves.
        parts_of_speech: How many translations have which, the most frequent first.
        samples: Some terms with their translations, from the whole of the dictionary.
    """

    terms: int
    translations: int
    most: int
    most_term: str
    several_words: int
    weighted: int
    marked: int
    parts_of_speech: dict[str, int]
    samples: tuple[tuple[str, tuple[str, ...]], ...]


def describe(dictionary: Dictionary, samples: int = 5) -> Description:
    """Counts what is in a dictionary.

    Args:
        dictionary: The dictionary.
        samples: How many terms to show.
    """
    shown = {number * len(dictionary) // samples for number in range(samples)}
    translations = several_words = weighted = marked = most = 0
    most_term = ""
    parts: Counter[str] = Counter()
    taken = []
    for number, (term, entries) in enumerate(_by_term(dictionary.entries())):
        translations += len(entries)
        several_words += len(term.split()) > 1
        weighted += sum(entry.weight is not None for entry in entries)
        marked += sum(bool(MARKS.grammar.search(f"{term} {entry.translation}")) for entry in entries)
        parts.update(entry.pos for entry in entries if entry.pos)
        if len(entries) > most:
            most, most_term = len(entries), term
        if number in shown:
            taken.append((term, tuple(entry.translation for entry in entries)))
    return Description(
        terms=len(dictionary),
        translations=translations,
        most=most,
        most_term=most_term,
        several_words=several_words,
        weighted=weighted,
        marked=marked,
        parts_of_speech=dict(parts.most_common()),
        samples=tuple(taken),
    )


def _by_term(entries: Iterator[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    for term, its_entries in groupby(entries, key=lambda entry: entry.term):
        yield term, list(its_entries)
