"""What the report is made of: names, numbers, the packed segments, the front of what none beats."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from mtprompt.experiment.record import DONE, CellResult
from mtprompt.report.labels import Labels, plain, shots_of
from mtprompt.report.numbers import delta_text, metric_name, p_text, score_text
from mtprompt.report.pack import pack_test_set, prompt_parts
from mtprompt.report.plots.price import pareto_front
from mtprompt.report.plots.style import apart


def cell(name: str, where: str | None = None, **axes: Any) -> CellResult:
    full = {"test": "t", "pool": None, "select": "zero", "order": None, "hints": "none", **axes}
    return CellResult(name, full, ("de", "en"), where, DONE)


def test_labels_name_only_what_differs() -> None:
    common = {"select": "x@4", "order": "best_last", "model": "m"}
    labels = Labels(
        [
            cell("a", model="m"),
            cell("b", "in", pool="t", hints="entries", dictionary="d", **common),
            cell("c", "out", pool="u", **common),
        ]
    )
    assert [str(labels[name]) for name in "abc"] == [
        "zero",
        "x@4 · hints entries · own pool",
        "x@4 · other pool",
    ]
    assert labels["b"].short == "x@4 · entries · own"


def test_dictionaries_are_told_apart_in_plots_too_where_there_is_little_room() -> None:
    hinted = [cell(name, "out", pool="t", hints="entries", dictionary=name) for name in ("domain", "induced")]
    labels = Labels([*hinted, cell("c", "out", pool="t")])
    assert str(labels["domain"]) == "zero · hints entries · dictionary domain · other pool"
    assert labels["domain"].short == "zero · entries · domain · other"


def test_auto_is_named_with_what_it_decided() -> None:
    auto = replace(cell("a", "in", pool="t", hints="auto", dictionary="d"), policy="none")
    labels = Labels([auto, cell("b", "in", pool="t")])
    assert str(labels["a"]) == "zero · hints auto: none · own pool"
    assert labels["a"].short == "zero · auto: none · own"


def test_pools_are_named_where_a_test_set_meets_several_others() -> None:
    labels = Labels([cell("a", "out", pool="u", select="x@4"), cell("b", "out", pool="v", select="x@4")])
    assert [labels[name].pool for name in "ab"] == ["other pool u", "other pool v"]


def test_two_pools_of_the_own_domain_are_two_rows_not_two_seeds() -> None:
    labels = Labels([cell("a", "in", pool="u", select="x@4"), cell("b", "in", pool="v", select="x@4")])
    assert labels["a"] != labels["b"]
    assert [labels[name].pool for name in "ab"] == ["own pool u", "own pool v"]


def test_a_second_order_and_a_second_model_are_named() -> None:
    labels = Labels([
        cell("a", "in", pool="t", order="best_last", model="m"),
        cell("b", "in", pool="t", order="best_first", model="n"),
    ])  # fmt: skip
    assert labels["b"].qualifiers == ("best_first", "n")


@pytest.mark.parametrize(
    ("select", "shots"),
    [
        ("rbm25@4", ("rbm25", 4)),
        ("rbm25(weight=0.2)@16", ("rbm25(weight=0.2)", 16)),
        ("task@1+rbm25@3", ("task+rbm25", 4)),
        ("borda(bm25,fuzzy)@8", ("borda(bm25,fuzzy)", 8)),
        ("1 unrelated + random@3", ("1 unrelated + random", 4)),
        ("random@3 + 1 copied", ("random + 1 copied", 4)),
        ("1 unrelated", None),
        ("some + random@3", None),
        ("rbm25@4|random@4", None),
        ("zero", None),
        ("no (strategy", None),
    ],
)
def test_the_number_of_examples_is_read_from_the_strategy(select: str, shots: tuple[str, int] | None) -> None:
    assert shots_of(select) == shots


def test_names_lose_control_characters_and_their_end() -> None:
    assert plain("a\x00b\ud800c") == "a�b�c"
    assert plain("x" * 80, 5) == "xxxx…"


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0004, "< 0.001"), (0.001, "= 0.001"), (0.04996, "= 0.0500"), (0.0502, "= 0.0502"), (0.31, "= 0.310")],
)
def test_p_values_are_not_rounded_across_the_limit(p: float, text: str) -> None:
    assert p_text(p) == text


def test_numbers_have_a_real_minus_and_no_signed_zero() -> None:
    assert score_text(54.149, "chrf++") == "54.1"
    assert score_text(-0.12345, "comet:x/y") == "−0.1235"
    assert [delta_text(its, "bleu") for its in (1.26, -1.26, 0.04, -0.04)] == ["+1.3", "−1.3", "0.0", "0.0"]


def test_metrics_are_named_as_the_field_does() -> None:
    assert [metric_name(its) for its in ("chrf++", "comet:Unbabel/wmt22-comet-da", "own")] == [
        "chrF++",
        "COMET (wmt22-comet-da)",
        "own",
    ]
    assert [
        metric_name(its) for its in ("comet:/m/da/checkpoints/model.ckpt guarded", "terms:/x/law/t.tsv")
    ] == [
        "COMET (da) guarded",
        "terms (law/t.tsv)",
    ]


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "source": f"Quelle {number}",
        "translation": "text",
        "reference": "ref",
        **fields,
    }


def unpacked(rows: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(gzip.decompress(pack_test_set(rows)))
    return content


def test_packed_segments_come_back_whole() -> None:
    example = {"source": "Haus", "target": "house", "score": 1.23456, "rank": 1, "domain": "d"}
    prompt = "German: Haus\nEnglish: house\n\nGerman: Quelle 1\nEnglish:"
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "seconds": 0.5}
    hint = {"term": "Quelle", "translations": ["source", "spring"], "followed": True, "in_reference": None}
    full = row(
        1, examples=[example], prompt=prompt, flags=["empty"], usage=usage, cached=True, hints=[hint],
        scores={"chrf++": 3.25}, domain="d",
    )  # fmt: skip
    content = unpacked({"c": [full]})
    texts, (packed,) = content["texts"], content["cells"]["c"]
    assert "".join(texts[part] for part in packed["p"]) == prompt
    assert [texts[packed["e"][0][0]], texts[packed["e"][0][1]]] == ["Haus", "house"]
    assert packed["e"][0][2:4] == [1.2346, 1]
    assert [texts[its] for its in packed["h"][0][1]] == ["source", "spring"]
    assert packed["h"][0][2:] == [True, None]
    assert packed["s"] == {"chrf++": 3.25}
    assert packed["u"] == [9, 2, 0.5, True]
    assert [texts[its] for its in packed["f"]] == ["empty"]
    segment = content["segments"][0]
    assert [texts[segment[0]], texts[segment[1]], texts[segment[2][0]], texts[segment[3]]] == [
        "1", "Quelle 1", "ref", "d",
    ]  # fmt: skip


def test_a_prompt_is_made_of_texts_that_are_there_anyway() -> None:
    example = {"source": "Haus", "target": "house"}
    prompt = "German: Haus\nEnglish: house\n\nGerman: Quelle\nEnglish:"
    parts = prompt_parts(prompt, "Quelle", [example])
    assert parts == ["German: ", "Haus", "\nEnglish: ", "house", "\n\nGerman: ", "Quelle", "\nEnglish:"]


@pytest.mark.parametrize("prompt", ["", "nothing of it", "Quelle\nHaus", "a" * 50])
def test_any_prompt_is_the_sum_of_its_parts(prompt: str) -> None:
    parts = prompt_parts(prompt, "Quelle", [{"source": "Haus", "target": ""}])
    assert "".join(parts) == prompt


def test_cells_with_fewer_segments_or_repeated_ids_keep_theirs_in_place() -> None:
    content = unpacked({"a": [row(1), row(2), row(2)], "b": [row(2, translation="b")]})
    texts = content["texts"]
    assert [texts[its[0]] for its in content["segments"]] == ["1", "2", "2"]
    assert content["cells"]["b"][0] is None
    assert texts[content["cells"]["b"][1]["t"]] == "b"


def test_half_a_character_does_not_keep_segments_from_being_packed() -> None:
    content = unpacked({"a": [row(1, translation="cut \ud83d")]})
    assert "cut \ud83d" in content["texts"]


def test_the_front_leaves_out_what_costs_more_and_gains_less() -> None:
    assert pareto_front([1, 2, 2, 3, 4], [10, 30, 20, 30, 31]) == [0, 1, 4]
    assert pareto_front([5, 5], [1, 1]) == [0]


def test_labels_keep_apart_and_stay_near() -> None:
    assert apart([0, 10, 20], 5) == [0, 10, 20]
    assert apart([1, 1, 30], 4, low=0) == [0, 4, 30]
    placed = apart([10, 10, 11, 50], 4)
    assert sorted(placed) == pytest.approx([10 + 1 / 3 - 4, 10 + 1 / 3, 10 + 1 / 3 + 4, 50])
