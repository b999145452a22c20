"""What a ``sweep.yaml`` says, as values; :mod:`mtprompt.experiment.sweep_reader` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mtprompt.experiment.pool_noise import PoolNoise

IN, OUT, NONE = "in", "out", "none"


@dataclass(frozen=True, slots=True)
class TestSet:
    """A test set of the sweep; the domain is its name unless it says another.

    ``auxiliary`` are dictionaries from its source language into others, by code, for the style ``chain``.
    """

    name: str
    path: Path
    languages: tuple[str, str]
    domain: str
    dev: Path | None
    auxiliary: tuple[tuple[str, Path], ...]
    place: str


@dataclass(frozen=True, slots=True)
class PoolSource:
    """A pool of the sweep; the domain is its name unless it says another."""

    name: str
    path: Path
    target: Path | None
    languages: tuple[str, str]
    domain: str
    noise: PoolNoise | None
    place: str


@dataclass(frozen=True, slots=True)
class Dictionaries:
    """Dictionary files under one name, the same for all test sets or each its own."""

    for_all: tuple[Path, ...]
    by_test: Mapping[str, tuple[Path, ...]]

    def of(self, test: TestSet) -> tuple[Path, ...]:
        """The files for a test set; none if it has none."""
        return self.by_test.get(test.name, self.for_all)


@dataclass(frozen=True, slots=True)
class AxisValue:
    """A value of an axis, and what it is called in the results: itself unless it has a name of its own."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the grid: all combinations of its axes' values; None stands for no pool or no template."""

    place: str
    axes: Mapping[str, Sequence[AxisValue | None]]
    seeds: Sequence[int]


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for all cells, as :class:`mtprompt.Translator` takes it."""

    near_match: float | None = None
    prompt_form: str = "auto"
    max_new_tokens: int | None = None
    temperature: float = 0.0
    batch_size: int | None = None
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Sweep:
    """A whole file.

    Attributes:
        path: Where it is.
        text: Its text.
        variables: What stands for ``${name}`` in it.
        tests: By name, as are the next three.
        pools: Where examples come from.
        dictionaries: Where hints come from.
        systems: Existing hypothesis files, by system and test set.
        blocks: The grid.
        metrics: As ``mtprompt score`` takes them.
        limit: Segments of each test set at most.
        settings: Of all cells.
        files: All files that it names.
        places: Where each model, metric and file of existing translations is named, for messages.
    """

    path: Path
    text: str
    variables: Mapping[str, str]
    tests: Mapping[str, TestSet]
    pools: Mapping[str, PoolSource]
    dictionaries: Mapping[str, Dictionaries]
    systems: Mapping[str, Mapping[str, Path]]
    blocks: Sequence[Block]
    metrics: Sequence[str]
    limit: int | None
    settings: Settings
    files: Sequence[Path]
    places: Mapping[str, str] = field(default_factory=dict)
