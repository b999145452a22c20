"""From a cell's translations to its row and its segments: scores with their intervals, flags, hints, cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isclose
from typing import Any

import numpy as np

from mtprompt.errors import ConfigError, DataError, MTPromptError
from mtprompt.experiment.compare import references_of
from mtprompt.experiment.grid import Cell, SystemCell
from mtprompt.experiment.profile import profile_examples
from mtprompt.experiment.record import DONE, FAILED, CellResult, Costs, Score
from mtprompt.postprocess.checks import OVER_BUDGET, check
from mtprompt.rows import read_hints, translation_row
from mtprompt.scoring.hint_use import HintUse, hint_use
from mtprompt.scoring.load import SACREBLEU
from mtprompt.scoring.protocol import NothingToCount, Scorer, SystemOutput
from mtprompt.scoring.significance import interval_of
from mtprompt.scoring.statistics import Statistics
from mtprompt.segments import Generation, MetricResult, Segment, Translation, Usage

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """A cell that is through, with the rows of its segments."""

    result: CellResult
    rows: Sequence[Row]


def failed(cell: Cell | SystemCell, segments: int, error: Exception) -> CellResult:
    """The row of a cell that could not be finished."""
    what = " ".join(str(error).split())
    if not isinstance(error, MTPromptError):
        what = f"{type(error).__name__}: {what}"
    where = cell.where if isinstance(cell, Cell) else None
    return CellResult(cell.id, cell.axes, cell.test.languages, where, FAILED, what, segments)


def finish_cell(
    cell: Cell,
    translations: Sequence[Translation],
    references: Sequence[tuple[str, ...]],
    scorers: Mapping[str, Scorer],
    policy: str,
    signature: str,
    key: str,
    cached: Sequence[bool],
    excluded: int,
    frequent: frozenset[str],
) -> Finished:
    """Scores a cell.

    Args:
        cell: Which.
        translations: Of all segments of its test set.
        references: Of these segments.
        scorers: The metrics.
        policy: The hint policy that was used.
        signature: The translator's.
        key: Of the result.
        cached: Whether an earlier run had answered each segment.
        excluded: Segments for which the leak guard kept pairs out.
        frequent: Words that count as frequent in profiles.

    Raises:
        DataError: If no segment was translated.
    """
    source, target = cell.test.languages
    asked = [its for its in translations if its.segment.source.strip()]
    if asked and all(OVER_BUDGET in its.flags for its in asked):
        raise DataError(
            f"none of its {len(asked):,} segments fits the model's window, so there is nothing to score"
        )
    rows = [translation_row(its, signature, target) for its in translations]
    for row, its, known, before in zip(rows, translations, references, cached, strict=True):
        _complete(row, its.segment, known, its.prompt.text if its.prompt else None)
        row["cached"] = before if its.generation else None  # the cells of a batch all read from the store
    generations = [its.generation for its in translations if its.generation]
    prompts = [its.prompt for its in translations if its.prompt]
    hints = sum((hint_use(its, target) for its in translations), HintUse()) if cell.dictionary else None
    profile = profile_examples(rows, (source, target), frequent=frequent or None) if cell.pool else None
    scores, unscored = _scores(rows, scorers)
    result = CellResult(
        cell.id,
        cell.axes,
        cell.test.languages,
        cell.where,
        DONE,
        segments=len(translations),
        scores=scores,
        usage=Costs(
            sum(its.usage.prompt_tokens for its in generations),
            sum(its.usage.completion_tokens for its in generations),
            sum(its.usage.seconds for its in generations),
            sum(cached),
            sum(bool(prompt.dropped) for prompt in prompts),
        ),
        flags=_flags(rows),
        hints=asdict(hints) if hints else None,
        policy=policy if cell.dictionary else None,
        excluded=excluded,
        profile=profile or None,
        signature=signature,
        key=key,
        unscored=unscored,
    )
    return Finished(result, rows)


def finish_system(
    cell: SystemCell,
    segments: Sequence[Segment],
    hypotheses: Sequence[str],
    references: Sequence[tuple[str, ...]],
    scorers: Mapping[str, Scorer],
    key: str,
) -> Finished:
    """Scores existing translations; see :func:`finish_cell`."""
    rows = []
    for segment, text, known in zip(segments, hypotheses, references, strict=True):
        answer = Generation(text, "stop", Usage(0, 0, 0.0))
        flags = check(segment.source, text, answer, cell.test.languages) if segment.source.strip() else ()
        row = {"id": segment.id, "source": segment.source, "translation": text, "flags": list(flags)}
        _complete(row, segment, known, None)
        rows.append(row)
    scores, unscored = _scores(rows, scorers)
    result = CellResult(
        cell.id,
        cell.axes,
        cell.test.languages,
        None,
        DONE,
        segments=len(rows),
        scores=scores,
        flags=_flags(rows),
        key=key,
        unscored=unscored,
    )
    return Finished(result, rows)


def _complete(row: Row, segment: Segment, references: tuple[str, ...], prompt: str | None) -> None:
    """Adds what a report needs beside the row of a translation."""
    reference = list(references) if len(references) > 1 else segment.reference
    row |= {"reference": reference, "domain": segment.domain, "prompt": prompt, "scores": {}}


def _scores(rows: Sequence[Row], scorers: Mapping[str, Scorer]) -> tuple[dict[str, Score], dict[str, str]]:
    """By metric, and why those that these segments give nothing to score have none; each row gets its own."""
    output = SystemOutput(
        [row["translation"] for row in rows],
        [references_of(row) or ("",) for row in rows],
        [row["source"] for row in rows],
        [read_hints(row, f"segment {row['id']}") for row in rows],
    )
    scores: dict[str, Score] = {}
    unscored: dict[str, str] = {}
    for name, scorer in scorers.items():
        try:
            result = scorer.score(output)
        except NothingToCount as error:  # no hints, say; the others have their scores
            unscored[name] = str(error)
            continue
        # COMET's guarded value, for instance, is a metric of its own to whoever looks at results
        for its_name, its in {name: result, **{its.name: its for its in result.beside}}.items():
            scores[its_name] = _score(its)
            for row, score in zip(rows, its.segments or (), strict=False):
                if score is not None:
                    row["scores"][its_name] = round(score, 4)
            counted = [] if its_name in SACREBLEU else _counts(its)  # these are computed anew
            for row, counts in zip(rows, counted, strict=False):
                row.setdefault("counts", {})[its_name] = counts
    return scores, unscored


def _counts(result: MetricResult) -> list[list[float]]:
    """Part and whole of each segment, where the score is the share of all parts in all wholes, in percent.

    A report tests differences of such a score by them: it is not the mean of its segments' shares.
    """
    statistics = result.statistics
    if statistics is None or statistics.values.shape[1] != 2 or not _is_percentage(statistics):
        return []
    counts: list[list[float]] = statistics.values.tolist()
    return counts


def _is_percentage(statistics: Statistics) -> bool:
    return isclose(float(statistics.score(np.array([[1.0, 2.0]]))[0]), 50)


def _score(result: MetricResult) -> Score:
    try:
        bounds = interval_of(result)
    except ConfigError:  # neither statistics nor segment scores: it cannot be resampled
        bounds = None
    low, high = (bounds.low, bounds.high) if bounds else (None, None)
    return Score(
        result.system,
        low,
        high,
        result.higher_is_better,
        result.signature,
        dict(result.details),
        result.warnings,
    )


def _flags(rows: Sequence[Row]) -> dict[str, int]:
    return dict(Counter(flag for row in rows for flag in row["flags"]).most_common())
