"""What a stranger needs to know of a run: versions, files, command, machine."""

from __future__ import annotations

import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from mtprompt.cores import usable_cores
from mtprompt.experiment.record import FORMAT, Manifest
from mtprompt.experiment.sweep_file import Sweep
from mtprompt.sealed import sha256
from mtprompt.version import __version__

_PACKAGES = (
    "sacrebleu", "numpy", "regex", "simplemma", "nltk", "py3langid", "torch", "transformers", "ctranslate2",
    "xllamacpp", "vllm", "openai", "unbabel-comet",
)  # fmt: skip


def manifest_of(sweep: Sweep, cells: Sequence[str]) -> Manifest:
    """The manifest of a sweep that begins now.

    Args:
        sweep: What is run.
        cells: Ids of all its cells.
    """
    return Manifest(
        FORMAT,
        __version__,
        platform.python_version(),
        {name: found for name in _PACKAGES if (found := _version(name))},
        {str(path): sha256(path) for path in (sweep.path, *sweep.files) if path.is_file()},
        _command(),
        machine(),
        sweep.text,
        sweep.variables,
        list(cells),
        now(),
    )


def _command() -> str:
    program, *arguments = sys.argv
    name = Path(program).name
    return shlex.join(["mtprompt" if name == "__main__.py" else name, *arguments])


def now() -> str:
    """Date and time, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def machine() -> str:
    """The processor and its cores, and the GPUs where there are any."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
        processor = names[0] if names else processor
    python = f"Python {platform.python_version()}"
    return ", ".join([processor, f"{usable_cores()} cores", *_gpus(), python])


def _gpus() -> list[str]:
    """By NVIDIA's own tool: to ask PyTorch would take seconds and memory on the GPU."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        done = subprocess.run(
            [tool, "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()] if not done.returncode else []
