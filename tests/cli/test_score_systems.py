"""``score`` of several systems: tables with differences, and JSON."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import ConfigError, DataError

WORDS = "the red green house stands on under every hill and knows why so"


def write(folder: Path, name: str, share: float, seed: int, count: int = 40) -> None:
    """References with a share of their words spoilt."""
    words, spoil = random.Random(1), random.Random(seed)
    lines = [
        " ".join("x" if spoil.random() < share else word for word in words.choices(WORDS.split(), k=8))
        for _ in range(count)
    ]
    (folder / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path, "ref.txt", 0, 0)
    write(tmp_path, "other.txt", 0.05, 9)
    for name, share, seed in (("base.txt", 0.3, 2), ("good.txt", 0.05, 3), ("same.txt", 0.3, 4)):
        write(tmp_path, name, share, seed)
    return tmp_path


THREE = (
    "score",
    "--hyp",
    "base.txt",
    "--hyp",
    "good.txt",
    "--hyp",
    "same.txt",
    "--ref",
    "ref.txt",
    "--to",
    "en",
)


def test_a_table_has_a_row_for_each_system(run: Any, files: Path) -> None:
    result = run(*THREE, "--metric", "bleu", "--metric", "ter")
    lines = result.stdout.splitlines()
    assert lines[1] == "bleu" and lines[7] == "ter (lower is better)"
    assert lines[2].split() == [
        *("SYSTEM", "SCORE", "95", "%", "DELTA", "95", "%", "P", "HOLM", "WINS", "LOSSES", "TIES"),
    ]
    base, good, same = (lines[i].split() for i in (3, 4, 5))
    assert (base[0], good[0], same[0]) == ("base", "good", "same")
    assert len(base) == 4  # name, score, interval
    assert good[4].startswith("+") and good[7] == "0.001" and good[8] == "0.002"
    assert len(good) == 9  # BLEU has no segment scores, so no wins
    ter = lines[10].split()
    assert ter[4].startswith("-") and int(ter[9]) > 30 and sum(map(int, ter[9:])) == 40
    assert lines[13] == "40 segments"
    assert lines[-1] == (
        "intervals: 95 %, bootstrap, 1,000 samples, seed 12345; p: approximate randomization against base, "
        "1,000 samples, seed 12345; Holm: corrected for all systems here"
    )


def test_json_has_every_number_of_the_table(run: Any, files: Path) -> None:
    result = run(
        *THREE, "--metric", "chrf", "--test", "randomization", "--samples", "200", "--seed", "7", "--json"
    )
    answer = json.loads(result.stdout)
    assert answer["sampling"] == {"test": "randomization", "samples": 200, "seed": 7}
    assert (answer["count"], answer["baseline"]) == (40, "base")
    base, good, same = answer["systems"]
    assert (good["name"], good["file"]) == ("good", "good.txt")
    (score,) = good["scores"]
    assert score["low"] < score["score"] < score["high"] and len(score["segments"]) == 40
    compared = score["against_baseline"]
    assert compared["delta"] == pytest.approx(score["score"] - base["scores"][0]["score"])
    assert compared["p_value"] == pytest.approx(1 / 201)
    assert compared["adjusted"] == pytest.approx(2 / 201)
    assert compared["better"] is True
    assert compared["interval"]["low"] < compared["delta"] < compared["interval"]["high"]
    assert compared["wins"] + compared["losses"] + compared["ties"] == 40
    assert "against_baseline" not in base["scores"][0]
    assert same["scores"][0]["against_baseline"]["p_value"] > 0.05


@pytest.mark.parametrize("baseline", ["same", "same.txt"])
def test_any_of_the_systems_can_be_the_baseline(run: Any, files: Path, baseline: str) -> None:
    answer = json.loads(run(*THREE, "--metric", "chrf", "--baseline", baseline, "--json").stdout)
    assert [system["name"] for system in answer["systems"]] == ["same", "base", "good"]


def test_the_baseline_can_be_another_file(run: Any, files: Path) -> None:
    arguments = ("score", "--hyp", "good.txt", "--ref", "ref.txt", "--metric", "chrf")
    answer = json.loads(run(*arguments, "--baseline", "base.txt", "--json").stdout)
    assert [system["name"] for system in answer["systems"]] == ["base", "good"]
    with pytest.raises(ConfigError, match="--baseline bse is no file and none of the systems: good"):
        run(*arguments, "--baseline", "bse")


def test_several_references_are_in_the_signature_and_raise_the_score(run: Any, files: Path) -> None:
    one = run("score", "--hyp", "good.txt", "--ref", "other.txt", "--metric", "bleu", "--json")
    both = run(
        "score", "--hyp", "good.txt", "--ref", "other.txt", "--ref", "ref.txt", "--metric", "bleu", "--json"
    )
    first, second = (json.loads(result.stdout)["scores"][0] for result in (one, both))
    assert "nrefs:1|" in first["signature"] and "nrefs:2|" in second["signature"]
    assert second["score"] > first["score"]


def test_one_system_has_its_interval_beside_its_score(run: Any, files: Path) -> None:
    result = run("score", "--hyp", "good.txt", "--ref", "ref.txt", "--metric", "chrf", "--to", "en")
    name, score, low, high = result.stdout.splitlines()[0].split()
    assert name == "chrf" and float(low[1:-1]) < float(score) < float(high[:-1])
    assert result.stdout.splitlines()[-1] == "intervals: 95 %, bootstrap, 1,000 samples, seed 12345"


def test_a_single_segment_has_no_significance_and_that_is_said(run: Any, tmp_path: Path) -> None:
    for name, text in (("a.txt", "a b c d"), ("b.txt", "a b c x"), ("ref.txt", "a b c d")):
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    result = run("score", "--hyp", "b.txt", "--hyp", "a.txt", "--ref", "ref.txt", "--metric", "chrf")
    assert "A single segment has no interval and no significance" in result.stdout
    _, better = result.stdout.splitlines()[3:5]
    assert better.split() == ["a", "100.00", "+52.08", "-", "-", "1", "0", "0"]
    answer = json.loads(
        run(
            "score", "--hyp", "b.txt", "--hyp", "a.txt", "--ref", "ref.txt", "--metric", "chrf", "--json"
        ).stdout
    )
    compared = answer["systems"][1]["scores"][0]["against_baseline"]
    assert (compared["p_value"], compared["interval"]) == (1.0, None)
    assert answer["systems"][1]["scores"][0]["low"] is None


def test_empty_translations_are_scored_and_said(run: Any, files: Path) -> None:
    lines = (files / "good.txt").read_text(encoding="utf-8").splitlines()
    (files / "holes.txt").write_text("".join(f"{line}\n" for line in ["", " ", *lines[2:]]), encoding="utf-8")
    result = run("score", "--hyp", "holes.txt", "--ref", "ref.txt", "--metric", "chrf")
    assert result.stderr == "Warning: holes.txt: 2 of 40 translations are empty\n"


def test_numbers_that_differ_are_said_with_both_files(run: Any, files: Path) -> None:
    write(files, "short.txt", 0, 0, count=39)
    for arguments in (
        ("--hyp", "base.txt", "--hyp", "short.txt", "--ref", "ref.txt"),
        ("--hyp", "short.txt", "--ref", "ref.txt"),
    ):
        with pytest.raises(DataError, match=r"^short\.txt has 39 segments and ref\.txt has 40$"):
            run("score", *arguments)
    with pytest.raises(DataError, match=r"^base\.txt has 40 segments and short\.txt has 39$"):
        run("score", "--hyp", "base.txt", "--ref", "ref.txt", "--src", "short.txt")
    with pytest.raises(DataError, match=r"^ref\.txt has 40 segments and short\.txt has 39; each"):
        run("score", "--hyp", "base.txt", "--ref", "ref.txt", "--ref", "short.txt")
    with pytest.raises(DataError, match=r"short\.txt has 39 segments and base\.txt has 40"):
        run("score", "--hyp", "base.txt", "--hyp", "short.txt", "--metric", "chrf")


def test_a_wrong_choice_is_one_line(run: Any, files: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown test 'bootsrap'\. Did you mean 'bootstrap'"):
        run(*THREE, "--test", "bootsrap")
    with pytest.raises(ConfigError, match=r"--hyp base\.txt is there twice"):
        run(*THREE, "--hyp", "base.txt")
    with pytest.raises(DataError, match="bleu compares with references, and none were given"):
        run("score", "--hyp", "base.txt")


def test_files_of_one_name_are_told_apart_by_their_folders(run: Any, files: Path) -> None:
    (files / "a").mkdir()
    write(files / "a", "base.txt", 0.1, 5)
    arguments = ("--hyp", "base.txt", "--hyp", "a/base.txt", "--ref", "ref.txt", "--metric", "chrf", "--json")
    answer = json.loads(run("score", *arguments).stdout)
    assert [system["name"] for system in answer["systems"]] == ["base.txt", "a/base.txt"]


def test_flags_and_hints_read_the_rows_of_translate(run: Any, tmp_path: Path) -> None:
    hint = {"term": "Arzt", "translations": ["doctor"]}
    rows = [
        {"source": "Der Arzt kommt heute.", "translation": "The doctor comes.", "hints": [hint]},
        {"source": "Der Arzt geht jetzt.", "translation": "Der Arzt geht jetzt.", "hints": [hint]},
    ]
    (tmp_path / "out.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "ref.txt").write_text("The doctor is coming.\nThe medic leaves now.\n", encoding="utf-8")
    metrics = ("--metric", "flags", "--metric", "hints")
    result = run("score", "--hyp", "out.jsonl", "--ref", "ref.txt", "--from", "de", "--to", "en", *metrics)
    shown = [line.rsplit("  ", 1)[0].split() for line in result.stdout.splitlines()[:4]]
    assert shown == [
        ["flags", "50.00"],
        ["hints", "50.00"],
        ["hints", "useful", "50.00"],
        ["hints", "misleading", "50.00"],
    ]
    assert "failures in the text: source_copied 1" in result.stdout
    assert "hints: 2 given, 50 % followed; 50 % useful, 50 % misleading" in result.stdout
    # without a reference the hints can still be followed
    answer = json.loads(
        run("score", "--hyp", "out.jsonl", "--from", "de", "--to", "en", *metrics, "--json").stdout
    )
    assert [(row["metric"], row["score"]) for row in answer["scores"]] == [("flags", 50.0), ("hints", 50.0)]
    assert answer["scores"][0]["counts"] == {"source_copied": 1}


def test_references_that_stand_by_translator_are_recognised(run: Any, files: Path) -> None:
    (files / "two.txt").write_text("It rains.\nIt snows.\n", encoding="utf-8")
    row = json.dumps({"references": ["It rains.", "It snows."]})
    (files / "turned.jsonl").write_text(f"{row}\n" * 3, encoding="utf-8")
    with pytest.raises(
        DataError, match=r"has 3; its rows hold a reference of every segment, not those of one$"
    ):
        run("score", "--hyp", "two.txt", "--ref", "turned.jsonl")
