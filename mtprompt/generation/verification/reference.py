"""What ``transformers`` in float32 thinks of another engine's greedy answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from mtprompt.generation.hf.memory import free_memory
from mtprompt.generation.hf.prefix import PrefixCache, empty_cache
from mtprompt.generation.hf.weights import load_weights
from mtprompt.generation.models import ModelSource
from mtprompt.segments import Generation

NOTHING = 99.0
"""The gap of an answer that has no text and no end, or that the reference cannot judge: nats."""
_PLAUSIBLE = 1.0  # nats; with a larger gap at its beginning, perhaps the answer's tokens were others


class Reference:
    """The model in float32, asked about answers instead of for them.

    Args:
        source: The model.
        device: ``cpu`` or ``cuda``.

    Attributes:
        name: Library, version and type, for the record.

    Raises:
        BackendError: If it cannot be loaded.
    """

    def __init__(self, source: ModelSource, device: str) -> None:
        self.name = f"transformers {version('transformers')} float32"
        self._tokenizer = source.tokenizer
        self._model: Any = load_weights(source.name, source.folder, dtype="float32", device=device)

    def gaps(self, prompt: str, answers: Sequence[Generation]) -> list[list[float]]:
        """For each token of each answer, the nats by which the model would rather have had another one.

        0 where it would have chosen the same. Each token is judged after those before it, so one other
        choice does not spoil what follows.

        Args:
            prompt: The prompt.
            answers: To it; one that ended by itself is judged for its end, too.
        """
        (start,) = self._tokenizer.encode([prompt])
        judge = _Judge(self._model, start, self._tokenizer.end_ids)
        judged: dict[tuple[str, str], list[float]] = {}
        for answer in answers:
            if (answer.text, answer.finish_reason) not in judged:
                judged[answer.text, answer.finish_reason] = self._gaps(prompt, start, answer, judge)
        return [judged[answer.text, answer.finish_reason] for answer in answers]

    def _gaps(self, prompt: str, start: list[int], answer: Generation, judge: _Judge) -> list[float]:
        ended = answer.finish_reason == "stop" and bool(self._tokenizer.end_ids)
        if not answer.text:
            return judge.gaps([], ended) if ended else [NOTHING]
        found: list[list[float]] = []
        for ids in self._readings(prompt, start, answer.text):
            found.append(judge.gaps(ids, ended))
            if found[-1][0] < _PLAUSIBLE:
                break
        return min(found, key=lambda gaps: sum(gaps) / len(gaps))

    def _readings(self, prompt: str, start: list[int], text: str) -> Iterator[list[int]]:
        """What the tokens of an answer may have been, the likeliest first.

        Only its text is known: tokens can grow together over the seam with the prompt, and some
        tokenizers drop the space at the beginning of what they decode.
        """
        joined, spaced, bare, nothing = self._tokenizer.encode([prompt + text, f"{prompt} {text}", text, ""])
        for whole in (joined, spaced):
            if whole[: len(start)] == start and len(whole) > len(start):
                yield whole[len(start) :]
        yield bare[len(nothing) :]

    def close(self) -> None:
        """Frees the weights."""
        self._model = None
        free_memory()


class _Judge:
    """The model after a prompt, which it reads once."""

    def __init__(self, model: Any, start: Sequence[int], ends: Sequence[int]) -> None:
        self._model = model
        self._ends = list(ends)
        self._last = list(start[-1:])
        can_go_on = len(start) > 1 and empty_cache(model) is not None
        self._read = PrefixCache(model, start[:-1]) if can_go_on else None
        self._start = [] if can_go_on else list(start[:-1])

    def gaps(self, ids: Sequence[int], ended: bool) -> list[float]:
        """As :meth:`Reference.gaps`, for the tokens of one answer."""
        import torch

        inputs = torch.tensor([[*self._start, *self._last, *ids]], device=self._model.device)
        with torch.inference_mode():
            cache = {"past_key_values": self._read.copies(1)} if self._read else {"use_cache": False}
            logits = self._model(input_ids=inputs, **cache).logits[0, -len(ids) - 1 :].float()
            best = logits.max(dim=-1).values
            gaps = [best[at] - logits[at, token] for at, token in enumerate(ids)]
            if ended:
                gaps.append(best[-1] - logits[-1, self._ends].max())
            # what is no number must not pass for a small one
            return [min(NOTHING, gap) if gap >= 0 else NOTHING for gap in torch.stack(gaps).tolist()]
