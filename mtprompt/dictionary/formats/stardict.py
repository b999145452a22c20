"""StarDict dictionaries: ``.ifo`` with ``.idx`` or ``.idx.gz``, ``.dict`` or ``.dict.dz``, maybe ``.syn``.

Source: StarDict's ``StarDictFileFormat`` (version 2.4.2 and 3.0.0). Read here and not through
pyglossary, which is under the GPL, needs Python 3.12 and changes the program's logging.

``.ifo`` says ``key=value``; ``.idx`` has word, NUL, offset and size of its article (big-endian, the
offset of 32 bits or ``idxoffsetbits``); ``.syn`` has another word, NUL and the number of the entry in
``.idx``. An article has fields of types: plain text, HTML, Pango and XDXF are read, pronunciations,
pictures and sounds are not. Articles are free text; what is read from them is each line as a list of
translations, without the part of speech in front (``n. ``), as common dictionaries have it.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.article import MARKS, headword
from mtprompt.dictionary.formats.dictd import unzipped
from mtprompt.dictionary.formats.tsv import text_lines
from mtprompt.errors import DataError

__all__ = ["EMPTY", "MARKS", "files", "read"]

EMPTY = "no usable article; expected headwords, each with its translations"

_TEXT = "ml"
_UNREAD = {
    "g": re.compile(r"(?!)"),
    "h": re.compile(r"<(script|style)\b[^<>]*>.*?</\1>", re.DOTALL | re.IGNORECASE),
    # headword, transcription, examples, references
    "x": re.compile(r"<(k|tr|ex|kref|iref|rref)\b[^<>]*>.*?</\1>", re.DOTALL),
}
_LINE_END = re.compile(
    r"<(?:br|hr|/?(?:p|div|li|ol|ul|dl|dt|dd|tr|table|def|h[1-6]))\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_POS = re.compile(r"(n|v|vt|vi|adj|adv|a|ad|prep|conj|pron|num|int|interj|art|aux|abbr)\.\s+")
_NUMBER = re.compile(r"\d{1,2}[.)]\s+")
_ASIDE = re.compile(
    r'\*?\[[^\[\]]*\]$|/[^/]*/$|["“„«]|(?:see(?: also)?|synonyms?|notes?|examples?):', re.IGNORECASE
)


def files(path: Path) -> list[Path]:
    """All files of the dictionary that a path names one of; the description is the first."""
    base = path.name
    for ending in (".dz", ".gz", ".dict", ".idx", ".syn", ".ifo"):
        base = base.removesuffix(ending)

    def either(plain: str, zipped: str) -> Path:
        found = path.with_name(base + zipped)
        return found if found.exists() else path.with_name(base + plain)

    synonyms = either(".syn", ".syn.dz")
    needed = [path.with_name(f"{base}.ifo"), either(".idx", ".idx.gz"), either(".dict", ".dict.dz")]
    return [*needed, synonyms] if synonyms.exists() else needed


def read(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """Each headword, and its synonyms in ``.syn``, with each line of its article, in the index's order."""
    about, index, content, *synonyms = files(path)
    facts = dict(line.split("=", 1) for _, line in text_lines(about, problems) if "=" in line)
    articles = unzipped(content)
    others: dict[int, list[str]] = {}
    for name in synonyms:
        for word, numbers in _records(name, ">I", problems):
            others.setdefault(numbers[0], []).append(word)
    offset = ">QI" if facts.get("idxoffsetbits", "").strip() == "64" else ">II"
    for number, (word, (start, size)) in enumerate(_records(index, offset, problems)):
        if start + size > len(articles):
            problems.append(f"{index}: entry {number + 1}, {word!r}: points to no article of {content.name}")
            continue
        try:
            text = _text(articles[start : start + size], facts.get("sametypesequence", "").strip())
        except (ValueError, struct.error):
            problems.append(f"{content}: entry {number + 1}, {word!r}: not to be decoded")
            continue
        for line in _lines(text, word):
            pos = _POS.match(line)
            for term in (word, *others.get(number, ())):
                yield Entry(term, line[pos.end() :] if pos else line, pos=pos[1] if pos else None)


def _records(path: Path, numbers: str, problems: list[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The words of ``.idx`` and ``.syn``, each with the numbers that follow it."""
    content, size, at = unzipped(path), struct.calcsize(numbers), 0
    while at < len(content):
        end = content.find(b"\0", at)
        if end < 0 or end + 1 + size > len(content):
            raise DataError(f"{path}: damaged, ends within an entry")
        word = content[at:end].decode("utf-8", "replace")
        yield word, struct.unpack_from(numbers, content, end + 1)
        at = end + 1 + size


def _text(article: bytes, types: str) -> str:
    """The readable fields of an article, each on lines of its own."""
    found, rest, given = [], article, types
    while rest:
        kind, given = (given[0], given[1:]) if given else ("", "")
        if not types:
            kind, rest = chr(rest[0]), rest[1:]
        if types and not given:  # the last field goes to the end
            field, rest = rest, b""
        elif kind.isupper():
            (size,) = struct.unpack_from(">I", rest)
            field, rest = rest[4 : 4 + size], rest[4 + size :]
        else:
            field, _, rest = rest.partition(b"\0")
        if kind in _TEXT:
            found.append(field.decode("utf-8"))
        elif kind in _UNREAD:
            text = _UNREAD[kind].sub("\n", field.decode("utf-8"))
            found.append(html.unescape(_TAG.sub("", _LINE_END.sub("\n", text))))
    return "\n".join(found)


def _lines(text: str, word: str) -> Iterator[str]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    # many repeat the headword, alone or with its grammar, above the translations
    first, begun = headword(lines[0]).casefold() if lines else "", f"{word.casefold()} "
    if first == begun.strip() or (len(lines) > 1 and first.startswith(begun)):
        lines = lines[1:]
    for line in lines:
        number = _NUMBER.match(line)
        translations = line[number.end() :] if number else line
        if not _ASIDE.match(translations):
            yield translations
