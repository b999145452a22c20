"""CTranslate2: int8 on the CPU, the default where there is no GPU."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from typing import Any

from mtprompt.cores import usable_cores
from mtprompt.errors import BackendError
from mtprompt.generation.batches import batches_by_length
from mtprompt.generation.local import LocalBackend
from mtprompt.generation.protocol import Decoding, Running
from mtprompt.generation.spec import read_options
from mtprompt.segments import Generation

# A Gemma 3 layer sees a window of 512 tokens; CTranslate2 4.8 goes wrong once prompt and answer
# pass it (empty or garbage), so nothing longer is ever given to it.
_GEMMA3_CONTEXT = 512
# CTranslate2 reads a batch's prompts at once up to the shortest one's length and the rest token by
# token, which is slower, and in int8 rounds differently: with prompts of unlike length in a batch most
# answers depended on their neighbours (benchmarks/RESULTS.md). Prompts of one length answer as if alone.
_SPREAD = 0


@dataclass(frozen=True, slots=True)
class CT2Options:
    """Options of the engine.

    Attributes:
        compute: What is calculated with, a compute type of CTranslate2's; by default ``int8`` on the CPU,
            ``int8_float16`` on a GPU.
    """

    compute: str | None = None


class CT2Backend(LocalBackend):
    """A causal LM converted to CTranslate2, in batches of like length."""

    engine = "ct2"
    packages = ("ctranslate2", "transformers")

    _generator: Any = None

    def __init__(self, name: str, running: Running) -> None:
        super().__init__(name, running)
        self._options = read_options(self.engine, CT2Options, running.options)

    @property
    def context(self) -> int:
        """The model's context, or what CTranslate2 gets right of it."""
        if str(self.source.config.get("model_type", "")).startswith("gemma3"):
            return min(super().context, _GEMMA3_CONTEXT)
        return super().context

    @property
    def _workers(self) -> int:
        """Batches that are generated side by side."""
        if self.device == "cuda":
            return 1
        return usable_cores()

    @property
    def compute_type(self) -> str:
        """What is calculated with."""
        return self._options.compute or ("int8_float16" if self.device == "cuda" else "int8")

    @property
    def identity(self) -> Mapping[str, str]:
        """See the protocol."""
        return self._identity(f"ct2 {version('ctranslate2')}", self.compute_type)

    def _load(self) -> Any:
        if self._generator is None:
            import ctranslate2

            folder = self.source.ct2_folder(self.compute_type)
            try:
                self._generator = ctranslate2.Generator(
                    str(folder),
                    device=self.device,
                    compute_type=self.compute_type,
                    inter_threads=self._workers,
                    # small batches keep one thread busy, not two: a worker a core is half as fast again
                    intra_threads=1,
                )
            except (RuntimeError, ValueError) as error:
                raise BackendError(f"{self.name}: CTranslate2 cannot load it: {error}") from error
        return self._generator

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        """See the protocol."""
        with self._loading:
            generator = self._load()
        import ctranslate2

        encoded = self.tokenizer.encode(prompts)
        lengths = [len(ids) for ids in encoded]
        stops = self.tokenizer.stop_ids(decoding.stop_at_newline)
        sampling: dict[str, Any] = {"sampling_topk": 1}
        if decoding.temperature > 0:
            ctranslate2.set_random_seed(decoding.seed)
            sampling = {"sampling_topk": 0, "sampling_temperature": decoding.temperature}
        pending: deque[tuple[list[int], Any]] = deque()
        batches = batches_by_length(lengths, self.batch_size, spread=_SPREAD)
        started = time.perf_counter()
        try:
            while True:
                # enough under way for every worker, few enough to stop soon
                for batch in islice(batches, 2 * self._workers - len(pending)):
                    results = generator.generate_batch(
                        [self.tokenizer.tokens(encoded[i]) for i in batch],
                        max_length=max(max_new_tokens[i] for i in batch),
                        include_prompt_in_result=False,
                        end_token=stops,
                        return_end_token=True,
                        asynchronous=True,
                        **sampling,
                    )
                    pending.append((batch, results))
                if not pending:
                    return
                batch, results = pending.popleft()
                sequences = [result.result().sequences_ids[0] for result in results]
                finished = time.perf_counter()
                seconds, started = (finished - started) / len(batch), finished
                for i, ids in zip(batch, sequences, strict=True):
                    yield i, self._answer(ids[: max_new_tokens[i]], stops, lengths[i], seconds, decoding)
        except RuntimeError as error:
            raise BackendError(f"{self.name}: generation failed: {error}") from error

    def close(self) -> None:
        """Frees the weights."""
        self._generator = None
