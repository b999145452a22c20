"""Runs a sweep: everything is checked, what many cells need is made once, and each finished cell is kept."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mtprompt.errors import MTPromptError
from mtprompt.experiment.cell_result import Finished, failed, finish_cell, finish_system
from mtprompt.experiment.grid import Cell, SystemCell
from mtprompt.experiment.hypotheses import read_hypotheses
from mtprompt.experiment.manifest import manifest_of, now
from mtprompt.experiment.plan import Plan
from mtprompt.experiment.planned import Planned
from mtprompt.experiment.record import CellResult
from mtprompt.experiment.results import write_manifest, write_results, write_segments
from mtprompt.experiment.shared import Shared
from mtprompt.experiment.sweep_file import PoolSource
from mtprompt.progress import Bar, Say, no_bar, say_nothing


def run_sweep(
    plan: Plan, shared: Shared, folder: Path, bar: Bar = no_bar, say: Say = say_nothing
) -> list[CellResult]:
    """Does what is planned.

    Cells of one model and test set are generated together, so that batches are full and a prompt that
    several have is asked once; then each is scored and written. What fails fails alone.

    Args:
        plan: Of :func:`~mtprompt.experiment.plan.make_plan`.
        shared: That the plan was made with.
        folder: Where results go; made if it is not there.
        bar: Opens a progress bar.
        say: Gets a line for each cell that is through.

    Returns:
        The results of all cells, in order.

    Raises:
        OSError: If results cannot be written.
    """
    order = [cell.id for cell in plan.cells]
    manifest = replace(manifest_of(shared.sweep, order), pools=_pools(plan, shared))
    results = dict(plan.results)
    # rows of another plan go first: they would look like this one's, should it be stopped before its first
    write_results(folder, [results[cell] for cell in order if cell in results])
    write_manifest(folder, manifest)
    for outcome in _outcomes(plan, shared, bar, say):
        result = outcome
        if isinstance(outcome, Finished):
            result = outcome.result
            write_segments(folder, result.cell, outcome.rows)
        assert isinstance(result, CellResult)
        results[result.cell] = result
        write_results(folder, [results[cell] for cell in order if cell in results])
        say(f"{len(results):,}/{len(order):,} {_summary(result)}")
    write_results(folder, [results[cell] for cell in order])
    write_manifest(folder, replace(manifest, finished=now()))
    return [results[cell] for cell in order]


def _pools(plan: Plan, shared: Shared) -> dict[str, dict[str, float]]:
    """What the pools are like that examples are picked from."""
    prompts: dict[PoolSource, int] = {}
    for cell in plan.cells:
        if isinstance(cell, Cell) and cell.pool:
            prompts[cell.pool] = max(prompts.get(cell.pool, 0), len(shared.segments(cell.test)))
    return {source.name: shared.pool_profile(source, most) for source, most in prompts.items()}


def _summary(result: CellResult) -> str:
    if not result.done:
        return f"{result.cell}: failed: {result.error}"
    scores = ", ".join(f"{name} {its.score:.4g}" for name, its in result.scores.items())
    return "; ".join([f"{result.cell}: {scores}", *result.unscored.values()])


def _outcomes(plan: Plan, shared: Shared, bar: Bar, say: Say) -> Iterator[Finished | CellResult]:
    for cell, key in plan.systems:
        try:
            yield _system(cell, key, shared)
        except Exception as error:
            yield _failed(cell, len(shared.segments(cell.test)), error, say)
    batches: dict[object, list[Planned]] = {}
    for planned in plan.planned:
        batches.setdefault((planned.group, planned.cell.test), []).append(planned)
    for batch in batches.values():
        yield from _batch(batch, shared, bar, say)


def _system(cell: SystemCell, key: str, shared: Shared) -> Finished:
    segments = shared.segments(cell.test)
    hypotheses = read_hypotheses(cell, segments, shared.sweep.limit)
    references = shared.references(cell.test)
    return finish_system(cell, segments, hypotheses, references, shared.scorers(cell.test.languages), key)


def _batch(batch: Sequence[Planned], shared: Shared, bar: Bar, say: Say) -> Iterator[Finished | CellResult]:
    ready = []
    for planned in batch:
        try:
            planned.prepare(bar, say)
            ready.append(planned)
        except Exception as error:
            yield _failed(planned.cell, len(planned.segments), error, say)
    missing = _generate(ready, bar, say)
    for planned in ready:
        try:
            yield _finish(planned, shared, missing)
        except Exception as error:
            yield _failed(planned.cell, len(planned.segments), error, say)
        planned.drafts, planned.prompts = None, ()


def _generate(batch: Sequence[Planned], bar: Bar, say: Say) -> set[tuple[str, int]]:
    """Has the model answer all prompts of some cells; returns which it had not answered before.

    What an error leaves unanswered is asked for once more by the cells themselves, so that those that have
    all they need are finished.
    """
    prompts = [prompt for planned in batch for prompt in planned.prompts[0] if prompt]
    if not prompts or len(batch[0].prompts) > 1:  # several models are asked by the cell itself
        return set()
    translator = batch[0].translator
    missing = {
        (prompt.text, prompt.max_new_tokens) for prompt in translator.estimates()[0].stored.missing(prompts)
    }
    what = f"{batch[0].cell.axes['model']} on {batch[0].cell.test.name}"
    try:
        with bar(what, len(prompts)) as advance:
            translator.answers(prompts, advance)
    except Exception as error:
        say(f"{what}: {type(error).__name__}: {error}")
    return missing


def _finish(planned: Planned, shared: Shared, missing: set[tuple[str, int]]) -> Finished:
    assert planned.drafts is not None
    translations = list(planned.translator.translate_drafts(planned.drafts))
    cell = planned.cell
    return finish_cell(
        cell,
        translations,
        shared.references(cell.test),
        shared.scorers(cell.test.languages),
        str(planned.translator.retrieval.policy),
        planned.translator.signature,
        planned.key,
        [
            bool(its.generation and its.generation.cached)
            and (its.prompt is None or (its.prompt.text, its.prompt.max_new_tokens) not in missing)
            for its in translations
        ],
        planned.excluded,
        shared.frequent(cell.test.languages[0]) if cell.pool else frozenset(),
    )


def _failed(cell: Cell | SystemCell, segments: int, error: Exception, say: Say) -> CellResult:
    """A failed cell; a bug's traceback is said, too, and the others go on all the same."""
    if not isinstance(error, MTPromptError | OSError):
        say("".join(traceback.format_exception(error)).rstrip())
    return failed(cell, segments, error)
