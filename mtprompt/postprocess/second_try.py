"""What a model is asked after a first translation that misses required terms or looks wrong."""

from __future__ import annotations

from dataclasses import replace

from mtprompt.postprocess.checks import EXACT_MATCH, MISSING_TERM, OVER_BUDGET
from mtprompt.postprocess.required import unmet
from mtprompt.prompting.builder import Draft
from mtprompt.segments import Translation

_NOT_THE_MODELS_FAULT = {EXACT_MATCH, OVER_BUDGET, MISSING_TERM}


def second_draft(draft: Draft, first: Translation, target_lang: str, retries_flagged: bool) -> Draft | None:
    """What to try instead; None where the first translation stands.

    A prompt for missing terms insists on them. One for other flags shows fewer examples in another order
    (:func:`fallback`).

    Args:
        draft: What the first translation was made from.
        first: The first translation.
        target_lang: Code of its language.
        retries_flagged: Whether flags other than missing terms are reason enough.
    """
    second = draft
    if MISSING_TERM in first.flags:
        second = replace(second, unmet=unmet(draft.required, first.text, target_lang))
    if retries_flagged and set(first.flags) - _NOT_THE_MODELS_FAULT:
        second = fallback(second)
    return None if second == draft else second


def fallback(draft: Draft) -> Draft:
    """The draft with the better half of its examples, turned round, and no hints but the required ones.

    What leads a small model into a loop or a copy is mostly a weak example, the example next to the
    source, or a hint; all three are gone or moved.
    """
    half = len(draft.examples) // 2
    best = sorted(draft.examples, key=lambda example: example.rank)[:half]
    kept = [i for i in reversed(range(len(draft.examples))) if draft.examples[i] in best]
    required = {hint.span for hint in draft.required}
    return replace(
        draft,
        examples=tuple(draft.examples[i] for i in kept),
        example_hints=tuple(draft.example_hints[i] for i in kept) if draft.example_hints else (),
        hints=tuple(hint for hint in draft.hints if hint.span in required),
    )
