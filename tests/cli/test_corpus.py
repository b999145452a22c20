"""``mtprompt corpus overlap`` and ``mtprompt corpus filter``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import ConfigError, DataError, MissingDependency

CODES = ("--from", "de", "--to", "en")
SENTENCE = "Diese Funktion ist seit der Version {} verfügbar."
REFERENCE = "This function has been available since version {}."


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def squeezed(text: str) -> list[str]:
    """The lines without the spaces that align columns."""
    return [" ".join(line.split()) for line in text.splitlines()]


def read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# overlap


@pytest.fixture
def overlapping(tmp_path: Path) -> None:
    pool = [
        {"id": "a", "source": SENTENCE.format("5.0"), "target": REFERENCE.format("5.0")},
        {"id": "b", "source": "Das Haus ist rot.", "target": "The house is red."},
    ]
    test = [
        {"id": "x", "source": SENTENCE.format("4.0"), "reference": REFERENCE.format("4.0")},
        {"id": "y", "source": "Das Haus  ist rot.", "target": "It is red, this house."},
        {"id": "z", "source": "Guten Tag", "reference": "Hello"},
        {"id": "blank", "source": "  "},
    ]
    write_rows(tmp_path / "pool.jsonl", pool)
    write_rows(tmp_path / "test.jsonl", test)


@pytest.mark.usefixtures("overlapping")
def test_overlap_reports_equal_and_near_segments_and_the_nearest_pairs(run: Any) -> None:
    report = run("corpus", "overlap", "pool.jsonl", "test.jsonl", *CODES).stdout
    lines = squeezed(report)
    assert "2 pool pairs, 3 test segments, 3 with a reference" in lines
    assert "equal 1 33.3 % 0 0.0 % 0 0.0 %" in lines
    assert "equal or near (≥ 0.95) 2 66.7 % 1 33.3 % 1 33.3 %" in lines
    # 9 tokens with the full stop, the version in the middle of all 8-grams
    assert "all 8-grams, if 8 tokens 0 0.0 % 0 0.0 %" in lines
    assert "test x, pool a: source 0.980, reference 0.980" in report
    assert "test y, pool b: source 1.000\n  test: Das Haus  ist rot.\n  pool: Das Haus ist rot.\n" in report
    assert "blank" not in report and "test z" not in report


@pytest.mark.usefixtures("overlapping")
def test_overlap_counts_ngrams_as_tokens_and_as_types(run: Any, tmp_path: Path) -> None:
    (tmp_path / "test.txt").write_text("rot rot grün\n")
    report = run("corpus", "overlap", "pool.jsonl", "test.txt", *CODES).stdout
    assert "3 with a reference" not in report and "no references" in report
    assert "1-grams 66.7 % (50.0 %)" in squeezed(report)


@pytest.mark.usefixtures("overlapping")
def test_overlap_gives_machines_everything(run: Any) -> None:
    answer = json.loads(run("corpus", "overlap", "pool.jsonl", "test.jsonl", *CODES, "--json").stdout)
    assert (answer["pairs"], answer["both_equal"], answer["both_near"]) == (2, 0, 1)
    assert answer["source"]["equal"] == 1 and answer["target"]["near"] == 1
    assert [n["order"] for n in answer["source"]["ngrams"]] == [1, 2, 3, 4, 8]
    assert [(n["segment"]["id"], n["pair"]["id"]) for n in answer["nearest"]] == [("x", "a"), ("y", "b")]


@pytest.mark.usefixtures("overlapping")
def test_overlap_shows_as_many_examples_as_are_wanted(run: Any) -> None:
    none = run("corpus", "overlap", "pool.jsonl", "test.jsonl", *CODES, "--examples", "0").stdout
    assert "test x" not in none and "Nearest" not in none
    one = run("corpus", "overlap", "pool.jsonl", "test.jsonl", *CODES, "--examples", "1").stdout
    assert "Nearest segments (1 of 2)" in one and "test x" in one and "test y" not in one


@pytest.mark.usefixtures("overlapping")
def test_overlap_shortens_long_texts_and_keeps_them_on_one_line(run: Any, tmp_path: Path) -> None:
    text = "Wort\tmit\u2028Umbruch und \x1b[31mFarbe " + "x" * 200
    write_rows(tmp_path / "pool.jsonl", [{"source": text, "target": "y"}])
    write_rows(tmp_path / "test.jsonl", [{"source": text}])
    report = run("corpus", "overlap", "pool.jsonl", "test.jsonl", *CODES).stdout
    (line,) = [line for line in report.splitlines() if line.startswith("  test:")]
    assert line.startswith("  test: Wort mit Umbruch und  [31mFarbe xxx") and line.endswith("x…")
    assert len(line) == len("  test: ") + 100


@pytest.mark.usefixtures("overlapping")
def test_overlap_reads_two_text_files_as_a_pool(run: Any, tmp_path: Path) -> None:
    (tmp_path / "de.txt").write_text("Ja\nNein\n")
    (tmp_path / "en.txt").write_text("Yes\nNo\n")
    (tmp_path / "in.txt").write_text("ja\n")
    result = run("corpus", "overlap", "de.txt", "in.txt", *CODES, "--pool-target", "en.txt", "--json")
    assert json.loads(result.stdout)["source"]["equal"] == 1


@pytest.mark.usefixtures("overlapping")
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("none.jsonl", "test.jsonl"), DataError, "none.jsonl: no such file"),
        (("pool.jsonl", "none.jsonl"), DataError, "none.jsonl: no such file"),
        (("empty.jsonl", "test.jsonl"), DataError, "empty.jsonl: no sentence pairs in it"),
        (("pool.jsonl", "empty.jsonl"), DataError, "empty.jsonl: no segments in it"),
        (("binary.jsonl", "test.jsonl"), DataError, "binary.jsonl:1: not UTF-8"),
        (("pool.txt", "test.jsonl"), ConfigError, "a pool is .jsonl"),
        (("pool.jsonl", "test.jsonl", "--to", "xx"), ConfigError, "unknown language code 'xx'"),
        (
            ("pool.jsonl", "test.jsonl", "--similarity", "95"),
            ConfigError,
            "a similarity must be from 0.5 to 1",
        ),
        (("pool.jsonl", "test.jsonl", "--format", "csv"), ConfigError, "unknown format 'csv'"),
    ],
)
def test_a_wrong_call_of_overlap_is_one_clear_error(
    run: Any, tmp_path: Path, arguments: Any, error: Any, message: str
) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "binary.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(error, match=message.replace(".", r"\.")):
        run("corpus", "overlap", *CODES, *arguments)


# filter

ROWS: list[dict[str, Any]] = [
    {
        "id": "good",
        "source": "Öffnen Sie die Datei.",
        "target": "Open the file.",
        "doc": "d1",
        "n": [1, None],
    },
    {"id": "empty", "source": "Öffnen", "target": " "},
    {"id": "null", "source": None, "target": "Open"},
    {"id": "copy", "source": "Öffnen Sie die Datei.", "target": "Öffnen Sie die Datei."},
    {"id": "again", "source": "öffnen Sie die Datei.", "target": "Open  the file."},
    {"id": "script", "source": "Öffnen Sie sie.", "target": "Откройте её."},
    {"id": "length", "source": "Ja.", "target": "Yes, " * 40},
    {"id": "name", "source": "LibreOffice", "target": "LibreOffice"},
]
WHY = {
    "empty": "empty",
    "null": "empty",
    "copy": "copy",
    "again": "repeated",
    "script": "script",
    "length": "length",
}


def test_filter_parts_a_pool_into_kept_and_rejected_rows(run: Any, tmp_path: Path) -> None:
    write_rows(tmp_path / "pool.jsonl", ROWS)
    result = run(
        *("corpus", "filter", "pool.jsonl", "-o", "clean.jsonl", "--rejected", "rejected.jsonl"),
        *(*CODES, "--no-language"),
    )
    assert read_rows(tmp_path / "clean.jsonl") == [ROWS[0], ROWS[7]], "all fields stay as they are"
    rejected = read_rows(tmp_path / "rejected.jsonl")
    assert rejected == [row | {"reason": WHY[row["id"]]} for row in ROWS if row["id"] in WHY]
    assert result.stdout == ""
    lines = squeezed(result.stderr)
    assert lines[0] == "8 pairs: 2 kept, 6 rejected"
    assert "empty 2 25.0 %" in lines and "length 1 12.5 %" in lines


def test_filter_finds_other_languages_and_says_when_the_codes_may_be_wrong(run: Any, tmp_path: Path) -> None:
    pytest.importorskip("py3langid")
    pair = {
        "source": "Bitte speichern Sie alle Dateien, bevor Sie den Computer neu starten.",
        "target": "Please save all files before you restart your computer.",
    }
    write_rows(tmp_path / "pool.jsonl", [pair])
    right = run("corpus", "filter", "pool.jsonl", *CODES)
    assert json.loads(right.stdout) == pair
    assert "Warning" not in right.stderr
    wrong = run("corpus", "filter", "pool.jsonl", "--from", "en", "--to", "de")
    assert wrong.stdout == ""
    assert "language 1 100.0 %" in squeezed(wrong.stderr)
    assert "are --from and --to right?" in wrong.stderr


def test_filter_names_the_package_that_is_missing_and_does_without_it(
    run: Any, pool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda name: None if name == "py3langid" else "there")
    with pytest.raises(MissingDependency, match=r"pip install 'mtprompt\[langid\]'"):
        run("corpus", "filter", "pool.jsonl", *CODES)
    assert "3 kept" in run("corpus", "filter", "pool.jsonl", *CODES, "--no-language").stderr


@pytest.mark.parametrize(
    ("name", "content", "more"),
    [
        ("pool.tsv", "Ja\tYes\nNein\t\nJa\tYes\n", ()),
        ("pool.txt", "Ja\nNein\nJa\n", ("--pool-target", "target.txt")),
        (
            "pool.tmx",
            "<tmx version='1.4'><header/><body>"
            + "".join(
                f"<tu><tuv xml:lang='de'><seg>{s}</seg></tuv><tuv xml:lang='en'><seg>{t}</seg></tuv></tu>"
                for s, t in (("Ja", "Yes"), ("Nein", ""), ("Ja", "Yes"))
            )
            + "</body></tmx>",
            (),
        ),
    ],
)
def test_filter_reads_every_pool_format_with_its_empty_sides(
    run: Any, tmp_path: Path, name: str, content: str, more: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "target.txt").write_text("Yes\n\nYes\n")
    run(
        *("corpus", "filter", name, *more, *CODES, "--no-language"),
        *("-o", "c.jsonl", "--rejected", "r.jsonl"),
    )
    assert read_rows(tmp_path / "c.jsonl") == [{"id": "1", "source": "Ja", "target": "Yes"}]
    assert [(row["id"], row["reason"]) for row in read_rows(tmp_path / "r.jsonl")] == [
        ("2", "empty"),
        ("3", "repeated"),
    ]


def test_what_was_filtered_is_a_pool_again(run: Any, tmp_path: Path) -> None:
    write_rows(tmp_path / "pool.jsonl", ROWS)
    run("corpus", "filter", "pool.jsonl", "-o", "clean.jsonl", *CODES, "--no-language")
    again = run("corpus", "filter", "clean.jsonl", "-o", "twice.jsonl", *CODES, "--no-language")
    assert "2 pairs: 2 kept, 0 rejected" in again.stderr
    assert (tmp_path / "twice.jsonl").read_bytes() == (tmp_path / "clean.jsonl").read_bytes()


def test_half_a_character_in_a_further_field_goes_through(run: Any, tmp_path: Path) -> None:
    line = '{"source": "Ja", "target": "Yes", "note": "\\ud83d"}\n'
    (tmp_path / "pool.jsonl").write_text(line)
    assert run("corpus", "filter", "pool.jsonl", *CODES, "--no-language").stdout == line


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("none.jsonl",), DataError, "none.jsonl: no such file"),
        (("empty.jsonl",), DataError, "empty.jsonl: no sentence pairs in it"),
        (("binary.jsonl",), DataError, "binary.jsonl:1: not UTF-8"),
        (("nofield.jsonl",), DataError, "nofield.jsonl:1: field 'target' is missing"),
        (("pool.txt",), ConfigError, "a pool is .jsonl"),
        (("pool.jsonl", "--from", "xx"), ConfigError, "unknown language code 'xx'"),
        (("pool.jsonl", "-o", "pool.jsonl"), ConfigError, "is read by this run"),
        (("pool.jsonl", "--rejected", "pool.jsonl"), ConfigError, "is read by this run"),
        (("pool.jsonl", "-o", "no/where.jsonl"), ConfigError, "no such folder"),
        (("pool.jsonl", "-o", "a.tsv"), ConfigError, "JSON lines are written; name it a.jsonl"),
        (("pool.jsonl", "-o", "a.jsonl", "--rejected", "./a.jsonl"), ConfigError, "both name a.jsonl"),
        (("pool.jsonl", "--rejected", "-"), ConfigError, "both name -"),
        (("pipe.jsonl",), ConfigError, "is read twice, so it must be a file"),
    ],
)
def test_a_wrong_call_of_filter_is_one_clear_error(
    run: Any, pool: Path, tmp_path: Path, arguments: Any, error: Any, message: str
) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "binary.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "nofield.jsonl").write_text('{"source": "Ja"}\n')
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(error, match=message.replace(".", r"\.")):
        run("corpus", "filter", *CODES, "--no-language", *arguments)


def test_a_failed_run_leaves_both_outputs_as_they_were(run: Any, tmp_path: Path) -> None:
    # the first reading measures lengths and finds the fault; nothing is opened for writing before
    (tmp_path / "pool.jsonl").write_bytes(b'{"source": "Ja", "target": "Yes"}\n\xff\n')
    for name in ("clean.jsonl", "rejected.jsonl"):
        (tmp_path / name).write_text("from before")
    with pytest.raises(DataError, match=r"pool\.jsonl:2: not UTF-8"):
        run(
            *("corpus", "filter", "pool.jsonl", "-o", "clean.jsonl", "--rejected", "rejected.jsonl"),
            *(*CODES, "--no-language"),
        )
    for name in ("clean.jsonl", "rejected.jsonl"):
        assert (tmp_path / name).read_text() == "from before"
    assert not list(tmp_path.glob(".*part*"))


INTERRUPTIBLE = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from mtprompt.cli import main
from mtprompt.corpus.noise import NoiseFilter

plain = NoiseFilter.reason
def slow(self, pair):
    time.sleep(0.05)
    return plain(self, pair)

NoiseFilter.reason = slow
main()
"""


def test_an_interrupted_run_leaves_no_output(tmp_path: Path) -> None:
    write_rows(
        tmp_path / "pool.jsonl", [{"source": f"Zeile {i}", "target": f"Line {i}"} for i in range(2000)]
    )
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", INTERRUPTIBLE, "corpus", "filter", "pool.jsonl", *CODES, "--no-language"),
            *("-o", "clean.jsonl", "--rejected", "rejected.jsonl"),
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob(".*part*"))) < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130
    assert messages.splitlines()[-1] == "Interrupted." and "Traceback" not in messages
    assert [path.name for path in tmp_path.iterdir()] == ["pool.jsonl"]


@pytest.mark.parametrize("command", ["overlap", "filter"])
def test_help_has_an_example(run: Any, command: str) -> None:
    assert f"mtprompt corpus {command} pool." in run("corpus", command, "--help").stdout
