"""``mtprompt translate`` with a scripted model that repeats the source."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import ConfigError, DataError
from mtprompt.generation.scripted import ScriptedBackend

BASE = ("--from", "de", "--to", "en", "--model", "scripted")


def test_lines_come_out_in_order_with_their_own_line_endings(run: Any, backend: Any, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes("\ufeffeins\r\n\nzwei\u2028drei\n  \nvier".encode())
    run("translate", "in.txt", "-o", "out.txt", *BASE)
    assert (tmp_path / "out.txt").read_bytes() == b"eins\r\n\nzwei drei\n  \nvier"


def test_standard_input_goes_to_standard_output_and_messages_to_stderr(run: Any, backend: Any) -> None:
    result = run("translate", "-", *BASE, stdin="Guten Tag\nJa\n")
    assert result.stdout == "Guten Tag\nJa\n"
    assert "2 segments: 2 generated, 0 from the store" in result.stderr
    assert "signature: select:zero" in result.stderr


def test_a_second_run_takes_all_from_the_store_beside_the_output(
    run: Any, backend: ScriptedBackend, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("Ja\nNein\n")
    run("translate", "in.txt", "-o", "out.txt", *BASE)
    asked = len(backend.asked)
    result = run("translate", "in.txt", "-o", "again.txt", *BASE)
    assert len(backend.asked) == asked == 2
    assert "0 generated, 2 from the store" in result.stderr
    assert (tmp_path / ".mtprompt" / "generations.sqlite").is_file()


def test_no_store_leaves_none(run: Any, backend: Any, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Ja\n")
    run("translate", "in.txt", "-o", "out.txt", *BASE, "--no-store")
    assert not (tmp_path / ".mtprompt").exists()


def test_jsonl_rows_hold_examples_hints_and_cost(run: Any, backend: Any, pool: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "a7", "source": "Öffnen Sie das Haus."}\n', encoding="utf-8")
    (tmp_path / "d.tsv").write_text("Haus\thouse\n")
    run(
        *("translate", "in.jsonl", "-o", "out.jsonl", *BASE),
        *("--pool", "pool.jsonl", "--select", "rbm25@1", "--dictionary", "d.tsv"),
    )
    (row,) = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (row["id"], row["translation"], row["flags"]) == ("a7", "Öffnen Sie das Haus.", ["source_copied"])
    assert [e["target"] for e in row["examples"]] == ["Open the file."]
    assert row["hints"] == [
        {"term": "Haus", "translations": ["house"], "followed": False, "in_reference": None}
    ]
    assert row["usage"]["prompt_tokens"] > 0 and row["cached"] is False


def test_a_segment_over_the_budget_gives_an_empty_line_and_exit_code_3(
    run: Any, backend: Any, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("Ja\n" + "Wort " * 4000 + "\nNein\n")
    assert run("translate", "in.txt", "-o", "out.txt", *BASE).exit_code == 3
    assert (tmp_path / "out.txt").read_text() == "Ja\n\nNein\n"


def test_a_dry_run_prints_prompts_and_counts_and_asks_nothing(
    run: Any, backend: ScriptedBackend, pool: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("Öffnen Sie sie.\n\n", encoding="utf-8")
    result = run("translate", "in.txt", *BASE, "--pool", "pool.jsonl", "--select", "bm25@1", "--dry-run")
    assert "### 1: 14 prompt tokens, room for 38 more, 1 examples, 0 hints" in result.stdout
    assert "German: Öffnen Sie die Datei.\nEnglish: Open the file.\n\nGerman: Öffnen Sie sie.\nEnglish:" in (
        result.stdout
    )
    assert "### 2: nothing is sent" in result.stdout
    assert "scripted: 1 prompts to generate, 14 tokens in, about 2 out (38 at most); nothing" in result.stderr
    assert backend.asked == []


def test_limit_takes_the_first_segments(run: Any, backend: Any) -> None:
    assert run("translate", "-", *BASE, "--limit", "2", stdin="a\nb\nc\n").stdout == "a\nb\n"


def test_two_text_files_are_a_pool(run: Any, backend: ScriptedBackend, tmp_path: Path) -> None:
    (tmp_path / "p.de").write_text("Das Haus\n")
    (tmp_path / "p.en").write_text("The house\n")
    run(
        "translate",
        "-",
        *BASE,
        "--pool",
        "p.de",
        "--pool-target",
        "p.en",
        "--select",
        "bm25@1",
        stdin="Haus\n",
    )
    assert backend.asked == ["German: Das Haus\nEnglish: The house\n\nGerman: Haus\nEnglish:"]


def test_more_examples_than_the_pool_has_is_said(run: Any, backend: Any, pool: Path) -> None:
    result = run("translate", "-", *BASE, "--pool", "pool.jsonl", "--select", "random@9", stdin="Haus\n")
    assert "9 examples are asked for and the pool has 3" in result.stderr


def test_malformed_dictionary_lines_are_named_and_the_rest_is_used(
    run: Any, backend: ScriptedBackend, tmp_path: Path
) -> None:
    (tmp_path / "d.tsv").write_text("Haus\thouse\nkaputt\n\tleer\n")
    result = run("translate", "-", *BASE, "--dictionary", "d.tsv", stdin="Haus\n")
    assert "d.tsv:2: expected term, tab, translation" in result.stderr
    assert "d.tsv:3:" in result.stderr
    assert backend.asked == ["German: Haus\nEnglish: house\n\nGerman: Haus\nEnglish:"]


def test_a_hundred_per_cent_match_can_be_taken_over(run: Any, backend: ScriptedBackend, pool: Path) -> None:
    result = run(
        *("translate", "-", *BASE, "--pool", "pool.jsonl", "--exact-match", "copy"),
        stdin="das haus ist rot.\n",
    )
    assert result.stdout == "The house is red.\n"
    assert backend.asked == []


def test_flagged_segments_are_tried_once_more_on_request_and_both_are_counted(
    run: Any, backend: ScriptedBackend, pool: Path, tmp_path: Path
) -> None:
    # with all three examples it repeats the source, with fewer it translates
    backend._answer = lambda prompt: (
        " The door is red." if prompt.count("German: ") < 4 else " Die Tür ist rot."
    )
    (tmp_path / "in.txt").write_text("Die Tür ist rot.\n", encoding="utf-8")
    call = ["translate", "in.txt", "--from", "de", "--to", "en", "--model", "m", "--pool", pool]
    call += ["--select", "first@3"]
    once = run(*call)
    assert once.stdout == "Die Tür ist rot.\n"
    twice = run(*call, "--retry-flagged")
    assert twice.stdout == "The door is red.\n"
    assert "1 segments were tried a second time, 1 of them for the better" in twice.stderr


def test_options_come_from_a_file_and_the_command_line_wins(run: Any, backend: Any, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('from = "de"\nto = "fr"\nmodel = "scripted"\nmax-new-tokens = 7\n')
    result = run("translate", "-", "--config", "run.toml", "--to", "sw", "--dry-run", stdin="Haus\n")
    assert "Swahili:" in result.stdout and "room for 7 more" in result.stdout


def test_an_unknown_key_in_the_options_file_is_named(run: Any, backend: Any, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('modle = "de"\n')
    with pytest.raises(ConfigError, match=r"unknown option 'modle'\. Did you mean 'model'"):
        run("translate", "-", "--config", "run.toml", *BASE)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("missing.txt",), DataError, "missing.txt: no such file"),
        (("in.txt", "-o", "in.txt"), ConfigError, "is read by this run"),
        (("in.txt", "-o", "no/where.txt"), ConfigError, "no such folder"),
        (("in.txt", "-o", "."), ConfigError, "is a folder"),
        (("in.txt", "--pool", "pool.jsonl", "--select", "rbm52@4"), ConfigError, "Did you mean 'rbm25'"),
        (("in.txt", "--select", "rbm25@4"), ConfigError, "needs a pool"),
        (("in.txt", "--from", "gre"), ConfigError, "unknown language code 'gre'"),
        (("in.txt", "--pool", "missing.jsonl"), DataError, "missing.jsonl: no such file"),
        (("in.txt", "--hints", "inlin"), ConfigError, "Did you mean 'inline'"),
        (("in.txt", "--hints", "inline"), ConfigError, "needs a dictionary"),
        (("in.txt", "--store", "s", "--no-store"), ConfigError, "exclude each other"),
        (("in.txt", "--pool-target", "x"), ConfigError, "--pool-target needs --pool"),
    ],
)
def test_a_wrong_call_is_one_clear_error(
    run: Any, backend: Any, pool: Path, tmp_path: Path, arguments: Any, error: Any, message: str
) -> None:
    (tmp_path / "in.txt").write_text("Ja\n")
    with pytest.raises(error, match=message.replace("'", ".")):
        run("translate", *BASE, *arguments)


def test_a_failed_run_leaves_no_half_written_output(run: Any, backend: Any, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"Ja\n\xff\n")
    (tmp_path / "out.txt").write_text("from before")
    with pytest.raises(DataError, match=r"in\.txt:2: not UTF-8"):
        run("translate", "in.txt", "-o", "out.txt", *BASE)
    assert (tmp_path / "out.txt").read_text() == "from before"
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


@pytest.mark.parametrize("reads", ["pool", "dictionary"])
def test_a_file_that_the_run_reads_is_never_overwritten(
    run: Any, backend: Any, pool: Path, tmp_path: Path, reads: str
) -> None:
    other = tmp_path / "d.tsv"
    other.write_text("Haus\thouse\n")
    victim = pool if reads == "pool" else other
    before = victim.read_bytes()
    with pytest.raises(ConfigError, match="is read by this run"):
        run("translate", "-", *BASE, f"--{reads}", str(victim), "-o", str(victim), stdin="Haus\n")
    assert victim.read_bytes() == before


def test_an_output_keeps_its_mode_and_a_link_its_place(run: Any, backend: Any, tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    real.write_text("old")
    real.chmod(0o600)
    (tmp_path / "link.txt").symlink_to(real)
    run("translate", "-", *BASE, "-o", "link.txt", stdin="Ja\n")
    assert (tmp_path / "link.txt").is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("Ja\n", 0o600)


def test_a_pipe_as_output_is_written_and_stays_a_pipe(run: Any, backend: Any, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    run("translate", "-", *BASE, "-o", "pipe", "--no-store", stdin="Ja\n")
    reader.join(timeout=30)
    assert got == [b"Ja\n"] and fifo.is_fifo()


def test_a_pipe_as_input_is_read_once_and_whole(run: Any, backend: Any, tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    lines = "".join(f"Zeile {n}\n" for n in range(3000))
    writer = threading.Thread(target=lambda: fifo.write_text(lines))
    writer.start()
    result = run("translate", "pipe", *BASE, "--no-store")
    writer.join(timeout=30)
    assert result.stdout == lines


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("limit = 2.7", "limit: expected a whole number, got 2.7"),
        ("limit = true", "limit: expected a whole number, got True"),
        ('to = ["en", "fr"]', "to: expected a string"),
        ("jsonl = 1", "jsonl: expected true or false, got 1"),
        ("dictionary = 7", "dictionary: expected a string or a list of strings, got 7"),
        ("to = ", "not valid TOML"),
    ],
)
def test_a_wrong_value_in_the_options_file_names_file_and_key(
    run: Any, backend: Any, tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "run.toml").write_text(line + "\n")
    with pytest.raises(ConfigError, match=f"run.toml: {message}"):
        run("translate", "-", "--config", "run.toml", "--from", "de", "--model", "m", stdin="Ja\n")


def test_one_dictionary_in_the_options_file_may_stand_alone(
    run: Any, backend: ScriptedBackend, tmp_path: Path
) -> None:
    (tmp_path / "d.tsv").write_text("Haus\thouse\n")
    (tmp_path / "run.toml").write_text('dictionary = "d.tsv"\n')
    run("translate", "-", "--config", "run.toml", *BASE, stdin="Haus\n")
    assert backend.asked == ["German: Haus\nEnglish: house\n\nGerman: Haus\nEnglish:"]


@pytest.mark.parametrize("option", ["--pool", "--dictionary"])
def test_an_empty_file_name_is_refused(run: Any, backend: Any, option: str) -> None:
    with pytest.raises(ConfigError, match=f"{option} names no file"):
        run("translate", "-", *BASE, option, "", stdin="Ja\n")


def test_an_output_does_not_replace_the_file_that_a_strategy_reads(
    run: Any, backend: Any, pool: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("Ja\n")
    examples = pool.rename(tmp_path / "examples.jsonl")
    before = examples.read_bytes()
    for command in (("translate", "--model", "scripted"), ("select",)):
        with pytest.raises(ConfigError, match="is read by this run"):
            run(*command, "in.txt", "-o", "examples.jsonl", "--from", "de", "--to", "en",
                "--select", "fixed(file=examples.jsonl)")  # fmt: skip
    assert examples.read_bytes() == before


def test_segments_whose_pairs_are_kept_out_are_counted(
    run: Any, backend: Any, pool: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("Das Haus ist rot.\nJa\n")
    options = ("in.txt", "-o", "out.jsonl", "--from", "de", "--to", "en", "--pool", str(pool))
    shown = run("select", *options).stderr
    assert "1 segments have a 100 % match in the pool (--exact-match exclude keeps them out)" in shown
    shown = run("select", *options, "--exact-match", "exclude").stderr
    assert "1 segments have equal or near pairs in the pool, which were kept out" in shown


def test_an_output_does_not_replace_the_configuration(run: Any, backend: Any, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Ja\n")
    (tmp_path / "run.toml").write_text('from = "de"\nto = "en"\n')
    for command in (("translate", "--model", "scripted"), ("select",)):
        with pytest.raises(ConfigError, match=r"run\.toml is read by this run"):
            run(*command, "in.txt", "-o", "run.toml", "--config", "run.toml")


def test_the_order_of_plain_parts_is_not_checked_which_is_said(
    run: Any, backend: Any, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("a\nb\n")
    for part in ("1", "2"):
        run("translate", "in.txt", "-o", f"{part}.txt", *BASE, "--shard", f"{part}/2")
    done = run("merge", "in.txt", "1.txt", "2.txt")
    assert done.stdout == "a\nb\n"
    assert "whether the parts stand in their order was not checked" in done.stderr
