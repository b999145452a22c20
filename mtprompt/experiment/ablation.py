"""What hints are worth: the same segments without them, with them, with wrong ones and with perfect ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from mtprompt.dictionary.policy import UNHINTED, HintPolicy
from mtprompt.dictionary.presence import Presence
from mtprompt.dictionary.senses import confirmed
from mtprompt.errors import ConfigError
from mtprompt.progress import Bar, no_bar
from mtprompt.prompting.builder import Draft
from mtprompt.prompting.styles import STYLES, Block, Languages
from mtprompt.scoring.hint_use import HintUse, hint_use
from mtprompt.scoring.load import closing, load_scorer
from mtprompt.scoring.protocol import Scorer, SystemOutput
from mtprompt.scoring.significance import Comparison, compare_results
from mtprompt.segments import Hint, MetricResult, Segment, Translation
from mtprompt.translator import Translator

NONE, WORDING, HINTS, SHUFFLED, GOLD = "none", "wording", "hints", "shuffled", "gold"


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of hinting, over the whole test set.

    Attributes:
        name: ``none``; ``wording``, the style's own without hints, where it is another; ``hints``, as the
            policy gives them; ``shuffled``, the same with translations of
            other terms, which must do little harm; ``gold``, those that the reference confirms, which is the
            most that the dictionary can give.
        results: By metric.
        against_none: By metric, the comparison with ``none``; empty for ``none`` itself.
        use: What became of the hints.
        prompt_tokens: Of all prompts together.
    """

    name: str
    results: Mapping[str, MetricResult]
    against_none: Mapping[str, Comparison]
    use: HintUse
    prompt_tokens: int


def ablate(
    translator: Translator,
    segments: Sequence[Segment],
    metrics: Sequence[str] = ("bleu", "chrf++"),
    seed: int = 1,
    bar: Bar = no_bar,
) -> list[Arm]:
    """Translates a test set in the four ways, with the same examples, and scores each.

    Args:
        translator: With a dictionary and a hint style.
        segments: With references.
        metrics: As ``mtprompt score`` takes them.
        seed: Of the shuffling.
        bar: Opens a progress bar.

    Raises:
        ConfigError: If the translator has no hints to take away, or a segment no reference.
    """
    if "hints" in metrics:
        raise ConfigError(
            "an ablation counts by itself what becomes of the hints; leave out the metric hints"
        )
    if not segments:
        raise ConfigError("an ablation needs segments, and there are none")
    for segment in segments:
        if not (segment.reference or "").strip():
            raise ConfigError(f"an ablation needs references, and segment {segment.id} has none")
    retrieval = translator.retrieval
    translator.prepare(bar)
    policy = retrieval.policy
    if retrieval.dictionary is None and retrieval.require is not None:
        raise ConfigError("an ablation needs a dictionary: required terms are not taken away")
    if retrieval.dictionary is None or policy.style == NONE:
        raise ConfigError(f"an ablation needs hints to take away, and the hint policy is {policy}")
    source, target = retrieval.languages
    scorers = {metric: load_scorer(metric, target, source) for metric in metrics}
    unhinted = retrieval.unhinted(segments)
    hinted = retrieval.hinted(unhinted, policy)
    language = retrieval.languages[1]
    arms = {
        NONE: retrieval.hinted(unhinted, UNHINTED),
        WORDING: [draft.without_hints() for draft in hinted],
        HINTS: hinted,
        SHUFFLED: shuffled(hinted, seed),
        GOLD: [gold(draft, policy, language) for draft in hinted],
    }
    if not _has_own_wording(policy.style):
        del arms[WORDING]
    with bar("translate", len(arms) * len(segments)) as advance:
        drafts = [draft for its in arms.values() for draft in its]
        done = list(translator.translate_drafts(drafts, advance))
    return list(_scored(arms, done, segments, scorers, language))


