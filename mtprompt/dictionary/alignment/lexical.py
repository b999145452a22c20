"""How likely a pool makes each of the translations that a dictionary lists: for the choice of senses."""

from __future__ import annotations

import hashlib
import math
import shutil
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from unicodedata import unidata_version

import numpy as np

from mtprompt.cache import built_beside, cache_dir
from mtprompt.dictionary.alignment.align import PASSES, Progress, align
from mtprompt.dictionary.alignment.bitext import Bitext, Side
from mtprompt.dictionary.alignment.phrases import Runs, find_phrases
from mtprompt.dictionary.alignment.symmetrize import Links, symmetrize
from mtprompt.dictionary.forms import EXACT, LEMMA, form
from mtprompt.errors import DataError
from mtprompt.sealed import seal, verify
from mtprompt.segments import Pair
from mtprompt.selection.index.arrays import Floats, Int32s, Int64s, Keys
from mtprompt.selection.pool import Pool
from mtprompt.text.tokens import words

# Another one when the files change, or what cuts texts into words, or the aligner.
FORMAT = " ".join(["lexical table 1", unidata_version, *map(version, ("simplemma", "regex"))])
MAX_PAIRS = 100_000
"""Pairs that are aligned; more change little for the words that are frequent enough to say anything."""
_LONGEST = 3  # words of a phrase that is counted as one
_RARE = 3  # a word of fewer occurrences says nothing
_PRIOR = 2.0  # occurrences that the words of a phrase are worth, beside those of the phrase itself
_NOTHING = ""  # where words come from that translate no word
_FREQUENCY, _TARGET_FREQUENCY = "source word", "target word"
_TOTAL, _PHRASE, _WORD = "total", "phrase", "link"


class LexicalTable:
    """Translation probabilities of words and short phrases, by base form where those are known.

    Args:
        keys: What is known, each as a 64-bit hash; ascending.
        values: A count or probability for each.
        languages: Codes of source and target language.
    """

    def __init__(self, keys: Keys, values: Floats, languages: tuple[str, str]) -> None:
        self._keys = keys
        self._values = values
        self._languages = languages
        self._bases = lru_cache(maxsize=1 << 16)(self._find_bases)

    @classmethod
    def of_pool(cls, pool: Pool, on_progress: Progress | None = None) -> LexicalTable:
        """The table of a pool's first :data:`MAX_PAIRS` pairs, from the user's cache if it was made before.

        Where the cache cannot be written the table is made in memory, with a warning.

        Args:
            pool: The pairs.
            on_progress: Called, if it is made, with the number of pairs that were gone through once more;
                see :data:`~mtprompt.dictionary.alignment.align.PASSES`.
        """
        key = hashlib.sha256(f"{FORMAT}\t{pool.corpus.fingerprint}".encode())
        folder = cache_dir("lexical", key.hexdigest()[:16])
        if folder.is_dir():
            try:
                return cls._open(folder, pool.languages)
            except DataError as error:
                warnings.warn(f"{error}; it is made anew", stacklevel=2)
                shutil.rmtree(folder, ignore_errors=True)
        made = cls.of_pairs(islice(pool.pairs, MAX_PAIRS), pool.languages, on_progress)
        try:
            with built_beside(folder) as building:
                np.save(building / "keys.npy", made._keys)
                np.save(building / "values.npy", made._values)
                seal(building, FORMAT, {"pool": pool.corpus.fingerprint, "languages": pool.languages})
        except OSError as error:
            reason = f"{error.strerror or error}: {error.filename or folder}"
            warnings.warn(f"the pool's lexical table is not kept for the next run ({reason})", stacklevel=2)
        return made

    @classmethod
    def _open(cls, folder: Path, languages: tuple[str, str]) -> LexicalTable:
        verify(folder, FORMAT)
        try:
            keys, values = (
                np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ("keys", "values")
            )
        except (OSError, ValueError) as error:
            raise DataError(f"{folder}: this lexical table is damaged ({error})") from None
        return cls(np.asarray(keys), np.asarray(values), languages)

    @classmethod
    def of_pairs(
        cls, pairs: Iterable[Pair], languages: tuple[str, str], on_progress: Progress | None = None
    ) -> LexicalTable:
        """The table of some pairs, in memory."""
        bitext = Bitext.of_pairs(pairs, languages)
        rows = dict(_rows(bitext, on_progress)) if len(bitext) else {}
        keys, values = (
            np.fromiter(rows, np.uint64, len(rows)),
            np.fromiter(rows.values(), np.float32, len(rows)),
        )
        order = np.argsort(keys)
        return cls(keys[order], values[order], languages)

    def probability(self, term: str, translation: str) -> float | None:
        """p(translation | term) in this pool; None if a word of the term is too rare in it to say.

        The share of the aligned occurrences of the term that are so translated, smoothed by its words'
        own probabilities (Foster, Kuhn, Johnson 2006): the product over the translation's words of the
        best that a word of the term gives them, or nothing does (``to`` of ``to save``), which is the
        lexical weight of Koehn, Och, Marcu 2003 for the best alignment of single links.
        """
        source = self._bases(term, self._languages[0], _FREQUENCY)
        target = self._bases(translation, self._languages[1], _TARGET_FREQUENCY)
        if not source or not target or any(self._value(_FREQUENCY, word) < _RARE for word in source):
            return None
        givers = (*source, _NOTHING) if len(target) > 1 else source
        weight = math.prod(max(self._value(_WORD, one, other) for one in givers) for other in target)
        phrases = " ".join(source), " ".join(target)
        total, together = self._value(_TOTAL, phrases[0]), self._value(_PHRASE, *phrases)
        return (together + _PRIOR * weight) / (total + _PRIOR)

    def _find_bases(self, text: str, language: str, kind: str) -> tuple[str, ...]:
        """The words of a text as the table has them: as they stand if it knows them so, else by base form."""
        folded = [form(word, language, EXACT) for word, _ in words(text)]
        bases = [form(word, language, LEMMA) for word, _ in words(text)]
        known = zip(folded, bases, strict=True)
        return tuple(one if self._value(kind, one) else base for one, base in known)

    def _value(self, kind: str, source: str, target: str = "") -> float:
        key = np.uint64(_key(kind, source, target))
        at = int(np.searchsorted(self._keys, key))
        return float(self._values[at]) if at < self._keys.size and self._keys[at] == key else 0.0


