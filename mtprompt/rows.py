"""Results as JSON rows; the schema is in ``docs/rows.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mtprompt.prompting.builder import Draft
from mtprompt.segments import Example, Hint, Translation


def translation_row(translation: Translation, signature: str) -> dict[str, Any]:
    """One row of ``translate --jsonl``."""
    usage = translation.usage
    return {
        "id": translation.segment.id,
        "source": translation.segment.source,
        "translation": translation.text,
        "examples": _examples(translation.examples),
        "hints": _hints(translation.hints),
        "flags": list(translation.flags),
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
        "hints": _hints(draft.hints),
        "flags": [],
        "signature": signature,
    }


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


def _hints(hints: Sequence[Hint]) -> list[dict[str, Any]]:
    return [{"term": hint.term, "translations": list(hint.translations)} for hint in hints]
