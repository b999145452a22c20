"""From ``--model`` to a backend: ``ct2:gemma-3-270m``, ``hf:org/model``, ``gemma-3-270m``, a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from mtprompt.errors import ConfigError
from mtprompt.generation.convert import Progress
from mtprompt.generation.embedded import EMBEDDED
from mtprompt.generation.models import ModelSource
from mtprompt.generation.protocol import Backend
from mtprompt.registry import Registry, did_you_mean

ENGINES = Registry(
    "engine",
    "mtprompt.backends",
    {"ct2": "mtprompt.generation.ct2:CT2Backend", "hf": "mtprompt.generation.hf:HFBackend"},
)


def to_stderr(line: str) -> None:
    """Shows a line of progress."""
    print(line, file=sys.stderr, flush=True)


def load_backend(
    model: str, *, device: str = "auto", batch_size: int = 32, progress: Progress = to_stderr
) -> Backend:
    """The backend for a model's name; weights are not loaded yet.

    A bare name is an embedded model; a hub id or a folder runs on ``hf`` with CUDA, else on ``ct2``.

    Args:
        model: ``NAME``, or ``ENGINE:NAME`` to choose the engine.
        device: ``auto``, ``cpu`` or ``cuda``.
        batch_size: Prompts generated together at most.
        progress: Gets a line before anything that takes long.

    Raises:
        ConfigError: For an unknown engine or embedded model.
        MissingDependency: If the engine's packages are not installed.
    """
    if batch_size < 1:
        raise ConfigError(f"the batch size must be 1 or more, not {batch_size}")
    # the first colon: what follows may be an address or a path with colons of its own
    engine, colon, name = model.partition(":")
    if not colon or Path(model).is_dir():
        engine, name = "", model
    if not name:
        raise ConfigError(f"{model!r} names no model; for instance {engine or 'ct2'}:gemma-3-270m")
    if not engine:
        if "/" not in name and name not in EMBEDDED and not Path(name).is_dir():
            raise did_you_mean("model", name, list(EMBEDDED))
        from mtprompt.generation.local import cuda_available

        engine = "hf" if device != "cpu" and cuda_available() else "ct2"
    backend: Backend = ENGINES.load(engine)(ModelSource(name, progress), device=device, batch_size=batch_size)
    return backend
