"""mtprompt: better translations from language models by what is put into the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtprompt.version import __version__

if TYPE_CHECKING:
    from mtprompt.corpus.corpus import Corpus
    from mtprompt.dictionary.dictionary import Dictionary
    from mtprompt.segments import Segment, Translation
    from mtprompt.selection.pool import Pool
    from mtprompt.translator import Translator

_HOMES = {
    "Corpus": "mtprompt.corpus.corpus",
    "Dictionary": "mtprompt.dictionary.dictionary",
    "Pool": "mtprompt.selection.pool",
    "Segment": "mtprompt.segments",
    "Translation": "mtprompt.segments",
    "Translator": "mtprompt.translator",
}

__all__ = ["Corpus", "Dictionary", "Pool", "Segment", "Translation", "Translator", "__version__"]


def __getattr__(name: str) -> Any:
    # imported on use, so that `import mtprompt` and the command line start at once
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mtprompt' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
