"""From a metric's name to a scorer: ``chrf++``, ``comet:Unbabel/wmt22-comet-da``."""

from __future__ import annotations

from mtprompt.errors import ConfigError
from mtprompt.registry import Registry
from mtprompt.scoring.protocol import Scorer
from mtprompt.text.languages import language_name

METRICS = Registry(
    "metric",
    "mtprompt.scorers",
    {
        "bleu": "mtprompt.scoring.sacrebleu_metrics:BLEU",
        "chrf": "mtprompt.scoring.sacrebleu_metrics:ChrF",
        "chrf++": "mtprompt.scoring.sacrebleu_metrics:ChrFPlusPlus",
        "ter": "mtprompt.scoring.sacrebleu_metrics:TER",
        "comet": "mtprompt.scoring.comet:Comet",
    },
)


def load_scorer(metric: str, target_lang: str | None = None) -> Scorer:
    """The scorer for a metric's name.

    Args:
        metric: ``bleu``, ``chrf``, ``chrf++``, ``ter``, or ``comet:MODEL`` with a hub id or a path.
        target_lang: Code of the hypotheses' language, which decides the tokenizer.

    Raises:
        ConfigError: For an unknown metric or language, or ``comet`` without a model.
        MissingDependency: If what it needs is not installed.
    """
    if target_lang:
        language_name(target_lang)  # raises for a wrong code
    name, _, model = metric.partition(":")
    factory = METRICS.load(name)
    if name == "comet":
        if not model:
            raise ConfigError("comet needs a model, for instance comet:Unbabel/wmt22-comet-da")
        scorer: Scorer = factory(model)
        return scorer
    if model:
        raise ConfigError(f"{name} takes nothing after a colon, got {metric!r}")
    scorer = factory(target_lang)
    return scorer
