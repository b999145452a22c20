"""What hints are worth: the same segments without them, with them, with wrong ones and with perfect ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from mtprompt.dictionary.policy import HintPolicy
from mtprompt.dictionary.presence import Presence
from mtprompt.dictionary.senses import confirmed
from mtprompt.errors import ConfigError
from mtprompt.pipeline import Translator
from mtprompt.prompting.builder import Draft
from mtprompt.scoring.hint_use import HintUse, hint_use
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.significance import Comparison, paired_bootstrap
from mtprompt.segments import Hint, MetricResult, Segment, Translation
from mtprompt.trial import Bar, no_bar

NONE, HINTS, SHUFFLED, GOLD = "none", "hints", "shuffled", "gold"


@dataclass(frozen=True, slots=True)
class Arm:
    """One way of hinting, over the whole test set.

    Attributes:
        name: ``none``; ``hints``, as the policy gives them; ``shuffled``, the same with translations of
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
    retrieval = translator.retrieval
    translator.prepare(bar)
    policy = retrieval.policy
    if retrieval.dictionary is None or policy.style == NONE:
        raise ConfigError(f"an ablation needs hints to take away, and the hint policy is {policy}")
    for segment in segments:
        if not (segment.reference or "").strip():
            raise ConfigError(f"an ablation needs references, and segment {segment.id} has none")
    unhinted = retrieval.unhinted(segments)
    hinted = retrieval.hinted(unhinted, policy)
    language = retrieval.languages[1]
    arms = {
        NONE: unhinted,
        HINTS: hinted,
        SHUFFLED: shuffled(hinted, seed),
        GOLD: [gold(draft, policy, language) for draft in hinted],
    }
    with bar("translate", len(arms) * len(segments)) as advance:
        drafts = [draft for its in arms.values() for draft in its]
        done = list(translator.translate_drafts(drafts, advance))
    return list(_scored(arms, done, segments, metrics, language))


def _scored(
    arms: Mapping[str, Sequence[Draft]],
    done: Sequence[Translation],
    segments: Sequence[Segment],
    metrics: Sequence[str],
    language: str,
) -> Iterator[Arm]:
    references = [segment.reference or "" for segment in segments]
    sources = [segment.source for segment in segments]
    scorers = {metric: load_scorer(metric, language) for metric in metrics}
    size = len(segments)
    baseline = [translation.text for translation in done[:size]]
    for at, name in enumerate(arms):
        its = done[at * size : (at + 1) * size]
        texts = [translation.text for translation in its]
        yield Arm(
            name,
            {metric: scorer.score(texts, references, sources) for metric, scorer in scorers.items()},
            {
                metric: paired_bootstrap(baseline, texts, references, scorer, language, sources=sources)
                for metric, scorer in scorers.items()
                if name != NONE
            },
            sum((hint_use(translation, language) for translation in its), HintUse()),
            sum(translation.prompt.tokens for translation in its if translation.prompt),
        )
    for scorer in scorers.values():
        if close := getattr(scorer, "close", None):
            close()


def shuffled(drafts: Sequence[Draft], seed: int) -> list[Draft]:
    """The drafts with each hint's translations taken from another hint of the same run.

    Args:
        drafts: With their hints.
        seed: Of the order in which translations are passed on.
    """
    terms: dict[str, tuple[str, ...]] = {}
    for draft in drafts:
        for hint in (*draft.hints, *(hint for its in draft.example_hints for hint in its)):
            terms.setdefault(hint.origin, hint.translations)
    order = list(terms)
    Random(seed).shuffle(order)
    # each from the next, so that none keeps its own
    passed_on = {term: terms[order[(at + 1) % len(order)]] for at, term in enumerate(order)}

    def wrong(hints: Sequence[Hint]) -> tuple[Hint, ...]:
        return tuple(replace(hint, translations=passed_on[hint.origin]) for hint in hints)

    return [
        replace(draft, hints=wrong(draft.hints), example_hints=tuple(map(wrong, draft.example_hints)))
        for draft in drafts
    ]


def gold(draft: Draft, policy: HintPolicy, language: str) -> Draft:
    """The draft with those hints alone, of all that the dictionary has, that the reference confirms.

    Args:
        draft: With its hints, and a segment with a reference.
        policy: How many translations a hint has.
        language: The reference's.
    """
    kept = confirmed(draft.found, Presence(draft.segment.reference or "", language))
    hints = [replace(hint, translations=hint.translations[: policy.max_translations]) for hint in kept]
    return replace(draft, hints=tuple(hints))
