"""Terms that must be translated as a terminology says, and which of two tries is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtprompt.dictionary.presence import Presence
from mtprompt.postprocess.checks import badness
from mtprompt.segments import Hint, Translation, paid_for


def unmet(required: Sequence[Hint], text: str, language: str) -> tuple[Hint, ...]:
    """The required terms of which a translation uses no listed translation, in any inflected form.

    Args:
        required: Terms with all translations that will do.
        text: The translation.
        language: Its language.
    """
    if not required:
        return ()
    said = Presence(text, language)
    return tuple(hint for hint in required if not any(map(said.holds, hint.translations)))


def better(first: Translation, second: Translation, language: str) -> Translation:
    """The second try if it is better than the first, else the first; with the usage of both.

    Better is what meets more required terms; of two that meet as many, what has fewer or less severe flags
    (:func:`~mtprompt.postprocess.checks.badness`).
    """

    def faults(its: Translation) -> tuple[int, int]:
        return len(unmet(first.required, its.text, language)), badness(its.flags)

    kept_try = 2 if faults(second) < faults(first) else 1
    kept = second if kept_try == 2 else first
    generation = kept.generation and paid_for(kept.generation, (first, second))
    return replace(kept, generation=generation, tries=2, kept_try=kept_try)
