"""What became of dictionary hints: whether they are followed, whether that is right, what they cost.

The terms are ours. ``Followed`` is what papers on terminology constraints call the term use rate (Dinu et al.
2019, "Training Neural Machine Translation to Apply Terminology Constraints"), of hints instead of
constraints; ``useful`` and ``misleading`` set it against a reference, because a hint may be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from mtprompt.dictionary.presence import Presence
from mtprompt.prompting.builder import Draft
from mtprompt.segments import Hint, Translation


class Outcome:
    """A translation, with a reference where one is known, that can be asked about hints.

    Whether a text has a word is :class:`~mtprompt.dictionary.presence.Presence`'s to say. A term is looked
    at once a segment however often it stands there, and one word of a translation may serve two hints.

    Args:
        text: The translation.
        reference: A reference translation; None or an empty one where none is known.
        target_lang: Code of their language.
    """

    def __init__(self, text: str, reference: str | None, target_lang: str) -> None:
        self._text = Presence(text, target_lang)
        self.has_reference = bool(reference and reference.strip())
        self._reference = Presence(reference, target_lang) if reference and self.has_reference else None

    def followed(self, hint: Hint) -> bool:
        """Whether any of the hint's translations stands in the translation."""
        return any(map(self._text.holds, hint.translations))

    def in_reference(self, hint: Hint) -> bool | None:
        """Whether any of the hint's translations stands in the reference; None without one."""
        return None if self._reference is None else any(map(self._reference.holds, hint.translations))

    def useful(self, hint: Hint) -> bool:
        """Whether one and the same of its translations stands in the translation and in the reference."""
        reference = self._reference
        return reference is not None and any(
            self._text.holds(t) and reference.holds(t) for t in hint.translations
        )

    def missed(self, hint: Hint) -> bool:
        """Whether some of its translations stand in the reference and none of those in the translation."""
        return bool(self.in_reference(hint)) and not self.useful(hint)


@dataclass(frozen=True, slots=True)
class HintUse:
    """Counts of one segment or, added up with ``+`` or ``sum(…, HintUse())``, of many.

    None is what is not known: without a reference all that compares with it. A sum counts the segments
    where it is known.

    Attributes:
        found: Terms of the source that a dictionary or the terminology knows, before any limit.
        given: Hints in the prompt for the segment's own words, required terms that stand there included.
        followed: Of those, hints of which any translation that was given stands in the translation.
        judged: Hints given in segments with a reference.
        useful: Of those, hints of which one that was given stands in the translation and in the reference.
        misleading: Of those, hints of which nothing that was given stands in the reference.
        expected: Terms found of which the reference uses a translation, of all that are known, not only
            of those given.
        missed: Of those, terms of which the translation uses none that the reference uses.
        required: Terms that the terminology prescribes a translation for.
        met: Of those, terms of which a prescribed translation stands in the translation.
        tokens: Prompt tokens that hints cost, those in the examples included.
    """

    found: int | None = None
    given: int = 0
    followed: int = 0
    judged: int | None = None
    useful: int | None = None
    misleading: int | None = None
    expected: int | None = None
    missed: int | None = None
    required: int = 0
    met: int = 0
    tokens: int | None = None

    def __add__(self, other: HintUse) -> HintUse:
        added: Any = map(_plus, astuple(self), astuple(other))
        return HintUse(*added)

    def __str__(self) -> str:
        """One line for people; what is not known is left out."""
        first = f"{self.given:,} given"
        if self.found is not None:
            first += f" of {self.found:,} terms found"
        if self.given:
            first += f", {_share(self.followed, self.given)} followed"
        against = []
        if self.judged and self.useful is not None and self.misleading is not None:
            against.append(f"{_share(self.useful, self.judged)} useful")
            against.append(f"{_share(self.misleading, self.judged)} misleading")
        if self.expected and self.missed is not None:
            against.append(f"{self.missed:,} of {self.expected:,} reference terms missed")
        parts = [first, ", ".join(against)] if against else [first]
        if self.required:
            parts.append(f"{self.met:,} of {self.required:,} required terms met")
        if self.tokens is not None:
            parts.append(f"{self.tokens:,} prompt tokens")
        return "hints: " + "; ".join(parts)


def terms_found(its: Translation | Draft) -> list[Hint] | None:
    """The terms of a source that a dictionary or the terminology knows; of both, with the words of both.

    None if no dictionary was looked up.
    """
    if its.found is None and not its.required:
        return None
    known: dict[tuple[int, int], Hint] = {}
    for hint in (*its.required, *(its.found or ())):
        before = known[hint.span].translations if hint.span in known else ()
        known[hint.span] = replace(hint, translations=(*dict.fromkeys(before + hint.translations),))
    return list(known.values())


def hint_use(translation: Translation, target_lang: str, outcome: Outcome | None = None) -> HintUse:
    """The counts of one translation, against its segment's reference where there is one.

    Args:
        translation: With its hints.
        target_lang: Code of its language.
        outcome: That of the translation, if there is one already.
    """
    prompt = translation.prompt
    return count_uses(
        outcome or Outcome(translation.text, translation.segment.reference, target_lang),
        translation.hints,
        translation.required,
        found=terms_found(translation),
        tokens=prompt.hint_tokens if prompt else 0,
    )


def count_uses(
    outcome: Outcome,
    given: Sequence[Hint],
    required: Sequence[Hint] = (),
    *,
    found: Sequence[Hint] | None = None,
    tokens: int | None = None,
) -> HintUse:
    """The counts of one segment.

    Args:
        outcome: Its translation and reference.
        given: The hints, with the translations that were given.
        required: The terms with prescribed translations.
        found: All terms of the source with all their translations; None where that is not known.
        tokens: What the hints cost; None where that is not known.
    """
    uses = HintUse(
        found=None if found is None else len(found),
        given=len(given),
        followed=sum(map(outcome.followed, given)),
        required=len(required),
        met=sum(map(outcome.followed, required)),
        tokens=tokens,
    )
    if not outcome.has_reference:
        return uses
    uses = replace(
        uses,
        judged=len(given),
        useful=sum(map(outcome.useful, given)),
        misleading=sum(not outcome.in_reference(hint) for hint in given),
    )
    if found is None:
        return uses
    return replace(
        uses,
        expected=sum(bool(outcome.in_reference(hint)) for hint in found),
        missed=sum(map(outcome.missed, found)),
    )


def _plus(a: int | None, b: int | None) -> int | None:
    return None if a is None and b is None else (a or 0) + (b or 0)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"
