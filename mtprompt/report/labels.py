"""What cells are called: by the axes in which they differ, and no others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mtprompt.dictionary.policy import AUTO
from mtprompt.errors import ConfigError
from mtprompt.experiment.record import CellResult
from mtprompt.selection.spec import Borda, Concat, Strategy, parse

OWN, OTHER, NO_POOL, SYSTEM = "own", "other", "none", "system"
"""Kinds of cells: examples of the own domain or of another, no examples, translations that were given."""

_POOLS = {OWN: "own pool", OTHER: "other pool", NO_POOL: "no pool", SYSTEM: "given translations"}
# What a row of the matrix may have several cells for.
_COLUMN_AXES = ("test", "pool", "seed", "select", "system")
# Unset where there are no examples to order, no hints to look up: that alone is no difference to name.
_WITH_ANOTHER = {"order", "dictionary"}
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Label:
    """What a cell is called beside others of its test set.

    Attributes:
        title: The strategy, or the name of a system whose translations were given.
        qualifiers: Values of the other axes that vary (``hints entries``).
        kind: ``own``, ``other``, ``none`` or ``system``: where its examples are from.
        name: The pool's, where a test set meets several of a kind.
    """

    title: str
    qualifiers: tuple[str, ...]
    kind: str
    name: str | None = None

    @property
    def pool(self) -> str:
        """Where its examples are from, in words: ``own pool``, ``other pool news``."""
        return " ".join(filter(None, (_POOLS[self.kind], self.name)))

    @property
    def strategy(self) -> str:
        """The label without the pool."""
        return " · ".join((self.title, *self.qualifiers))

    @property
    def short(self) -> str:
        """For plots: ``rbm25@4 · entries · own``."""
        pool = (self.name or self.kind,) if self.kind in (OWN, OTHER) else ()
        return " · ".join((self.short_strategy, *pool))

    @property
    def short_strategy(self) -> str:
        """For plots, without the pool: ``rbm25@4 · entries · terms``."""
        values = (its.removeprefix("hints ").removeprefix("dictionary ") for its in self.qualifiers)
        return " · ".join((self.title, *values))

    def __str__(self) -> str:
        pool = (self.pool,) if self.kind in (OWN, OTHER) else ()
        return " · ".join((self.strategy, *pool))


class Labels:
    """Labels of all cells of a sweep.

    Args:
        cells: All of them, because what is common to all is left out.
    """

    def __init__(self, cells: Sequence[CellResult]) -> None:
        axes = dict.fromkeys(name for cell in cells for name in cell.axes)
        values = {axis: {cell.axes.get(axis) for cell in cells if "system" not in cell.axes} for axis in axes}
        for axis in _WITH_ANOTHER & values.keys():
            values[axis].discard(None)
        self._varying = [axis for axis in axes if axis not in _COLUMN_AXES and len(values[axis]) > 1]
        pools: dict[tuple[object, str], set[object]] = {}
        for cell in cells:
            pools.setdefault((cell.axes.get("test"), _kind(cell)), set()).add(cell.axes.get("pool"))
        self._several = {kind for (_, kind), names in pools.items() if len(names) > 1} - {NO_POOL, SYSTEM}
        self._labels = {cell.cell: self._label(cell) for cell in cells}

    def __getitem__(self, cell: str) -> Label:
        return self._labels[cell]

    def _label(self, cell: CellResult) -> Label:
        kind = _kind(cell)
        if kind == SYSTEM:
            return Label(plain(cell.axes["system"]), (), SYSTEM)
        qualifiers = [_qualifier(axis, cell) for axis in self._varying]
        name = plain(cell.axes.get("pool")) if kind in self._several else None
        return Label(plain(cell.axes.get("select") or cell.cell), tuple(filter(None, qualifiers)), kind, name)


def _kind(cell: CellResult) -> str:
    if cell.axes.get("system") is not None:
        return SYSTEM
    if cell.axes.get("pool") is None:
        return NO_POOL
    return OWN if cell.where == "in" else OTHER


def _qualifier(axis: str, cell: CellResult) -> str | None:
    value = cell.axes.get(axis)
    if value is None or (axis == "hints" and value == "none"):
        return None
    if axis in ("model", "order"):
        return plain(value)
    if axis == "hints" and cell.policy and plain(value).startswith(AUTO):
        return f"hints {plain(value)}: {plain(cell.policy)}"  # what it decided
    return f"{axis} {plain(value)}"


def plain(value: object, longest: int = _LONGEST) -> str:
    """A name as it can stand anywhere, in a plot, too: without control characters, and short."""
    text = "".join("�" if unicodedata.category(char) in ("Cc", "Cs") else char for char in str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shots_of(select: str) -> tuple[str, int] | None:
    """A strategy without its number of examples, and that number; None where it has none of its own.

    ``rbm25@4`` is ``("rbm25", 4)``, ``task@1+rbm25@3`` is ``("task+rbm25", 4)``. A sum may have parts that a
    sweep gave a name with their number: ``1 bad + random@3`` is ``("1 bad + random", 4)``.
    """
    try:
        node = parse(select)
    except ConfigError:
        return _shots_of_sum(select)
    if isinstance(node, Borda):
        return str(node).rpartition("@")[0], node.k
    parts = node.parts if isinstance(node, Concat) else (node,)
    total, names = 0, []
    for part in parts:
        if not isinstance(part, Strategy) or part.k is None:
            return None
        total += part.k
        names.append(str(Strategy(part.name, part.options)))
    return "+".join(names), total


def _shots_of_sum(select: str) -> tuple[str, int] | None:
    parts = [part.strip() for part in select.split("+")]
    if len(parts) == 1:
        return None
    named = [re.match(r"(\d{1,3}) +[^\W\d]", part) for part in parts]
    shots = [(part, int(its[1])) if its else shots_of(part) for part, its in zip(parts, named, strict=True)]
    known = [its for its in shots if its is not None]
    if len(known) < len(parts) or all(named):
        return None
    return " + ".join(name for name, _ in known), sum(count for _, count in known)


def family_of(select: str) -> str:
    """A strategy whatever its number of examples: what has one colour."""
    shots = shots_of(select)
    return shots[0] if shots else select
