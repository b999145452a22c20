"""Batches: nothing lost, nothing twice, and every limit kept."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.generation.batches import batches_by_length


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 60), max_size=60),
    st.integers(1, 9),
    st.none() | st.integers(0, 9),
    st.integers(1, 200),
)
def test_every_index_comes_once_and_every_limit_is_kept(
    lengths: list[int], batch_size: int, spread: int | None, max_tokens: int
) -> None:
    batches = list(batches_by_length(lengths, batch_size, spread=spread, max_tokens=max_tokens))
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        here = [lengths[i] for i in batch]
        assert 1 <= len(batch) <= batch_size
        assert spread is None or max(here) - min(here) <= spread
        assert len(batch) == 1 or len(batch) * max(here) <= max_tokens


def test_nothing_gives_no_batch() -> None:
    assert list(batches_by_length([], 8)) == []


def test_like_lengths_go_together_the_longest_first() -> None:
    assert list(batches_by_length([5, 50, 6, 49], 2)) == [[1, 3], [2, 0]]


def test_equal_lengths_keep_their_order() -> None:
    assert list(batches_by_length([7, 7, 7, 7, 7], 2)) == [[0, 1], [2, 3], [4]]


def test_lengths_in_a_batch_differ_by_the_spread_at_most() -> None:
    assert list(batches_by_length([20, 15, 12, 11], 8, spread=5)) == [[0, 1], [2, 3]]


def test_a_prompt_longer_than_a_batch_may_be_goes_alone() -> None:
    assert list(batches_by_length([100, 40, 10], 8, max_tokens=80)) == [[0], [1, 2]]


def test_long_prompts_make_smaller_batches_by_default() -> None:
    batches = list(batches_by_length([4096] * 10, 32))
    assert [len(batch) for batch in batches] == [4, 4, 2]  # 16,384 tokens at most
