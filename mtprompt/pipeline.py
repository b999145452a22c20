"""The whole way of a segment, top to bottom.

segments → examples → hints → prompts → store, or model → clean and check → translations
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from mtprompt.postprocess.consensus import consensus
from mtprompt.postprocess.required import better
from mtprompt.postprocess.second_try import second_draft
from mtprompt.progress import Progress
from mtprompt.prompting.builder import Draft
from mtprompt.proposer import Proposer
from mtprompt.segments import Prompt, Segment, Translation

Prompts = Sequence[Sequence[Prompt | None]]
"""For each proposer, its prompt for each draft."""


class Pipeline:
    """Brings segments from their source to their translation, as many as came and in their order.

    Args:
        find: Finds examples and hints for segments (:meth:`mtprompt.retrieval.Retrieval.drafts`).
        proposers: The models; of several, the proposal that agrees most with the others is taken.
        target_lang: Code of the target language.
        chunk: Segments on the way together: enough for full batches, little to hold.
        retries_flagged: Whether a translation with flags is tried once more with another prompt.
    """

    def __init__(
        self,
        find: Callable[[Sequence[Segment]], list[Draft]],
        proposers: Sequence[Proposer],
        target_lang: str,
        chunk: int,
        retries_flagged: bool,
    ) -> None:
        self._find = find
        self.proposers = proposers
        self._target_lang = target_lang
        self._chunk = chunk
        self._retries_flagged = retries_flagged

    def run(self, segments: Iterable[Segment], on_progress: Progress) -> Iterator[Translation]:
        """Translates segments a chunk at a time; the next one's prompts are made while a model is busy.

        Args:
            segments: Read in the caller's thread, a chunk ahead.
            on_progress: Called with the number of segments that were finished since its last call,
                which is before they come out.
        """
        self._begin()
        coming = iter(segments)
        chunk = list(islice(coming, self._chunk))
        if not chunk:
            return
        prepared = self._prepare(chunk)
        with ThreadPoolExecutor(1, "mtprompt-ahead") as ahead:
            while True:
                chunk = list(islice(coming, self._chunk))
                following = ahead.submit(self._prepare, chunk) if chunk else None
                yield from self._finish(*prepared, on_progress)
                if following is None:
                    return
                prepared = following.result()

    def translate(self, drafts: Sequence[Draft], on_progress: Progress) -> Iterator[Translation]:
        """Translates drafts, in order."""
        self._begin()
        return self._finish(drafts, self.prompts(drafts), on_progress)

    def _begin(self) -> None:
        for proposer in self.proposers:
            proposer.stored.begin()

    def prompts(self, drafts: Sequence[Draft]) -> Prompts:
        """What each proposer would be sent for each draft."""
        return [proposer.prompts(drafts) for proposer in self.proposers]

    def _prepare(self, segments: Sequence[Segment]) -> tuple[Sequence[Draft], Prompts]:
        drafts = self._find(segments)
        return drafts, self.prompts(drafts)

    def _finish(
        self, drafts: Sequence[Draft], prompts: Prompts, on_progress: Progress
    ) -> Iterator[Translation]:
        """Each translation as soon as it and all before it are finished."""
        first: dict[int, Translation] = {}
        second: dict[int, Draft] = {}
        out = 0
        for i, translation in self._proposed(drafts, prompts, on_progress):
            first[i] = translation
            if again := second_draft(drafts[i], translation, self._target_lang, self._retries_flagged):
                second[i] = again
            while out in first and out not in second:
                yield first.pop(out)
                out += 1
        if second:
            places, again_drafts = list(second), list(second.values())

            def still_at_it(_answers: int) -> None:
                on_progress(0)  # no segment more, but who listens may want to stop

            for j, again_done in self._proposed(again_drafts, self.prompts(again_drafts), still_at_it):
                i = places[j]
                first[i] = better(first[i], again_done, self._target_lang)
        for i in range(out, len(drafts)):
            yield first[i]

    def _proposed(
        self, drafts: Sequence[Draft], prompts: Prompts, on_progress: Progress
    ) -> Iterator[tuple[int, Translation]]:
        """A translation for each draft, as it is finished, in any order."""
        if len(self.proposers) == 1:
            yield from self.proposers[0].translations(drafts, prompts[0], on_progress)
            return
        shared = _Shared(on_progress, len(self.proposers))
        proposals = [
            dict(proposer.translations(drafts, its, shared))
            for proposer, its in zip(self.proposers, prompts, strict=True)
        ]
        for i in range(len(drafts)):
            yield i, consensus([its[i] for its in proposals])


class _Shared:
    """Progress over several models: a segment is finished when all are through with one."""

    def __init__(self, on_progress: Progress, models: int) -> None:
        self._on_progress = on_progress
        self._models = models
        self._answers = 0

    def __call__(self, answers: int) -> None:
        before, self._answers = self._answers, self._answers + answers
        self._on_progress(self._answers // self._models - before // self._models)
