"""From a metric's name to a scorer: ``chrf++``, ``comet:Unbabel/wmt22-comet-da``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from mtprompt.cache import cache_dir
from mtprompt.errors import ConfigError
from mtprompt.registry import Registry
from mtprompt.scoring.comet_name import checkpoint_path, parse_comet
from mtprompt.scoring.protocol import Scorer
from mtprompt.sealed import sha256
from mtprompt.text.languages import language_name

SACREBLEU = {
    "bleu": "mtprompt.scoring.sacrebleu_metrics:BLEU",
    "chrf": "mtprompt.scoring.sacrebleu_metrics:ChrF",
    "chrf++": "mtprompt.scoring.sacrebleu_metrics:ChrFPlusPlus",
    "ter": "mtprompt.scoring.sacrebleu_metrics:TER",
}
"""Metrics that cost so little that no score of theirs need be kept."""

METRICS = Registry(
    "metric",
    "mtprompt.scorers",
    {
        **SACREBLEU,
        "comet": "mtprompt.scoring.comet:Comet",
        "terms": "mtprompt.scoring.term_accuracy:TermAccuracy",
        "hints": "mtprompt.scoring.hint_scores:Hints",
        "flags": "mtprompt.scoring.failures:Flags",
    },
)
# What stands after a metric's colon, and an example of it
_ARGUMENTS = {
    "comet": ("a model", "Unbabel/wmt22-comet-da"),
    "terms": ("a file with terms", "glossary.tsv"),
}


def load_scorer(metric: str, target_lang: str | None = None, source_lang: str | None = None) -> Scorer:
    """The scorer for a metric's name.

    Args:
        metric: ``bleu``, ``chrf``, ``chrf++``, ``ter``; ``comet:MODEL`` with a hub id or a path, and options
            such as ``comet:MODEL(batch_size=32,gpus=0,timeout=60)``; ``terms:FILE`` with a list of terms, a
            dictionary of any format; ``hints`` and ``flags``.
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
    name, colon, argument = metric.partition(":")
    factory = METRICS.load(name)
    scorer: Scorer
    if name in _ARGUMENTS:
        what, example = _ARGUMENTS[name]
        if not argument:
            raise ConfigError(f"{name} needs {what}, for instance {name}:{example}")
    elif colon:
        raise ConfigError(f"{name} takes nothing after a colon, got {metric!r}")
    if name == "comet":
        model, options = parse_comet(argument)
        languages = (source_lang, target_lang)
        scorer = factory(model, options=options, languages=languages, cache=cache_dir("scores"))
    elif name == "terms":
        if not source_lang or not target_lang:
            raise ConfigError(f"{metric} needs both languages: give --from CODE and --to CODE")
        scorer = factory(argument, source_lang, target_lang)
    elif name == "hints":
        if not target_lang:
            raise ConfigError("hints needs the target language: give --to CODE")
        scorer = factory(target_lang)
    elif name == "flags":
        scorer = factory(source_lang, target_lang)
    else:
        scorer = factory(target_lang)
    return scorer


def check_can_choose(metric: str) -> None:
    """Refuses a metric by which ways to translate cannot be chosen, before anything is generated.

    Raises:
        ConfigError: For term accuracy and hints: a few dev segments may have none to count.
    """
    if metric.partition(":")[0] in ("terms", "hints"):
        raise ConfigError(f"{metric} cannot choose on a dev set; use it with mtprompt score")


@contextmanager
def closing(scorer: Scorer) -> Iterator[Scorer]:
    """A scorer that is closed at the end, if it can be: COMET's process holds a large model."""
    try:
        yield scorer
    finally:
        if close := getattr(scorer, "close", None):
            close()


def metric_version(metric: str) -> str:
    """What changes when a metric's scores may: its package, the checkpoint's file, the list of terms."""
    name, _, argument = metric.partition(":")
    if name == "terms" and Path(argument).is_file():
        return f"sha256 {sha256(Path(argument))}"
    if name != "comet":
        return f"sacrebleu {version('sacrebleu')}"
    if (checkpoint := checkpoint_path(parse_comet(argument)[0])) is None:
        return "as the hub has it"
    about = checkpoint.stat()
    return f"{about.st_size} bytes of {about.st_mtime_ns}"
