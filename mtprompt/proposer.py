"""One model's part of the way: drafts → prompts → store, or model → clean and check → translations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mtprompt.generation.stored import StoredBackend
from mtprompt.postprocess.checks import EXACT_MATCH, MISSING_TERM, NO_ANSWER, OVER_BUDGET, check
from mtprompt.postprocess.clean import clean
from mtprompt.postprocess.required import unmet
from mtprompt.progress import Progress, say_nothing
from mtprompt.prompting.builder import Draft, PromptBuilder
from mtprompt.segments import Generation, Prompt, Translation
from mtprompt.text.tokens import one_line


class Proposer:
    """Proposes a translation for each draft.

    Args:
        builder: Writes the prompts for this model.
        stored: The model.
        languages: Codes of source and target.
        copies_exact_matches: Whether the target of a 100 % match is taken over instead of translating.
    """

    def __init__(
        self,
        builder: PromptBuilder,
        stored: StoredBackend,
        languages: tuple[str, str],
        copies_exact_matches: bool,
    ) -> None:
        self._builder = builder
        self.stored = stored
        self._languages = languages
        self._copies_exact_matches = copies_exact_matches

    def prompts(self, drafts: Sequence[Draft]) -> list[Prompt | None]:
        """What is sent for each draft; None where nothing is."""
        sent = [i for i, draft in enumerate(drafts) if self.is_sent(draft)]
        built = self._builder.build([drafts[i] for i in sent])
        prompts: list[Prompt | None] = [None] * len(drafts)
        for i, prompt in zip(sent, built, strict=True):
            prompts[i] = prompt
        return prompts

    def is_sent(self, draft: Draft) -> bool:
        """Whether a draft is for the model, if it fits."""
        copied = self._copies_exact_matches and draft.exact_match is not None
        return not copied and bool(draft.segment.source.strip())

    def translations(
        self,
        drafts: Sequence[Draft],
        prompts: Sequence[Prompt | None],
        on_progress: Progress = say_nothing,
    ) -> Iterator[tuple[int, Translation]]:
        """Yields ``(index, translation)`` for each draft, as answers arrive.

        Args:
            drafts: The drafts.
            prompts: Of :meth:`prompts`.
            on_progress: Called with the number of drafts that were just finished.
        """
        sent: list[int] = []
        asked: list[Prompt] = []
        for i, prompt in enumerate(prompts):
            if prompt is None:
                yield i, self._unsent(drafts[i])
            else:
                sent.append(i)
                asked.append(prompt)
        on_progress(len(drafts) - len(sent))
        for j, generation in self.stored.answers(asked, on_progress):
            yield sent[j], self._answered(drafts[sent[j]], asked[j], generation)

    def _answered(self, draft: Draft, prompt: Prompt, generation: Generation) -> Translation:
        segment = draft.segment
        if generation.fault is not None:
            return Translation(
                segment, "", None, (NO_ANSWER,), prompt, generation, draft.found, draft.required
            )
        text = clean(generation.text, segment.source, self._languages)
        flags = check(segment.source, text, generation, self._languages)
        if unmet(draft.required, text, self._languages[1]):
            flags = (*flags, MISSING_TERM)
        return Translation(
            segment, text, generation.text, flags, prompt, generation, draft.found, draft.required
        )

    def _unsent(self, draft: Draft) -> Translation:
        segment = draft.segment
        if self.is_sent(draft):
            return Translation(segment, "", flags=(OVER_BUDGET,))
        if draft.exact_match is not None:
            return Translation(segment, one_line(draft.exact_match), flags=(EXACT_MATCH,))
        # unchanged, but one line: JSON rows and library calls can hold a line break
        return Translation(segment, segment.source.replace("\n", " "))
