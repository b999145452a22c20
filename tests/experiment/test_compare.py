"""Which cells are compared with which, and with what result."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from mtprompt.errors import ConfigError, DataError
from mtprompt.experiment.compare import MetricResults, cell_output, compare_cells, samples_for
from mtprompt.experiment.pairing import default_conditions, pair_up, parse_conditions, twins
from mtprompt.experiment.record import DONE, FAILED, CellResult, Score
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.scoring.significance import compare, holm

WORDS = "the a red green house stands on under every hill nobody knows why"


def cell(name: str, *, where: str | None = None, status: str = DONE, **axes: str | int | None) -> CellResult:
    full = {"test": "t", "pool": None, "select": "zero", "hints": "none", "model": "m", "seed": 1, **axes}
    scores = {"chrf++": Score(50.0, 45.0, 55.0, True, "chrf++|…")} if status == DONE else {}
    return CellResult(name, full, ("de", "en"), where, status, scores=scores)


def pairs_of(cells: Sequence[CellResult], *conditions: str) -> Mapping[str, str | None]:
    return pair_up(cells, parse_conditions(conditions, cells))


def test_every_cell_meets_the_baseline_of_its_own_test_set() -> None:
    cells = [
        cell("a0"), cell("a1", select="rbm25@4"),
        cell("b0", test="u"), cell("b1", test="u", select="rbm25@4"),
    ]  # fmt: skip
    assert pairs_of(cells, "select=zero") == {"a1": "a0", "b1": "b0"}


def test_of_several_baselines_the_one_with_the_same_pool_is_taken() -> None:
    cells = [
        cell("in-base", select="bm25@4", pool="p", where="in"),
        cell("out-base", select="bm25@4", pool="q", where="out"),
        cell("out", select="rbm25@4", pool="q", where="out"),
    ]
    assert pairs_of(cells, "select=bm25@4") == {"out": "out-base"}


def test_a_baseline_is_of_the_same_model_unless_the_conditions_name_one() -> None:
    cells = [cell("small"), cell("large", model="n"), cell("other", model="n", select="rbm25@4")]
    assert pairs_of(cells, "select=zero") == {"other": "large"}
    assert pairs_of(cells, "select=zero", "model=m") == {"large": "small", "other": "small"}


def test_given_translations_are_compared_with_the_one_model_that_has_a_baseline_or_with_none() -> None:
    given = CellResult("given", {"test": "t", "system": "s"}, ("de", "en"), None, DONE)
    assert pairs_of([cell("small"), given], "select=zero") == {"given": "small"}
    cells = [cell("small"), cell("large", model="n"), given]
    assert pairs_of(cells, "select=zero") == {"given": None}
    assert pairs_of(cells, "select=zero", "model=n") == {"small": "large", "given": "large"}


def test_a_test_set_without_the_baseline_has_none() -> None:
    cells = [cell("a0"), cell("b1", test="u", select="rbm25@4")]
    assert pairs_of(cells, "select=zero") == {"b1": None}


def test_failed_cells_are_neither_compared_nor_a_baseline() -> None:
    cells = [cell("a0", status=FAILED), cell("a1", select="rbm25@4"), cell("a2", select="x@1", status=FAILED)]
    assert pair_up(cells, {"select": "zero"}) == {"a1": None}


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("selekt=zero", "unknown axis 'selekt'. Did you mean 'select'"),
        ("select=zreo", "unknown value of select 'zreo'. Did you mean 'zero'"),
        ("zero", "AXIS=VALUE"),
    ],
)
def test_a_wrong_baseline_says_what_would_be_right(condition: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_conditions([condition], [cell("a0"), cell("a1", select="rbm25@4")])
    assert message in str(caught.value)


def test_the_default_baseline_is_the_plainest_cell_there_is() -> None:
    assert default_conditions([cell("a", select="x@1"), cell("b", hints="entries"), cell("c")]) == {
        "select": "zero",
        "hints": "none",
    }
    assert default_conditions([cell("a", hints="entries")]) == {"select": "zero"}
    assert default_conditions([cell("a", select="x@1")]) == {"select": "x@1"}


def test_a_twin_without_hints_has_no_dictionary_but_everything_else_in_common() -> None:
    cells = [
        cell("plain", select="x@1", pool="p", where="in"),
        cell("elsewhere", select="x@1", pool="q", where="out"),
        cell("hinted", select="x@1", pool="p", where="in", hints="entries", dictionary="d"),
    ]
    assert twins(cells, "hints", "none") == {"hinted": "plain"}
    assert twins(cells[:2], "where", "out") == {"plain": "elsewhere"}


def texts(share: float, seed: int, count: int = 30) -> list[str]:
    rng, wrong = random.Random(1), random.Random(seed)
    sentences = [rng.choices(WORDS.split(), k=8) for _ in range(count)]
    return [" ".join("x" if wrong.random() < share else word for word in its) for its in sentences]


def results(hypotheses: Mapping[str, Sequence[str]], scores: bool = False) -> MetricResults:
    references = texts(0.0, 0, len(next(iter(hypotheses.values()))))
    rows = {
        name: [
            {"id": str(i), "source": r, "translation": h, "reference": r, "scores": {"own": 1.0 - i % 3}}
            for i, (h, r) in enumerate(zip(its, references, strict=False))
        ]
        for name, its in hypotheses.items()
    }
    cells = {name: cell(name) for name in hypotheses}
    if scores:
        for its in cells.values():
            its.scores["own"] = Score(0.5, None, None, True, "own")  # type: ignore[index]
    return MetricResults(cells, {name: cell_output(its) for name, its in rows.items()})


def test_the_comparison_is_that_of_the_scoring_package() -> None:
    base, better, worse = texts(0.4, 2), texts(0.1, 3), texts(0.6, 4)
    found = compare_cells(
        {"better": "base", "worse": "base"},
        results({"base": base, "better": better, "worse": worse}),
        "chrf++",
    )
    references = texts(0.0, 0)
    outputs = [SystemOutput.of(its, references) for its in (base, better, worse)]
    assert [its.comparison for its in found] == compare(outputs[0], outputs[1:], load_scorer("chrf++", "en"))
    assert [its.significant for its in found] == [True, True]


def test_holm_is_over_the_whole_test_set_even_with_two_baselines() -> None:
    outputs = {"b1": texts(0.4, 2), "b2": texts(0.5, 5), "x": texts(0.39, 6), "y": texts(0.2, 7)}
    found = compare_cells({"x": "b1", "y": "b2"}, results(outputs), "chrf++")
    compared = [its.comparison for its in found if its.comparison]
    assert [its.adjusted for its in compared] == holm([its.p_value for its in compared])
    assert compared[1].adjusted == 2 * compared[1].p_value


def test_more_comparisons_draw_more_samples_so_that_some_can_be_significant() -> None:
    assert [samples_for(count) for count in (0, 20, 21, 90)] == [1000, 1000, 2000, 5000]
    assert all(count / (samples_for(count) + 1) < 0.05 for count in range(1, 500))


def test_a_single_segment_is_compared_but_never_significant() -> None:
    (found,) = compare_cells({"x": "base"}, results({"base": ["a b c"], "x": texts(0.0, 0, 1)}), "chrf++")
    assert found.why_not == "a single segment tells nothing of others"
    assert found.comparison is not None and found.comparison.better
    assert not found.significant


def test_cells_with_other_segments_are_not_compared() -> None:
    (found,) = compare_cells(
        {"x": "base"}, results({"base": texts(0.4, 2), "x": texts(0.1, 3)[:20]}), "chrf++"
    )
    assert found.comparison is None
    assert found.why_not == "it has other segments than base"


def test_a_cell_without_segments_says_so() -> None:
    made = results({"base": texts(0.4, 2)})
    (found,) = compare_cells({"gone": "base"}, made, "chrf++")
    assert found.why_not == "the segments of gone are missing"


def test_a_metric_of_another_program_is_compared_by_its_stored_segment_scores() -> None:
    outputs = {"base": texts(0.4, 2), "x": texts(0.1, 3)}
    made = results(outputs, scores=True)
    (found,) = compare_cells({"x": "base"}, made, "own")
    assert found.why_not == "own is not the mean of its segment scores, so its differences cannot be tested"


def test_rows_without_a_translation_are_refused() -> None:
    with pytest.raises(DataError, match="'translation'"):
        cell_output([{"id": "1", "source": "a", "reference": "b"}])
