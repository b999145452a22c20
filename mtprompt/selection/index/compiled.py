"""Compiling the inner loops of selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from numba import njit

if TYPE_CHECKING:
    from numba.core.dispatcher import Dispatcher

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> Dispatcher[F]:
    """The function as machine code, made at its first call and kept for the next run.

    It is kept beside the source file or in the user's cache. Where neither can be written (a
    container with a read-only disk) every run compiles anew, and takes some seconds longer.
    """
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # numba's, when it finds no folder to keep it in
        return njit(nogil=True)(function)
