"""A model behind a store: what was answered once is never asked again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from mtprompt.errors import BackendError
from mtprompt.generation.latest import Latest
from mtprompt.generation.protocol import Backend, Decoding
from mtprompt.generation.spec import Voice
from mtprompt.progress import Progress, say_nothing
from mtprompt.segments import Generation, Prompt
from mtprompt.store import GenerationKeys, Store


class Voices(list[tuple[Backend, Voice]]):
    """Models, each with how it is asked: a translator and all its views share them.

    Attributes:
        answered: Which of the backends ever answered a prompt, by their ``id``.
    """

    def __init__(self, voices: Iterable[tuple[Backend, Voice]]) -> None:
        super().__init__(voices)
        self.answered: set[int] = set()


class StoredBackend:
    """A backend, how it decodes, and where its answers are kept.

    Args:
        backend: Shared with others, if they like.
        decoding: How tokens are chosen.
        store: None keeps the latest answers of a call in memory alone.
        answered: Of :class:`Voices`.
    """

    def __init__(self, backend: Backend, decoding: Decoding, store: Store | None, answered: set[int]) -> None:
        self.backend = backend
        self.decoding = decoding
        self._kept = store if store is not None else Latest()
        self._answered = answered

    @cached_property
    def _keys(self) -> GenerationKeys:
        return GenerationKeys(self.backend.identity, self.decoding)

    @cached_property
    def _model(self) -> str:
        return " ".join(self.backend.identity.values())

    def _key(self, prompt: Prompt) -> str:
        """What prompts with the same answer share."""
        if isinstance(self._kept, Latest):  # nobody else will read it
            return f"{prompt.max_new_tokens} {prompt.text}"
        return self._keys.key(prompt)

    def begin(self) -> None:
        """A call begins: without a store, what earlier ones were answered is not used."""
        if isinstance(self._kept, Latest):
            self._kept.forget()

    def missing(self, prompts: Sequence[Prompt]) -> list[Prompt]:
        """The prompts that the model would be asked: each once, without those whose answer is stored."""
        asked = {self._key(prompt): prompt for prompt in prompts}
        found = self._kept.get(list(asked))
        return [prompt for key, prompt in asked.items() if key not in found]

    def answers(
        self,
        prompts: Sequence[Prompt],
        on_progress: Progress = say_nothing,
    ) -> Iterator[tuple[int, Generation]]:
        """Yields ``(index, answer)`` for each prompt: the stored ones first, then as the model answers.

        An answer is in the store before it is yielded. A prompt that comes again in the same call has its
        first answer, marked as cached. One without an answer is not stored.

        Args:
            prompts: Each with the room for its answer.
            on_progress: Called with the number of prompts that were just answered.

        Raises:
            BackendError: If the engine fails, or never answered any prompt: the fault is hardly theirs.
        """
        model = self._model
        asked: dict[str, list[int]] = {}
        for i, prompt in enumerate(prompts):
            asked.setdefault(self._key(prompt), []).append(i)
        found = self._kept.get(list(asked))
        me = id(self.backend)
        if found:
            self._answered.add(me)
        for key, generation in found.items():
            on_progress(len(asked[key]))
            for i in asked[key]:
                yield i, generation
        missing = [key for key in asked if key not in found]
        if not missing:  # an engine loads its weights when asked, be it for nothing
            return
        first = [prompts[asked[key][0]] for key in missing]
        arriving = self.backend.generate(
            [prompt.text for prompt in first], [prompt.max_new_tokens for prompt in first], self.decoding
        )
        for j, generation in arriving:
            if generation.fault is None:
                self._answered.add(me)
                self._kept.put(missing[j], generation, model)
            elif me not in self._answered:
                raise BackendError(
                    f"none of {len(missing):,} prompts got an answer; a reason: {generation.fault}"
                )
            first_place, *others = asked[missing[j]]
            on_progress(1 + len(others))
            yield first_place, generation
            for i in others:  # these cost nothing more
                yield i, replace(generation, cached=True)
