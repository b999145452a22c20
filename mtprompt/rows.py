"""Results as JSON rows; the schema is in ``docs/rows.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from mtprompt.errors import DataError
from mtprompt.prompting.builder import Draft
from mtprompt.scoring.hint_use import Outcome, hint_use, terms_found
from mtprompt.segments import Example, Hint, Translation


def translation_row(translation: Translation, signature: str, target_lang: str) -> dict[str, Any]:
    """One row of ``translate --jsonl``.

    Args:
        translation: What came out for one segment.
        signature: The run's.
        target_lang: Code of the translation's language, in which terms are looked for.
    """
    usage = translation.usage
    outcome = Outcome(translation.text, translation.segment.reference, target_lang)
    uses = hint_use(translation, target_lang, outcome)
    return {
        "id": translation.segment.id,
        "source": translation.segment.source,
        "translation": translation.text,
        "examples": _examples(translation.examples),
        "hints": [
            {**_term(hint), "followed": outcome.followed(hint), "in_reference": outcome.in_reference(hint)}
            for hint in translation.hints
        ],
        "terms": _terms(terms_found(translation)),
        "terms_missed": uses.missed,
        "hint_tokens": uses.tokens,
        "required": [{**_term(hint), "met": outcome.followed(hint)} for hint in translation.required],
        "flags": list(translation.flags),
        "tries": translation.tries,
        "kept_try": translation.kept_try,
        "proposals": [asdict(proposal) for proposal in translation.proposals] or None,
        "usage": asdict(usage) if usage else None,
        "cached": translation.generation.cached if translation.generation else None,
        "signature": signature,
    }


def selection_row(draft: Draft, signature: str) -> dict[str, Any]:
    """One row of ``select``: the same without what a model gives."""
    return {
        "id": draft.segment.id,
        "source": draft.segment.source,
        "examples": _examples(draft.examples),
        "hints": [_term(hint) for hint in draft.hints],
        "terms": _terms(terms_found(draft)),
        "required": [_term(hint) for hint in draft.required],
        "flags": [],
        "signature": signature,
    }


class HintRow(NamedTuple):
    """What a row of ``translate --jsonl`` says of hints; None where it says nothing."""

    given: tuple[Hint, ...]
    required: tuple[Hint, ...]
    found: tuple[Hint, ...] | None
    tokens: int | None


def read_hints(row: dict[str, Any], place: str) -> HintRow:
    """Reads a row back as far as hints go; its verdicts are left out, because they can be made anew.

    Args:
        row: A row of ours, or of anybody: all its fields may be missing.
        place: Where it stands, for messages.

    Raises:
        DataError: For a field that holds something else; names the place.
    """
    return HintRow(
        _read_terms(row, "hints", place),
        _read_terms(row, "required", place),
        _read_terms(row, "terms", place) if row.get("terms") is not None else None,
        _read_count(row, "hint_tokens", place),
    )


def _read_terms(row: dict[str, Any], field: str, place: str) -> tuple[Hint, ...]:
    terms = row.get(field) or []
    if not isinstance(terms, list) or not all(map(_is_term, terms)):
        raise DataError(f"{place}: field {field!r} must be a list of objects with 'term' and 'translations'")
    return tuple(Hint(t["term"], tuple(t["translations"]), (0, 0), t["term"]) for t in terms)


def _is_term(term: object) -> bool:
    if not isinstance(term, dict) or not isinstance(term.get("term"), str):
        return False
    translations = term.get("translations")
    return isinstance(translations, list) and all(isinstance(text, str) for text in translations)


def _read_count(row: dict[str, Any], field: str, place: str) -> int | None:
    count = row.get(field)
    if count is not None and (type(count) is not int or count < 0):
        raise DataError(f"{place}: field {field!r} must be a number of 0 or more, or null")
    return count


def _examples(examples: Sequence[Example]) -> list[dict[str, Any]]:
    return [
        {
            "source": example.pair.source,
            "target": example.pair.target,
            "score": example.score,
            "rank": example.rank,
            "domain": example.pair.domain,
        }
        for example in examples
    ]


def _terms(hints: Sequence[Hint] | None) -> list[dict[str, Any]] | None:
    return None if hints is None else list(map(_term, hints))


def _term(hint: Hint) -> dict[str, Any]:
    return {"term": hint.term, "translations": list(hint.translations)}
