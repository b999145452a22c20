"""Checks of the options that a strategy is written with."""

from __future__ import annotations

import math

from mtprompt.errors import ConfigError


def need_k(name: str, k: int | None) -> int:
    """The number of examples, which most strategies cannot do without.

    Raises:
        ConfigError: If it is missing.
    """
    if k is None:
        raise ConfigError(f"{name} needs a number of examples, for instance {name}@4")
    return k


def at_least(name: str, option: str, value: object, minimum: float) -> float:
    """A number that is not NaN, not infinite and not below ``minimum``.

    Raises:
        ConfigError: If it is anything else.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or value < minimum
    ):
        raise ConfigError(f"{name}: {option} must be a number of at least {minimum:g}, got {value!r}")
    return float(value)
