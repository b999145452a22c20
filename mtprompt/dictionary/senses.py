"""Which of a hint's translations are given, and which hints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mtprompt.dictionary.policy import HintPolicy
from mtprompt.dictionary.presence import Presence
from mtprompt.segments import Hint


def rank_by_targets(hints: Sequence[Hint], targets: Sequence[Presence]) -> list[Hint]:
    """Each hint with those translations first that most of the targets use.

    What the retrieved examples say for a word is what their domain says. Ties keep the order that
    the dictionary, or the pool's alignment, gave them.

    Args:
        hints: Of one text.
        targets: The targets of its examples.
    """

    def ranked(hint: Hint) -> Hint:
        if len(hint.translations) < 2 or not targets:
            return hint
        uses = {t: sum(target.holds(t) for target in targets) for t in hint.translations}
        return replace(hint, translations=tuple(sorted(hint.translations, key=lambda t: -uses[t])))

    return [ranked(hint) for hint in hints]


def confirmed(hints: Sequence[Hint], target: Presence) -> list[Hint]:
    """Hints of which the target uses a translation, with those translations alone."""
    kept = []
    for hint in hints:
        if held := tuple(t for t in hint.translations if target.holds(t)):
            kept.append(replace(hint, translations=held))
    return kept


def limit(hints: Sequence[Hint], policy: HintPolicy, count: Callable[[str], int]) -> list[Hint]:
    """What a policy's limits leave of the hints of a text, in the order of the text.

    Args:
        hints: With all their translations.
        policy: The limits.
        count: How often a word stands in the pool, for the choice of the rarest.
    """
    kept = [
        hint
        for hint in hints
        if len(hint.term) >= policy.min_length
        and (policy.max_senses is None or len(hint.translations) <= policy.max_senses)
    ]
    if policy.max_hints is not None and len(kept) > policy.max_hints:
        kept.sort(key=lambda hint: count(hint.term))  # stable: the earlier of equals
        kept = sorted(kept[: policy.max_hints], key=lambda hint: hint.span)
    return [replace(hint, translations=hint.translations[: policy.max_translations]) for hint in kept]
