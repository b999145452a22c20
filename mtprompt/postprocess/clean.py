"""A model's answer as a translation: one line, nothing around it."""

from __future__ import annotations


def clean(answer: str) -> str:
    """The answer up to its first blank line, as one line.

    Every line break that Unicode knows becomes a space, so that an answer never shifts the lines
    of a file.
    """
    kept: list[str] = []
    for line in answer.strip().splitlines():
        if not line.strip():
            break
        kept.append(line.strip())
    return " ".join(kept)
