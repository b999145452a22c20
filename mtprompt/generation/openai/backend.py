"""Any OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama, ``transformers serve``, OpenAI's own."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from mtprompt.errors import BackendError, ConfigError, need_packages
from mtprompt.generation.models import ModelSource
from mtprompt.generation.openai.address import parse_address, read_key
from mtprompt.generation.openai.event_loop import LoopThread
from mtprompt.generation.openai.text import chat_text, messages_of
from mtprompt.generation.protocol import Decoding, Message, Running
from mtprompt.generation.spec import read_options
from mtprompt.generation.tokenizer import PromptTokenizer
from mtprompt.segments import Generation, Usage

if TYPE_CHECKING:  # they import the SDK, which is loaded when it is needed
    from mtprompt.generation.openai.batch import Outcome
    from mtprompt.generation.openai.facts import Served
    from mtprompt.generation.openai.retries import Fault
    from mtprompt.generation.openai.server import Server

T = TypeVar("T")

_ENDPOINTS = ("chat", "completions")
_DEFAULT_CONTEXT = 4096
_REMEMBERED = 65_536  # counts of tokens


@dataclass(frozen=True, slots=True)
class OpenAIOptions:
    """Options of the engine.

    Attributes:
        concurrency: Requests under way at once; the batch size by default.
        retries: How often a request is repeated whose fault may pass.
        timeout: Seconds for a whole answer.
        endpoint: ``chat`` or ``completions``; by default completions if the server says that the model has
            no chat template, else chat.
        context: Tokens that prompt and answer may have together; by default what the server says, else 4096.
        tokenizer: A folder or hub id with the model's tokenizer, to count exactly where the server cannot.
        key_env: The environment variable that holds the key; ``OPENAI_API_KEY`` by default.
    """

    concurrency: int | None = None
    retries: int = 6
    timeout: float = 600.0
    endpoint: str | None = None
    context: int | None = None
    tokenizer: str | None = None
    key_env: str | None = None


class OpenAIBackend:
    """A model behind an OpenAI-compatible server.

    A chat is written as JSON of its messages (:func:`~mtprompt.generation.openai.text.chat_text`), and the
    server applies its template: such a prompt is sent to the chat endpoint, any other to completions.

    Args:
        name: ``http://localhost:8000/v1#model``; see
            :func:`~mtprompt.generation.openai.address.parse_address`.
        running: Its device is the server's affair.

    Raises:
        ConfigError: For an address, a key or an option that cannot be used.
        MissingDependency: If the SDK is not installed.
    """

    engine = "openai"
    packages = ("openai",)
    first_backoff = 0.5  # seconds
    """Seconds before a request is repeated for the first time; they double each time."""

    def __init__(self, name: str, running: Running) -> None:
        need_packages(self.packages, f"The engine {self.engine}", self.engine)
        self._options = options = read_options(self.engine, OpenAIOptions, running.options)
        if options.endpoint not in (None, *_ENDPOINTS):
            raise ConfigError(f"openai: endpoint must be chat or completions, got {options.endpoint!r}")
        for key, least in (("concurrency", 1), ("retries", 0), ("timeout", 1e-3), ("context", 1)):
            if (value := getattr(options, key)) is not None and not least <= value < float("inf"):
                raise ConfigError(f"openai: {key} must be {least:g} or more, got {value}")
        self._address = parse_address(name)
        self._key = read_key(self._address, options.key_env)
        self.batch_size = options.concurrency or running.batch_size or 32
        self._progress = running.progress
        self.name = f"{self.engine}:{self._address.url}" + (self._address.model and f"#{self._address.model}")
        self._lock = threading.Lock()
        self._connection: tuple[LoopThread, Server] | None = None
        self._served: Served | None = None
        self._counted: dict[bytes, int] = {}

    @property
    def identity(self) -> Mapping[str, str]:
        """See the protocol; the server's address, and what it tells of the weights, are part of it."""
        served = self._look()
        identity = {
            "engine": self.engine,
            "server": self._address.url,
            "model": served.model,
            "endpoint": "chat" if self.has_chat_template else "completions",
        }
        return identity | ({"revision": served.revision} if served.revision else {})

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may have together: as the option says, as the server says, 4096."""
        return self._options.context or self._look().context or _DEFAULT_CONTEXT

    @property
    def has_chat_template(self) -> bool:
        """Whether prompts are sent as chats."""
        if self._options.endpoint:
            return self._options.endpoint == "chat"
        if self._tokenizer:
            return self._tokenizer.has_chat_template
        return self._look().chat is not False

    @property
    def estimates_tokens(self) -> bool:
        """Whether neither the server nor a tokenizer counts the tokens of what is sent."""
        if self._options.tokenizer:
            return False
        served = self._look()
        return not (served.counts_chats if self.has_chat_template else served.counts)

    def render_chat(self, messages: Sequence[Message]) -> str:
        """The chat as JSON: the template is the server's."""
        return chat_text(messages)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text: by the option ``tokenizer``, by the server, or estimated, rather too many."""
        if self._tokenizer:
            chats = [messages_of(text) for text in texts]
            rendered = [
                text if chat is None else self._tokenizer.render_chat(chat)
                for text, chat in zip(texts, chats, strict=True)
            ]
            return [len(ids) for ids in self._tokenizer.encode(rendered)]
        from mtprompt.generation.openai.facts import count

        async def count_all(server: Server, served: Served, texts: Sequence[str]) -> list[int]:
            return await asyncio.gather(*(count(server, served, text) for text in texts))

        served = self._look()
        digests = [hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        known = {digest: self._counted[digest] for digest in digests if digest in self._counted}
        new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        if new:
            loop, server = self._connected()
            counted = self._asked(loop, count_all(server, served, list(new.values())))
            known |= zip(new, counted, strict=True)
            with self._lock:
                if len(self._counted) > _REMEMBERED:
                    self._counted = {}
                self._counted.update(known)
        return [known[digest] for digest in digests]

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        """See the protocol.

        Raises:
            BackendError: After the last answer, if the server was given up before every prompt was tried.
        """
        if not prompts:
            return
        from mtprompt.generation.openai.batch import answer_all

        model = self._look().model
        loop, server = self._connected()
        arrived: SimpleQueue[tuple[int, Generation] | None] = SimpleQueue()
        asked = list(zip(prompts, max_new_tokens, strict=True))
        future = loop.start(answer_all(server, model, asked, decoding, self.batch_size, arrived.put))
        future.add_done_callback(lambda _: arrived.put(None))
        try:
            while (answer := arrived.get()) is not None:
                yield answer
        finally:
            future.cancel()
        try:
            outcome = future.result()
        except CancelledError:
            raise BackendError(f"{self.name} was closed while it generated") from None
        if outcome.hopeless:
            raise BackendError(self._failure(outcome, outcome.hopeless, len(asked)))
        for i, reason in outcome.unanswered.items():
            yield i, Generation("", "error", Usage(0, 0, 0.0), fault=f"{self.name}: {reason}")

    def _failure(self, outcome: Outcome, fault: Fault, asked: int) -> str:
        if fault.general and not outcome.answered:
            return f"{self.name}: {fault.reason}"
        return (
            f"{self.name}: {asked - outcome.answered} of {asked} prompts got no answer, and no more were "
            f"tried; the last reason: {fault.reason}. With a store, the same run again asks for those only"
        )

    @cached_property
    def _tokenizer(self) -> PromptTokenizer | None:
        if self._options.tokenizer is None:
            return None
        need_packages(("transformers",), "The option tokenizer", "hf")
        return ModelSource(self._options.tokenizer, self._progress).tokenizer

    def _connected(self) -> tuple[LoopThread, Server]:
        with self._lock:
            if self._connection is None:
                from mtprompt.generation.openai.retries import Asker
                from mtprompt.generation.openai.server import Server

                asker = Asker(
                    self._address.url,
                    retries=self._options.retries,
                    timeout=self._options.timeout,
                    backoff=self.first_backoff,
                    key=self._key,
                    say=self._progress,
                )
                server = Server(self._address, self._key, asker, self.batch_size)
                self._connection = LoopThread("mtprompt-openai"), server
            return self._connection

    def _look(self) -> Served:
        if self._served is None:
            from mtprompt.generation.openai.facts import look

            loop, server = self._connected()
            counting = self._options.tokenizer is None
            self._served = self._asked(loop, look(server, self._address.model, counting=counting))
            self.name = f"{self.engine}:{self._address.url}#{self._served.model}"
        return self._served

    def _asked(self, loop: LoopThread, coroutine: Coroutine[Any, Any, T]) -> T:
        from mtprompt.generation.openai.retries import Unanswered

        try:
            return loop.run(coroutine)
        except Unanswered as error:
            reason = error.fault.reason
        except CancelledError:
            reason = "closed while it was asked"
        # outside of the handlers: nothing of the SDK's errors hangs on ours, with their requests and headers
        raise BackendError(f"{self.name}: {reason}")

    def close(self) -> None:
        """Ends what is under way and closes the connections; used again, it opens new ones."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection:
            loop, server = connection
            loop.close(server.close())
