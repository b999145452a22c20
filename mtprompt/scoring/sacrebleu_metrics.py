"""BLEU, chrF, chrF++ and TER by sacreBLEU (Post 2018, "A Call for Clarity in Reporting BLEU Scores")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtprompt.errors import ConfigError, DataError, MissingDependency
from mtprompt.segments import MetricResult
from mtprompt.text.languages import UNSPACED, primary
from mtprompt.text.tokens import is_unspaced

# sacreBLEU's own advice for each language; it has no word tokenizer for Thai and its neighbours
_BLEU_TOKENIZERS = {
    **dict.fromkeys(UNSPACED, "zh"),  # all of them write Chinese characters but those below
    **{"ja": "ja-mecab", "ko": "ko-mecab"},
    **dict.fromkeys(("th", "km", "lo", "my"), "char"),
}
_EXTRAS = {"ja-mecab": "ja", "ko-mecab": "ko"}


class SacreBLEUMetric:
    """One of sacreBLEU's metrics with the settings that the target language needs.

    Args:
        name: ``bleu``, ``chrf``, ``chrf++`` or ``ter``.
        target_lang: Code of the hypotheses' language. Without it, text in a script without
            spaces is refused, because its BLEU would depend on a guess.

    Raises:
        MissingDependency: If the language's tokenizer is not installed.
    """

    def __init__(self, name: str, target_lang: str | None = None) -> None:
        self.name = name
        self._language = primary(target_lang) if target_lang else None
        self._metric = self._make()

    def _make(self) -> Any:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
        from sacrebleu.metrics.ter import TER

        if self.name == "bleu":
            tokenizer = _BLEU_TOKENIZERS.get(self._language or "", "13a")
            try:
                return BLEU(tokenize=tokenizer)
            except (ImportError, RuntimeError):
                extra = _EXTRAS[tokenizer]
                install = f"pip install 'mtprompt[{extra}]'"
                raise MissingDependency(f"sacreBLEU's {tokenizer}", f"BLEU for {extra}", install) from None
        if self.name == "ter":
            return TER(asian_support=_BLEU_TOKENIZERS.get(self._language or "") in ("zh", "ja-mecab"))
        return CHRF(word_order=2 if self.name == "chrf++" else 0)

    def score(
        self,
        hypotheses: Sequence[str],
        references: Sequence[str],
        sources: Sequence[str] | None = None,
    ) -> MetricResult:
        """See :class:`~mtprompt.scoring.protocol.Scorer`; segment scores for all but BLEU."""
        if len(hypotheses) != len(references):
            raise DataError(f"{len(hypotheses)} hypotheses but {len(references)} references")
        if not hypotheses:
            raise DataError("nothing to score: no hypotheses")
        if (
            self._language not in _BLEU_TOKENIZERS
            and self.name in ("bleu", "ter")
            and is_unspaced("".join(references[:100]))
        ):
            raise ConfigError(
                f"{self.name} needs the target language to cut text without spaces into words: "
                f"give --to, for instance one of {', '.join(sorted(UNSPACED))}"
            )
        system = self._metric.corpus_score(list(hypotheses), [list(references)])
        segments = None
        if self.name != "bleu":  # a sentence's BLEU is mostly smoothing
            segments = tuple(
                float(self._metric.sentence_score(h, [r]).score)
                for h, r in zip(hypotheses, references, strict=True)
            )
        # the signature is complete only once references were seen
        signature = f"{self.name}|{self._metric.get_signature()}"
        return MetricResult(self.name, float(system.score), segments, signature, self.name != "ter")


class BLEU(SacreBLEUMetric):
    """BLEU (Papineni et al. 2002)."""

    def __init__(self, target_lang: str | None = None) -> None:
        super().__init__("bleu", target_lang)


class ChrF(SacreBLEUMetric):
    """chrF, character n-gram F2 (Popović 2015)."""

    def __init__(self, target_lang: str | None = None) -> None:
        super().__init__("chrf", target_lang)


class ChrFPlusPlus(SacreBLEUMetric):
    """chrF++, chrF with word uni- and bigrams (Popović 2017)."""

    def __init__(self, target_lang: str | None = None) -> None:
        super().__init__("chrf++", target_lang)


class TER(SacreBLEUMetric):
    """Translation edit rate (Snover et al. 2006); lower is better."""

    def __init__(self, target_lang: str | None = None) -> None:
        super().__init__("ter", target_lang)
