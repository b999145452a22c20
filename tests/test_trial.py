"""The task-level prompt through a translator: lazily, once, out of the store, and kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from mtprompt import Corpus, Dictionary, Translator
from mtprompt.corpus.dev import dev_fingerprint
from mtprompt.errors import BackendError, ConfigError
from mtprompt.generation.protocol import Decoding
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.progress import Progress
from mtprompt.segments import Generation, Segment

PAIRS = [(f"Vorlage {i}", f"template {i}") for i in range(8)]
BEST = 5
POOL = Corpus.from_pairs(PAIRS, "de", "en")
DEV = [Segment(str(i), f"Satz {i}", f"this is sentence {i} indeed") for i in range(16)]
STRATEGY = "task(dev=16)@1"
GENERATIONS = 8 * 8 + 4 * 8  # (8, 8), (4, 16)


def answers(prompt: str) -> str:
    """All right with one of the templates, wrong with the others."""
    *_, query = prompt.removesuffix("\nEnglish:").split("German: ")
    return f"this is sentence {query.split()[-1]} indeed" if f"Vorlage {BEST}\n" in prompt else "no no no no"


class Fails(ScriptedBackend):
    """Dies at its prompt number ``last``."""

    last = 0

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        for i, generation in super().generate(prompts, max_new_tokens, decoding):
            if len(self.asked) > self.last:
                raise BackendError("out of memory")
            yield i, generation


class Backwards(ScriptedBackend):
    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        yield from reversed(list(super().generate(prompts, max_new_tokens, decoding)))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def translator(backend: ScriptedBackend, **options: Any) -> Translator:
    defaults: dict[str, Any] = {"pool": POOL, "dev": DEV, "select": STRATEGY, "store": None}
    return Translator(backend, "de", "en", **{**defaults, **options})


def shown(subject: Translator, text: str = "Hallo") -> list[str]:
    """Ids of the examples in a text's prompt."""
    (result,) = subject.translate([text])
    return [example.pair.id for example in result.examples]


def test_the_best_template_is_found_by_the_first_translation_and_only_then() -> None:
    backend = ScriptedBackend(answers)
    subject = translator(backend)
    assert backend.asked == []
    (result,) = subject.translate(["Satz 99"])
    assert [(example.pair.source, example.rank) for example in result.examples] == [("Vorlage 5", 1)]
    assert result.examples[0].score == pytest.approx(100.0)
    assert result.text == "this is sentence 99 indeed"
    assert len(backend.asked) == GENERATIONS + 1
    assert shown(subject, "Satz 98") == [str(BEST + 1)]
    assert len(backend.asked) == GENERATIONS + 2


def test_a_trial_is_a_prompt_like_any_other_with_one_example() -> None:
    backend = ScriptedBackend(answers)
    translator(backend).translate(["Satz 99"])
    tried = set(backend.asked[:-1])
    assert len(tried) == GENERATIONS
    assert tried <= {
        f"German: {source}\nEnglish: {target}\n\nGerman: {segment.source}\nEnglish:"
        for source, target in PAIRS
        for segment in DEV
    }


def test_a_trial_has_no_hints() -> None:
    backend = ScriptedBackend(answers)
    dictionary = Dictionary.from_pairs([("Satz", "sentence"), ("Vorlage", "template")], "de", "en")
    translator(backend, dictionary=dictionary, hints="inline").translate(["Satz 99"])
    assert not any('"Satz" means' in prompt for prompt in backend.asked[:-1])
    assert '"Satz" means' in backend.asked[-1]
    assert backend.asked[0].startswith("Translate the following sentence to English: Vorlage ")


def test_a_chat_model_is_tried_in_its_chat_form() -> None:
    backend = ScriptedBackend(answers, chat=True)
    translator(backend).translate(["Satz 99"])
    assert all(prompt.startswith("<user>\nTranslate from German to English.") for prompt in backend.asked)


def test_the_jobs_of_a_round_are_given_to_the_model_together() -> None:
    sizes = []

    class Counts(ScriptedBackend):
        def generate(
            self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
        ) -> Iterator[tuple[int, Generation]]:
            sizes.append(len(prompts))
            return super().generate(prompts, max_new_tokens, decoding)

    translator(Counts(answers)).translate(["Satz 99"])
    assert sizes == [64, 32, 1]


def test_the_order_of_the_answers_changes_nothing() -> None:
    assert shown(translator(Backwards(answers))) == shown(translator(ScriptedBackend(answers)))


