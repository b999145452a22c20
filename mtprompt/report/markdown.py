"""The report as Markdown, for where HTML is not welcome: a repository, a pull request, an issue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mtprompt.experiment.profile_correlation import Correlation
from mtprompt.report.findings import findings
from mtprompt.report.matrix import BASELINE, BETTER, WORSE, Entry, Row
from mtprompt.report.method import method, signatures
from mtprompt.report.numbers import delta_text, metric_name, p_text, score_text
from mtprompt.report.plots.style import Plot
from mtprompt.report.study import Study
from mtprompt.report.tables import Table, flags_table, hints_table

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_HEADINGS = {
    "gain": "Differences from the baseline", "domains": "In domain and out of it",
    "tokens": "Quality and prompt tokens", "seconds": "Quality and seconds", "shots": "More examples",
    "hints": "What hints are worth", "composition": "What the examples are like",
}  # fmt: skip


def markdown(
    study: Study,
    rows: Mapping[str, Sequence[Row]],
    correlations: Mapping[str, Sequence[Correlation]],
    plots: Sequence[tuple[Plot, str]],
) -> str:
    """The whole text.

    Args:
        study: The results.
        rows: The matrix by metric.
        correlations: Of profiles and scores, by metric.
        plots: With the places of their files, as the text is to name them.
    """
    lines = [f"# Translation strategies on {', '.join(_safe(test.name) for test in study.test_sets)}", ""]
    lines += [f"> {_safe(problem)}" for problem in study.problems] + [""]
    for metric in study.metrics:
        lines += [f"## {metric_name(metric)}", ""]
        for finding in findings(study, metric, correlations[metric]):
            lines.append(f"- **{_safe(finding.about)}**: {_safe(' '.join(finding.sentences))}")
        lines += ["", *_matrix(study, rows[metric], metric), ""]
        lines += _plots(metric, plots)
    for title, table in (
        ("Hints", hints_table(study)),
        ("Failure flags, of 100 translations", flags_table(study)),
    ):
        if table:
            lines += [f"## {title}", "", *_table(table), ""]
    if failed := [cell for cell in study.results.cells if not cell.done]:
        lines += ["## Failed", ""]
        lines += [f"- {_safe(cell.cell)}: {_safe(cell.error or '')}" for cell in failed] + [""]
    lines += ["## How it was made", ""]
    lines += [f"{_safe(sentence)}\n" for sentence in method(study)]
    lines += [f"- {name}: `{signature}`" for name, signature in signatures(study)]
    manifest = study.results.manifest
    lines += [
        "",
        f"`{' '.join(manifest.command.split())}`, mtprompt {manifest.mtprompt}, {_safe(manifest.machine)}.",
    ]
    return "\n".join(lines) + "\n"


def _matrix(study: Study, rows: Sequence[Row], metric: str) -> list[str]:
    names = [_safe(test.name) for test in study.test_sets]
    lines = [f"| strategy | examples from | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}"]
    for row in rows:
        cells = [_entry(its, metric) for its in row.entries]
        lines.append(f"| {_safe(row.label.strategy)} | {_safe(row.label.pool)} | {' | '.join(cells)} |")
    return [
        *lines,
        "",
        f"In brackets the difference from {_safe(study.baseline_name)} and its p-value; "
        f"▲ significantly better, ▼ worse. {study.baseline_seeds or ''}".rstrip(),
    ]


def _entry(its: Entry | None, metric: str) -> str:
    if its is None:
        return ""
    if its.score is None:
        return "failed" if its.failed else "–"
    text = score_text(its.score, metric)
    if its.spread is not None:
        text += f" ± {score_text(its.spread, metric)}"
    if its.verdict == BASELINE:
        return f"{text} (baseline)"
    if its.delta is None:
        return text
    mark = {BETTER: "▲ ", WORSE: "▼ "}.get(its.verdict, "")
    p = f", p {p_text(its.p)}" if its.p is not None else ""
    return f"{text} ({mark}{delta_text(its.delta, metric)}{p})"


def _plots(metric: str, plots: Sequence[tuple[Plot, str]]) -> list[str]:
    lines, before = [], None
    for section in _HEADINGS:
        for plot, place in plots:
            if plot.metric != metric or plot.section != section:
                continue
            if before != section:
                lines += [f"### {_HEADINGS[section]}", ""]
            before = section
            lines += [f"![{_safe(plot.alt)}]({place})", ""]
    return lines


def _table(table: Table) -> list[str]:
    lines = [
        f"| {' | '.join(_safe(column.title) for column in table.columns)} |",
        f"|{''.join('---|' if column.text else '---:|' for column in table.columns)}",
    ]
    return lines + [f"| {' | '.join(_safe(datum.text) for datum in row)} |" for row in table.rows]


def _safe(text: str) -> str:
    """With every sign that means something to Markdown or HTML taken literally."""
    text = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
