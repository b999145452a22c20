"""The folder that a sweep leaves: what is written is read, what is damaged is said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import DataError
from mtprompt.experiment.record import CellResult, Costs, Manifest, Score
from mtprompt.experiment.results import (
    read_results,
    read_segments,
    write_manifest,
    write_results,
    write_segments,
)
from mtprompt.experiment.spread import over_seeds

CELL = CellResult(
    "tea.tea.rbm25-2",
    {"test": "tea", "pool": "tea", "select": "rbm25@2", "seed": None},
    ("de", "en"),
    "in",
    "done",
    segments=2,
    scores={"chrf++": Score(50.0, 40.0, 60.0, True, "chrf++|nc:6", {"more": 1})},
    usage=Costs(100, 20, 1.5, 1, 0),
    flags={"empty": 1},
    hints={"given": 3, "useful": None},
    excluded=1,
    profile={"diversity.distinct_2": 0.5},
    signature="select:rbm25@2",
    key="abc",
)
FAILED = CellResult("tea.zero", {"test": "tea", "select": "zero"}, ("de", "en"), None, "failed", "no model")
MANIFEST = Manifest(
    1, "0.1.0", "3.11", {"sacrebleu": "2"}, {"a": "b"}, "mtprompt sweep", "cpu", "grid:", {},
    ["tea.zero", "tea.tea.rbm25-2", "tea.tea.random-2"], "2026-01-01T00:00:00+00:00",
)  # fmt: skip
ROWS: list[dict[str, Any]] = [{"id": "1", "translation": "a\u2028b", "scores": {"chrf++": 50.0}}, {"id": "2"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_manifest(tmp_path, MANIFEST)
    write_results(tmp_path, [FAILED, CELL])
    write_segments(tmp_path, CELL.cell, ROWS)
    return tmp_path


def test_what_is_written_is_read_back(folder: Path) -> None:
    results = read_results(folder)
    assert results.manifest == MANIFEST
    assert results.cells == (FAILED, CELL)
    assert results.missing == ["tea.tea.random-2"]
    assert list(read_segments(folder, CELL.cell)) == ROWS


def test_the_same_segments_are_the_same_bytes_so_that_results_can_be_compared(folder: Path) -> None:
    path = folder / "segments" / f"{CELL.cell}.jsonl.gz"
    before = path.read_bytes()
    write_segments(folder, CELL.cell, ROWS)
    assert path.read_bytes() == before
    assert [its.name for its in folder.rglob("*part*")] == []


def test_a_sweep_that_has_no_cell_yet_is_read(folder: Path) -> None:
    (folder / "results.jsonl").unlink()
    assert read_results(folder).cells == ()


def test_a_folder_without_results_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no results of a sweep there .* mtprompt sweep SWEEP\.yaml -o"):
        read_results(tmp_path)


def test_results_of_another_version_are_refused_with_both_versions(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**content, "format": 2, "mtprompt": "9.0"}))
    with pytest.raises(DataError, match=r"results of format 2, written by mtprompt 9\.0; mtprompt .* re"):
        read_results(folder)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("manifest.json", "{", r"manifest\.json: damaged"),
        ("manifest.json", "[]", "results of format None"),
        (
            "manifest.json",
            '{"format": 1}',
            r"manifest\.json: no row of a sweep's results .* run the",
        ),
    ],
)
def test_a_damaged_file_is_said_with_its_line(folder: Path, file: str, content: str, message: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(DataError, match=message) as error:
        read_results(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"cell": "a"', r"results.jsonl:1: not a JSON object"),
        ('{"cell": "a"}', r"results.jsonl:1: no row of a sweep's results ('languages')"),
    ],
)
def test_a_damaged_row_costs_its_own_cell_alone(folder: Path, line: str, message: str) -> None:
    path = folder / "results.jsonl"
    path.write_text(f"{line}\n{path.read_text()}")
    results = read_results(folder)
    assert results.cells == (FAILED, CELL)
    assert message in results.damaged[0]
    assert not results.damaged[0].endswith("mends it")  # whoever says it adds what to do


def test_a_file_that_ends_within_a_character_keeps_its_whole_rows(folder: Path) -> None:
    path = folder / "results.jsonl"
    path.write_bytes(path.read_bytes() + '{"cell": "ä'.encode()[:-1])
    results = read_results(folder)
    assert results.cells == (FAILED, CELL)
    assert len(results.damaged) == 1 and ":3: not a JSON object" in results.damaged[0]


def test_a_score_that_is_no_number_is_damage(folder: Path) -> None:
    path = folder / "results.jsonl"
    path.write_text(path.read_text().replace('"score": 50.0', '"score": null'))
    assert "score None" in read_results(folder).damaged[0]


def test_fields_of_a_newer_version_are_passed_over(folder: Path) -> None:
    content = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**content, "weather": "fair"}))
    assert read_results(folder).manifest == MANIFEST


def test_missing_and_half_written_segments_are_said(folder: Path) -> None:
    path = folder / "segments" / f"{CELL.cell}.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(DataError, match=r"jsonl\.gz: damaged .*; delete it and run the sweep again"):
        list(read_segments(folder, CELL.cell))
    path.write_bytes(gzip.compress(b'{"id": 1\n'))
    with pytest.raises(DataError, match="damaged"):
        list(read_segments(folder, CELL.cell))
    path.unlink()
    with pytest.raises(DataError, match=r"missing; run the sweep again, which makes what is not there"):
        list(read_segments(folder, CELL.cell))


def test_seeds_give_mean_and_spread_and_failed_ones_do_not_count() -> None:
    def cell(seed: int, score: float | None) -> CellResult:
        scores = {} if score is None else {"chrf++": Score(score, None, None, True, "s")}
        axes = {"test": "tea", "select": "random@2", "seed": seed}
        status = "failed" if score is None else "done"
        return CellResult(f"c{seed}", axes, ("de", "en"), None, status, scores=scores)

    spreads = over_seeds([cell(1, 40.0), CELL, cell(2, 44.0), cell(3, None)])
    assert [len(its.cells) for its in spreads] == [3, 1]
    assert spreads[0].score("chrf++") == 42.0
    assert spreads[0].deviation("chrf++") == pytest.approx(8**0.5)
    assert spreads[1].deviation("chrf++") is None
    assert over_seeds([cell(3, None)])[0].score("chrf++") is None