def test_dry_prompts_come_after_the_search_too() -> None:
    backend = ScriptedBackend(answers)
    ((draft, prompt),) = translator(backend).prompts([Segment("1", "Satz 99")])
    assert prompt is not None and prompt.text.startswith("German: Vorlage 5\nEnglish: template 5\n\n")
    assert [example.pair.id for example in draft.examples] == ["6"]


def test_threads_wait_for_one_search() -> None:
    backend = ScriptedBackend(answers)
    subject = translator(backend)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(shown(subject))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["6"]] * 4
    assert GENERATIONS < len(backend.asked) <= GENERATIONS + len(threads)


def test_a_strategy_without_task_prepares_nothing(cache: Path) -> None:
    backend = ScriptedBackend(answers)
    translator(backend, select="bm25@1", dev=None, store=True).translate(["Vorlage 3"])
    assert len(backend.asked) == 1
    assert not (cache / "mtprompt" / "task").exists()


def test_with_an_example_specific_strategy_the_task_level_prompt_stands_first() -> None:
    pool = Corpus.from_pairs([*PAIRS, ("Der Arzt", "The doctor"), ("Der Arzt kommt", "He comes")], "de", "en")
    subject = translator(ScriptedBackend(answers), pool=pool, select=f"{STRATEGY}+rbm25@2")
    assert shown(subject, "Der Arzt kommt heute") == ["6", "9", "10"]  # best last within rbm25


def test_the_leak_guard_takes_the_next_best() -> None:
    subject = translator(ScriptedBackend(answers), exact_match="exclude")
    assert shown(subject) == ["6"]
    (other,) = shown(subject, f"Vorlage {BEST}")
    assert other != "6"


def test_a_dev_segment_over_the_budget_costs_nothing_and_scores_nothing() -> None:
    dev = [*DEV[:7], Segment("long", "viele " * 60, "a long sentence of many words")]
    backend = ScriptedBackend(answers, context=60)
    assert shown(translator(backend, dev=dev, select="task@1")) == ["6"]
    assert len(backend.asked) == 8 * 7 + 1


# --- the store and the outcome


def test_a_search_that_dies_goes_on_where_it_was(tmp_path: Path, cache: Path) -> None:
    dying = Fails(answers)
    dying.last = 70  # in the second round
    with (
        translator(dying, store=tmp_path / "store") as first,
        pytest.raises(BackendError, match="out of memory"),
    ):
        first.translate(["Satz 99"])
    assert not (cache / "mtprompt" / "task").exists()
    backend = ScriptedBackend(answers)
    with translator(backend, store=tmp_path / "store") as second:
        assert shown(second) == ["6"]
    assert len(backend.asked) == GENERATIONS - 70 + 1
    assert not set(backend.asked) & set(dying.asked[:70])


def test_a_translator_whose_search_failed_tries_again() -> None:
    backend = Fails(answers)
    backend.last = 10
    subject = translator(backend)
    for _ in range(2):
        with pytest.raises(BackendError):
            subject.translate(["Satz 99"])
    backend.last = 10_000
    assert shown(subject) == ["6"]


def test_the_next_translator_uses_what_was_found(tmp_path: Path) -> None:
    with translator(ScriptedBackend(answers), store=tmp_path / "one") as first:
        assert shown(first) == ["6"]
    backend = ScriptedBackend(answers)
    # another store: it is the outcome that is found, not the generations
    with translator(backend, store=tmp_path / "two") as second:
        assert shown(second) == ["6"]
    assert len(backend.asked) == 1


def test_without_a_store_no_outcome_is_kept_or_used(tmp_path: Path, cache: Path) -> None:
    with translator(ScriptedBackend(answers), store=tmp_path) as first:
        first.prepare()
    (kept,) = (cache / "mtprompt" / "task").iterdir()
    kept.unlink()
    backend = ScriptedBackend(answers)
    translator(backend).prepare()
    assert len(backend.asked) == GENERATIONS
    assert list((cache / "mtprompt" / "task").iterdir()) == []


def other_answers(prompt: str) -> str:
    return answers(prompt)


