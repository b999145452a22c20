"""How well a model foresees a text, by ``transformers`` in float32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtprompt.generation.batches import batches_by_length
from mtprompt.generation.hf.memory import free_memory
from mtprompt.generation.hf.weights import load_weights
from mtprompt.generation.models import ModelSource

_BATCH = 16


class Likelihood:
    """A model that is asked how likely texts are, not for an answer; no engine gives log-probabilities.

    Args:
        source: The model.
        device: ``cpu`` or ``cuda``.

    Raises:
        BackendError: If it cannot be loaded.
    """

    def __init__(self, source: ModelSource, device: str) -> None:
        self._tokenizer = source.tokenizer
        self._context = source.context
        self._model: Any = load_weights(source.name, source.folder, dtype="float32", device=device)

    def nats(self, texts: Sequence[str]) -> list[float]:
        """The mean nats a token of each text, given what stands before it; their exponential is perplexity.

        0 for a text without a token to foresee. Of a text longer than the context its beginning counts.
        """
        import torch
        from torch.nn.functional import cross_entropy

        encoded = [ids[: self._context] for ids in self._tokenizer.encode(texts)]
        found = [0.0] * len(texts)
        # only texts of as many tokens together: nothing is padded, so no text's number depends on others
        for batch in batches_by_length([len(ids) for ids in encoded], _BATCH, spread=0):
            ids = torch.tensor([encoded[i] for i in batch], device=self._model.device)
            if ids.shape[1] < 2:
                continue
            with torch.inference_mode():
                logits = self._model(input_ids=ids, use_cache=False).logits[:, :-1].float()
                losses = cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none").mean(dim=1)
            for i, loss in zip(batch, losses.tolist(), strict=True):
                found[i] = loss
        return found

    def close(self) -> None:
        """Frees the weights."""
        self._model = None
        free_memory()
