"""Options of a wrong kind are named as such, before something deep inside stumbles over them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from mtprompt.corpus.corpus import Corpus
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.errors import ConfigError
from mtprompt.selection.pool import Pool
from mtprompt.store import Store

_SHOWN = 60  # characters of a wrong value
_FILE = (str | Path | None, "a file")
_DICTIONARY = (Dictionary | str | Path | Sequence | None, "a Dictionary or a file")
_CODE = (str, "a code such as 'de'")
_KINDS: Mapping[str, tuple[Any, str]] = {
    "source_lang": _CODE,
    "target_lang": _CODE,
    "pool": (Pool | Corpus | str | Path | None, "a Pool, a Corpus or a file"),
    "dictionary": _DICTIONARY,
    "require": _DICTIONARY,
    "frequent_words": _FILE,
    "auxiliary": (Mapping | None, "dictionaries by language code"),
    "dev": (Corpus | Sequence | Path | None, "a Corpus, segments or a file"),
    "template": _FILE,
    "retry_flagged": (bool, "True or False"),
    "store": (Store | str | Path | bool | None, "a folder, True or None"),
    "device": (str, "a text such as 'cpu'"),
    "select": (str | None, "a text such as 'rbm25@4'"),
    "order": (str, "a text such as 'best_last'"),
    "hints": (str | None, "a text such as 'entries'"),
    "hints_in_examples": (str | None, "a text such as 'always'"),
    "exact_match": (str, "a text such as 'example'"),
    "prompt_form": (str, "a text such as 'chat'"),
    "max_new_tokens": (Integral | None, "a whole number"),
    "temperature": (Real, "a number"),
    "near_match": (Real | None, "a number"),
    "seed": (Integral, "a whole number"),
    "batch_size": (Integral | None, "a whole number"),
}


def check_kinds(given: Mapping[str, Any]) -> None:
    """Checks options of a translator, or of one of its calls.

    Args:
        given: By name.

    Raises:
        ConfigError: For the first that is of a wrong kind.
    """
    for name, value in given.items():
        kind, words = _KINDS.get(name, (object, ""))
        if not isinstance(value, kind):
            raise ConfigError(f"{name} must be {words}, not {repr(value)[:_SHOWN]}")


def check_hashable(given: Mapping[str, Any]) -> None:
    """Checks that options can tell one combination from another: a list or a dict cannot.

    Raises:
        ConfigError: For the first that cannot.
    """
    for name, value in given.items():
        if not isinstance(value, Hashable):
            raise ConfigError(f"{name} cannot be a {type(value).__name__}: {repr(value)[:_SHOWN]}")
