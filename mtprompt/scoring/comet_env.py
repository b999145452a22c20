"""The virtual environment of the COMET worker: making it and finding it.

unbabel-comet cannot share an environment with transformers 5, so it gets one of its own, with every version
pinned (``constraints-comet.txt``): other versions have silently changed COMET's scores before.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from mtprompt.cache import cache_dir
from mtprompt.errors import BackendError, ConfigError

PYTHON_VARIABLE = "MTPROMPT_COMET_PYTHON"
MARKER = "mtprompt-comet-ok"
CONSTRAINTS = Path(__file__).with_name("constraints-comet.txt")
_TORCH = "torch=="
# What a person wants to see of the installer's output.
_SHOWN = (
    "Collecting",
    "Downloading",
    "Building",
    "Installing",
    "Installed",
    "Successfully",
    "ERROR",
    "error",
)
# Where `pip config list` says this, packages are to come from a place that pip alone knows of: by a variable
# such as PIP_FIND_LINKS, or by a file that names another index than the public one. The Makefile has it, too.
_PIP_INDEX = (
    r"^(:env:\.(extra-index-url|find-links|index-url|no-index)|(global|install)\.(index-url|no-index))='[^']"
)


def default_environment() -> Path:
    """Where :func:`install` puts the environment unless told otherwise."""
    return cache_dir("comet-env")


def python_in(environment: Path) -> Path:
    """The interpreter of a virtual environment, which need not exist."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_python() -> Path | None:
    """The interpreter that can import COMET, without starting it.

    Looked for in this order: the environment variable ``MTPROMPT_COMET_PYTHON``, the environment that
    ``mtprompt comet install`` made, this interpreter.

    Returns:
        Its path, None if there is none.

    Raises:
        ConfigError: If the environment variable names a file that does not exist.
    """
    if asked := os.environ.get(PYTHON_VARIABLE):
        path = Path(asked).expanduser()
        if not path.is_file():
            raise ConfigError(f"{PYTHON_VARIABLE} names {asked}, which does not exist")
        return path.absolute()
    environment = default_environment()
    if (environment / MARKER).is_file() and python_in(environment).is_file():
        return python_in(environment)
    try:  # by its metadata: importing comet takes seconds, and comet 1 has the same module name
        numbers = [int(part) for part in version("unbabel-comet").split(".")[:3]]
    except (PackageNotFoundError, ValueError):
        return None
    return Path(sys.executable) if [2, 2, 7] <= numbers < [3] else None


def install(
    target: Path | None = None,
    python: str = sys.executable,
    *,
    progress: Callable[[str], None] = lambda line: None,
) -> Path:
    """Makes the COMET environment; a finished one with the same pins is left as it is.

    A virtual environment cannot be moved, so it is built in place and a marker file, written last, says that
    it is whole. One without its marker is made again.

    Args:
        target: Its folder, by default in the user's cache.
        python: The interpreter to make it from: Python 3.11 or 3.12.
        progress: Gets a line of text for each step.

    Returns:
        The environment's interpreter.

    Raises:
        ConfigError: If the interpreter has the wrong version, or the folder holds something else.
        BackendError: If a step failed; the message ends with its last line.
    """
    # Absolute, but with links kept: the python of an environment is a link that leads out of it.
    environment = (target or default_environment()).expanduser().absolute()
    marker, done = environment / MARKER, hashlib.sha256(CONSTRAINTS.read_bytes()).hexdigest()
    found = marker.read_text(encoding="utf-8").strip() if marker.is_file() else None
    if found == done and python_in(environment).is_file():
        progress(f"COMET is already installed in {environment}")
        return python_in(environment)
    _check_python(python)
    if environment.exists() and not environment.is_dir():
        raise ConfigError(f"{environment} is a file, not a folder for an environment")
    if environment.exists() and any(environment.iterdir()) and not (environment / "pyvenv.cfg").is_file():
        raise ConfigError(f"{environment} is not empty and no virtual environment; name another folder")
    marker.unlink(missing_ok=True)
    progress(f"Making the environment {environment}")
    _run([python, "-m", "venv", "--clear", str(environment)], progress, f"cannot make {environment}")
    inner = str(python_in(environment))
    pins = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    torch = next(line for line in pins if line.startswith(_TORCH))
    # PyTorch on its own first: it is the large one, and what people set PIP_* variables for.
    _install(inner, [torch], progress, f"cannot install {torch} for COMET")
    # setuptools by name: torchmetrics imports pkg_resources without asking for it.
    packages = ["unbabel-comet>=2.2.7,<3", "setuptools"]
    _install(inner, packages, progress, "cannot install unbabel-comet")
    progress("Trying it out")
    _run([inner, "-I", "-c", "import comet"], progress, "COMET was installed but cannot be imported")
    marker.write_text(done + "\n", encoding="utf-8")
    progress(f"COMET is installed in {environment}")
    return python_in(environment)


def _check_python(python: str) -> None:
    """Refuses an interpreter for which some of the pinned packages have no wheels."""
    ask = [python, "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigError(f"{python} cannot be run as a Python interpreter") from error
    if answer not in (["3", "11"], ["3", "12"]):
        raise ConfigError(
            f"COMET needs Python 3.11 or 3.12 and {python} is {'.'.join(answer)}. "
            "Run: mtprompt comet install --python python3.12"
        )


def _install(inner: str, packages: list[str], progress: Callable[[str], None], failure: str) -> None:
    """Installs by uv where it is at hand and pip is not set up for an index of its own, else by pip.

    uv shares files with the other environments of this user, where PyTorch may be already: gigabytes less,
    and seconds in place of minutes.
    """
    pinned = ["-c", str(CONSTRAINTS), *packages]
    if find_spec("uv") is not None and not _has_index(inner):
        uv = [sys.executable, "-m", "uv", "pip", "install", "--system-certs", "--python", inner]
        try:
            return _run([*uv, *pinned], progress, "uv cannot install it")
        except BackendError as error:  # an old uv, a proxy that only pip is set up for
            progress(f"{error}; now by pip")
    pip = [inner, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    _run([*pip, *pinned], progress, failure)


def _has_index(inner: str) -> bool:
    """Whether pip is set up for an index of its own."""
    listed = subprocess.run(
        [inner, "-m", "pip", "config", "list"], capture_output=True, encoding="utf-8", errors="replace"
    )
    return re.search(_PIP_INDEX, listed.stdout, re.MULTILINE) is not None


def _run(command: list[str], progress: Callable[[str], None], failure: str) -> None:
    """Runs one step and shows its progress; on failure raises ``failure`` with the line that says why."""
    last: deque[str] = deque(maxlen=200)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise BackendError(f"{failure}: {error}") from error
    with process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.strip():
                    last.append(line.strip())
                if line.strip().startswith(_SHOWN):
                    progress(line.strip())
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        errors = [line[6:].strip() for line in last if line[:6].upper() == "ERROR:"]
        raise BackendError(f"{failure}: {[*(errors or last or ['no output'])][-1]}")
