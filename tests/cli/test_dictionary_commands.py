"""``mtprompt dictionary``: what it says of dictionaries, and what it makes of them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mtprompt.dictionary.install import Installed
from mtprompt.errors import ConfigError, DataError

DE_EN = ("--from", "de", "--to", "en")
TERMS = "Haus\thouse\nBank\tbench\nBank\tbank\nRotes Kreuz\tRed Cross\nKatze\tcat\n"


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "terms.tsv"
    path.write_text(TERMS, encoding="utf-8")
    return path


def cells(output: str) -> dict[str, str]:
    """A table of two columns."""
    return {
        key.strip(): value.strip() for key, _, value in (line.partition("  ") for line in output.splitlines())
    }


def pairs(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        (row[0], row[1]) for row in (line.split("\t") for line in lines) if row[:2] != ["term", "translation"]
    ]


# info


def test_info_describes_a_dictionary(run: Any, terms: Path, tmp_path: Path) -> None:
    output = run("dictionary", "info", "terms.tsv", *DE_EN).stdout
    found = cells(output)
    assert found["file"] == "terms.tsv (tsv)"
    assert found["languages"] == "German → English"
    assert (found["terms"], found["of several words"], found["translations"]) == ("4", "1", "5")
    assert found["a term"] == "1.2 on average, at most 2 (Bank)"
    assert (found["with a weight"], found["parts of speech"], found["unusable lines"]) == ("0", "none", "0")
    assert found["Bank"] == "bench; bank"
    (folder,) = (tmp_path / "cache" / "mtprompt" / "dictionaries").iterdir()
    assert found["compiled"].endswith(f" MB in {folder}")


def test_info_counts_weights_and_parts_of_speech(run: Any, tmp_path: Path) -> None:
    rows = "term\ttranslation\tweight\tpos\na\tb\t0.5\tn\nc\td\t\tn\ne\tf\t1\tv\n"
    (tmp_path / "w.tsv").write_text(rows)
    found = cells(run("dictionary", "info", "w.tsv", *DE_EN).stdout)
    assert (found["with a weight"], found["parts of speech"]) == ("2", "n: 2; v: 1")


def test_info_names_the_lines_it_cannot_use(run: Any, tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("Haus\thouse\n" + "broken\n" * 7)
    output = run("dictionary", "info", "d.tsv", *DE_EN).stdout
    assert cells(output)["unusable lines"] == "7"
    assert [line for line in output.splitlines() if line.startswith("  d.tsv:")] == [
        f"  d.tsv:{number}: expected term, tab, translation" for number in range(2, 7)
    ]


def test_info_of_several_files_is_of_all_together(run: Any, terms: Path, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("Haus,home\n")
    found = json.loads(run("dictionary", "info", "more.csv", "terms.tsv", *DE_EN, "--json").stdout)
    assert found["files"] == {"more.csv": "csv", "terms.tsv": "tsv"}
    assert (found["terms"], found["translations"]) == (4, 6)
    assert found["samples"][0] == ["Haus", ["home", "house"]]
    assert found["languages"] == ["de", "en"]
    assert Path(found["compiled"]).is_dir()


def test_info_of_a_pipe_reads_it_once(root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, root / "cli.py", "dictionary", "info", "/dev/stdin", *DE_EN],
        input=TERMS,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    found = cells(done.stdout)
    assert (found["terms"], found["compiled"]) == ("4", "no")


# coverage


def test_coverage_reports_shares_and_what_is_missing(run: Any, terms: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Das Haus der Katzen\nDas Rote Kreuz\n\n")
    output = run("dictionary", "coverage", "terms.tsv", "text.txt", *DE_EN).stdout
    assert output.startswith("3 segments, 7 words, 6 different ones\n")
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert "1–500 1 0.0 % 2 0.0 %" in lines
    assert "seen once 5 80.0 % 5 80.0 %" in lines
    assert "all 6 66.7 % 7 57.1 %" in lines
    assert "lemma 3 42.9 %" in lines
    assert "missing 3 42.9 %" in lines
    assert "in a term of several words 2 28.6 %" in lines
    assert lines[-1] == "Most frequent without an entry: Das 2, der 1"


def test_coverage_shows_as_many_missing_words_as_asked_for(run: Any, terms: Path, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"source": "b a b Haus"}\n')
    found = json.loads(
        run("dictionary", "coverage", "terms.tsv", "t.jsonl", *DE_EN, "--missing", "1", "--json").stdout
    )
    assert found["missing"] == [["b", 2]]
    assert found["total"] == {"name": "all", "types": 3, "types_found": 1, "tokens": 4, "tokens_found": 1}
    output = run("dictionary", "coverage", "terms.tsv", "t.jsonl", *DE_EN, "--missing", "0").stdout
    assert "without an entry" not in output


def test_coverage_leaves_frequent_words_out(run: Any, terms: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Das Haus ist das Haus\n")
    (tmp_path / "frequent.txt").write_text("das 100\nist 50\n")
    options = ("--frequent-words", "frequent.txt", "--json")
    found = json.loads(run("dictionary", "coverage", "terms.tsv", "text.txt", *DE_EN, *options).stdout)
    assert (found["total"]["tokens"], found["total"]["tokens_found"]) == (2, 2)


def test_coverage_of_a_dictionary_the_wrong_way_round_tells_how_to_turn_it(
    run: Any, terms: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.txt").write_text("The red cat sits on a bench\nof the bank, not in the house\n")
    wrong = run("dictionary", "coverage", "terms.tsv", "text.txt", "--from", "en", "--to", "de")
    assert "Warning: terms.tsv: few of these words are its terms, but more are translations" in wrong.stderr
    command = wrong.stderr.strip().partition("Turn it with: mtprompt ")[2]
    run(*shlex.split(command))
    right = run("dictionary", "coverage", "terms.inverted.tsv", "text.txt", "--from", "en", "--to", "de")
    assert "Warning" not in right.stderr
    assert "exact" in right.stdout


@pytest.mark.filterwarnings("ignore:without word boundaries")
def test_coverage_says_where_characters_are_the_words(run: Any, tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("电脑\tcomputer\n")
    (tmp_path / "text.txt").write_text("这是电脑。\n")
    output = run("dictionary", "coverage", "d.tsv", "text.txt", "--from", "zh", "--to", "en").stdout
    assert output.startswith("1 segments, 4 words (each character is one), 4 different ones\n")


def test_coverage_of_a_text_without_words_is_one_error(run: Any, terms: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("12 %\n\n")
    with pytest.raises(DataError, match=r"^text\.txt: no words in it to look up$"):
        run("dictionary", "coverage", "terms.tsv", "text.txt", *DE_EN)


# merge and invert


def test_merge_writes_one_dictionary_and_says_what_each_gave(run: Any, terms: Path, tmp_path: Path) -> None:
    (tmp_path / "own.tsv").write_text("Bank\tbank\nTür\tdoor\nTür\tdoor\n")
    result = run("dictionary", "merge", "own.tsv", "terms.tsv", "-o", "all.tsv", *DE_EN)
    assert pairs(tmp_path / "all.tsv")[:3] == [("Bank", "bank"), ("Bank", "bench"), ("Tür", "door")]
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "own.tsv: 2 entries, 2 of them new",
        "terms.tsv: 5 entries, 4 of them new",
        "5 terms, 6 translations",
    ]


def test_merge_cleans_a_list_with_marks_if_asked(run: Any, tmp_path: Path) -> None:
    (tmp_path / "own.tsv").write_text(
        "Haus {n}\thouse [arch.]; building\nöffnen {vt}\tto open (sth.)\nBank\tbank\n[Rest]\t{pl}\n"
    )
    told = run("dictionary", "info", "own.tsv", *DE_EN).stdout.splitlines()[-1]
    assert told.startswith("3 translations have grammar marks such as {f}")
    assert told.endswith(": mtprompt dictionary merge --clean own.tsv --from de --to en -o clean.tsv")
    result = run("dictionary", "merge", "--clean", "own.tsv", "-o", "clean.tsv", *DE_EN)
    assert pairs(tmp_path / "clean.tsv")[-4:] == [
        ("Haus", "house"), ("Haus", "building"), ("öffnen", "open"), ("Bank", "bank"),
    ]  # fmt: skip
    assert result.stderr.splitlines()[0] == "own.tsv: 3 of 4 entries changed, 1 left out"
    plain = run("dictionary", "info", "clean.tsv", *DE_EN).stdout
    assert "grammar marks" not in plain


def test_merge_keeps_weights(run: Any, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("term\ttranslation\tweight\nx\ty\t0.5\n")
    (tmp_path / "b.tsv").write_text("term\ttranslation\tweight\nx\tz\t0.25\n")
    run("dictionary", "merge", "a.tsv", "b.tsv", "-o", "c.tsv", *DE_EN)
    assert (tmp_path / "c.tsv").read_text() == "term\ttranslation\tweight\nx\ty\t0.5\nx\tz\t0.25\n"


def test_invert_turns_a_dictionary_round(run: Any, terms: Path, tmp_path: Path) -> None:
    result = run("dictionary", "invert", "terms.tsv", "-o", "en-de.tsv", *DE_EN)
    assert pairs(tmp_path / "en-de.tsv") == [(b, a) for a, b in pairs(terms)]
    assert result.stderr == "5 terms, 5 translations\n"


def test_the_results_go_to_standard_output_too(run: Any, terms: Path) -> None:
    assert run("dictionary", "merge", "terms.tsv", *DE_EN).stdout == TERMS
    assert run("dictionary", "invert", "terms.tsv", *DE_EN).stdout.startswith("house\tHaus\n")


def test_lines_that_are_left_out_are_said(run: Any, tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("Haus\thouse\n" + "broken\n" * 7)
    for command in ("merge", "invert"):
        lines = run("dictionary", command, "d.tsv", "-o", "out.tsv", *DE_EN).stderr.splitlines()
        assert lines[0] == "Warning: d.tsv:2: expected term, tab, translation"
        assert lines[5] == "Warning: and 2 more such lines"


@pytest.mark.parametrize("command", ["merge", "invert"])
def test_an_impossible_output_is_one_error(run: Any, terms: Path, command: str) -> None:
    with pytest.raises(ConfigError, match=r"^terms\.tsv is read by this run; name another output$"):
        run("dictionary", command, "terms.tsv", "-o", "terms.tsv", *DE_EN)
    with pytest.raises(ConfigError, match=r"^out\.csv: TSV is written; name it out\.tsv$"):
        run("dictionary", command, "terms.tsv", "-o", "out.csv", *DE_EN)


@pytest.mark.parametrize("command", ["info", "merge", "invert"])
def test_a_missing_dictionary_is_one_error(run: Any, command: str) -> None:
    with pytest.raises(DataError, match=r"^none\.tsv: no such file$"):
        run("dictionary", command, "none.tsv", *DE_EN)


def test_a_file_without_entries_is_one_error(run: Any, tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("# nothing\n")
    for command in ("info", "merge", "invert"):
        with pytest.raises(DataError, match=r"^d\.tsv: no usable line") as caught:
            run("dictionary", command, "d.tsv", *DE_EN)
        assert "\n" not in str(caught.value)


# install


def test_install_without_a_name_lists_what_there_is(run: Any, tmp_path: Path) -> None:
    (tmp_path / "d" / "eng-swh").mkdir(parents=True)
    lines = [" ".join(line.split()) for line in run("dictionary", "install", "-o", "d").stdout.splitlines()]
    assert "eng-swh en-sw English → Swahili 49 kB GPL-2+ installed" in lines
    assert "ding de-en German ↔ English 6,277 kB GPL-2+" in lines
    assert lines[-1] == "200 dictionaries; those that are installed are in d"


def test_install_says_where_it_is_its_licence_and_how_to_use_it(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "my d" / "ding"
    folder.mkdir(parents=True)
    for name in ("de-en.tsv", "en-de.tsv"):
        (folder / name).write_text("x\ty\n")
    (folder / "copyright").write_text("Files: *\nLicense: GPL-2+\n")
    assert run("dictionary", "install", "trans-de-en", "-o", "my d").stdout.splitlines() == [
        "ding is there already; to fetch it anew, remove my d/ding",
        "my d/ding/de-en.tsv",
        "my d/ding/en-de.tsv",
        "licence: GPL-2+ (my d/ding/copyright)",
        "use it with: mtprompt translate … --from de --to en --dictionary 'my d/ding/de-en.tsv'",
        "use it with: mtprompt translate … --from en --to de --dictionary 'my d/ding/en-de.tsv'",
    ]


def test_install_says_so_where_a_package_is_hardly_understood(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Installed((tmp_path / "ar-en.tsv",), "CC", tmp_path / "copyright", (5,), (), 1000)
    monkeypatch.setattr("mtprompt.dictionary.install.install", lambda *_: made)
    result = run("dictionary", "install", "ara-eng")
    assert "ar-en.tsv (5 entries)" in result.stdout
    assert result.stderr.startswith("Warning: that is little for 1,000 headwords in dict-freedict-ara-eng;")
    monkeypatch.setattr("mtprompt.dictionary.install.install", lambda *_: made._replace(entries=(500,)))
    assert run("dictionary", "install", "ara-eng").stderr == ""


# the group


def test_the_help_of_the_group_lists_every_command(run: Any) -> None:
    output = run("dictionary", "--help").stdout
    for command in ("info", "coverage", "merge", "invert", "install", "induce"):
        assert f"\n  {command} " in output
