"""What the cells of a sweep share: test sets, pools with their indexes, dictionaries, models, metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

from mtprompt.corpus.dev import load_dev
from mtprompt.corpus.jsonl import read_rows
from mtprompt.corpus.references import row_references
from mtprompt.corpus.segments import is_jsonl, read_segments
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.policy import AUTO, parse_hints
from mtprompt.errors import DataError, MTPromptError
from mtprompt.experiment.grid import Cell
from mtprompt.experiment.profile import SAMPLE, frequent_types, profile_pairs
from mtprompt.experiment.sweep_file import PoolSource, Sweep, TestSet
from mtprompt.generation.load import load_voices
from mtprompt.generation.protocol import Backend
from mtprompt.generation.spec import Voice
from mtprompt.progress import Bar, Say, no_bar, say_nothing
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import Scorer
from mtprompt.segments import Segment
from mtprompt.selection.pool import Pool
from mtprompt.store import Store
from mtprompt.text.languages import primary
from mtprompt.translator import Translator

_FREQUENT_PAIRS = 10_000  # of each pool, which tell the frequent words of its language


class Shared:
    """Opens each thing once.

    Args:
        sweep: Names them.
        store: Of generations; None keeps none.
        bar: Opens a progress bar.
        say: Gets what is to be said of a file.
    """

    def __init__(self, sweep: Sweep, store: Store | None, bar: Bar = no_bar, say: Say = say_nothing) -> None:
        self.sweep = sweep
        self.store = store
        self._bar = bar
        self._say = say
        self._backends: list[Backend] = []
        self._scorers: dict[tuple[str, tuple[str, str]], Scorer] = {}
        self._test_set: Callable[[TestSet], list[tuple[Segment, tuple[str, ...]]]] = cache(
            self._read_test_set
        )
        self.pool: Callable[[PoolSource], Pool] = cache(self._pool)
        """The pool with its index, spoiled if the sweep says so."""
        self.dictionary: Callable[[tuple[Path, ...], tuple[str, str]], Dictionary] = cache(self._dictionary)
        """The dictionary of some files."""
        self.voices: Callable[[str], list[tuple[Backend, Voice]]] = cache(self._voices)
        """The model's backend, or those of several; no weights are loaded."""
        self.dev: Callable[[TestSet], tuple[Segment, ...] | None] = cache(self._dev)
        """The test set's dev set."""
        self.frequent: Callable[[str], frozenset[str]] = cache(self._frequent)
        """A language's frequent words, by all pools of the sweep: the same for all profiles."""

    def segments(self, test: TestSet) -> list[Segment]:
        """The test set's segments, each with a reference, its first if it has several."""
        return [segment for segment, _ in self._test_set(test)]

    def references(self, test: TestSet) -> list[tuple[str, ...]]:
        """All references of each of these segments."""
        return [references for _, references in self._test_set(test)]

    def _read_test_set(self, test: TestSet) -> list[tuple[Segment, tuple[str, ...]]]:
        path, limit = str(test.path), self.sweep.limit
        try:
            segments = [segment for segment, _ in islice(read_segments(path), limit)]
            rows = islice(read_rows(test.path), limit) if is_jsonl(path) else ()
            listed = [row_references(row, f"{path}:{number}") for number, row in rows] or [()] * len(segments)
        except MTPromptError as error:
            raise placed(test.place, error) from None
        if not segments:
            raise DataError(f"{test.place}: {path}: no segments in it")
        for segment, references in zip(segments, listed, strict=True):
            if segment.source.strip() and not any(its.strip() for its in references):
                raise DataError(
                    f"{test.place}: {path}: segment {segment.id} has no reference, without which "
                    "nothing can be scored"
                )
        known = [references or ("",) for references in listed]
        return [(replace(its, reference=texts[0]), texts) for its, texts in zip(segments, known, strict=True)]

    def _pool(self, source: PoolSource) -> Pool:
        try:
            pool = Pool.load(source.path, *source.languages, source.target)
            return Pool(source.noise.spoil(pool.corpus)) if source.noise else pool
        except MTPromptError as error:
            raise placed(source.place, error) from None

    def _dictionary(self, files: tuple[Path, ...], languages: tuple[str, str]) -> Dictionary:
        dictionary = Dictionary.load(files, *languages)
        if dictionary.problems:
            self._say(
                f"dictionary: {dictionary.problems[0]}; {len(dictionary.problems):,} lines are left out, "
                f"{len(dictionary):,} terms are used"
            )
        return dictionary

    def _voices(self, model: str) -> list[tuple[Backend, Voice]]:
        settings = self.sweep.settings
        try:
            voices = load_voices(model, device=settings.device, batch_size=settings.batch_size)
        except MTPromptError as error:
            raise placed(self.sweep.places[model], error) from None
        self._backends += {id(backend): backend for backend, _ in voices}.values()
        return voices

    def _dev(self, test: TestSet) -> tuple[Segment, ...] | None:
        try:
            return load_dev(test.dev, *test.languages) if test.dev else None
        except MTPromptError as error:
            raise placed(test.place, error) from None

    def _frequent(self, language: str) -> frozenset[str]:
        pools = [its for its in self.sweep.pools.values() if primary(its.languages[0]) == primary(language)]
        files = {source.path: source for source in pools if source.noise is None}
        sources = (
            pair.source
            for source in files.values()
            for pair in islice(self.pool(source).pairs, _FREQUENT_PAIRS)
        )
        return frequent_types(sources, language)

    def pool_profile(self, source: PoolSource, prompts: int) -> dict[str, float]:
        """The profile of a pool's pairs.

        Args:
            source: The pool.
            prompts: As many pairs are measured at most, as of the examples that are picked for so many.
        """
        return profile_pairs(
            self.pool(source).pairs,
            source.languages,
            frequent=self.frequent(source.languages[0]) or None,
            sample=min(SAMPLE, prompts),
        )

    def scorers(self, languages: tuple[str, str]) -> Mapping[str, Scorer]:
        """The sweep's metrics for a language pair, by name; they stay open until :meth:`close`.

        Raises:
            ConfigError: For an unknown metric, or what a metric needs and is not given.
            MissingDependency: If what it needs is not installed.
        """
        for metric in self.sweep.metrics:
            if (metric, languages) not in self._scorers:
                try:
                    self._scorers[metric, languages] = load_scorer(metric, languages[1], languages[0])
                except MTPromptError as error:
                    raise placed(self.sweep.places[metric], error) from None
        return {metric: self._scorers[metric, languages] for metric in self.sweep.metrics}

    def translator(self, cell: Cell) -> Translator:
        """The translator of a cell; the leak guard is always on.

        Raises:
            MTPromptError: For what does not go together; names the block.
        """
        settings = self.sweep.settings
        pool = self.pool(cell.pool) if cell.pool else None
        voices = self.voices(cell.model)
        try:
            return Translator(
                voices,
                *cell.test.languages,
                pool=pool,
                select=cell.select,
                order=cell.order,
                dictionary=self.dictionary(cell.dictionary, cell.test.languages) if cell.dictionary else None,
                hints=cell.hints,
                auxiliary=self._auxiliary(cell),
                exact_match="exclude",
                near_match=settings.near_match,
                dev=self.dev(cell.test),
                template=cell.template,
                prompt_form=settings.prompt_form,
                max_new_tokens=settings.max_new_tokens,
                temperature=settings.temperature,
                seed=cell.seed,
                store=self.store,
            )
        except MTPromptError as error:
            raise placed(cell.place, error) from None

    def _auxiliary(self, cell: Cell) -> dict[str, Dictionary]:
        if parse_hints(cell.hints).name not in ("chain", AUTO):
            return {}
        source = cell.test.languages[0]
        return {code: self.dictionary((path,), (source, code)) for code, path in cell.test.auxiliary}

    def close(self) -> None:
        """Frees models and metrics."""
        for closed in (*self._backends, *self._scorers.values()):
            if close := getattr(closed, "close", None):
                close()
        if self.store:
            self.store.close()


def placed(place: str, error: MTPromptError) -> MTPromptError:
    """The error with the line of the sweep that it is about."""
    if not str(error).startswith(place.rpartition(":")[0]):
        error.args = (f"{place}: {error}",)
    return error
