"""The matrix as the page shows it: texts, tints and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtprompt.report.matrix import BASELINE, BETTER, WORSE, Entry, Row
from mtprompt.report.numbers import delta_text, p_text, score_text
from mtprompt.report.study import Study


def matrix_view(study: Study, rows: Sequence[Row], metric: str, *, links: bool) -> list[dict[str, Any]]:
    """What the template needs for each row.

    Args:
        study: The results.
        rows: The matrix.
        metric: Whose scores.
        links: Whether there are segments to open.
    """
    shown, before = [], None
    for row in rows:
        shown.append(
            {
                "title": row.label.title,
                "qualifiers": " ".join(row.label.qualifiers),
                "pool": row.label.pool,
                "gap": before not in (None, row.label.pool),
                "entries": [
                    _entry(study, its, at, metric, rows, links) for at, its in enumerate(row.entries)
                ],
            }
        )
        before = row.label.pool
    return shown


def _entry(
    study: Study, its: Entry | None, test: int, metric: str, rows: Sequence[Row], links: bool
) -> dict[str, Any]:
    """What the template needs for one number of the matrix."""
    shown: dict[str, Any] = dict.fromkeys(("score", "interval", "delta", "mark", "note", "tint", "cell"), "")
    shown |= {"css": "", "value": "", "test": test}
    if its is None:
        return {**shown, "note": "–", "css": "zero"}
    if its.score is None:
        return {**shown, "note": "failed" if its.failed else "–", "css": "zero"}
    shown["score"], shown["value"] = score_text(its.score, metric), its.score
    if its.low is not None and its.high is not None:
        shown["interval"] = f"{score_text(its.low, metric)}–{score_text(its.high, metric)}"
    elif its.spread is not None:
        shown["interval"] = f"± {score_text(its.spread, metric)}, {len(its.cells)} seeds"
    if its.delta is not None:
        shown["delta"] = delta_text(its.delta, metric)
    shown["note"] = (
        f"p {p_text(its.p)}" if its.p is not None else {BASELINE: "baseline"}.get(its.verdict, its.why or "")
    )
    if its.verdict in (BETTER, WORSE):
        shown["mark"] = "▲" if its.verdict == BETTER else "▼"
        largest = max(
            abs(other.delta) for row in rows if (other := row.entries[test]) and other.delta is not None
        )
        shown["tint"] = f"{abs(its.delta or 0) / (largest or 1):.2f}"
    tint = its.verdict if its.verdict in (BETTER, WORSE) else ""
    shown["css"] = " ".join(filter(None, [tint, "top-score" if _on_top(study, its, metric) else ""]))
    if links and any(cell.cell in study.flagged for cell in its.cells):
        shown["cell"] = next(cell.cell for cell in its.cells if cell.cell in study.flagged)
    return shown


def _on_top(study: Study, its: Entry, metric: str) -> bool:
    """Whether it is the best of its test set, or cannot be told apart from it."""
    best = {test.best.get(metric) for test in study.test_sets}
    for cell in its.cells:
        against = study.against_best.get((cell.cell, metric))
        if cell.cell in best:
            continue
        if against is None or against.comparison is None or against.why_not or against.significant:
            return False
    return True
