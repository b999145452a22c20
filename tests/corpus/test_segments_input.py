"""Inputs as segments: lines of text or JSON lines, from a file or standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mtprompt.corpus.segments import is_jsonl, read_segments
from mtprompt.errors import ConfigError, DataError
from mtprompt.segments import Segment


def read(path: Path, content: str | bytes, file_format: str = "auto") -> list[tuple[Segment, str]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return list(read_segments(str(path), file_format))


def texts(found: list[tuple[Segment, str]]) -> list[str]:
    return [segment.source for segment, _ in found]


# text


def test_each_line_of_a_text_is_a_segment_with_its_number_as_id(tmp_path: Path) -> None:
    assert read(tmp_path / "in.txt", "eins\n\n  zwei \n") == [
        (Segment("1", "eins"), "\n"),
        (Segment("2", ""), "\n"),
        (Segment("3", "  zwei "), "\n"),
    ]


def test_line_endings_are_handed_over_as_they_were(tmp_path: Path) -> None:
    found = read(tmp_path / "in.txt", "a\r\nb\nc")
    assert [(segment.source, ending) for segment, ending in found] == [("a", "\r\n"), ("b", "\n"), ("c", "")]


def test_exactly_one_carriage_return_belongs_to_the_line_ending(tmp_path: Path) -> None:
    found = read(tmp_path / "in.txt", "a\r\r\nb\rc\r")
    assert [(segment.source, ending) for segment, ending in found] == [("a\r", "\r\n"), ("b\rc\r", "")]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1e"])
def test_other_separators_stay_inside_a_segment(tmp_path: Path, separator: str) -> None:
    assert texts(read(tmp_path / "in.txt", f"a{separator}b\nc{separator}\n")) == [
        f"a{separator}b",
        f"c{separator}",
    ]


def test_a_byte_order_mark_is_dropped_at_the_start_only(tmp_path: Path) -> None:
    assert texts(read(tmp_path / "in.txt", "\ufeffa\n\ufeffb\n")) == ["a", "\ufeffb"]


def test_joined_texts_and_endings_give_the_file_again(tmp_path: Path) -> None:
    content = "a\r\n\n \u2028b\nc\r\r\n\td"
    found = read(tmp_path / "in.txt", content)
    assert "".join(segment.source + ending for segment, ending in found) == content
    assert len(found) == 5


def test_an_empty_file_has_no_segments(tmp_path: Path) -> None:
    assert read(tmp_path / "in.txt", "") == []
    assert read(tmp_path / "in.jsonl", "") == []


@pytest.mark.parametrize("name", ["in.txt", "in.de", "in", "in.json", "in.tsv"])
def test_a_file_with_any_other_ending_is_text(tmp_path: Path, name: str) -> None:
    assert texts(read(tmp_path / name, '{"source": "a"}\n')) == ['{"source": "a"}']


# JSON lines


def test_jsonl_rows_keep_all_that_is_known(tmp_path: Path) -> None:
    row = '{"id": "s1", "source": "Haus", "reference": "house", "domain": "home", "doc": "d1", "other": {}}\n'
    assert read(tmp_path / "in.jsonl", row) == [(Segment("s1", "Haus", "house", "home", "d1"), "\n")]


def test_jsonl_rows_without_an_id_get_their_line_number(tmp_path: Path) -> None:
    found = read(
        tmp_path / "in.jsonl", '{"source": "a"}\n\n{"source": "b", "id": ""}\n{"source": "c", "id": null}'
    )
    assert [segment.id for segment, _ in found] == ["1", "3", "4"]


def test_jsonl_numbers_as_ids_become_text(tmp_path: Path) -> None:
    found = read(tmp_path / "in.jsonl", '{"source": "a", "id": 0}\n{"source": "b", "id": 17, "doc": 3}')
    assert [(segment.id, segment.doc) for segment, _ in found] == [("0", None), ("17", "3")]


@pytest.mark.parametrize(
    ("fields", "reference"),
    [
        ("", None),
        (', "target": "t"', "t"),
        (', "reference": "r", "target": "t"', "r"),
        (', "reference": null, "target": "t"', "t"),
        (', "reference": "", "target": "t"', ""),
        (', "reference": null', None),
    ],
)
def test_the_reference_is_taken_before_the_target(tmp_path: Path, fields: str, reference: str | None) -> None:
    ((segment, _),) = read(tmp_path / "in.jsonl", f'{{"source": "a"{fields}}}')
    assert segment.reference == reference


def test_jsonl_sources_may_be_empty_or_hold_line_breaks(tmp_path: Path) -> None:
    rows = '{"source": ""}\n{"source": "a\\nb"}\n'
    assert texts(read(tmp_path / "in.jsonl", rows)) == ["", "a\nb"]


def test_jsonl_with_crlf_and_bom_is_read(tmp_path: Path) -> None:
    assert texts(read(tmp_path / "in.jsonl", '\ufeff{"source": "a"}\r\n{"source": "b"}\r\n')) == ["a", "b"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"text": "a"}', "field 'source' is missing; it has 'text'"),
        ('{"source": 1}', "field 'source' must be a string, not int"),
        ('{"source": "a", "reference": 5.5}', "field 'reference' must be a string, not float"),
        ('{"source": "a", "id": ["x"]}', "field 'id' must be a string, not list"),
        ('{"source": "a", "doc": {}}', "field 'doc' must be a string, not dict"),
        (r'{"source": "a\ud83d"}', r"field 'source' holds half a character, \ud83d"),
        ("a", "not a JSON object on one line"),
        ("[]", "not a JSON object on one line"),
    ],
)
def test_a_jsonl_row_that_cannot_be_used_is_refused_with_file_and_line(
    tmp_path: Path, row: str, message: str
) -> None:
    path = tmp_path / "in.jsonl"
    with pytest.raises(DataError) as caught:
        read(path, f'{{"source": "a"}}\n\n{row}\n')
    assert str(caught.value).startswith(f"{path}:3: {message}")


def test_what_stands_before_a_bad_row_is_read(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"source": "a"}\nbad\n', encoding="utf-8")
    rows = read_segments(str(path))
    assert next(rows)[0].source == "a"
    with pytest.raises(DataError):
        next(rows)


# format, standard input, files that cannot be read


def test_the_format_overrides_the_ending(tmp_path: Path) -> None:
    assert texts(read(tmp_path / "in.txt", '{"source": "a"}\n', "jsonl")) == ["a"]
    assert texts(read(tmp_path / "in.jsonl", '{"source": "a"}\n', "text")) == ['{"source": "a"}']


@pytest.mark.parametrize(
    ("path", "file_format", "expected"),
    [
        ("a.jsonl", "auto", True),
        ("A.JSONL", "auto", True),
        ("a.txt", "auto", False),
        ("-", "auto", False),
        ("-", "jsonl", True),
        ("a.jsonl", "text", False),
    ],
)
def test_the_ending_tells_json_lines_unless_the_format_does(
    path: str, file_format: str, expected: bool
) -> None:
    assert is_jsonl(path, file_format) is expected


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown format 'csv'\. Known: auto, text, jsonl"):
        read(tmp_path / "in.txt", "a\n", "csv")


def stdin_of(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))


def test_a_dash_reads_text_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin_of(monkeypatch, "\ufeffTür\r\n\u2028zwei".encode())
    assert list(read_segments("-")) == [(Segment("1", "Tür"), "\r\n"), (Segment("2", "\u2028zwei"), "")]


def test_a_dash_reads_json_lines_where_the_format_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin_of(monkeypatch, b'{"source": "a", "id": "x"}\n')
    assert list(read_segments("-", "jsonl")) == [(Segment("x", "a"), "\n")]


def test_mistakes_in_standard_input_name_it_and_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin_of(monkeypatch, b"ok\nT\xfcr\n")
    with pytest.raises(DataError, match=r"^standard input:2: not UTF-8 \(byte 0xfc at position 2\)"):
        list(read_segments("-"))
    stdin_of(monkeypatch, b'{"source": 1}\n')
    with pytest.raises(DataError, match=r"^standard input:1: field 'source' must be a string"):
        list(read_segments("-", "jsonl"))


def test_bad_utf8_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    with pytest.raises(DataError) as caught:
        read(path, b"eins\nzwei \xe4\n")
    assert str(caught.value).startswith(f"{path}:2: not UTF-8 (byte 0xe4 at position 6)")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"missing\.txt: no such file$"):
        list(read_segments(str(tmp_path / "missing.txt")))
    with pytest.raises(DataError, match=r"is a folder, not a file$"):
        list(read_segments(str(tmp_path)))
