"""Checks of the options that a strategy is written with."""

from __future__ import annotations

import sys

from mtprompt.errors import ConfigError

_LARGEST = 10**9  # of whole numbers: more than any pool has pairs


def need_k(name: str, k: int | None) -> int:
    """The number of examples, which most strategies cannot do without.

    Raises:
        ConfigError: If it is missing.
    """
    if k is None:
        raise ConfigError(f"{name} needs a number of examples, for instance {name}@4")
    return k


def at_least(
    name: str, option: str, value: object, minimum: float, maximum: float = sys.float_info.max
) -> float:
    """A number that is not NaN, not infinite, not below ``minimum`` and not above ``maximum``.

    Raises:
        ConfigError: If it is anything else.
    """
    # NaN fails both comparisons
    if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
        limits = (
            f"of at least {minimum:g}"
            if maximum == sys.float_info.max
            else f"from {minimum:g} to {maximum:g}"
        )
        raise ConfigError(f"{name}: {option} must be a number {limits}, got {value!r}")
    return float(value)


def whole_at_least(name: str, option: str, value: object, minimum: int) -> int:
    """A whole number that is not below ``minimum``.

    Raises:
        ConfigError: If it is anything else.
    """
    number = at_least(name, option, value, minimum)
    if not number.is_integer():
        raise ConfigError(f"{name}: {option} must be a whole number, got {value!r}")
    if number > _LARGEST:
        raise ConfigError(f"{name}: {option} must be at most {_LARGEST:,}, got {value!r}")
    return int(number)
