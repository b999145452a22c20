"""Translation probabilities of a pool, and where they are kept."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.dictionary.alignment import lexical
from mtprompt.dictionary.alignment.align import PASSES
from mtprompt.dictionary.alignment.lexical import LexicalTable
from mtprompt.selection.pool import Pool

PAIRS = [
    ("die Tablette", "the tablet"),
    ("die Tabletten", "the tablets"),
    ("zwei Tabletten", "two tablets"),
    ("zwei Betten", "two beds"),
    ("die Bank", "the bank"),
    ("zwei Banken", "two banks"),
    ("eine Bank", "a bank"),
    ("eine Bank im Garten", "a bench in the garden"),
    ("der Seitenrand", "the page margin"),
    ("ein Seitenrand", "a page margin"),
    ("ein Seitenrand", "a page margin"),
    ("im Garten", "in the garden"),
    ("die Betten", "the beds"),
    ("ein Garten", "a garden"),
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the tables; it is there once one was made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "mtprompt" / "lexical"


def pool_of(pairs: Iterable[tuple[str, str]], languages: tuple[str, str] = ("de", "en")) -> Pool:
    return Pool(Corpus.from_pairs(pairs, *languages))


def probability(term: str, translation: str) -> float:
    found = LexicalTable.of_pool(pool_of(PAIRS)).probability(term, translation)
    assert found is not None
    return found


def test_the_pools_own_translation_is_the_likeliest() -> None:
    assert probability("Bank", "bank") > probability("Bank", "bench") > probability("Bank", "shore") == 0.0
    assert probability("Bank", "bank") == probability("bank", "Bank")


def test_forms_of_a_word_lend_each_other_support() -> None:
    assert probability("Tablette", "tablet") == probability("Tabletten", "tablets") > 0.9
    assert probability("TABLETTE", "tablets") > 0.9


def test_a_compound_is_rather_all_of_its_words_than_one() -> None:
    assert probability("Seitenrand", "page margin") > 0.6
    assert probability("Seitenrand", "margin") < 0.3


def test_a_phrase_that_the_pool_does_not_show_is_judged_by_its_words() -> None:
    assert probability("zwei Seitenrand", "two page") > probability("zwei Seitenrand", "bank page") == 0.0
    # three words of p = 1 or nearly, never seen together
    assert 0.2 < probability("die Bank Garten", "the bank garden") < 1


def test_the_words_of_a_phrase_count_as_two_occurrences_of_it() -> None:
    pairs = pool_of([("xa xb", "p q"), *[("xa", "p"), ("xb", "q")] * 3]).pairs
    table = LexicalTable.of_pairs(pairs, ("sw", "en"))
    # of (1 + 2) the phrase itself gives one and its words two: p(p | xa) = p(q | xb) = 1
    assert table.probability("xa xb", "p q") == pytest.approx((1 + 2) / (1 + 2))
    assert table.probability("xa xb", "q p") == pytest.approx((0 + 2) / (1 + 2))
    assert table.probability("xa xb", "p") == pytest.approx((0 + 2) / (1 + 2))


@pytest.mark.parametrize("term", ["Leber", "Leber Garten", "", "...", "Betten"])
def test_of_a_term_with_a_rare_word_nothing_is_said(term: str) -> None:
    pairs = [pair for pair in PAIRS if pair[0] != "die Betten"]  # leaves one
    assert LexicalTable.of_pool(pool_of(pairs)).probability(term, "bed") is None


def test_a_translation_without_a_word_has_no_probability() -> None:
    assert LexicalTable.of_pool(pool_of(PAIRS)).probability("Bank", "…") is None


def test_an_empty_pool_says_nothing() -> None:
    table = LexicalTable.of_pool(pool_of([]))
    assert table.probability("Bank", "bank") is None


texts = st.lists(st.sampled_from(["Bank", "文", "件", "a", ".", "\ud83d", "İ"]), max_size=5).map(" ".join)


@settings(max_examples=30, deadline=None)
@given(pairs=st.lists(st.tuples(texts, texts), max_size=8), asked=st.tuples(texts, texts))
def test_probabilities_are_none_or_between_none_and_all(
    pairs: list[tuple[str, str]], asked: tuple[str, str]
) -> None:
    made = pool_of(pairs).pairs
    for languages in (("de", "en"), ("zh", "en")):
        found = LexicalTable.of_pairs(made, languages).probability(*asked)
        assert found is None or 0 <= found <= 1 + 1e-6


# the cache


def forbid_aligning(monkeypatch: pytest.MonkeyPatch) -> None:
    def align(*_: object) -> None:
        raise AssertionError("it was aligned again")

    monkeypatch.setattr(lexical, "align", align)


def asked_again(pool: Pool) -> list[float | None]:
    table = LexicalTable.of_pool(pool)
    return [table.probability("Bank", "bank"), table.probability("Seitenrand", "page margin")]


def test_the_second_time_a_table_is_opened_and_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    first = asked_again(pool_of(PAIRS))
    forbid_aligning(monkeypatch)
    assert asked_again(pool_of(PAIRS)) == first
    with pytest.raises(AssertionError, match="aligned again"):
        asked_again(pool_of(PAIRS[1:]))  # another pool


def test_a_table_says_how_far_it_is_and_reads_no_more_than_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "MAX_PAIRS", 5)
    told: list[int] = []
    table = LexicalTable.of_pool(pool_of(PAIRS), told.append)
    assert sum(told) == PASSES * 5
    assert table.probability("Garten", "garden") is None


@pytest.mark.parametrize("name", ["keys.npy", "values.npy", "seal.json"])
@pytest.mark.parametrize("damage", ["remove", "cut", "garble"])
def test_a_damaged_table_is_made_anew_with_one_warning(name: str, damage: str, cache: Path) -> None:
    first = asked_again(pool_of(PAIRS))
    (folder,) = cache.iterdir()
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage != "remove":
        (folder / name).write_bytes(content[:-5] if damage == "cut" else content[:-5] + b"12345")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert asked_again(pool_of(PAIRS)) == first
    (warning,) = caught
    assert "it is made anew" in str(warning.message)
    assert asked_again(pool_of(PAIRS)) == first


def test_where_the_cache_cannot_be_written_the_table_is_made_in_memory(cache: Path) -> None:
    cache.parent.parent.mkdir()
    cache.parent.write_text("a file where a folder should be")
    with pytest.warns(UserWarning, match="lexical table is not kept for the next run"):
        found = asked_again(pool_of(PAIRS))
    assert found[0] is not None


def test_keys_are_ascending_and_unique() -> None:
    table = LexicalTable.of_pairs(pool_of(PAIRS).pairs, ("de", "en"))
    assert np.all(np.diff(table._keys.astype(object)) > 0)
