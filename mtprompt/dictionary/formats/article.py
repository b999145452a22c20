"""The printed layout of dictionary articles, as FreeDict's dictionaries have it.

::

    kwa /kwˈa/ <prep>                       headword, pronunciation, grammar
    1. with, by                             a numbered sense, its translations in a list
    2.                                      or below its number
    to
    ; towards                               goes on with the list
          "kwa nini"  - for what            an example
       Synonym: {na}                        labels, set in by at least three spaces
     see: {kwa hiyo}                        or ``see:``

Described from Debian's ``dict-freedict-*`` packages. What is not surely a translation is left out: after
the first line of a sense come explanations, and examples may go on below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mtprompt.dictionary.clean import LISTS, Marks

MARKS = Marks(
    terms=None,
    translations=LISTS,
    grammar=re.compile(r"<([^<>]*)>"),
    dropped=re.compile(r"\([^(){}]*\{[^{}]*\}[^(){}]*\)|\{[^{}]*\}"),
)

_BESIDE_HEADWORD = re.compile(r"\s*(?:/\S[^/]*/|<[^<>]*>|\([^()]*\)|\[[^\[\]]*\])")
_NUMBER = re.compile(r"\s*(\d+)\.(?:\s+|$)")
_ASIDE = re.compile(r"\s{3,}|\s*see(?: also)?:")
# "Plural of {choo}: 1. dung 2. latrine"
_REFERENCE = re.compile(r"[^{}]*\{[^{}]*\}:\s*")
_INNER_NUMBER = re.compile(r"(?:^|\s)\d+\.\s+")
# FreeDict glues an abbreviation to its translation, and a pronunciation to that: "section <n>s.,  /ˈɛs/".
# After a mark the two can be told apart, without one the translation is lost.
_ABBREVIATION = re.compile(r"(?<=[>\]])(?:[^,<>\[\]]*,  /[^/]*/)+|[^,<>\[\]]*(?:,  /[^/]*/)+")


def headword(line: str) -> str:
    """An article's first line without pronunciation, grammar and notes."""
    return _BESIDE_HEADWORD.sub("", line).strip()


def translation_lists(lines: Iterable[str]) -> Iterator[str]:
    """The list of translations of each sense.

    Args:
        lines: What follows the headword.
    """
    number = 0
    found: str | None = None
    for line in lines:
        counted = _NUMBER.match(line)
        text = line
        if counted and int(counted[1]) == number + 1:
            if found:
                yield from _senses(found)
            number, found, text = number + 1, None, line[counted.end() :]
        if not text.strip():
            continue
        if _ASIDE.match(text):
            found = found or ""  # what follows an example is no translation
        elif found is None:
            found = text.strip()
        elif found and text.startswith(";"):
            found += text
    if found:
        yield from _senses(found)


def _senses(text: str) -> Iterator[str]:
    if ",  /" in text:
        text = _ABBREVIATION.sub("", text)
    reference = _REFERENCE.match(text)
    if reference:
        yield from filter(None, _INNER_NUMBER.split(text[reference.end() :]))
    else:
        yield text
