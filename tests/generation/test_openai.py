"""What the engine for OpenAI-compatible servers sends, and what it makes of the answers."""

from __future__ import annotations

import json
import threading
import time

import faulty_server as server_that
import pytest
from faulty_server import FaultyServer, Handler, Request
from openai_backend import Make, all_right, collect, prompts

from mtprompt import Translator
from mtprompt.errors import BackendError
from mtprompt.generation.openai.text import chat_text
from mtprompt.generation.protocol import Decoding
from mtprompt.segments import Segment

# Slow servers, order, ends of answers.


@pytest.mark.parametrize("fault", [server_that.late(10), server_that.dripping(10)], ids=["late", "dripping"])
def test_an_answer_that_takes_too_long_is_asked_for_again(fault: server_that.Fault, make: Make) -> None:
    asked = prompts(4)
    with FaultyServer({asked[1]: [fault]}) as server:
        backend = make(server, timeout=1.0)
        started = time.monotonic()
        arrived, error = collect(backend, asked)
        assert (error, all_right(arrived, asked)) == ("", True)
        assert time.monotonic() - started < 8
        assert server.asked == dict.fromkeys(asked, 1) | {asked[1]: 2}


def test_a_server_that_is_always_too_slow_is_named_with_its_time(make: Make) -> None:
    asked = prompts(1)
    with FaultyServer({asked[0]: [server_that.late(0.5)] * 9}) as server:
        _, error = collect(make(server, timeout=0.1, retries=1), asked)
        assert error.endswith("no whole answer within 0.1 s")


def test_answers_come_as_they_arrive_and_keep_their_prompts(make: Make) -> None:
    asked = prompts(4)
    faults = {p: [server_that.late(seconds)] for p, seconds in zip(asked, (1.2, 0.8, 0.4, 0.0), strict=True)}
    with FaultyServer(faults) as server:
        arrived, _ = collect(make(server, concurrency=4), asked)
        assert list(arrived) == [3, 2, 1, 0]
        assert all_right(arrived, asked)


@pytest.mark.parametrize(
    ("changes", "text", "reason"),
    [
        ({"finish_reason": "length"}, " answer to p0", "length"),
        ({"finish_reason": "stop"}, " answer to p0", "stop"),
        ({"finish_reason": None}, " answer to p0", "stop"),
        ({"finish_reason": "stop", "text": ""}, "", "stop"),
        ({"finish_reason": "stop", "text": " a\u2028b\x00"}, " a\u2028b\x00", "stop"),
        ({"finish_reason": "stop", "text": " one\ntwo"}, " one", "stop"),
        ({"finish_reason": "stop", "text": "x" * 1_000_000}, "x" * 1_000_000, "stop"),
        ({"finish_reason": "length", "text": None}, "", "length"),
        ({"finish_reason": "content_filter", "text": None}, "", "stop"),
    ],
)
def test_the_end_of_an_answer_is_read_as_it_is(
    changes: dict[str, object], text: str, reason: str, make: Make
) -> None:
    asked = prompts(1)
    with FaultyServer({asked[0]: [server_that.choice(**changes)]}) as server:
        arrived, error = collect(make(server), asked)
        assert error == ""
        assert (arrived[0].text, arrived[0].finish_reason) == (text, reason)
        assert len(server.generations) == 1


def test_the_servers_own_count_is_the_usage_and_the_seconds_add_up_to_the_time(make: Make) -> None:
    asked = prompts(8)
    with FaultyServer({p: [server_that.late(0.1)] for p in asked}) as server:
        backend = make(server, concurrency=4)
        _ = backend.identity
        started = time.perf_counter()
        arrived, _ = collect(backend, asked)
        took = time.perf_counter() - started
    usages = [generation.usage for generation in arrived.values()]
    assert {(usage.prompt_tokens, usage.completion_tokens) for usage in usages} == {(11, 3)}
    assert 0.2 <= sum(usage.seconds for usage in usages) <= took


def test_a_server_that_tells_no_usage_is_estimated(make: Make) -> None:
    asked = ["abcd."]
    with FaultyServer({asked[0]: [server_that.body('{"choices": [{"text": "ab"}]}')]}) as server:
        arrived, _ = collect(make(server), asked)
        assert (arrived[0].usage.prompt_tokens, arrived[0].usage.completion_tokens) == (4, 2)


@pytest.mark.parametrize("said", [-5, 10**30, True, "7", None])
def test_a_number_of_tokens_that_cannot_be_one_counts_as_not_told(said: object, make: Make) -> None:
    content = {"choices": [{"text": "ab"}], "usage": {"prompt_tokens": said, "completion_tokens": said}}
    with FaultyServer({"abcd.": [server_that.body(json.dumps(content))]}) as server:
        arrived, _ = collect(make(server), ["abcd."])
        assert (arrived[0].usage.prompt_tokens, arrived[0].usage.completion_tokens) == (4, 2)


# What is sent.


def test_a_greedy_prompt_and_its_stop_are_sent_as_they_are(make: Make) -> None:
    with FaultyServer() as server:
        list(make(server).generate(["a\nb"], [17], Decoding()))
        (request,) = server.generations
        assert request.path == "/v1/completions"
        assert request.body == {
            "model": "m",
            "prompt": "a\nb",
            "max_tokens": 17,
            "temperature": 0.0,
            "stop": ["\n"],
        }


