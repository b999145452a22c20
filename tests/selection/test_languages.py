"""Selection in languages written without spaces, where 13a sees a sentence as one token."""

from __future__ import annotations

import pytest

from mtprompt.corpus.corpus import Corpus
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection

CHINESE = [
    ("今天天气很好。", "The weather is nice today."),
    ("请在饭后服用这种药片。", "Please take these tablets after a meal."),
    ("点击保存按钮关闭对话框。", "Click the Save button to close the dialog."),
    ("火车晚点了两个小时。", "The train was two hours late."),
    ("他昨天买了一本新书。", "He bought a new book yesterday."),
]
JAPANESE = [
    ("今日は天気がいいです。", "The weather is nice today."),
    ("食後にこの錠剤を飲んでください。", "Please take these tablets after a meal."),
    ("保存ボタンをクリックしてダイアログを閉じます。", "Click the Save button to close the dialog."),
    ("電車が二時間遅れました。", "The train was two hours late."),
    ("彼は昨日新しい本を買った。", "He bought a new book yesterday."),
]
THAI = [
    ("วันนี้อากาศดีมาก", "The weather is nice today."),
    ("กรุณารับประทานยาเม็ดนี้หลังอาหาร", "Please take these tablets after a meal."),
    ("คลิกปุ่มบันทึกเพื่อปิดกล่องโต้ตอบ", "Click the Save button to close the dialog."),
    ("รถไฟล่าช้าสองชั่วโมง", "The train was two hours late."),
    ("เขาซื้อหนังสือเล่มใหม่เมื่อวานนี้", "He bought a new book yesterday."),
]
MEDICINE, DIALOG, TRAIN = "2", "3", "4"


def nearest(pairs: list[tuple[str, str]], language: str, query: str, strategy: str = "rbm25@1") -> list[str]:
    pool = Pool(Corpus.from_pairs(pairs, language, "en"))
    (examples,) = Selection(strategy, pool).select([Query(query)])
    return [example.pair.id for example in examples]


@pytest.mark.parametrize("strategy", ["rbm25@1", "bm25@1"])
@pytest.mark.parametrize(
    ("pairs", "language", "query", "expected"),
    [
        (CHINESE, "zh", "请饭前服用两片药片。", MEDICINE),
        (CHINESE, "zh", "点击取消按钮。", DIALOG),
        (CHINESE, "zh-Hans", "飞机晚点了三个小时。", TRAIN),
        (JAPANESE, "ja", "食前に錠剤を二錠飲んでください。", MEDICINE),
        (JAPANESE, "ja", "キャンセルボタンをクリックします。", DIALOG),
        (JAPANESE, "ja", "飛行機が三時間遅れました。", TRAIN),
        (THAI, "th", "รับประทานยาก่อนอาหาร", MEDICINE),
        (THAI, "th", "คลิกปุ่มยกเลิก", DIALOG),
        (THAI, "th", "เครื่องบินล่าช้าสามชั่วโมง", TRAIN),
    ],
)
def test_the_sentence_on_the_same_matter_is_found(
    pairs: list[tuple[str, str]], language: str, query: str, expected: str, strategy: str
) -> None:
    assert nearest(pairs, language, query, strategy) == [expected]


@pytest.mark.parametrize("language", ["zh-TW", "zh-Hant-HK", "yue", "wuu", "nan", "gan", "hak", "hsn", "lzh"])
def test_every_chinese_language_is_cut_into_characters(language: str) -> None:
    assert nearest(CHINESE, language, "火车没有晚点。") == [TRAIN]


def test_a_second_example_covers_what_the_first_one_left_open() -> None:
    pairs = [("我喜欢喝绿茶。", "x"), ("我喜欢喝红茶。", "y"), ("他在北京工作。", "z")]
    # both tea sentences overlap the query most; once one is taken, Beijing is what is new
    assert nearest(pairs, "zh", "我喜欢喝绿茶，北京。", "rbm25@2") == ["3", "1"]
    assert nearest(pairs, "zh", "我喜欢喝绿茶，北京。", "rbm25(weight=1)@2") == ["2", "1"]


@pytest.mark.parametrize(
    ("language", "pairs", "query"),
    [
        ("ar", [("كتاب جديد", "a new book"), ("القطار متأخر", "The train is late.")], "هذا القطار متأخر جدا"),
        ("hi", [("नई किताब", "a new book"), ("ट्रेन देर से है", "The train is late.")], "आज ट्रेन देर से आई"),
        ("ko", [("새 책", "a new book"), ("기차가 늦었다", "The train was late.")], "오늘 기차가 늦었다"),
        ("ru", [("новая книга", "a new book"), ("поезд опоздал", "a late train")], "Поезд снова опоздал."),
    ],
)
def test_languages_with_spaces_are_matched_by_words(
    language: str, pairs: list[tuple[str, str]], query: str
) -> None:
    assert nearest(pairs, language, query) == ["2"]
