"""What became of hints, counted by hand."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.errors import DataError
from mtprompt.prompting.builder import Draft
from mtprompt.rows import read_hints, selection_row, translation_row
from mtprompt.scoring.hint_use import HintUse, Outcome, count_uses, hint_use, terms_found
from mtprompt.segments import Hint, Prompt, Segment, Translation


def hint(term: str, *translations: str, at: int = 0) -> Hint:
    return Hint(term, translations, (at, at + len(term)), term)


def outcome(text: str, reference: str | None = None, language: str = "en") -> Outcome:
    return Outcome(text, reference, language)


def translation(
    text: str,
    reference: str | None,
    given: tuple[Hint, ...] = (),
    found: tuple[Hint, ...] = (),
    required: tuple[Hint, ...] = (),
) -> Translation:
    prompt = Prompt("…", 50, 10, (), given, hint_tokens=12)
    segment = Segment("1", "Quelle", reference)
    return Translation(segment, text, text, (), prompt, None, found, required)


def test_a_hint_is_followed_if_any_translation_that_was_given_stands_there_in_any_form() -> None:
    subject = outcome("Two doctors came.")
    assert subject.followed(hint("Arzt", "physician", "doctor"))
    assert not subject.followed(hint("Arzt", "physician"))
    assert not subject.followed(hint("Arzt", "doc"))
    assert not subject.followed(hint("Arzt"))


def test_a_hint_is_useful_if_the_translation_that_was_followed_is_the_references() -> None:
    subject = outcome("The doctor came.", "The doctors came.")
    assert subject.useful(hint("Arzt", "physician", "doctor"))
    # followed, and right by another translation: not the one that was followed
    assert not outcome("The doctor came.", "The physician came.").useful(hint("Arzt", "physician", "doctor"))
    assert not outcome("He came.", "The doctor came.").useful(hint("Arzt", "doctor"))
    assert not outcome("The doctor came.").useful(hint("Arzt", "doctor"))


def test_a_hint_misleads_if_the_reference_has_none_of_its_translations_followed_or_not() -> None:
    assert outcome("The train left.", "The move was right.").in_reference(hint("Zug", "train")) is False
    assert outcome("It left.", "The move was right.").in_reference(hint("Zug", "train", "move")) is True
    assert outcome("The train left.").in_reference(hint("Zug", "train")) is None


def test_a_term_is_missed_if_none_of_the_references_translations_is_used() -> None:
    term = hint("Zug", "train", "move")
    assert outcome("The train left.", "The move was right.").missed(term)
    assert outcome("It left.", "The trains left.").missed(term)
    assert not outcome("Trains left.", "The train left.").missed(term)
    assert not outcome("It left.", "It left.").missed(term)  # the reference does without it, too
    assert not outcome("It left.").missed(term)


def test_an_empty_reference_is_none() -> None:
    for reference in (None, "", "  "):
        assert outcome("a", reference).in_reference(hint("x", "a")) is None
        assert count_uses(outcome("a", reference), [hint("x", "a")]).judged is None


def test_the_counts_of_a_segment_by_hand() -> None:
    tablet, doctor, train, blood = (
        hint("Tabletten", "tablet", at=0),
        hint("Arzt", "physician", "doctor", at=10),
        hint("Zug", "train", at=20),
        hint("Blut", "blood", at=30),
    )
    given = (tablet, hint("Arzt", "physician", at=10), train)
    subject = translation(
        "The tablets and the train help the doctor.",
        "Tablets and physicians help the blood.",
        given=given,
        found=(tablet, doctor, train, blood),
        required=(hint("Arzt", "doctor", at=10), hint("Blut", "blood", at=30)),
    )
    assert hint_use(subject, "en") == HintUse(
        found=4,
        given=3,
        followed=2,  # tablets, train
        judged=3,
        useful=1,  # tablets
        misleading=1,  # train
        expected=3,  # tablet, physician, blood
        missed=2,  # physician, blood
        required=2,
        met=1,  # doctor
        tokens=12,
    )


def test_without_a_reference_only_what_needs_none_is_counted() -> None:
    tablet = hint("Tabletten", "tablet")
    found = hint_use(translation("Tablets.", None, given=(tablet,), found=(tablet,)), "en")
    assert found == HintUse(found=1, given=1, followed=1, tokens=12)
    assert found.useful is found.misleading is found.missed is None


def test_a_segment_that_was_not_sent_costs_nothing_and_its_terms_count() -> None:
    copied = Translation(Segment("1", "Arzt", "doctor"), "doctor", found=(hint("Arzt", "doctor"),))
    assert hint_use(copied, "en") == HintUse(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)


def test_a_term_of_dictionary_and_terminology_is_one_with_the_words_of_both() -> None:
    subject = translation(
        "A doctor.",
        "A medic.",
        found=(hint("Arzt", "doctor"), hint("Haus", "house", at=9)),
        required=(hint("Arzt", "medic"),),
    )
    assert [h.translations for h in terms_found(subject)] == [("medic", "doctor"), ("house",)]
    assert (hint_use(subject, "en").found, hint_use(subject, "en").missed) == (2, 1)


@pytest.mark.parametrize(
    ("language", "text", "translation_", "other"),
    [
        ("de", "Zwei Häuser.", "Haus", "Maus"),
        ("cs", "Bez souborů.", "soubor", "počítač"),
        ("sw", "Watoto wawili.", "mtoto", "wawili mtoto"),
        ("tr", "Işıklar yandı.", "ışık", "isik"),
        ("zh", "我住在北京。", "北京", "上海"),
        ("ja", "ＵＳＢメモリです", "USBメモリ", "USBケーブル"),
    ],
)
def test_hints_are_followed_in_many_languages(
    language: str, text: str, translation_: str, other: str
) -> None:
    subject = outcome(text, text, language)
    assert subject.useful(hint("x", translation_))
    assert not subject.followed(hint("x", other))


COUNTS = st.builds(
    HintUse, **{field.name: st.none() | st.integers(0, 99) for field in fields(HintUse)}
)  # None where the type forbids it, too: adding does not care


@given(COUNTS, COUNTS, COUNTS)
def test_adding_has_a_zero_and_any_order_will_do(a: HintUse, b: HintUse, c: HintUse) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    some = HintUse(found=2, given=1, tokens=3)
    assert some + HintUse() == some
    assert sum([some, some], HintUse()) == HintUse(found=4, given=2, tokens=6)


def test_a_sum_counts_what_is_known_of_the_segments_where_it_is() -> None:
    known = HintUse(found=1, given=1, followed=1, judged=1, useful=1, misleading=0, expected=1, missed=0)
    assert known + HintUse(found=3, given=2) == HintUse(4, 3, 1, 1, 1, 0, 1, 0)


@pytest.mark.parametrize(
    ("use", "line"),
    [
        (
            HintUse(731, 512, 312, 512, 246, 154, 500, 45, 14, 12, 12345),
            "hints: 512 given of 731 terms found, 61 % followed; 48 % useful, 30 % misleading, "
            "45 of 500 reference terms missed; 12 of 14 required terms met; 12,345 prompt tokens",
        ),
        (
            HintUse(731, 512, 312, tokens=99),
            "hints: 512 given of 731 terms found, 61 % followed; 99 prompt tokens",
        ),
        # 20 of 40 hints were judged: the shares are of those
        (
            HintUse(50, 40, 10, 20, 5, 10),
            "hints: 40 given of 50 terms found, 25 % followed; 25 % useful, 50 % misleading",
        ),
        (HintUse(7, expected=4, missed=3), "hints: 0 given of 7 terms found; 3 of 4 reference terms missed"),
        (HintUse(), "hints: 0 given"),
    ],
)
def test_one_line_for_people_leaves_out_what_is_not_known(use: HintUse, line: str) -> None:
    assert str(use) == line


# rows


def test_a_row_says_what_became_of_each_hint() -> None:
    subject = translation(
        "The tablets.",
        "The pills and the tablets.",
        given=(hint("Tabletten", "tablet"), hint("Zug", "train", at=20)),
        found=(hint("Tabletten", "tablet"), hint("Zug", "train", at=20), hint("Pille", "pill", at=30)),
        required=(hint("Pille", "pill", at=30),),
    )
    row = translation_row(subject, "sig", "en")
    assert row["hints"] == [
        {"term": "Tabletten", "translations": ["tablet"], "followed": True, "in_reference": True},
        {"term": "Zug", "translations": ["train"], "followed": False, "in_reference": False},
    ]
    assert [term["term"] for term in row["terms"]] == ["Pille", "Tabletten", "Zug"]
    assert (row["terms_missed"], row["hint_tokens"]) == (1, 12)
    assert row["required"] == [{"term": "Pille", "translations": ["pill"], "met": False}]


def test_a_row_without_reference_has_null_for_what_compares_with_it() -> None:
    row = translation_row(translation("Tablets.", None, given=(hint("Tabletten", "tablet"),)), "sig", "en")
    assert row["hints"][0]["followed"] is True and row["hints"][0]["in_reference"] is None
    assert row["terms_missed"] is None


def test_a_row_without_dictionary_does_not_say_that_nothing_was_missed() -> None:
    row = translation_row(Translation(Segment("1", "Ja", "Yes"), "Yes"), "sig", "en")
    assert (row["hints"], row["required"]) == ([], [])
    assert (row["terms"], row["terms_missed"], row["hint_tokens"]) == (None, None, 0)


def test_a_selection_has_what_makes_sense_without_a_model() -> None:
    tablet, pill = hint("Tabletten", "tablet"), hint("Pille", "pill", at=20)
    draft = Draft(Segment("1", "Quelle"), hints=(tablet,), found=(tablet,), required=(pill,))
    row = selection_row(draft, "sig")
    assert list(row) == [*("id", "source", "examples", "hints", "terms", "required", "flags", "signature")]
    assert row["hints"] == [{"term": "Tabletten", "translations": ["tablet"]}]
    assert row["required"] == [{"term": "Pille", "translations": ["pill"]}]
    assert row["terms"] == [*row["required"], *row["hints"]]


def test_what_is_read_back_counts_the_same() -> None:
    tablet = hint("Tabletten", "tablet")
    subject = translation("Tablets.", "A tablet.", (tablet,), (tablet,), (hint("Pille", "pill", at=20),))
    row = json.loads(json.dumps(translation_row(subject, "sig", "en")))
    back = read_hints(row, "out.jsonl:1")
    seen = outcome(subject.text, subject.segment.reference)
    uses = count_uses(seen, back.given, back.required, found=back.found, tokens=back.tokens)
    assert uses == hint_use(subject, "en")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"hints": 5}, "hints"),
        ({"hints": ["Arzt"]}, "hints"),
        ({"hints": [{"term": "Arzt"}]}, "hints"),
        ({"hints": [{"term": 1, "translations": []}]}, "hints"),
        ({"hints": [{"term": "Arzt", "translations": "doctor"}]}, "hints"),
        ({"hints": [{"term": "Arzt", "translations": [None]}]}, "hints"),
        ({"required": {"term": "Arzt"}}, "required"),
        ({"terms": "5"}, "terms"),
        ({"terms": [5]}, "terms"),
        ({"hint_tokens": True}, "hint_tokens"),
        ({"hint_tokens": 1.5}, "hint_tokens"),
    ],
)
def test_a_row_of_another_shape_is_an_error_with_its_place(row: dict[str, Any], field: str) -> None:
    with pytest.raises(DataError, match=rf"^out\.jsonl:7: field '{field}' must be "):
        read_hints(row, "out.jsonl:7")


def test_a_row_that_says_nothing_of_hints_is_no_error() -> None:
    assert read_hints({"translation": "Yes", "hints": None}, "x:1") == ((), (), None, None)
