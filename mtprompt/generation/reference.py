"""What ``transformers`` in float32 thinks of another engine's greedy answers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from mtprompt.generation.hf_memory import free_memory
from mtprompt.generation.hf_weights import load_weights
from mtprompt.generation.models import ModelSource
from mtprompt.generation.tokenizer import PromptTokenizer
from mtprompt.segments import Generation

NOTHING = 99.0
"""The gap of an answer that has no text and no end, or that the reference cannot judge: nats."""
_PLAUSIBLE = 0.2  # nats a token; with a larger gap, perhaps the answer's tokens were others


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
        self._tokenizer = PromptTokenizer(source.folder)
        self._model: Any = load_weights(
            source.name,
            source.folder,
            dtype="float32",
            device=device,
            device_map=None,
            attention=None,
            quantization=None,
        )
        self._can_cut = "logits_to_keep" in inspect.signature(self._model.forward).parameters

    def gaps(self, prompt: str, answer: Generation) -> list[float]:
        """For each token of an answer, the nats by which the model would rather have had another one.

        0 where it would have chosen the same. Each token is judged after those before it, so one other
        choice does not spoil what follows.

        Args:
            prompt: The prompt.
            answer: The engine's; one that ended by itself is judged for its end, too.
        """
        (start,) = self._tokenizer.encode([prompt])
        ended = answer.finish_reason == "stop" and bool(self._tokenizer.end_ids)
        if not answer.text:
            return self._gaps(start, [], ended) if ended else [NOTHING]
        found: list[list[float]] = []
        for ids in self._readings(prompt, start, answer.text):
            found.append(self._gaps(start, ids, ended))
            if _mean(found[-1]) < _PLAUSIBLE:
                break
        return min(found, key=_mean)

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

    def _gaps(self, start: Sequence[int], ids: Sequence[int], ended: bool) -> list[float]:
        import torch

        cut = {"logits_to_keep": len(ids) + 1} if self._can_cut else {}
        with torch.inference_mode():
            inputs = torch.tensor([[*start, *ids]], device=self._model.device)
            logits = self._model(input_ids=inputs, use_cache=False, **cut).logits[0, -len(ids) - 1 :].float()
            best = logits.max(dim=-1).values
            gaps = [best[at] - logits[at, token] for at, token in enumerate(ids)]
            if ended:
                gaps.append(best[-1] - logits[-1, self._tokenizer.end_ids].max())
            # what is no number must not pass for a small one
            return [min(NOTHING, gap) if gap >= 0 else NOTHING for gap in torch.stack(gaps).tolist()]

    def close(self) -> None:
        """Frees the weights."""
        self._model = None
        free_memory()


def _mean(gaps: Sequence[float]) -> float:
    return sum(gaps) / len(gaps)
