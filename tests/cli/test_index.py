"""``mtprompt index``: what it says of indexes that are there, are not, are damaged or cannot be kept."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import ConfigError, DataError

DE_EN = ("--from", "de", "--to", "en")


@pytest.fixture
def indexes(tmp_path: Path) -> Path:
    """Where `run` lets indexes be kept."""
    return tmp_path / "cache" / "mtprompt" / "indexes"


def only(indexes: Path) -> Path:
    (folder,) = indexes.iterdir()
    return folder


def rows(output: str) -> dict[str, str]:
    """The table of `index info`."""
    return dict(line.split("  ", 1) for line in output.splitlines() if "  " in line)


def info(run: Any, *arguments: str) -> dict[str, str]:
    return {key: value.strip() for key, value in rows(run("index", "info", *arguments).stdout).items()}


# build


def test_build_says_how_many_pairs_and_where_they_are_kept(run: Any, pool: Path, indexes: Path) -> None:
    result = run("index", "build", "pool.jsonl", *DE_EN)
    first, second = result.stdout.splitlines()
    assert first.startswith("3 pairs, ready after ")
    assert second == f"kept in {only(indexes)}"
    assert result.exit_code == 0


def test_build_does_nothing_where_the_index_is_there(run: Any, pool: Path, indexes: Path) -> None:
    run("index", "build", "pool.jsonl", *DE_EN)
    before = {path: path.stat().st_mtime_ns for path in only(indexes).iterdir()}
    result = run("index", "build", "pool.jsonl", *DE_EN)
    assert result.stdout.startswith("3 pairs, ready after ")
    assert {path: path.stat().st_mtime_ns for path in only(indexes).iterdir()} == before


def test_build_takes_two_text_files(run: Any, tmp_path: Path) -> None:
    (tmp_path / "a.de").write_text("Haus\nTür\n")
    (tmp_path / "a.en").write_text("house\ndoor\n")
    result = run("index", "build", "a.de", "--pool-target", "a.en", *DE_EN)
    assert result.stdout.startswith("2 pairs, ready after ")


def test_build_that_cannot_keep_its_index_says_so_and_fails(run: Any, pool: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with (
        pytest.warns(UserWarning, match="the index of pool.jsonl is not kept for the next run"),
        pytest.raises(ConfigError, match=r"indexes/\w+: the index could not be kept there$") as caught,
    ):
        run("index", "build", "pool.jsonl", *DE_EN)
    assert "\n" not in str(caught.value)


def test_a_pipe_has_no_index_to_keep(run: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pool.tsv")
    for command in ("build", "info"):
        with pytest.raises(DataError, match=r"^pool\.tsv: no index is kept of a pipe") as caught:
            run("index", command, "pool.tsv", *DE_EN)
        assert "\n" not in str(caught.value)


# info


def test_info_describes_the_index(run: Any, tmp_path: Path, indexes: Path) -> None:
    pairs = [("Das Haus.", "x"), ("das Haus", "y"), ("Das Haus.", "z")]
    lines = (json.dumps({"source": source, "target": target}) for source, target in pairs)
    (tmp_path / "p.jsonl").write_text("\n".join(lines))
    run("index", "build", "p.jsonl", *DE_EN)
    found = info(run, "p.jsonl", *DE_EN)
    assert found["index of"] == "p.jsonl"
    assert (found["pairs"], found["different sources"], found["languages"]) == ("3", "2", "de-en")
    # Das Haus . + das Haus + Das Haus .: 8 tokens; Das, das, Haus, haus, "." are 5 different ones
    assert found["source tokens"] == "8 (2.7 a pair)"
    assert found["different tokens"].startswith("5 ")
    assert len(found["fingerprint"]) == 16
    assert found["folder"] == str(only(indexes))


def test_info_of_a_pool_that_has_no_index_tells_how_to_make_it(run: Any, pool: Path) -> None:
    with pytest.raises(
        ConfigError,
        match=r"^pool\.jsonl has no index yet, or has changed since; make it with: "
        r"mtprompt index build pool\.jsonl --from de --to en$",
    ):
        run("index", "info", "pool.jsonl", *DE_EN)


def test_what_info_tells_to_run_works_for_two_files_and_odd_names(run: Any, tmp_path: Path) -> None:
    (tmp_path / "my pool.de").write_text("Haus\n")
    (tmp_path / "it's.en").write_text("house\n")
    arguments = ("my pool.de", "--pool-target", "it's.en", *DE_EN)
    with pytest.raises(ConfigError) as caught:
        run("index", "info", *arguments)
    run(*shlex.split(str(caught.value).partition("make it with: mtprompt ")[2]))
    assert info(run, *arguments)["pairs"] == "1"


def test_info_of_a_changed_pool_says_that_it_has_changed(run: Any, pool: Path) -> None:
    run("index", "build", "pool.jsonl", *DE_EN)
    assert info(run, "pool.jsonl", *DE_EN)["pairs"] == "3"
    with pool.open("a") as stream:
        stream.write('{"source": "neu", "target": "new"}\n')
    with pytest.raises(ConfigError, match="or has changed since"):
        run("index", "info", "pool.jsonl", *DE_EN)
    run("index", "build", "pool.jsonl", *DE_EN)
    assert info(run, "pool.jsonl", *DE_EN)["pairs"] == "4"


def test_info_looks_for_the_index_of_these_languages(run: Any, pool: Path) -> None:
    run("index", "build", "pool.jsonl", *DE_EN)
    with pytest.raises(ConfigError, match="has no index yet"):
        run("index", "info", "pool.jsonl", "--from", "en", "--to", "de")
    assert info(run, "pool.jsonl", "--from", "DE", "--to", "en")["languages"] == "de-en"


@pytest.mark.parametrize("name", ["tokens.npy", "seal.json", "source.txt"])
def test_info_of_a_damaged_index_is_one_error(run: Any, pool: Path, indexes: Path, name: str) -> None:
    run("index", "build", "pool.jsonl", *DE_EN)
    (only(indexes) / name).write_bytes(b"x")
    with pytest.raises(DataError, match="this index is damaged") as caught:
        run("index", "info", "pool.jsonl", *DE_EN)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_info_of_a_pool_without_tokens_divides_nothing_by_zero(run: Any, tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("<skipped>\tx\n")
    run("index", "build", "p.tsv", *DE_EN)
    assert info(run, "p.tsv", *DE_EN)["source tokens"] == "0 (0.0 a pair)"


# list


def test_list_names_every_index_and_says_that_they_can_be_deleted(
    run: Any, pool: Path, tmp_path: Path, indexes: Path
) -> None:
    (tmp_path / "a.de").write_text("Haus\n")
    (tmp_path / "a.en").write_text("house\n")
    run("index", "build", "pool.jsonl", *DE_EN)
    run("index", "build", "a.de", "--pool-target", "a.en", *DE_EN)
    lines = run("index", "list").stdout.splitlines()
    assert lines[0].split() == ["pool", "languages", "pairs", "MB"]
    assert sorted(line.split()[:-1] for line in lines[1:3]) == sorted(
        [[str(pool), "de-en", "3"], [str(tmp_path / "a.de"), str(tmp_path / "a.en"), "de-en", "1"]]
    )
    assert lines[3] == f"kept in {indexes}; what is deleted there is made again when it is needed"
    shutil.rmtree(indexes)
    assert run("index", "list").stdout == f"no index is kept in {indexes}\n"


@pytest.mark.parametrize("content", ["5", "{}", '{"pool": 1}', "", "[" * 100_000])
def test_list_passes_over_what_is_damaged(run: Any, pool: Path, indexes: Path, content: str) -> None:
    run("index", "build", "pool.jsonl", *DE_EN)
    (only(indexes) / "seal.json").write_text(content)
    assert run("index", "list").stdout == f"no index is kept in {indexes}\n"


def test_list_passes_over_what_is_being_built(run: Any, pool: Path, indexes: Path) -> None:
    run("index", "build", "pool.jsonl", *DE_EN)
    only(indexes).rename(indexes / ".0123456789abcdef.building-1-2")
    assert run("index", "list").stdout == f"no index is kept in {indexes}\n"


# other commands


def test_other_commands_use_the_index_and_mend_a_damaged_one(run: Any, pool: Path, indexes: Path) -> None:
    (pool.parent / "in.txt").write_text("Öffnen Sie sie.\n", encoding="utf-8")
    select = ("select", "in.txt", "-o", "-", *DE_EN, "--pool", "pool.jsonl", "--select", "rbm25@1")
    first = run(*select).stdout
    assert json.loads(first)["examples"][0]["source"] == "Öffnen Sie die Datei."
    assert run(*select).stdout == first
    (only(indexes) / "tokens.npy").unlink()
    with pytest.warns(UserWarning, match="this index is damaged .*; it is built anew"):
        assert run(*select).stdout == first
    assert run(*select).stdout == first


# mistakes


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("build", "no.jsonl", *DE_EN), DataError, "no.jsonl: no such file"),
        (("info", "no.jsonl", *DE_EN), DataError, "no.jsonl: no such file"),
        (("build", "pool.jsonl", "--from", "de", "--to", "xx"), ConfigError, "unknown language code 'xx'"),
        (("info", "pool.jsonl", "--from", "de", "--to", "xx"), ConfigError, "unknown language code 'xx'"),
        (("build", "pool.txt", *DE_EN), ConfigError, "pool.txt: a pool is .jsonl, .tsv or .tmx"),
        (("build", "bad.tsv", *DE_EN), DataError, "bad.tsv:2: expected source, tab, target, each with text"),
        (("build", "empty.tsv", *DE_EN), DataError, "empty.tsv: no sentence pairs in it"),
        (("build", ".", *DE_EN), DataError, "is a folder, not a file"),
        (("info", ".", *DE_EN), DataError, "is a folder, not a file"),
        (("build", "", *DE_EN), (ConfigError, DataError), ""),
        (("build", "pool.txt", "--pool-target", "no.txt", *DE_EN), DataError, "no.txt: no such file"),
        (("build", "pool.txt", "--pool-target", "empty.tsv", *DE_EN), DataError, "differ in their number of"),
    ],
)
def test_a_wrong_call_is_one_clear_error_and_leaves_no_index(
    run: Any, pool: Path, tmp_path: Path, indexes: Path, arguments: Any, error: Any, message: str
) -> None:
    (tmp_path / "pool.txt").write_text("a\tb\n")
    (tmp_path / "bad.tsv").write_text("a\tb\nc\n")
    (tmp_path / "empty.tsv").write_text("")
    with pytest.raises(error) as caught:
        run("index", *arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not indexes.exists() or list(indexes.iterdir()) == []


# the command line itself, in a process


def mtprompt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from mtprompt.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"XDG_CACHE_HOME": str(folder / "cache")},
    )


@pytest.mark.parametrize(
    ("group", "listed"),
    [((), "translate"), (("index",), "build"), (("corpus",), "overlap"), (("comet",), "install")],
)
def test_a_group_without_a_command_shows_its_help_and_no_error(
    tmp_path: Path, group: tuple[str, ...], listed: str
) -> None:
    bare = mtprompt(tmp_path, *group)
    asked = mtprompt(tmp_path, *group, "--help")
    assert asked.returncode == 0
    assert f"\n  {listed} " in asked.stdout
    assert (bare.returncode, bare.stdout + bare.stderr) == (2, asked.stdout)
    assert "Error" not in bare.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("index", "build"), "Error: Missing argument 'POOL'. See: mtprompt index build --help\n"),
        (("index", "qqq"), "Error: No such command 'qqq'. See: mtprompt index --help\n"),
        (("index", "build", "no.tsv", *DE_EN), "Error: no.tsv: no such file\n"),
        (("index", "--bad"), "Error: No such option '--bad'. See: mtprompt index --help\n"),
    ],
)
def test_other_mistakes_are_one_line_still(tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    done = mtprompt(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_an_index_that_cannot_be_kept_is_a_warning_of_one_line(pool: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    (tmp_path / "in.txt").write_text("Öffnen Sie sie.\n", encoding="utf-8")
    done = mtprompt(
        tmp_path, "select", "in.txt", "-o", "-", *DE_EN, "--pool", "pool.jsonl", "--select", "rbm25@1"
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["examples"][0]["source"] == "Öffnen Sie die Datei."
    warnings = [line for line in done.stderr.splitlines() if line.startswith("Warning:")]
    assert len(warnings) == 1
    assert warnings[0].startswith("Warning: the index of pool.jsonl is not kept for the next run (")
