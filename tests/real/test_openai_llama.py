"""The engine for OpenAI-compatible servers against real ones: llama.cpp's, and any other that is named.

``MTPROMPT_OPENAI_SERVER='http://localhost:8000/v1#model' pytest tests/real/test_openai_llama.py -k ones_own``
asks a server of one's own, such as ``vllm serve``.
"""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from mtprompt import Corpus, Translator
from mtprompt.generation.embedded import EMBEDDED
from mtprompt.generation.gguf.backend import GGUFBackend
from mtprompt.generation.openai.backend import OpenAIBackend
from mtprompt.generation.protocol import Backend, Decoding, Running
from mtprompt.selection.spec import Value

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("default")]

SHOTS = (
    "German: Guten Morgen.\nEnglish: Good morning.\n\n"
    "German: Wo ist der Bahnhof?\nEnglish: Where is the train station?\n\n"
    "German: Das Haus ist rot.\nEnglish: The house is red.\n\n"
)
SOURCES = (
    "Der Arzt untersuchte den Patienten gestern.",
    "Die Kinder spielen im Garten.",
    "Öffnen Sie die Datei.",
)


@contextmanager
def served(name: str) -> Iterator[GGUFBackend]:
    if not find_spec("xllamacpp") or not find_spec("openai"):
        pytest.skip("xllamacpp or openai is not installed")
    if not EMBEDDED[name].installed():
        pytest.skip(f"the package {EMBEDDED[name].package} is not installed")
    # several threads wait for each other, for long on a busy machine
    backend = GGUFBackend(name, Running("cpu", options={"context": 2048, "threads": 1}))
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def base() -> Iterator[GGUFBackend]:
    with served("gemma-3-270m") as backend:
        yield backend


@pytest.fixture(scope="module")
def chat() -> Iterator[GGUFBackend]:
    with served("smollm2-135m-instruct") as backend:
        yield backend


Opened = Callable[..., OpenAIBackend]


@pytest.fixture
def opened() -> Iterator[Opened]:
    made: list[OpenAIBackend] = []

    def opened(server: GGUFBackend, **options: Value) -> OpenAIBackend:
        made.append(OpenAIBackend(f"{server.address}/v1", Running(batch_size=4, options=options)))
        return made[-1]

    yield opened
    for backend in made:
        backend.close()


def texts(backend: Backend, prompts: Sequence[str], decoding: Decoding) -> list[tuple[str, str, int, int]]:
    answers = dict(backend.generate(prompts, [24] * len(prompts), decoding))
    return [
        (its.text, its.finish_reason, its.usage.prompt_tokens, its.usage.completion_tokens)
        for _, its in sorted(answers.items())
    ]


def test_completions_are_those_of_the_engine_gguf(base: GGUFBackend, opened: Opened) -> None:
    prompts = [f"{SHOTS}German: {source}\nEnglish:" for source in SOURCES]
    backend = opened(base)
    assert not backend.has_chat_template
    answers = texts(backend, prompts, Decoding())
    assert answers == texts(base, prompts, Decoding())
    assert "doctor" in answers[0][0].lower()
    # what the budget counts is what the model reads
    assert backend.count_tokens(prompts) == base.count_tokens(prompts) == [its[2] for its in answers]
    assert opened(base, tokenizer="gemma-3-270m").count_tokens(prompts) == [its[2] for its in answers]


def test_chats_are_those_of_the_engine_gguf(chat: GGUFBackend, opened: Opened) -> None:
    chats = [[{"role": "user", "content": f"Translate to English: {source}"}] for source in SOURCES]
    decoding = Decoding(stop_at_newline=False)
    backend = opened(chat)
    assert backend.has_chat_template
    prompts = [backend.render_chat(messages) for messages in chats]
    answers = texts(backend, prompts, decoding)
    assert answers == texts(chat, [chat.render_chat(messages) for messages in chats], decoding)
    assert backend.count_tokens(prompts) == [its[2] for its in answers]
    assert opened(chat, tokenizer="smollm2-135m-instruct").count_tokens(prompts) == [
        its[2] for its in answers
    ]


