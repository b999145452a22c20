"""What the engine for OpenAI-compatible servers makes of faults; docs/reliability.md is the table of them."""

from __future__ import annotations

import threading
import time
from email.utils import formatdate

import faulty_server as server_that
import pytest
from faulty_server import FaultyServer, Handler, Request, answer_to, text_for
from openai_backend import Make, all_right, collect, prompts

from mtprompt.errors import BackendError
from mtprompt.generation.openai.retries import retry_after

# Faults that pass: as many answers as prompts, each its own, and one request more for each fault.

PASSING = {
    "HTTP 429": server_that.status(429),
    "HTTP 429 with Retry-After in seconds": server_that.status(429, Retry_After="0.05"),
    "HTTP 429 with Retry-After as a date that is over": server_that.status(
        429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"
    ),
    "HTTP 429 with a Retry-After that is none": server_that.status(429, Retry_After="soon"),
    "HTTP 500": server_that.status(500),
    "HTTP 503": server_that.status(503),
    "HTTP 503 with Retry-After": server_that.status(503, Retry_After="0.05"),
    "HTTP 408": server_that.status(408),
    "connection reset": server_that.reset,
    "JSON cut off": server_that.truncated,
    "connection cut off": server_that.cut,
    "a page of HTML": server_that.body("<html>busy</html>", Content_Type="text/html"),
    "an empty body": server_that.body(""),
    "JSON null": server_that.body("null"),
    "no choices": server_that.body('{"choices": []}'),
    "choices an object": server_that.body('{"choices": {"a": 1}}'),
    "JSON too deep to be read": server_that.body("[" * 200_000),
    "choices null": server_that.body('{"choices": null}'),
    "an error as 200": server_that.body('{"error": {"message": "overloaded"}}'),
    "choice without text": server_that.body('{"choices": [{"index": 0}]}'),
    "text null": server_that.choice(text=None),
    "text a number": server_that.choice(text=7),
    "bytes that are no UTF-8": server_that.body(b"\xff"),
}


@pytest.mark.parametrize("fault", list(PASSING))
def test_a_fault_that_passes_costs_one_request_and_no_answer(fault: str, make: Make) -> None:
    asked = prompts(6)
    faults = {asked[0]: [PASSING[fault]], asked[3]: [PASSING[fault], PASSING[fault]]}
    with FaultyServer(faults) as server:
        arrived, error = collect(make(server), asked)
        assert (error, all_right(arrived, asked)) == ("", True)
        assert server.asked == dict.fromkeys(asked, 1) | {asked[0]: 2, asked[3]: 3}


def test_after_the_last_retry_the_others_are_there_and_each_that_is_not_says_why(make: Make) -> None:
    asked = prompts(6)
    faults = {asked[1]: [server_that.status(500, "no memory")] * 9, asked[4]: [server_that.truncated] * 9}
    with FaultyServer(faults) as server:
        backend = make(server, retries=2)
        arrived, error = collect(backend, asked)
        assert sorted(arrived) == [0, 2, 3, 5]
        assert all(arrived[i].text == text_for(asked[i]) for i in arrived)
        assert sorted(error.splitlines()) == [
            f"1: {backend.name}: HTTP 500: no memory",
            f"4: {backend.name}: the answer is no JSON, or not all of it came",
        ]
        assert server.asked == dict.fromkeys(asked, 1) | {asked[1]: 3, asked[4]: 3}


def test_a_prompt_that_the_server_refuses_is_asked_once_and_does_not_stop_the_others(make: Make) -> None:
    asked = prompts(6)
    refusal = server_that.status(400, "exceeds the available context size (2048 tokens)")
    with FaultyServer({asked[2]: [refusal] * 9}) as server:
        arrived, error = collect(make(server), asked)
        assert sorted(arrived) == [0, 1, 3, 4, 5]
        assert error.startswith("2: ")
        assert "HTTP 400: exceeds the available context size (2048 tokens) (the option context= " in error
        assert server.asked == dict.fromkeys(asked, 1)


def test_refused_prompts_in_a_row_do_not_stop_the_others_either(make: Make) -> None:
    asked = prompts(8)
    with FaultyServer({p: [server_that.status(400, "filtered")] for p in asked[:6]}) as server:
        arrived, error = collect(make(server, concurrency=1), asked)
        assert sorted(arrived) == [6, 7]
        assert error.count("HTTP 400: filtered") == 6


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (server_that.status(401, "Incorrect API key"), "the server wants a key: set OPENAI_API_KEY"),
        (server_that.status(404, "no such model"), "HTTP 404: no such model (is the model's name right"),
        (server_that.status(429, "pay", error_code="insufficient_quota"), "the account has nothing left"),
        (server_that.status(429, "later", Retry_After="3600"), "wants 3600 s without requests"),
    ],
    ids=["no key", "no such model", "quota spent", "Retry-After of an hour"],
)
def test_what_every_prompt_would_meet_ends_the_run_at_once(fault: object, message: str, make: Make) -> None:
    asked = prompts(50)
    with FaultyServer({p: [fault] * 9 for p in asked}) as server:  # type: ignore[list-item]
        arrived, error = collect(make(server, concurrency=4), asked)
        assert not arrived
        assert message in error
        assert len(server.generations) <= 4


