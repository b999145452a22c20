"""Addresses, keys and what a server tells of itself, for the engine for OpenAI-compatible servers."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import faulty_server as server_that
import pytest
from faulty_server import FaultyServer
from openai_backend import Make, collect, hasty, prompts

from mtprompt.errors import BackendError, ConfigError, MissingDependency
from mtprompt.generation.openai.address import Address, parse_address, read_key
from mtprompt.generation.openai.text import chat_text, estimated_tokens, messages_of

KEY = "sk-secret-0123456789"
CHAT = chat_text([{"role": "user", "content": "Guten Tag"}])
Body = dict[str, Any]

# Addresses and keys.


@pytest.mark.parametrize(
    ("name", "url", "model"),
    [
        ("http://localhost:8000/v1#org/name", "http://localhost:8000/v1", "org/name"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1", ""),
        ("http://localhost:8000/v1/#m", "http://localhost:8000/v1", "m"),
        ("http://localhost:8000", "http://localhost:8000/v1", ""),
        ("https://host/api/v1#llama3:8b", "https://host/api/v1", "llama3:8b"),
        ("#gpt-x", "https://api.openai.com/v1", "gpt-x"),
        ("gpt-x", "https://api.openai.com/v1", "gpt-x"),
        ("org/name:free", "https://api.openai.com/v1", "org/name:free"),
    ],
)
def test_a_name_is_an_address_and_a_model(
    name: str, url: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert parse_address(name) == Address(url, model)


def test_without_an_address_the_sdks_variable_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1234/v1/")
    assert parse_address("m") == Address("http://localhost:1234/v1", "m")


@pytest.mark.parametrize(
    "name", ["localhost:8000/v1#m", "localhost:8000", "ftp://h/v1#m", "http://#m", "http://h:x/v1"]
)
def test_an_address_without_http_and_a_host_says_how_one_looks(name: str) -> None:
    with pytest.raises(
        ConfigError, match="the address must be http:// or https:// with a host; for instance"
    ):
        parse_address(name)


@pytest.mark.parametrize(
    "name", [f"https://user:{KEY}@host/v1#m", f"https://{KEY}@host/v1", f"https://host/v1?api-key={KEY}#m"]
)
def test_a_key_in_the_address_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(
        ConfigError, match=r"of host holds a user name, a key or a query; .*OPENAI_API_KEY"
    ) as e:
        parse_address(name)
    assert KEY not in str(e.value)


@pytest.mark.parametrize(
    ("url", "variable", "value"),
    [
        ("https://host/v1", None, KEY),
        ("http://localhost:1/v1", None, KEY),
        ("http://127.0.0.1:1/v1", None, KEY),
        ("http://[::1]:1/v1", None, KEY),
        ("http://host/v1", None, None),
        ("http://host/v1", "OPENAI_API_KEY", KEY),
        ("https://host/v1", "OTHER", "other"),
    ],
)
def test_the_key_goes_where_nobody_can_read_it_on_the_way_or_where_it_is_told_to(
    url: str, variable: str | None, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OTHER", " other\n")
    key = read_key(Address(url, "m"), variable)
    assert key.value == value
    assert KEY not in repr(key) + key.refusal


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (KEY, None, "key_env is the name of an environment variable that holds the key, no key"),
        ("SOME_KEY", None, "the environment variable that key_env names is not set"),
        ("SOME_KEY", f"{KEY} x", "what SOME_KEY holds is no key"),
        (None, f"{KEY}ü", "what OPENAI_API_KEY holds is no key"),
    ],
)
def test_what_cannot_be_a_key_is_refused_without_repeating_it(
    variable: str | None, value: str | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    if value:
        monkeypatch.setenv(variable or "OPENAI_API_KEY", value)
    with pytest.raises(ConfigError, match=message) as error:
        read_key(Address("https://host/v1", "m"), variable)
    assert KEY not in str(error.value)


def test_the_key_is_sent_and_seen_nowhere_else(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = prompts(2)
    faults = {asked[0]: [server_that.status(400, f"bad {KEY}")], asked[1]: [server_that.status(401, KEY)]}
    with FaultyServer(faults) as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        said: list[str] = []
        backend = make(server, concurrency=1, progress=said.append)
        errors = [collect(backend, [p])[1] for p in asked]
        assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}
    assert "HTTP 400: bad ***" in errors[0]
    assert "the server refuses the key from OPENAI_API_KEY" in errors[1]
    shown = [backend.name, repr(backend), str(dict(backend.identity)), *errors, *said, caplog.text]
    assert not any(KEY in text for text in shown)


def test_an_error_brings_none_of_the_sdks_with_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)  # they hold requests, and those the key
    with FaultyServer({"/v1/models": [server_that.status(401, KEY)]}) as server:
        with pytest.raises(BackendError, match="refuses the key") as error:
            _ = make(server).identity
        assert error.value.__cause__ is None
        assert error.value.__context__ is None


def test_a_server_without_a_key_is_sent_none(make: Make) -> None:
    with FaultyServer() as server:
        collect(make(server), prompts(1))
        assert len(server.requests) >= 2
        assert not any("authorization" in request.headers for request in server.requests)


# The model.


@pytest.mark.parametrize(
    ("models", "name", "model"),
    [
        ([{"id": "only"}], "", "only"),
        ([{"id": "a"}, {"id": "b"}], "#b", "b"),
        ([{"id": "a"}, {"id": "b"}], "#unlisted", "unlisted"),
        ([{"id": "/models/a.gguf", "aliases": ["a"]}], "#a", "/models/a.gguf"),
        ([{"id": "a", "aliases": 5}], "#a", "a"),
        ([], "#m", "m"),
    ],
)
def test_the_model_is_the_named_or_the_only_one(
    models: list[Body], name: str, model: str, make: Make
) -> None:
    with FaultyServer(models=models) as server:
        backend = make(server, name)
        assert backend.identity["model"] == model
        assert backend.name == f"openai:{server.address}#{model}"
        collect(backend, ["p"])
        assert server.generations[0].body["model"] == model


@pytest.mark.parametrize(
    ("models", "name", "message"),
    [
        ([{"id": "b"}, {"id": "a"}], "", "the server has several models: a, b; name one behind a #"),
        ([], "", "the server lists no models; name one behind a #"),
        ([{"id": "qwen3"}], "#qwen", "unknown model of this server 'qwen'. Did you mean 'qwen3'"),
    ],
)
def test_a_model_that_is_not_clear_is_an_error_that_lists_them(
    models: list[Body], name: str, message: str, make: Make
) -> None:
    with FaultyServer(models=models) as server, pytest.raises(ConfigError, match=message):
        _ = make(server, name).identity


def test_a_server_without_a_list_of_models_needs_the_name(make: Make) -> None:
    with FaultyServer({"/v1/models": [server_that.status(404)] * 2}) as server:
        assert make(server, "#m").identity["model"] == "m"
        with pytest.raises(ConfigError, match="the server lists no models"):
            _ = make(server, "").identity


def test_a_server_that_is_still_loading_is_waited_for(make: Make) -> None:
    with FaultyServer({"/v1/models": [server_that.status(503, "Loading model")] * 3}) as server:
        assert make(server, "").identity["model"] == "m"


def test_the_identity_changes_with_what_the_server_tells_of_the_weights_and_with_nothing_else(
    make: Make,
) -> None:
    meta = {"n_params": 1000, "size": 4000, "n_ctx": 512}
    entry = {"id": "m", "created": 1, "meta": meta}
    with FaultyServer() as server:

        def identity(entry: Body, **options: object) -> Body:
            server.routes["/v1/models"] = lambda _: (200, {"data": [entry]})
            return dict(make(server, **options).identity)

        first = identity(entry)
        assert first == {
            "engine": "openai",
            "server": server.address,
            "model": "m",
            "endpoint": "completions",
            "revision": first["revision"],
        }
        assert identity({**entry, "created": 2, "meta": {**meta, "n_ctx": 1024}}, concurrency=9) == first
        assert identity({**entry, "meta": {**meta, "size": 4001}})["revision"] != first["revision"]
        assert identity(entry, endpoint="chat") == {**first, "endpoint": "chat"}
        assert identity({**entry, "root": "/other"})["revision"] != first["revision"]
        assert "revision" not in identity({"id": "m", "root": "m"})


# Context, tokens and templates, as the servers tell them.


def vllm(template: bool = True) -> dict[str, Any]:
    def tokenize(body: Body) -> tuple[int, object]:
        if "messages" in body and not template:
            return 400, {"error": {"message": "no chat template"}}
        words = body.get("prompt") or " ".join(["<user>", *(m["content"] for m in body["messages"])])
        return (200, {"count": len(words.split()), "max_model_len": 99}) if words else (400, {})

    entry = {"id": "m", "owned_by": "vllm", "max_model_len": 99}
    return {"models": [entry], "routes": {"/tokenize": tokenize}}


def llama_cpp(template: bool = True, n_ctx: int | None = 77, renders: bool = True) -> dict[str, Any]:
    mark = "<|im_start|>"

    def tokenize(body: Body) -> tuple[int, object]:
        if body.get("content") == mark:
            return 200, {"tokens": [1] if template else [1, 2, 3]}
        return 200, {"tokens": [0] * len(body["content"].split()) if "content" in body else []}

    return {
        "models": [{"id": "m", "owned_by": "llamacpp", "meta": {"n_ctx_train": 9999, "n_ctx": n_ctx}}],
        "routes": {
            "/tokenize": tokenize,
            "/apply-template": lambda body: (
                (200, {"prompt": f"{mark} {body['messages'][0]['content']} ."}) if renders else (404, {})
            ),
            "/props": lambda _: (200, {"default_generation_settings": {"n_ctx": 66}}),
        },
    }


@pytest.mark.parametrize(
    ("server", "context"),
    [(vllm(), 99), (llama_cpp(), 77), (llama_cpp(n_ctx=None), 66), ({}, 4096)],
    ids=["vllm", "llama.cpp", "llama.cpp, older", "silent"],
)
def test_the_context_is_the_servers_unless_said(server: Body, context: int, make: Make) -> None:
    with FaultyServer(**server) as running:
        assert make(running).context == context
        assert make(running, context=55).context == 55


@pytest.mark.parametrize(
    ("server", "counts", "estimated"),
    [
        (vllm(), [2, 3], [False, False]),
        # no way to count a chat: its contents, and room for a template
        (vllm(template=False), [2, 2 + 64], [False, True]),
        (llama_cpp(), [2, 4], [False, False]),
        (llama_cpp(template=False), [2, 4], [False, False]),
        (llama_cpp(renders=False), [2, 2 + 64], [False, True]),
        ({}, [estimated_tokens("Guten Tag"), estimated_tokens("Guten Tag") + 64], [True, True]),
    ],
    ids=[
        "vllm",
        "vllm without a template",
        "llama.cpp",
        "llama.cpp without one",
        "llama.cpp, older",
        "silent",
    ],
)
def test_tokens_are_counted_by_the_server_or_estimated(
    server: Body, counts: list[int], estimated: list[bool], make: Make
) -> None:
    with FaultyServer(**server) as running:
        assert make(running).count_tokens(["Guten Tag", CHAT]) == counts
        for endpoint, its in zip(("completions", "chat"), estimated, strict=True):
            assert make(running, endpoint=endpoint).estimates_tokens is its


def test_a_text_is_counted_once(make: Make) -> None:
    with FaultyServer(**llama_cpp()) as server:
        backend = make(server)
        assert backend.count_tokens(["a b", "c", "a b"]) == [2, 1, 2]
        before = len(server.requests)
        assert backend.count_tokens(["c", "a b", "d"]) == [1, 2, 1]
        assert len(server.requests) == before + 1
        assert backend.count_tokens([]) == []


@pytest.mark.parametrize(
    ("server", "chat"),
    [
        (vllm(), True),
        (vllm(template=False), False),
        (llama_cpp(), True),
        (llama_cpp(template=False), False),
        ({}, True),
    ],
    ids=["vllm", "vllm without a template", "llama.cpp", "llama.cpp without a template", "silent"],
)
def test_a_model_without_a_template_is_asked_for_completions_where_the_server_tells(
    server: Body, chat: bool, make: Make
) -> None:
    with FaultyServer(**server) as running:
        assert make(running, endpoint=None).has_chat_template is chat
        assert make(running, endpoint="chat").has_chat_template
        assert not make(running, endpoint="completions").has_chat_template


def test_a_page_for_people_where_others_count_tokens_is_no_count(make: Make) -> None:
    page = server_that.body("<html>hello</html>", Content_Type="text/html")
    with FaultyServer({"/tokenize": [page] * 9}) as server:
        assert make(server).count_tokens(["ab"]) == [2]


# Chats and estimates.


def test_a_chat_becomes_text_and_a_chat_again() -> None:
    messages = [{"role": "system", "content": 'a "b"\n\u2028é'}, {"role": "user", "content": ""}]
    assert messages_of(chat_text(messages)) == messages


@pytest.mark.parametrize(
    "text",
    [
        "German: x\nEnglish:",
        '[{"content":"x"}]',
        '[{"content": "x", "role": "user"}]',
        '[{"content":"x","role":"user"}] ',
        '[{"content":"x","role":"user","name":"n"}]',
        '[{"content":"x","role":"user"',
        '[{"content":"x","role":"user"},1]',
    ],
)
def test_any_other_text_is_no_chat(text: str) -> None:
    assert messages_of(text) is None


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 1), ("a", 2), ("abcd", 3), ("abc de.", 6), ("ü", 3), ("中文", 7), ("1234", 5)]
)
def test_the_estimate_is_a_token_for_two_letters_and_for_any_other_byte(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


# Options and packages.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"endpoint": "responses"}, "endpoint must be chat or completions, got 'responses'"),
        ({"concurrency": 0}, "concurrency must be 1 or more, got 0"),
        ({"retries": -1}, "retries must be 0 or more, got -1"),
        ({"timeout": 0}, "timeout must be 0.001 or more, got 0"),
        ({"context": 0}, "context must be 1 or more, got 0"),
        ({"api_key": "x"}, "unknown option of the engine openai 'api_key'"),
    ],
)
def test_a_wrong_option_says_what_is_right(options: Body, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        hasty("http://localhost:1/v1", "#m", options)


def test_without_the_sdk_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"Run: pip install 'mtprompt\[openai\]'"):
        hasty("http://localhost:1/v1", "#m", {})


def test_the_engine_is_imported_without_the_sdk() -> None:
    code = "import sys, mtprompt.generation.openai.backend; assert not {'openai', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
