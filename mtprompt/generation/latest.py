"""The latest answers of a call, in memory: what it need not ask twice without a store."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from mtprompt.segments import Generation

_MOST = 10_000  # some megabytes


class Latest:
    """Keeps the answers that came last, and forgets the others. Threads may share it."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._answers: OrderedDict[str, Generation] = OrderedDict()

    def get(self, keys: Sequence[str]) -> dict[str, Generation]:
        """As :meth:`mtprompt.store.Store.get`."""
        found = {key: self._answers.get(key) for key in keys}
        return {key: replace(its, cached=True) for key, its in found.items() if its is not None}

    def put(self, key: str, generation: Generation, model: str) -> None:
        """As :meth:`mtprompt.store.Store.put`."""
        answers = self._answers
        answers[key] = generation
        if len(answers) > self._most:
            answers.popitem(last=False)

    def forget(self) -> None:
        """Begins anew: the next call asks for all it needs."""
        self._answers = OrderedDict()
