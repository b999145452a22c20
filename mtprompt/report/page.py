"""The report as one HTML page that needs nothing else.

Three things keep what stands in the data from doing anything: Jinja escapes every text, the script writes
texts as text nodes, and the page's content security policy runs that one script, by its hash, and loads
nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mtprompt.experiment.profile_correlation import Correlation
from mtprompt.report.findings import findings
from mtprompt.report.labels import plain
from mtprompt.report.legend import legend
from mtprompt.report.looks import Looks
from mtprompt.report.matrix import Row
from mtprompt.report.matrix_view import matrix_view
from mtprompt.report.method import method, signatures
from mtprompt.report.numbers import counted, metric_name
from mtprompt.report.page_data import study_json
from mtprompt.report.plots.style import Plot
from mtprompt.report.plots.svg import inline
from mtprompt.report.study import Study
from mtprompt.report.tables import cells_table, flags_table, hints_table, profile_table
from mtprompt.text.languages import language_name
from mtprompt.version import __version__

_SCRIPTS = ("page.js", "words.js", "segments.js")
_SECTIONS = {
    "findings": "Findings",
    "matrix": "Matrix",
    "gains": "Differences",
    "domains": "Domains",
    "price": "Price",
    "shots": "Shots",
    "hints": "Hints",
    "flags": "Flags",
    "examples": "Examples",
    "segments": "Segments",
    "cells": "All cells",
    "method": "Method",
}


@dataclass(frozen=True, slots=True)
class _Plot:
    section: str
    metric: str
    svg: Markup


def render(
    study: Study,
    rows: Mapping[str, Sequence[Row]],
    looks: Looks,
    correlations: Mapping[str, Sequence[Correlation]],
    plots: Sequence[Plot],
) -> str:
    """The page.

    Args:
        study: The results.
        rows: The matrix by metric.
        looks: How strategies are drawn.
        correlations: Of profiles and scores, by metric.
        plots: All of them.
    """
    script = '\n(() => {\n"use strict";\n' + "\n".join(map(_file, _SCRIPTS)) + "})();\n"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    slug = {metric: f"m{at}" for at, metric in enumerate(study.metrics)}
    has = dict.fromkeys((plot.section for plot in plots), True)
    tables = {"hints": hints_table(study), "flags": flags_table(study), "profile": profile_table(study)}
    links = any(test.pack for test in study.test_sets)
    shown = {
        "findings": True, "matrix": True, "method": True, "gains": "gain" in has, "domains": "domains" in has,
        "price": "tokens" in has or "seconds" in has, "shots": "shots" in has, "hints": tables["hints"],
        "flags": tables["flags"], "examples": tables["profile"], "segments": links, "cells": True,
    }  # fmt: skip
    manifest = study.results.manifest
    context: dict[str, Any] = {
        "version": __version__,
        "title": f"{_heading(study)} · mtprompt",
        "heading": _heading(study),
        "facts": _facts(study),
        "sections": [
            (id, name)
            for id, name in _SECTIONS.items()
            if shown[id] and (slug or id in ("findings", "method"))
        ],
        "metrics": [
            {
                "name": metric,
                "slug": slug[metric],
                "title": metric_name(metric),
                "findings": findings(study, metric, correlations[metric]),
                "rows": matrix_view(study, rows[metric], metric, links=links),
            }
            for metric in study.metrics
        ],
        "slug": slug,
        "tests": [
            {"name": test.name, "about": _about(test.languages, test.segments)} for test in study.test_sets
        ],
        "baseline": study.baseline_name,
        "baseline_seeds": study.baseline_seeds,
        "failed": _failed(study),
        "problems": study.problems,
        "method": method(study),
        "signatures": signatures(study),
        "legend": legend(looks),
        "plots": [_Plot(plot.section, plot.metric, Markup(inline(plot))) for plot in plots],  # noqa: S704
        "has": {
            **dict.fromkeys(("gain", "domains", "tokens", "seconds", "shots", "hints", "composition"), False),
            **has,
        },
        "links": links,
        "cells": cells_table(study) if study.metrics else None,
        **tables,
        "manifest": manifest,
        "translators": sorted({cell.signature for cell in study.results.cells if cell.signature}),
        "css": Markup(_file("report.css")),  # noqa: S704
        "script": Markup(script),  # noqa: S704
        "script_hash": f"sha256-{digest}",
        "study_json": Markup(study_json(study)),  # noqa: S704
        "packs": [
            {"number": at, "base64": base64.b64encode(test.pack).decode()}
            for at, test in enumerate(study.test_sets)
            if test.pack
        ],
        "zip": zip,
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return environment.from_string(_file("report.html.j2")).render(context)


def _file(name: str) -> str:
    return (resources.files("mtprompt.report") / "assets" / name).read_text(encoding="utf-8")


def _heading(study: Study) -> str:
    names = [test.name for test in study.test_sets]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"Translation strategies on {shown}"


def _facts(study: Study) -> list[tuple[str, str]]:
    manifest = study.results.manifest
    cells = study.results.cells
    models = dict.fromkeys(plain(its) for cell in cells if (its := cell.axes.get("model")) is not None)
    done = sum(cell.done for cell in cells)
    failed = f", {len(cells) - done:,} failed" if done < len(cells) else ""
    facts = [
        ("languages", ", ".join(dict.fromkeys(_pair(test.languages) for test in study.test_sets))),
        ("model", ", ".join(models)),
        ("cells", f"{done:,} done{failed}"),
        ("translations", f"{sum(cell.segments for cell in cells if cell.done):,}"),
        ("finished", (manifest.finished or "not yet")[:16].replace("T", " ")),
        ("machine", manifest.machine),
    ]
    return [(name, value) for name, value in facts if value]


def _failed(study: Study) -> list[tuple[str, list[str]]]:
    """Errors with the cells that failed with them."""
    found: dict[str, list[str]] = {}
    for test in study.test_sets:
        for cell in test.cells:
            if not cell.done:
                name = f"{study.labels[cell.cell]}, {test.name}"
                found.setdefault(plain(cell.error or "", 400), []).append(name)
    return list(found.items())


def _pair(languages: tuple[str, str]) -> str:
    return f"{language_name(languages[0])} to {language_name(languages[1])}"


def _about(languages: tuple[str, str], segments: int) -> str:
    return f"{languages[0]}–{languages[1]}, {counted(segments, 'segment')}"
