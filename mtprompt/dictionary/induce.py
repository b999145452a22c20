"""A bilingual dictionary out of a parallel pool: how its texts translate what, by word alignment.

Phrase pairs are counted by base form, so that ``Tabletten`` and ``Tablette`` lend each other support, and
written in the forms that occur. Which of them become entries is decided by our own rules; the
thresholds were chosen on software help texts against a general dictionary (``benchmarks/induction.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mtprompt.dictionary.alignment.align import PASSES as ALIGNING_PASSES
from mtprompt.dictionary.alignment.align import BestLinks, Progress, align
from mtprompt.dictionary.alignment.bitext import SPACED, Bitext, Side
from mtprompt.dictionary.alignment.cohesion import cohesion, continued
from mtprompt.dictionary.alignment.phrases import Runs, find_phrases
from mtprompt.dictionary.alignment.spelling import spellings
from mtprompt.dictionary.alignment.symmetrize import symmetrize
from mtprompt.dictionary.entry import Entry
from mtprompt.segments import Pair
from mtprompt.selection.index.arrays import Doubles, Int32s, Int64s
from mtprompt.text.languages import language_pair

MIN_COUNT, MIN_PROBABILITY, MAX_WORDS = 3, 0.4, 3
PASSES = 1 + ALIGNING_PASSES
"""How often :func:`induce` goes through the pairs, reading them included."""
# A translation may have many more sources than one, a term has few translations.
_MIN_REVERSE_PROBABILITY = 0.1
_MIN_COHESION = 0.45
_MAX_CONTINUED = 0.8
_RIVAL = 0.5  # of the best translation's count: so often, another one is as good

Aligner = Callable[[Bitext, Progress | None], BestLinks]


@dataclass(frozen=True, slots=True)
class Induced:
    """What a pool teaches.

    Attributes:
        entries: Sorted by term, the likeliest translation first; the weight is p(translation | term) over
            all forms of the term.
        pairs: Pairs that were aligned.
        too_long: Pairs that were left out because a side has too many words.
    """

    entries: list[Entry]
    pairs: int
    too_long: int


def induce(
    pairs: Iterable[Pair],
    source_lang: str,
    target_lang: str,
    *,
    min_count: int = MIN_COUNT,
    min_probability: float = MIN_PROBABILITY,
    max_words: int = MAX_WORDS,
    aligner: Aligner = align,
    on_progress: Progress | None = None,
) -> Induced:
    """Makes a dictionary of the terms and translations that pairs of texts show.

    A phrase pair is an entry if it occurs often enough, if the term is translated so often enough,
    and the translation not mostly the translation of something else. A term of several words must in
    addition be a unit (see :mod:`mtprompt.dictionary.alignment.cohesion`) and mean something else than
    its words do one by one, which are entries of their own.

    Args:
        pairs: Read once.
        source_lang: Code of the sources' language.
        target_lang: Code of the targets' language.
        min_count: How often an entry occurs in the pairs at least, in any forms of its words.
        min_probability: Share of the term's occurrences that are so translated, at least.
        max_words: Words of a term, and of a translation, at most. Each character of a script without
            spaces is a word.
        aligner: Aligns the words.
        on_progress: Called with the number of pairs that were gone through once more; see :data:`PASSES`.

    Raises:
        ConfigError: For a wrong language code.
    """
    languages = language_pair(source_lang, target_lang)
    bitext = Bitext.of_pairs(_passing(pairs, on_progress), languages)
    if not len(bitext):
        return Induced([], 0, bitext.too_long)
    links = symmetrize(bitext, aligner(bitext, on_progress))
    rows = find_phrases(bitext, links, max_words)
    table = _PhrasePairs.of(bitext, rows, max_words)
    kept = table.frequent(min_count, min_probability) & table.lettered(bitext)
    kept[kept] = table.terms(bitext, np.flatnonzero(kept))
    return Induced(_entries(bitext, rows, table, kept, max_words), len(bitext), bitext.too_long)


def _passing(pairs: Iterable[Pair], on_progress: Progress | None) -> Iterator[Pair]:
    for pair in pairs:
        yield pair
        if on_progress:
            on_progress(1)


@dataclass(frozen=True)
class _PhrasePairs:
    """The different phrase pairs by base forms: which they are, how often, and one place of each."""

    source: Runs
    target: Runs
    of_row: Int64s
    counts: Int64s
    place: Int32s
    sources: Int64s
    targets: Int64s

    @classmethod
    def of(cls, bitext: Bitext, rows: Int32s, max_words: int) -> _PhrasePairs:
        source, target = (
            Runs.of(side.base[side.words], side.before, max_words + 1)
            for side in (bitext.source, bitext.target)
        )
        sources, targets = source.ids[rows[:, 1], rows[:, 0]], target.ids[rows[:, 3], rows[:, 2]]
        keys = sources * target.counts.size + targets
        _, first, numbers, counts = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )
        return cls(source, target, numbers, counts, rows[first], sources[first], targets[first])

    @property
    def probabilities(self) -> Doubles:
        shares: Doubles = self.counts / self.source.counts[self.sources]
        return shares

    def frequent(self, min_count: int, min_probability: float) -> npt.NDArray[np.bool_]:
        reverse = self.counts / self.target.counts[self.targets]
        least = min(min_probability, _MIN_REVERSE_PROBABILITY)
        return (self.counts >= min_count) & (self.probabilities >= min_probability) & (reverse >= least)

    def lettered(self, bitext: Bitext) -> npt.NDArray[np.bool_]:
        """Those with a letter on both sides."""
        good = np.ones(self.counts.size, np.bool_)
        for side, at, more in ((bitext.source, 0, 1), (bitext.target, 2, 3)):
            has_letter = np.array([any(map(str.isalpha, word)) for word in side.vocabulary])[side.words]
            sums = np.concatenate([[0], np.cumsum(has_letter)])
            first = self.place[:, at]
            good &= sums[first + self.place[:, more] + 1] > sums[first]
        return good

    def terms(self, bitext: Bitext, asked: Int64s) -> npt.NDArray[np.bool_]:
        """Which of the asked pairs have terms that are units, and that their words do not explain."""
        at, more, to, to_more = self.place[asked].T
        whole = continued(self.source, bitext.source.before)[self.sources[asked]] <= _MAX_CONTINUED
        several = more > 0
        unit = cohesion(self.source, at, more) >= _MIN_COHESION
        unit &= cohesion(self.target, to, to_more) >= _MIN_COHESION
        good: npt.NDArray[np.bool_] = whole & (unit | ~several)
        spaced = several & (bitext.source.before[at + several] == SPACED)
        meanings = self._meanings()
        for number in np.flatnonzero(good & spaced).tolist():
            parts = self.source.ids[0, at[number] : at[number] + more[number] + 1].tolist()
            said = set(self.target.ids[0, to[number] : to[number] + to_more[number] + 1].tolist())
            good[number] = not said <= set().union(*(meanings[part] for part in parts))
        return good

    def _meanings(self) -> dict[int, set[int]]:
        """For each source word the words of its best translations."""
        single = np.flatnonzero(self.place[:, 1] == 0)
        best = np.zeros(self.source.counts.size, np.int64)
        np.maximum.at(best, self.sources[single], self.counts[single])
        meanings: dict[int, set[int]] = defaultdict(set)
        single = single[self.counts[single] >= _RIVAL * best[self.sources[single]]]
        for source, (_, _, to, more) in zip(self.sources[single].tolist(), self.place[single], strict=True):
            meanings[source].update(self.target.ids[0, to : to + more + 1].tolist())
        return meanings


def _entries(
    bitext: Bitext, rows: Int32s, table: _PhrasePairs, kept: npt.NDArray[np.bool_], max_words: int
) -> list[Entry]:
    """The kept pairs in the forms that occur: for each form of a term the commonest of each translation."""
    of = kept[table.of_row]
    rows, pairs = rows[of], table.of_row[of]
    source, target = (_folded(side, max_words) for side in (bitext.source, bitext.target))
    terms, translations = source.ids[rows[:, 1], rows[:, 0]], target.ids[rows[:, 3], rows[:, 2]]
    different, first, counts = np.unique(
        np.stack([pairs, terms, translations]), axis=1, return_index=True, return_counts=True
    )
    order = np.lexsort((first, -counts, different[1], different[0]))
    pairs, terms, translations = different[:, order]
    best = np.ones(order.size, np.bool_)
    best[1:] = (pairs[1:] != pairs[:-1]) | (terms[1:] != terms[:-1])
    pairs, terms, translations = pairs[best], terms[best], translations[best]
    term_of = spellings(bitext.source, source, terms)
    translation_of = spellings(bitext.target, target, translations)
    weights = table.probabilities[pairs].round(3).tolist()
    entries = [
        Entry(term_of[term], translation_of[translation], weight)
        for term, translation, weight in zip(terms.tolist(), translations.tolist(), weights, strict=True)
    ]
    return sorted(entries, key=lambda entry: (entry.term.casefold(), entry.term, -(entry.weight or 0), entry))


def _folded(side: Side, max_words: int) -> Runs:
    return Runs.of(side.folded[side.words], side.before, max_words)
