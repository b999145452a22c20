"""From blocks to cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_sweep import SWEEP, ids, make_data

from mtprompt.errors import ConfigError
from mtprompt.experiment.grid import Cell, SystemCell, cells_of, dropped
from mtprompt.experiment.sweep_reader import read_sweep


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make_data(tmp_path)
    return tmp_path


def cells(text: str) -> list[Cell]:
    found = all_cells(text)
    assert all(isinstance(cell, Cell) for cell in found)
    return found  # type: ignore[return-value]


def all_cells(text: str) -> list[Cell | SystemCell]:
    Path("sweep.yaml").write_text(text, encoding="utf-8")
    return cells_of(read_sweep("sweep.yaml"))


def grid(*blocks: str) -> str:
    return SWEEP.partition("grid:")[0] + "grid:\n" + "".join(f"  - {block}\n" for block in blocks)


def test_a_grid_is_all_combinations_in_and_out_of_domain() -> None:
    found = cells(SWEEP)
    assert ids(found) == [
        "tea.zero.scripted-echo",
        "tea.tea.rbm25-2.scripted-echo",
        "tea.bike.rbm25-2.scripted-echo",
        "bike.zero.scripted-echo",
        "bike.bike.rbm25-2.scripted-echo",
        "bike.tea.rbm25-2.scripted-echo",
    ]
    assert [cell.where for cell in found] == [None, "in", "out", None, "in", "out"]
    assert found[1].axes == {
        "test": "tea",
        "pool": "tea",
        "select": "rbm25@2",
        "order": "best_last",
        "hints": "none",
        "dictionary": None,
        "model": "scripted:echo",
        "template": None,
        "seed": None,
    }


def test_cells_that_differ_by_a_seed_where_nothing_is_drawn_are_one() -> None:
    found = cells(grid("{pool: in, test: tea, select: [rbm25@2, random@2, random(seed=7)@2], seed: [1, 2]}"))
    assert [(cell.select, cell.axes["seed"]) for cell in found] == [
        ("rbm25@2", None),
        ("random(seed=1)@2", 1),
        ("random(seed=2)@2", 2),
        ("random(seed=7)@2", None),
    ]
    assert found[1].axes["select"] == found[2].axes["select"] == "random@2"


def test_a_seed_reaches_every_part_that_draws() -> None:
    block = "{pool: in, test: tea, select: 'rbm25@1+random@1|random@2', order: [random, best_last], seed: 3}"
    shuffled, plain = cells(grid(block))
    assert shuffled.select == plain.select == "rbm25@1+random(seed=3)@1|random(seed=3)@2"
    assert (shuffled.order, plain.order) == ("random(seed=3)", "best_last")
    assert shuffled.axes["order"] == "random"


def test_seeds_count_where_the_model_samples() -> None:
    text = grid("{test: tea, select: zero, seed: [1, 2]}")
    assert len(cells(text)) == 1
    assert [cell.seed for cell in cells("temperature: 0.5\n" + text)] == [1, 2]
    sampling = text.replace('"scripted:echo"', '"mbr(scripted:echo,n=2)"')
    assert [cell.axes["seed"] for cell in cells(sampling)] == [1, 2]


def test_the_pool_of_zero_shot_counts_only_where_it_decides_the_hints() -> None:
    plain = cells(grid("{test: tea, pool: [in, out], select: zero}"))
    assert [cell.pool for cell in plain] == [None]
    hinted = cells(grid("{test: tea, pool: [in, out], select: zero, hints: [none, entries]}"))
    assert [(cell.axes["pool"], cell.axes["hints"]) for cell in hinted] == [
        (None, "none"),
        ("tea", "entries"),
        ("bike", "entries"),
    ]


def test_blocks_that_meet_give_a_cell_once() -> None:
    assert len(cells(grid("{test: tea, select: zero}", "{test: tea, select: [zero, zero]}"))) == 1


def test_a_dictionary_of_one_test_set_hints_that_alone() -> None:
    text = grid("{select: zero, hints: [none, entries]}")
    assert len(cells(text)) == 4
    found = cells(text.replace("terms.tsv", "{bike: terms.tsv}"))
    assert [(cell.test.name, cell.axes["dictionary"]) for cell in found] == [
        ("tea", None),
        ("bike", None),
        ("bike", "terms"),
    ]


def test_pools_and_test_sets_of_different_languages_do_not_meet() -> None:
    text = grid("{pool: [in, out], select: rbm25@1}")
    other = text.replace("bike: bike.pool.jsonl", "bike: {path: bike.pool.jsonl, languages: [en, sw]}")
    assert [(cell.test.name, cell.axes["pool"]) for cell in cells(other)] == [("tea", "tea"), ("bike", "tea")]


def test_a_block_that_gives_no_cell_is_said_with_its_line() -> None:
    text = grid("{select: zero}", "{pool: in, select: rbm25@1, hints: entries}")
    with pytest.raises(ConfigError, match=r"sweep\.yaml:9: this block gives no cell: no pool and dictionary"):
        cells(text.replace("terms.tsv", "{}"))


def test_values_that_give_a_test_set_no_cell_are_said() -> None:
    text = grid("{pool: [in, out], select: [first@1], hints: [none, entries]}")
    text = text.replace("{terms: terms.tsv}", "{terms: {tea: terms.tsv}}").replace(
        ", bike: bike.pool.jsonl", ""
    )
    Path("sweep.yaml").write_text(text, encoding="utf-8")
    assert dropped(read_sweep("sweep.yaml")) == [
        "sweep.yaml:8: pool out: no cell of the test set tea here, which has no such pool",
        "sweep.yaml:8: pool in: no cell of the test set bike here, which has no such pool",
        "sweep.yaml:8: hints entries: no cell of the test set bike here, which has no dictionary",
    ]
    Path("sweep.yaml").write_text(SWEEP, encoding="utf-8")
    assert dropped(read_sweep("sweep.yaml")) == []


def test_a_dictionary_that_a_test_set_has_no_file_of_is_said() -> None:
    text = grid("{pool: in, select: first@1, hints: [none, entries], dictionary: [terms, more]}")
    text = text.replace("{terms: terms.tsv}", "{terms: terms.tsv, more: {tea: terms.tsv}}")
    Path("sweep.yaml").write_text(text, encoding="utf-8")
    assert dropped(read_sweep("sweep.yaml")) == [
        "sweep.yaml:8: dictionary more: no cell of the test set bike here, which has no file of it"
    ]


def test_hints_without_any_dictionary_say_that_they_need_one() -> None:
    text = grid("{select: zero, hints: entries}").replace("dictionaries: {terms: terms.tsv}\n", "")
    with pytest.raises(ConfigError, match=r"yaml:7: this block gives no cell: hints need a dictionary"):
        cells(text)


def test_a_domain_of_its_own_decides_what_is_in_domain() -> None:
    text = grid("{test: tea, pool: in, select: rbm25@1}")
    spoiled = text.replace(
        "tea: tea.pool.jsonl",
        "tea: tea.pool.jsonl, worse: {path: tea.pool.jsonl, domain: tea, noise: copied}",
    )
    assert [cell.axes["pool"] for cell in cells(spoiled)] == ["tea", "worse"]


def test_ids_are_safe_file_names_and_stay_apart() -> None:
    strategies = "[rbm25@2, rbm25@1|random@2, rbm25@1+random@2]"
    found = cells(grid(f"{{test: tea, pool: in, select: {strategies}}}"))
    names = ids(found)
    assert len({name.casefold() for name in names}) == 3
    assert all(name.replace("-", "").replace(".", "").replace("_", "").isalnum() for name in names)
    assert names[0] == "tea.tea.rbm25-2.scripted-echo"
    assert names[1].startswith("tea.tea.rbm25-1-random-2.scripted-echo.1.")


def test_two_different_cells_may_not_be_called_the_same() -> None:
    with pytest.raises(ConfigError, match=r"sweep\.yaml:8: two different cells are both called"):
        cells(grid("{test: tea, pool: in, select: [{best: rbm25@1}, {best: rbm25@2}]}"))


def test_a_system_is_a_cell_of_the_test_set_that_it_translated() -> None:
    Path("tea.hyp.txt").write_text("a\nb\nc\n")
    text = SWEEP.replace("grid:", "systems: {other: {tea: tea.hyp.txt}}\ngrid:")
    (system,) = (cell for cell in all_cells(text) if isinstance(cell, SystemCell))
    assert (system.id, system.axes) == ("tea.system.other", {"test": "tea", "system": "other"})
