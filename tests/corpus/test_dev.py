"""Dev sets: where they come from, and that every segment has a reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt import Corpus
from mtprompt.corpus.dev import dev_fingerprint, load_dev
from mtprompt.errors import ConfigError, DataError
from mtprompt.segments import Segment

YES = Segment("1", "Ja", "Yes")


def test_a_jsonl_file_gives_reference_or_target_and_keeps_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "dev.jsonl"
    path.write_text(
        '{"source": "Ja", "reference": "Yes"}\n'
        '{"source": " ", "reference": ""}\n'
        '{"id": "b", "source": "Nein", "target": "No", "domain": "chat"}\n'
    )
    assert load_dev(path, "de", "en") == (YES, Segment("b", "Nein", "No", "chat"))
    assert load_dev(str(path), "de", "en") == load_dev(path, "de", "en")


def test_a_tsv_file_gives_its_pairs(tmp_path: Path) -> None:
    path = tmp_path / "dev.TSV"
    path.write_text("Ja\tYes\nNein\tNo\n")
    assert [(s.source, s.reference) for s in load_dev(path, "de", "en")] == [("Ja", "Yes"), ("Nein", "No")]


def test_a_corpus_and_segments_are_taken_as_they_are() -> None:
    assert load_dev(Corpus.from_pairs([("Ja", "Yes")], "de", "en"), "de", "en") == (YES,)
    assert load_dev([YES, Segment("2", "\n")], "de", "en") == (YES,)


@pytest.mark.parametrize("reference", [None, "", " "])
def test_a_segment_without_a_reference_is_named(reference: str | None) -> None:
    with pytest.raises(DataError, match=r"^the dev set: segment x7 has no reference, which a dev set needs$"):
        load_dev([YES, Segment("x7", "Nein", reference)], "de", "en")


def test_a_file_without_references_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "dev.jsonl"
    path.write_text('{"source": "Ja"}\n')
    with pytest.raises(DataError, match=r"dev\.jsonl: segment 1 has no reference"):
        load_dev(path, "de", "en")
    with pytest.raises(ConfigError, match=r"dev\.txt: a dev set needs references: \.jsonl, \.tsv or \.tmx$"):
        load_dev(tmp_path / "dev.txt", "de", "en")


def test_an_empty_dev_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dev.jsonl").write_text("\n")
    for nothing in ([], [Segment("1", " ", "x")], tmp_path / "dev.jsonl"):
        with pytest.raises(DataError, match="no segments in it"):
            load_dev(nothing, "de", "en")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: no such file"):
        load_dev(tmp_path / "none.jsonl", "de", "en")


def test_the_fingerprint_is_that_of_sources_and_references_in_order() -> None:
    no = Segment("2", "Nein", "No")
    fingerprint = dev_fingerprint([YES, no])
    assert len(fingerprint) == 16
    assert dev_fingerprint([Segment("9", "Ja", "Yes", "chat", "doc"), no]) == fingerprint
    others = [[no, YES], [YES], [YES, Segment("2", "Nein", "Nope")], [Segment("1", "JaY", "es"), no]]
    assert len({fingerprint, *map(dev_fingerprint, others)}) == 5
