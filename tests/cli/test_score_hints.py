"""``score`` of rows with hints, and of terms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mtprompt.errors import ConfigError, DataError

HINT = {"term": "Arzt", "translations": ["doctor"]}
HUT = {"term": "Hütte", "translations": ["hut", "cabin"]}
ROWS: list[dict[str, Any]] = [
    {
        "translation": "Two doctors.",
        # wrong verdicts, which are not to be believed
        "hints": [{**HINT, "followed": False, "in_reference": False}],
        "terms": [HINT, {"term": "zwei", "translations": ["two"]}, {"term": "Zug", "translations": ["hut"]}],
        "terms_missed": 3,
        "hint_tokens": 7,
        "required": [{"term": "zwei", "translations": ["two"], "met": False}],
        "flags": ["truncated"],
    },
    {"translation": "A house.", "hints": [HINT], "terms": [HINT, HUT], "hint_tokens": 6, "flags": []},
]
LINE = (
    "hints: 2 given of 5 terms found, 50 % followed; 50 % useful, 50 % misleading, "
    "1 of 3 reference terms missed; 1 of 1 required terms met; 13 prompt tokens"
)


def write(folder: Path, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    (folder / "hyp.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "ref.txt").write_text("Two doctors.\nA hut.\n", encoding="utf-8")
    return ("score", "--hyp", "hyp.jsonl", "--ref", "ref.txt", "--metric", "chrf")


def test_the_hints_line_stands_below_the_flags_and_is_recomputed(run: Any, tmp_path: Path) -> None:
    result = run(*write(tmp_path, ROWS), "--to", "en")
    lines = result.stdout.splitlines()
    assert lines[2:5] == ["2 segments", "flags: truncated 1", LINE]
    assert lines[5].startswith("signature: ") and result.stderr == ""


def test_json_has_the_counts(run: Any, tmp_path: Path) -> None:
    result = run(*write(tmp_path, ROWS), "--to", "en", "--json")
    assert json.loads(result.stdout)["hints"] == {
        **{"found": 5, "given": 2, "followed": 1, "judged": 2, "useful": 1, "misleading": 1},
        **{"expected": 3, "missed": 1, "required": 1, "met": 1, "tokens": 13},
    }


def test_a_system_of_plain_lines_has_a_dash_beside_one_with_hints(run: Any, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("Two doctors.\nA hut.\n", encoding="utf-8")
    result = run(*write(tmp_path, ROWS), "--hyp", "plain.txt", "--metric", "hints", "--to", "en")
    assert result.exit_code == 0
    assert "Note: plain.txt: hints reads what rows of" in result.stderr


def test_without_a_language_hints_are_not_judged_and_that_is_said(run: Any, tmp_path: Path) -> None:
    result = run(*write(tmp_path, ROWS), "--json")
    assert "hints" not in json.loads(result.stdout)
    assert result.stderr == "Note: give --to CODE to see what became of the hints\n"


@pytest.mark.parametrize("row", [{}, {"hints": []}, {"hints": None, "terms": [HINT], "hint_tokens": 0}])
def test_nothing_changes_for_rows_without_hints(run: Any, tmp_path: Path, row: dict[str, Any]) -> None:
    arguments = write(tmp_path, [{"translation": text, **row} for text in ("Two doctors.", "A hut.")])
    for language in ((), ("--to", "en")):
        result = run(*arguments, *language)
        assert "hints" not in result.stdout + result.stderr
        assert "hints" not in json.loads(run(*arguments, *language, "--json").stdout)


def test_a_row_without_the_newer_fields_is_counted_as_far_as_it_goes(run: Any, tmp_path: Path) -> None:
    rows = [{"translation": text, "hints": [HINT]} for text in ("Two doctors.", "A hut.")]
    result = run(*write(tmp_path, rows), "--to", "en")
    assert "hints: 2 given, 50 % followed; 50 % useful, 50 % misleading\n" in result.stdout


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hints", "Arzt"),
        ("hints", [{"term": "Arzt"}]),
        ("required", 1),
        ("terms", "many"),
        ("hint_tokens", -1),
    ],
)
def test_a_damaged_row_is_one_line_with_its_place(run: Any, tmp_path: Path, field: str, value: Any) -> None:
    arguments = write(tmp_path, [ROWS[0], {**ROWS[1], field: value}])
    with pytest.raises(DataError, match=rf"^hyp\.jsonl:2: field '{field}' must be [^\n]*$"):
        run(*arguments, "--to", "en")


def test_terms_are_scored_with_source_and_both_languages(run: Any, tmp_path: Path) -> None:
    arguments = write(tmp_path, ROWS)[:-1]
    (tmp_path / "src.txt").write_text("Zwei Ärzte.\nEine Hütte.\n", encoding="utf-8")
    (tmp_path / "t.tsv").write_text("Arzt\tdoctor\nHütte\thut\nno translation\n", encoding="utf-8")
    terms = (*arguments, "terms:t.tsv", "--src", "src.txt")
    result = run(*terms, "--from", "de", "--to", "en")
    assert result.stdout.splitlines()[0] == "terms:t.tsv     50.00  [0.00, 100.00]"
    assert "signature: terms|file:t.tsv|" in result.stdout
    assert "t.tsv:3: " in result.stderr
    answer = json.loads(run(*terms, "--from", "de", "--to", "en", "--json").stdout)
    assert (answer["scores"][0]["score"], answer["scores"][0]["segments"]) == (50.0, [100.0, 0.0])
    with pytest.raises(ConfigError, match="needs both languages: give --from CODE and --to CODE"):
        run(*terms, "--to", "en")
    with pytest.raises(DataError, match="source texts, and none were given"):
        run(*terms[:-2], "--from", "de", "--to", "en")


def test_a_system_without_hints_has_a_dash_and_the_other_metrics_are_scored(run: Any, tmp_path: Path) -> None:
    arguments = (*write(tmp_path, ROWS), "--metric", "hints", "--to", "en", "--hyp", "none.jsonl")
    none = [{**row, "hints": [], "terms": None} for row in ROWS]
    for row in none:
        row.pop("required", None)
    (tmp_path / "none.jsonl").write_text("".join(json.dumps(row) + "\n" for row in none), encoding="utf-8")
    for baseline in ("hyp", "none"):
        result = run(*arguments, "--baseline", baseline)
        lines = [line.split() for line in result.stdout.splitlines()]
        assert ["none", "-"] in lines
        assert [line[1] for line in lines if line[:1] == ["hyp"]][1] == "50.00"  # the first is chrF's
        assert result.stderr == ("Note: none.jsonl: hints: no segment has a hint, so none can be followed\n")
        systems = json.loads(run(*arguments, "--baseline", baseline, "--json").stdout)["systems"]
        scores = {its["name"]: its["scores"][1] for its in systems}
        assert (scores["hyp"]["score"], scores["none"]["score"]) == (50.0, None)
        assert not any("against_baseline" in score for score in scores.values())


def test_if_no_metric_can_count_anything_it_is_an_error(run: Any, tmp_path: Path) -> None:
    arguments = write(tmp_path, [{"translation": text, "hints": []} for text in ("a", "b")])[:-1]
    with pytest.raises(DataError, match="nothing can be scored by hints"):
        run(*arguments, "hints", "--to", "en")
