"""The page's long tables: all cells, hints, failure flags, the examples' profiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mtprompt.experiment.compare import Against
from mtprompt.experiment.record import CellResult
from mtprompt.report.matrix import BETTER, WORSE
from mtprompt.report.numbers import (
    count_text,
    delta_text,
    metric_name,
    p_text,
    score_text,
    share_text,
    signed_minus,
)
from mtprompt.report.plots.marks import costs
from mtprompt.report.study import Study, TestSet

DASH = "–"
WHOLE_POOL = "the whole pool"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and the metric that it belongs to if it is not shown for all."""

    title: str
    metric: str | None = None
    text: bool = False


@dataclass(frozen=True, slots=True)
class Datum:
    """What stands in a table: the text, what it is sorted by (None at the end), shares to draw as a bar."""

    text: str
    value: float | str | None = None
    css: str = ""
    bar: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many data as there are columns; the first names the row."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Datum, ...], ...]


def cells_table(study: Study) -> Table:
    """Everything about every cell that is done."""
    columns = [*_naming_columns(study), Column("segments")]
    for metric in study.metrics:
        columns += [
            Column(metric_name(metric), metric),
            Column("95 %", metric),
            Column("Δ", metric),
            Column("p", metric),
        ]
        if _has_wins(study, metric):
            columns += [Column("wins", metric), Column("losses", metric)]
    columns += [
        Column(title)
        for title in (
            "prompt tokens",
            "seconds",
            "flagged",
            "leaks kept out",
            "prompts cut",
            "from the store",
        )
    ]
    return Table("cells", tuple(columns), tuple(_cell_row(study, t, cell) for t, cell in _done(study)))


def _cell_row(study: Study, test: TestSet, cell: CellResult) -> tuple[Datum, ...]:
    row = [*_naming(study, test, cell), Datum(count_text(cell.segments), cell.segments)]
    for metric in study.metrics:
        row += _score(study, cell, metric)
    tokens, seconds = costs([cell])
    flagged = study.flagged.get(cell.cell)
    usage = cell.usage
    return (
        *row,
        _number(tokens, count_text),
        _number(seconds, lambda its: f"{its:.3g}"),
        _number(flagged, lambda its: share_text(its, cell.segments)),
        _number(cell.excluded if usage else None, count_text),
        _number(usage.dropped if usage else None, count_text),
        _number(usage.cached if usage else None, count_text),
    )


def _has_wins(study: Study, metric: str) -> bool:
    """BLEU has none: it is no mean of segments."""
    compared = [its.comparison for (_, name), its in study.against_baseline.items() if name == metric]
    return any(its is not None and its.wins is not None for its in compared)


def _score(study: Study, cell: CellResult, metric: str) -> list[Datum]:
    wins = 2 * _has_wins(study, metric)
    score = cell.scores.get(metric)
    if score is None:
        return [Datum(DASH)] * (4 + wins)
    bounds = Datum(DASH)
    if score.low is not None and score.high is not None:
        bounds = Datum(f"{score_text(score.low, metric)} to {score_text(score.high, metric)}", score.low)
    first = [Datum(score_text(score.score, metric), score.score), bounds]
    if study.is_baseline(cell):
        return [*first, Datum("baseline"), *([Datum(DASH)] * (1 + wins))]
    against = study.against_baseline.get((cell.cell, metric))
    return [*first, *_difference(against, metric), *_wins(against)[:wins]]


def _difference(against: Against | None, metric: str) -> list[Datum]:
    compared = against.comparison if against else None
    if against is None or compared is None:
        return [Datum(DASH), Datum(DASH)]
    css = ""
    if against.significant:
        css = BETTER if compared.better else WORSE
    p = Datum(DASH)
    if against.why_not is None:
        p = Datum(p_text(compared.adjusted).removeprefix("= "), compared.adjusted)
    return [Datum(delta_text(compared.delta, metric), compared.delta, f"{css}-word" if css else ""), p]


def _wins(against: Against | None) -> list[Datum]:
    compared = against.comparison if against else None
    if compared is None or compared.wins is None or compared.losses is None:
        return [Datum(DASH), Datum(DASH)]
    return [Datum(count_text(its), its) for its in (compared.wins, compared.losses)]


