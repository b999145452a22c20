"""Requests to one OpenAI-compatible server, through the official SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import openai

from mtprompt.generation.openai.address import Address, Key
from mtprompt.generation.openai.retries import Asker, Unanswered, Unusable
from mtprompt.generation.openai.text import messages_of
from mtprompt.generation.protocol import Decoding

_CONNECT_SECONDS = 10.0
_COUNTING = 8  # small requests under way at once; they must not wait for a generation's place
_MANY_TOKENS = 10**12  # more than any text has
_SAMPLES = 1_000_003  # apart in seeds, so that sample 1 of seed 1 is not sample 0 of seed 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server generated.

    Attributes:
        text: The answer.
        finish_reason: ``stop`` or ``length``.
        prompt_tokens: As the server counted them, None if it does not say.
        completion_tokens: Likewise.
    """

    text: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None


class Server:
    """Used within one event loop.

    Args:
        address: Where it is.
        key: Its key.
        asker: Repeats what fails.
        concurrency: Generations under way at once.
    """

    def __init__(self, address: Address, key: Key, asker: Asker, concurrency: int) -> None:
        self._root = address.root
        self._client = openai.AsyncOpenAI(
            api_key=key.value or "none",
            base_url=address.url,
            max_retries=0,  # repeating is the asker's
            timeout=openai.Timeout(None, connect=_CONNECT_SECONDS),  # and so is the time for an answer
        )
        self._headers: dict[str, str | openai.Omit] = {} if key.value else {"Authorization": openai.omit}
        self._asker = asker
        self._generating = asyncio.Semaphore(concurrency)
        self._counting = asyncio.Semaphore(_COUNTING)
        self._never = asyncio.Event()

    async def models(self) -> list[dict[str, Any]] | None:
        """The entries of the models that it serves, None if it has no such list.

        Raises:
            Unanswered: If it cannot be asked.
        """

        def read(raw: object) -> list[dict[str, Any]]:
            entries = raw.get("data") if isinstance(raw, dict) else raw
            if not isinstance(entries, list):
                raise Unusable("its list of models is none")
            return [
                entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)
            ]

        async def get() -> object:
            return await self._client.get("/models", cast_to=object, options={"headers": self._headers})

        try:
            return await self._asker.ask(get, read, self._counting, self._never)
        except Unanswered as error:
            if error.fault.status in (404, 405, 501):
                return None
            raise

    async def own(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """What an address of the server's own says; nothing if it has none such or refuses.

        Args:
            path: Below the server's root, such as ``/tokenize``.
            body: To be posted; None to get.

        Raises:
            Unanswered: If it stays unclear whether it has one.
        """
        url = self._root + path

        async def send() -> object:
            if body is None:
                return await self._client.get(url, cast_to=object, options={"headers": self._headers})
            return await self._client.post(
                url, cast_to=object, body=dict(body), options={"headers": self._headers}
            )

        def read(raw: object) -> dict[str, Any]:
            # a page for people is an answer, too, but not of the kind that is meant
            return raw if isinstance(raw, dict) else {}

        try:
            return await self._asker.ask(send, read, self._counting, self._never)
        except Unanswered as error:
            if error.fault.passing:
                raise
            return {}

    async def answer(
        self, model: str, prompt: str, max_new_tokens: int, decoding: Decoding, given_up: asyncio.Event
    ) -> Answer:
        """Generates: a chat's text on the chat endpoint, any other on completions.

        Raises:
            Unanswered: If all tries failed.
        """
        prompt = prompt.encode("utf-8", "replace").decode()  # half a character cannot be sent
        messages: Any = messages_of(prompt)
        # what servers sample with by default differs, and so does what they cut off
        sampling: dict[str, Any] = {"temperature": decoding.temperature}
        if decoding.temperature > 0:
            sampling["top_p"] = 1.0
            sampling["seed"] = (decoding.seed + _SAMPLES * decoding.sample) % 2**31
        if decoding.stop_at_newline:
            sampling["stop"] = ["\n"]

        async def send() -> object:
            if messages is None:
                return await self._client.completions.create(
                    model=model,
                    prompt=prompt,
                    max_tokens=max_new_tokens,
                    extra_headers=self._headers,
                    **sampling,
                )
            return await self._client.chat.completions.create(
                model=model,
                messages=messages,
                max_tokens=max_new_tokens,
                extra_headers=self._headers,
                **sampling,
            )

        return await self._asker.ask(send, _read, self._generating, given_up)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()


def _read(raw: Any) -> Answer:
    """Takes an answer apart; the SDK does not check what it holds.

    Raises:
        Unusable: If it holds no text.
    """
    try:
        choice = raw.choices[0]
        text = choice.message.content if hasattr(choice, "message") else choice.text
    except (AttributeError, IndexError, KeyError, TypeError):
        said = getattr(raw, "error", None)
        raise Unusable(f"the answer holds no choice{f', but an error: {said}' if said else ''}") from None
    reason = getattr(choice, "finish_reason", None)
    if text is None and reason in ("length", "content_filter"):
        text = ""  # all room went into thinking, or the text was withheld: asking again changes nothing
    if not isinstance(text, str):
        raise Unusable("the answer holds no text")
    usage = getattr(raw, "usage", None)
    return Answer(
        text,
        "length" if reason == "length" else "stop",
        as_count(getattr(usage, "prompt_tokens", None)),
        as_count(getattr(usage, "completion_tokens", None)),
    )


def as_count(value: object) -> int | None:
    """A number of tokens as a server says it; None for anything that cannot be one."""
    return value if type(value) is int and 0 <= value < _MANY_TOKENS else None
