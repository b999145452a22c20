"""A file in parts, and the parts' translations put together again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.corpus.shards import merged, shard_range
from mtprompt.errors import ConfigError, DataError


def text(path: Path, *lines: str) -> str:
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def rows(path: Path, *ids: str) -> str:
    return text(path, *(json.dumps({"id": i, "source": f"s{i}", "translation": "ä"}) + "\n" for i in ids))


@given(st.integers(0, 40), st.integers(1, 9))
def test_the_parts_in_order_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, lines: int, parts: int
) -> None:
    path = text(tmp_path_factory.mktemp("shards") / "in.txt", *(f"{n}\n" for n in range(lines)))
    shards = [shard_range(f"{i}/{parts}", path) for i in range(1, parts + 1)]
    assert [n for shard in shards for n in shard] == list(range(lines))
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


def test_a_limit_is_shared_out(tmp_path: Path) -> None:
    path = text(tmp_path / "in.txt", "a\n" * 10)
    assert shard_range("2/2", path, limit=4) == range(2, 4)


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2", ""])
def test_another_form_is_refused(tmp_path: Path, shard: str) -> None:
    with pytest.raises(ConfigError, match="a shard is written I/N"):
        shard_range(shard, text(tmp_path / "in.txt", "a\n"))


def test_standard_input_has_no_shards() -> None:
    with pytest.raises(ConfigError, match="needs a file"):
        shard_range("1/2", "-")


def test_lines_are_put_together_as_they_are(tmp_path: Path) -> None:
    source = text(tmp_path / "in.txt", "a\n", "b\r\n", "c")
    parts = [text(tmp_path / "1.txt", "A\n", "B\r\n"), text(tmp_path / "2.txt", "C\u2028D")]
    assert b"".join(merged(source, parts)) == "A\nB\r\nC\u2028D".encode()


def test_rows_are_put_together_by_id(tmp_path: Path) -> None:
    source = rows(tmp_path / "in.jsonl", "a", "b", "c")
    parts = [rows(tmp_path / "1.jsonl", "a", "b"), rows(tmp_path / "2.jsonl", "c")]
    assert [json.loads(line)["id"] for line in merged(source, parts)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((("c",), ("a", "b")), "1.jsonl:1: segment c, where a of .*in.jsonl was expected"),
        ((("a",), ("c",)), "2.jsonl:1: segment c, where b of"),
        ((("a", "b"),), "1.jsonl: ends before segment c of .*is a part missing"),
        (
            (("a", "b"), ("c", "c")),
            "2.jsonl:2: .* has no such segment any more; is a part there twice",
        ),
    ],
)
def test_what_is_missing_doubled_or_in_the_wrong_place_is_named(
    tmp_path: Path, parts: tuple[tuple[str, ...], ...], message: str
) -> None:
    source = rows(tmp_path / "in.jsonl", "a", "b", "c")
    files = [rows(tmp_path / f"{i}.jsonl", *ids) for i, ids in enumerate(parts, start=1)]
    with pytest.raises(DataError, match=message):
        list(merged(source, files))


@pytest.mark.parametrize("again", ["1.txt", "../{}/1.txt"])
def test_a_part_that_is_named_twice_is_refused(tmp_path: Path, again: str) -> None:
    source = text(tmp_path / "in.txt", "a\n", "b\n")
    part = text(tmp_path / "1.txt", "A\n")
    with pytest.raises(ConfigError, match=r"1.txt is there twice; name each part once"):
        list(merged(source, [part, str(tmp_path / again.format(tmp_path.name))]))


def test_parts_of_different_formats_are_refused(tmp_path: Path) -> None:
    source = rows(tmp_path / "in.jsonl", "a", "b")
    with pytest.raises(ConfigError, match="of different formats"):
        list(merged(source, [rows(tmp_path / "1.jsonl", "a"), text(tmp_path / "2.txt", "b\n")]))
