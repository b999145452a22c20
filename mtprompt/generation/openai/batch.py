"""Many prompts to one server, side by side; what arrives is kept, whatever becomes of the rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mtprompt.generation.openai.retries import Fault, Unanswered
from mtprompt.generation.openai.server import Server
from mtprompt.generation.openai.text import estimated_tokens
from mtprompt.generation.protocol import Decoding
from mtprompt.segments import Generation, Usage

_HOPELESS = 4  # prompts in a row at least, each asked for as often as is allowed


@dataclass(slots=True)
class Outcome:
    """What became of the prompts.

    Attributes:
        answered: How many were.
        unanswered: Why others were not, by their index.
        hopeless: The fault after which the rest was not tried, None if all were.
    """

    answered: int = 0
    unanswered: dict[int, str] = field(default_factory=dict)
    hopeless: Fault | None = None


async def answer_all(
    server: Server,
    model: str,
    prompts: Sequence[tuple[str, int]],
    decoding: Decoding,
    concurrency: int,
    arrived: Callable[[tuple[int, Generation]], None],
) -> Outcome:
    """Has every prompt answered.

    It gives up, without breaking off what is under way, at a fault that every prompt would meet, and when
    the retries of as many in a row are used up as are asked at once.

    Args:
        server: The server.
        model: Its model.
        prompts: Each with the tokens that its answer may have.
        decoding: How tokens are chosen.
        concurrency: Prompts under way at once.
        arrived: Gets ``(index, answer)``; the seconds of all answers together are the time it took.
    """
    outcome = Outcome()
    given_up = asyncio.Event()
    waiting = enumerate(prompts)
    in_a_row = 0
    since = time.perf_counter()

    async def work() -> None:
        nonlocal in_a_row, since
        for i, (prompt, limit) in waiting:
            try:
                answer = await server.answer(model, prompt, limit, decoding, given_up)
            except Unanswered as error:
                in_a_row += error.fault.passing  # a refusal costs no time, and is about this prompt alone
                if not given_up.is_set():
                    outcome.unanswered[i] = error.fault.reason
                    if error.fault.general or in_a_row >= max(_HOPELESS, concurrency):
                        outcome.hopeless = error.fault
                        given_up.set()
                if given_up.is_set():
                    return
                continue
            in_a_row = 0
            now = time.perf_counter()
            text = answer.text.split("\n", 1)[0] if decoding.stop_at_newline else answer.text
            usage = Usage(
                estimated_tokens(prompt) if answer.prompt_tokens is None else answer.prompt_tokens,
                estimated_tokens(text) if answer.completion_tokens is None else answer.completion_tokens,
                now - since,
            )
            since = now
            outcome.answered += 1
            arrived((i, Generation(text, answer.finish_reason, usage)))

    async with asyncio.TaskGroup() as workers:
        for _ in range(min(concurrency, len(prompts))):
            workers.create_task(work())
    return outcome
