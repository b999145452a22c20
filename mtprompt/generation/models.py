"""What ``--model`` names: an embedded model, a local folder or a hub id, behind an engine."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from mtprompt.cache import built_beside, cache_dir
from mtprompt.errors import BackendError, ConfigError, need_packages
from mtprompt.generation import convert
from mtprompt.generation.embedded import EMBEDDED, ensure_converted
from mtprompt.generation.protocol import Progress
from mtprompt.generation.tokenizer import PromptTokenizer
from mtprompt.hub import fetch

_DEFAULT_CONTEXT = 2048  # for a configuration that states none
_GEMMA3_WINDOW = 512  # likewise; the narrowest that a Gemma 3 has


class ModelSource:
    """A model's files, fetched or converted when first needed.

    Args:
        name: An embedded model's name, a folder, or a hub id.
        progress: Gets a line before anything that takes long.
    """

    def __init__(self, name: str, progress: Progress) -> None:
        self.name = name
        self._progress = progress

    @cached_property
    def folder(self) -> Path:
        """A ``transformers`` model folder.

        Raises:
            BackendError: If it cannot be had; says why and what else can be run.
        """
        if self.name in EMBEDDED:
            return ensure_converted(EMBEDDED[self.name], self._progress)
        if Path(self.name).is_dir():
            if not (Path(self.name) / "config.json").is_file():
                raise BackendError(f"{self.name}: no config.json in this folder, so it is no model folder")
            return Path(self.name)
        alternatives = f"Or use a local model folder, or an embedded model: {', '.join(EMBEDDED)}"
        return fetch(self.name, alternatives, self._progress)

    @cached_property
    def tokenizer(self) -> PromptTokenizer:
        """The model's tokenizer.

        Raises:
            BackendError: If it cannot be had.
        """
        # what transformers read out of a GGUF file and saved is complete
        return PromptTokenizer(self.folder, complete=self.name in EMBEDDED)

    @cached_property
    def config(self) -> dict[str, Any]:
        """The model's ``config.json``; a multimodal model's text part where it has one."""
        try:
            config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise BackendError(f"{self.name}: its config.json cannot be read: {error}") from None
        if not isinstance(config, dict):
            raise BackendError(f"{self.name}: its config.json holds no JSON object")
        if config.get("is_encoder_decoder"):
            raise ConfigError(
                f"{self.name} is an encoder-decoder model; mtprompt prompts decoder-only language models"
            )
        return dict(config.get("text_config", config))

    @property
    def context(self) -> int:
        """Tokens that the model was made for."""
        stated = self.config.get("max_position_embeddings") or _DEFAULT_CONTEXT
        if not isinstance(stated, int):
            raise BackendError(
                f"{self.name}: max_position_embeddings in its config.json is no number: {stated!r}"
            )
        return stated

    @cached_property
    def revision(self) -> str:
        """Twelve digits that change when the weights do.

        The package's checksum, the hub's commit, or, for a folder, a hash of the configuration
        and the names, sizes and times of its weight files.
        """
        if self.name in EMBEDDED:
            return EMBEDDED[self.name].sha256[:12]
        if self.folder.parent.name == "snapshots":
            return self.folder.name[:12]
        digest = hashlib.sha256((self.folder / "config.json").read_bytes())
        for path in sorted([*self.folder.glob("*.safetensors"), *self.folder.glob("*.bin")]):
            digest.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
        return digest.hexdigest()[:12]

    @property
    def sliding_window(self) -> int | None:
        """Tokens that some layers look back at most; None where all see the whole context."""
        gemma3 = str(self.config.get("model_type", "")).startswith("gemma3")
        window = self.config.get("sliding_window", _GEMMA3_WINDOW if gemma3 else None)
        kinds = self.config.get("layer_types")
        if self.config.get("use_sliding_window") is False or (kinds and "sliding_attention" not in kinds):
            return None
        return window if isinstance(window, int) and window < self.context else None

    @property
    def cached(self) -> Path:
        """The folder of the cache for what is made of this model."""
        slug = self.name if self.name in EMBEDDED else re.sub(r"[^\w.-]+", "--", self.name).strip("-")
        return cache_dir("models", slug)

    def ct2_folder(self, quantization: str) -> Path:
        """The model converted for CTranslate2, once.

        Raises:
            BackendError: If CTranslate2 cannot convert this kind of model.
        """
        target = self.cached / f"ct2-{quantization}-{self.revision}"
        if not target.is_dir():
            need_packages(("torch", "transformers", "ctranslate2"), f"Running {self.name} on ct2", "ct2")
            source = self.folder
            self._progress(f"{self.name}: converting for CTranslate2 ({quantization}), once")
            with built_beside(target) as folder:
                convert.run([(f"ct2-{quantization}", source, folder)], self._progress)
        return target
