"""All segments of a test set in all its cells, packed small enough to stand inside a page.

Sources, references, examples and most translations occur in many cells, and a prompt is made of them. So
every text is written once, and rows hold the numbers of texts; a prompt is the list of the texts that it is
made of. The order of the texts, segment by segment, puts like beside like for gzip.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mtprompt.errors import DataError
from mtprompt.experiment.compare import references_of

Row = Mapping[str, Any]


def check_rows(rows: Sequence[Row]) -> None:
    """Looks whether a cell's segments hold what is to be shown.

    Raises:
        DataError: If one does not; says which, and what to do.
    """
    texts = _Texts()
    for number, row in enumerate(rows, start=1):
        try:
            _segment(row, texts), _row(row, texts)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DataError(
                f"its segment {number:,} is damaged ({type(error).__name__}: {error}); delete its file of "
                "segments and run the sweep again"
            ) from None


def pack_test_set(rows: Mapping[str, Sequence[Row]]) -> bytes:
    """Packs the segments of one test set.

    Args:
        rows: By cell, what :func:`~mtprompt.experiment.results.read_segments` gives.

    Returns:
        Gzipped JSON, ASCII alone: ``texts``; ``segments`` with ``[id, source, references, domain]`` each; and
        by cell a list with, for each segment, ``null`` or ``{t, f, s, e, h, p, u}``: translation, flags,
        scores, examples ``[source, target, score, rank, domain]``, hints ``[term, translations, followed,
        in_reference]``, prompt, usage ``[prompt tokens, completion tokens, seconds, cached]``. Texts are
        numbers of ``texts``.
    """
    texts = _Texts()
    at: dict[tuple[str, int], int] = {}
    seen: dict[str, Counter[str]] = {cell: Counter() for cell in rows}
    segments: list[list[Any]] = []
    cells: dict[str, list[Any]] = {cell: [] for cell in rows}
    longest = max(map(len, rows.values()))
    for number in range(longest):
        for cell, its in rows.items():
            if number >= len(its):
                continue
            row = its[number]
            name = str(row["id"])
            seen[cell][name] += 1
            key = name, seen[cell][name]  # nobody keeps a file from having an id twice
            if key not in at:
                at[key] = len(segments)
                segments.append(_segment(row, texts))
            packed = cells[cell]
            packed.extend([None] * (at[key] + 1 - len(packed)))
            packed[at[key]] = _row(row, texts)
    content = {"texts": texts.all, "segments": segments, "cells": cells}
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode("ascii"), 9, mtime=0)


class _Texts:
    """Numbers for texts, the same one for the same text."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, text: object) -> int:
        return self._numbers.setdefault(str(text), len(self._numbers))

    @property
    def all(self) -> list[str]:
        return list(self._numbers)


def _segment(row: Row, texts: _Texts) -> list[Any]:
    domain = row.get("domain")
    return [
        texts(row["id"]),
        texts(row["source"]),
        [texts(its) for its in references_of(row)],
        None if domain is None else texts(domain),
    ]


def _row(row: Row, texts: _Texts) -> dict[str, Any]:
    examples, hints, usage = row.get("examples") or [], row.get("hints") or [], row.get("usage") or {}
    packed: dict[str, Any] = {"t": texts(row["translation"])}
    if row.get("flags"):
        packed["f"] = [texts(flag) for flag in row["flags"]]
    if row.get("scores"):
        packed["s"] = {name: _rounded(score) for name, score in row["scores"].items()}
    if examples:
        packed["e"] = [
            [
                texts(its["source"]),
                texts(its["target"]),
                _rounded(its.get("score")),
                its.get("rank"),
                None if its.get("domain") is None else texts(its["domain"]),
            ]
            for its in examples
        ]
    if hints:
        packed["h"] = [
            [
                texts(its["term"]),
                [texts(t) for t in its["translations"]],
                its.get("followed"),
                its.get("in_reference"),
            ]
            for its in hints
        ]
    if row.get("prompt") is not None:
        packed["p"] = [texts(part) for part in prompt_parts(row["prompt"], row["source"], examples)]
    if usage:
        packed["u"] = [
            usage.get("prompt_tokens"),
            usage.get("completion_tokens"),
            _rounded(usage.get("seconds")),
            bool(row.get("cached")),
        ]
    return packed


def prompt_parts(prompt: str, source: str, examples: Sequence[Row]) -> list[str]:
    """A prompt cut where its examples and its source stand; joined, the parts are the prompt."""
    known = [text for its in examples for text in (its["source"], its["target"])] + [source]
    parts, at = [], 0
    for text in known:
        found = prompt.find(text, at) if text else -1
        if found < 0:
            continue  # a template of one's own may write them in another order
        parts += [prompt[at:found], text]
        at = found + len(text)
    return [part for part in (*parts, prompt[at:]) if part]


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