def test_what_is_under_way_when_the_run_ends_is_not_thrown_away(make: Make) -> None:
    asked = prompts(20)
    faults = {asked[0]: [server_that.status(401)], asked[1]: [server_that.late(1.0)]}
    with FaultyServer(faults) as server:
        arrived, error = collect(make(server, concurrency=2), asked)
        assert [generation.text for generation in arrived.values()] == [text_for(asked[1])]
        assert "19 of 20 prompts got no answer, and no more were tried" in error
        assert len(server.generations) == 2


def test_a_server_that_answers_nothing_any_more_is_given_up_before_every_prompt_was_tried(make: Make) -> None:
    asked = prompts(100)
    with FaultyServer({p: [server_that.status(503)] * 9 for p in asked[10:]}) as server:
        arrived, error = collect(make(server, concurrency=4, retries=1), asked)
        assert sorted(arrived) == list(range(10))
        assert "90 of 100 prompts got no answer, and no more were tried" in error
        assert len(server.generations) <= 10 + 2 * (4 + 4)


def test_a_server_that_dies_midway_leaves_what_it_answered(make: Make) -> None:
    asked = prompts(100)
    with FaultyServer({asked[20]: [server_that.death]}) as server:
        started = time.monotonic()
        arrived, error = collect(make(server, concurrency=4, retries=2), asked)
        assert time.monotonic() - started < 20
        assert 17 <= len(arrived) <= 23
        assert all(arrived[i].text == text_for(asked[i]) for i in arrived)
        assert f"{100 - len(arrived)} of 100 prompts got no answer, and no more were tried" in error


def test_a_server_that_comes_back_in_time_costs_no_answer(make: Make) -> None:
    asked = prompts(20)
    second: list[FaultyServer] = []

    def restart(handler: Handler, request: Request) -> None:
        server_that.death(handler, request)
        time.sleep(0.1)
        second.append(FaultyServer(port=handler.server.server_port).__enter__())

    with FaultyServer({asked[5]: [restart]}) as server:
        arrived, error = collect(make(server, concurrency=2, retries=10), asked)
        second[0].__exit__()
        assert (error, all_right(arrived, asked)) == ("", True)
        assert len(second[0].generations) >= 14


def test_a_server_that_is_not_there_is_an_error_at_once(make: Make) -> None:
    with FaultyServer() as server:
        address = server.address
    backend = make(address)
    started = time.monotonic()
    with pytest.raises(BackendError, match=rf"cannot connect \(.+\); is the server running at {address}\?"):
        _ = backend.identity
    assert time.monotonic() - started < 5


# Rate limits.


def test_one_prompts_rate_limit_pauses_all(make: Make) -> None:
    asked = prompts(40)
    faults = {p: [server_that.late(0.02)] for p in asked}
    faults[asked[8]] = [server_that.status(429, Retry_After="1.0")]
    with FaultyServer(faults) as server:
        arrived, error = collect(make(server, concurrency=4), asked)
        assert (error, all_right(arrived, asked)) == ("", True)
        times = [request.at for request in server.generations]
        limited = next(request.at for request in server.generations if request.prompt == asked[8])
        # what was under way goes on; then nothing starts until the pause is over
        assert not [at for at in times if limited + 0.5 < at < limited + 0.99]
        assert len(times) == 41


def test_a_date_to_come_back_at_is_waited_for(make: Make) -> None:
    asked = prompts(1)

    def in_one_to_two_seconds(handler: Handler, request: Request) -> None:
        date = formatdate(int(time.time()) + 2, usegmt=True)  # whole seconds
        server_that.status(429, Retry_After=date)(handler, request)

    with FaultyServer({asked[0]: [in_one_to_two_seconds]}) as server:
        assert all_right(collect(make(server), asked)[0], asked)
        first, second = (request.at for request in server.generations)
        assert second - first >= 0.9


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:27:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=1_445_412_480.0) == seconds  # 2015-10-21 07:28:00 GMT


def test_prompts_that_are_turned_away_while_others_are_answered_never_fail(make: Make) -> None:
    asked = prompts(12)
    last = [0.0]

    def one_at_a_time(handler: Handler, request: Request) -> None:
        with handler.server.lock:
            limited = time.monotonic() - last[0] < 0.05
            if limited:
                handler.server.faults[request.prompt].append(one_at_a_time)
            else:
                last[0] = time.monotonic()
        if limited:
            handler.reply(429, "{}")
        else:
            handler.answer(answer_to(request))

    with FaultyServer({p: [one_at_a_time] for p in asked}) as server:
        arrived, error = collect(make(server, concurrency=12, retries=4), asked)
        assert (error, all_right(arrived, asked)) == ("", True)
        assert max(server.asked.values()) > 5


def test_a_long_pause_is_said(make: Make) -> None:
    asked = prompts(1)
    said: list[str] = []
    with FaultyServer({asked[0]: [server_that.status(429, Retry_After="60")]}) as server:
        backend = make(server, progress=said.append)
        waiting = threading.Thread(target=lambda: collect(backend, asked))
        waiting.start()
        deadline = time.monotonic() + 5
        while not said and time.monotonic() < deadline:
            time.sleep(0.01)
        backend.close()
        waiting.join()
        assert said == [f"{server.address}: the server's rate limit is reached, waiting 60 s"]
