"""From the blocks of a sweep to its cells: all combinations, each different one once."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from mtprompt.dictionary.policy import parse_hints
from mtprompt.errors import ConfigError
from mtprompt.experiment.sweep_file import IN, OUT, AxisValue, Block, PoolSource, Sweep, TestSet
from mtprompt.generation.spec import parse_voices
from mtprompt.selection.build import STRATEGIES
from mtprompt.selection.order import DEFAULT_ORDER
from mtprompt.selection.spec import Borda, Concat, Node, Strategy, TopUp, parse, strategies_of

_LONGEST = 40  # characters of a part of an id

Axes = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """A test set translated in one way.

    Attributes:
        id: Readable, safe as a file's name, the same in every run.
        axes: What it is called on each axis, as in :class:`~mtprompt.experiment.record.CellResult`.
        test: The test set.
        pool: Where examples come from.
        select: The strategy, the seed in it.
        order: Of the examples, the seed in it.
        hints: The policy.
        dictionary: Its files; none without hints.
        model: As ``--model`` takes it.
        template: A wording of the user's own.
        seed: Of whatever is drawn.
        samples: Whether the model's answers are.
        place: The block that it comes from, for messages.
    """

    id: str
    axes: Axes
    test: TestSet
    pool: PoolSource | None
    select: str
    order: str
    hints: str
    dictionary: tuple[Path, ...]
    model: str
    template: Path | None
    seed: int
    samples: bool
    place: str

    @property
    def where(self) -> str | None:
        """``in`` if the pool is of the test's own domain, ``out`` if of another."""
        if self.pool is None:
            return None
        return IN if self.pool.domain == self.test.domain else OUT


@dataclass(frozen=True, slots=True)
class SystemCell:
    """Existing translations of a test set; see :class:`Cell`."""

    id: str
    axes: Axes
    test: TestSet
    path: Path


def cells_of(sweep: Sweep) -> list[Cell | SystemCell]:
    """All cells, by test set and then in the order of the file.

    A cell that several blocks give, or that differs from another by something that has no effect on it (the
    seed where nothing is drawn, the pool of ``zero``), is there once.

    Raises:
        ConfigError: If a block gives no cell, or two different cells are called the same.
    """
    found: dict[object, Cell] = {}
    for block in sweep.blocks:
        cells = list(_of_block(block, sweep))
        if not cells:
            raise ConfigError(f"{block.place}: {_why_none(block, sweep)}")
        for cell in cells:
            found.setdefault(_what(cell), cell)
    by_axes: dict[str, Cell] = {}
    for cell in found.values():
        if (other := by_axes.setdefault(json.dumps(cell.axes), cell)) is not cell:
            raise ConfigError(
                f"{cell.place}: two different cells are both called {other.id}; name one of their values"
            )
    systems = [
        SystemCell("", {"test": test, "system": name}, sweep.tests[test], path)
        for name, by_test in sweep.systems.items()
        for test, path in by_test.items()
    ]
    order = list(sweep.tests)
    return _with_ids(sorted([*found.values(), *systems], key=lambda cell: order.index(cell.test.name)))


def dropped(sweep: Sweep) -> list[str]:
    """Values of blocks that give a test set no cell, because it has no such pool or dictionary; a line each.

    That a named pool of other languages does not meet a test set is as it should be, and not said.
    """
    said: list[str] = []
    for block in sweep.blocks:
        pools = [its for its in block.axes.get("pool", ()) if its]
        hints = [its for its in block.axes.get("hints", ()) if its]
        named = _named(block, "dictionary")
        for name in _named(block, "test") or list(sweep.tests):
            test = sweep.tests[name]
            relative = [its for its in pools if its.text in (IN, OUT)]
            unmet = [its.text for its in relative if not _pools(its, test, sweep)]
            unhinted = [its.text for its in hints if not _dictionaries(block, its, test, sweep)]
            absent = [its for its in named if not sweep.dictionaries[its].of(test)] if hints else []
            where = f"no cell of the test set {name} here, which has"
            if unmet:
                said.append(f"{block.place}: pool {', '.join(unmet)}: {where} no such pool")
            if unhinted:
                said.append(f"{block.place}: hints {', '.join(unhinted)}: {where} no dictionary")
            elif absent:
                said.append(f"{block.place}: dictionary {', '.join(absent)}: {where} no file of it")
    return said


def _named(block: Block, axis: str) -> list[str]:
    """The values that a block names on an axis."""
    return [its.text for its in block.axes.get(axis, ()) if its]


def _what(cell: Cell) -> object:
    """All that a cell does, whatever it is called."""
    pool = cell.pool.name if cell.pool else None
    how = (cell.select, cell.order, cell.hints, cell.dictionary, cell.model, cell.template, cell.seed)
    return cell.test.name, pool, *how


def _of_block(block: Block, sweep: Sweep) -> Iterator[Cell]:
    def values(axis: str) -> Sequence[AxisValue | None]:
        return block.axes.get(axis, (None,))

    tests = _named(block, "test") or list(sweep.tests)
    for name, model, template, pool in product(tests, values("model"), values("template"), values("pool")):
        test = sweep.tests[name]
        for source in _pools(pool, test, sweep):
            for select, order, hints in product(values("select"), values("order"), values("hints")):
                assert model and select  # a block without them is refused when it is read
                for dictionary in _dictionaries(block, hints, test, sweep):
                    shown = (test, source, model, template, select, order, hints, dictionary)
                    yield from (_cell(block, sweep, *shown, seed) for seed in block.seeds)


