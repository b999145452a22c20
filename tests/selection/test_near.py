"""Near matches: nothing over the threshold is missed, nothing below it is found."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance.Levenshtein import normalized_similarity
from rapidfuzz.process import cdist

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.near import NearMatches
from mtprompt.selection.pool import Pool
from mtprompt.text.near import NearTexts
from mtprompt.text.tokens import normalize

SOFTWARE = Path(__file__).parents[3] / "shared" / "data" / "de-en" / "software_help"
TWENTY = "abcdefghij klmnopqrs"  # 20 characters: at 0.95 one edit is allowed


def near(query: str, texts: list[str], similarity: float = 0.95) -> list[int]:
    return list(NearTexts(texts, similarity).find([query])[0])


def test_one_edit_in_twenty_characters_is_near_and_one_in_nineteen_is_not() -> None:
    assert len(TWENTY) == 20
    assert near(TWENTY, [TWENTY.replace("c", "x")]) == [0]  # 1 − 1/20 = 0.95
    assert near(TWENTY[:19], [TWENTY[:19].replace("c", "x")]) == []  # 1 − 1/19 = 0.947
    assert near(TWENTY, [TWENTY.replace("c", "x").replace("e", "y")]) == []  # 1 − 2/20 = 0.9


def test_the_longer_of_the_two_texts_counts() -> None:
    # 19 against 20 characters: one insertion, 1 − 1/20 = 0.95; 18 against 19: 1 − 1/19
    assert near(TWENTY[:19], [TWENTY]) == [0]
    assert near(TWENTY, [TWENTY[:19]]) == [0]
    assert near(TWENTY[:18], [TWENTY[:19]]) == []
    assert near(TWENTY[:19], [TWENTY[:18]]) == []


def test_the_threshold_itself_is_near_whatever_rounding_says() -> None:
    # rapidfuzz's normalized_similarity with score_cutoff=0.8 calls 4 edits of 20 too many
    assert near(TWENTY, ["####" + TWENTY[4:]], 0.8) == [0]
    assert near(TWENTY, ["#####" + TWENTY[5:]], 0.8) == []


def test_order_of_characters_matters_though_their_counts_are_equal() -> None:
    assert near(TWENTY, [TWENTY[::-1]]) == []
    # "ba" for "ab" is two edits of twenty
    assert near(TWENTY, ["ba" + TWENTY[2:]]) == []
    assert near(TWENTY, ["ba" + TWENTY[2:]], 0.9) == [0]


def test_characters_that_share_a_bin_are_told_apart_in_the_end() -> None:
    # A bin holds every 32nd code point: "ā" (U+0101) and "ġ" (U+0121) fall into one
    assert near("ā" * 10, ["ġ" * 10]) == []


def test_similarities_come_with_the_texts_in_their_order() -> None:
    texts = [TWENTY + "x", "something else", TWENTY]
    assert NearTexts(texts).find([TWENTY]) == [{0: pytest.approx(20 / 21), 2: 1.0}]


def test_texts_are_compared_after_normalization() -> None:
    assert near("Straße  1", ["STRASSE 1", "ｓｔｒａｓｓｅ 1", "Strasse 2"]) == [0, 1]


def test_more_than_255_equal_characters_do_not_confuse() -> None:
    long = "a" * 1000
    assert near(long, [long + "b" * 50, long + "b" * 60, long + "a" * 52, "a" * 1053]) == [0, 2]


@pytest.mark.parametrize("query", ["", "  \n"])
def test_a_query_of_white_space_is_near_to_nothing(query: str) -> None:
    assert near(query, ["a", "", " "]) == []


def test_no_texts_and_no_queries_are_no_error() -> None:
    assert near("a", []) == []
    assert NearTexts(["a"]).find([]) == []


def test_texts_in_any_script_are_found() -> None:
    texts = [
        "请在安装之前仔细阅读本手册并保存好以备日后查阅。",
        "コンピューターを再起動する前にファイルを保存してください。",
        "กรุณาบันทึกไฟล์ก่อนเริ่มเครื่องคอมพิวเตอร์ใหม่",
        "يرجى حفظ الملف قبل إعادة تشغيل الحاسوب",
        "Tafadhali hifadhi faili kabla ya kuanzisha upya",
        "Lütfen bilgisayarı yeniden başlatmadan önce dosyayı kaydedin",
    ]
    for i, text in enumerate(texts):
        assert near(text[:-1] + "!", texts) == [i]


@pytest.mark.parametrize("similarity", [0.49, 1.01, -1, 0, float("nan"), float("inf")])
def test_a_threshold_out_of_range_is_refused(similarity: float) -> None:
    with pytest.raises(ConfigError, match=r"a similarity must be from 0\.5 to 1, got"):
        NearTexts([], similarity)


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text, and others that are some edits away from it or have nothing to do with it."""
    random = Random(draw(st.integers(0, 2**32)))
    alphabet = draw(st.sampled_from(["ab", "abcdefgh ", "äß字ー กİ ́e", "aĀȀ"]))

    def text(length: int) -> str:
        return "".join(random.choice(alphabet) for _ in range(length))

    query = text(random.choice([0, 1, 5, 19, 20, 21, 40, 60, 100, 300]))
    texts = [text(random.randrange(len(query) + 5)) for _ in range(5)]
    for _ in range(25):
        letters = list(query)
        for _ in range(random.randrange(len(letters) // 4 + 3)):
            at = random.randrange(len(letters) + 1)
            how = random.randrange(3)
            letters[at : at + (how != 0)] = [random.choice(alphabet)] if how != 1 else []
        texts.append("".join(letters))
    return query, texts


@settings(deadline=None, max_examples=200)
@given(edited_texts(), st.sampled_from([0.5, 0.6, 0.75, 0.8, 0.9, 0.95, 0.99, 1.0]))
def test_exactly_what_brute_force_finds_is_found(case: tuple[str, list[str]], similarity: float) -> None:
    query, texts = case
    wanted = normalize(query)
    brute = [
        i for i, t in enumerate(texts) if normalized_similarity(wanted, normalize(t)) >= similarity - 1e-9
    ]
    assert near(query, texts, similarity) == (brute if wanted else [])


@settings(deadline=None, max_examples=50)
@given(edited_texts(), st.lists(st.integers(0, 30), max_size=4))
def test_texts_added_later_are_found_as_if_they_had_always_been_there(
    case: tuple[str, list[str]], sizes: list[int]
) -> None:
    query, texts = case
    growing: list[str] = []
    index = NearTexts(growing, 0.9)
    for size in [*sorted(sizes), len(texts)]:
        growing += texts[len(growing) : size]
        assert index.find([query]) == NearTexts(growing, 0.9).find([query])


@settings(deadline=None, max_examples=50)
@given(edited_texts())
def test_a_result_depends_on_its_own_query_alone(case: tuple[str, list[str]]) -> None:
    _, texts = case
    index = NearTexts(texts, 0.8)
    together = index.find(texts)
    assert together == [index.find([text])[0] for text in texts]
    assert index.find(texts[::-1]) == together[::-1]


PAIRS = [
    ("Diese Funktion ist seit Version 5.0 verfügbar.", "This function is available since version 5.0."),
    ("Das Haus ist rot.", "The house is red."),
    ("Klicken Sie hier, um fortzufahren.", "Click here to continue with the installation."),
]


def test_a_pair_is_near_by_its_source_or_by_its_target_against_the_reference() -> None:
    matches = NearMatches(Pool(Corpus.from_pairs(PAIRS, "de", "en")))
    source = "Diese Funktion ist seit Version 5.1 verfügbar."
    reference = "Click here to continue with the installation!"
    assert matches.find([(source, None), ("Ganz anders", reference), (source, reference), ("x", None)]) == [
        {0},
        {2},
        {0, 2},
        set(),
    ]


def test_a_source_is_not_held_against_targets() -> None:
    matches = NearMatches(Pool(Corpus.from_pairs(PAIRS, "de", "en")))
    assert matches.find([(PAIRS[0][1], PAIRS[0][0])]) == [set()]


@pytest.mark.parametrize("reference", ["", " "])
def test_an_empty_reference_is_near_to_nothing(reference: str) -> None:
    matches = NearMatches(Pool(Corpus.from_pairs(PAIRS, "de", "en")))
    assert matches.find([("x", reference)]) == [set()]


def test_pairs_added_to_the_pool_are_found() -> None:
    pool = Pool(Corpus.from_pairs(PAIRS[:1], "de", "en"))
    matches = NearMatches(pool)
    assert matches.find([("Das Haus ist rot.", None)]) == [set()]
    pool.corpus.add([PAIRS[1]])
    assert matches.find([("das haus ist rot.", None)]) == [{1}]


def test_the_real_pool_gives_what_brute_force_gives() -> None:
    if not SOFTWARE.is_dir():
        pytest.skip(f"the development data are not in this checkout: {SOFTWARE}")

    def texts(name: str, count: int) -> list[str]:
        with (SOFTWARE / name).open(encoding="utf-8") as file:
            return [
                normalize(json.loads(line)["source"]) for _, line in zip(range(count), file, strict=False)
            ]

    pool, queries = texts("pool.jsonl", 40_000), texts("test.jsonl", 150)
    scores = cdist(queries, pool, scorer=normalized_similarity, score_cutoff=0.89)
    assert [list(found) for found in NearTexts(pool, 0.9).find(queries)] == [
        np.flatnonzero(row >= 0.9 - 1e-9).tolist() for row in scores
    ]
