"""Which words are too frequent to need a hint: by the pool, or by a list of one's own; no stop lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from mtprompt.corpus.lines import read_lines
from mtprompt.dictionary.forms import fold
from mtprompt.errors import DataError
from mtprompt.selection.pool import Pool
from mtprompt.text.boundaries import word_boundaries
from mtprompt.text.languages import UNSPACED, primary
from mtprompt.text.seen import seen
from mtprompt.text.tokens import words

SKIPPED_WORDS = 500
# A small pool's 500 most frequent words would be nearly all of its words; a word that it shows
# less than ten times is not frequent. In a pool of 10,000 sentences this changes nothing.
_FREQUENT_FROM = 10
_CUT = 20_000  # sources without spaces that are cut into words; more hardly change which are frequent
_RUN = 4  # characters
_WITH_COUNT = re.compile(r'"?[^\W\d].*"?[,;]"?[0-9]+"?')


def frequent_words(pool: Pool, most: int = SKIPPED_WORDS) -> frozenset[str]:
    """The most frequent words of a pool's sources, folded: a model knows them.

    In scripts without spaces words are ICU's, of the first 20,000 sources; without ICU, where a term is
    found wherever its characters stand, every run of one to four characters counts as one.

    Args:
        pool: Its index has counted already what has spaces between words.
        most: How many at most; words seen fewer than ten times are never frequent.
    """
    frequent: dict[str, None] = {}
    for token, count in _ranked(pool):
        if count < _FREQUENT_FROM:
            break
        if len(frequent) == most:
            break
        if any(map(str.isalpha, token)):
            frequent[fold(seen(token), pool.language)] = None
    return frozenset(frequent)


def _ranked(pool: Pool) -> Iterator[tuple[str, int]]:
    """The words of a pool's sources with how often they stand there, the most frequent first."""
    if primary(pool.language) in UNSPACED:
        counter = Counter[str]()
        for pair in islice(pool.pairs, _CUT):
            counter.update(_cut(seen(pair.source), pool.language))
        yield from counter.most_common()
        return
    index = pool.index
    counts = np.bincount(index.lower[index.tokens], minlength=len(index.lower))
    tokens = list(index.vocabulary)
    yield from ((tokens[i], int(counts[i])) for i in np.argsort(-counts, kind="stable"))


def _cut(text: str, language: str) -> Iterable[str]:
    """What may be a term in a text without spaces."""
    boundaries = word_boundaries(text, language)
    if boundaries is not None:
        return [fold(text[start:end], language) for start, end in pairwise(sorted(boundaries))]
    spans = [span for _, span in words(text)]
    runs = []
    for first, (start, end) in enumerate(spans):
        for begin, stop in spans[first : first + _RUN]:
            if begin > end:
                break
            end = stop
            runs.append(fold(text[start:end], language))
    return runs


def read_frequent_words(path: Path, language: str, most: int = SKIPPED_WORDS) -> frozenset[str]:
    """The most frequent words of a list: a word a line, or word and count with white space between.

    With counts the highest are taken, without them the first lines.

    Raises:
        DataError: If the file cannot be read, holds no word, or has counts on some lines only.
    """
    counted: list[tuple[str, int | None]] = []
    for number, line, _ in read_lines(path):
        if not (fields := line.split()):
            continue
        if len(fields) > 2 or (len(fields) == 2 and not fields[1].isdecimal()):
            raise DataError(f"{path}:{number}: expected a word, or a word and its count, got {line!r}")
        if len(fields) == 1 and _WITH_COUNT.fullmatch(line.strip()):
            raise DataError(f"{path}:{number}: white space must part a word and its count, got {line!r}")
        if counted and (len(fields) == 2) != (counted[0][1] is not None):
            raise DataError(f"{path}:{number}: give every word a count, or none")
        counted.append((fields[0], int(fields[1]) if len(fields) == 2 else None))
    if not counted:
        raise DataError(f"{path}: no words in it")
    counted.sort(key=lambda pair: -(pair[1] or 0))
    return frozenset(fold(seen(word), language) for word, _ in counted[:most])
