"""How much of a test set stands in a pool, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtprompt.corpus.overlap import ORDERS, NgramOverlap, Overlap, measure_overlap
from mtprompt.errors import ConfigError
from mtprompt.segments import Pair, Segment

LONG = "Diese Funktion ist seit der Version 5.0 verfügbar."
LONG_TARGET = "This function has been available since version 5.0."


def pool(*texts: tuple[str, str]) -> list[Pair]:
    return [Pair(f"p{i}", source, target) for i, (source, target) in enumerate(texts)]


def segments_of(*texts: tuple[str, str | None]) -> list[Segment]:
    return [Segment(f"t{i}", source, reference) for i, (source, reference) in enumerate(texts)]


def measure(pairs: list[Pair], segments: list[Segment], **options: float) -> Overlap:
    return measure_overlap(pairs, segments, ("de", "en"), **options)


def test_equal_segments_are_counted_by_side_and_in_one_pair() -> None:
    found = measure(
        pool(("Das Haus", "The house"), ("Der Hund", "The dog"), ("Die Katze", "A cat")),
        segments_of(
            ("das  HAUS", "the house"),  # both sides, in one pair
            ("Der Hund", "The house"),  # both sides, but of two pairs
            ("Die Katze", "The cat"),  # the source alone
            ("Das Pferd", None),  # neither
        ),
    )
    assert (found.pairs, found.source.segments, found.source.equal) == (3, 4, 3)
    assert found.target is not None
    assert (found.target.segments, found.target.equal, found.both_equal) == (3, 2, 1)


def test_near_segments_include_equal_ones_and_the_nearest_pair_is_named() -> None:
    found = measure(
        pool(
            (LONG.replace("5.0", "4.0"), LONG_TARGET.replace("5.0", "4.0")),
            (LONG, "Something else"),
            (LONG.replace("5.0", "5.1"), LONG_TARGET.replace("5.0", "4.2")),
        ),
        segments_of((LONG, LONG_TARGET), ("Guten Tag", "Hello")),
    )
    assert found.target is not None
    assert (found.source.equal, found.source.near) == (1, 1)
    assert (found.target.equal, found.target.near) == (0, 1)
    assert (found.both_equal, found.both_near) == (0, 1)
    # p0: source 1 − 1/50, target 1 − 1/51; p1: the source alone; p2: target two edits away
    (nearest,) = found.nearest
    assert (nearest.segment.id, nearest.pair.id) == ("t0", "p0")
    assert nearest.source == pytest.approx(1 - 1 / 50)
    assert nearest.target == pytest.approx(1 - 1 / 51)


def test_of_equally_near_pairs_the_first_is_named_and_the_nearest_segment_comes_first() -> None:
    found = measure(
        pool((LONG, "a"), (LONG, "b"), ("Ja", "Yes")),
        segments_of((LONG.replace("5", "6"), None), ("Ja", None), (LONG, None)),
    )
    assert [(n.segment.id, n.pair.id) for n in found.nearest] == [("t1", "p2"), ("t2", "p0"), ("t0", "p0")]


def test_a_lower_threshold_finds_more() -> None:
    pairs, segments = pool(("abcdefghij", "x")), segments_of(("abcdefghiX", None))
    assert measure(pairs, segments).source.near == 0
    assert measure(pairs, segments, similarity=0.9).source.near == 1


def test_ngrams_are_counted_as_tokens_and_as_types() -> None:
    # test source 1: a b a b (2-grams ab ba ab), source 2: a c (2-gram ac); the pool has a, b, ab
    found = measure(pool(("x a b", "y")), segments_of(("a b a b", None), ("a c", None)))
    one, two, three, four, eight = found.source.ngrams
    assert one == NgramOverlap(
        1, count=6, found=5, types=3, types_found=2, segments=2, segments_some=2, segments_all=1
    )
    assert two == NgramOverlap(
        2, count=4, found=2, types=3, types_found=1, segments=2, segments_some=1, segments_all=0
    )
    assert (three.count, three.found, three.segments) == (2, 0, 1)
    assert (four.count, four.found) == (1, 0)
    assert (eight.order, eight.count, eight.segments) == (8, 0, 0)


def test_an_ngram_must_stand_in_one_pool_text_in_a_row() -> None:
    # abc is nowhere in a row, though the pool has ab, bc and all three words
    found = measure(pool(("a b", "1"), ("b c", "2"), ("a b x c", "3")), segments_of(("a b c", None)))
    assert [ngrams.found for ngrams in found.source.ngrams] == [3, 2, 0, 0, 0]


def test_every_8_gram_and_some_8_gram_of_a_segment_are_told_apart() -> None:
    words = "eins zwei drei vier fünf sechs sieben acht neun zehn"
    found = measure(
        pool((f"Also {words} fertig", "x")),
        segments_of((words, None), (f"{words} elf", None), ("eins zwei drei", None)),
    )
    assert found.source.ngrams[-1] == NgramOverlap(
        8, count=3 + 4, found=3 + 3, types=4, types_found=3, segments=2, segments_some=2, segments_all=1
    )


def test_case_and_width_make_no_difference_and_punctuation_is_a_token() -> None:
    found = measure(pool(("DIE ＤＡＴＥＩ.", "x")), segments_of(("die Datei!", None)))
    assert [(n.count, n.found) for n in found.source.ngrams[:3]] == [(3, 2), (2, 1), (1, 0)]


def test_chinese_is_counted_in_characters() -> None:
    found = measure_overlap(pool(("打开文件夹", "x")), segments_of(("打开文件", None)), ("zh", "en"))
    assert [(n.count, n.found) for n in found.source.ngrams] == [(4, 4), (3, 3), (2, 2), (1, 1), (0, 0)]


def test_the_reference_is_tokenized_in_its_own_language() -> None:
    found = measure_overlap(pool(("x", "打开文件夹")), segments_of(("y", "打开文件")), ("en", "zh"))
    assert found.target is not None
    assert [n.found for n in found.target.ngrams] == [4, 3, 2, 1, 0]


def test_without_references_there_is_no_target_side() -> None:
    assert measure(pool(("a", "b")), segments_of(("a", None), ("b", ""))).target is None


def test_an_empty_pool_holds_nothing() -> None:
    found = measure([], segments_of(("a", "b")))
    assert (found.pairs, found.source.near, found.nearest) == (0, 0, ())


def test_the_pool_is_read_once_as_it_comes() -> None:
    def pairs() -> Iterator[Pair]:
        for i in range(10_000):
            yield Pair(str(i), f"Zeile {i}", f"Line {i}")

    found = measure_overlap(pairs(), segments_of(("Zeile 9999", "Line 5000")), ("de", "en"))
    assert found.target is not None
    assert (found.pairs, found.source.equal, found.target.equal, found.both_equal) == (10_000, 1, 1, 0)


def test_a_wrong_threshold_is_refused() -> None:
    with pytest.raises(ConfigError, match="a similarity must be from"):
        measure([], segments_of(("a", None)), similarity=95)


TEXTS = st.text("ab ,.", min_size=1, max_size=12).filter(str.strip)


@given(st.lists(TEXTS, min_size=1, max_size=6), st.lists(TEXTS, min_size=1, max_size=6))
def test_counts_are_those_of_a_plain_search(sources: list[str], pool_sources: list[str]) -> None:
    found = measure(pool(*((s, "x") for s in pool_sources)), segments_of(*((s, None) for s in sources)))

    def grams(text: str, order: int) -> list[tuple[str, ...]]:
        tokens = text.replace(",", " , ").replace(".", " . ").split()
        return [tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1)]

    for order, ngrams in zip(ORDERS, found.source.ngrams, strict=True):
        known = {gram for text in pool_sources for gram in grams(text, order)}
        hits = [[gram in known for gram in grams(text, order)] for text in sources]
        assert ngrams.count == sum(map(len, hits))
        assert ngrams.found == sum(map(sum, hits))
        assert ngrams.segments_all == sum(all(hit) for hit in hits if hit)
        assert ngrams.segments_some == sum(any(hit) for hit in hits)


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_a_test_set_that_is_the_pool_is_found_whole(texts: list[str]) -> None:
    found = measure(pool(*((t, t) for t in texts)), segments_of(*((t, t) for t in texts)))
    assert found.target is not None
    assert found.both_equal == found.source.equal == found.target.equal == len(texts)
    assert all(n.found == n.count and n.segments_all == n.segments for n in found.source.ngrams)
    assert len(found.nearest) == len(texts)
