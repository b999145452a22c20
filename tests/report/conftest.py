"""Reports of made-up results, written once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_results import Plan, make_results

from mtprompt.report.write import write_report

SMALL = {"zero": 0.2, "rbm25@1": 0.6, "rbm25@4": 0.9}


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two test sets, with all there can be: two pools, hints, a failed cell, a foreign system."""
    plan = Plan(
        selects={**SMALL, "random@4": 0.5},
        hints=("none", "entries"),
        segments=12,
        failing=("software.news.rbm25-1.none.1",),
        system="online-A",
    )
    return write_report(make_results(tmp_path_factory.mktemp("results"), plan))[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results of one test set with three cells and one pool."""
    plan = Plan(tests=("medical",), other_pools=(), selects=SMALL, segments=6, metrics=("chrf++",))
    return make_results(tmp_path / "results", plan)
