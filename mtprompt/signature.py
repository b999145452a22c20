"""Signatures: ``key:value|key:value``, all that a stranger needs to repeat a result."""

from __future__ import annotations

from collections.abc import Mapping


def signature(parts: Mapping[str, object]) -> str:
    """Joins the parts that are not None, in order; a value with a ``|`` of its own stands in quotes."""
    texts = {key: str(value) for key, value in parts.items() if value is not None}
    return "|".join(f'{key}:"{text}"' if "|" in text else f"{key}:{text}" for key, text in texts.items())
