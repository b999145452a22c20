"""How a sentence-transformers folder makes one vector of a model's states: pooling, dense layers, length 1.

Read from the folder's JSON files, so the package ``sentence-transformers`` is not needed. The steps
work on sentences of equal length, where every state counts: nothing is padded, so nothing is masked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtprompt.errors import BackendError

if TYPE_CHECKING:
    from torch import Tensor

# In this order their outputs stand side by side where a folder asks for several. The older setting
# is a switch each, the newer names them.
_POOLING: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "cls": ("pooling_mode_cls_token", lambda states: states[:, 0]),
    "max": ("pooling_mode_max_tokens", lambda states: states.amax(1)),
    "mean": ("pooling_mode_mean_tokens", lambda states: states.mean(1)),
    "mean_sqrt_len_tokens": (
        "pooling_mode_mean_sqrt_len_tokens",
        lambda states: states.sum(1) / states.shape[1] ** 0.5,
    ),
    "weightedmean": ("pooling_mode_weightedmean_tokens", lambda states: _weighted_mean(states)),
    "lasttoken": ("pooling_mode_lasttoken", lambda states: states[:, -1]),
}
_ACTIVATIONS = {
    "torch.nn.modules.activation.Tanh": True,
    "torch.nn.modules.linear.Identity": False,
}
_CANNOT = "which mtprompt cannot; choose another encoder"


@dataclass(frozen=True, slots=True)
class Pooling:
    """From states (sentences × tokens × width) to vectors (sentences × width · number of modes)."""

    modes: tuple[str, ...]

    def __call__(self, states: Tensor) -> Tensor:
        """Pools each sentence."""
        import torch

        return torch.cat([_POOLING[mode][1](states) for mode in self.modes], dim=1)


class Dense:
    """A linear layer, with tanh or without; its weights are loaded apart, as they are large."""

    def __init__(self, folder: Path, tanh: bool) -> None:
        self._folder = folder
        self._tanh = tanh

    def load(self, device: str) -> None:
        """Reads the weights."""
        from safetensors.torch import load_file

        tensors = load_file(self._folder / "model.safetensors", device)
        self._weight = tensors["linear.weight"].float()
        self._bias = tensors["linear.bias"].float() if "linear.bias" in tensors else None

    def __call__(self, vectors: Tensor) -> Tensor:
        """Maps each vector."""
        import torch

        mapped = torch.nn.functional.linear(vectors, self._weight, self._bias)
        return mapped.tanh() if self._tanh else mapped


def normalize(vectors: Tensor) -> Tensor:
    """Each vector with length 1."""
    import torch

    return torch.nn.functional.normalize(vectors, dim=1)


Step = Callable[["Tensor"], "Tensor"]


@dataclass(frozen=True, slots=True)
class SentenceModules:
    """What a folder says of itself.

    Attributes:
        folder: The ``transformers`` model in it.
        steps: From the model's states to a vector.
        folders: All folders that its files lie in, its own first.
        max_tokens: Longer texts are cut; None where the folder leaves it to the model.
        lower: Whether texts are lower-cased first.
        prompt: What is put before every text, unless told otherwise.
        pools_prompt: Whether the prompt's own states count.
    """

    folder: Path
    folders: tuple[Path, ...]
    steps: tuple[Step, ...] = (Pooling(("mean",)),)
    max_tokens: int | None = None
    lower: bool = False
    prompt: str = ""
    pools_prompt: bool = True


def read_modules(folder: Path) -> SentenceModules:
    """Reads a model's folder; one without ``modules.json`` is pooled by the mean.

    Raises:
        BackendError: If a file is missing or damaged, or asks for what is not done here.
    """
    if not (folder / "modules.json").is_file():
        _settings(folder / "config.json")
        return SentenceModules(folder, (folder,))
    path = folder / "modules.json"
    modules = _read(path)
    if not isinstance(modules, list):
        raise BackendError(f"{path}: holds no list of modules")
    kinds, folders = [], []
    for module in modules:
        named = module if isinstance(module, dict) else {}
        kind, place = named.get("type"), named.get("path")
        if not isinstance(kind, str) or not isinstance(place, str):
            raise BackendError(f"{path}: a module without type or path: {module!r}")
        # a module of the model's own would be code from the hub
        kinds.append(kind.rpartition(".")[2] if kind.startswith("sentence_transformers.") else kind)
        folders.append(folder / place)
    if kinds[:2] != ["Transformer", "Pooling"] or not {*kinds[2:]} <= {"Dense", "Normalize"}:
        raise BackendError(f"{path}: asks for {', '.join(kinds) or 'nothing'}, {_CANNOT}")
    _settings(folders[0] / "config.json")
    pooling = _settings(folders[1] / "config.json")
    steps: list[Step] = [Pooling(_pooling_modes(pooling, folders[1] / "config.json"))]
    for kind, place in zip(kinds[2:], folders[2:], strict=True):
        steps.append(normalize if kind == "Normalize" else _dense(place))
    # the file's name holds the model's type in older folders: sentence_roberta_config.json
    stated = [_settings(found) for found in sorted(folders[0].glob("sentence_*_config.json"))]
    limit = stated[0].get("max_seq_length") if stated else None
    if limit is not None and (type(limit) is not int or limit < 1):
        raise BackendError(f"{folders[0]}: max_seq_length is no number of tokens: {limit!r}")
    return SentenceModules(
        folder=folders[0],
        folders=tuple(dict.fromkeys([folder, *folders])),
        steps=tuple(steps),
        max_tokens=limit,
        lower=bool(stated and stated[0].get("do_lower_case")),
        prompt=_default_prompt(folder / "config_sentence_transformers.json"),
        pools_prompt=bool(pooling.get("include_prompt", True)),
    )


def _pooling_modes(settings: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    named = settings.get("pooling_mode")
    if named is None:
        switches = {switch: mode for mode, (switch, _) in _POOLING.items()}
        asked = [key for key, value in settings.items() if key.startswith("pooling_mode_") and value]
        # what is switched on in the order of the table; a switch that is not in it comes out as it is
        named = [mode for switch, mode in switches.items() if switch in asked]
        named += [switch for switch in asked if switch not in switches]
        named = named or ["mean"]
    elif not isinstance(named, list):
        named = [named]
    unknown = [str(mode) for mode in named if not isinstance(mode, str) or mode not in _POOLING]
    if unknown or not named:
        raise BackendError(f"{path}: asks for the pooling {', '.join(unknown) or 'nothing'}, {_CANNOT}")
    return tuple(named)


def _dense(folder: Path) -> Dense:
    path = folder / "config.json"
    settings = _settings(path)
    activation = settings.get("activation_function", "torch.nn.modules.activation.Tanh")
    vectors = (None, "sentence_embedding")  # a dense layer may also work on single states
    if (
        str(activation) not in _ACTIVATIONS
        or settings.get("use_residual")
        or settings.get("module_input_name") not in vectors
        or settings.get("module_output_name") not in vectors
    ):
        raise BackendError(f"{path}: asks for a dense layer other than linear or tanh, {_CANNOT}")
    if not (folder / "model.safetensors").is_file():
        raise BackendError(
            f"{folder}: no model.safetensors in it; other weight files are pickles, not read here"
        )
    return Dense(folder, _ACTIVATIONS[activation])


def _default_prompt(path: Path) -> str:
    settings = _settings(path) if path.is_file() else {}
    name = settings.get("default_prompt_name")
    if name is None:
        return ""
    prompts = settings.get("prompts")
    prompt = prompts.get(name) if isinstance(prompts, dict) and isinstance(name, str) else None
    if not isinstance(prompt, str):
        raise BackendError(f"{path}: default_prompt_name {name!r} is none of its prompts")
    return prompt


def _settings(path: Path) -> dict[str, Any]:
    settings = _read(path)
    if not isinstance(settings, dict):
        raise BackendError(f"{path}: holds no JSON object")
    return settings


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackendError(f"{path}: not there, so this is no model folder") from None
    except (OSError, ValueError) as error:
        raise BackendError(f"{path}: cannot be read: {error}") from None


def _weighted_mean(states: Tensor) -> Tensor:
    """The mean in which the first state counts once, the second twice, and so on."""
    import torch

    weights = torch.arange(1, states.shape[1] + 1, device=states.device, dtype=states.dtype)
    return torch.einsum("stw,t->sw", states, weights / weights.sum())
