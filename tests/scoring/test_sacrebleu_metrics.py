"""Scores against numbers worked out by hand, and the right tokenizer for each language."""

from __future__ import annotations

import math

import pytest

from mtprompt.errors import ConfigError, DataError
from mtprompt.scoring.load import load_scorer

# Mandarin: "the weather is very good today"; Japanese: "this is a pen"; Korean likewise; Thai: hello
ZH, JA, KO, TH = "今天天气很好。", "これはペンです。", "이것은 펜입니다.", "สวัสดีครับ"


def test_bleu_by_hand() -> None:
    # 1-grams 4/5, 2-grams 3/4, 3-grams 2/3, 4-grams 1/2, no brevity penalty
    result = load_scorer("bleu", "en").score(["the house is red ."], ["the house is red !"])
    expected = 100 * math.exp(sum(map(math.log, (4 / 5, 3 / 4, 2 / 3, 1 / 2))) / 4)
    assert result.system == pytest.approx(expected)
    assert (result.segments, result.higher_is_better) == (None, True)


def test_chrf_by_hand() -> None:
    # "ab" against "abc": 1-grams p 2/2 r 2/3, 2-grams p 1/1 r 1/2, no 3-grams in the hypothesis;
    # sacreBLEU averages over the orders that both have: p 1, r 7/12, F2 = 5·p·r/(4·p + r)
    result = load_scorer("chrf", "en").score(["ab"], ["abc"])
    recall = (2 / 3 + 1 / 2) / 2
    assert result.system == pytest.approx(100 * 5 * recall / (4 + recall))
    assert result.segments == pytest.approx((result.system,))


def test_ter_by_hand_and_lower_is_better() -> None:
    result = load_scorer("ter", "en").score(["a b c d"], ["a b x d"])
    assert result.system == pytest.approx(25.0)
    assert result.higher_is_better is False


def test_chrf_plus_plus_counts_words_too() -> None:
    result = load_scorer("chrf++", "en").score(["a b"], ["a b"])
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
    result = load_scorer("bleu", language).score([text, text], [text, text])
    assert f"|tok:{tokenizer}" in result.signature
    assert result.system == pytest.approx(100.0)


@pytest.mark.parametrize("metric", ["bleu", "ter"])
def test_text_without_spaces_needs_the_language(metric: str) -> None:
    with pytest.raises(ConfigError, match="give --to"):
        load_scorer(metric).score([ZH], [ZH])


def test_an_empty_hypothesis_is_scored_and_an_empty_set_is_refused() -> None:
    assert load_scorer("chrf++", "en").score([""], ["a"]).system == 0.0
    with pytest.raises(DataError, match="no hypotheses"):
        load_scorer("chrf++", "en").score([], [])


def test_differing_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="2 hypotheses but 1 references"):
        load_scorer("bleu", "en").score(["a", "b"], ["a"])


@pytest.mark.parametrize("language", ["yue", "nan", "lzh"])
def test_a_sinitic_language_is_cut_as_chinese(language: str) -> None:
    result = load_scorer("bleu", language).score([ZH], [ZH])
    assert "|tok:zh" in result.signature and result.system == pytest.approx(100.0)


def test_text_without_spaces_is_refused_for_a_language_with_spaces() -> None:
    with pytest.raises(ConfigError, match="give --to"):
        load_scorer("bleu", "en").score([ZH], [ZH])


def test_a_wrong_language_code_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown language code 'zzz'"):
        load_scorer("bleu", "zzz")
