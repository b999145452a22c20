"""BLEU, chrF, chrF++ and TER by sacreBLEU (Post 2018, "A Call for Clarity in Reporting BLEU Scores")."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtprompt.errors import ConfigError, DataError, MissingDependency
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.scoring.statistics import Statistics
from mtprompt.segments import MetricResult
from mtprompt.text.languages import UNSPACED, primary
from mtprompt.text.tokens import is_unspaced

# sacreBLEU's own advice for each language; it has no word tokenizer for Thai and its neighbours
_TOKENIZERS = {
    **dict.fromkeys(UNSPACED, "zh"),  # all of them write Chinese characters but those below
    **{"ja": "ja-mecab", "ko": "ko-mecab"},
    **dict.fromkeys(("th", "km", "lo", "my"), "char"),
}
# TER has no tokenizer for these: it would take a sentence, or all kana of one, for a single word
_CUT_BEFORE_TER = ("ja-mecab", "char")
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
        self._cut: Any = None  # one of sacreBLEU's tokenizers, for TER
        self._metric = self._make()
        self._references: list[tuple[str, ...]] = []
        self._info: list[Any] = []  # what sacreBLEU keeps of them
        self._rows: dict[tuple[int, str], list[float]] = {}

    def _make(self) -> Any:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
        from sacrebleu.metrics.ter import TER

        tokenizer = _TOKENIZERS.get(self._language or "", "13a")
        try:
            if self.name == "bleu":
                return BLEU(tokenize=tokenizer)
            if self.name == "ter" and tokenizer in _CUT_BEFORE_TER:
                self._cut = BLEU(tokenize=tokenizer).tokenizer
        except (ImportError, RuntimeError):
            extra = _EXTRAS[tokenizer]
            install = f"pip install 'mtprompt[{extra}]'"
            raise MissingDependency(
                f"sacreBLEU's {tokenizer}", f"{self.name.upper()} for {extra}", install
            ) from None
        if self.name == "ter":
            # Chinese characters are cut apart with both settings, not with one of them
            return TER(normalized=tokenizer == "zh", asian_support=tokenizer == "zh")
        return CHRF(word_order=2 if self.name == "chrf++" else 0)

    def score(self, output: SystemOutput) -> MetricResult:
        """See :class:`~mtprompt.scoring.protocol.Scorer`; segment scores for all but BLEU."""
        metric = self._metric
        self._read(output.references)
        rows = [self._row(i, text) for i, text in enumerate(output.hypotheses)]
        values = np.array(rows, dtype=np.float64)

        def scores(sums: NDArray[Any]) -> NDArray[np.float64]:
            if self.name in ("chrf", "chrf++"):
                return f_scores(sums, metric.beta)
            rows = sums if sums.dtype == np.float32 else sums.tolist()  # plain numbers are faster
            return np.array([metric._compute_score_from_stats(its).score for its in rows])

        segments = None
        if self.name != "bleu":  # a sentence's BLEU is mostly smoothing
            segments = tuple(scores(values).tolist())
        return MetricResult(
            name=self.name,
            system=float(scores(values.sum(axis=0, keepdims=True))[0]),
            segments=segments,
            # complete only once references were seen
            signature=f"{self.name}|{metric.get_signature()}{self._cut_signature()}",
            higher_is_better=self.name != "ter",
            statistics=Statistics(values, scores, sacrebleus=True),
        )

    def _read(self, references: Sequence[Sequence[str]]) -> None:
        """Reads references, unless they are those of the last system: most systems share theirs."""
        given = [tuple(its) for its in references]
        if given != self._references:
            self._check(given)
            # sacreBLEU takes a list for each of the references that a segment may have, with gaps
            cut = [list(map(self._words, its)) for its in given]
            self._info = self._metric._cache_references(list(zip_longest(*cut)))
            self._references, self._rows = given, {}

    def _row(self, segment: int, text: str) -> list[float]:
        """A translation's statistics; many systems have some translations in common."""
        row = self._rows.get((segment, text))
        if row is None:
            words = self._metric._preprocess_segment(self._words(text))
            row = self._rows[segment, text] = self._metric._compute_segment_statistics(
                words, self._info[segment]
            )
        return row

    def _words(self, text: str) -> str:
        return str(self._cut(text.rstrip())) if self._cut else text

    def _cut_signature(self) -> str:
        return f"|words:{self._cut.signature()}" if self._cut else ""

    def _check(self, references: Sequence[Sequence[str]]) -> None:
        missing = next((number for number, its in enumerate(references, start=1) if not its), None)
        if missing:
            which = f"segment {missing:,} has none" if any(references) else "none were given"
            raise DataError(f"{self.name} compares with references, and {which}")
        if (
            self._language not in _TOKENIZERS
            and self.name in ("bleu", "ter")
            and is_unspaced("".join(its[0] for its in references[:100]))
        ):
            raise ConfigError(
                f"{self.name} needs the target language to cut text without spaces into words: "
                f"give --to, for instance one of {', '.join(sorted(UNSPACED))}"
            )


def f_scores(sums: NDArray[Any], beta: float) -> NDArray[np.float64]:
    """Gives chrF for many sums of statistics at once, to the last bit as sacreBLEU does one by one.

    A significance test asks for thousands, which so take a fortieth of the time.

    Args:
        sums: S × 3K counts: of each of K orders those of the hypothesis, the reference, and both.
        beta: How much more recall weighs than precision.

    Returns:
        S scores from 0 to 100: F of mean precision and mean recall over the orders that both texts have.
    """
    precision = recall = np.zeros(len(sums), sums.dtype)
    orders = np.zeros(len(sums), sums.dtype)
    for at in range(0, sums.shape[1], 3):
        hypothesis, reference, match = sums[:, at : at + 3].T
        both = (hypothesis > 0) & (reference > 0)
        nothing = np.zeros_like(match)
        precision = precision + np.divide(match, hypothesis, out=nothing.copy(), where=both)
        recall = recall + np.divide(match, reference, out=nothing, where=both)
        orders += both
    precision, recall = (its / np.maximum(orders, 1) for its in (precision, recall))
    factor = beta**2
    scores = (1 + factor) * precision * recall
    scores = np.divide(scores, factor * precision + recall, out=scores, where=precision + recall > 0)
    return np.asarray(100 * scores, np.float64)


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
