"""Everything that is found for a segment before a model is asked: examples and hints."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from mtprompt.corpus.corpus import Corpus
from mtprompt.corpus.dev import dev_fingerprint
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.hints import DictionaryHints, confirmed, frequent_words
from mtprompt.errors import ConfigError
from mtprompt.prompting.builder import Draft
from mtprompt.prompting.styles import IN_EXAMPLES, STYLES
from mtprompt.registry import did_you_mean
from mtprompt.segments import Example, Hint, Segment
from mtprompt.selection.near import NearMatches
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection
from mtprompt.text.languages import language_pair, primary

EXACT_MATCH = ("example", "copy", "exclude")


class Retrieval:
    """Chooses examples and hints; the arguments are those of :class:`mtprompt.Translator`."""

    def __init__(
        self,
        source_lang: str,
        target_lang: str,
        *,
        pool: Corpus | Pool | None = None,
        select: str | None = None,
        order: str = "best_last",
        dictionary: Dictionary | None = None,
        hints: str | None = None,
        hints_in_examples: str | None = None,
        exact_match: str = "example",
        near_match: float | None = None,
        dev: Sequence[Segment] | None = None,
    ) -> None:
        languages = language_pair(source_lang, target_lang)
        if exact_match not in EXACT_MATCH:
            raise did_you_mean("treatment of exact matches", exact_match, list(EXACT_MATCH))
        self.style = hints or ("entries" if dictionary is not None else "none")
        if self.style not in STYLES:
            raise did_you_mean("hint style", self.style, list(STYLES))
        if self.style != "none" and dictionary is None:
            raise ConfigError(f"the hint style {self.style!r} needs a dictionary")
        self._in_examples = hints_in_examples or STYLES[self.style].in_examples
        if self._in_examples not in IN_EXAMPLES:
            raise did_you_mean("value for hints in examples", self._in_examples, list(IN_EXAMPLES))
        if pool is not None and tuple(map(primary, pool.languages)) != tuple(map(primary, languages)):
            raise ConfigError(
                f"the pool is {'-'.join(pool.languages)}, the translation {'-'.join(languages)}"
            )
        self._languages = languages
        self._pool = pool if isinstance(pool, Pool) else Pool(pool or Corpus((), languages))
        self._corpus = self._pool.corpus
        self.selection = Selection(
            select if select is not None else "rbm25@4" if pool is not None else "zero", self._pool, order
        )
        if pool is None and self.selection.names - {"zero", "fixed"}:
            raise ConfigError(f"the strategy {self.selection} needs a pool")
        if near_match is not None and exact_match != "exclude":
            raise ConfigError("near matches are kept out only with exact ones: exact_match=exclude")
        self._near_match = near_match
        self._near = NearMatches(self._pool, near_match) if near_match is not None else None
        self.dev = dev
        self._order = order
        self._exact_match = exact_match
        self._dictionary = dictionary if self.style != "none" else None
        self._finder = None
        if self._dictionary is not None:
            frequent = frequent_words(pair.source for pair in self._corpus)
            self._finder = DictionaryHints(
                self._dictionary, source_lang, frequent, STYLES[self.style].max_translations
            )
        self.exact_matches = 0
        """Segments so far whose source (or reference) stands in the pool."""
        self.kept_out = 0
        """Segments so far for which the leak guard kept pairs of the pool out."""

    @property
    def copies_exact_matches(self) -> bool:
        """Whether the target of a 100 % match is taken over instead of translating."""
        return self._exact_match == "copy"

    def drafts(self, segments: Sequence[Segment]) -> list[Draft]:
        """Examples and hints for each segment; a line of white space gets neither."""
        found = [segment for segment in segments if segment.source.strip()]
        # the reference counts as known only where a leak is to be kept out
        excludes = self._exact_match == "exclude"
        known = [s.reference if excludes else None for s in found]
        sources = [s.source for s in found]
        matches = self._pool.exact_matches(sources, known)
        self.exact_matches += sum(map(bool, matches))
        excluded = [set(match) if excludes else set() for match in matches]
        if self._near:
            for out, near in zip(
                excluded, self._near.find(list(zip(sources, known, strict=True))), strict=True
            ):
                out |= near
        self.kept_out += sum(map(bool, excluded))
        chosen = self.selection.select(
            [
                Query(source, frozenset(out), excludes, reference, self._near_match or 1.0)
                for source, out, reference in zip(sources, excluded, known, strict=True)
            ]
        )
        hints = self._finder.hints([s.source for s in found]) if self._finder else [[] for _ in found]
        drafts = iter(
            Draft(
                segment,
                tuple(examples),
                tuple(its_hints),
                self._example_hints(examples),
                self._corpus.pairs[match[0]].target if match else None,
            )
            for segment, examples, its_hints, match in zip(found, chosen, hints, matches, strict=True)
        )
        return [next(drafts) if segment.source.strip() else Draft(segment) for segment in segments]

    def _example_hints(self, examples: Sequence[Example]) -> tuple[tuple[Hint, ...], ...]:
        if self._finder is None or self._in_examples == "never":
            return tuple(() for _ in examples)
        found = self._finder.hints([example.pair.source for example in examples])
        if self._in_examples == "confirmed":
            pairs = zip(found, examples, strict=True)
            found = [confirmed(hints, example.pair.target) for hints, example in pairs]
        return tuple(tuple(hints) for hints in found)

    def signature_parts(self) -> dict[str, object]:
        """What decides the examples and hints, for the signature."""
        return {
            "select": self.selection,
            "with": ",".join(self.selection.identities) or None,
            "order": self._order if self.selection.names != {"zero"} else None,
            "pool": self._corpus.fingerprint if len(self._corpus) else None,
            "dev": self._dev_signature if self.selection.searches else None,
            "exact": self._exact_match if len(self._corpus) or self.selection.names != {"zero"} else None,
            "near": self._near_match,
            "hints": self.style,
            "in_examples": self._in_examples if self._finder else None,
            "dict": self._dictionary.fingerprint if self._dictionary else None,
            "langs": "-".join(self._languages),
        }

    @cached_property
    def _dev_signature(self) -> str:
        return "held-out" if self.dev is None else dev_fingerprint(self.dev)
