"""Strategies as values: what the grammar reads, prints and refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.errors import ConfigError
from mtprompt.selection.spec import Concat, Node, Strategy, TopUp, parse

A, B, C = Strategy("a"), Strategy("b"), Strategy("c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("zero", Strategy("zero")),
        ("rbm25@4", Strategy("rbm25", {}, 4)),
        ("random(seed=1)@16", Strategy("random", {"seed": 1}, 16)),
        (
            "rbm25(weight=0.1,threshold=1.0,candidates=100)@16",
            Strategy("rbm25", {"weight": 0.1, "threshold": 1.0, "candidates": 100}, 16),
        ),
        ("x(a=-3,b=-0.5,c=1e-3)", Strategy("x", {"a": -3, "b": -0.5, "c": 0.001})),
        ("x(mode=paper)@2", Strategy("x", {"mode": "paper"}, 2)),
        (" rbm25 ( weight = 0.5 ) @ 4 ", Strategy("rbm25", {"weight": 0.5}, 4)),
        ("my-plugin_2@1", Strategy("my-plugin_2", {}, 1)),
        ("rbm25@007", Strategy("rbm25", {}, 7)),
    ],
)
def test_a_strategy_is_read_with_its_options_and_k(text: str, expected: Strategy) -> None:
    assert parse(text) == expected


def test_whole_numbers_are_read_as_int_and_others_as_float() -> None:
    node = parse("x(a=1,b=1.0)")
    assert isinstance(node, Strategy)
    assert [type(value) for value in node.options.values()] == [int, float]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('x(p="a b")', "a b"),
        ('x(p="a,b)+c|d@4=(e")', "a,b)+c|d@4=(e"),
        (r'x(p="say \"hi\"")', 'say "hi"'),
        (r'x(p="C:\\new")', r"C:\new"),
        ('x(p="")', ""),
        ('x(p="7")', "7"),
        ('x(p="größer 中文")', "größer 中文"),
        ("x(p=größer)", "größer"),
    ],
)
def test_a_value_in_double_quotes_is_text_with_any_character(text: str, value: str) -> None:
    node = parse(text)
    assert isinstance(node, Strategy)
    assert node.options == {"p": value}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a+b", Concat((A, B))),
        ("a|b", TopUp((A, B))),
        ("a+b+c", Concat((A, B, C))),
        ("a|b|c", TopUp((A, B, C))),
        ("a+b|c", TopUp((Concat((A, B)), C))),
        ("a|b+c", TopUp((A, Concat((B, C))))),
        ("(a|b)+c", Concat((TopUp((A, B)), C))),
        ("a+(b|c)", Concat((A, TopUp((B, C))))),
        ("a|(b|c)", TopUp((A, TopUp((B, C))))),
        ("(a)", A),
        ("((a+b))", Concat((A, B))),
    ],
)
def test_plus_binds_tighter_than_bar_and_parentheses_group(text: str, expected: Node) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "zero",
        "rbm25@4",
        "rbm25(weight=0.2,threshold=1.0)@16",
        "task@1+rbm25@16",
        "rbm25@4|random(seed=1)@4",
        "a+b|c",
        "(a|b)+c",
        "a|(b|c)",
        "(a+b)+c",
        'x(p="a b",q=word,r="7")@2',
        r'x(p="\"\\")',
    ],
)
def test_a_strategy_prints_as_it_is_written(text: str) -> None:
    assert str(parse(text)) == text


def test_printing_leaves_out_white_space_and_needless_parentheses() -> None:
    assert str(parse(" ( rbm25 ( weight = 0.2 ) @ 4 ) | ( a + b ) ")) == "rbm25(weight=0.2)@4|a+b"


def test_a_top_up_inside_a_top_up_keeps_its_parentheses_because_they_change_its_meaning() -> None:
    # b@1|c@5 alone gives one example; without the parentheses c could give three
    assert str(parse("a@4|(b@1|c@5)")) == "a@4|(b@1|c@5)"


@pytest.mark.parametrize("value", [1e16, 1e22, -3e300])
def test_large_floats_print_without_the_plus_that_would_be_a_concatenation(value: float) -> None:
    assert parse(str(Strategy("x", {"v": value}, 2))) == Strategy("x", {"v": value}, 2)


words = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)
values = st.one_of(st.integers(), st.floats(allow_nan=False), st.text(max_size=12), words)
singles = st.builds(
    Strategy,
    words,
    st.dictionaries(words, values, max_size=3),
    st.none() | st.integers(min_value=1, max_value=999_999_999),
)


def _groups(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return parts.map(Concat) | parts.map(TopUp)


@settings(deadline=None)
@given(st.recursive(singles, _groups, max_leaves=6))
def test_every_strategy_reads_back_from_its_own_print(node: Node) -> None:
    assert parse(str(node)) == node
    assert str(parse(str(node))) == str(node)


@settings(deadline=None)
@given(st.text(alphabet='ab1@()+|=,." \\-\n', max_size=25))
def test_any_text_is_either_read_or_refused_with_a_message_that_names_it(text: str) -> None:
    try:
        node = parse(text)
    except ConfigError as error:
        assert repr(text) in str(error)
    else:
        assert parse(str(node)) == node


@pytest.mark.parametrize(
    ("text", "what", "character"),
    [
        ("", "expected the name of a strategy", 1),
        ("   ", "expected the name of a strategy", 4),
        ("+a", "expected the name of a strategy", 1),
        ("a+", "expected the name of a strategy", 3),
        ("a||b", "expected the name of a strategy", 3),
        ("a|b+", "expected the name of a strategy", 5),
        ('"a"@1', "expected the name of a strategy", 2),
        ("a@1 b", "unexpected 'b'", 5),
        ("a@1@2", "unexpected '@'", 4),
        ("(a|b)@4", "unexpected '@'", 6),
        ("a)", "unexpected ')'", 2),
        ("(a", "expected ')'", 3),
        ("a(b=1", "expected ')'", 6),
        ("a(b=1 c=2)", "expected ')'", 7),
        ("a()", "expected an option's name", 3),
        ("a(b=1,)", "expected an option's name", 7),
        ("a(b)", "expected '=' after 'b'", 4),
        ("a(b=)", "expected a value for 'b'", 5),
        ("a(b=1,b=2)", "option 'b' is given twice", 7),
        ('a(b="x)', "a closing double quote is missing", 5),
        ("a@", "expected the number of examples after '@'", 3),
        ("a@x", "must be from 1 to 999999999, not 'x'", 3),
        ("a@0", "must be from 1 to 999999999, not '0'", 3),
        ("a@-1", "must be from 1 to 999999999, not '-1'", 3),
        ("a@1.5", "must be from 1 to 999999999, not '1.5'", 3),
        ("a@²", "must be from 1 to 999999999, not '²'", 3),
        ("a@" + "9" * 5000, "must be from 1 to 999999999", 3),
    ],
)
def test_a_mistake_is_refused_with_what_is_wrong_and_where(text: str, what: str, character: int) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert what in str(caught.value)
    assert f"at character {character};" in str(caught.value)
