"""Figures of a profile that take a model: quality estimation, translation back, perplexity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mtprompt.errors import ConfigError
from mtprompt.experiment.profile import Measure
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import Scorer, SystemOutput
from mtprompt.segments import MetricResult, Pair, Segment

if TYPE_CHECKING:
    from mtprompt.generation.hf.likelihood import Likelihood
    from mtprompt.translator import Translator

QUALITY_ESTIMATE, BACK_TRANSLATION = "quality.estimate", "quality.back_translation"
SOURCE_NATS = "complexity.source_nats"


def quality_estimate(scorer: Scorer) -> Measure:
    """What a metric without references (CometKiwi) says of each pair's target.

    Args:
        scorer: Left open.
    """

    def measure(pairs: Sequence[Pair]) -> list[float]:
        output = SystemOutput(
            [pair.target for pair in pairs], [()] * len(pairs), [pair.source for pair in pairs]
        )
        return _segments(scorer.score(output))

    return measure


def back_translation(translator: Translator) -> Measure:
    """How near each pair's source (chrF++, 0 to 100) is to what a model makes of its target.

    The idea of round-trip filtering of parallel data: a target that leads back to its source translates
    it. A model that knows neither language well says little about either.

    Args:
        translator: From the pairs' target language into their source language. With a pool of these very
            pairs, turned round, it must be one with ``exact_match="exclude"``. A prompt of its that gets no
            answer is an error.
    """
    scorer = load_scorer("chrf++", translator.retrieval.languages[1])

    def measure(pairs: Sequence[Pair]) -> list[float]:
        segments = [Segment(str(at), pair.target, reference=pair.source) for at, pair in enumerate(pairs)]
        drafts, _ = translator.prompts_for_all(segments)
        back = [translation.text for translation in translator.translate_drafts(drafts)]
        return _segments(scorer.score(SystemOutput.of(back, [pair.source for pair in pairs])))

    return measure


def source_nats(likelihood: Likelihood) -> Measure:
    """How hard a model finds each source: nats a token, the logarithm of its perplexity.

    Args:
        likelihood: Left open.
    """
    return lambda pairs: likelihood.nats([pair.source for pair in pairs])


def _segments(result: MetricResult) -> list[float]:
    if result.segments is None or None in result.segments:
        raise ConfigError(f"{result.name} does not score every pair, so it cannot be part of a profile")
    return [score for score in result.segments if score is not None]