def _pools(pool: AxisValue | None, test: TestSet, sweep: Sweep) -> list[PoolSource | None]:
    """The pools that a value stands for, of the test set's languages."""
    if pool is None:
        return [None]
    usable = [its for its in sweep.pools.values() if its.languages == test.languages]
    if pool.text in (IN, OUT):
        return [its for its in usable if (its.domain == test.domain) == (pool.text == IN)]
    return [its for its in usable if its.name == pool.text]


def _dictionaries(
    block: Block, hints: AxisValue | None, test: TestSet, sweep: Sweep
) -> list[tuple[str, tuple[Path, ...]] | None]:
    """The dictionaries for hints, by name; all that the test set has unless the block names some."""
    if hints is None or parse_hints(hints.text).name == "none":
        return [None]
    named = _named(block, "dictionary") or list(sweep.dictionaries)
    return [(name, files) for name in named if (files := sweep.dictionaries[name].of(test))]


def _cell(
    block: Block,
    sweep: Sweep,
    test: TestSet,
    pool: PoolSource | None,
    model: AxisValue,
    template: AxisValue | None,
    select: AxisValue,
    order: AxisValue | None,
    hints: AxisValue | None,
    dictionary: tuple[str, tuple[Path, ...]] | None,
    seed: int,
) -> Cell:
    node = parse(select.text)
    zero = {strategy.name for strategy in strategies_of(node)} == {"zero"}
    if zero and dictionary is None:
        pool = None  # else it tells which words are frequent
    seeded = _seeded(node, seed)
    ordering = order.text if order and not zero else DEFAULT_ORDER
    ordered = f"random(seed={seed})" if ordering == "random" else ordering
    voices = parse_voices(model.text)
    samples = sweep.settings.temperature > 0 or any(voice.temperature is not None for voice in voices)
    drawn = samples or seeded != node or ordered != ordering
    axes: Axes = {
        "test": test.name,
        "pool": pool.name if pool else None,
        "select": select.label,
        "order": None if zero else order.label if order else DEFAULT_ORDER,
        "hints": hints.label if hints and dictionary else "none",
        "dictionary": dictionary[0] if dictionary else None,
        "model": model.label,
        "template": template.label if template else None,
        "seed": seed if drawn else None,
    }
    return Cell(
        "",
        axes,
        test,
        pool,
        str(seeded),
        ordered,
        hints.text if hints and dictionary else "none",
        dictionary[1] if dictionary else (),
        model.text,
        Path(template.text) if template else None,
        seed if drawn else 1,
        samples,
        block.place,
    )


def _seeded(node: Node, seed: int) -> Node:
    """The strategy with a seed for each of its parts that draws and has none of its own."""
    if isinstance(node, Strategy):
        draws = "seed" in inspect.signature(STRATEGIES.load(node.name)).parameters
        if not draws or "seed" in node.options:
            return node
        return replace(node, options={**node.options, "seed": seed})
    parts = tuple(_seeded(part, seed) for part in node.parts)
    return Borda(parts, node.k) if isinstance(node, Borda) else _joined(node, parts)


def _joined(node: Concat | TopUp, parts: tuple[Node, ...]) -> Node:
    return Concat(parts) if isinstance(node, Concat) else TopUp(parts)


def _why_none(block: Block, sweep: Sweep) -> str:
    hinted = any(parse_hints(text).name != "none" for text in _named(block, "hints"))
    if hinted and not sweep.dictionaries:
        return (
            "this block gives no cell: hints need a dictionary; name one under 'dictionaries: {name: file}'"
        )
    return (
        "this block gives no cell: no pool"
        + (" and dictionary" if hinted else "")
        + " that it names is for the languages and domains of its test sets"
    )


def _with_ids(cells: Sequence[Cell | SystemCell]) -> list[Cell | SystemCell]:
    names = [_name(cell.axes) for cell in cells]
    folded = [name.casefold() for name in names]  # two files that differ in case are one on some systems
    return [
        replace(cell, id=name if folded.count(name.casefold()) == 1 else f"{name}.{_digest(cell.axes)}")
        for cell, name in zip(cells, names, strict=True)
    ]


def _name(axes: Axes) -> str:
    if "system" in axes:
        return f"{_slug(axes['test'])}.system.{_slug(axes['system'])}"
    shown = [axes["test"], axes["pool"], axes["select"]]
    if axes["order"] != DEFAULT_ORDER:
        shown.append(axes["order"])
    if axes["dictionary"] is not None:
        shown += [axes["hints"], axes["dictionary"]]
    shown += [axes["template"], axes["model"], axes["seed"]]
    return ".".join(_slug(value) for value in shown if value is not None)


def _slug(value: object) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", str(value)).strip("-")[:_LONGEST] or "x"


def _digest(axes: Axes) -> str:
    return hashlib.sha256(json.dumps(axes, sort_keys=True).encode()).hexdigest()[:8]
