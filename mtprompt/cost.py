"""What a run will cost, before it is started, and what it did cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from mtprompt.generation.protocol import Backend
from mtprompt.generation.stored import StoredBackend
from mtprompt.segments import Pair, Prompt

_PAIRS = 500  # of the pool, to learn how long translations are


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens, in whatever currency.

    Attributes:
        prompt: Of the prompts.
        completion: Of the answers.
    """

    prompt: float = 0.0
    completion: float = 0.0

    def __bool__(self) -> bool:
        return self.prompt > 0 or self.completion > 0

    def of(self, prompt_tokens: float, completion_tokens: float) -> float:
        """The price of so many tokens."""
        return (self.prompt * prompt_tokens + self.completion * completion_tokens) / 1e6


@dataclass(slots=True)
class Estimate:
    """What one model is to generate: the prompts that are not answered yet, each counted once.

    Attributes:
        stored: The model.
        ratio: Tokens of a translation for one of its source (:func:`length_ratio`).
        prompts: Their number.
        prompt_tokens: Their tokens, as the model's engine counts them (:attr:`exact`).
        completion_tokens: What their answers will have, by the length of the sources and of the pool's
            translations.
        most_tokens: What their answers can have at most.
    """

    stored: StoredBackend
    ratio: float
    prompts: int = 0
    prompt_tokens: int = 0
    completion_tokens: float = 0.0
    most_tokens: int = 0
    _counted: set[int] = field(default_factory=set)

    @property
    def exact(self) -> bool:
        """Whether tokens are counted; a server that cannot count has them estimated."""
        return not getattr(self.stored.backend, "estimates_tokens", False)

    def add(self, sources: Sequence[str], prompts: Sequence[Prompt | None]) -> None:
        """Counts some more segments.

        Args:
            sources: Their sources.
            prompts: Their prompts; None where nothing is sent.
        """
        sent = {prompt: source for source, prompt in zip(sources, prompts, strict=True) if prompt}
        missing = [prompt for prompt in self.stored.missing(list(sent)) if hash(prompt) not in self._counted]
        self._counted.update(map(hash, missing))
        lengths = self.stored.backend.count_tokens([sent[prompt] for prompt in missing])
        for prompt, length in zip(missing, lengths, strict=True):
            self.prompts += 1
            self.prompt_tokens += prompt.tokens
            self.completion_tokens += min(self.ratio * length, prompt.max_new_tokens)
            self.most_tokens += prompt.max_new_tokens


def length_ratio(backend: Backend, pairs: Iterable[Pair]) -> float:
    """Tokens of a translation for one of its source, by a model's tokenizer; 1 without pairs."""
    some = list(islice(pairs, _PAIRS))
    sources = sum(backend.count_tokens([pair.source for pair in some]))
    targets = sum(backend.count_tokens([pair.target for pair in some]))
    return targets / sources if sources else 1.0
