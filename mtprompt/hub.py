"""Fetching models from the Hugging Face hub, with one clear line for each way that it can fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mtprompt.errors import BackendError, need_packages

# safetensors only: other weight files are pickles
_PATTERNS = ["*.json", "*.safetensors", "*.model", "*.jinja", "*.txt"]


def fetch(name: str, alternatives: str, progress: Callable[[str], object]) -> Path:
    """A model's folder; what was fetched before is taken without asking the hub.

    Args:
        name: The hub id, such as ``Qwen/Qwen3-8B``.
        alternatives: What else can be used; the end of every error.
        progress: Gets a line before the hub is asked.

    Raises:
        BackendError: If it cannot be had; says why.
        MissingDependency: If ``huggingface_hub`` is not installed.
    """
    need_packages(("huggingface_hub",), f"Fetching {name}", "hf")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=_PATTERNS, local_files_only=True))
    except (OSError, ValueError):
        progress(f"{name}: fetching from the model hub")
    try:
        return Path(snapshot_download(name, allow_patterns=_PATTERNS))
    except HFValidationError:
        raise BackendError(f"{name!r} is neither a folder here nor a model id. {alternatives}") from None
    except GatedRepoError:
        raise BackendError(
            f"{name}: its licence must be accepted on the model's hub page first, then log in with: "
            f"hf auth login. {alternatives}"
        ) from None
    except RepositoryNotFoundError:
        raise BackendError(
            f"{name}: the model hub has no such model, or it is private. {alternatives}"
        ) from None
    except Exception as error:  # also those of whatever HTTP library the hub client uses
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BackendError(
            f"{name}: the model hub cannot be reached ({reason[:120]}). {alternatives}"
        ) from None