CHANGES: dict[str, dict[str, Any]] = {
    "temperature": {"temperature": 0.5},
    "room": {"max_new_tokens": 50},
    "wording": {"hints": "inline", "dictionary": Dictionary.from_pairs([("x", "y")], "de", "en")},
    "dev": {"dev": DEV[:15]},
    "held out": {"dev": None},
    "pool": {"pool": Corpus.from_pairs(PAIRS[1:], "de", "en")},
    "options": {"select": "task(dev=16,seed=2)@1"},
    "pool's order": {"pool": Corpus.from_pairs(PAIRS[::-1], "de", "en")},
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_trial_makes_a_new_search(tmp_path: Path, change: str) -> None:
    with translator(ScriptedBackend(answers), store=tmp_path / "one") as first:
        first.prepare()
    backend = ScriptedBackend(answers)
    with translator(backend, store=tmp_path / "two", **CHANGES[change]) as second:
        second.prepare()
    assert len(backend.asked) > 0


def test_another_model_or_prompt_form_makes_a_new_search(tmp_path: Path) -> None:
    backends = [ScriptedBackend(answers), ScriptedBackend(other_answers), ScriptedBackend(answers, chat=True)]
    for number, backend in enumerate(backends):
        with translator(backend, store=tmp_path / str(number)) as subject:
            subject.prepare()
        assert len(backend.asked) == GENERATIONS


def test_a_template_makes_a_new_search_when_its_content_changes(tmp_path: Path) -> None:
    path = tmp_path / "mine.j2"
    head = "{% for e in examples %}German: {{ e.source }}\nEnglish: {{ e.target }}\n\n{% endfor %}"
    for number, tail in enumerate(["German: {{ source }}\nEnglish:", "German: {{ source }}\nEnglish: "]):
        path.write_text(head + tail, encoding="utf-8")
        backend = ScriptedBackend(answers)
        with translator(backend, store=tmp_path / str(number), template=path) as subject:
            subject.prepare()
        assert len(backend.asked) == GENERATIONS


@pytest.mark.parametrize(
    "change",
    [
        {"hints": "entries", "dictionary": Dictionary.from_pairs([("x", "y")], "de", "en")},
        {"order": "best_first"},
        {"exact_match": "exclude"},
        {"select": f"{STRATEGY}+bm25@2"},
        {"select": "task(dev=16)@2"},
    ],
    ids=["hints", "order", "leak guard", "beside another", "k"],
)
def test_what_does_not_change_a_trial_uses_what_was_found(tmp_path: Path, change: dict[str, Any]) -> None:
    with translator(ScriptedBackend(answers), store=tmp_path / "one") as first:
        first.prepare()
    backend = ScriptedBackend(answers)
    with translator(backend, store=tmp_path / "two", **change) as second:
        second.prepare()
    assert backend.asked == []


# --- watching it


def test_a_search_can_be_watched(tmp_path: Path) -> None:
    bars: list[tuple[str, int, list[int]]] = []
    said: list[str] = []

    def bar(what: str, total: int) -> AbstractContextManager[Progress]:
        bars.append((what, total, []))
        return nullcontext(bars[-1][2].append)

    with translator(ScriptedBackend(answers), store=tmp_path) as subject:
        subject.prepare(bar, said.append)
        subject.prepare(bar, said.append)
    assert [(what, total, sum(steps)) for what, total, steps in bars] == [
        ("task, round 1 of 2", 64, 64),
        ("task, round 2 of 2", 32, 32),
    ]
    (line,) = said
    assert line.startswith("task: best 100.0 BLEU on 16 dev sentences; 8 candidates on the first 8: ")


def test_a_dry_preparation_uses_what_was_found_and_never_asks(tmp_path: Path) -> None:
    backend = ScriptedBackend(answers)
    with translator(backend, store=tmp_path) as subject:
        with pytest.raises(ConfigError, match="a dry run generates nothing"):
            subject.prepare(dry=True)
        assert backend.asked == []
        subject.prepare()
    with pytest.raises(ConfigError, match="a dry run generates nothing"):
        translator(ScriptedBackend(answers), store=None).prepare(dry=True)
    with translator(ScriptedBackend(answers), store=tmp_path) as again:
        again.prepare(dry=True)
        ((draft, _),) = again.prompts([Segment("1", "Satz 99")])
        assert [example.pair.id for example in draft.examples] == ["6"]


# --- the signature


def test_the_signature_names_the_dev_set_where_it_decides() -> None:
    backend = ScriptedBackend(answers)
    fingerprint = dev_fingerprint(DEV)
    assert f"|pool:{POOL.fingerprint}|dev:{fingerprint}|exact:" in translator(backend).signature
    assert "|dev:held-out|" in translator(backend, dev=None).signature
    assert f"|dev:{fingerprint}|" in translator(backend, select=f"bm25@1|(rbm25@2+{STRATEGY})").signature
    assert "|dev:" not in translator(backend, select="bm25@1").signature
    assert translator(backend, dev=DEV[1:]).signature != translator(backend).signature


def test_a_broken_dev_set_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match=r"dev\.txt: a dev set needs references"):
        translator(ScriptedBackend(), dev="dev.txt")
