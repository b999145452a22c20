"""Canned answers, for tests and for trying a pipeline without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mtprompt.generation.protocol import Decoding, Message
from mtprompt.segments import Generation, Usage


def echo_source(prompt: str) -> str:
    """The text of the query's line, as a model that copies would answer."""
    query = prompt.rstrip().rsplit("\n", 2)[-2]
    return query.split(": ", 1)[-1]


class ScriptedBackend:
    """Answers by a function of the prompt; a token is a word.

    Args:
        answer: From prompt to answer; :func:`echo_source` by default.
        context: As in the protocol.
        chat: Whether it behaves as a chat model.
    """

    name = "scripted"

    def __init__(
        self,
        answer: Callable[[str], str] = echo_source,
        context: int = 4096,
        chat: bool = False,
    ) -> None:
        self._answer = answer
        self.context = context
        self.has_chat_template = chat
        self.asked: list[str] = []
        """Every prompt that was generated, in order."""

    @property
    def identity(self) -> Mapping[str, str]:
        """See the protocol."""
        return {"engine": "scripted", "model": getattr(self._answer, "__name__", "answers")}

    def render_chat(self, messages: Sequence[Message]) -> str:
        """Roles and contents, one a line."""
        return "".join(f"<{m['role']}>\n{m['content']}\n" for m in messages) + "<assistant>\n"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words."""
        return [len(text.split()) for text in texts]

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        """One answer a prompt, in order."""
        for i, (prompt, limit) in enumerate(zip(prompts, max_new_tokens, strict=True)):
            self.asked.append(prompt)
            answer = self._answer(prompt)
            words = answer.split(" ")
            cut = len(words) > limit
            yield (
                i,
                Generation(
                    " ".join(words[:limit]),
                    "length" if cut else "stop",
                    Usage(len(prompt.split()), min(len(words), limit), 0.0),
                ),
            )

    def close(self) -> None:
        """Nothing to free."""
