"""A translator in a service: as they come, in threads, in an event loop, cancelled, and with overrides."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mtprompt import Corpus, Dictionary, Translator
from mtprompt.errors import BackendError, ConfigError
from mtprompt.generation.protocol import Decoding
from mtprompt.generation.scripted import ScriptedBackend, echo_source
from mtprompt.generation.spec import ModelSpec, Voice
from mtprompt.rows import translation_row
from mtprompt.segments import Generation, Pair, Segment

POOL = Corpus(
    tuple(Pair(str(n), f"Wort {n} und Haus", f"word {n} and house") for n in range(40)), ("de", "en")
)


def in_english(prompt: str) -> str:
    return "EN " + echo_source(prompt)


def translator(model: Any = None, **options: Any) -> Translator:
    options.setdefault("store", None)
    return Translator(model or ScriptedBackend(in_english), "de", "en", **options)


class Gated(ScriptedBackend):
    """Gives an answer when it is let."""

    def __init__(self) -> None:
        super().__init__(in_english)
        self.gate = threading.Semaphore(0)

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        for answer in super().generate(prompts, max_new_tokens, decoding):
            assert self.gate.acquire(timeout=20)
            yield answer


def test_a_translation_comes_as_soon_as_all_before_it_are_done() -> None:
    backend = Gated()
    coming = translator(backend).translate_iter(["Ja", "Nein", "Gut"])
    backend.gate.release()
    assert next(coming).text == "EN Ja"  # the others are not even generated
    assert len(backend.asked) == 1


def test_a_later_answer_waits_for_the_earlier_one() -> None:
    class Backwards(ScriptedBackend):
        def generate(self, *args: Any) -> Iterator[tuple[int, Generation]]:
            yield from reversed(list(super().generate(*args)))

    texts = [f"Satz {n}" for n in range(300)]
    assert [t.text for t in translator(Backwards(in_english)).translate(texts)] == [f"EN {t}" for t in texts]


def test_the_next_prompts_are_made_while_the_model_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = translator(Gated(), pool=POOL)
    backend = subject.backend
    assert isinstance(backend, Gated)
    found: list[int] = []
    find = subject.retrieval.drafts
    monkeypatch.setattr(
        subject.retrieval, "drafts", lambda segments: found.append(len(segments)) or find(segments)
    )
    coming = subject.translate_iter([f"Satz {n}" for n in range(600)])
    backend.gate.release()
    next(coming)
    deadline = time.monotonic() + 20
    while len(found) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert found == [256, 256]  # the second chunk, not the third: what lies ready does not grow
    for _ in range(600):
        backend.gate.release()
    assert len(list(coming)) == 599


def test_a_failing_input_is_raised_after_what_came_before_it() -> None:
    def texts() -> Iterator[str]:
        yield from ("Ja" for _ in range(700))
        raise OSError("the disk is gone")

    done = []
    with pytest.raises(OSError, match="the disk is gone"):
        for translation in translator().translate_iter(texts()):
            done.append(translation)
    assert len(done) == 256


def test_closing_the_iterator_stops_the_model() -> None:
    backend = ScriptedBackend(in_english)
    coming = translator(backend).translate_iter(f"Satz {n}" for n in range(10_000))
    next(coming)
    coming.close()  # type: ignore[attr-defined]
    assert len(backend.asked) == 1


def test_the_event_loop_is_not_held_up() -> None:
    backend = Gated()

    async def main() -> list[str]:
        work = asyncio.create_task(translator(backend).atranslate(["Ja", "Nein"], seed=3))
        await asyncio.sleep(0.05)
        assert not work.done()
        backend.gate.release(2)
        return [t.text for t in await work]

    assert asyncio.run(main()) == ["EN Ja", "EN Nein"]


def test_a_cancelled_call_stops_at_the_next_answer_and_keeps_what_was_finished(tmp_path: Path) -> None:
    backend = Gated()
    subject = translator(backend, store=tmp_path)
    texts = [f"Satz {n}" for n in range(50)]

    async def main() -> None:
        work = asyncio.create_task(subject.atranslate(texts))
        backend.gate.release(3)
        while len(backend.asked) < 4:
            await asyncio.sleep(0.01)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        backend.gate.release(50)

    asyncio.run(main())
    asked = len(backend.asked)
    assert asked <= 5
    with translator(ScriptedBackend(in_english), store=tmp_path) as again:
        done = again.translate(texts)
        assert sum(bool(t.generation and t.generation.cached) for t in done) == asked


def test_a_call_that_is_cancelled_during_second_tries_stops_there() -> None:
    backend = ScriptedBackend(lambda _: "da da da da da da")
    subject = translator(backend, pool=POOL, select="first@4", retry_flagged=True)

    def stop(_done: int) -> None:
        if len(backend.asked) > 10:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(subject.translate_iter([f"Satz {n}" for n in range(10)], stop))
    assert len(backend.asked) == 11


def test_many_calls_in_one_event_loop_come_back_to_their_own() -> None:
    subject = translator(pool=POOL)

    async def main() -> list[list[str]]:
        calls = [subject.atranslate([f"Satz {n}", f"Wort {n} und Haus"]) for n in range(20)]
        return [[t.text for t in done] for done in await asyncio.gather(*calls)]

    assert asyncio.run(main()) == [[f"EN Satz {n}", f"EN Wort {n} und Haus"] for n in range(20)]


def test_threads_share_a_translator_its_store_and_its_views(tmp_path: Path) -> None:
    subject = translator(
        pool=POOL, dictionary=Dictionary.from_pairs([("Haus", "house")], "de", "en"), store=tmp_path
    )
    wrong: list[str] = []

    def work(seed: int) -> None:
        for n in range(20):
            texts = [f"Satz {seed} {n} {i}" for i in range(5)] + ["gemeinsam"]
            options = ({}, {"select": "bm25@2"}, {"hints": "none"}, {"select": "random@1", "hints": "inline"})
            done = subject.translate(texts, **options[(n + seed) % 4])
            if [t.segment.source for t in done] != texts:
                wrong.append("order")
            if options[(n + seed) % 4].get("select") == "bm25@2" and any(len(t.examples) > 2 for t in done):
                wrong.append("override")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- overrides by call ---


def test_a_call_may_differ_in_its_options() -> None:
    backend = ScriptedBackend(in_english)
    subject = translator(backend, pool=POOL)
    assert len(subject.translate(["Wort 3"])[0].examples) == 4
    assert len(subject.translate(["Wort 3"], select="bm25@2")[0].examples) == 2
    assert subject.translate(["Wort 3"], select="zero", max_new_tokens=1)[0].text == "EN"
    assert len(subject.translate(["Wort 3"])[0].examples) == 4


def test_a_view_shares_model_pool_and_store_and_is_made_once(tmp_path: Path) -> None:
    subject = translator(pool=POOL, store=tmp_path)
    view = subject.using(select="bm25@2", order="best_first")
    assert view is subject.using(order="best_first", select="bm25@2")
    assert view.backend is subject.backend
    assert view.retrieval.pool is subject.retrieval.pool
    assert view.signature != subject.signature
    assert "select:bm25@2" in view.signature


def test_what_is_not_given_otherwise_stays(tmp_path: Path) -> None:
    dictionary = Dictionary.from_pairs([("Haus", "house")], "de", "en")
    view = translator(pool=POOL, dictionary=dictionary, order="best_first", max_new_tokens=7).using(seed=2)
    assert "order:best_first" in view.signature
    assert "max_new:7" in view.signature
    assert view.retrieval.dictionary is dictionary


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"pool": POOL}, "unknown option of a call 'pool'"),
        ({"selct": "zero"}, "unknown option of a call 'selct'. Did you mean 'select'"),
        ({"max_new_tokens": 0}, "max_new_tokens must be 1 or more"),
    ],
)
def test_a_wrong_override_says_what_is_wrong(override: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        translator(pool=POOL).translate(["Ja"], **override)


# --- several models ---


def voices(*answers: Callable[[str], str]) -> list[tuple[Any, Voice]]:
    made = [(ScriptedBackend(answer), Voice(ModelSpec("", "scripted"))) for answer in answers]
    return made


def test_of_several_models_the_proposal_that_agrees_most_is_taken() -> None:
    subject = translator(
        voices(lambda _: "It rains.", lambda _: "The house is red.", lambda _: "The house is red!")
    )
    (done,) = subject.translate(["Das Haus ist rot."])
    assert done.text.startswith("The house is red")
    assert [p.text for p in done.proposals] == ["It rains.", "The house is red.", "The house is red!"]
    assert done.usage and done.usage.completion_tokens == 2 + 4 + 4
    row = translation_row(done, subject.signature, "en")
    assert [p["text"] for p in row["proposals"]] == [p.text for p in done.proposals]


def test_samples_have_numbers_of_their_own_and_are_stored_apart(tmp_path: Path) -> None:
    drawn: list[Decoding] = []

    class Drawing(ScriptedBackend):
        def generate(
            self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
        ) -> Iterator[tuple[int, Generation]]:
            drawn.append(decoding)
            yield from super().generate(prompts, max_new_tokens, decoding)

    backend = Drawing(in_english)

    def samples(n: int) -> Translator:
        its = [(backend, Voice(ModelSpec("", "scripted"), 0.5, i)) for i in range(n)]
        return translator(its, store=tmp_path, seed=7)

    samples(2).translate(["Ja"])
    assert [(d.temperature, d.seed, d.sample) for d in drawn] == [(0.5, 7, 0), (0.5, 7, 1)]
    samples(3).translate(["Ja"])  # two are in the store
    assert [d.sample for d in drawn] == [0, 1, 2]


def test_progress_over_several_models_counts_each_segment_once() -> None:
    counts: list[int] = []
    subject = translator(voices(in_english, in_english, in_english))
    list(subject.translate_iter(["Ja", " ", "Nein"], counts.append))
    assert sum(counts) == 3


def test_the_signature_names_all_models_and_the_metric_that_chose() -> None:
    signature = translator(voices(in_english, echo_source)).signature
    assert "models:scripted/in_english/base,scripted/echo_source/base" in signature
    assert 'choice:"mbr(chrF++|' in signature


def test_a_model_that_fails_ends_the_call_with_its_message() -> None:
    class Fails(ScriptedBackend):
        def generate(self, *args: Any) -> Iterator[tuple[int, Generation]]:
            raise BackendError("out of memory")
            yield

    with pytest.raises(BackendError, match="out of memory"):
        translator(Fails()).translate(["Ja"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": "0.5"}, "temperature must be a number, not '0.5'"),
        ({"max_new_tokens": 5.5}, "max_new_tokens must be a whole number, not 5.5"),
        ({"select": ["zero"]}, "select must be a text such as 'rbm25@4', not .'zero'."),
        ({"order": None}, "order must be a text such as 'best_last', not None"),
        ({"retry_flagged": "no"}, "retry_flagged must be True or False, not 'no'"),
        (
            {"dictionary": {"Haus": "house"}},
            "dictionary must be a Dictionary or a file, not {'Haus': 'house'}",
        ),
        ({"require": 5}, "require must be a Dictionary or a file, not 5"),
        ({"template": 5}, "template must be a file, not 5"),
    ],
)
def test_an_option_of_a_wrong_kind_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        translator(**options)
    with pytest.raises(ConfigError, match=message):
        translator().translate(["Ja"], **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source_lang": None}, "source_lang must be a code such as 'de', not None"),
        ({"target_lang": 5}, "target_lang must be a code such as 'de', not 5"),
        ({"pool": 5}, "pool must be a Pool, a Corpus or a file, not 5"),
        ({"frequent_words": 5}, "frequent_words must be a file, not 5"),
        ({"auxiliary": 5}, "auxiliary must be dictionaries by language code, not 5"),
        ({"dev": 5}, "dev must be a Corpus, segments or a file, not 5"),
        ({"store": 5}, "store must be a folder, True or None, not 5"),
        ({"device": 5}, "device must be a text such as 'cpu', not 5"),
        ({"model": None}, "model must be a name, a folder or a backend, not None"),
    ],
)
def test_what_a_translator_is_made_of_is_named_where_it_is_of_a_wrong_kind(
    options: dict[str, Any], message: str
) -> None:
    made: dict[str, Any] = {
        "model": ScriptedBackend(),
        "source_lang": "de",
        "target_lang": "en",
        "store": None,
    }
    with pytest.raises(ConfigError, match=message):
        Translator(**{**made, **options})


def test_an_override_that_nothing_can_be_is_named() -> None:
    with pytest.raises(ConfigError, match=r"dictionary cannot be a list: \['terms.tsv'\]"):
        translator().translate(["Ja"], dictionary=["terms.tsv"])


@pytest.mark.parametrize("text", [None, 7, b"Ja"])
def test_what_is_no_text_is_named_with_its_place(text: Any) -> None:
    with pytest.raises(ConfigError, match=r"text 2 must be a text or a Segment, not (None|7|b'Ja')"):
        translator().translate(["Ja", text])


@pytest.mark.parametrize("source", [None, 7, b"Ja"])
def test_a_segment_without_a_text_is_named_with_its_place(source: Any) -> None:
    with pytest.raises(ConfigError, match=r"the source of text 2 must be a text, not (None|7|b'Ja')"):
        translator().translate(["Ja", Segment("x", source)])


# --- a second try for what looks wrong ---


def test_a_flagged_translation_is_tried_again_with_half_the_examples_turned_round() -> None:
    def loops_with_four(prompt: str) -> str:
        return "da da da da da da" if prompt.count("German:") == 5 else in_english(prompt)

    backend = ScriptedBackend(loops_with_four)
    subject = translator(backend, pool=POOL, select="first@4", retry_flagged=True)
    (done,) = subject.translate(["Satz"])
    assert (done.text, done.flags, done.tries, done.kept_try) == ("EN Satz", (), 2, 2)
    assert [e.rank for e in done.examples] == [1, 2]  # best last at first, so best first now
    assert done.usage and done.usage.completion_tokens == 6 + 2


def test_the_first_translation_is_kept_where_the_second_is_no_better() -> None:
    backend = ScriptedBackend(lambda _: "da da da da da da")
    (done,) = translator(backend, pool=POOL, select="first@4", retry_flagged=True).translate(["Satz"])
    assert (done.flags, done.tries, done.kept_try) == (("repetition",), 2, 1)


@pytest.mark.parametrize("options", [{"pool": POOL}, {"retry_flagged": True}])
def test_nothing_is_tried_again_unasked_or_where_nothing_could_change(options: dict[str, Any]) -> None:
    backend = ScriptedBackend(lambda _: "da da da da da da")
    (done,) = translator(backend, **options).translate(["Satz"])
    assert (done.tries, len(backend.asked)) == (1, 1)
