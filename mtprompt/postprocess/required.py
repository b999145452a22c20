"""Terms that must be translated as a terminology says: what is missing, and which of two tries is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtprompt.dictionary.presence import Presence
from mtprompt.segments import Hint, Translation, Usage


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
    """The second try if it meets more required terms, else the first; with the usage of both."""
    missing = [len(unmet(first.required, its.text, language)) for its in (first, second)]
    kept = second if missing[1] < missing[0] else first
    paid = [its.generation for its in (first, second) if its.generation]
    usage = Usage(
        sum(one.usage.prompt_tokens for one in paid),
        sum(one.usage.completion_tokens for one in paid),
        sum(one.usage.seconds for one in paid),
    )
    cached = all(one.cached for one in paid)
    generation = kept.generation and replace(kept.generation, usage=usage, cached=cached)
    return replace(kept, generation=generation, tries=2)