def test_samples_are_repeated_by_their_seed_and_differ_by_their_number(
    chat: GGUFBackend, opened: Opened
) -> None:
    backend = opened(chat)
    prompt = backend.render_chat([{"role": "user", "content": "Tell me a story."}])

    def sample(number: int) -> str:
        ((_, answer),) = backend.generate([prompt], [16], Decoding(1.0, 1, number, stop_at_newline=False))
        return str(answer.text)

    assert sample(0) == sample(0) != sample(1)


def test_the_server_tells_its_model_and_its_context(base: GGUFBackend, opened: Opened) -> None:
    backend = opened(base)
    assert backend.context == 2048
    assert backend.identity["model"] == "gemma-3-270m"
    assert len(backend.identity["revision"]) == 12
    assert backend.name == f"openai:{base.address}/v1#gemma-3-270m"


def test_a_prompt_too_long_for_the_server_is_refused_with_what_to_do(
    base: GGUFBackend, opened: Opened
) -> None:
    ((_, answer),) = opened(base).generate(["x " * 3000], [8], Decoding())
    assert answer.text == "" and answer.fault is not None
    assert re.search(r"HTTP 400: .*context size \(2048 tokens\).*context=", answer.fault)


def test_a_caller_that_stops_early_frees_the_server(base: GGUFBackend, opened: Opened) -> None:
    backend = opened(base)
    prompts = [f"{SHOTS}German: {source}\nEnglish:" for source in SOURCES]
    # one short answer, then two that would take minutes
    generation = backend.generate(prompts, [1, 1500, 1500], Decoding(stop_at_newline=False))
    next(generation)
    generation.close()  # type: ignore[attr-defined]

    def busy() -> bool:
        with urllib.request.urlopen(f"{base.address}/slots") as answer:
            return any(slot["is_processing"] for slot in json.load(answer))

    # it looks for closed connections after a second in which nothing is asked of it
    for _ in range(10):
        time.sleep(3)
        if not busy():
            return
    pytest.fail("the server still generates")


def test_a_file_is_translated_with_examples_through_a_server(base: GGUFBackend, opened: Opened) -> None:
    pool = Corpus.from_pairs(
        [("Guten Morgen.", "Good morning."), ("Das Haus ist rot.", "The house is red.")], "de", "en"
    )
    with Translator(opened(base), "de", "en", pool=pool, select="rbm25@2", store=None) as translator:
        done = translator.translate(["Das Haus ist blau.", "", "Guten Abend."])
    assert [t.segment.source for t in done] == ["Das Haus ist blau.", "", "Guten Abend."]
    assert "blue" in done[0].text
    assert done[1].text == ""


@pytest.mark.skipif(
    "MTPROMPT_OPENAI_SERVER" not in os.environ, reason="MTPROMPT_OPENAI_SERVER names no server"
)
@pytest.mark.parametrize("endpoint", ["chat", "completions"])
def test_a_server_of_ones_own_answers_all_and_counts_as_it_reads(endpoint: str) -> None:
    running = Running(options={"endpoint": endpoint})
    backend = OpenAIBackend(os.environ["MTPROMPT_OPENAI_SERVER"], running)
    prompts = [f"{SHOTS}German: {source}\nEnglish:" for source in SOURCES * 8]
    if endpoint == "chat":
        prompts = [backend.render_chat([{"role": "user", "content": prompt}]) for prompt in prompts]
    answers = dict(backend.generate(prompts, [24] * len(prompts), Decoding()))
    assert sorted(answers) == list(range(len(prompts)))
    counted = backend.count_tokens(prompts)
    told = [answers[i].usage.prompt_tokens for i in range(len(prompts))]
    assert all(ours >= its for ours, its in zip(counted, told, strict=True))
    print(backend.identity, backend.context, list(zip(counted, told, strict=True))[:5])
    backend.close()
