"""Merging and inverting dictionaries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mtprompt.dictionary.combine import invert, merge
from mtprompt.dictionary.database import write_database
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.entry import Entry

WORDS = st.sampled_from(["Haus", "Tür", "rot", "Rotes Kreuz", "家", "بيت"])
WEIGHTS = st.none() | st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0])
ENTRIES = st.lists(st.builds(Entry, WORDS, WORDS, WEIGHTS, st.none() | st.just("n")), max_size=12)


def pairs(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.term, entry.translation) for entry in entries]


def merged(*dictionaries: list[Entry]) -> list[Entry]:
    return list(merge(dictionaries))


# merge


def test_the_earlier_dictionarys_translations_come_first() -> None:
    own = [Entry("Bank", "bench"), Entry("Haus", "house")]
    general = [Entry("Tür", "door"), Entry("Bank", "bank"), Entry("Bank", "bench")]
    assert pairs(merged(own, general)) == [
        ("Bank", "bench"), ("Bank", "bank"), ("Haus", "house"), ("Tür", "door"),
    ]  # fmt: skip
    assert pairs(merged(general, own))[1:3] == [("Bank", "bank"), ("Bank", "bench")]


def test_of_a_translation_that_both_have_the_earlier_entry_is_kept() -> None:
    own = [Entry("Bank", "bench", 0.3, "n", "furniture")]
    assert merged(own, [Entry("Bank", "bench", 0.2, "noun")]) == own


def test_within_a_dictionary_the_higher_weight_goes_first_and_terms_keep_their_places() -> None:
    entries = [Entry("a", "low", 0.1), Entry("b", "only", 0.9), Entry("a", "high", 0.8), Entry("a", "none")]
    assert merged(entries) == [entries[2], entries[0], entries[3], entries[1]]


def test_weights_are_kept_where_they_rank_behind_the_earlier_dictionarys() -> None:
    own = [Entry("Bank", "bench", 0.9)]
    assert [entry.weight for entry in merged(own, [Entry("Bank", "bank", 0.4)])] == [0.9, 0.4]


def test_a_weight_that_would_overtake_an_earlier_dictionary_is_dropped() -> None:
    for first in (0.5, None):
        own, general = [Entry("Bank", "bench", first)], [Entry("Bank", "bank", 0.8)]
        made = merged(own, general)
        assert made == [Entry("Bank", "bench", first), Entry("Bank", "bank", None)]
        assert Dictionary.from_entries(made, "de", "en").translations("Bank") == ("bench", "bank")


@given(ENTRIES)
def test_merging_with_itself_or_nothing_changes_nothing(entries: list[Entry]) -> None:
    once = merged(entries)
    assert merged(entries, entries) == once
    assert merged(once) == once
    assert merged([], entries) == once == merged(entries, [])


@given(ENTRIES, ENTRIES, ENTRIES)
def test_merging_in_two_steps_gives_the_same_order_as_in_one(
    a: list[Entry], b: list[Entry], c: list[Entry]
) -> None:
    assert pairs(merged(merged(a, b), c)) == pairs(merged(a, b, c))


@given(ENTRIES, ENTRIES)
def test_the_merged_file_means_what_both_files_mean_together(a: list[Entry], b: list[Entry]) -> None:
    import sqlite3

    database = sqlite3.connect(":memory:", check_same_thread=False)
    write_database(database, [a, b], "de")
    both = Dictionary(database, ("de", "en"))
    one = Dictionary.from_entries(merged(a, b), "de", "en")
    assert pairs(list(one.entries())) == pairs(list(both.entries()))


# invert


def test_translations_become_terms() -> None:
    entries = [Entry("Bank", "bench"), Entry("Bank", "bank"), Entry("Ufer", "bank")]
    assert list(invert(entries)) == [Entry("bench", "Bank"), Entry("bank", "Ufer"), Entry("bank", "Bank")]


def test_the_terms_that_weighted_a_translation_highest_come_first_and_weights_go() -> None:
    entries = [Entry("Ufer", "bank", 0.2), Entry("Bank", "bank", 0.7), Entry("Damm", "bank")]
    assert list(invert(entries)) == [Entry("bank", "Bank"), Entry("bank", "Ufer"), Entry("bank", "Damm")]


def test_part_of_speech_and_note_are_the_terms_and_are_left_out() -> None:
    assert list(invert([Entry("Haus", "house", 0.5, "{n}", "arch.")])) == [Entry("house", "Haus")]


@given(ENTRIES)
def test_inverting_twice_gives_the_same_pairs_once_each(entries: list[Entry]) -> None:
    twice = pairs(list(invert(invert(entries))))
    assert set(twice) == set(pairs(entries))
    assert len(twice) == len(set(twice))


@given(ENTRIES)
def test_inverting_turns_every_pair(entries: list[Entry]) -> None:
    assert set(pairs(list(invert(entries)))) == {pair[::-1] for pair in pairs(entries)}
