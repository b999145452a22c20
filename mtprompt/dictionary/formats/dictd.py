"""Dictionaries of the DICT server (RFC 2229): ``.index`` with ``.dict`` or ``.dict.dz``.

The index has a line for each headword: the word in small letters without punctuation, and offset and
length of its article, both in base64 digits. ``.dict.dz`` is dictzip, which gzip reads. Layout of the
articles: :mod:`mtprompt.dictionary.formats.article`.
"""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import b64decode
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from mtprompt.corpus.lines import open_binary
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.article import MARKS, headword, translation_lists
from mtprompt.dictionary.formats.tsv import text_lines
from mtprompt.errors import DataError

__all__ = ["EMPTY", "MARKS", "files", "read", "unzipped"]

EMPTY = "no usable article; expected headwords, each with its translations"

_METADATA = re.compile(r"00-?database")
_GRAMMAR = re.compile(r"<[^<>]*>")
_LOOKED_AT = 200


class Article(NamedTuple):
    """One article: the word that the index has for it, where it begins, and its lines."""

    word: str
    offset: int
    lines: list[str]


def files(path: Path) -> list[Path]:
    """The index and the articles that belong to a path, which names one of them."""
    base = path.name
    for ending in (".dz", ".dict", ".index"):
        base = base.removesuffix(ending)
    zipped, plain = (path.with_name(base + ending) for ending in (".dict.dz", ".dict"))
    return [path.with_name(f"{base}.index"), plain if path == plain or not zipped.exists() else zipped]


def unzipped(path: Path) -> bytes:
    """Content of a file that may be compressed by gzip or dictzip.

    Raises:
        DataError: If it cannot be read or is damaged.
    """
    with open_binary(path) as stream:
        if path.suffix.lower() not in (".dz", ".gz"):
            return stream.read()
        try:
            return gzip.GzipFile(fileobj=stream).read()
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path}: damaged, cannot be unpacked: {error}") from None


def read(path: Path, languages: tuple[str, str], problems: list[str]) -> Iterator[Entry]:
    """Each headword with the list of translations of each sense, in the order of the index."""
    articles = _articles(path, problems)
    first = list(islice(articles, _LOOKED_AT))
    # FreeDict writes the headword, which the index has without its capitals, above each article
    headed = 2 * sum(_letters(it.word) in _letters(headword(it.lines[0])) for it in first) > len(first)
    seen: set[int] = set()
    for article in chain(first, articles):
        if not headed:
            terms, lines = [article.word], article.lines
        elif article.offset not in seen:  # several words of the index may point to an article
            seen.add(article.offset)
            terms, lines = _terms(article), article.lines[1:]
        else:
            continue
        for translations in translation_lists(lines):
            for term in terms:
                yield Entry(term, translations)


def _articles(path: Path, problems: list[str]) -> Iterator[Article]:
    index, content = files(path)
    articles = unzipped(content)
    for number, line in text_lines(index, problems):
        try:
            word, offset, length = line.split("\t")[:3]
            start = _decoded(offset)
            stop = start + _decoded(length)
        except ValueError:
            problems.append(f"{index}:{number}: expected headword, offset and length with tabs between them")
            continue
        if _METADATA.match(word):
            continue
        try:
            text = articles[start:stop].decode("utf-8")
        except UnicodeDecodeError:
            problems.append(f"{index}:{number}: the article is not UTF-8")
            continue
        if stop > len(articles) or not text.strip():
            problems.append(f"{index}:{number}: points to no article of {content.name}")
            continue
        yield Article(word, start, text.lstrip("\n").split("\n"))


def _decoded(digits: str) -> int:
    """A number in base64 digits, most significant first (dictd's ``b64.c``; no padding)."""
    return int.from_bytes(b64decode(digits.rjust(8, "A"), validate=True))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _terms(article: Article) -> list[str]:
    """The first line, or each of its headwords where the index says that there are several."""
    line = article.lines[0]
    if ", " in line:
        words = headword(line).split(", ")
        if _letters(article.word) in map(_letters, words):
            marks = " ".join(_GRAMMAR.findall(line))
            return [f"{word} {marks}" for word in words]
    return [line]
