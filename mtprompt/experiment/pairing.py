"""Which cell of a sweep each is compared with.

It is said by *conditions* on axes: ``select=zero`` sets every cell beside the one without examples,
``hints=none`` beside the one without hints. A *twin* differs from a cell in one axis alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mtprompt.errors import ConfigError
from mtprompt.experiment.record import CellResult
from mtprompt.registry import did_you_mean

Conditions = Mapping[str, str]

# What a cell and its baseline should have in common, the most important first.
_LIKENESS = ("model", "pool", "select", "hints", "dictionary", "order", "template", "seed")


def parse_conditions(texts: Iterable[str], cells: Sequence[CellResult]) -> Conditions:
    """Reads ``select=zero``, ``hints=none``; each text is one condition.

    Raises:
        ConfigError: For an axis that there is not, or a value that no cell has.
    """
    conditions = {}
    for text in texts:
        axis, equals, value = text.partition("=")
        known = dict.fromkeys(["where", *(name for cell in cells for name in cell.axes)])
        if not equals:
            raise ConfigError(f"the baseline must be AXIS=VALUE, such as select=zero, not {text!r}")
        if axis not in known:
            raise did_you_mean("axis", axis, list(known))
        values = dict.fromkeys(_value(cell, axis) for cell in cells)
        if value not in values:
            raise did_you_mean(f"value of {axis}", value, [its for its in values if its is not None])
        conditions[axis] = value
    return conditions


def default_conditions(cells: Sequence[CellResult]) -> Conditions:
    """The plainest there is: no examples and no hints, else what the first cell is."""
    for wanted in ({"select": "zero", "hints": "none"}, {"select": "zero"}):
        if any(meets(cell, wanted) for cell in cells):
            return wanted
    for cell in cells:
        for axis in ("select", "system"):
            if (value := _value(cell, axis)) is not None:
                return {axis: value}
    return {}


def conditions_text(conditions: Conditions) -> str:
    """As it is written on the command line."""
    return ", ".join(f"{axis}={value}" for axis, value in conditions.items())


def pair_up(cells: Sequence[CellResult], conditions: Conditions) -> dict[str, str | None]:
    """For each cell that is done, and no baseline itself, the baseline it is compared with.

    Of several baselines of its test set it is the one that has most in common with it. It is one of the
    cell's own model, unless the conditions name a model or a system. A cell without a model, of translations
    that were given, has none where several models have one.
    """
    done = [cell for cell in cells if cell.done]
    pairs: dict[str, str | None] = {}
    for cell in done:
        if meets(cell, conditions):
            continue
        candidates = [
            other
            for other in done
            if meets(other, conditions)
            and other.axes.get("test") == cell.axes.get("test")
            and (_any_model(conditions, cell) or other.axes.get("model") == cell.axes.get("model"))
        ]
        if cell.axes.get("model") is None and len({other.axes.get("model") for other in candidates}) > 1:
            candidates = []
        nearest = max(candidates, key=lambda other: _likeness(cell, other), default=None)
        pairs[cell.cell] = nearest.cell if nearest else None
    return pairs


def twins(cells: Sequence[CellResult], axis: str, value: str) -> dict[str, str]:
    """For each cell that is done, the one that differs from it in this axis alone, and has this value there.

    What depends on the axis may differ, too: the dictionary for ``hints``, the pool for ``where``.
    """
    free = {axis, *{"hints": ("dictionary",), "where": ("pool",)}.get(axis, ())}
    found: dict[str, str] = {}
    for cell in cells:
        if not cell.done or (mine := _value(cell, axis)) is None or mine == value:
            continue
        for other in cells:
            if other.done and _value(other, axis) == value and _same_but(cell, other, free):
                found.setdefault(cell.cell, other.cell)
    return found


def _value(cell: CellResult, axis: str) -> str | None:
    value = cell.where if axis == "where" else cell.axes.get(axis)
    return None if value is None else str(value)


def meets(cell: CellResult, conditions: Conditions) -> bool:
    """Whether a cell is what all conditions say."""
    return all(_value(cell, axis) == value for axis, value in conditions.items())


def _any_model(conditions: Conditions, cell: CellResult) -> bool:
    return bool({"model", "system"} & conditions.keys()) or cell.axes.get("model") is None


def _likeness(cell: CellResult, other: CellResult) -> tuple[bool, ...]:
    return tuple(_value(cell, axis) == _value(other, axis) for axis in _LIKENESS)


def _same_but(cell: CellResult, other: CellResult, free: Iterable[str]) -> bool:
    axes = (cell.axes.keys() | other.axes.keys()) - set(free)
    return all(_value(cell, axis) == _value(other, axis) for axis in axes)
