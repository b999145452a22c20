"""What a sweep leaves behind, as records: a score, a cell, the manifest, all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1
"""Another one when a reader of this one would misread the files."""

DONE, FAILED = "done", "failed"


@dataclass(frozen=True, slots=True)
class Score:
    """A metric over a whole cell.

    Attributes:
        score: On the metric's own scale.
        low: Lower end of the 95 % bootstrap interval; None where there is none (a single segment, a metric
            that cannot be resampled).
        high: Its upper end.
        higher_is_better: False for error rates.
        signature: What a stranger needs to repeat it.
        details: What else the metric says (COMET's guarded value, for instance).
        warnings: What makes the score doubtful, a line each.
    """

    score: float
    low: float | None
    high: float | None
    higher_is_better: bool
    signature: str
    details: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Costs:
    """What the answers of a cell cost when they were generated, be it for this cell or for another.

    Attributes:
        prompt_tokens: Of all prompts.
        completion_tokens: Of all answers.
        seconds: Each answer's share of its batch.
        cached: Segments whose answer was in the store before the sweep asked for it.
        dropped: Prompts that lost examples or hints to the model's window.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cached: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class CellResult:
    """A row of ``results.jsonl``.

    Attributes:
        cell: Its id, the same in every run, safe as a file's name.
        axes: What it is: ``test``, ``pool``, ``select``, ``order``, ``hints``, ``dictionary``,
            ``model``, ``template``, ``seed``, each None where it has no part; of an existing hypothesis
            file ``test`` and ``system``, its name.
        languages: Source and target code.
        where: ``in`` if the pool is of the test's own domain, ``out`` if of another, None without a pool.
        status: ``done`` or ``failed``.
        error: Why it failed, in one line.
        segments: How many there are.
        scores: By metric, as the sweep names it.
        usage: What it cost; None for a hypothesis file.
        flags: How many translations have each flag.
        hints: Counts of :class:`~mtprompt.scoring.hint_use.HintUse`; None where no hints were given.
        policy: The hint policy that was used: of ``auto`` what it decided; None where no hints were given.
        excluded: Segments for which the leak guard kept pairs of the pool out.
        profile: Of the examples that were picked (:mod:`mtprompt.experiment.profile`).
        signature: The translator's; empty for a hypothesis file and for what failed.
        key: Changes with everything that decides this row, so that it can be told whether it is up to date.
        unscored: By metric that has nothing to count here (``hints`` of a cell without any), why.
    """

    cell: str
    axes: Mapping[str, str | int | None]
    languages: tuple[str, str]
    where: str | None
    status: str
    error: str | None = None
    segments: int = 0
    scores: Mapping[str, Score] = field(default_factory=dict)
    usage: Costs | None = None
    flags: Mapping[str, int] = field(default_factory=dict)
    hints: Mapping[str, int | None] | None = None
    policy: str | None = None
    excluded: int = 0
    profile: Mapping[str, float | None] | None = None
    signature: str = ""
    key: str = ""
    unscored: Mapping[str, str] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether it has scores."""
        return self.status == DONE


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was run.

    Attributes:
        format: :data:`FORMAT` of the folder.
        mtprompt: The version that wrote it.
        python: Of the interpreter.
        packages: Versions of the packages that had a part.
        files: SHA-256 of every file that the sweep names.
        command: The command line.
        machine: Processor, cores, GPU.
        sweep: The YAML file's text.
        variables: What stands for ``${name}`` in it.
        cells: Ids of all cells, in the order of the sweep.
        pools: By name, the profile of each pool that has a cell (:mod:`mtprompt.experiment.profile`).
        started: When, in UTC (ISO 8601).
        finished: When its last cell was through; None while it runs and after it was stopped.
    """

    format: int
    mtprompt: str
    python: str
    packages: Mapping[str, str]
    files: Mapping[str, str]
    command: str
    machine: str
    sweep: str
    variables: Mapping[str, str]
    cells: Sequence[str]
    started: str
    finished: str | None = None
    pools: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Results:
    """A folder's manifest, and its cells in the order of the sweep, but for those that are not through.

    Attributes:
        folder: Where they are.
        manifest: What was run.
        cells: Those that can be read.
        damaged: What is wrong with rows that cannot, a line each.
    """

    folder: Path
    manifest: Manifest
    cells: tuple[CellResult, ...]
    damaged: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Cells that the sweep has and the results do not: it was stopped."""
        there = {cell.cell for cell in self.cells}
        return [cell for cell in self.manifest.cells if cell not in there]


def warnings_of(cells: Iterable[CellResult]) -> list[str]:
    """What metrics say against their scores, each thing once."""
    return list(
        dict.fromkeys(line for cell in cells for its in cell.scores.values() for line in its.warnings)
    )
