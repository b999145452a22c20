"""A model's answer becomes one line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.postprocess.clean import clean


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Good day.", "Good day."),
        ("  Good day. \n", "Good day."),
        ("", ""),
        (" \n\t\n", ""),
        ("Good\nday.", "Good day."),
        ("Good\r\nday.", "Good day."),
        ("Good\rday.", "Good day."),
        ("Good \n  day.", "Good day."),
        ("Good\u2028day.", "Good day."),
        ("Good\u2029day.", "Good day."),
        ("Good\x85day.", "Good day."),
        ("Good\vday.", "Good day."),
        ("Good\fday.", "Good day."),
        ("Good\x1cday.", "Good day."),
        ("Good day.\n\nGerman: Und noch", "Good day."),
        ("Good day.\n \t\nGerman: Und noch", "Good day."),
        ("\n\nGood day.", "Good day."),
        ("Good  day.", "Good  day."),
        ("Good\tday.", "Good\tday."),
        ("Good\0day.", "Good\0day."),
        ('"Good day."', '"Good day."'),
    ],
)
def test_an_answer_is_cut_at_its_first_blank_line_and_made_one_line(answer: str, text: str) -> None:
    assert clean(answer) == text


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab \t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\0")))
def test_no_answer_ever_gives_two_lines_or_space_around_it(answer: str) -> None:
    text = clean(answer)
    assert len(text.splitlines()) <= 1
    assert text == text.strip()
    assert clean(text) == text
