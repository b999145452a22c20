"""The nouns of the data flow, as immutable values.

``Segment`` → ``Example``s and ``Hint``s → ``Prompt`` → ``Generation`` → ``Translation`` → ``MetricResult``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtprompt.scoring.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Segment:
    """One unit to translate: usually a sentence or a line.

    Attributes:
        id: The caller's name for it, unique within a file.
        source: The text in the source language.
        reference: A human translation, where one is known.
        domain: The text's domain (``medical``), where known.
        doc: The document it comes from, where known.
    """

    id: str
    source: str
    reference: str | None = None
    domain: str | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A source text and its translation, as stored in a pool."""

    id: str
    source: str
    target: str
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A pool pair chosen for one segment.

    Attributes:
        pair: The pool pair.
        score: The strategy's score, None for strategies without one (``random``).
        rank: 1 is the one chosen first; the prompt drops the highest rank first.
    """

    pair: Pair
    score: float | None
    rank: int


@dataclass(frozen=True, slots=True)
class Hint:
    """Possible translations of one term of a text.

    Attributes:
        term: The term as it stands in the text (inflected, with its case).
        translations: Translations, best first.
        span: Start and end of the term in the text, in characters.
        origin: The dictionary's headword that matched.
        auxiliary: A translation in each auxiliary language that has one, for the style ``chain``.
    """

    term: str
    translations: tuple[str, ...]
    span: tuple[int, int]
    origin: str
    auxiliary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to the model for one segment.

    Attributes:
        text: The text as the engine gets it (after the chat template).
        tokens: Its length in the engine's own tokens.
        max_new_tokens: How many tokens the answer may have.
        examples: The examples in it, in the order of the prompt.
        hints: The hints in it for the segment's own words.
        dropped: What the token budget left out: ``"example"`` or ``"hints"`` each, in order.
        hint_tokens: How many of ``tokens`` are there for the hints, those in the examples included.
    """

    text: str
    tokens: int
    max_new_tokens: int
    examples: tuple[Example, ...]
    hints: tuple[Hint, ...]
    dropped: tuple[str, ...] = ()
    hint_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Cost of one generation: tokens in, tokens out, and its share of the batch's seconds."""

    prompt_tokens: int
    completion_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Generation:
    """A model's raw answer.

    Attributes:
        text: The answer without the prompt and without the stop sequence.
        finish_reason: ``stop`` (a stop was seen), ``length`` (the token limit was reached) or ``error`` (no
            answer came).
        usage: Its cost when it was generated; a cached answer keeps that first cost.
        cached: True if it came out of the store, or from the same prompt earlier in the call.
        fault: Why no answer came, None where one did.
        parts: Of several tries or models together, the answer of each, with what it cost by itself.
    """

    text: str
    finish_reason: str
    usage: Usage
    cached: bool = False
    fault: str | None = None
    parts: tuple[Generation, ...] = ()

    @property
    def each(self) -> tuple[Generation, ...]:
        """The answers that this is made of; itself, if it is one."""
        return self.parts or (self,)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One of several proposals for a segment.

    Attributes:
        text: The cleaned text.
        utility: Its mean chrF++ against the others, 0 to 100: the highest was taken.
    """

    text: str
    utility: float


@dataclass(frozen=True, slots=True)
class Translation:
    """The result for one segment.

    Attributes:
        segment: The segment that was translated.
        text: The cleaned translation, one line.
        raw: The model's answer before cleaning, None where the model was not asked or did not answer.
        flags: Names of what looks wrong (see :mod:`mtprompt.postprocess.checks`).
        prompt: The prompt, None for an empty line or a copied 100 % match.
        generation: The model's answer with its usage, None where the model was not asked; of a
            segment that was tried twice the answer that was kept, with the usage of both.
        found: All terms of the source that the dictionaries know, with all their translations; None if
            none was looked up.
        required: Terms of the source that must be translated as the terminology says.
        tries: 2 where the model was asked once more, because a first translation missed required terms
            or had flags.
        kept_try: Which of the tries this is.
        proposals: Of several models or samples, what each proposed, in their order; empty for one.
    """

    segment: Segment
    text: str
    raw: str | None = None
    flags: tuple[str, ...] = ()
    prompt: Prompt | None = None
    generation: Generation | None = None
    found: tuple[Hint, ...] | None = None
    required: tuple[Hint, ...] = ()
    tries: int = 1
    kept_try: int = 1
    proposals: tuple[Proposal, ...] = ()

    @property
    def examples(self) -> tuple[Example, ...]:
        """The in-context examples, in the order of the prompt."""
        return self.prompt.examples if self.prompt else ()

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The dictionary hints given for this segment."""
        return self.prompt.hints if self.prompt else ()

    @property
    def usage(self) -> Usage | None:
        """Tokens and seconds, None where the model was not asked."""
        return self.generation.usage if self.generation else None


def paid_for(kept: Generation, asked: Iterable[Translation]) -> Generation:
    """The answer that was kept, with the cost of all that were asked for."""
    generations = [part for one in asked if one.generation for part in one.generation.each]
    usage = Usage(
        sum(one.usage.prompt_tokens for one in generations),
        sum(one.usage.completion_tokens for one in generations),
        sum(one.usage.seconds for one in generations),
    )
    return replace(
        kept,
        usage=usage,
        cached=all(one.cached for one in generations),
        parts=tuple(generations),
    )


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A metric's verdict on a whole set of hypotheses.

    Attributes:
        name: The metric's short name as it was asked for (``chrf++``).
        system: The corpus-level score, on the metric's own scale.
        segments: A score a segment, None for a segment that has none (no term to look for); None altogether
            where the metric defines none.
        signature: What a stranger needs to repeat the score.
        higher_is_better: False for error rates such as TER.
        details: What else the metric tells.
        statistics: What significance is computed from; without them, the segment scores are.
        beside: Further values of the same scoring, such as COMET's guarded one.
        warnings: What makes the score doubtful, a line each.
    """

    name: str
    system: float
    segments: tuple[float | None, ...] | None
    signature: str
    higher_is_better: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)
    statistics: Statistics | None = field(default=None, compare=False, repr=False)
    beside: tuple[MetricResult, ...] = ()
    warnings: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """What is written as JSON: the score, its signature and the segment scores."""
        return {
            "metric": self.name,
            "score": self.system,
            "higher_is_better": self.higher_is_better,
            "segments": self.segments,
            "signature": self.signature,
        }
