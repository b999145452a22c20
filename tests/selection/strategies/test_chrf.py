"""``chrf@k``: sacreBLEU's chrF between sources, counted for a hundred candidates at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.chrf import CHRF

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.strategies.chrf import ChrfSelector, chrf_scores

SAMPLE = Path(__file__).parents[3].parent / "shared" / "data" / "de-en" / "software_help" / "dev.jsonl"


def pool_of(*sources: str, language: str = "de") -> Pool:
    return Pool(Corpus.from_pairs([(source, f"target of {source}") for source in sources], language, "en"))


def chrf(
    query: str,
    *sources: str,
    k: int = 9,
    excluded: frozenset[int] = frozenset(),
    language: str = "de",
    candidates: int = 100,
) -> list[int]:
    selector = ChrfSelector(pool_of(*sources, language=language), k, candidates)
    (choices,) = selector.select([Query(query, excluded)])
    return [choice.index for choice in choices]


def by_sacrebleu(reference: str, hypotheses: list[str]) -> list[float]:
    metric = CHRF()
    return [metric.sentence_score(hypothesis, [reference]).score for hypothesis in hypotheses]


# the score


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        # orders 1 to 3: 2 of 3 (a, b), 1 of 2 (ab), 0 of 1; P = R = F = (2/3 + 1/2 + 0)/3 = 7/18
        ("abc", "abd", 100 * 7 / 18),
        # orders 1 and 2, for three letters the hypothesis is too short: P = 1, R = (2/4 + 1/3)/2 = 5/12,
        # F = 5·P·R/(4·P + R) = 5·(5/12)/(4 + 5/12) = 25/53
        ("abcd", "ab", 100 * 25 / 53),
        # an n-gram counts as often as both have it: a 2 (of 4, of 3), aa 1 (of 3, of 2), aaa 0 (of 2, of 1)
        # P = (2/4 + 1/3 + 0)/3 = 5/18, R = (2/3 + 1/2 + 0)/3 = 7/18, F = 5·(35/324)/(20/18 + 7/18) = 175/486
        ("aab", "aaaa", 100 * 175 / 486),
        ("das Haus", "dasHa us", 100.0),  # white space is not counted
        ("Haus", "hAUS", 0.0),  # case is: not even a single letter in common
        ("abc", "xyz", 0.0),
        ("abc", "", 0.0),
        ("", "abc", 0.0),
        ("", "", 0.0),
        (" \n", "\t", 0.0),
    ],
)
def test_scores_are_as_worked_out_by_hand(reference: str, hypothesis: str, expected: float) -> None:
    assert chrf_scores(reference, [hypothesis]).tolist() == [pytest.approx(expected)]
    assert by_sacrebleu(reference, [hypothesis]) == [pytest.approx(expected)]


@pytest.mark.parametrize(
    ("reference", "hypotheses"),
    [
        (
            "Bei einer Suche erfolgt die Suche in allen Spalten.",
            [
                "Die Suche erfolgt in allen Spalten einer Tabelle.",
                "Bei einer Suche erfolgt die Suche in allen Spalten.",
                "Suche",
                "",
                "Speichern unter …",
            ],
        ),
        ("打开这个文件。", ["打开那个文件。", "文件", "保存 这个"]),
        ("ファイルを開く", ["ファイルを閉じる", "開 く"]),
        ("เปิดไฟล์นี้", ["ปิดไฟล์นี้", "ไฟล์"]),
        ("افتح الملف", ["أغلق الملف الجديد", "ملف"]),
        ("😀😀 ok", ["😀 ok", "ok"]),  # beyond the 16-bit characters
        ("a\x1fb\u3000c\u0085d\u2028e", ["abcde", "a b c d e"]),  # all that Python takes for white space
        ("x" * 3000 + "yz", ["x" * 10, "zy" * 500, "x" * 3000 + "yz"]),
    ],
)
def test_scores_equal_sacrebleus_to_the_bit(reference: str, hypotheses: list[str]) -> None:
    assert chrf_scores(reference, hypotheses).tolist() == by_sacrebleu(reference, hypotheses)


texts = st.text(alphabet="aabbcä文 \n😀", max_size=25) | st.text(max_size=12)


@settings(max_examples=300, deadline=None)
@given(reference=texts, hypotheses=st.lists(texts, max_size=6))
@example(reference="ab", hypotheses=["b", "a"])  # "ab" must not be found over the border of two texts
@example(reference="aa", hypotheses=[])
@example(reference="\ud800a", hypotheses=["a\ud800"])  # half a character, as a library call may hold
def test_any_texts_score_as_sacrebleu_scores_them(reference: str, hypotheses: list[str]) -> None:
    assert chrf_scores(reference, hypotheses).tolist() == by_sacrebleu(reference, hypotheses)


def test_real_sentences_score_as_sacrebleu_scores_them() -> None:
    if not SAMPLE.exists():
        pytest.skip("the software help texts are not here")
    sources = [json.loads(line)["source"] for line in SAMPLE.read_text("utf-8").splitlines()[:120]]
    for reference in sources[::10]:
        assert chrf_scores(reference, sources).tolist() == by_sacrebleu(reference, sources)


# the choice


def test_the_highest_score_comes_first_and_is_reported() -> None:
    sources = ["rot gelb weiß", "rot grau", "rot grün"]
    (choices,) = ChrfSelector(pool_of(*sources), 9).select([Query("rot grün")])
    assert [choice.index for choice in choices] == [2, 1, 0]
    assert [choice.score for choice in choices] == by_sacrebleu(
        "rot grün", ["rot grün", "rot grau", "rot gelb weiß"]
    )


def test_the_source_of_the_segment_is_the_reference_and_recall_weighs_more() -> None:
    # the longer candidate holds the whole source, the shorter is all in the source: with the roles
    # exchanged, the shorter would win
    assert chrf("rot grün", "rot", "rot grün blau") == [1, 0]


def test_ties_go_to_the_earlier_pair_even_where_bm25_ranks_the_later_higher() -> None:
    # each shares two letters and one pair of letters with it, and "cd" is the rarer word
    pool = pool_of("ab xy", "xy cd", "ab", "ab ab")
    query = Query("ab cd")
    ((first, *_),) = pool.candidates([query], 4)
    assert first.index == 1
    (choices,) = ChrfSelector(pool, 9).select([query])
    scores = {choice.index: choice.score for choice in choices}
    assert scores[0] == scores[1]
    assert list(scores).index(0) < list(scores).index(1)


def test_a_repeated_source_is_offered_once() -> None:
    assert chrf("rot grün", "rot grün", "rot  grün", "rot", "rot grün") == [0, 2]


def test_excluded_pairs_are_left_out() -> None:
    assert chrf("rot grün", "rot grün", "rot", excluded=frozenset({0})) == [1]


def test_only_the_best_candidates_of_bm25_are_looked_at() -> None:
    # BM25 prefers the pair with both words, chrF the one that begins as the query does
    sources = ["grün grün rot rot", "rot grünl", "rot grünk"]
    assert chrf("rot grün", *sources, candidates=1) == [0]
    assert chrf("rot grün", *sources, k=1) == [1]


@pytest.mark.parametrize("query", ["", "  ", "unbekannt", "!", "\n"])
def test_a_text_without_a_word_of_the_pool_gets_nothing(query: str) -> None:
    assert chrf(query, "rot grün", "blau") == []


def test_an_empty_pool_gives_nothing_and_a_small_one_what_it_has() -> None:
    assert chrf("rot") == []
    assert chrf("rot", "rot") == [0]


def test_a_text_much_longer_than_any_pair_still_gets_its_matches() -> None:
    assert chrf("rot " * 5000, "rot", "blau") == [0]


@pytest.mark.parametrize(
    ("language", "far", "near", "query"),
    [
        ("zh", "打开所有其他的窗口", "打开这个文件", "打开那个文件"),
        ("ja", "ファイルについての説明", "ファイルを開く", "ファイルを閉じる"),
        ("th", "ไฟล์ทั้งหมดในโฟลเดอร์", "เปิดไฟล์", "ปิดไฟล์"),
        ("ar", "الملف الجديد الكبير جدا", "افتح الملف", "أغلق الملف"),
        ("tr", "dosya adı çok uzun olabilir", "dosya aç", "dosya ağ"),
        ("sw", "faili zote za zamani zimefutwa", "fungua faili", "funga faili"),
    ],
)
def test_the_nearer_sentence_wins_in_every_script(language: str, far: str, near: str, query: str) -> None:
    assert chrf(query, far, near, language=language) == [1, 0]


@pytest.mark.parametrize("candidates", [0, -1, 2.5, float("nan"), "many", True])
def test_a_wrong_number_of_candidates_is_refused(candidates: object) -> None:
    with pytest.raises(ConfigError, match=r"^chrf: candidates must be a (whole )?number"):
        ChrfSelector(pool_of("a"), 4, candidates)


def test_without_k_it_says_what_to_write() -> None:
    with pytest.raises(ConfigError, match=r"^chrf needs a number of examples, for instance chrf@4$"):
        ChrfSelector(pool_of("a"), None)


WORDS = ["rot", "Rot", "rote", "grün", "blau", "und", "Straße", "."]
SOURCES = [
    " ".join(WORDS[(i * 7 + j * (i % 4 + 1)) % len(WORDS)] for j in range(1 + i % 5)) for i in range(40)
]
SHARED = pool_of(*SOURCES)
queries_of = st.lists(
    st.builds(
        Query,
        st.lists(st.sampled_from([*WORDS, "neu", "x"]), max_size=7).map(" ".join),
        st.frozensets(st.integers(0, len(SOURCES) - 1), max_size=6),
    ),
    max_size=5,
)


@settings(max_examples=50, deadline=None)
@given(queries=queries_of, k=st.integers(1, 12))
def test_choices_are_the_candidates_sorted_by_sacrebleus_score_whatever_the_batch(
    queries: list[Query], k: int
) -> None:
    expected = []
    for query, candidates in zip(queries, SHARED.candidates(queries, 20), strict=True):
        places = [candidate.index for candidate in candidates]
        scores = by_sacrebleu(query.source, [SOURCES[index] for index in places])
        ranked = sorted(zip(places, scores, strict=True), key=lambda pair: (-pair[1], pair[0]))
        expected.append([Choice(index, score) for index, score in ranked[:k]])
        assert query.excluded.isdisjoint(choice.index for choice in expected[-1])
    selector = ChrfSelector(SHARED, k, 20)
    assert selector.select(queries) == expected
    assert [selector.select([query])[0] for query in queries] == expected, "one by one"
    assert selector.select(queries[::-1]) == expected[::-1], "another order"
