"""Every score of every cell as CSV: a row a cell and metric."""

from __future__ import annotations

import csv
import io
from typing import Any

from mtprompt.experiment.record import CellResult
from mtprompt.report.study import Study

_RESULTS = (
    "metric", "score", "low", "high", "baseline", "delta", "delta_low", "delta_high", "p_value", "p_adjusted",
    "significant", "wins", "losses", "ties", "note",
)  # fmt: skip
_COSTS = (
    "segments", "prompt_tokens", "completion_tokens", "seconds", "cached", "prompts_cut", "flagged",
    "excluded",
)  # fmt: skip


def csv_text(study: Study) -> str:
    """The table; numbers as they are, not rounded. A failed cell has one row, with its error as the note."""
    cells = study.results.cells
    axes = list(dict.fromkeys(name for cell in cells for name in cell.axes))
    flags = sorted({name for cell in cells for name in cell.flags})
    figures = sorted({name for cell in cells for name in cell.profile or {}})
    header = ["cell", *axes, "from", "to", "where", "status", *_RESULTS, *_COSTS]
    header += [f"flag.{name}" for name in flags] + [f"profile.{name}" for name in figures]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    for cell in cells:
        first = [cell.cell, *(cell.axes.get(axis) for axis in axes), *cell.languages, cell.where, cell.status]
        last = [*_costs(study, cell), *(cell.flags.get(name, 0) if cell.done else None for name in flags)]
        last += [(cell.profile or {}).get(name) for name in figures]
        for metric in (*cell.scores, *cell.unscored) or ("",):
            writer.writerow([*map(_harmless, first), *_result(study, cell, metric), *last])
    return stream.getvalue()


def _result(study: Study, cell: CellResult, metric: str) -> list[Any]:
    score = cell.scores.get(metric)
    if score is None:
        why = cell.unscored.get(metric, cell.error)
        return [metric or None] + [None] * (len(_RESULTS) - 2) + [_harmless(why)]
    against = study.against_baseline.get((cell.cell, metric))
    compared = against.comparison if against else None
    row: list[Any] = [metric, score.score, score.low, score.high, against.baseline if against else None]
    if compared is None or against is None:
        why = "baseline" if study.is_baseline(cell) else against.why_not if against else None
        return [*row, *([None] * 9), why]
    bounds = compared.interval
    tested = against.why_not is None
    return [
        *row,
        compared.delta,
        bounds.low if bounds else None,
        bounds.high if bounds else None,
        compared.p_value if tested else None,
        compared.adjusted if tested else None,
        against.significant,
        compared.wins,
        compared.losses,
        compared.ties,
        against.why_not,
    ]


def _costs(study: Study, cell: CellResult) -> list[Any]:
    usage = cell.usage
    paid = (
        [usage.prompt_tokens, usage.completion_tokens, usage.seconds, usage.cached, usage.dropped]
        if usage
        else [None] * 5
    )
    return [cell.segments, *paid, study.flagged.get(cell.cell), cell.excluded]


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula, with an apostrophe before it."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
