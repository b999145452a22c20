"""What is built once: whole or not at all, whatever dies on the way."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mtprompt.cache import built_beside, cache_dir
from mtprompt.errors import BackendError, MissingDependency
from mtprompt.generation import convert
from mtprompt.generation.embedded import Embedded, ensure_converted

posix = pytest.mark.skipif(os.name == "nt", reason="uses signals or a shell script")

BUILD_AND_HANG = """
import sys, time
from pathlib import Path
from mtprompt.cache import built_beside
with built_beside(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("half")
    print("ready", flush=True)
    time.sleep(600)
"""


def hanging_build(target: Path) -> subprocess.Popen[str]:
    build = subprocess.Popen(
        [sys.executable, "-c", BUILD_AND_HANG, str(target)], stdout=subprocess.PIPE, text=True
    )
    assert build.stdout is not None and build.stdout.readline() == "ready\n"
    return build


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    process.communicate()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_cache_obeys_xdg_cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        assert cache_dir("models", "m") == tmp_path / "mtprompt" / "models" / "m"
    assert not (tmp_path / "mtprompt").exists()  # not created


def test_what_was_built_stands_under_its_name_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "models" / "m"
    with built_beside(target) as folder:
        assert folder.parent == target.parent
        assert list(folder.iterdir()) == []
        (folder / "weights").write_text("w")
        assert not target.exists()
    assert (target / "weights").read_text() == "w"
    assert names(target.parent) == ["m"]


def test_others_may_read_what_was_built(tmp_path: Path) -> None:
    (tmp_path / "ordinary").mkdir()
    with built_beside(tmp_path / "m"):
        pass
    assert stat.S_IMODE((tmp_path / "m").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "ordinary").stat().st_mode
    )


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_inside_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), built_beside(tmp_path / "m") as folder:
        (folder / "half").write_text("half")
        raise error
    assert names(tmp_path) == []


@posix
def test_a_killed_build_leaves_nothing_under_the_name_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "m"
    kill(hanging_build(target))
    assert not target.exists()
    (left,) = names(tmp_path)
    assert left.startswith(".m.building-")
    with built_beside(target) as folder:
        assert names(tmp_path) == [folder.name] != [left]
        (folder / "weights").write_text("w")
    assert names(tmp_path) == ["m"]
    assert names(target) == ["weights"]


@posix
def test_a_build_that_is_still_running_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "m"
    running = hanging_build(target)
    try:
        (its,) = names(tmp_path)
        with built_beside(target):
            assert len(names(tmp_path)) == 2
        assert names(tmp_path) == [its, "m"]
        assert (tmp_path / its / "half").read_text() == "half"
    finally:
        kill(running)


def test_a_stale_folder_with_the_id_of_this_very_process_does_not_stop_a_build(tmp_path: Path) -> None:
    # in a container every process has the same few ids, so a killed one's id comes again
    (tmp_path / f".m.building-{os.getpid()}").mkdir()
    with built_beside(tmp_path / "m") as folder:
        (folder / "weights").write_text("w")
    assert names(tmp_path / "m") == ["weights"]


def test_the_leavings_of_another_target_are_removed_too_unless_they_are_still_built(tmp_path: Path) -> None:
    # a target that is named after its content may never be built again
    (tmp_path / ".other.building-999999999").mkdir()
    (tmp_path / f".another.building-{os.getpid()}-x").mkdir()
    with built_beside(tmp_path / "m"):
        pass
    assert names(tmp_path) == [f".another.building-{os.getpid()}-x", "m"]


def test_what_no_build_left_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / ".notes.building-two").mkdir()
    (tmp_path / f".model.building-{10**20}-0").mkdir()
    with built_beside(tmp_path / "model") as folder:
        (folder / "weights").touch()
    assert names(tmp_path) == [".notes.building-two", "model"]


def test_of_two_builds_at_once_the_first_to_finish_wins(tmp_path: Path) -> None:
    target = tmp_path / "m"
    with built_beside(target) as slow:
        (slow / "weights").write_text("slow")
        with built_beside(target) as fast:
            (fast / "weights").write_text("fast")
    assert (target / "weights").read_text() == "fast"
    assert names(tmp_path) == ["m"]


def test_a_target_that_is_a_file_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("mine")
    with pytest.raises(OSError), built_beside(tmp_path / "m"):
        pass
    assert (tmp_path / "m").read_text() == "mine"
    assert names(tmp_path) == ["m"]


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shell script that stands in for the Python of the conversion's process; to be filled."""
    script = tmp_path / "child.sh"
    monkeypatch.setattr(convert.sys, "executable", str(script))
    return script


def fill(script: Path, *lines: str) -> None:
    script.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    script.chmod(0o755)


@posix
def test_a_conversion_gets_its_job_its_input_and_its_output(child: Path, tmp_path: Path) -> None:
    fill(child, f'echo "$@" >> {tmp_path}/$3.seen')
    convert.run([("one", "in", tmp_path / "a"), ("two", Path("/x y"), tmp_path / "b")], pytest.fail)
    assert (tmp_path / "one.seen").read_text() == f"-m mtprompt.generation.convert one in {tmp_path / 'a'}\n"
    assert (
        tmp_path / "two.seen"
    ).read_text() == f"-m mtprompt.generation.convert two /x y {tmp_path / 'b'}\n"


@posix
def test_a_failed_conversion_gives_its_last_line_and_hides_its_chatter(
    child: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fill(child, "echo chatter", "echo 'ValueError: unsupported model' >&2", "exit 1")
    with pytest.raises(BackendError) as caught:
        convert.run([("ct2-int8", "in", tmp_path / "out")], pytest.fail)
    assert str(caught.value) == "converting (ct2-int8) failed: ValueError: unsupported model"
    assert capfd.readouterr() == ("", "")


@posix
def test_a_conversion_that_is_killed_in_silence_is_an_error_too(child: Path, tmp_path: Path) -> None:
    fill(child, "kill -9 $$")
    with pytest.raises(BackendError, match=r"converting \(j\) failed: no message"):
        convert.run([("j", "in", tmp_path / "out")], pytest.fail)


@posix
def test_a_long_conversion_shows_that_it_lives_and_dies_with_its_parent_s_interruption(
    child: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "_HEARTBEAT_SECONDS", 0.5)
    fill(child, f"echo $$ > {tmp_path}/pid", "exec sleep 600")
    seen: list[str] = []

    def interrupted(line: str) -> None:
        seen.append(line)
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        convert.run([("j", "in", tmp_path / "out")], interrupted)
    assert time.monotonic() - started < 60
    assert all(re.fullmatch(r"  still converting, \d+ s", line) for line in seen)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def embedded(package: str) -> Embedded:
    return Embedded(
        name="tiny",
        package=package,
        sha256="0" * 64,
        install="pip install tiny-gguf",
        licence="MIT",
        about="no model",
        probe=("a", (1,)),
    )


def test_an_embedded_model_whose_package_is_missing_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(MissingDependency) as caught:
        ensure_converted(embedded("mtprompt_no_such_package"), pytest.fail)
    assert str(caught.value) == (
        "The embedded model tiny needs mtprompt_no_such_package, which is not installed. "
        "Run: pip install tiny-gguf"
    )


def test_an_embedded_model_with_a_wrong_checksum_is_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("mtprompt.generation.embedded.need_packages", lambda *_: None)
    monkeypatch.setattr(
        "mtprompt.generation.embedded.cache_dir", lambda *parts: tmp_path.joinpath("c", *parts)
    )
    package = tmp_path / "mtprompt_test_gguf"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('must not be imported')")
    (package / "m.gguf").write_bytes(b"tampered")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BackendError, match="tiny: the file in mtprompt_test_gguf has a wrong checksum"):
        ensure_converted(embedded("mtprompt_test_gguf"), lambda _: None)
    assert names(tmp_path / "c" / "models" / "tiny") == []
