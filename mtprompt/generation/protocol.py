"""What every engine offers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mtprompt.segments import Generation
from mtprompt.selection.spec import Value

Message = Mapping[str, str]
Progress = Callable[[str], None]


def to_stderr(line: str) -> None:
    """Shows a line of progress."""
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Running:
    """How an engine is to run; every engine is made as ``Engine(name, running)``.

    Attributes:
        device: ``auto``, ``cpu`` or ``cuda``.
        batch_size: Prompts generated together at most; the engine's own number by default.
        options: The engine's own, as they were written in the model's name.
        progress: Gets a line before anything that takes long.
    """

    device: str = "auto"
    batch_size: int | None = None
    options: Mapping[str, Value] = field(default_factory=dict)
    progress: Progress = to_stderr


@dataclass(frozen=True, slots=True)
class Decoding:
    """How tokens are chosen.

    Attributes:
        temperature: 0 is greedy.
        seed: For sampling; greedy decoding does not use it.
        sample: Which of several samples of one prompt this is, from 0; each has random numbers of its own.
        stop_at_newline: Base models end a line-shaped answer with a line break;
            chat models with a token of their own.
    """

    temperature: float = 0.0
    seed: int = 1
    sample: int = 0
    stop_at_newline: bool = True


class Backend(Protocol):
    """A model behind an engine. The weights are loaded by the first ``generate``, not before."""

    name: str
    """Engine and model, as ``--model`` takes it: ``ct2:gemma-3-270m``."""

    batch_size: int
    """Prompts that it generates together at most."""

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may have together."""
        ...

    @property
    def identity(self) -> Mapping[str, str]:
        """What decides the answers besides prompt and decoding: engine, version, compute type, model."""
        ...

    @property
    def has_chat_template(self) -> bool:
        """Whether the tokenizer brings a chat template."""
        ...

    def render_chat(self, messages: Sequence[Message]) -> str:
        """The text of a chat, ready for the answer, special tokens included."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a prompt, with its one BOS.

        An engine that can only estimate them says so by an attribute ``estimates_tokens`` that is true.
        """
        ...

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        """Answers each prompt; yields ``(index, answer)`` as answers arrive, in any order.

        A prompt that alone gets no answer, while others do, comes last, with its ``fault``.

        Raises:
            BackendError: If the model cannot be loaded or the engine fails for any prompt.
        """
        ...

    def close(self) -> None:
        """Frees the weights."""
        ...
