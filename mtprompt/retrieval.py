"""Everything that is found for a segment before a model is asked: examples and hints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mtprompt.auto import choose_hints
from mtprompt.corpus.corpus import Corpus
from mtprompt.corpus.dev import dev_fingerprint
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.frequency import frequent_words, read_frequent_words
from mtprompt.dictionary.hinting import Hinting
from mtprompt.dictionary.hints import DictionaryHints
from mtprompt.dictionary.policy import AUTO, UNHINTED, AutoPolicy, HintPolicy, parse_hints, parse_policy
from mtprompt.errors import ConfigError
from mtprompt.progress import Bar, no_bar
from mtprompt.prompting.builder import Draft
from mtprompt.registry import did_you_mean
from mtprompt.scoring.load import check_can_choose, load_scorer
from mtprompt.sealed import sha256
from mtprompt.segments import Hint, Segment
from mtprompt.selection.near import NearMatches
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection
from mtprompt.text.languages import language_pair, primary
from mtprompt.text.seen import seen
from mtprompt.text.tokens import words

if TYPE_CHECKING:
    from mtprompt.dictionary.alignment.lexical import LexicalTable
    from mtprompt.trial import TranslatorTrial

DEV_NEAR_MATCH = 0.95
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
        frequent_words: str | Path | None = None,
        auxiliary: Mapping[str, Dictionary] | None = None,
        require: Dictionary | None = None,
        exact_match: str = "example",
        near_match: float | None = None,
        dev: Sequence[Segment] | None = None,
    ) -> None:
        self.languages = language_pair(source_lang, target_lang)
        if exact_match not in EXACT_MATCH:
            raise did_you_mean("treatment of exact matches", exact_match, list(EXACT_MATCH))
        if pool is not None:
            self._check_languages("pool", pool.languages)
        self.pool = pool if isinstance(pool, Pool) else Pool(pool or Corpus((), self.languages))
        self.selection = Selection(
            select if select is not None else "rbm25@4" if pool is not None else "zero", self.pool, order
        )
        if pool is None and self.selection.names - {"zero", "fixed"}:
            raise ConfigError(f"the strategy {self.selection} needs a pool")
        if near_match is not None and exact_match != "exclude":
            raise ConfigError("near matches are kept out only with exact ones: exact_match=exclude")
        self._near_match = near_match
        self._near = lru_cache(maxsize=1)(lambda similarity: NearMatches(self.pool, similarity))
        if near_match is not None:
            self._near(near_match)  # says what is wrong with it
        self.dev = dev
        self._order = order
        self._exact_match = exact_match
        self._set_hints(hints, hints_in_examples, dictionary, require, frequent_words, auxiliary or {})
        self.exact_matches = 0
        """Segments so far whose source (or reference) stands in the pool."""
        self.kept_out = 0
        """Segments so far for which the leak guard kept pairs of the pool out."""

    def _check_languages(self, name: str, languages: tuple[str, str]) -> None:
        if tuple(map(primary, languages)) != tuple(map(primary, self.languages)):
            raise ConfigError(
                f"the {name} is {'-'.join(languages)}, the translation {'-'.join(self.languages)}"
            )

    def _set_hints(
        self,
        hints: str | None,
        in_examples: str | None,
        dictionary: Dictionary | None,
        require: Dictionary | None,
        frequent: str | Path | None,
        auxiliary: Mapping[str, Dictionary],
    ) -> None:
        given = hints or ("none" if dictionary is None and require is None else "entries")
        self.auto = AutoPolicy.parse(given) if parse_hints(given).name == AUTO else None
        if self.auto:
            check_can_choose(self.auto.metric)
            load_scorer(self.auto.metric, self.languages[1])  # says what is wrong with it
            if in_examples is not None:
                raise ConfigError(f"{AUTO} finds out by itself when to hint the examples; leave that to it")
        self.policy = UNHINTED if self.auto else parse_policy(given, in_examples)
        """How hints are used; with ``auto`` only after :meth:`prepare`."""
        self._undecided = self.auto is not None
        if (self.auto or self.policy.style != "none") and dictionary is None and require is None:
            raise ConfigError(f"the hint style {given!r} needs a dictionary")
        for name, its in (("dictionary", dictionary), ("terminology", require)):
            if its is not None:
                self._check_languages(name, its.languages)
        if auxiliary and self.policy.style != "chain" and not self.auto:
            raise ConfigError(f"auxiliary dictionaries are for the style chain, not for {self.policy.style}")
        for code, its in auxiliary.items():
            if tuple(map(primary, its.languages)) != (primary(self.languages[0]), primary(code)):
                raise ConfigError(f"the auxiliary dictionary for {code} is {'-'.join(its.languages)}")
        self.dictionary = dictionary if self.auto or self.policy.style != "none" else None
        self.require = require
        self.auxiliary = auxiliary
        self._frequent_list: frozenset[str] | None = None
        self._frequent_signature: str | None = None
        if frequent is not None:
            self._frequent_list = read_frequent_words(Path(frequent), self.languages[0])
            self._frequent_signature = sha256(Path(frequent))[:16]
        self._lexical: LexicalTable | None = None

    @cached_property
    def _hinting(self) -> Hinting | None:
        """Finds hints; made when it is first needed, since it counts the words of the pool."""
        if self.dictionary is None:
            return None
        source = DictionaryHints(
            self.dictionary, self._frequent, self._probability, self.auxiliary, self.policy.min_similarity
        )
        return Hinting(source, self.languages[1], self._count)

    @cached_property
    def _required(self) -> DictionaryHints | None:
        return DictionaryHints(self.require, only_sure=True) if self.require is not None else None

    @cached_property
    def _frequent(self) -> frozenset[str]:
        if self._frequent_list is not None:
            return self._frequent_list
        return frequent_words(self.pool) if len(self.pool.pairs) else frozenset()

    def align(self, bar: Bar) -> None:
        """Finds out how the pool translates its words, if the dictionary leaves a choice; once.

        Args:
            bar: Opens a progress bar.
        """
        if self._lexical or self.dictionary is None or not self.dictionary.has_ties or not self.pool.pairs:
            return
        from mtprompt.dictionary.alignment.lexical import LexicalTable, work

        with bar("align the pool", work(self.pool)) as advance:
            self._lexical = LexicalTable.of_pool(self.pool, advance)

    def _probability(self, term: str, translation: str) -> float | None:
        self.align(no_bar)
        return self._lexical.probability(term, translation) if self._lexical else None

    def _count(self, term: str) -> int:
        """In how many sources of the pool the rarest word of a term stands."""
        return min((self.pool.index.frequency(word) for word, _ in words(seen(term))), default=0)

    def prepare(self, trial: TranslatorTrial) -> None:
        """Does what takes long before the first draft.

        The pool is aligned for the choice of senses; a task-level prompt and the hint policy are
        searched by translating.
        """
        self.align(trial.bar)
        self.selection.prepare(trial)
        if self.auto:
            self.policy = choose_hints(self, self.auto, trial)
            self._undecided = False

    @property
    def copies_exact_matches(self) -> bool:
        """Whether the target of a 100 % match is taken over instead of translating."""
        return self._exact_match == "copy"

    def drafts(self, segments: Sequence[Segment]) -> list[Draft]:
        """Examples and hints for each segment; a line of white space gets neither.

        Raises:
            ConfigError: If something must be searched first and was not: see :meth:`prepare`.
        """
        if self._undecided:
            raise ConfigError(f"the hint policy {self.auto} needs a model to try hints with: use translate")
        return self.hinted(self.unhinted(segments), self.policy)

    def unhinted(self, segments: Sequence[Segment]) -> list[Draft]:
        """Examples for each segment; a line of white space gets none."""
        drafts, excluded = self._examples(segments, self._exact_match == "exclude", self._near_match)
        self.exact_matches += sum(draft.exact_match is not None for draft in drafts)
        self.kept_out += excluded
        return drafts

    def on_dev(self, segments: Sequence[Segment]) -> list[Draft]:
        """Examples for dev segments, of which the pool must give nothing away."""
        drafts, _ = self._examples(segments, True, self._near_match or DEV_NEAR_MATCH)
        return [replace(draft, exact_match=None) for draft in drafts]  # theirs is their own reference

    def _examples(
        self, segments: Sequence[Segment], excludes: bool, near_match: float | None
    ) -> tuple[list[Draft], int]:
        """Drafts with examples, and for how many of them the leak guard kept pairs out."""
        found = [segment for segment in segments if segment.source.strip()]
        # the reference counts as known only where a leak is to be kept out
        known = [s.reference if excludes else None for s in found]
        sources = [s.source for s in found]
        matches = self.pool.exact_matches(sources, known)
        excluded = [set(match) if excludes else set() for match in matches]
        if near_match is not None:
            near = self._near(near_match).find(list(zip(sources, known, strict=True)))
            for out, its_near in zip(excluded, near, strict=True):
                out |= its_near
        chosen = self.selection.select(
            [
                Query(source, frozenset(out), excludes, reference, near_match or 1.0)
                for source, out, reference in zip(sources, excluded, known, strict=True)
            ]
        )
        drafts = iter(
            Draft(
                segment,
                tuple(examples),
                exact_match=self.pool.pairs[match[0]].target if match else None,
            )
            for segment, examples, match in zip(found, chosen, matches, strict=True)
        )
        all_drafts = [next(drafts) if segment.source.strip() else Draft(segment) for segment in segments]
        return all_drafts, sum(map(bool, excluded))

    def hinted(self, drafts: Sequence[Draft], policy: HintPolicy) -> list[Draft]:
        """The drafts with hints as a policy wants them, and with the terms that are required."""
        if policy.style == "none" and self._required is None:
            return list(drafts)
        sources = [draft.segment.source for draft in drafts]
        done = [replace(draft, style=policy.style) for draft in drafts]
        if self._hinting and policy.style != "none":
            hints = self._hinting.hints(policy, sources, [draft.examples for draft in drafts])
            done = [
                replace(draft, found=its.found, hints=its.own, example_hints=its.examples)
                for draft, its in zip(done, hints, strict=True)
            ]
        if self._required:
            required = self._required.hints(sources)
            done = [replace(draft, found=draft.found or ()) for draft in done]
            done = [_with_required(d, tuple(its), policy) for d, its in zip(done, required, strict=True)]
        return done

    def signature_parts(self) -> dict[str, object]:
        """What decides the examples and hints, for the signature."""
        hinted = self.dictionary is not None
        return {
            "select": self.selection,
            "with": ",".join(self.selection.identities) or None,
            "order": self._order if self.selection.names != {"zero"} else None,
            "pool": self.pool.corpus.fingerprint if len(self.pool.pairs) else None,
            "dev": self._dev_signature if self.selection.searches or self.auto else None,
            "exact": self._exact_match if len(self.pool.pairs) or self.selection.names != {"zero"} else None,
            "near": self._near_match,
            "hints": f"{self.auto}→{self.policy}" if self.auto else self.policy,
            "in_examples": self.policy.in_examples if self.policy.style != "none" else None,
            "dict": self.dictionary.fingerprint if self.dictionary else None,
            "frequent": self._frequent_signature if hinted else None,
            "aux": ",".join(f"{code}={its.fingerprint}" for code, its in self.auxiliary.items()) or None,
            "require": self.require.fingerprint if self.require else None,
            "langs": "-".join(self.languages),
        }

    @cached_property
    def _dev_signature(self) -> str:
        return "held-out" if self.dev is None else dev_fingerprint(self.dev)


def _with_required(draft: Draft, required: Sequence[Hint], policy: HintPolicy) -> Draft:
    """The draft with required terms among its hints, in place of those of the same words."""
    if not required:
        return draft
    if policy.style == "none":
        return replace(draft, required=tuple(required))
    shown = [replace(h, translations=h.translations[: policy.max_translations]) for h in required]
    others = [
        h for h in draft.hints if all(h.span[1] <= r.span[0] or r.span[1] <= h.span[0] for r in required)
    ]
    hints = sorted([*shown, *others], key=lambda hint: hint.span)
    return replace(draft, hints=tuple(hints), required=tuple(required))
