"""``mtprompt sweep``: what it prints, its exit codes, and what a killed one leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from click.testing import Result
from interruptible import MTPROMPT

from mtprompt.errors import ConfigError, DataError
from mtprompt.experiment.results import read_results, read_segments
from mtprompt.generation.scripted import ScriptedEngine

Run = Callable[..., Result]

SWEEP = """\
languages: [de, en]
metrics: [chrf++]
set: {data: null}
tests: {tea: "${data}/test.jsonl"}
pools: {tea: "${data}/pool.jsonl"}
defaults: {model: "scripted:echo"}
grid:
  - select: zero
  - pool: in
    select: random@1
    seed: [1, 2]
"""


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder / "test.jsonl", [{"source": f"Tee {n}", "reference": f"tea {n}"} for n in range(4)])
    write(folder / "pool.jsonl", [{"source": f"Kanne {n}", "target": f"pot {n}"} for n in range(9)])
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    return folder


def test_a_sweep_prints_its_table_with_the_spread_over_seeds(run: Run, data: Path) -> None:
    done = run("sweep", "sweep.yaml", "--set", "data=data")
    header, zero, shots, *_ = done.stdout.splitlines()
    assert header.split() == ["TEST", "POOL", "SELECT", "CHRF++", "SECONDS", "PROMPT", "TOKENS"]
    assert zero.split()[:2] == ["tea", "zero"]
    assert shots.split()[:3] == ["tea", "tea", "random@1"] and "±" in shots
    assert "results: sweep-results" in done.stdout
    assert "mtprompt report sweep-results" in done.stdout
    assert "signature: chrf++|" in done.stdout
    assert "1/3 tea.zero.scripted-echo: chrf++ " in done.stderr
    assert len(read_results("sweep-results").cells) == 3


def test_a_metric_that_counts_nothing_is_a_dash_in_the_table(run: Run, data: Path) -> None:
    Path("sweep.yaml").write_text(SWEEP.replace("[chrf++]", "[chrf++, hints]"))
    done = run("sweep", "sweep.yaml", "--set", "data=data")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split()[3] == "–"
    assert "no cell has a score by hints: hints: no segment has a hint" in done.stderr


def test_a_sweep_without_a_single_score_is_no_success(run: Run, data: Path) -> None:
    Path("sweep.yaml").write_text(SWEEP.replace("[chrf++]", "[hints]"))
    assert run("sweep", "sweep.yaml", "--set", "data=data").exit_code == 3


def test_each_signature_is_printed_once(run: Run, data: Path) -> None:
    write(data / "ja.jsonl", [{"source": "Tee", "reference": "お茶です"}])
    text = SWEEP.replace("[chrf++]", "[bleu]").replace(
        'test.jsonl"}', 'test.jsonl", ja: {path: "${data}/ja.jsonl", languages: [de, ja]}}'
    )
    Path("sweep.yaml").write_text(text.replace("  - select: zero\n", "  - {select: zero, test: ja}\n"))
    done = run("sweep", "sweep.yaml", "--set", "data=data")
    signatures = [line for line in done.stdout.splitlines() if line.startswith("signature: ")]
    assert len(signatures) == 2 and "ja-mecab" in signatures[1]


def test_a_dry_run_counts_and_leaves_nothing(run: Run, data: Path) -> None:
    done = run(
        "sweep", "sweep.yaml", "--set", "data=data", "--dry-run", "--price-in", "1000", "--price-out", "1"
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "3 cells, 0 there already"
    assert lines[1].startswith("scripted:echo: 3 cells, 12 prompts, 11 of them different, 11 to generate: ")
    assert lines[1].endswith("time unknown: no answer of it is stored yet")
    assert lines[2].startswith("  about 0.0860") and lines[2].endswith("by the prices given")
    assert lines[3] == "nothing was generated"
    assert not Path("sweep-results").exists()
    run("sweep", "sweep.yaml", "--set", "data=data")
    done = run("sweep", "sweep.yaml", "--set", "data=data", "--dry-run")
    assert done.stdout.splitlines() == ["3 cells, 3 there already", "nothing was generated"]


def test_tokens_that_no_one_counts_are_about_so_many_in_a_sweep_too(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = ("sweep", "sweep.yaml", "--set", "data=data", "--dry-run")
    assert re.search(r"to generate: \d+ tokens in, about", run(*plan).stdout)
    monkeypatch.setattr(ScriptedEngine, "estimates_tokens", True, raising=False)
    assert re.search(r"to generate: about \d+ tokens in, about", run(*plan).stdout)


def test_a_failed_cell_exits_with_3_after_the_others(run: Run, data: Path) -> None:
    Path("sweep.yaml").write_text(SWEEP.replace("scripted:echo", "scripted:echo(context=12)"))
    done = run("sweep", "sweep.yaml", "--set", "data=data", "-o", "out")
    assert done.exit_code == 3
    assert "3 of 3 cells failed; the same command tries them again" in done.stderr
    statuses = {cell.axes["select"]: cell.status for cell in read_results("out").cells}
    assert statuses == {"zero": "failed", "random@1": "failed"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "data"], "--set needs a name and a value"),
        (["--set", "dat=data"], r"unknown variable 'dat'\. Did you mean 'data'"),
        ([], r"sweep\.yaml:3: the variable 'data' has no value; give it one with --set data=…"),
        (["--set", "data=none"], r"sweep\.yaml:4: none/test\.jsonl: no such file"),
        (["--set", "data=data", "-o", "sweep.yaml"], "sweep.yaml is a file; name a folder with -o"),
    ],
)
def test_wrong_options_are_one_line(run: Run, data: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run("sweep", "sweep.yaml", *arguments)


def test_results_of_another_version_are_not_touched(run: Run, data: Path) -> None:
    run("sweep", "sweep.yaml", "--set", "data=data", "-o", "out")
    manifest = Path("out/manifest.json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 99}))
    before = manifest.read_bytes()
    with pytest.raises(DataError, match="results of format 99"):
        run("sweep", "sweep.yaml", "--set", "data=data", "-o", "out")
    assert manifest.read_bytes() == before


def test_damaged_results_are_made_anew_from_the_store(run: Run, data: Path) -> None:
    sweep = ["sweep", "sweep.yaml", "--set", "data=data", "-o", "out"]
    run(*sweep)
    whole = Path("out/results.jsonl").read_text()
    Path("out/results.jsonl").write_text(whole[: len(whole) // 2])
    done = run(*sweep)
    assert "not a JSON object" in done.stderr and "its cell is made anew" in done.stderr
    kept, *rest = whole.splitlines(keepends=True)
    # what was generated before counts as stored now
    assert Path("out/results.jsonl").read_text() == kept + "".join(rest).replace('"cached": 0', '"cached": 4')


LINES = 150


def start(folder: Path) -> subprocess.Popen[str]:
    command = ["sweep", "sweep.yaml", "--set", "data=data", "-o", "out"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.Popen(
        [*MTPROMPT, *command],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def asked(folder: Path) -> list[str]:
    log = folder / "asked.txt"
    return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def slow(data: Path) -> Path:
    folder = data.parent
    write(data / "test.jsonl", [{"source": f"Tee {n}", "reference": f"tea {n}"} for n in range(LINES)])
    model = "scripted:echo(delay=0.005,log=asked.txt)"
    (folder / "sweep.yaml").write_text(SWEEP.replace("scripted:echo", model))
    return folder


def test_kills_lose_nothing_but_what_was_on_its_way(slow: Path) -> None:
    moments, kills = Random(1), 6
    for _ in range(kills):
        before = len(asked(slow))
        process = start(slow)
        deadline = time.monotonic() + 120
        while len(asked(slow)) == before:
            assert time.monotonic() < deadline
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.005)
        time.sleep(moments.uniform(0, 0.4))
        process.kill()
        process.communicate()
        for cell in read_results(slow / "out").cells:  # whatever is there is whole
            assert len(list(read_segments(slow / "out", cell.cell))) == LINES
    process = start(slow)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    results = read_results(slow / "out")
    assert [cell.status for cell in results.cells] == ["done"] * 3
    assert results.missing == [] and results.manifest.finished
    rows = [row for cell in results.cells for row in read_segments(slow / "out", cell.cell)]
    different = len({row["prompt"] for row in rows})  # both seeds draw the same for some
    assert different <= len(asked(slow)) <= different + kills
    assert not list((slow / "out").rglob("*part*"))


def test_a_second_sweep_into_the_same_folder_waits_for_nobody(slow: Path) -> None:
    process = start(slow)
    while not asked(slow):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.005)
    second = start(slow)
    _, errors = second.communicate(timeout=120)
    assert second.returncode == 2
    assert "Error: out: another sweep is at work there; wait for it, or name another folder with -o" in errors
    assert process.poll() is None
    process.kill()
    process.communicate()
    process = start(slow)  # what was killed keeps nobody out
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors


def test_an_interrupt_ends_a_sweep_cleanly_with_130(slow: Path) -> None:
    process = start(slow)
    deadline = time.monotonic() + 120
    while len(asked(slow)) < LINES + 3:  # in the second cell's batch or at the end of the first
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in errors
    assert read_results(slow / "out").manifest.finished is None