def work(pool: Pool) -> int:
    """The pairs that :meth:`LexicalTable.of_pool` goes through, those that it goes through again included."""
    return PASSES * min(len(pool.pairs), MAX_PAIRS)


def _key(kind: str, source: str, target: str = "") -> int:
    # two of a million keys share their 64 bits in one of thirty million tables
    data = f"{kind}\t{source}\t{target}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def _rows(bitext: Bitext, on_progress: Progress | None) -> Iterator[tuple[int, float]]:
    links = symmetrize(bitext, align(bitext, on_progress))
    rows = find_phrases(bitext, links, _LONGEST)
    found = []
    for side, kind, at in ((bitext.source, _FREQUENCY, 0), (bitext.target, _TARGET_FREQUENCY, 2)):
        runs = Runs.of(side.base[side.words], side.before, _LONGEST)
        ids = runs.ids[rows[:, at + 1], rows[:, at]]
        found.append((ids, _names(side, runs, ids, rows[:, at : at + 2])))
        for number, base in enumerate(side.bases):
            yield _key(kind, base), float(runs.counts[number])
    (sources, source_names), (targets, target_names) = found
    for (source, target), count in _counted(sources, targets):
        yield _key(_PHRASE, source_names[source], target_names[target]), count
    for number, count in enumerate(np.bincount(sources).tolist()):
        if count:
            yield _key(_TOTAL, source_names[number]), count
    yield from _word_rows(bitext, links, source_names, target_names)


def _word_rows(
    bitext: Bitext, links: Links, source_names: dict[int, str], target_names: dict[int, str]
) -> Iterator[tuple[int, float]]:
    """p(target word | source word), and p(target word | nothing), as relative frequencies of links."""
    source, target = bitext.source, bitext.target
    pair = np.repeat(np.arange(len(bitext)), np.diff(links.starts))
    types = target.base[target.words].astype(np.int64)
    places = target.starts[pair] + links.target
    sources = source.base[source.words[source.starts[pair] + links.source]].astype(np.int64)
    totals = np.bincount(sources)
    for (one, other), count in _counted(sources, types[places]):
        yield _key(_WORD, source_names[one], target_names[other]), count / totals[one]
    unlinked = np.bincount(np.delete(types, places))
    for other in np.flatnonzero(unlinked).tolist():
        yield _key(_WORD, _NOTHING, target_names[other]), unlinked[other] / unlinked.sum()


def _counted(sources: Int64s, targets: Int64s) -> Iterator[tuple[tuple[int, int], int]]:
    width = 1 + targets.max(initial=0)
    different, counts = np.unique(sources * width + targets, return_counts=True)
    pairs = zip((different // width).tolist(), (different % width).tolist(), strict=True)
    return zip(pairs, counts.tolist(), strict=True)


def _names(side: Side, runs: Runs, wanted: Int64s, rows: Int32s) -> dict[int, str]:
    """The base forms of runs, by their numbers: of all single words, and of those that rows hold.

    Args:
        side: The texts.
        runs: Their runs by base form.
        wanted: The rows' runs.
        rows: First word, and how many more.
    """
    names = dict(enumerate(side.bases))
    different, first = np.unique(wanted, return_index=True)
    for number, (at, more) in zip(different.tolist(), rows[first].tolist(), strict=True):
        names[number] = " ".join(side.bases[word] for word in runs.ids[0, at : at + more + 1].tolist())
    return names
