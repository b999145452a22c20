"""What the cells of a sweep are to ask a model: how many prompts, how many tokens, how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mtprompt.cache import cache_dir
from mtprompt.errors import MTPromptError
from mtprompt.experiment.planned import Planned
from mtprompt.generation.protocol import Backend
from mtprompt.segments import Prompt
from mtprompt.store import Store
from mtprompt.store_contents import kept


@dataclass(slots=True)
class Workload:
    """What one model is to do, as far as it is known before.

    Attributes:
        model: Its name.
        cells: How many cells ask it.
        asked: Prompts of these cells.
        different: Of those, really different ones.
        missing: Of those, ones that no earlier run answered.
        prompt_tokens: Tokens of the missing ones.
        exact: Whether they are counted, not estimated.
        completion_tokens: What their answers will have, by the length of the sources.
        most_tokens: What they can have at most.
        seconds: How long it will take, at the speed of the answers that are stored; None without any.
    """

    model: str
    cells: int = 0
    asked: int = 0
    different: int = 0
    missing: int = 0
    prompt_tokens: int = 0
    exact: bool = True
    completion_tokens: float = 0.0
    most_tokens: int = 0
    seconds: float | None = None


class Counted:
    """The prompts of the cells that ask one model in one way, each different one once.

    Args:
        first: Any of the cells.
    """

    def __init__(self, first: Planned) -> None:
        self._estimates = first.translator.estimates()
        self._found: list[dict[tuple[str, int], tuple[Prompt, str]]] = [{} for _ in self._estimates]
        self._work = Workload(first.cell.model)

    def add(self, planned: Planned) -> None:
        """Counts a cell's prompts."""
        self._work.cells += 1
        for found, prompts in zip(self._found, planned.prompts, strict=True):
            for segment, prompt in zip(planned.segments, prompts, strict=True):
                if prompt:
                    self._work.asked += 1
                    found.setdefault((prompt.text, prompt.max_new_tokens), (prompt, segment.source))

    def workload(self, store: Store | None) -> Workload:
        """What is left to do of it.

        Args:
            store: The sweep's, which knows how long earlier answers took.
        """
        work = self._work
        seconds: list[float | None] = []
        for estimate, found in zip(self._estimates, self._found, strict=True):
            estimate.add([source for _, source in found.values()], [prompt for prompt, _ in found.values()])
            work.different += len(found)
            work.missing += estimate.prompts
            work.prompt_tokens += estimate.prompt_tokens
            work.exact &= estimate.exact
            work.completion_tokens += estimate.completion_tokens
            work.most_tokens += estimate.most_tokens
            tokens = estimate.prompt_tokens + estimate.completion_tokens
            speed = _seconds_a_token(estimate.stored.backend, store)
            seconds.append(None if speed is None and tokens else tokens * (speed or 0.0))
        work.seconds = None if None in seconds else sum(filter(None, seconds))
        return work


def _seconds_a_token(backend: Backend, store: Store | None) -> float | None:
    """By the answers of this very model in the sweep's store, else in the user's."""
    model = " ".join(backend.identity.values())
    for folder in (*([store.folder] if store else []), cache_dir("store")):
        for found in _contents(folder):
            if found[0] == model and found[1] > 0:
                return found[2] / found[1]
    return None


def _contents(store: Path) -> Iterator[tuple[str, int, float]]:
    try:
        for its in kept(store):
            yield its.model, its.prompt_tokens + its.completion_tokens, its.seconds
    except MTPromptError:
        return  # no store there
