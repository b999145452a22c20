"""The format of a file found by its name or its content; and TSV written so that it reads back."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.formats.tsv import read as read_tsv
from mtprompt.dictionary.read import files_of, read_entries
from mtprompt.dictionary.write import write_tsv
from mtprompt.errors import ConfigError, DataError
from mtprompt.text.seen import seen

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "dictionaries"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.tsv", "Rad\twheel\n"),
        ("d.TSV", "Rad\twheel\n"),
        ("d.tab", "Rad\twheel\n"),
        ("d", "Rad\twheel\n"),
        ("d.csv", "Rad,wheel\n"),
        ("d.txt", "Rad wheel\n"),
        ("d.txt", "# made up\nde\ten\nRad\twheel\n"),
        ("d.txt", "# made up\nRad {n} :: wheel\n"),
        ("d", "Rad :: wheel\n"),
        ("d.dict", "Rad :: wheel\n"),
    ],
)
def test_the_format_is_found_by_the_ending_or_the_first_lines(
    tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert [entry[:2] for entry in read_entries(path, ("de", "en"), [])] == [("Rad", "wheel")]
    assert files_of(path) == [path]


def test_an_ending_that_is_not_known_is_an_error_that_names_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "d.xlsx"
    path.write_text("Rad\twheel\n")
    for use in (lambda: read_entries(path, ("de", "en"), []), lambda: files_of(path)):
        with pytest.raises(ConfigError) as caught:
            use()
        assert str(caught.value) == (
            f"{path}: unknown kind of dictionary; a dictionary's ending is one of "
            ".tsv, .tab, .csv, .index, .dz, .ifo, .idx, .tbx, .txt, .dict"
        )


def test_a_missing_file_and_a_folder_are_errors_whatever_their_ending(tmp_path: Path) -> None:
    for name in ("none.tsv", "none.index", "none.xlsx"):
        with pytest.raises(DataError, match="no such file"):
            read_entries(tmp_path / name, ("de", "en"), [])
        assert files_of(tmp_path / name) == [tmp_path / name]
    with pytest.raises(DataError, match="is a folder, not a file"):
        read_entries(tmp_path, ("de", "en"), [])


def test_a_pipe_is_read_once_as_tsv(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("Rad\twheel\n",))
    writer.start()
    assert list(read_entries(pipe, ("de", "en"), [])) == [Entry("Rad", "wheel")]
    writer.join()


@pytest.mark.parametrize("name", ["de-en.tsv", "en-sw.tsv", "de-en.libreoffice_ui.tsv"])
def test_real_lists_come_through_line_by_line(name: str) -> None:
    path = SHARED / name
    if not path.exists():
        pytest.skip("the shared data is not here")
    problems: list[str] = []
    entries = list(read_entries(path, ("xx", "yy"), problems))
    lines = [line.split("\t")[:2] for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    assert [list(entry[:2]) for entry in entries] == [[cell.strip() for cell in line] for line in lines]
    assert problems == []


@settings(max_examples=25)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_is_in_the_files_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, other: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for ending in (".tsv", ".csv", ".txt", ".tbx", ".ifo", ".idx", ".index"):
        (folder / f"any{ending}").write_bytes(content)
        (folder / "any.dict").write_bytes(other)
        (folder / "any.dict.dz").write_bytes(other)
        for name in (f"any{ending}", "any.dict", "any.dict.dz"):
            try:
                assert all(entry.term for entry in read_entries(folder / name, ("de", "en"), []))
            except DataError as error:
                assert "\n" not in str(error)


def written(*entries: Entry) -> str:
    stream = io.BytesIO()
    write_tsv(entries, stream)
    return stream.getvalue().decode()


def test_only_the_columns_that_are_needed_are_written() -> None:
    assert written(Entry("Rad", "wheel")) == "Rad\twheel\n"
    assert written(Entry("Rad", "wheel"), Entry("Ross", "horse", 0.25, note="old")) == (
        "term\ttranslation\tweight\tnote\nRad\twheel\t\t\nRoss\thorse\t0.25\told\n"
    )
    assert written() == ""


@pytest.mark.parametrize("first", [("Source", "target"), ("de", "en"), ("\ufeffRad", "wheel")])
def test_a_header_is_written_above_a_first_entry_that_would_be_misread(first: tuple[str, str]) -> None:
    assert written(Entry(*first)) == f"term\ttranslation\n{first[0]}\t{first[1]}\n"


def test_what_would_break_a_line_becomes_a_space_and_an_empty_entry_is_left_out() -> None:
    assert written(Entry(" a\tb", "c\r\nd\n"), Entry("\t", "x"), Entry("x", "")) == "a b\tc d\n"


texts = st.text(min_size=1).filter(lambda text: text.strip() == text and not set("\t\r\n") & set(text))
special = st.sampled_from(
    ["#", "# a", "term", "de", "\ufeff", "a\u2028b", '"', "0.5", "::", "(x)", "a;b", "e\u0301"]
)
fields = special | texts
weights = st.none() | st.floats(allow_nan=False, allow_infinity=False)
terms = fields.filter(lambda term: seen(term).strip() != "")  # others are reported
rows = st.builds(Entry, terms, fields, weights, st.none() | fields, st.none() | fields)


@given(st.lists(rows, min_size=1, max_size=5))
def test_what_is_written_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.tsv"
    with path.open("wb") as stream:
        write_tsv(entries, stream)
    problems: list[str] = []
    assert list(read_tsv(path, ("de", "en"), problems)) == entries
    assert problems == []
