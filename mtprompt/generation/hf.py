"""Hugging Face transformers: CUDA in bf16 where there is a GPU, else the CPU in fp32."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from mtprompt.errors import BackendError
from mtprompt.generation.batches import batches_by_length
from mtprompt.generation.local import LocalBackend
from mtprompt.generation.protocol import Decoding, Running
from mtprompt.generation.spec import read_options
from mtprompt.segments import Generation


@dataclass(frozen=True, slots=True)
class HFOptions:
    """Options of the engine.

    Attributes:
        dtype: A PyTorch type such as ``float16``; by default ``bfloat16`` on a GPU, ``float32`` on the CPU.
    """

    dtype: str | None = None


class HFBackend(LocalBackend):
    """A causal LM by ``transformers``, in left-padded batches of like length."""

    engine = "hf"
    packages = ("torch", "transformers")

    _model: Any = None

    def __init__(self, name: str, running: Running) -> None:
        super().__init__(name, running)
        self._options = read_options(self.engine, HFOptions, running.options)

    @property
    def compute_type(self) -> str:
        """What is calculated with."""
        return self._options.dtype or ("bfloat16" if self.device == "cuda" else "float32")

    @property
    def identity(self) -> Mapping[str, str]:
        """See the protocol."""
        return self._identity(f"hf {version('transformers')}", self.compute_type)

    def _load(self) -> Any:
        if self._model is None:
            import torch
            from transformers import AutoModelForCausalLM
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()  # type: ignore[no-untyped-call]  # progress is ours to show
            try:
                model: Any = AutoModelForCausalLM.from_pretrained(
                    str(self.source.folder), dtype=getattr(torch, self.compute_type), trust_remote_code=False
                )
            except (OSError, ValueError) as error:
                raise BackendError(f"{self.name}: transformers cannot load it: {error}") from error
            self._model = model.to(self.device).eval()
        return self._model

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        """See the protocol."""
        with self._loading:
            model = self._load()
        import torch

        encoded = self.tokenizer.encode(prompts)
        lengths = [len(ids) for ids in encoded]
        stops = self.tokenizer.stop_ids(decoding.stop_at_newline)
        sampling: dict[str, Any] = {"do_sample": False}
        if decoding.temperature > 0:
            torch.manual_seed(decoding.seed)
            sampling = {"do_sample": True, "temperature": decoding.temperature, "top_k": 0, "top_p": 1.0}
        for batch in batches_by_length(lengths, self.batch_size):
            started = time.perf_counter()
            width = max(lengths[i] for i in batch)
            ids = torch.full((len(batch), width), self.tokenizer.pad_id)
            mask = torch.zeros((len(batch), width), dtype=torch.long)
            for row, i in enumerate(batch):  # padded on the left, so that every answer starts at the end
                ids[row, width - lengths[i] :] = torch.tensor(encoded[i])
                mask[row, width - lengths[i] :] = 1
            with torch.inference_mode(), self._failure_named():
                output = model.generate(
                    input_ids=ids.to(self.device),
                    attention_mask=mask.to(self.device),
                    max_new_tokens=max(max_new_tokens[i] for i in batch),
                    eos_token_id=stops or None,
                    pad_token_id=self.tokenizer.pad_id,
                    **sampling,
                )
            seconds = (time.perf_counter() - started) / len(batch)
            for i, row in zip(batch, output[:, width:].tolist(), strict=True):
                yield i, self._answer(row[: max_new_tokens[i]], stops, lengths[i], seconds, decoding)

    @contextmanager
    def _failure_named(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:  # out of memory is one, too
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise BackendError(
                f"{self.name}: generation failed: {reason} (a smaller --batch-size takes less memory)"
            ) from error

    def close(self) -> None:
        """Frees the weights."""
        self._model = None
