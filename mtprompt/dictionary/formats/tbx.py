"""TermBase eXchange: the terms of a concept in several languages (ISO 30042).

Both dialects are read: TBX 3 (``conceptEntry``, ``langSec``, ``termSec``), with data categories as
attributes or as elements, and the older ``martif`` (``termEntry``, ``langSet``, ``tig`` or ``ntig``).
Every term of the source language goes with every term of the target language, the preferred ones
first; a deprecated or superseded term is no translation, but may stand in a text. Entities are never
expanded, nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mtprompt.corpus.lines import open_binary
from mtprompt.dictionary.entry import Entry
from mtprompt.errors import DataError
from mtprompt.text.languages import same_language
from mtprompt.text.tokens import one_line

EMPTY = "no usable entry; expected concepts with terms in both languages"
MARKS = None

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_STATUS = ("administrativeStatus", "normativeAuthorization")
_AVOIDED = ("deprecated", "superseded", "obsolete", "notRecommended")


class Term(NamedTuple):
    """A term of a concept: its language, part of speech, and status in the termbase's words."""

    language: str
    text: str
    pos: str | None
    status: str


def read(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """The terms of each concept that has both languages; ``de`` takes ``de-DE`` too.

    Raises:
        DataError: If it is no well-formed XML or uses entities of its own; or if no concept has
            terms in both languages, which names those that are there.
    """
    from lxml import etree

    seen: set[str] = set()
    found = False
    with open_binary(path) as stream:
        concepts = etree.iterparse(
            stream,
            events=("end",),
            tag=("{*}termEntry", "{*}conceptEntry"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
        )
        try:
            for _, concept in concepts:
                terms = list(_terms(concept, path))
                field = _subject(concept)
                seen.update(term.language for term in terms)
                concept.clear()
                parent = concept.getparent()
                while parent is not None and concept.getprevious() is not None:
                    del parent[0]  # finished concepts are dropped, memory stays flat
                for entry in _entries(terms, languages, field):
                    found = True
                    yield entry
        except etree.XMLSyntaxError as error:
            line, reason = error.lineno, error.msg
            if not line and len(concepts.error_log):  # an undefined entity (&nbsp;) stands only there
                line, reason = concepts.error_log[-1].line, concepts.error_log[-1].message
            raise DataError(f"{path}:{line or 1}: not well-formed XML: {reason}") from None
    if not found and seen:
        raise DataError(
            f"{path}: no concept has terms in both {' and '.join(languages)}; "
            f"languages in it: {', '.join(sorted(seen))}"
        )


def _entries(terms: list[Term], languages: tuple[str, str], field: str | None) -> Iterator[Entry]:
    sides = [
        sorted((term for term in terms if same_language(term.language, language)), key=_rank)
        for language in languages
    ]
    for term in sides[0]:
        for translation in sides[1]:
            if not translation.status.startswith(_AVOIDED):
                yield Entry(term.text, translation.text, pos=term.pos or translation.pos, note=field)


def _rank(term: Term) -> int:
    return 0 if term.status.startswith("preferred") else 2 if term.status.startswith(_AVOIDED) else 1


def _terms(concept: Any, path: Path) -> Iterator[Term]:
    for section in concept.iter("{*}langSet", "{*}langSec"):
        language = section.get(_XML_LANG) or section.get("lang") or ""
        for term in section.iter("{*}term"):
            text = one_line(_text(term, path)).strip()
            if language and text:
                notes = dict(map(_category, term.getparent()))
                status = next((notes[name] for name in _STATUS if name in notes), "")
                yield Term(language, text, notes.get("partOfSpeech"), status)


def _category(element: Any) -> tuple[str, str]:
    """A data category and its value: ``<termNote type="x">`` and ``<min:x>`` are both ``x``."""
    if not isinstance(element.tag, str):  # a comment
        return "", ""
    return element.get("type") or element.tag.rpartition("}")[2], (element.text or "").strip()


def _subject(concept: Any) -> str | None:
    for element in concept:
        name, value = _category(element)
        if name == "subjectField" and value:
            return one_line(value)
    return None


def _text(term: Any, path: Path) -> str:
    from lxml import etree

    for part in term.iter(etree.Entity):
        raise DataError(
            f"{path}:{part.sourceline}: uses the entity {part.text}, which is not expanded for "
            "safety; write the text itself"
        )
    return str(term.xpath("string()"))  # without comments
