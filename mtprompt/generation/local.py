"""What the engines that run in this process share: tokenizer, device, reading an answer's tokens."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec

from mtprompt.errors import ConfigError, need_packages
from mtprompt.generation.models import ModelSource
from mtprompt.generation.protocol import Decoding, Message, Running
from mtprompt.generation.tokenizer import PromptTokenizer
from mtprompt.segments import Generation, Usage

DEVICES = ("auto", "cpu", "cuda")
_BATCH = {"cpu": 32, "cuda": 256}


def cuda_available() -> bool:
    """Whether PyTorch or CTranslate2 sees a CUDA device."""
    try:
        import ctranslate2

        if ctranslate2.get_cuda_device_count() > 0:
            return True
    except ImportError:
        pass
    # a CUDA build of PyTorch names its CUDA; without one its slow import is spared
    if find_spec("torch") is None or "+cpu" in version("torch"):
        return False
    import torch

    return bool(torch.cuda.is_available())


class LocalBackend:
    """Base of the in-process engines.

    Args:
        name: The model: an embedded one, a folder or a hub id.
        running: Its device, ``auto``, is CUDA if there.

    Raises:
        ConfigError: For a device that is unknown or not there.
        MissingDependency: If the engine's packages are not installed.
    """

    engine = ""
    packages: tuple[str, ...] = ()

    def __init__(self, name: str, running: Running) -> None:
        device = running.device
        if device not in DEVICES:
            raise ConfigError(f"unknown device {device!r}. Known: {', '.join(DEVICES)}")
        need_packages(self.packages, f"The engine {self.engine}", self.engine)
        if device == "cuda" and not cuda_available():
            raise ConfigError("no CUDA device is visible here; use --device cpu")
        self.source = ModelSource(name, running.progress)
        self.device = ("cuda" if cuda_available() else "cpu") if device == "auto" else device
        self.batch_size = running.batch_size or _BATCH[self.device]
        self.name = f"{self.engine}:{name}"
        self._loading = threading.Lock()  # two threads must not load the weights twice

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may have together."""
        return self.source.context

    def _identity(self, engine: str, compute: str) -> dict[str, str]:
        return {
            "engine": engine,
            "compute": compute,
            "model": self.source.name,
            "revision": self.source.revision,
        }

    @property
    def tokenizer(self) -> PromptTokenizer:
        """The model's tokenizer, loaded when first needed."""
        return self.source.tokenizer

    @property
    def has_chat_template(self) -> bool:
        """Whether the tokenizer brings a chat template."""
        return self.tokenizer.has_chat_template

    def render_chat(self, messages: Sequence[Message]) -> str:
        """The text of a chat, ready for the answer."""
        return self.tokenizer.render_chat(messages)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a prompt."""
        return [len(ids) for ids in self.tokenizer.encode(texts)]

    def _answer(
        self, ids: Sequence[int], stops: Sequence[int], prompt_tokens: int, seconds: float, decoding: Decoding
    ) -> Generation:
        """Reads generated tokens up to and with the first stop."""
        stop_set = set(stops)
        end = next((i for i, token in enumerate(ids) if token in stop_set), None)
        text = self.tokenizer.decode(ids if end is None else ids[: end + 1])
        if decoding.stop_at_newline:
            # the stop token may hold text before its line break: ".\n" is one token in some vocabularies
            text = text.split("\n", 1)[0]
        return Generation(
            text,
            "length" if end is None else "stop",
            Usage(prompt_tokens, len(ids) if end is None else end + 1, seconds),
        )
