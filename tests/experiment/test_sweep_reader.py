"""``sweep.yaml``: what it says and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_sweep import SWEEP, make_data

from mtprompt.errors import ConfigError
from mtprompt.experiment.sweep_file import Sweep
from mtprompt.experiment.sweep_reader import read_sweep


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make_data(tmp_path)
    return tmp_path


def read(text: str, **options: dict[str, str]) -> Sweep:
    Path("sweep.yaml").write_text(text, encoding="utf-8")
    return read_sweep("sweep.yaml", **options)  # type: ignore[arg-type]


def test_a_sweep_is_read_with_its_defaults() -> None:
    sweep = read(SWEEP)
    assert list(sweep.tests) == ["tea", "bike"]
    assert sweep.tests["tea"].languages == ("de", "en")
    assert sweep.tests["tea"].domain == "tea"
    assert [list(block.axes) for block in sweep.blocks] == [["model", "select"], ["model", "pool", "select"]]
    assert sweep.blocks[1].seeds == [1]
    assert sweep.limit is None
    assert sweep.settings.temperature == 0
    assert {path.name for path in sweep.files} >= {"tea.test.jsonl", "bike.pool.jsonl", "terms.tsv"}


def test_metrics_are_bleu_and_chrf_unless_others_are_named() -> None:
    assert read(SWEEP.replace("metrics: [chrf++]\n", "")).metrics == ["bleu", "chrf++"]


MISTAKES = [
    ("metrics:", "metric:", r"sweep\.yaml:2: unknown key of a sweep 'metric'\. Did you mean 'metrics'\?"),
    (
        "select: zero",
        "selct: zero",
        r":8: unknown key of a block of the grid 'selct'\. Did you mean 'sel",
    ),
    ("select: zero", "select: zer", r":8: unknown selection strategy 'zer'\. Did you mean 'zero'\?"),
    ("rbm25@2", "rbm25(wait=1)@2", r":10: rbm25 has no option 'wait'\. Did you mean 'weight'\? "),
    ("rbm25@2", "'rbm25@'", r":10: strategy 'rbm25@': expected the number of examples"),
    ("rbm25@2", "[rbm25(weight=0.1,mode=paper)@2]", r":10: select: .*needs quotes in a \[list\]"),
    ("[in, out]", "[inn, out]", r":9: unknown pool 'inn'\. Did you mean 'in'\?"),
    ("[in, out]", "[]", r":9: pool: an empty list gives no cell"),
    ("select: zero", "{select: zero, hints: entris}", r":8: unknown hint style 'entris'\. Did you mean 'ent"),
    ("select: zero", "{select: zero, order: best}", r":8: unknown order 'best'\. Did you mean"),
    (
        "select: zero",
        "{select: zero, seed: one}",
        r":8: seed must be a whole number of at least 0, got 'on",
    ),
    ("select: zero", "{select: zero, dictionary: term}", r":8: unknown dictionary 'term'\. Did you mean 'te"),
    ("select: zero", "{select: zero, test: coffee}", r":8: unknown test 'coffee'"),
    ("select: zero", "{select: zero, template: t.jinja}", r":8: t\.jinja: no such file"),
    ("select: zero", "hints: entries", r":8: this block has no 'select', and neither have the defaults"),
    ("select: zero", "zero", r":8: grid: expected a list of blocks, such as '- select"),
    ('model: "scripted:echo"', "order: best_last", r":8: this block has no 'model'"),
    ("tea.test.jsonl", "te.test.jsonl", r":3: te\.test\.jsonl: no such file"),
    ("terms.tsv", "{te: terms.tsv}", r":5: unknown key of the dictionary terms 'te'\. Did you mean 'tea'"),
    ("{tea: tea.pool", "{in: tea.pool", r":4: a pool cannot be called 'in'"),
    ("[de, en]", "[de]", r":1: languages: expected source and target, such as \[de, en\], got 1"),
    ("[de, en]", "[de, xxxx]", r":1: "),
    ("languages: [de, en]\n", "", r":2: no languages: give the sweep"),
    ("tests: {tea: tea.test.jsonl, bike: bike.test.jsonl}\n", "", r"needs test sets"),
    ("languages:", "limit: 0\nlanguages:", r":1: limit must be a whole number of at least 1"),
    ("languages:", "near_match: 2\nlanguages:", r":1: near_match must be a number from 0\.5 to 1"),
    (
        "languages:",
        "prompt_form: chatt\nlanguages:",
        r":1: unknown prompt form 'chatt'\. Did you mean 'ch",
    ),
    ("tea: tea.pool.jsonl", "tea: {noise: x}", r":4: the pool tea needs a path"),
    ("tea: tea.pool.jsonl", "tea: {path: tea.pool.jsonl, noise: misalign}", r":4: unknown noise 'misalign'"),
    (
        "tea: tea.test.jsonl",
        "tea: {path: tea.test.jsonl, auxiliary: {en-GB: terms.tsv}}",
        r":3: auxiliary: en-GB is a language of the test set itself",
    ),
    (
        "tea: tea.test.jsonl",
        "tea: {path: tea.test.jsonl, auxiliary: {fr: de-fr.tsv}}",
        r":3: de-fr\.tsv: no such file",
    ),
    ("grid:", "systems: {x: terms.tsv}\ngrid:", r":7: the system x: there are several test sets"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), MISTAKES)
def test_every_mistake_is_one_line_with_its_place_and_what_was_meant(
    right: str, wrong: str, message: str
) -> None:
    assert right in SWEEP
    with pytest.raises(ConfigError, match=message) as error:
        read(SWEEP.replace(right, wrong, 1))
    assert "\n" not in str(error.value)


def test_a_variable_is_given_on_the_command_line_or_has_a_default() -> None:
    text = SWEEP.replace("tea.test.jsonl", "'${data}/tea.test.jsonl'")
    text = "set: {data: null, more: '.'}\n" + text.replace("bike.test.jsonl", "'${more}/bike.test.jsonl'")
    with pytest.raises(ConfigError, match=r"yaml:1: the variable 'data' has no value; give it one with --"):
        read(text)
    with pytest.raises(ConfigError, match=r"--set dat=…: unknown variable 'dat'\. Did you mean 'data'"):
        read(text, given={"dat": "x"})
    sweep = read(text, given={"data": "../" + Path.cwd().name})
    assert sweep.variables == {"here": ".", "data": f"../{Path.cwd().name}", "more": "."}


def test_a_name_of_what_the_sweep_has_none_of_says_so() -> None:
    with pytest.raises(
        ConfigError, match=r"dictionary: 'd': the sweep has none; list them under 'dictionaries'"
    ):
        read(
            SWEEP.replace("dictionaries: {terms: terms.tsv}\n", "").replace("zero", "zero\n    dictionary: d")
        )
    with pytest.raises(ConfigError, match=r"pool: 'foo': the sweep has none; list them under 'pools'"):
        pools = "pools: {tea: tea.pool.jsonl, bike: bike.pool.jsonl}\n"
        read(SWEEP.replace(pools, "").replace("[in, out]", "foo"))
    with pytest.raises(ConfigError, match=r"--set a=…: sweep.yaml has no variables; list them under 'set'"):
        read(SWEEP, given={"a": "b"})


def test_here_is_the_folder_of_the_file_wherever_it_is_called_from(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    text = SWEEP.replace("tea: tea.test.jsonl", "tea: '${here}/../tea.test.jsonl'")
    (tmp_path / "deep" / "sweep.yaml").write_text(text)
    assert read_sweep("deep/sweep.yaml").tests["tea"].path == Path("tea.test.jsonl")


def test_a_named_value_is_called_by_its_name() -> None:
    sweep = read(SWEEP.replace("select: zero", "select: [{bad: 'fixed(file=\"tea.pool.jsonl\")@1'}, zero]"))
    named, plain = sweep.blocks[0].axes["select"]
    assert named and (named.label, named.text) == ("bad", 'fixed(file="tea.pool.jsonl")@1')
    assert plain and (plain.label, plain.text) == ("zero", "zero")


def test_a_limit_of_the_command_line_wins() -> None:
    Path("sweep.yaml").write_text("limit: 2\n" + SWEEP)
    assert read_sweep("sweep.yaml").limit == 2
    assert read_sweep("sweep.yaml", limit=1).limit == 1
