"""From an entry as a published dictionary prints it to plain terms and translations.

A person's own list (TSV, CSV, MUSE, TBX) is read as it stands: none of these rules touches it, for
its format defines none of the signs (``mtprompt dictionary merge --clean`` takes them for Ding's). In a
format with marks (Ding, dictd, StarDict) they apply in this order; they are our construction, made on
Ding's and FreeDict's files.

1. Unicode is NFC, white space is single spaces; the hyphens U+2010 and U+2011 are ``-``, the Dutch
   letter ``ĳ`` is ``ij``.
2. A field holds synonyms, parted at ``;`` and, where the format lists translations so (dictd,
   StarDict), at a ``,`` before white space; never inside brackets. A term with a comma of its own
   (``je mehr, desto besser``) has translations with commas, so there only one after a mark parts.
3. ``/…/`` that stands apart is an abbreviation or a pronunciation and goes.
4. A grammar mark (``{f}`` in Ding, ``<n>`` in dictd) is the part of speech; the last synonym's
   mark is also that of the synonyms before it that have none. The term's marks go before the
   translation's. Ding's other ``{…}`` (``{dealt; dealt}``) are inflected forms and go.
5. Signs that hold neither go: respellings (``<…>``) in Ding, cross references (``{…}``) in dictd.
6. What stands in ``()`` or ``[]`` is a note, but not where the bracket touches a letter, a digit,
   a hyphen or an apostrophe (``Zelle(n)``, ``(un)fair``). In full-width brackets (``（）``), which
   always touch, it is a note too.
7. German and English placeholders (``jdn.``, ``etw.``, ``sb.``, ``sth.``) go at either end and are
   written out (``bring someone back to life``) in the middle, or where nothing else is left.
8. An ellipsis goes where it stands apart at either end.
9. An English verb loses its ``to``. After ``to``, a verb is what the part of speech calls one;
   without a part of speech, everything but the words of a closed list (``to the left``, ``to date``).
10. Left out altogether is what has no letter or digit left, and, for a hint must be usable as it
    stands: a gap (``auf … basieren``), a part of a word (``Rachen…``, ``-stellig``), a ``~`` for the
    headword, a pattern (``lest + should``), a label (``capital: Toronto``); a bracket without its
    partner; alternatives in several words (``die Arbeit/Prüfung``; ``TCP/IP address`` is none), for
    one can't tell how far they reach; a sentence (more than two words before a final ``.``, ``!`` or
    ``?``), which is an example; an explanation (more than six words longer than its term).

Articles, ``sich`` and ``one's`` stay: they belong to the expression.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mtprompt.dictionary.entry import Entry
from mtprompt.text.languages import primary

SEMICOLONS = re.compile(r"[;；؛]")
_SURE = re.compile(r"[;；؛]|(?<=[>\])}]),(?=\s)")
LISTS = re.compile(r"[;；؛，、،]|,(?=\s)")


@dataclass(frozen=True, slots=True)
class Marks:
    """What the signs of a format mean.

    Attributes:
        terms: Pattern of what parts the synonyms of a term, None where a field holds one.
        translations: Likewise for translations.
        grammar: Pattern of a mark, its group 1 the part of speech.
        dropped: Pattern of what is taken out unread.
    """

    terms: re.Pattern[str] | None
    translations: re.Pattern[str]
    grammar: re.Pattern[str]
    dropped: re.Pattern[str]


class Expression(NamedTuple):
    """One synonym, cleaned."""

    text: str
    pos: str | None
    note: str | None


_PLACEHOLDERS = {
    "jd.": "jemand", "jdn.": "jemanden", "jdm.": "jemandem", "jds.": "jemandes", "etw.": "etwas",
    "sb.": "someone", "sb.'s": "someone's", "sb.’s": "someone’s", "sth.": "something",
}  # fmt: skip
_PLAIN_LETTERS = str.maketrans({"‐": "-", "‑": "-", "ĳ": "ij", "Ĳ": "IJ"})
# Words that follow a "to" which is a preposition; the list is for entries without a part of speech.
_DETERMINERS = "a an the this that these those such some any no all each every both which what whom whose"
_PRONOUNS = "my your his her its our their one's one’s me you him us them it one"
_AFTER_PREPOSITION = frozenset(f"{_DETERMINERS} {_PRONOUNS} and from date hand wit".split())
_SLASHED = re.compile(r"(?<!\S)/\S(?:[^/]*\S)?/(?![^\s;,])")
_NOTE = re.compile(r"(?<![\w'’-])(?:\(([^()\[\]]*)\)|\[([^()\[\]]*)\])(?![\w'’-])|（([^（）]*)）")
_END_ELLIPSIS = re.compile(r"^(?:…|\.\.\.)(?=\s)|(?<=\s)(?:…|\.\.\.)$")
_NO_EXPRESSION = re.compile(r"…|\.\.\.|~|^-(?=[^\W\d])|(?<=\w)-$|(?<!\S)\+(?!\S)|:\s|^/|/$")
_BRACKET = re.compile(r"[()\[\]{}<>（）]")
_PLAIN = re.compile(r" ?[^\W_][\w ]*")
_SENTENCE_END = (".", "!", "?", "…", "。", "！", "？", "؟")
_QUOTES = "\"'’”“»«‹›"
_SENTENCE_WORDS = 2
_LONGER_BY = 6


def cleaned(entry: Entry, marks: Marks, languages: tuple[str, str]) -> Iterator[Entry]:
    """The plain entries that one entry holds: every synonym of the term with every translation.

    Args:
        entry: Fields as the file has them.
        marks: What the format's signs mean.
        languages: Source and target language.
    """
    terms = _expressions(entry.term, marks.terms, marks)
    comma_in_term = marks.terms is None and any("," in term.text for term in terms)
    separator = _SURE if comma_in_term else marks.translations
    translations = _expressions(entry.translation, separator, marks)
    lengths = [len(translation.text.split()) for translation in translations]
    for term in terms:
        longest = len(term.text.split()) + _LONGER_BY
        for translation, length in zip(translations, lengths, strict=True):
            if length <= longest:
                pos = entry.pos or term.pos or translation.pos
                notes = [note for note in (entry.note, term.note, translation.note) if note]
                yield Entry(
                    _without_to(term.text, pos, languages[0]),
                    _without_to(translation.text, pos, languages[1]),
                    entry.weight,
                    pos,
                    "; ".join(notes) if notes else None,
                )


def _expressions(field: str, separator: re.Pattern[str] | None, marks: Marks) -> list[Expression]:
    field = " ".join(field.split())
    if not field.isascii():
        field = unicodedata.normalize("NFC", field).translate(_PLAIN_LETTERS)
    found = [_expression(part, marks) for part in (_parted(field, separator) if separator else [field])]
    shared = found[-1].pos
    return [
        expression if expression.pos or not shared else expression._replace(pos=shared)
        for expression in found
        if _usable(expression.text)
    ]


def _parted(field: str, separator: re.Pattern[str]) -> list[str]:
    """The field's parts between separators outside brackets."""
    parts, start = [], 0
    for match in separator.finditer(field):
        part = field[start : match.start()]
        if _depth(part) <= 0:
            parts.append(part)
            start = match.end()
    return [*parts, field[start:]]


