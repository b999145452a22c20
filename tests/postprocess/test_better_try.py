"""Of two tries the better one is kept: required terms first, then flags."""

from __future__ import annotations

import pytest

from mtprompt.postprocess.required import better
from mtprompt.segments import Generation, Hint, Segment, Translation, Usage

SEGMENT = Segment("1", "Die Tabelle hat 47 Zellen.")
REQUIRED = (
    Hint("Tabelle", ("table",), (4, 11), "Tabelle"),
    Hint("Zellen", ("cell",), (19, 25), "Zelle"),
)


def attempt(text: str, *flags: str) -> Translation:
    generation = Generation(text, "stop", Usage(10, 5, 0.5))
    return Translation(SEGMENT, text, text, flags, None, generation, required=REQUIRED)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (attempt("The chart.", "missing_term"), attempt("The table.", "missing_term", "truncated")),
        (attempt("The table has cells.", "lost_number"), attempt("The table has 47 cells.")),
        (attempt("The table. The cell.", "repetition"), attempt("The table has cells.", "lost_number")),
        (attempt("", "empty", "missing_term"), attempt("Ja.", "missing_term")),
    ],
)
def test_the_second_try_is_kept_only_if_it_is_better(first: Translation, second: Translation) -> None:
    assert better(first, second, "en").text == second.text
    assert better(second, first, "en").text == second.text


def test_the_first_of_two_equal_tries_is_kept() -> None:
    first, second = attempt("The table, the cell."), attempt("The cell of the table.")
    assert better(first, second, "en").text == first.text


def test_the_cost_of_both_is_counted() -> None:
    kept = better(attempt("The table has 47 cells."), attempt("Nothing."), "en")
    assert kept.usage == Usage(20, 10, 1.0)
    assert kept.tries == 2