def hints_table(study: Study) -> Table | None:
    """What became of hints, and what they were worth; None without any.

    Cells whose policy gave none, such as ``auto`` when it decides so, are in it.
    """
    done = [(test, cell) for test, cell in _done(study) if cell.hints is not None]
    if not done:
        return None
    columns = [
        *_naming_columns(study),
        *map(Column, ("what became of them", "hints", "of the terms", "followed", "useful")),
        *map(Column, ("misleading", "terms missed", "tokens")),
    ]
    for metric in study.metrics:
        columns += [Column(f"Δ {metric_name(metric)}", metric), Column("p", metric)]
    rows = []
    for test, cell in done:
        use = cell.hints or {}
        given, judged, tokens = use.get("given") or 0, use.get("judged") or 0, use.get("tokens")
        row = [
            *_naming(study, test, cell),
            _fate(use, given),
            _number(given, count_text),
            _share(given, use.get("found") or 0),
            _share(use.get("followed"), given),
            _share(use.get("useful"), judged),
            _share(use.get("misleading"), judged),
            _share(use.get("missed"), use.get("expected") or 0),
            _number(None if tokens is None else tokens / max(cell.segments, 1), lambda its: f"{its:.1f}"),
        ]
        for metric in study.metrics:
            row += _difference(study.against_unhinted.get((cell.cell, metric)), metric)
        rows.append(tuple(row))
    return Table("hints", tuple(columns), tuple(rows))


def _fate(use: Mapping[str, int | None], given: int) -> Datum:
    """What became of the hints of a cell, as a bar."""
    if not given:
        return Datum("no hints given")
    useful, followed = use.get("useful") or 0, use.get("followed") or 0
    other = max(followed - useful, 0)
    text = f"{share_text(useful, given)} useful, {share_text(other, given)} followed besides"
    return Datum(text, useful / given, bar=(useful / given, other / given))


def flags_table(study: Study) -> Table | None:
    """How many of 100 translations have each flag; None without flags."""
    done = _done(study)
    names: dict[str, int] = {}
    for _, cell in done:
        for name, count in cell.flags.items():
            names[name] = names.get(name, 0) + count
    if not names:
        return None
    ordered = sorted(names, key=lambda name: -names[name])
    columns = (
        *_naming_columns(study),
        Column("any flag"),
        *(Column(name.replace("_", " ")) for name in ordered),
    )
    rows = tuple(
        (
            *_naming(study, test, cell),
            _per_hundred(study.flagged.get(cell.cell), cell.segments),
            *(_per_hundred(cell.flags.get(name, 0), cell.segments) for name in ordered),
        )
        for test, cell in done
    )
    return Table("flags", columns, rows)


def profile_table(study: Study) -> Table | None:
    """The figures of the pools and of the examples that were picked from them; None without any."""
    done = [(test, cell) for test, cell in _done(study) if cell.profile]
    pools = study.results.manifest.pools
    profiles = [*pools.values(), *(cell.profile or {} for _, cell in done)]
    figures = sorted({figure for profile in profiles for figure in profile})
    if not figures:
        return None
    columns = (*_naming_columns(study), *(Column(figure.replace("_", " ")) for figure in figures))
    names = [
        *(_texts(WHOLE_POOL, name, DASH, *([DASH] if study.several_seeds else [])) for name in pools),
        *(_naming(study, test, cell) for test, cell in done),
    ]
    rows = tuple(
        (*name, *(_number(profile.get(its), _figure) for its in figures))
        for name, profile in zip(names, profiles, strict=True)
    )
    return Table("profile", columns, rows)


def _done(study: Study) -> list[tuple[TestSet, CellResult]]:
    return [(test, cell) for test in study.test_sets for cell in test.done]


def _naming_columns(study: Study) -> list[Column]:
    titles = ["strategy", "pool", "test set", *(["seed"] if study.several_seeds else [])]
    return [Column(title, text=True) for title in titles]


def _naming(study: Study, test: TestSet, cell: CellResult) -> list[Datum]:
    label = study.labels[cell.cell]
    texts = [label.strategy, label.pool, test.name]
    if study.several_seeds:
        seed = cell.axes.get("seed")
        texts.append(DASH if seed is None else str(seed))
    return _texts(*texts)


def _texts(*texts: str) -> list[Datum]:
    return [Datum(text, text) for text in texts]


def _number(value: float | None, text: Callable[[float], str]) -> Datum:
    return Datum(DASH) if value is None else Datum(text(value), value)


def _share(part: float | None, whole: float) -> Datum:
    return Datum(DASH) if part is None or not whole else Datum(share_text(part, whole), part / whole)


def _per_hundred(count: int | None, segments: int) -> Datum:
    if count is None or not segments:
        return Datum(DASH)
    share = 100 * count / segments
    return Datum(f"{share:.1f}" if count else "0", share, "" if count else "zero")


def _figure(value: float) -> str:
    return signed_minus(f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}")
