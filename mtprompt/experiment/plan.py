"""A sweep before anything runs: what is there already, what is wrong, what the rest will cost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mtprompt.errors import ConfigError, MTPromptError
from mtprompt.experiment.grid import Cell, SystemCell, cells_of, dropped
from mtprompt.experiment.hypotheses import read_hypotheses
from mtprompt.experiment.planned import Planned
from mtprompt.experiment.record import FORMAT, CellResult, Results
from mtprompt.experiment.results import segments_file
from mtprompt.experiment.shared import Shared, placed
from mtprompt.experiment.sweep_file import Sweep, TestSet
from mtprompt.experiment.workload import Counted, Workload
from mtprompt.progress import Bar, Say, no_bar, say_nothing
from mtprompt.scoring.load import metric_version
from mtprompt.sealed import sha256
from mtprompt.segments import Segment
from mtprompt.text.tokens import normalize
from mtprompt.version import __version__

_SHOWN = 5  # cells of a long list


@dataclass(slots=True)
class Plan:
    """What a sweep is to do.

    Attributes:
        cells: All of them, in order.
        results: Those that an earlier run finished and that are still right, by id.
        planned: Those that are to be translated.
        systems: Existing translations that are to be scored, each with the key of its result.
        workloads: Of each model.
        searching: Cells whose prompts are not known yet, so that no workload counts them.
    """

    cells: Sequence[Cell | SystemCell]
    results: dict[str, CellResult] = field(default_factory=dict)
    planned: list[Planned] = field(default_factory=list)
    systems: list[tuple[SystemCell, str]] = field(default_factory=list)
    workloads: list[Workload] = field(default_factory=list)
    searching: int = 0


def make_plan(
    sweep: Sweep, shared: Shared, earlier: Results | None = None, bar: Bar = no_bar, say: Say = say_nothing
) -> Plan:
    """Checks a whole sweep and counts its prompts; nothing is generated.

    Args:
        sweep: As it was read.
        shared: Opens what it names.
        earlier: Results of an earlier run in the same folder.
        bar: Opens a progress bar.
        say: Gets what is to be said: leaks, prompts over a model's window.

    Raises:
        MTPromptError: For the first thing that is wrong, with its line in the sweep.
    """
    plan = Plan(cells_of(sweep))
    for line in dropped(sweep):
        say(line)
    fingerprints = {
        test: _fingerprint(shared.segments(test), shared.references(test))
        for test in {its.test for its in plan.cells}
    }
    before = {result.cell: result for result in earlier.cells if result.done} if earlier else {}
    for cell in plan.cells:
        shared.scorers(cell.test.languages)
        if isinstance(cell, Cell):
            planned = _planned(cell, sweep, shared, fingerprints[cell.test])
            key = planned.key
        else:
            _check_system(cell, shared)
            key = _key(fingerprints[cell.test], sweep.metrics, sha256(cell.path))
        found = before.get(cell.id)
        if found and found.key == key and earlier and segments_file(earlier.folder, cell.id).is_file():
            plan.results[cell.id] = found
        elif isinstance(cell, Cell):
            plan.planned.append(planned)
        else:
            plan.systems.append((cell, key))
    _say_leaks(plan.planned, shared, say)
    with bar("choose examples", len(plan.planned)) as advance:
        groups: dict[tuple[str, int | None], Counted] = {}
        for planned in plan.planned:
            if _must_search(planned):
                plan.searching += 1
            else:
                planned.prepare()
                if planned.group not in groups:
                    groups[planned.group] = Counted(planned)
                groups[planned.group].add(planned)
            advance(1)
    _say_windows(plan.planned, say)
    plan.workloads = [its.workload(shared.store) for its in groups.values()]
    return plan


def _planned(cell: Cell, sweep: Sweep, shared: Shared, fingerprint: str) -> Planned:
    translator = shared.translator(cell)
    frequent = sorted(shared.frequent(cell.test.languages[0])) if cell.pool else []
    key = _key(fingerprint, sweep.metrics, translator.signature, *frequent)
    return Planned(cell, translator, shared.segments(cell.test), key)


def _key(fingerprint: str, metrics: Iterable[str], *parts: str) -> str:
    """Of everything that decides a cell's result; a search's outcome follows from it."""
    scored = [(metric, metric_version(metric)) for metric in metrics]
    content = json.dumps([FORMAT, __version__, fingerprint, scored, parts])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _fingerprint(segments: Iterable[Segment], references: Sequence[tuple[str, ...]]) -> str:
    content = json.dumps([(its.id, its.source, its.reference, its.domain) for its in segments])
    if any(len(its) > 1 for its in references):
        content += json.dumps(references)
    return hashlib.sha256(content.encode()).hexdigest()


def _check_system(cell: SystemCell, shared: Shared) -> None:
    try:
        read_hypotheses(cell, shared.segments(cell.test), shared.sweep.limit)
    except MTPromptError as error:
        raise placed(shared.sweep.places[str(cell.path)], error) from None


def _must_search(planned: Planned) -> bool:
    """Whether its examples or hints are found by translating, and no earlier run found them."""
    retrieval = planned.translator.retrieval
    if not (retrieval.selection.searches or retrieval.auto):
        return False
    try:
        planned.translator.prepare(dry=True)
    except ConfigError:
        return True
    return False


def _say_leaks(planned: Sequence[Planned], shared: Shared, say: Say) -> None:
    """What of a test set stands in the pools and the dev set that its cells use."""
    used = {(its.cell.test, its.cell.pool): its for its in planned if its.cell.pool}
    for (test, source), its in used.items():
        assert source
        sources = [segment.source for segment in its.segments]
        matches = shared.pool(source).exact_matches(sources, [segment.reference for segment in its.segments])
        if found := sum(map(bool, matches)):
            say(
                f"leaks: {found:,} of {len(sources):,} segments of {test.name} stand in the pool "
                f"{source.name}; they are kept out"
            )
    for test in dict.fromkeys(its.cell.test for its in planned):
        if found := _in_dev(test, shared):
            say(f"leaks: {found:,} segments of {test.name} stand in its own dev set; take them out of it")


def _say_windows(planned: Sequence[Planned], say: Say) -> None:
    """What does not fit the models: a cell whose examples are mostly left out is not what it is called."""
    by_model: dict[str, list[Planned]] = {}
    for its in planned:
        if its.cut or its.unfit:
            by_model.setdefault(its.cell.model, []).append(its)
    for model, cells in by_model.items():
        worst = sorted(cells, key=lambda its: (-its.unfit, -its.cut))
        shown = [
            f"{its.cell.id} ({its.cut:,} of {len(its.segments):,}"
            + (f", {its.unfit:,} do not fit at all)" if its.unfit else ")")
            for its in worst[:_SHOWN]
        ]
        say(
            f"window: prompts of {len(cells):,} cells lose examples or hints to the "
            f"{cells[0].translator.backend.context:,} tokens of {model}: {', '.join(shown)}"
            + (f" and {len(cells) - _SHOWN:,} more" if len(cells) > _SHOWN else "")
        )


def _in_dev(test: TestSet, shared: Shared) -> int:
    dev = {normalize(segment.source) for segment in shared.dev(test) or ()}
    return sum(normalize(segment.source) in dev for segment in shared.segments(test))
