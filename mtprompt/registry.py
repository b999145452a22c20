"""Names to classes, imported on use, open to third parties through entry points."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any

from mtprompt.errors import ConfigError


def did_you_mean(kind: str, name: str, known: list[str]) -> ConfigError:
    """The error for a wrong name: what was wrong, the nearest right one, all that are known."""
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return ConfigError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(sorted(known))}")


class Registry:
    """A table ``name → "module:Class"``; a plug-in's entry point adds to it.

    Args:
        kind: What the names stand for, for messages (``selection strategy``).
        group: The entry-point group of plug-ins (``mtprompt.selectors``).
        builtin: The project's own names.
    """

    def __init__(self, kind: str, group: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self._group = group
        self._builtin = dict(builtin)

    def names(self) -> list[str]:
        """All known names, sorted."""
        return sorted(self._builtin | {e.name: "" for e in entry_points(group=self._group)})

    def load(self, name: str) -> Any:
        """Imports and returns the object behind ``name``.

        Raises:
            ConfigError: If no such name is registered.
        """
        if name in self._builtin:
            module, _, attribute = self._builtin[name].partition(":")
            return getattr(importlib.import_module(module), attribute)
        for entry in entry_points(group=self._group):
            if entry.name == name:
                return entry.load()
        raise did_you_mean(self.kind, name, self.names())
