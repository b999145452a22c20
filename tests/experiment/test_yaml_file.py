"""YAML whose every value knows its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.errors import ConfigError, DataError
from mtprompt.experiment.yaml_file import YamlValue, read_yaml, with_variables


def read(tmp_path: Path, text: str) -> YamlValue:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path)[0]


def test_a_text_stays_a_text_where_yaml_would_guess_another_type(tmp_path: Path) -> None:
    value = read(tmp_path, "language: no\nversion: 1.10\ntime: 12:30\n")
    found = {name: its.text(name) for name, its in value.mapping("it").items()}
    assert found == {"language": "no", "version": "1.10", "time": "12:30"}


def test_an_unknown_key_is_said_with_its_line_and_the_nearest_known_one(tmp_path: Path) -> None:
    value = read(tmp_path, "tests: a\nmetric: bleu\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:2: unknown key of a sweep 'metric'\. Did you mean 'met"):
        value.fields("a sweep", ["tests", "metrics"])


def test_the_merge_key_is_refused_by_its_name(tmp_path: Path) -> None:
    value = read(tmp_path, "a: &a {b: c}\nd:\n  <<: *a\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:3: the merge key << is not supported"):
        value.mapping("it")["d"].fields("it", ["b"])


def test_a_key_that_stands_twice_is_refused_because_the_first_would_be_lost(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a\.yaml:3: it: 'tests' stands there twice"):
        read(tmp_path, "tests: a\npools: b\ntests: c\n").mapping("it")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tests: [a\n", r"a\.yaml:2: not valid YAML: .*expected"),
        ("a: 1\n\tb: 2\n", r"a\.yaml:2: not valid YAML: .*'\\t'"),
        ("a: {b: ${data}/x}\n", r"a\.yaml:1: .*; inside \{\} and \[\] a text with \$\{…\} needs quotes"),
        ("a: *nothing\n", r"a\.yaml:1: not valid YAML: found undefined alias"),
        ("a: \x01\n", r"a\.yaml: not valid YAML: .*special characters are not allowed"),
        ("", r"a\.yaml: the file is empty"),
        ("# only a comment\n", r"a\.yaml: the file is empty"),
    ],
)
def test_what_is_no_yaml_is_one_line_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_a_tag_that_would_make_python_objects_makes_none(tmp_path: Path) -> None:
    value = read(tmp_path, "a: !!python/object/apply:os.system [echo]\n")
    with pytest.raises(ConfigError, match="expected a text, got a list"):
        value.mapping("it")["a"].text("a")


def test_a_missing_file_and_other_encodings_are_data_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_yaml(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("a: ü\n".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8 at byte 3"):
        read_yaml(tmp_path / "latin.yaml")


def test_numbers_are_checked_with_their_line(tmp_path: Path) -> None:
    fields = read(tmp_path, "a: 12\nb: 1e3\nc: -1\nd: .5\n").mapping("it")
    assert fields["a"].whole("a", 1) == 12
    assert fields["d"].number("d", 0, 1) == 0.5
    with pytest.raises(ConfigError, match=r":2: b must be a whole number of at least 1, got '1e3'"):
        fields["b"].whole("b", 1)
    with pytest.raises(ConfigError, match=r":3: c must be a number of at least 0, got '-1'"):
        fields["c"].number("c", 0)
    with pytest.raises(ConfigError, match=r":2: b must be a number from 0 to 1"):
        fields["b"].number("b", 0, 1)


def test_variables_are_filled_in_and_unknown_ones_said(tmp_path: Path) -> None:
    value = with_variables(read(tmp_path, "a: ${data}/x\nb: ${dta}/x\n"), {"data": "/d"})
    assert value.mapping("it")["a"].text("a") == "/d/x"
    with pytest.raises(ConfigError, match=r":2: unknown variable 'dta'\. Did you mean 'data'"):
        value.mapping("it")["b"].text("b")


def test_nothing_is_told_from_an_empty_text(tmp_path: Path) -> None:
    fields = read(tmp_path, "a:\nb: null\nc: ''\nd: 'null'\n").mapping("it")
    assert [its.is_null for its in fields.values()] == [True, True, False, False]
    assert fields["d"].text("d") == "null"
