"""Builds prompts that fit: what does not is left out, weakest first, and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtprompt.errors import ConfigError
from mtprompt.generation.protocol import Backend
from mtprompt.prompting.styles import STYLES, Block, Languages, Wording, insisting
from mtprompt.segments import Example, Hint, Prompt, Segment

_INSTRUCTION = (
    "Translate from {0.source} to {0.target}. Answer with the translation of the last text only.\n\n"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment with all that was found for it, before the budget.

    Attributes:
        segment: The segment.
        examples: Its examples in the order of the prompt.
        hints: Hints for the segment's words.
        example_hints: Hints for each example, aligned with ``examples``.
        exact_match: The target of a pool pair with the very same source, None without one.
        found: All terms of the segment that the dictionaries know, with all their translations; None if
            none was looked up.
        required: Terms that must be translated as the terminology says.
        unmet: Those of them that a first translation missed: the prompt insists on them.
        style: How the prompt is worded, a name of :data:`~mtprompt.prompting.styles.STYLES`.
    """

    segment: Segment
    examples: tuple[Example, ...] = ()
    hints: tuple[Hint, ...] = ()
    example_hints: tuple[tuple[Hint, ...], ...] = ()
    exact_match: str | None = None
    found: tuple[Hint, ...] | None = None
    required: tuple[Hint, ...] = ()
    unmet: tuple[Hint, ...] = ()
    style: str = "none"

    @property
    def is_hinted(self) -> bool:
        """Whether hints, or terms that are insisted on, are written into its prompt."""
        return bool(self.hints or self.unmet or any(self.example_hints))

    def without_hints(self) -> Draft:
        """The same, unhinted."""
        return replace(self, hints=(), example_hints=(), unmet=())

    def blocks(self) -> list[Block]:
        """What a wording writes: the examples, then the segment itself."""
        hints = self.example_hints or ((),) * len(self.examples)
        return [
            *(Block(e.pair.source, e.pair.target, h) for e, h in zip(self.examples, hints, strict=True)),
            Block(self.segment.source, None, self.hints),
        ]


class PromptBuilder:
    """Turns drafts into prompts for one backend.

    Args:
        backend: Counts tokens, knows its context and its chat template.
        languages: English names of both languages.
        template: A wording of the user's own; None words each draft in its style.
        chat: Whether the prompt is sent through the chat template.
        max_new_tokens: Room for the answer; None reserves twice the source's tokens plus 32, and
            where a long bare source leaves less, what is left, if that is the source's tokens plus 16.
    """

    def __init__(
        self,
        backend: Backend,
        languages: Languages,
        template: Wording | None,
        chat: bool,
        max_new_tokens: int | None = None,
    ) -> None:
        self._backend = backend
        self._languages = languages
        self._template = template
        self._chat = chat
        self._max_new_tokens = max_new_tokens

    def build(self, drafts: Sequence[Draft]) -> list[Prompt | None]:
        """A prompt for each draft; None where not even the bare source fits the context.

        Raises:
            ConfigError: If the room asked for the answer is the whole context.
        """
        if not drafts:
            return []
        rooms = self._rooms([draft.segment.source for draft in drafts])
        texts = [self._text(draft) for draft in drafts]
        counts = self._backend.count_tokens(texts)
        fitted = [
            self._fit(draft, text, count, *room)
            for draft, text, count, room in zip(drafts, texts, counts, rooms, strict=True)
        ]
        # what hints cost is counted for all at once: a server far away is asked once
        hinted = [i for i, fit in enumerate(fitted) if fit and fit[0].is_hinted]
        bare = self._backend.count_tokens(
            [self._text(fit[0].without_hints()) for i in hinted if (fit := fitted[i])]
        )
        prompts = [fit and fit[1] for fit in fitted]
        for i, tokens in zip(hinted, bare, strict=True):
            if prompt := prompts[i]:
                prompts[i] = replace(prompt, hint_tokens=prompt.tokens - tokens)
        return prompts

    def _rooms(self, sources: Sequence[str]) -> list[tuple[int, int]]:
        """For each answer the tokens it gets, and those it must at least get."""
        if self._max_new_tokens is not None:
            name, context = self._backend.name, self._backend.context
            if self._max_new_tokens >= context:
                raise ConfigError(
                    f"{self._max_new_tokens:,} new tokens leave no room for a prompt: {name} has a context "
                    f"of {context:,}; give --max-new-tokens fewer, or leave it out"
                )
            return [(self._max_new_tokens, self._max_new_tokens)] * len(sources)
        return [(2 * count + 32, count + 16) for count in self._backend.count_tokens(sources)]

    def _text(self, draft: Draft) -> str:
        wording = self._template or STYLES[draft.style].wording
        text = wording(draft.blocks(), self._languages)
        if draft.unmet:
            text = insisting(text, draft.unmet, self._languages, before_all=self._template is not None)
        if not self._chat:
            return text
        content = _INSTRUCTION.format(self._languages) + text
        return self._backend.render_chat([{"role": "user", "content": content}])

    def _fit(
        self, draft: Draft, text: str, tokens: int, limit: int, least: int
    ) -> tuple[Draft, Prompt] | None:
        """What is left of a draft, and its prompt, but for the cost of its hints.

        Drops the weakest example, one after the other, then the hints, then room for the answer.
        """
        dropped: list[str] = []
        while tokens + limit > self._backend.context:
            if draft.examples:
                weakest = max(draft.examples, key=lambda example: example.rank)
                at = draft.examples.index(weakest)
                draft = replace(
                    draft,
                    examples=draft.examples[:at] + draft.examples[at + 1 :],
                    example_hints=draft.example_hints[:at] + draft.example_hints[at + 1 :],
                )
                dropped.append("example")
            elif draft.hints:
                draft = replace(draft, hints=())
                dropped.append("hints")
            elif tokens + least <= self._backend.context:
                limit = self._backend.context - tokens
                break
            else:
                return None
            text = self._text(draft)
            (tokens,) = self._backend.count_tokens([text])
        return draft, Prompt(text, tokens, limit, draft.examples, draft.hints, tuple(dropped))
