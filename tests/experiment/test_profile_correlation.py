"""Which traits of the examples go with the scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.experiment.profile_correlation import correlate
from mtprompt.experiment.record import DONE, FAILED, CellResult, Score


def cell(
    score: float | None,
    profile: dict[str, float | None] | None,
    *,
    where: str | None = "in",
    test: str = "medical",
    higher: bool = True,
    status: str = DONE,
    **axes: Any,
) -> CellResult:
    number = axes.pop("number", None)
    scores = {} if score is None else {"m": Score(score, None, None, higher, "")}
    return CellResult(
        cell=f"{test}.{number}",
        axes={"test": test, "select": f"s{number}", "model": "x", "seed": 1, **axes},
        languages=("de", "en"),
        where=where,
        status=status,
        scores=scores,
        profile=profile,
    )


def cells(figures: list[float], scores: list[float], **more: Any) -> list[CellResult]:
    return [
        cell(score, {"diversity.vendi": figure}, number=i, **more)
        for i, (figure, score) in enumerate(zip(figures, scores, strict=True))
    ]


def test_a_perfect_order_is_one() -> None:
    (found,) = correlate(cells([1, 2, 3, 4, 9], [10, 11, 12, 20, 21]), "m")
    assert (found.figure, found.where, found.n) == ("diversity.vendi", "in", 5)
    assert found.spearman == pytest.approx(1)
    # 2 of the 120 orders are as extreme
    assert found.p_value == found.adjusted == pytest.approx(2 / 120, abs=0.006)


def test_rho_by_hand_with_ties() -> None:
    # ranks less their mean: -2, -1/2, -1/2, 1, 2 and -1, -2, 0, 2, 1
    (found,) = correlate(cells([1, 2, 2, 3, 4], [2, 1, 3, 5, 4]), "m")
    assert found.spearman == pytest.approx(7 / np.sqrt(9.5 * 10))


def test_test_sets_are_not_compared_with_one_another() -> None:
    # within each test set more is worse; the one with more of it is the easier one
    hard, easy = [3.0, 2.0, 1.0, 0.0], [13.0, 12.0, 11.0, 10.0]
    rows = cells([1, 2, 3, 4], hard) + cells([11, 12, 13, 14], easy, test="everyday")
    (found,) = correlate(rows, "m")
    assert found.n == 8 and found.spearman == pytest.approx(-1)


def test_the_same_examples_count_once_whatever_hints_they_had() -> None:
    plain = cells([1, 2, 3, 4, 9], [10, 11, 12, 20, 21], hints="none")
    hinted = cells([1, 2, 3, 4, 9], [21, 20, 12, 11, 10], hints="entries")
    assert correlate([*plain, *hinted], "m") == correlate(plain, "m") != []
    assert correlate(hinted, "m") == []


@pytest.mark.parametrize("axis", ["model", "template"])
def test_what_else_differs_keeps_cells_apart(axis: str) -> None:
    rows = cells([1, 2, 3], [3, 2, 1], **{axis: "a"}) + cells([11, 12, 13], [13, 12, 11], **{axis: "b"})
    (found,) = correlate(rows, "m")
    assert found.spearman == pytest.approx(-1)


def test_in_and_out_of_domain_are_told_apart() -> None:
    rows = cells([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) + cells(
        [1, 2, 3, 4, 5], [5, 4, 3, 2, 1], where="out", pool="news"
    )
    inside, outside = correlate(rows, "m")
    assert (inside.where, outside.where) == ("in", "out")
    assert inside.spearman == pytest.approx(1) and outside.spearman == pytest.approx(-1)
    assert inside.adjusted == pytest.approx(2 * min(inside.p_value, outside.p_value), abs=0.01)


def test_seeds_of_one_cell_are_one_point() -> None:
    rows = cells([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) + cells([1, 2, 3, 4, 5], [3, 2, 3, 4, 5], seed=2)
    (found,) = correlate(rows, "m")
    # the first two have the mean score 2
    assert found.n == 5 and found.spearman == pytest.approx(9.5 / np.sqrt(10 * 9.5))


def test_fewer_errors_are_better() -> None:
    (found,) = correlate(cells([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], higher=False), "m")
    assert found.spearman == pytest.approx(1)


def test_cells_that_say_nothing_are_passed_over() -> None:
    rows = [
        *cells([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        cell(9, None, number=10),
        cell(9, {}, number=11),
        cell(None, {"diversity.vendi": 0.0}, number=12),
        cell(9, {"diversity.vendi": 0.0}, number=13, where=None),
        cell(9, {"diversity.vendi": 0.0}, number=14, status=FAILED),
        cell(9, {"diversity.vendi": None}, number=15),
        cell(9, {"diversity.vendi": 0.0}, number=16, test="alone"),
    ]
    (found,) = correlate(rows, "m")
    assert found.n == 5 and found.spearman == pytest.approx(1)


def test_few_cells_and_figures_that_never_differ_are_left_out() -> None:
    assert correlate(cells([1, 2, 3, 4], [1, 2, 3, 4]), "m") == []
    assert correlate(cells([1, 1, 1, 1, 1], [1, 2, 3, 4, 5]), "m") == []
    assert correlate(cells([1, 2, 3, 4, 5], [7, 7, 7, 7, 7]), "m") == []
    assert correlate([], "m") == []


def test_the_same_seed_gives_the_same_p() -> None:
    rows = cells([1, 2, 3, 4, 5, 6], [2, 1, 3, 5, 4, 6])
    assert correlate(rows, "m") == correlate(rows, "m")
    assert correlate(rows, "m")[0].p_value != correlate(rows, "m", seed=1)[0].p_value


def test_chance_is_rarely_significant() -> None:
    rng = np.random.default_rng(4)
    p_values = [correlate(cells([*rng.random(8)], [*rng.random(8)]), "m")[0].p_value for _ in range(40)]
    assert sum(p < 0.05 for p in p_values) <= 6


@settings(deadline=None)  # the first call loads libraries
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=5, max_size=8))
def test_rho_is_between_minus_one_and_one_and_symmetric(points: list[tuple[int, int]]) -> None:
    figures, scores = ([float(value) for value in its] for its in zip(*points, strict=True))
    forth, back = correlate(cells(figures, scores), "m"), correlate(cells(scores, figures), "m")
    assert [its.spearman for its in forth] == pytest.approx([its.spearman for its in back])
    assert all(-1 - 1e-9 <= its.spearman <= 1 + 1e-9 and 0 < its.p_value <= 1 for its in forth)
