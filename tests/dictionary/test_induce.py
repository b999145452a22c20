"""Dictionaries out of pools: which entries come out, which don't, and the command that writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.cli.dictionary.induce import induce as command
from mtprompt.corpus.corpus import read_pairs
from mtprompt.dictionary.alignment.align import BestLinks
from mtprompt.dictionary.alignment.bitext import Bitext
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.induce import MAX_WORDS, MIN_COUNT, MIN_PROBABILITY, PASSES, Aligner, induce
from mtprompt.errors import ConfigError, DataError, MissingDependency
from mtprompt.segments import Pair

# Each noun with each verb and article, so that nothing but the words themselves explains the words.
NOUNS = {"Datei": "file", "Ordner": "folder", "Seitenrand": "page margin", "Zelle": "cell"}
VERBS = {"öffnen": "open", "schließen": "close", "drucken": "print"}
TEXTS = [
    (f"{article} {noun} {verb}", f"{others} {spoken} {said}")
    for noun, spoken in NOUNS.items()
    for verb, said in VERBS.items()
    for article, others in (("die", "the"), ("eine", "a"), ("jede", "each"))
]


def pairs_of(texts: Sequence[tuple[str, str]]) -> list[Pair]:
    return [Pair(str(i), *pair) for i, pair in enumerate(texts)]


def entries(
    texts: Sequence[tuple[str, str]], languages: tuple[str, str] = ("de", "en"), **options: float
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in induce(pairs_of(texts), *languages, **options).entries:  # type: ignore[arg-type]
        found.setdefault(entry.term, []).append(entry.translation)
    return found


# what comes out


def test_words_find_their_translations_and_no_phrase_of_them_is_an_entry() -> None:
    expected = NOUNS | VERBS | {"die": "the", "eine": "a", "jede": "each"}
    assert entries(TEXTS) == {term: [translation] for term, translation in expected.items()}


def test_the_weight_is_the_share_of_the_terms_occurrences() -> None:
    bank = [("die Bank öffnen", "the bank open")] * 6 + [("die Bank drucken", "the bench print")] * 4
    found = induce(pairs_of([*TEXTS, *bank]), "de", "en", min_probability=0.1).entries
    assert [entry for entry in found if entry.term == "Bank"] == [
        Entry("Bank", "bank", 0.6),
        Entry("Bank", "bench", 0.4),
    ]


def test_entries_are_sorted_by_term_then_by_weight() -> None:
    found = induce(pairs_of(TEXTS), "de", "en", min_probability=0).entries
    keys = [(entry.term.casefold(), -(entry.weight or 0)) for entry in found]
    assert keys == sorted(keys)


def test_inflected_forms_lend_each_other_support_and_keep_their_translations() -> None:
    texts = [
        *TEXTS,
        ("die Tablette", "the tablet"),
        ("eine Tablette", "a tablet"),
        ("die Tabletten", "the tablets"),
    ]
    found = entries(texts)
    assert (found["Tablette"], found["Tabletten"]) == (["tablet"], ["tablets"])
    assert "Tablette" not in entries(texts[:-1])


def test_a_term_is_written_with_its_casing_inside_a_sentence() -> None:
    found = entries([*TEXTS, *(("Öffnen", "Open") for _ in range(9))])
    assert found["öffnen"] == ["open"]
    assert "Öffnen" not in found


def test_a_fixed_expression_that_its_words_do_not_explain_is_an_entry() -> None:
    unter = [
        (f"{article} {noun} speichern unter", f"{others} {spoken} export")
        for noun, spoken in NOUNS.items()
        for article, others in (("die", "the"), ("eine", "a"))
    ]
    found = entries([*TEXTS, *unter])
    assert found["speichern unter"] == ["export"]
    assert not {"die Datei", "Datei öffnen", "Datei speichern unter"} & set(found)
    assert "speichern unter" not in entries([*TEXTS, *unter], max_words=1)


def diagonal(bitext: Bitext, _: object) -> BestLinks:
    """Links each word to the one at its place, and the last of the longer side to the last of the other."""
    sizes = [np.diff(side.starts) for side in (bitext.source, bitext.target)]
    links = [
        np.array(
            [min(at, others - 1) for own, others in zip(*pair, strict=True) for at in range(own)], np.int32
        )
        for pair in (sizes[::-1], sizes)
    ]
    return BestLinks(*links)


def found_by(aligner: Aligner, texts: Sequence[tuple[str, str]]) -> dict[str, str]:
    others = [(f"w{i}", f"v{i}") for i in range(300)]  # each once: a pool that the texts are a small part of
    found = induce(pairs_of([*texts, *others]), "sw", "en", aligner=aligner).entries
    return {entry.term: entry.translation for entry in found}


def test_a_term_whose_words_say_the_same_one_by_one_is_left_to_them() -> None:
    alone = [("xa", "conditional"), ("xb", "formatting")] * 2
    together = [("xa xb", "conditional formatting")] * 6
    assert found_by(diagonal, together + alone) == {"xa": "conditional", "xb": "formatting"}
    # "formatting" is most often said otherwise, so the two together say something new
    assert "xa xb" in found_by(diagonal, together + alone + [("xb", "layout")] * 20)


def test_words_that_meet_by_chance_are_no_term_even_if_they_say_something_new() -> None:
    texts = [("xdie xzeile", "row")] * 6 + [("xzeile", "line")] * 20
    assert found_by(diagonal, texts)["xdie xzeile"] == "row"
    others = [(f"xdie w{i}", f"the v{i}") for i in range(300)]
    assert "xdie xzeile" not in found_by(diagonal, texts + others)


def test_a_piece_of_a_term_is_none() -> None:
    texts = [("xins xgras xbeissen", "kick buckets")] * 6 + [("xins", "into")] * 2
    assert found_by(diagonal, texts) == {"xins xgras xbeissen": "kick buckets", "xins": "kick"}
    # where it stands alone as well, it is a term of its own
    assert found_by(diagonal, texts + [("xgras xbeissen", "buckets")] * 6)["xgras xbeissen"] == "buckets"


def test_a_translation_that_is_mostly_that_of_other_terms_is_none() -> None:
    texts = [(f"term{'abcdefghijklm'[i]}", "thing") for i in range(9)] * 3
    assert len(found_by(diagonal, texts)) == 9
    assert found_by(diagonal, [*texts, *[("termx", "thing")] * 10]) == {"termx": "thing"}


def test_a_term_without_a_letter_is_none() -> None:
    assert not {"1", "2020"} & set(
        entries([*TEXTS, *(("die Zelle 2020", "the cell 2020") for _ in range(9))])
    )


def test_what_is_rare_or_unsure_is_left_out() -> None:
    once = [*TEXTS, ("die Maus öffnen", "the mouse open"), ("eine Maus drucken", "a mouse print")]
    assert "Maus" not in entries(once)
    assert entries(once, min_count=2)["Maus"] == ["mouse"]
    # five translations, each as often
    unsure = [(f"die Maus {v}", f"the {m} {s}") for m in "pqrst" for v, s in VERBS.items()]
    assert "Maus" not in entries([*TEXTS, *unsure])
    assert set(entries([*TEXTS, *unsure], min_probability=0.1)["Maus"]) == set("pqrst")


def test_characters_of_a_script_without_spaces_make_terms() -> None:
    nouns = {"文件": "file", "窗口": "window", "单元格": "cell"}
    verbs = {"打开": "open", "关闭": "close", "删除": "delete"}
    texts = [
        (f"{verb}{noun}", f"{said} {spoken}")
        for noun, spoken in nouns.items()
        for verb, said in verbs.items()
    ]
    assert entries(texts * 2, ("zh", "en")) == {term: [said] for term, said in (nouns | verbs).items()}
    reverse = entries([(target, source) for source, target in texts * 2], ("en", "zh"))
    assert reverse == {said: [term] for term, said in (nouns | verbs).items()}


def test_no_pairs_and_one_pair_and_pairs_without_words() -> None:
    assert induce([], "de", "en").entries == []
    assert induce(pairs_of([("...", "!"), ("Haus", "?")]), "de", "en").pairs == 0
    one = induce(pairs_of([("Haus", "house")]), "de", "en", min_count=1)
    assert one.entries == [Entry("Haus", "house", 1.0)]


def test_the_same_pairs_give_the_same_entries_and_progress_is_told() -> None:
    told: list[int] = []
    first = induce(pairs_of(TEXTS), "de", "en", on_progress=told.append)
    assert first == induce(pairs_of(TEXTS), "de", "en")
    assert sum(told) == PASSES * len(TEXTS)


def test_a_wrong_language_is_named() -> None:
    with pytest.raises(ConfigError, match="unknown language code 'xx1'"):
        induce([], "xx1", "en")


WORDS = [
    "Haus",
    "HAUS",
    "Häuser",
    "文",
    "件",
    "ไทย",
    "عليكم",
    "e\u0301",
    "don't",
    "İ",
    "ﬁ",
    "9",
    "x\ud83d",
    "a\u2028b",
]
texts = st.lists(st.sampled_from([*WORDS, ".", "-", "\u3000"]), max_size=6).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(
    pairs=st.lists(st.tuples(texts, texts), max_size=8),
    languages=st.sampled_from([("de", "en"), ("zh", "tr"), ("th", "ar"), ("en", "ja")]),
    words=st.integers(1, 4),
)
def test_entries_of_any_texts_are_found_in_them(
    pairs: list[tuple[str, str]], languages: tuple[str, str], words: int
) -> None:
    found = induce(pairs_of(pairs), *languages, min_count=1, min_probability=0.0, max_words=words).entries
    flat = [["".join(side.split()) for side in pair] for pair in pairs]
    for term, translation, weight, *_ in found:
        assert weight is not None and 0 < weight <= 1
        assert any("".join(term.split()) in source for source, _ in flat)
        assert any("".join(translation.split()) in target for _, target in flat)
    assert len({entry[:2] for entry in found}) == len(found)


def test_the_samples_pools_give_sensible_entries(root: Path) -> None:
    wanted = {
        "software": {"Datei": "file", "Zellen": "cells", "Kennwort": "password", "Halten": "Hold down"},
        "leaflet": {"Arzt": "doctor", "Nebenwirkungen": "side effects", "Wirkstoff": "active substance"},
    }
    for name, expected in wanted.items():
        found = induce(
            read_pairs(root / "benchmarks" / "sample" / name / "pool.jsonl", "de", "en"), "de", "en"
        )
        best = {entry.term: entry.translation for entry in reversed(found.entries)}
        assert expected.items() <= best.items()
        assert 80 < len(found.entries) < 200
        assert not any(term.lower().startswith(("die ", "der ", "das ")) for term in best)


# the command


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(
        command, [*arguments, "--from", "de", "--to", "en"], catch_exceptions=False, standalone_mode=False
    )
    assert result.exit_code == code
    return result


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    rows = [*TEXTS, ("a " * 101, "a")]
    Path("pool.jsonl").write_text(
        "".join(json.dumps({"source": s, "target": t}) + "\n" for s, t in rows), encoding="utf-8"
    )
    return "pool.jsonl"


def test_the_command_writes_a_dictionary_that_can_be_read(pool: str) -> None:
    result = run("--pool", pool, "-o", "d.tsv")
    lines = Path("d.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["term\ttranslation\tweight", "Datei\tfile\t1.0"]
    assert "36 pairs, 10 terms, 10 translations, " in result.stderr
    assert "1 pairs of more than 100 words were left out" in result.stderr
    assert result.stdout == ""
    assert Dictionary.load("d.tsv", "de", "en").translations("Seitenrand") == ("page margin",)


def test_the_command_writes_to_standard_output_and_reads_two_files(tmp_path: Path, pool: str) -> None:
    for name, side in (("de.txt", 0), ("en.txt", 1)):
        Path(name).write_text("".join(pair[side] + "\n" for pair in TEXTS), encoding="utf-8")
    output = run("--pool", "de.txt", "--pool-target", "en.txt", "--max-words", "1").stdout
    assert "Ordner\tfolder\t1.0\n" in output
    assert "Seitenrand\tpage margin" not in output
    limited = run("--pool", "de.txt", "--pool-target", "en.txt", "--limit", "20", "--min-count", "2")
    assert "20 pairs, " in limited.stderr


def test_the_commands_defaults_are_the_librarys() -> None:
    defaults = {option.name: option.default for option in command.params}
    assert (defaults["min_count"], defaults["min_probability"], defaults["max_words"]) == (
        MIN_COUNT,
        MIN_PROBABILITY,
        MAX_WORDS,
    )


def test_a_pool_that_teaches_nothing_is_an_error_and_writes_nothing(tmp_path: Path, pool: str) -> None:
    Path("d.tsv").write_text("before")
    with pytest.raises(DataError, match=r"pool\.jsonl: no translation is frequent .* lower --min-count"):
        run("--pool", pool, "-o", "d.tsv", "--min-count", "1000")
    assert Path("d.tsv").read_text() == "before"


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("pool.jsonl", "is read by this run"),
        ("d.csv", r"TSV is written; name it d\.tsv"),
        ("missing/d.tsv", "no such folder"),
    ],
)
def test_an_impossible_output_is_found_before_the_work(
    out: str, message: str, pool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtprompt.dictionary.induce.induce", None)
    with pytest.raises(ConfigError, match=message):
        run("--pool", pool, "-o", out)


def test_a_missing_aligner_is_found_before_the_work(pool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda _: None)
    monkeypatch.setattr("mtprompt.dictionary.induce.induce", None)
    with pytest.raises(MissingDependency, match=r"pip install 'mtprompt\[eflomal\]'"):
        run("--pool", pool, "-o", "d.tsv", "--aligner", "eflomal")


def test_a_missing_pool_is_one_line(pool: str) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: no such file"):
        run("--pool", "none.jsonl", "-o", "d.tsv")
