"""A model behind a store: what was answered once is never asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mtprompt.generation.protocol import Backend, Decoding
from mtprompt.progress import Progress, say_nothing
from mtprompt.segments import Generation, Prompt
from mtprompt.store import GenerationKeys, Store


class StoredBackend:
    """A backend, how it decodes, and where its answers are kept.

    Args:
        backend: Shared with others, if they like.
        decoding: How tokens are chosen.
        store: None keeps nothing; the same prompt is still asked once in a call.
    """

    def __init__(self, backend: Backend, decoding: Decoding, store: Store | None) -> None:
        self.backend = backend
        self.decoding = decoding
        self._store = store

    def answers(
        self,
        prompts: Sequence[Prompt],
        on_progress: Progress = say_nothing,
    ) -> Iterator[tuple[int, Generation]]:
        """Yields ``(index, answer)`` for each prompt: the stored ones first, then as the model answers.

        An answer is in the store before it is yielded.

        Args:
            prompts: Each with the room for its answer.
            on_progress: Called with the number of prompts that were just answered.
        """
        keys = GenerationKeys(self.backend.identity, self.decoding)
        asked: dict[str, list[int]] = {}
        for i, prompt in enumerate(prompts):
            asked.setdefault(keys.key(prompt), []).append(i)
        found = self._store.get(list(asked)) if self._store else {}
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
            if self._store:
                self._store.put(missing[j], generation)
            on_progress(len(asked[missing[j]]))
            for i in asked[missing[j]]:
                yield i, generation