def _scored(
    arms: Mapping[str, Sequence[Draft]],
    done: Sequence[Translation],
    segments: Sequence[Segment],
    scorers: Mapping[str, Scorer],
    language: str,
) -> Iterator[Arm]:
    references = [segment.reference or "" for segment in segments]
    sources = [segment.source for segment in segments]
    size = len(segments)
    texts = {name: [t.text for t in done[at * size : (at + 1) * size]] for at, name in enumerate(arms)}
    results: dict[str, dict[str, MetricResult]] = {name: {} for name in arms}
    compared: dict[str, dict[str, Comparison]] = {name: {} for name in arms}
    others = [name for name in arms if name != NONE]
    for metric, opened in scorers.items():
        with closing(opened) as scorer:
            for name, its in texts.items():
                results[name][metric] = scorer.score(SystemOutput.of(its, references, sources))
        tests = compare_results(results[NONE][metric], [results[name][metric] for name in others])
        for name, test in zip(others, tests, strict=True):
            compared[name][metric] = test
    for at, name in enumerate(arms):
        translations = done[at * size : (at + 1) * size]
        yield Arm(
            name,
            results[name],
            compared[name],
            sum((hint_use(translation, language) for translation in translations), HintUse()),
            sum(translation.prompt.tokens for translation in translations if translation.prompt),
        )


def _has_own_wording(style: str) -> bool:
    """Whether a style writes a text without hints in another way than no style does."""
    languages, block = Languages("A", "B"), [Block("a", None)]
    return STYLES[style].wording(block, languages) != STYLES[NONE].wording(block, languages)


def shuffled(drafts: Sequence[Draft], seed: int) -> list[Draft]:
    """The drafts with each hint's translations taken from another hint of the same run.

    Args:
        drafts: With their hints.
        seed: Of the order in which translations are passed on.
    """
    terms: dict[str, tuple[str, ...]] = {}
    for draft in drafts:
        free = [hint for hint in draft.hints if hint.span not in _required_spans(draft)]
        for hint in (*free, *(hint for its in draft.example_hints for hint in its)):
            terms.setdefault(hint.origin, hint.translations)
    order = list(terms)
    Random(seed).shuffle(order)
    passed_on = {}
    for at, term in enumerate(order):
        others = (terms[order[(at + step) % len(order)]] for step in range(1, len(order)))
        # from the next that has others; a term without any to take is left out
        if (wrong := next((its for its in others if its != terms[term]), None)) is not None:
            passed_on[term] = wrong

    def shuffle(hints: Sequence[Hint], kept: Collection[tuple[int, int]] = ()) -> tuple[Hint, ...]:
        return tuple(
            hint if hint.span in kept else replace(hint, translations=passed_on[hint.origin])
            for hint in hints
            if hint.span in kept or hint.origin in passed_on
        )

    return [
        replace(
            draft,
            hints=shuffle(draft.hints, _required_spans(draft)),
            example_hints=tuple(map(shuffle, draft.example_hints)),
        )
        for draft in drafts
    ]


def _required_spans(draft: Draft) -> set[tuple[int, int]]:
    """Where terms stand that the terminology prescribes: they are no part of what is measured."""
    return {hint.span for hint in draft.required}


def gold(draft: Draft, policy: HintPolicy, language: str) -> Draft:
    """The draft with those hints alone, of all that the dictionary has, that the reference confirms.

    Required terms stay.

    Args:
        draft: With its hints, and a segment with a reference.
        policy: How many translations a hint has.
        language: The reference's.
    """
    required = [hint for hint in draft.hints if hint.span in _required_spans(draft)]
    kept = confirmed(draft.found or (), Presence(draft.segment.reference or "", language))
    hints = [replace(hint, translations=hint.translations[: policy.max_translations]) for hint in kept]
    others = [hint for hint in hints if hint.span not in _required_spans(draft)]
    return replace(draft, hints=tuple(sorted([*required, *others], key=lambda hint: hint.span)))
