"""Sentence encoders: each text becomes a vector of length 1, by ``transformers``."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np

from mtprompt.errors import BackendError, ConfigError, need_packages
from mtprompt.generation.batches import batches_by_length
from mtprompt.selection.encoding.find_encoder import find_encoder
from mtprompt.selection.encoding.sentence_modules import Dense, read_modules
from mtprompt.selection.index.arrays import Floats

_BATCH = 128
_MAX_TOKENS = 512  # of a text, where an encoder states no limit of its own


class Encoder:
    """A sentence encoder; its weights are loaded when they are first needed.

    Two kinds of model folders are read: those of sentence-transformers as they say
    (:mod:`mtprompt.selection.encoding.sentence_modules`), and any other encoder that ``AutoModel`` knows,
    with the mean over the states of its last layer. Of an encoder-decoder model the encoder is used.
    Weights must be safetensors; code from the hub is never run.

    Texts are encoded together only with texts of as many tokens, so nothing is ever padded and no
    vector depends on how long its neighbours are. What is left is rounding in the last bits of
    float32, which the size of a batch can change; alone, a text has always the same vector on one machine.

    Args:
        name: A folder, a hub id, or an encoder in a package: see
            :mod:`mtprompt.selection.encoding.find_encoder`.
        prefix: Put before every text, as some encoders want it; None for what the folder says.

    Raises:
        BackendError: If there is no such encoder, or it cannot be used.
        ConfigError: If its pooling leaves out a prefix.
        MissingDependency: If a package is not installed.
    """

    def __init__(self, name: str, prefix: str | None = None) -> None:
        need_packages(("torch", "transformers"), f"The encoder {name}", "hf")
        self.name = name
        self._modules = read_modules(find_encoder(name))
        self._prefix = self._modules.prompt if prefix is None else prefix
        if self._prefix and not self._modules.pools_prompt:
            raise ConfigError(f"{name}: its pooling leaves out the prefix, which mtprompt cannot")
        self._loading = threading.Lock()
        self._tokenizing = threading.Lock()  # fast tokenizers keep their settings in one place
        self._loaded: tuple[Any, Any, str, int] | None = None

    @cached_property
    def identity(self) -> str:
        """What changes when vectors may: a hash of all files, the prefix, and ``transformers``' version."""
        digest = hashlib.sha256(f"{version('transformers')}\n{self._prefix!r}\n".encode())
        for number, folder in enumerate(self._modules.folders):
            for path in sorted(folder.iterdir() if folder.is_dir() else ()):
                if path.is_file() and path.suffix != ".md":
                    with path.open("rb") as stream:
                        content = hashlib.file_digest(stream, "sha256").hexdigest()
                    digest.update(f"{number} {path.name} {content}\n".encode())
        return digest.hexdigest()

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], object] | None = None) -> Floats:
        """The vectors of texts (texts × width).

        Args:
            texts: One or more; what is longer than the encoder's limit is cut.
            on_progress: Called with the number of texts that were encoded since its last call.

        Raises:
            BackendError: If the encoder cannot be loaded or fails.
        """
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
        model, tokenizer, device, limit = self._loaded
        encoded = self._tokenize(texts, tokenizer, limit)
        vectors: Floats | None = None
        for batch in batches_by_length([len(ids) for ids in encoded], _BATCH, spread=0):
            with self._failure_named("cannot encode"):
                rows = self._run(model, [encoded[i] for i in batch], device)
            if vectors is None:
                vectors = np.empty((len(texts), rows.shape[1]), np.float32)
            vectors[batch] = rows
            if on_progress:
                on_progress(len(batch))
        assert vectors is not None, "no texts"
        if not np.isfinite(vectors).all():
            raise BackendError(f"{self.name}: gives vectors that are no numbers; its weights are damaged")
        return vectors

    def _tokenize(self, texts: Sequence[str], tokenizer: Any, limit: int) -> list[list[int]]:
        # half a surrogate pair is no text to a tokenizer
        cleaned = [f"{self._prefix}{text}".encode("utf-8", "replace").decode() for text in texts]
        if self._modules.lower:
            cleaned = [text.lower() for text in cleaned]
        with self._tokenizing, self._failure_named("cannot tokenize"):
            encoded: list[list[int]] = tokenizer(cleaned, truncation=True, max_length=limit)["input_ids"]
        # a text without any token is encoded as an unknown one
        nothing = next((i for i in (tokenizer.unk_token_id, tokenizer.eos_token_id) if i is not None), 0)
        return [list(ids) or [nothing] for ids in encoded]

    def _run(self, model: Any, ids: list[list[int]], device: str) -> Floats:
        import torch
        from torch.nn.functional import normalize

        with torch.inference_mode():
            inputs = torch.tensor(ids, device=device)
            states = model(input_ids=inputs, attention_mask=torch.ones_like(inputs)).last_hidden_state
            for step in self._modules.steps:
                states = step(states)
            vectors: Floats = normalize(states.float(), dim=1).cpu().numpy()
        return vectors

    def _load(self) -> tuple[Any, Any, str, int]:
        import torch
        from transformers import AutoModel, AutoTokenizer

        folder = self._modules.folder
        if not any(folder.glob("*.safetensors")):
            raise BackendError(
                f"{self.name}: no weights in safetensors in {folder}; "
                "other weight files are pickles, not read here"
            )
        device = "cuda" if torch.cuda.is_available() else "cpu"
        with self._failure_named("cannot be loaded"), _quiet_transformers():
            tokenizer: Any = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
            if len(tokenizer) <= len(set(tokenizer.all_special_ids)):  # made up where no file is found
                raise BackendError(f"{self.name}: no tokenizer in {folder}")
            model, report = AutoModel.from_pretrained(
                str(folder),
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
            # parts that the vectors do not come from may be missing: they were never saved
            translates = hasattr(model, "encoder") and hasattr(model, "decoder")
            unused = ("pooler", "decoder") if translates else ("pooler",)
            missing = [k for k in sorted(report["missing_keys"]) if not any(part in k for part in unused)]
            if missing:
                raise BackendError(f"{self.name}: weights are missing ({len(missing)}, such as {missing[0]})")
            model = (model.encoder if translates else model).to(device).eval()
            for step in self._modules.steps:
                if isinstance(step, Dense):
                    step.load(device)
            self._run(model, [[0]], device)  # one that is no text encoder fails here
        return model, tokenizer, device, self._limit(model, tokenizer)

    def _limit(self, model: Any, tokenizer: Any) -> int:
        """Tokens of a text: what the folder states, within what the model has positions for."""
        limits = [self._modules.max_tokens or _MAX_TOKENS, tokenizer.model_max_length]
        if isinstance(positions := getattr(model.config, "max_position_embeddings", None), int):
            limits.append(positions)
        for name, module in model.named_modules():
            # RoBERTa and its kin count positions from behind the padding's
            if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
                limits.append(module.num_embeddings - module.padding_idx - 1)
        return int(min(limit for limit in limits if limit > 0))

    @contextmanager
    def _failure_named(self, what: str) -> Iterator[None]:
        try:
            yield
        except BackendError:
            raise
        except Exception as error:  # a damaged folder makes the libraries raise whatever they come upon
            reason = " ".join(str(error).split()) or type(error).__name__
            raise BackendError(f"{self.name}: the encoder {what}: {reason[:200]}") from error


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Without the bar and the report of weights that loading prints: what matters of it is checked here."""
    from transformers.utils import logging as transformers_logging

    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