def _expression(text: str, marks: Marks) -> Expression:
    if _PLAIN.fullmatch(text):  # as most are; the rest of this would do nothing
        return Expression(text.strip(), None, None)
    if "/" in text:
        text = _SLASHED.sub("", text)
    pos = "; ".join(dict.fromkeys(mark for mark in marks.grammar.findall(text) if mark))
    text = marks.dropped.sub("", marks.grammar.sub("", text)).strip()
    notes: list[str] = []
    while found := _NOTE.findall(text):  # from the inside out
        notes += [note.strip() for groups in found for note in groups if note.strip()]
        text = _NOTE.sub("", text).strip()
    text = _without_placeholders(" ".join(text.split()).replace(" ,", ","))
    text = _END_ELLIPSIS.sub("", text).strip(" ,;:")
    return Expression(text, pos or None, "; ".join(notes) or None)


def _without_placeholders(text: str) -> str:
    if "." not in text:
        return text
    words = text.split()
    filled = [_written_out(word) for word in words]
    start, stop = 0, len(words)
    while start < stop and filled[start]:
        start += 1
    while stop > start and filled[stop - 1]:
        stop -= 1
    if start == stop:
        start, stop = 0, len(words)
    return " ".join(filled[at] or words[at] for at in range(start, stop))


def _written_out(word: str) -> str | None:
    """``someone`` for ``sb.`` and for ``sb./sth.``, None for a word that is no placeholder."""
    first, *others = (_PLACEHOLDERS.get(part) for part in word.rstrip(",").split("/"))
    return first if first and all(others) else None


def _usable(text: str) -> bool:
    if _PLAIN.fullmatch(text):
        return True
    words = text.split()
    if len(words) > _SENTENCE_WORDS and text.rstrip(_QUOTES).endswith(_SENTENCE_END):
        return False
    if _NO_EXPRESSION.search(text) or (len(words) > 1 and any(map(_is_alternative, words))):
        return False
    return any(map(str.isalnum, text)) and _depth(text) == 0


def _is_alternative(word: str) -> bool:
    """Whether a slash parts or ends words, not abbreviations (``TCP/IP``) or numbers."""
    return "/" in word and (word.strip("/") != word or word.upper() != word)


def _depth(text: str) -> int:
    """Brackets that are open at the end of the text, below 0 if one closes that was not opened."""
    depth = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "([{<（" else -1
        if depth < 0:
            return depth
    return depth


def _without_to(text: str, pos: str | None, language: str) -> str:
    if not text.startswith("to ") or primary(language) != "en":
        return text
    rest = text.removeprefix("to ")
    verb = pos.startswith("v") if pos else rest.split(" ", 1)[0] not in _AFTER_PREPOSITION
    return rest if verb else text
