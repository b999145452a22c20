"""Which traits of the examples go with good translations, in and out of domain."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mtprompt.experiment.record import CellResult
from mtprompt.experiment.sweep_file import NONE
from mtprompt.scoring.significance import SEED, holm

METHOD = (
    "Spearman's ρ over ranks of the cells without hints within each test set, model and template; p by "
    "permuting scores within these, two-sided, Holm's correction over all figures in and out of domain"
)
"""How :func:`correlate` computes, for reports."""

PERMUTATIONS = 9_999
# With fewer cells no order is surprising: of four, one in twelve is perfect.
_ENOUGH = 5
# What may differ between cells that are compared: all that decides which examples are picked, and in
# what order. Seeds are no cells of their own: their mean is one.
_PICKING = ("pool", "select", "order")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Correlation:
    """How one figure of a profile goes with the scores of cells.

    Attributes:
        figure: Its name, such as ``diversity.vendi``.
        where: ``in`` or ``out`` of domain.
        n: Cells, seeds taken together.
        spearman: ρ, from −1 to 1; positive where more of it goes with better scores.
        p_value: How often chance alone gives a ρ as large, two-sided.
        adjusted: The same after Holm's correction for all that was computed in one call.
    """

    figure: str
    where: str
    n: int
    spearman: float
    p_value: float
    adjusted: float


def correlate(cells: Iterable[CellResult], metric: str, seed: int = SEED) -> list[Correlation]:
    """Correlates every figure of the cells' profiles with their scores; see :data:`METHOD`.

    Cells are compared with one another only where test set, model and everything else but the examples
    are the same, because test sets differ more than strategies do. Cells with hints are passed over: they
    have the examples of others, and would count the same choice of examples once for each hint policy. A
    correlation is no cause: strategies that pick similar examples differ in more than one figure.

    Args:
        cells: Of a sweep; those that failed, or have no profile or no such score, are passed over.
        metric: By its name in the results.
        seed: Of the permutations.

    Returns:
        By figure, in domain first; without those with fewer than five cells, or that never differ.
    """
    points = _points(cells, metric)
    figures = sorted({figure for point in points for figure in point.profile})
    rng = np.random.default_rng(seed)
    found = []
    for figure in figures:
        for where in ("in", "out"):
            here = [its for its in points if its.where == where and figure in its.profile]
            groups = _groups(here, figure)
            n = sum(len(values) for values, _ in groups)
            if n < _ENOUGH or (rho := _rho(groups)) is None:
                continue
            found.append((figure, where, n, rho, _p_value(groups, rng)))
    adjusted = holm([p for *_, p in found])
    return [Correlation(*its, adjusted=p) for its, p in zip(found, adjusted, strict=True)]


@dataclass(frozen=True, slots=True)
class _Point:
    """What all seeds of one cell have in common, and the means of what they have not."""

    group: str
    where: str
    score: float
    profile: dict[str, float]


def _points(cells: Iterable[CellResult], metric: str) -> list[_Point]:
    seeds: defaultdict[tuple[str, str], list[tuple[str, float, dict[str, float]]]] = defaultdict(list)
    for cell in cells:
        score = cell.scores.get(metric)
        if not cell.done or cell.where is None or not cell.profile or score is None:
            continue
        if cell.axes.get("hints") not in (None, NONE):
            continue
        axes = {name: value for name, value in cell.axes.items() if name != "seed"}
        fixed = {name: value for name, value in axes.items() if name not in _PICKING}
        group = json.dumps([cell.languages, sorted(fixed.items())])
        better = score.score if score.higher_is_better else -score.score
        profile = {name: value for name, value in cell.profile.items() if value is not None}
        seeds[group, json.dumps(sorted(axes.items()))].append((cell.where, better, profile))
    points = []
    for (group, _), its in seeds.items():
        profiles = [profile for *_, profile in its]
        shared = set.intersection(*map(set, profiles))
        means = {name: float(np.mean([profile[name] for profile in profiles])) for name in shared}
        points.append(_Point(group, its[0][0], float(np.mean([score for _, score, _ in its])), means))
    return points


def _groups(points: Sequence[_Point], figure: str) -> list[tuple[Floats, Floats]]:
    """Centred ranks of figure and score in each group of cells that may be compared."""
    grouped: defaultdict[str, list[_Point]] = defaultdict(list)
    for point in points:
        grouped[point.group].append(point)
    return [
        (
            _centred_ranks([point.profile[figure] for point in its]),
            _centred_ranks([point.score for point in its]),
        )
        for its in grouped.values()
        if len(its) > 1
    ]


def _centred_ranks(values: Sequence[float]) -> Floats:
    """Ranks, equal values sharing theirs, divided by their number and minus their mean."""
    given = np.array(values)
    below = (given[:, np.newaxis] > given).sum(axis=1)
    equal = (given[:, np.newaxis] == given).sum(axis=1)
    ranks: Floats = (below + (equal - 1) / 2) / len(given)
    centred: Floats = ranks - ranks.mean()
    return centred


def _rho(groups: Sequence[tuple[Floats, Floats]]) -> float | None:
    figures, scores = (np.concatenate([its[side] for its in groups]) for side in (0, 1))
    spread = float(np.sqrt((figures @ figures) * (scores @ scores)))
    return float(figures @ scores) / spread if spread > 0 else None


def _p_value(groups: Sequence[tuple[Floats, Floats]], rng: np.random.Generator) -> float:
    """Of ρ's numerator: what it is divided by is the same for every permutation."""
    observed = abs(sum(float(figures @ scores) for figures, scores in groups))
    drawn = np.zeros(PERMUTATIONS)
    for figures, scores in groups:
        drawn += rng.permuted(np.tile(scores, (PERMUTATIONS, 1)), axis=1) @ figures
    return (1 + int(np.count_nonzero(np.abs(drawn) >= observed - 1e-12))) / (1 + PERMUTATIONS)
