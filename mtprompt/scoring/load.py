"""From a metric's name to a scorer: ``chrf++``, ``comet:Unbabel/wmt22-comet-da``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

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
        "terms": "mtprompt.scoring.term_accuracy:TermAccuracy",
    },
)


def load_scorer(metric: str, target_lang: str | None = None, source_lang: str | None = None) -> Scorer:
    """The scorer for a metric's name.

    Args:
        metric: ``bleu``, ``chrf``, ``chrf++``, ``ter``, ``comet:MODEL`` with a hub id or a path, or
            ``terms:FILE`` with a list of terms, a dictionary of any format.
        target_lang: Code of the hypotheses' language, which decides the tokenizer.
        source_lang: Code of the sources' language, which terms are looked for in.

    Raises:
        ConfigError: For an unknown metric or language, or what a metric needs and is not given.
        DataError: For a list of terms that cannot be used.
        MissingDependency: If what it needs is not installed.
    """
    for code in (target_lang, source_lang):
        if code:
            language_name(code)  # raises for a wrong code
    name, _, argument = metric.partition(":")
    factory = METRICS.load(name)
    scorer: Scorer
    if name == "comet":
        if not argument:
            raise ConfigError("comet needs a model, for instance comet:Unbabel/wmt22-comet-da")
        scorer = factory(argument)
    elif name == "terms":
        if not argument:
            raise ConfigError("terms needs a file with terms, for instance terms:glossary.tsv")
        if not source_lang or not target_lang:
            raise ConfigError(f"{metric} needs both languages: give --from CODE and --to CODE")
        scorer = factory(argument, source_lang, target_lang)
    elif argument:
        raise ConfigError(f"{name} takes nothing after a colon, got {metric!r}")
    else:
        scorer = factory(target_lang)
    return scorer


@contextmanager
def closing(scorer: Scorer) -> Iterator[Scorer]:
    """A scorer that is closed at the end, if it can be: COMET's process holds a large model."""
    try:
        yield scorer
    finally:
        if close := getattr(scorer, "close", None):
            close()


def metric_version(metric: str) -> str:
    """What changes when a metric's scores may: its package, or the checkpoint's file."""
    checkpoint = Path(metric.removeprefix("comet:"))
    if not checkpoint.is_file():
        return f"sacrebleu {version('sacrebleu')}"
    about = checkpoint.stat()
    return f"{about.st_size} bytes of {about.st_mtime_ns}"