def test_a_chat_is_sent_as_messages_and_a_bare_prompt_as_it_is(make: Make) -> None:
    messages = [{"role": "system", "content": "Über"}, {"role": "user", "content": 'say "x"\n'}]
    with FaultyServer() as server:
        backend = make(server, endpoint="chat")
        asked = [backend.render_chat(messages), "bare"]
        answers = dict(backend.generate(asked, [5, 5], Decoding(stop_at_newline=False)))
        chat, bare = sorted(server.generations, key=lambda request: request.path)
        assert chat.path == "/v1/chat/completions"
        assert chat.body == {"model": "m", "messages": messages, "max_tokens": 5, "temperature": 0.0}
        assert bare.path == "/v1/completions"
        assert (answers[0].text, answers[1].text) == (' answer to say "x"', " answer to bare")


def test_each_sample_has_a_seed_of_its_own(make: Make) -> None:
    drawn = [Decoding(0.7, seed, sample) for seed in (1, 2) for sample in (0, 1)]
    with FaultyServer() as server:
        backend = make(server)
        for decoding in drawn:
            list(backend.generate(["p"], [5], decoding))
        bodies = [request.body for request in server.generations]
        assert {(body["temperature"], body["top_p"]) for body in bodies} == {(0.7, 1.0)}
        assert len({body["seed"] for body in bodies}) == 4
        assert bodies[0]["seed"] == 1


def test_half_a_character_is_sent_as_a_question_mark(make: Make) -> None:
    with FaultyServer() as server:
        arrived, error = collect(
            make(server), ["a\ud800b", chat_text([{"role": "user", "content": "\ud800"}])]
        )
        assert (error, len(arrived)) == ("", 2)
        assert [request.prompt for request in server.generations] == ["a?b", "?"]


# Several at once, and the end.


def test_no_more_requests_are_under_way_than_allowed_be_it_from_two_threads(make: Make) -> None:
    asked = prompts(12)
    with FaultyServer({p: [server_that.late(0.1)] * 2 for p in asked}) as server:
        backend = make(server, concurrency=3)
        results: list[bool] = []
        threads = [
            threading.Thread(target=lambda: results.append(all_right(collect(backend, asked)[0], asked)))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [True, True]
        assert server.most_under_way == 3


def test_concurrency_is_the_batch_size_unless_said(make: Make) -> None:
    asked = prompts(10)
    with FaultyServer({p: [server_that.late(0.4)] for p in asked}) as server:
        collect(make(server, batch_size=5), asked)
        assert server.most_under_way == 5


def test_a_caller_that_stops_early_stops_the_requests(make: Make) -> None:
    asked = prompts(100)
    gone: list[bool] = []

    def endless(handler: Handler, _: Request) -> None:
        gone.append(handler.gone(20))

    with FaultyServer({p: [endless] for p in asked[1:]}) as server:
        generation = make(server, concurrency=4).generate(asked, [8] * 100, Decoding())
        assert next(generation)[0] == 0
        while server.under_way < 4:
            time.sleep(0.01)
        started = time.monotonic()
        generation.close()  # type: ignore[attr-defined]
        while len(gone) < 4 and time.monotonic() - started < 15:
            time.sleep(0.01)
        assert gone == [True] * 4
        assert time.monotonic() - started < 10
        assert len(server.generations) == 5


def test_a_backend_closed_while_it_generates_is_an_error_and_can_be_used_again(make: Make) -> None:
    asked = prompts(2)
    with FaultyServer({asked[1]: [server_that.late(30)]}) as server:
        backend = make(server)
        generation = backend.generate(asked, [8, 8], Decoding())
        assert next(generation)[0] == 0
        started = time.monotonic()
        backend.close()
        with pytest.raises(BackendError, match="was closed while it generated"):
            next(generation)
        assert time.monotonic() - started < 10
        assert all_right(collect(backend, asked[:1])[0], asked[:1])


def test_nothing_to_ask_asks_nothing(make: Make) -> None:
    with FaultyServer() as server:
        assert list(make(server).generate([], [], Decoding())) == []
        assert server.requests == []


def test_lines_come_out_as_they_went_in_and_a_second_run_asks_for_what_failed_only(
    make: Make, tmp_path: object
) -> None:
    sources = [f"Satz {i}." for i in range(10)]

    def translator(server: FaultyServer) -> Translator:
        return Translator(make(server, retries=1, context=10_000), "de", "en", store=str(tmp_path))

    with FaultyServer() as server:
        port = server.server_port
        with translator(server) as t:
            broken = t.prompts([Segment("4", sources[3])])[0][1]
        assert broken is not None
        server.faults[broken.text].extend([server_that.status(500)] * 2)
        with translator(server) as t:
            done = t.translate(sources)
            assert [i for i, its in enumerate(done) if its.flags == ("no_answer",)] == [3]
        server.faults[broken.text].extend([server_that.status(500)] * 2)
        with translator(server) as t:  # nothing but the store answers, and that is enough
            assert [its.text for its in t.translate(sources)] == [its.text for its in done]
        first = len(server.generations)
    with FaultyServer(port=port) as server:  # the same address, so the same model
        with translator(server) as t:
            done = t.translate(sources)
        assert first == 13
        assert len(server.generations) == 1
        assert [t.segment.source for t in done] == sources
        assert all(source.split()[1] in t.raw for source, t in zip(sources, done, strict=True) if t.raw)
