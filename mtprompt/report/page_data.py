"""What the page's script gets: names of cells, metrics with segment scores, which pairs to begin with."""

from __future__ import annotations

import json
from typing import Any

from mtprompt.report.numbers import digits, metric_name
from mtprompt.report.study import Study, TestSet


def study_json(study: Study) -> str:
    """JSON that can stand in a ``script`` element: it has no ``<``, ``>`` or ``&``, and ASCII alone."""
    content = {"tests": [_test(study, test, at) for at, test in enumerate(study.test_sets)]}
    text = json.dumps(content, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _test(study: Study, test: TestSet, at: int) -> dict[str, Any]:
    cells = [cell for cell in test.done if cell.cell in study.flagged]
    ids = [cell.cell for cell in cells]
    metrics = [metric for metric in study.metrics if metric in test.segment_metrics]
    baselines = {its.cell: its.baseline for its in study.against_baseline.values()}
    best = next((test.best[metric] for metric in study.metrics if test.best.get(metric) in ids), None)
    second = ids.index(best) if best is not None else 0
    first = next((at for at, cell in enumerate(cells) if study.is_baseline(cell)), 0)
    if first == second and len(cells) > 1:  # the best is the baseline: something else beside it
        second = int(first == 0)
    return {
        "name": test.name,
        "source": test.languages[0],
        "target": test.languages[1],
        "pack": f"pack-{at}" if test.pack and cells else None,
        "first": first,
        "second": second,
        "cells": [
            {"id": cell.cell, "label": study.name_of(cell.cell), "baseline": baselines.get(cell.cell)}
            for cell in cells
        ],
        "metrics": [
            {
                "name": metric,
                "title": metric_name(metric),
                "slug": f"m{study.metrics.index(metric)}",
                "digits": digits(metric),
                "higher": higher_is_better(study, metric),
            }
            for metric in metrics
        ],
    }


def higher_is_better(study: Study, metric: str) -> bool:
    """Whether larger scores are the better ones."""
    return all(cell.scores[metric].higher_is_better for cell in study.results.cells if metric in cell.scores)
