"""The whole way of a segment, with a scripted model."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtprompt import Corpus, Dictionary, Pool, Translation, Translator
from mtprompt.errors import BackendError, ConfigError, DataError
from mtprompt.generation.latest import Latest
from mtprompt.generation.protocol import Decoding
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.rows import selection_row, translation_row
from mtprompt.segments import Generation, Pair, Segment, Usage

POOL = Corpus(
    (
        Pair("1", "Der Arzt kommt heute.", "The doctor comes today.", "medical"),
        Pair("2", "Das Haus ist groß.", "The house is big."),
        Pair("3", "Die Katze schläft.", "The cat sleeps."),
    ),
    ("de", "en"),
)
DICTIONARY = Dictionary.from_pairs(
    [("Arzt", "doctor"), ("Arzt", "physician"), ("Tablette", "tablet")], "de", "en"
)


def answering(text: str) -> Callable[[str], str]:
    def answers(prompt: str) -> str:
        return text

    return answers


def in_english(prompt: str) -> str:
    """An answer that tells which source it belongs to."""
    return "EN " + prompt.rstrip().rsplit("\n", 2)[-2].split(": ", 1)[1]


class NeverAsked(ScriptedBackend):
    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        raise AssertionError("asked")
        yield


class Backwards(ScriptedBackend):
    """The protocol lets answers arrive in any order."""

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        yield from reversed(list(super().generate(prompts, max_new_tokens, decoding)))


class Fails(ScriptedBackend):
    """Dies at the third prompt."""

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        for i, generation in super().generate(prompts, max_new_tokens, decoding):
            if i == 2:
                raise BackendError("out of memory")
            yield i, generation


def translator(backend: ScriptedBackend | None = None, **options: Any) -> Translator:
    options.setdefault("store", None)
    return Translator(backend or ScriptedBackend(in_english), "de", "en", **options)


def texts(translations: Sequence[Translation]) -> list[str]:
    return [translation.text for translation in translations]


# --- as many out as in, in order


def test_a_text_gives_its_translation() -> None:
    backend = ScriptedBackend(in_english)
    (result,) = translator(backend).translate(["Guten Tag."])
    assert backend.asked == ["German: Guten Tag.\nEnglish:"]
    assert result.segment == Segment("1", "Guten Tag.")
    assert (result.text, result.raw, result.flags) == ("EN Guten Tag.", "EN Guten Tag.", ())


def test_no_text_gives_nothing_and_asks_nothing() -> None:
    assert translator(NeverAsked()).translate([]) == []


@pytest.mark.parametrize("backend", [ScriptedBackend, Backwards])
def test_many_texts_come_back_in_order_whatever_the_order_of_the_answers(
    backend: type[ScriptedBackend],
) -> None:
    sources = [f"Satz {i}" if i % 7 else "" for i in range(600)]  # more than two chunks
    results = translator(backend(in_english)).translate(sources)
    assert texts(results) == [f"EN Satz {i}" if i % 7 else "" for i in range(600)]
    assert [result.segment.id for result in results] == [str(i) for i in range(1, 601)]


def test_translations_come_while_the_input_is_still_read() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield f"Satz {taken}"

    first = next(translator().translate_iter(endless()))
    assert first.text == "EN Satz 1"
    assert taken < 1000


def test_segments_keep_what_is_known_of_them() -> None:
    segment = Segment("x7", "Guten Tag.", "Hello.", "chat", "doc1")
    (result,) = translator().translate([segment])
    assert result.segment == segment


def test_a_single_text_is_refused_because_it_would_be_taken_for_a_list_of_letters() -> None:
    with pytest.raises(TypeError, match="a list of texts"):
        translator(NeverAsked()).translate("Guten Tag.")


hostile = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=st.sampled_from("a \n\r\t\v\f\x1c\x85\u2028\u2029\0"), max_size=20),
    st.sampled_from(
        [
            "",
            "\n",
            "\0",
            "\r\n\r\n",
            "a\nb",
            "a\u2028b\x85c",
            "German: x\nEnglish: y",
            "x" * 1_000_000,
            "a " * 9999,
        ]
    ),
)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_n_texts_give_n_lines_in_order_whatever_the_model_answers(data: st.DataObject) -> None:
    sources = data.draw(
        st.lists(st.one_of(st.text(max_size=20), st.sampled_from(["", " ", "Ja"])), max_size=12)
    )
    backend = ScriptedBackend(lambda prompt: data.draw(hostile), context=100_000)
    results = translator(backend, pool=POOL, select="rbm25@2").translate(sources)
    assert [result.segment.source for result in results] == sources
    for result in results:
        assert "\n" not in result.text
        if result.segment.source.strip():
            assert len(result.text.splitlines()) <= 1


@pytest.mark.parametrize(
    ("answer", "text", "flags"),
    [
        ("", "", ("empty",)),
        ("\n\n", "", ("empty",)),
        ("Good\nday.", "Good day.", ()),
        ("Good day.\n\nGerman: Nein.", "Good day.", ()),
        ("Good\u2028day.", "Good day.", ()),
        ("Good\rday.", "Good day.", ()),
        ("Good\0day.", "Goodday.", ()),
        ("x" * 1_000_000, "x" * 1_000_000, ("over_length",)),
        ("Guten Tag, Welt.", "Guten Tag, Welt.", ("source_copied",)),
        ("word " * 100, ("word " * 38).strip(), ("over_length", "truncated", "repetition")),
    ],
)
def test_an_answer_is_cleaned_checked_and_kept_raw(answer: str, text: str, flags: tuple[str, ...]) -> None:
    (result,) = translator(ScriptedBackend(answering(answer))).translate(["Guten Tag, Welt."])
    assert result.text == text
    assert result.flags == flags
    assert result.raw is not None and answer.startswith(result.raw)


# --- what is not sent


def test_lines_of_white_space_come_back_unchanged_and_cost_nothing() -> None:
    blank = ["", " ", "\t", "\u3000", "\u2028", " \r"]
    results = translator(NeverAsked(), pool=POOL, dictionary=DICTIONARY).translate(blank)
    assert texts(results) == blank
    assert all(
        (r.prompt, r.generation, r.usage, r.raw, r.flags) == (None, None, None, None, ()) for r in results
    )


def test_white_space_with_a_line_break_stays_one_line() -> None:
    assert texts(translator(NeverAsked()).translate(["\n", " \n\t"])) == [" ", "  \t"]


def test_a_line_break_in_a_source_stays_one_line_of_the_prompt() -> None:
    backend = ScriptedBackend(in_english)
    (result,) = translator(backend).translate(["Guten\nTag."])
    assert backend.asked == ["German: Guten Tag.\nEnglish:"]
    assert result.text == "EN Guten Tag."


def test_identical_prompts_are_generated_once() -> None:
    backend = ScriptedBackend(in_english)
    results = translator(backend).translate(["Ja", "Nein", "Ja", "", "Ja"])
    assert texts(results) == ["EN Ja", "EN Nein", "EN Ja", "", "EN Ja"]
    assert backend.asked == ["German: Ja\nEnglish:", "German: Nein\nEnglish:"]


def test_identical_prompts_far_apart_are_generated_once_without_a_store_too() -> None:
    backend = ScriptedBackend(in_english)
    subject = translator(backend)
    results = subject.translate(["Ja"] * 3000)
    assert len(backend.asked) == 1
    assert [its.generation.cached for its in results if its.generation] == [False] + [True] * 2999
    subject.translate(["Ja"])  # another call asks anew
    assert len(backend.asked) == 2


def test_only_the_latest_answers_stay_in_memory() -> None:
    latest = Latest(2)
    for key in "abc":
        latest.put(key, Generation(key.upper(), "stop", Usage(1, 1, 0.1)), "model")
    found = latest.get(["a", "b", "c", "d"])
    assert {key: its.text for key, its in found.items()} == {"b": "B", "c": "C"}
    assert all(its.cached for its in found.values())


def test_a_segment_over_the_budget_is_empty_and_flagged_and_the_rest_goes_on() -> None:
    backend = ScriptedBackend(in_english, context=60)
    results = translator(backend).translate(["Ja", "viele " * 50, "Nein"])
    assert texts(results) == ["EN Ja", "", "EN Nein"]
    assert [result.flags for result in results] == [(), ("over_budget",), ()]
    assert (results[1].prompt, results[1].generation) == (None, None)
    assert len(backend.asked) == 2


@pytest.mark.parametrize("source", ["Wort " * 4000, "Donaudampfschiff" * 1250, "北京" * 10_000, "." * 20_000])
def test_a_source_of_20000_characters_is_translated_or_flagged(source: str) -> None:
    options: dict[str, Any] = {"pool": POOL, "dictionary": DICTIONARY}
    (wide,) = translator(ScriptedBackend(answering("ok"), context=1_000_000), **options).translate([source])
    assert wide.text == "ok"
    # a token of the scripted model is a word, so the room for an answer is what does not fit here
    (narrow,) = translator(NeverAsked(context=19), **options).translate([source])
    assert (narrow.text, narrow.flags) == ("", ("over_budget",))


def test_the_weakest_example_is_left_out_where_the_budget_is_tight() -> None:
    # 6 tokens bare, 10 more for each example; 40 kept for the answer
    sent = {}
    for context in (66, 65, 55):
        backend = ScriptedBackend(in_english, context=context)
        (result,) = translator(backend, pool=POOL, select="bm25@2").translate(["Der Arzt ist da."])
        assert result.prompt is not None
        sent[context] = ([example.pair.id for example in result.examples], result.prompt.dropped)
    assert sent == {66: (["2", "1"], ()), 65: (["1"], ("example",)), 55: ([], ("example", "example"))}


# --- examples and hints


def test_the_nearest_example_stands_last_by_default_and_first_on_demand() -> None:
    last, first = ScriptedBackend(in_english), ScriptedBackend(in_english)
    options: dict[str, Any] = {"pool": POOL, "select": "rbm25@2"}
    (result,) = translator(last, **options).translate(["Der Arzt ist groß."])
    translator(first, order="best_first", **options).translate(["Der Arzt ist groß."])
    doctor = "German: Der Arzt kommt heute.\nEnglish: The doctor comes today.\n\n"
    house = "German: Das Haus ist groß.\nEnglish: The house is big.\n\n"
    query = "German: Der Arzt ist groß.\nEnglish:"
    by_rank = {example.rank: example.pair.id for example in result.examples}
    nearest, other = (doctor, house) if by_rank[1] == "1" else (house, doctor)
    assert sorted(by_rank.values()) == ["1", "2"]
    assert [example.rank for example in result.examples] == [2, 1]
    assert last.asked == [other + nearest + query]
    assert first.asked == [nearest + other + query]


def test_with_a_dictionary_hints_are_entries_by_default() -> None:
    backend = ScriptedBackend(in_english)
    (result,) = translator(backend, dictionary=DICTIONARY).translate(["Zwei Tabletten vom Arzt"])
    assert backend.asked == [
        "German: Tablette\nEnglish: tablet\n\nGerman: Arzt\nEnglish: doctor\n\n"
        "German: Zwei Tabletten vom Arzt\nEnglish:"
    ]
    assert [(hint.term, hint.translations) for hint in result.hints] == [
        ("Tabletten", ("tablet",)),
        ("Arzt", ("doctor",)),
    ]


def test_inline_hints_stand_in_the_examples_too_unless_never_or_confirmed() -> None:
    pool = Corpus.from_pairs([("Der Arzt ruft.", "The physician calls.")], "de", "en")
    head = "Translate the following sentence to English: Der Arzt ruft.\n"
    # physician, the dictionary's second, goes first, because the example uses it
    tail = (
        "The full translation to English is: The physician calls.\n\n"
        "Translate the following sentence to English: Der Arzt geht.\n"
        'In this context, the word "Arzt" means "physician", "doctor".\n'
        "The full translation to English is:"
    )
    hinted = {
        None: 'In this context, the word "Arzt" means "physician", "doctor".\n',
        "always": 'In this context, the word "Arzt" means "physician", "doctor".\n',
        "confirmed": 'In this context, the word "Arzt" means "physician".\n',
        "never": "",
    }
    for in_examples, line in hinted.items():
        backend = ScriptedBackend(answering("x"))
        translator(
            backend, pool=pool, dictionary=DICTIONARY, hints="inline", hints_in_examples=in_examples
        ).translate(["Der Arzt geht."])
        assert backend.asked == [head + line + tail]


def test_hints_none_writes_no_hint_though_there_is_a_dictionary() -> None:
    backend = ScriptedBackend(in_english)
    translator(backend, dictionary=DICTIONARY, hints="none").translate(["Der Arzt"])
    assert backend.asked == ["German: Der Arzt\nEnglish:"]


@pytest.mark.parametrize(("times", "hinted"), [(9, True), (10, False)])
def test_a_word_that_the_pool_shows_ten_times_gets_no_hint(times: int, hinted: bool) -> None:
    pool = Corpus.from_pairs([(f"Arzt {i}", f"doctor {i}") for i in range(times)], "de", "en")
    (result,) = translator(pool=pool, select="zero", dictionary=DICTIONARY).translate(["Mein Arzt"])
    assert [hint.term for hint in result.hints] == (["Arzt"] if hinted else [])


def test_a_pair_added_to_the_pool_is_an_example_for_the_next_text() -> None:
    pool = Corpus.from_pairs([("Das Haus ist groß.", "The house is big.")], "de", "en")
    subject = translator(ScriptedBackend(in_english), pool=pool, select="rbm25@1")
    before = subject.signature
    (first,) = subject.translate(["Der Arzt kommt."])
    pool.add([("Der Arzt kommt heute.", "The doctor comes today.")])
    (second,) = subject.translate(["Der Arzt kommt."])
    assert [e.pair.target for e in first.examples] == ["The house is big."]  # they share the full stop
    assert [e.pair.target for e in second.examples] == ["The doctor comes today."]
    assert subject.signature != before


def test_two_translators_share_a_pool() -> None:
    pool = Pool(Corpus.from_pairs([("Das Haus ist groß.", "The house is big.")], "de", "en"))
    one, two = (translator(ScriptedBackend(in_english), pool=pool, select="rbm25@1") for _ in range(2))
    pool.corpus.add([("Der Arzt kommt heute.", "The doctor comes today.")])
    for subject in (one, two):
        (done,) = subject.translate(["Der Arzt kommt."])
        assert [e.pair.target for e in done.examples] == ["The doctor comes today."]


def test_a_fixed_example_that_is_the_segment_itself_is_kept_out_of_experiments(tmp_path: Path) -> None:
    file = tmp_path / "fixed.tsv"
    file.write_text("Der Arzt kommt.\tThe doctor comes.\nDie Katze schläft.\tThe cat sleeps.\n")
    for exact_match, shown in (("example", ["1", "2"]), ("exclude", ["2"])):
        subject = translator(
            ScriptedBackend(in_english), pool=POOL, select=f'fixed(file="{file}")', exact_match=exact_match,
            order="as_is",
        )  # fmt: skip
        (done,) = subject.translate(["Der Arzt kommt."])
        assert [e.pair.id for e in done.examples] == shown


def test_fixed_examples_need_no_pool_and_their_content_is_in_the_signature(tmp_path: Path) -> None:
    file = tmp_path / "fixed.tsv"
    signatures = set()
    for target in ("The cat sleeps.", "The cat is asleep."):
        file.write_text(f"Die Katze schläft.\t{target}\n")
        subject = translator(ScriptedBackend(in_english), select=f'fixed(file="{file}")@1')
        (done,) = subject.translate(["Der Arzt kommt."])
        assert [e.pair.target for e in done.examples] == [target]
        signatures.add(subject.signature)
    assert len(signatures) == 2


def test_near_matches_are_kept_out_where_asked() -> None:
    pool = Corpus.from_pairs(
        [
            ("Diese Funktion gibt es seit Version 4.1.", "This function exists since version 4.1."),
            ("Diese Taste gibt es nicht.", "There is no such key."),
        ],
        "de",
        "en",
    )
    source = "Diese Funktion gibt es seit Version 4.2."
    for near_match, shown in ((None, "1"), (0.95, "2")):
        subject = translator(
            ScriptedBackend(in_english), pool=pool, select="rbm25@1", exact_match="exclude",
            near_match=near_match,
        )  # fmt: skip
        (done,) = subject.translate([source])
        assert [e.pair.id for e in done.examples] == [shown]
        assert ("|near:0.95" in subject.signature) == (near_match is not None)


def test_pool_and_dictionary_may_be_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "pool.tsv").write_text("Der Arzt ruft.\tThe doctor calls.\n", encoding="utf-8")
    (tmp_path / "d.tsv").write_text("Arzt\tdoctor\n", encoding="utf-8")
    backend = ScriptedBackend(in_english)
    translator(backend, pool=tmp_path / "pool.tsv", dictionary=str(tmp_path / "d.tsv")).translate(
        ["Der Arzt"]
    )
    assert backend.asked == [
        "German: Arzt\nEnglish: doctor\n\n"
        "German: Der Arzt ruft.\nEnglish: The doctor calls.\n\nGerman: Der Arzt\nEnglish:"
    ]


# --- 100 % matches


@pytest.mark.parametrize("source", ["Die Katze schläft.", "die  KATZE schläft."])
def test_an_exact_match_is_an_example_by_default(source: str) -> None:
    subject = translator(ScriptedBackend(answering("The cat.")), pool=POOL, select="rbm25@1")
    (result,) = subject.translate([source])
    assert [example.pair.id for example in result.examples] == ["3"]
    assert (result.text, result.flags) == ("The cat.", ())
    assert subject.retrieval.exact_matches == 1


def test_an_exact_match_is_copied_on_demand_and_not_sent() -> None:
    backend = ScriptedBackend(in_english)
    subject = translator(backend, pool=POOL, exact_match="copy")
    results = subject.translate(["Die Katze schläft.", "Die Katze ruht.", ""])
    assert texts(results) == ["The cat sleeps.", "EN Die Katze ruht.", ""]
    assert [result.flags for result in results] == [("exact_match",), (), ()]
    assert len(backend.asked) == 1
    assert subject.retrieval.exact_matches == 1


def test_a_copied_match_stays_one_line() -> None:
    pool = Corpus.from_pairs([("Ja", "Yes\nof course")], "de", "en")
    results = translator(NeverAsked(), pool=pool, exact_match="copy").translate(["Ja"])
    assert texts(results) == ["Yes of course"]


def test_an_exact_match_of_source_or_reference_is_excluded_on_demand() -> None:
    subject = translator(pool=POOL, select="rbm25@3", exact_match="exclude")
    by_source, by_reference, free = subject.translate(
        [
            Segment("1", "Die Katze schläft.", "no match"),
            Segment("2", "Die Katze ist müde.", "The cat sleeps."),
            Segment("3", "Die Katze ist müde.", "The cat is tired."),
        ]
    )
    assert "3" not in {example.pair.id for example in by_source.examples}
    assert "3" not in {example.pair.id for example in by_reference.examples}
    assert "3" in {example.pair.id for example in free.examples}
    assert subject.retrieval.exact_matches == 2


def test_a_known_reference_excludes_nothing_where_matches_are_wanted() -> None:
    subject = translator(NeverAsked(), pool=POOL, exact_match="copy")
    (draft,) = subject.retrieval.drafts([Segment("1", "Ganz anders.", "The cat sleeps.")])
    assert draft.exact_match is None
    assert subject.retrieval.exact_matches == 0


# --- prompt forms


CHAT = (
    "<user>\n"
    "Translate from German to English. Answer with the translation of the last text only.\n\n"
    "German: Ja\nEnglish:\n<assistant>\n"
)


@pytest.mark.parametrize(
    ("chat", "form", "prompt", "signed"),
    [
        (True, "auto", CHAT, "|form:chat|"),
        (True, "chat", CHAT, "|form:chat|"),
        (True, "base", "German: Ja\nEnglish:", "|form:base|"),
        (False, "auto", "German: Ja\nEnglish:", "|form:base|"),
        (False, "base", "German: Ja\nEnglish:", "|form:base|"),
    ],
)
def test_the_chat_template_is_used_if_there_is_one_or_as_asked(
    chat: bool, form: str, prompt: str, signed: str
) -> None:
    backend = ScriptedBackend(answering("Yes"), chat=chat)
    subject = translator(backend, prompt_form=form)
    assert texts(subject.translate(["Ja"])) == ["Yes"]
    assert backend.asked == [prompt]
    assert signed in subject.signature


def test_a_chat_answer_may_go_over_several_lines_and_a_base_answer_ends_with_its_line() -> None:
    seen: list[Decoding] = []

    class Sees(ScriptedBackend):
        def generate(
            self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
        ) -> Iterator[tuple[int, Generation]]:
            seen.append(decoding)
            return super().generate(prompts, max_new_tokens, decoding)

    translator(Sees(answering("Yes")), temperature=0.5, seed=7).translate(["Ja"])
    translator(Sees(answering("Yes"), chat=True)).translate(["Ja"])
    assert seen == [Decoding(0.5, 7, stop_at_newline=True), Decoding(0.0, 1, stop_at_newline=False)]


def test_a_template_of_ones_own_is_the_prompt(tmp_path: Path) -> None:
    path = tmp_path / "mine.j2"
    path.write_text(
        "{% for e in examples %}{{ e.source }}|{{ e.target }};{% endfor %}"
        "{% for h in hints %}{{ h.term }}={{ h.translations[0] }};{% endfor %}{{ source }}|\n",
        encoding="utf-8",
    )
    backend = ScriptedBackend(answering("x"))
    options: dict[str, Any] = {"pool": POOL, "select": "rbm25@1", "dictionary": DICTIONARY}
    translator(backend, template=path, **options).translate(["Der Arzt kommt."])
    assert backend.asked == ["Der Arzt kommt heute.|The doctor comes today.;Arzt=doctor;Der Arzt kommt.|"]


def test_the_signature_changes_with_the_content_of_a_template(tmp_path: Path) -> None:
    path = tmp_path / "mine.j2"
    path.write_text("{{ source }} =", encoding="utf-8")
    first = translator(template=path).signature
    assert "|prompt:template-mine.j2-" in first
    path.write_text("{{ source }} =>", encoding="utf-8")
    assert translator(template=path).signature != first


def test_the_room_for_an_answer_can_be_given() -> None:
    (result,) = translator(ScriptedBackend(answering("a b c d")), max_new_tokens=3).translate(["Ja"])
    assert (result.text, result.flags) == ("a b c", ("truncated",))


# --- the store


def test_a_second_run_asks_nothing_and_says_that_it_did_not(tmp_path: Path) -> None:
    sources = ["Ja", "Nein", "Ja", ""]
    with translator(store=tmp_path) as first:
        made = first.translate(sources)
    never = NeverAsked(in_english)  # not even asked with nothing, which would load a model's weights
    with translator(never, store=tmp_path) as second:
        found = second.translate(sources)
    assert texts(found) == texts(made) == ["EN Ja", "EN Nein", "EN Ja", ""]
    assert [r.generation and r.generation.cached for r in made] == [False, False, True, None]
    assert [r.generation and r.generation.cached for r in found] == [True, True, True, None]
    assert found[0].usage == made[0].usage


def test_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    with translator(store=tmp_path) as first:
        first.translate(["Ja"])
    backend = ScriptedBackend(in_english)
    with translator(backend, store=tmp_path) as second:
        assert texts(second.translate(["Nein", "Ja", "Ach"])) == ["EN Nein", "EN Ja", "EN Ach"]
    assert backend.asked == ["German: Nein\nEnglish:", "German: Ach\nEnglish:"]


@pytest.mark.parametrize(
    "change",
    [
        {"pool": POOL, "select": "random@1"},
        {"max_new_tokens": 99},
        {"temperature": 0.5},
        {"dictionary": Dictionary.from_pairs([("Ja", "yes")], "de", "en")},
    ],
    ids=["examples", "limit", "temperature", "hints"],
)
def test_a_changed_prompt_or_decoding_is_asked_anew(tmp_path: Path, change: dict[str, Any]) -> None:
    with translator(store=tmp_path) as first:
        first.translate(["Ja"])
    backend = ScriptedBackend(in_english)
    with translator(backend, store=tmp_path, **change) as second:
        second.translate(["Ja"])
    assert len(backend.asked) == 1


def test_another_model_is_asked_anew(tmp_path: Path) -> None:
    with translator(store=tmp_path) as first:
        first.translate(["Ja"])
    with translator(ScriptedBackend(answering("Yes")), store=tmp_path) as second:
        assert texts(second.translate(["Ja"])) == ["Yes"]


def test_what_was_finished_before_a_failure_is_not_asked_again(tmp_path: Path) -> None:
    sources = ["eins", "zwei", "drei", "vier"]
    with (
        translator(Fails(in_english), store=tmp_path) as first,
        pytest.raises(BackendError, match="out of memory"),
    ):
        first.translate(sources)
    backend = ScriptedBackend(in_english)
    with translator(backend, store=tmp_path) as second:
        assert texts(second.translate(sources)) == ["EN eins", "EN zwei", "EN drei", "EN vier"]
    assert backend.asked == ["German: drei\nEnglish:", "German: vier\nEnglish:"]


def test_the_store_keeps_the_raw_answer_so_that_cleaning_may_change(tmp_path: Path) -> None:
    with translator(ScriptedBackend(answering(" Good\nday. \n\nGerman: x")), store=tmp_path) as subject:
        assert texts(subject.translate(["Guten Tag."])) == ["Good day."]
    connection = sqlite3.connect(tmp_path / "generations.sqlite")
    assert connection.execute("SELECT text FROM answers").fetchall() == [(" Good\nday. \n\nGerman: x",)]
    connection.close()


def test_a_store_that_cannot_be_written_warns_and_the_translation_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.warns(UserWarning, match="going on without it"):
        subject = translator(store=tmp_path / "file" / "store")
    assert texts(subject.translate(["Ja"])) == ["EN Ja"]
    subject.close()


def test_threads_share_a_translator(tmp_path: Path) -> None:
    found: dict[int, list[str]] = {}
    with translator(pool=POOL, dictionary=DICTIONARY, store=tmp_path) as subject:

        def work(number: int) -> None:
            found[number] = texts(subject.translate([f"Der Arzt {number} {i}" for i in range(20)]))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {n: [f"EN Der Arzt {n} {i}" for i in range(20)] for n in range(4)}


def test_as_a_context_manager_it_frees_the_model_also_after_an_error(tmp_path: Path) -> None:
    closed: list[str] = []

    class Closes(ScriptedBackend):
        def close(self) -> None:
            closed.append("closed")

    with translator(Closes(in_english), store=tmp_path) as subject:
        assert texts(subject.translate(["Ja"])) == ["EN Ja"]
    assert closed == ["closed"]
    with pytest.raises(KeyError), translator(Closes(in_english), store=tmp_path):
        raise KeyError
    assert closed == ["closed", "closed"]


# --- wrong options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hints": "inlin"}, "unknown hint style 'inlin'. Did you mean 'inline'?"),
        ({"hints": "inline"}, "the hint style 'inline' needs a dictionary"),
        (
            {"dictionary": DICTIONARY, "hints_in_examples": "allways"},
            "unknown value for hints in examples 'allways'. Did you mean 'always'?",
        ),
        ({"exact_match": "exlude"}, "unknown treatment of exact matches 'exlude'. Did you mean 'exclude'?"),
        ({"select": "rbm25@4"}, "the strategy rbm25@4 needs a pool"),
        ({"pool": POOL, "select": "rbm26@4"}, "unknown selection strategy 'rbm26'. Did you mean 'rbm25'?"),
        ({"pool": POOL, "select": "rbm25(wait=1)@4"}, "rbm25 has no option 'wait'."),
        ({"pool": POOL, "select": "rbm25"}, "rbm25 needs a number of examples, for instance rbm25@4"),
        ({"order": "best"}, "unknown order 'best'. Did you mean 'best_last'? Known:"),
        ({"prompt_form": "chatty"}, "unknown prompt form 'chatty'. Known: auto, base, chat"),
        ({"prompt_form": "chat"}, "scripted has no chat template; use the base prompt form"),
        ({"max_new_tokens": 0}, "max_new_tokens must be 1 or more, not 0"),
        ({"temperature": -0.1}, "the temperature must be 0 or more, not -0.1"),
        ({"temperature": float("nan")}, "the temperature must be 0 or more, not nan"),
        ({"temperature": float("inf")}, "the temperature must be 0 or more, not inf"),
        (
            {"pool": Corpus.from_pairs([("Hello", "Bonjour")], "en", "fr")},
            "the pool is en-fr, the translation de-en",
        ),
    ],
)
def test_a_wrong_option_says_what_is_wrong_and_what_was_meant(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        translator(**options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("xx1", "en", "unknown language code 'xx1'."),
        ("de", "german", "unknown language code 'german'. Did you mean 'de' (German)?"),
        ("de", "Englsh", "unknown language code 'Englsh'. Did you mean 'en' (English)?"),
        ("", "en", "unknown language code ''."),
    ],
)
def test_a_wrong_language_code_is_refused(source: str, target: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Translator(ScriptedBackend(), source, target, store=None)
    assert str(caught.value).startswith(message)


def test_a_region_may_differ_between_pool_and_translation() -> None:
    subject = Translator(ScriptedBackend(in_english), "de_AT", "en", pool=POOL, store=None)
    assert "|langs:de-AT-en|" in subject.signature
    assert texts(subject.translate(["Der Arzt"])) == ["EN Der Arzt"]


def test_a_wrong_model_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(ConfigError, match=r"unknown model 'gemma-3-270'\. Did you mean 'gemma-3-270m'\?"):
        Translator("gemma-3-270", "de", "en", store=None)


@pytest.mark.parametrize("option", ["pool", "dictionary", "template"])
def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path, option: str) -> None:
    with pytest.raises(DataError, match=r"none\.tsv: no such file"):
        translator(**{option: tmp_path / "none.tsv"})


# --- signature and rows


def test_the_signature_holds_all_that_decides_the_result() -> None:
    subject = translator(
        ScriptedBackend(answering("x")),
        pool=POOL,
        select="rbm25(weight=0.2)@2|random@2",
        dictionary=DICTIONARY,
        hints="inline",
        max_new_tokens=64,
        temperature=0.7,
        seed=3,
    )
    from mtprompt import __version__

    assert subject.signature == (
        'select:"rbm25(weight=0.2)@2|random@2"|order:best_last'
        f"|pool:{POOL.fingerprint}|exact:example|hints:inline|in_examples:always|dict:{DICTIONARY.fingerprint}"
        "|langs:de-en|prompt:default|form:base|engine:scripted|model:answers"
        f"|max_new:64|temperature:0.7|seed:3|mtprompt:{__version__}"
    )


def test_what_is_not_used_is_not_in_the_signature() -> None:
    from mtprompt import __version__

    assert translator(ScriptedBackend(answering("x"))).signature == (
        "select:zero|hints:none|langs:de-en|prompt:default|form:base|engine:scripted|model:answers"
        f"|max_new:auto|mtprompt:{__version__}"
    )


def test_the_signature_changes_with_pool_and_dictionary() -> None:
    other_pool = Corpus(POOL.pairs[:2], ("de", "en"))
    other_dictionary = Dictionary.from_pairs([("Arzt", "physician")], "de", "en")
    signatures = {
        translator(pool=POOL, dictionary=DICTIONARY).signature,
        translator(pool=other_pool, dictionary=DICTIONARY).signature,
        translator(pool=POOL, dictionary=other_dictionary).signature,
    }
    assert len(signatures) == 3
    assert len(POOL.fingerprint) == len(DICTIONARY.fingerprint) == 16


def test_a_translation_is_a_row_of_the_documented_schema() -> None:
    subject = translator(
        ScriptedBackend(answering("The doctor")), pool=POOL, select="bm25@1", dictionary=DICTIONARY
    )
    (result,) = subject.translate([Segment("s1", "Arzt heute")])
    row = translation_row(result, "sig", "en")
    score = row["examples"][0]["score"]
    assert isinstance(score, float) and score > 0
    expected = (
        '{"id": "s1", "source": "Arzt heute", "translation": "The doctor", '
        '"examples": [{"source": "Der Arzt kommt heute.", "target": "The doctor comes today.", '
        f'"score": {score!r}, "rank": 1, "domain": "medical"}}], '
        '"hints": [{"term": "Arzt", "translations": ["doctor"], "followed": true, "in_reference": null}], '
        '"terms": [{"term": "Arzt", "translations": ["doctor", "physician"]}], "terms_missed": null, '
        '"hint_tokens": 4, "required": [], "flags": [], '
        '"tries": 1, "kept_try": 1, "proposals": null, '
        '"usage": {"prompt_tokens": 18, "completion_tokens": 2, "seconds": 0.0}, '
        '"cached": false, "signature": "sig"}'
    )
    assert json.dumps(row, ensure_ascii=False) == expected


def test_what_is_unset_is_null_in_a_row() -> None:
    empty, over = translator(NeverAsked(context=19)).translate(["", "viele " * 40])
    assert json.dumps(translation_row(empty, "sig", "en")) == (
        '{"id": "1", "source": "", "translation": "", "examples": [], "hints": [], "terms": null, '
        '"terms_missed": null, "hint_tokens": 0, "required": [], "flags": [], '
        '"tries": 1, "kept_try": 1, "proposals": null, "usage": null, "cached": null, "signature": "sig"}'
    )
    assert translation_row(over, "sig", "en")["flags"] == ["over_budget"]
    assert translation_row(over, "sig", "en")["usage"] is None
    subject = translator(pool=POOL, select="random@1")
    (example,) = translation_row(subject.translate(["Arzt"])[0], "sig", "en")["examples"]
    assert list(example) == ["source", "target", "score", "rank", "domain"]
    assert example["score"] is None


def test_a_selection_is_a_row_without_what_a_model_gives() -> None:
    subject = translator(NeverAsked(), pool=POOL, select="random@1", dictionary=DICTIONARY, hints="glossary")
    ((draft, prompt),) = subject.prompts([Segment("s1", "Arzt")])
    row = selection_row(draft, "sig")
    assert prompt is not None
    assert list(row) == [
        "id", "source", "examples", "hints", "terms", "required", "flags", "signature",
    ]  # fmt: skip
    assert (row["id"], row["source"], row["flags"], row["signature"]) == ("s1", "Arzt", [], "sig")
    assert row["hints"] == [{"term": "Arzt", "translations": ["doctor", "physician"]}]
    assert [example["rank"] for example in row["examples"]] == [1]


def test_explaining_shows_what_would_be_sent_and_asks_nothing() -> None:
    subject = translator(NeverAsked(context=40), pool=POOL, select="zero", max_new_tokens=20)
    shown = subject.prompts([Segment("1", "Ja"), Segment("2", " "), Segment("3", "viele " * 40)])
    assert [prompt and prompt.text for _, prompt in shown] == ["German: Ja\nEnglish:", None, None]
    assert [draft.segment.id for draft, _ in shown] == ["1", "2", "3"]
