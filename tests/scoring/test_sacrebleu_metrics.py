"""Scores against numbers worked out by hand, and the right tokenizer for each language."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU as BleuOf
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from mtprompt.errors import ConfigError, DataError
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.scoring.sacrebleu_metrics import f_scores

# Mandarin: "the weather is very good today"; Japanese: "this is a pen"; Korean likewise; Thai: hello
ZH, JA, KO, TH = "今天天气很好。", "これはペンです。", "이것은 펜입니다.", "สวัสดีครับ"


def test_bleu_by_hand() -> None:
    # 1-grams 4/5, 2-grams 3/4, 3-grams 2/3, 4-grams 1/2, no brevity penalty
    result = load_scorer("bleu", "en").score(SystemOutput.of(["the house is red ."], ["the house is red !"]))
    expected = 100 * math.exp(sum(map(math.log, (4 / 5, 3 / 4, 2 / 3, 1 / 2))) / 4)
    assert result.system == pytest.approx(expected)
    assert (result.segments, result.higher_is_better) == (None, True)


def test_chrf_by_hand() -> None:
    # "ab" against "abc": 1-grams p 2/2 r 2/3, 2-grams p 1/1 r 1/2, no 3-grams in the hypothesis;
    # sacreBLEU averages over the orders that both have: p 1, r 7/12, F2 = 5·p·r/(4·p + r)
    result = load_scorer("chrf", "en").score(SystemOutput.of(["ab"], ["abc"]))
    recall = (2 / 3 + 1 / 2) / 2
    assert result.system == pytest.approx(100 * 5 * recall / (4 + recall))
    assert result.segments == pytest.approx((result.system,))


def test_ter_by_hand_and_lower_is_better() -> None:
    result = load_scorer("ter", "en").score(SystemOutput.of(["a b c d"], ["a b x d"]))
    assert result.system == pytest.approx(25.0)
    assert result.higher_is_better is False


def test_chrf_plus_plus_counts_words_too() -> None:
    result = load_scorer("chrf++", "en").score(SystemOutput.of(["a b"], ["a b"]))
    assert result.system == pytest.approx(100.0)
    assert result.signature.startswith("chrf++|nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:")


@pytest.mark.parametrize(
    ("language", "text", "tokenizer"),
    [
        ("zh", ZH, "zh"),
        ("zh-TW", ZH, "zh"),
        ("ja", JA, "ja-mecab"),
        ("ko", KO, "ko-mecab"),
        ("th", TH, "char"),
    ],
)
def test_bleu_cuts_a_language_as_it_must_be_cut(language: str, text: str, tokenizer: str) -> None:
    result = load_scorer("bleu", language).score(SystemOutput.of([text, text], [text, text]))
    assert f"|tok:{tokenizer}" in result.signature
    assert result.system == pytest.approx(100.0)


@pytest.mark.parametrize("metric", ["bleu", "ter"])
def test_text_without_spaces_needs_the_language(metric: str) -> None:
    with pytest.raises(ConfigError, match="give --to"):
        load_scorer(metric).score(SystemOutput.of([ZH], [ZH]))


def test_an_empty_hypothesis_is_scored_and_an_empty_set_is_refused() -> None:
    assert load_scorer("chrf++", "en").score(SystemOutput.of([""], ["a"])).system == 0.0
    with pytest.raises(DataError, match="no hypotheses"):
        load_scorer("chrf++", "en").score(SystemOutput.of([], []))


def test_differing_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="2 hypotheses but 1 references"):
        load_scorer("bleu", "en").score(SystemOutput.of(["a", "b"], ["a"]))


@pytest.mark.parametrize("language", ["yue", "nan", "lzh"])
def test_a_sinitic_language_is_cut_as_chinese(language: str) -> None:
    result = load_scorer("bleu", language).score(SystemOutput.of([ZH], [ZH]))
    assert "|tok:zh" in result.signature and result.system == pytest.approx(100.0)


def test_text_without_spaces_is_refused_for_a_language_with_spaces() -> None:
    with pytest.raises(ConfigError, match="give --to"):
        load_scorer("bleu", "en").score(SystemOutput.of([ZH], [ZH]))


def test_a_wrong_language_code_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown language code 'zzz'"):
        load_scorer("bleu", "zzz")


def test_several_references_are_sacrebleus_and_gaps_are_allowed() -> None:
    hypotheses = ["the house is red", "a dog barks loudly", "so it is"]
    references = [("the house is green", "that house is red"), ("a dog barks",), ("so it is", "it is so")]
    lists: Any = [["the house is green", "a dog barks", "so it is"], ["that house is red", None, "it is so"]]
    for metric, theirs in (
        ("bleu", BleuOf()),
        ("chrf", CHRF()),
        ("chrf++", CHRF(word_order=2)),
        ("ter", TER()),
    ):
        result = load_scorer(metric, "en").score(SystemOutput(hypotheses, references))
        assert result.system == theirs.corpus_score(hypotheses, lists).score, metric
        assert f"{metric}|nrefs:var|" in result.signature
        if result.segments:
            single = [
                theirs.sentence_score(h, list(r)).score for h, r in zip(hypotheses, references, strict=True)
            ]
            assert result.segments == tuple(single)


def test_references_that_change_between_systems_are_read_anew() -> None:
    scorer = load_scorer("chrf", "en")
    assert scorer.score(SystemOutput.of(["a b"], ["a b"])).system == 100.0
    assert scorer.score(SystemOutput.of(["a b"], ["c d"])).system == 0.0
    references = [["a b"]]
    output = SystemOutput(["a b"], references)
    assert scorer.score(output).system == 100.0
    references[0][0] = "c d"
    assert scorer.score(output).system == 0.0


@pytest.mark.parametrize(
    ("language", "text", "changed", "score", "signature"),
    [
        # one of nine characters; one of five of MeCab's words; 7 of 11 letters; one of two words
        ("zh", "我们今天去看电影。", "我们昨天去看电影。", 100 / 9, "norm:yes|punct:yes|asian:yes"),
        ("ja", "これはペンです。", "これは本です。", 20.0, "words:ja-mecab"),
        ("th", "นี่คือหนังสือ", "นี่คือปากกา", 700 / 11, "words:char"),
        ("ko", "이것은 책입니다.", "이것은 펜입니다.", 50.0, "norm:no"),
    ],
)
def test_ter_counts_words_where_none_are_written(
    language: str, text: str, changed: str, score: float, signature: str
) -> None:
    result = load_scorer("ter", language).score(SystemOutput.of([text], [changed]))
    assert result.system == pytest.approx(score)
    assert signature in result.signature


@st.composite
def counts(draw: st.DrawFn) -> list[int]:
    """Statistics of one text: in each of eight orders what the hypothesis has, the reference, and both."""
    few = st.integers(0, 3) | st.integers(0, 100_000)
    sides = [(draw(few), draw(few)) for _ in range(8)]
    return [n for left, right in sides for n in (left, right, draw(st.integers(0, min(left, right))))]


@given(st.lists(counts(), min_size=1, max_size=4), st.sampled_from([np.float64, np.float32]))
def test_chrf_of_many_sums_at_once_is_sacrebleus_to_the_last_bit(rows: list[list[int]], kind: type) -> None:
    metric = CHRF(word_order=2)
    sums = np.array(rows, kind)
    # as its own tests compute it: on plain numbers, but on numbers of single precision in the bootstrap
    theirs = [metric._compute_score_from_stats(its).score for its in (sums if kind is np.float32 else rows)]
    assert f_scores(sums, metric.beta).tolist() == [float(its) for its in theirs]
