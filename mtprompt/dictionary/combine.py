"""Dictionaries made of dictionaries: several in one, and one turned round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf

from mtprompt.dictionary.entry import Entry


def merge(dictionaries: Iterable[Iterable[Entry]]) -> Iterator[Entry]:
    """All entries of several dictionaries, of each term the earlier dictionary's translations first.

    Terms come in the order in which they first appear; of a translation that several have, the
    earliest entry is kept. Within one dictionary, translations are ordered by weight, then as they
    stand, as :class:`~mtprompt.dictionary.dictionary.Dictionary` orders them. So that the result, read
    again, has the order that it is given in, a weight is dropped where it would put a translation
    before one of an earlier dictionary.

    Args:
        dictionaries: The entries of each, the preferred one first.
    """
    terms: dict[str, dict[str, Entry]] = {}
    for dictionary in dictionaries:
        entries = list(dictionary)
        for entry in entries:
            terms.setdefault(entry.term, {})
        for entry in sorted(entries, key=lambda entry: -(entry.weight or 0.0)):
            terms[entry.term].setdefault(entry.translation, entry)
    for translations in terms.values():
        least = inf
        for entry in translations.values():
            kept = entry.weight if (entry.weight or 0.0) <= least else None
            least = min(least, kept or 0.0)
            yield entry._replace(weight=kept)


def invert(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Every translation as a term, with the terms that it translates as its translations, best first.

    How likely a translation is for its term says nothing of how likely the term is for the
    translation, so that weights are not taken over; they only rank, which is our construction: first
    come the terms that had the translation with the highest weight, then those that had it in the
    first place, then the order of the entries. Parts of speech and notes, which are the term's
    (``f``, ``tech.``), are left out.

    Args:
        entries: Of one dictionary, of each term the best translation first.
    """
    turned: dict[str, dict[str, tuple[float, int]]] = {}
    places: dict[str, int] = {}
    for entry in entries:
        place = places[entry.term] = places.get(entry.term, -1) + 1
        terms = turned.setdefault(entry.translation, {})
        terms.setdefault(entry.term, (-(entry.weight or 0.0), place))
    for translation, terms in turned.items():
        for term in sorted(terms, key=lambda term: terms[term]):
            yield Entry(translation, term)
