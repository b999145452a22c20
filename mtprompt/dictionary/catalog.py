"""The published dictionaries that can be installed from Debian packages."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from mtprompt.errors import ConfigError

_DING = "ding"


class Published(NamedTuple):
    """A dictionary that Debian packages.

    Attributes:
        name: FreeDict's (``deu-eng``, ISO 639-3 codes of both languages), or ``ding``.
        package: Debian's package.
        source: Code of the terms' language, as everywhere in mtprompt (``de``).
        target: Code of the translations' language.
        licence: As the package's copyright file says, in Debian's abbreviations (``GPL-2+``).
        kilobytes: Size of the package in Debian 12: below 100 it holds a few thousand words at most.
    """

    name: str
    package: str
    source: str
    target: str
    licence: str
    kilobytes: int

    @property
    def directions(self) -> tuple[tuple[str, str], ...]:
        """The languages that it translates from and to; Ding is made for both directions."""
        there = (self.source, self.target)
        return (there, there[::-1]) if self.name == _DING else (there,)

    @property
    def content(self) -> str:
        """Where in the package its file is, as a pattern."""
        return "usr/share/trans/*" if self.name == _DING else "usr/share/dictd/*.index"


@cache
def catalog() -> tuple[Published, ...]:
    """All dictionaries that are known, sorted by name."""
    text = files("mtprompt.dictionary").joinpath("catalog.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return tuple(Published._make([*texts, int(kilobytes)]) for *texts, kilobytes in rows[1:])


def published(name: str) -> Published:
    """The dictionary of a name, a package or a pair of languages.

    Args:
        name: ``deu-eng``, ``de-en``, ``ding`` or ``dict-freedict-deu-eng``.

    Raises:
        ConfigError: If there is none; says so where there is one the other way round, or a like name.
    """
    wanted = name.strip().lower()
    if found := _find(wanted):
        return found
    if turned := _find("-".join(reversed(wanted.split("-")))):
        raise ConfigError(
            f"there is no dictionary {name!r} to install, but there is {turned.name}, the other way round; "
            "install that one and turn it with: mtprompt dictionary invert"
        )
    known = [known for it in catalog() for known in (it.name, f"{it.source}-{it.target}", it.package)]
    near = get_close_matches(wanted, known, n=1, cutoff=0.7)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(
        f"there is no dictionary {name!r} to install.{hint} All that are: mtprompt dictionary install"
    )


def _find(wanted: str) -> Published | None:
    """By name or package first: FreeDict's for a pair of languages that Ding has, too."""
    for it in catalog():
        if wanted in (it.name, it.package):
            return it
    for it in catalog():
        if wanted == f"{it.source}-{it.target}" and it.name != _DING:
            return it
    return None
