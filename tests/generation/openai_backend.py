"""The engine ``openai`` as the tests use it: in haste, and closed after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from faulty_server import FaultyServer, text_for

from mtprompt.errors import BackendError
from mtprompt.generation.openai.backend import OpenAIBackend
from mtprompt.generation.protocol import Decoding, Running
from mtprompt.segments import Generation

Make = Callable[..., OpenAIBackend]


class Hasty(OpenAIBackend):
    """Waits for hundredths of seconds."""

    first_backoff = 0.01


def hasty(server: FaultyServer | str, model: str, options: Mapping[str, object]) -> OpenAIBackend:
    """A backend for base prompts; ``batch_size`` and ``progress`` say how it runs, the rest are options."""
    own = {"endpoint": "completions", **options}
    running = Running(
        batch_size=own.pop("batch_size", 4),  # type: ignore[arg-type]
        progress=own.pop("progress", lambda _: None),  # type: ignore[arg-type]
        options={key: value for key, value in own.items() if value is not None},  # type: ignore[misc]
    )
    return Hasty((server if isinstance(server, str) else server.address) + model, running)


def prompts(n: int) -> list[str]:
    """Prompts that differ."""
    return [f"p{i}\nEnglish:" for i in range(n)]


def collect(backend: OpenAIBackend, asked: list[str]) -> tuple[dict[int, Generation], str]:
    """What arrived, by index, and the error at the end, or a line for each prompt that got no answer."""
    arrived: dict[int, Generation] = {}
    faults = []
    try:
        for i, generation in backend.generate(asked, [8] * len(asked), Decoding()):
            assert i not in arrived
            if generation.fault is None:
                arrived[i] = generation
            else:
                assert (generation.text, generation.finish_reason) == ("", "error")
                faults.append(f"{i}: {generation.fault}")
    except BackendError as error:
        assert "\n" not in str(error)
        return arrived, str(error)
    return arrived, "\n".join(faults)


def all_right(arrived: dict[int, Generation], asked: list[str]) -> bool:
    """Whether every prompt has its own answer."""
    answers = {i: generation.text for i, generation in arrived.items()}
    return answers == {i: text_for(prompt) for i, prompt in enumerate(asked)}
