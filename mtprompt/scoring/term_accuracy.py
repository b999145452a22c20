"""Term accuracy: how many terms of a list are translated with the list's own words.

The idea is the term use rate of Dinu et al. 2019 ("Training Neural Machine Translation to Apply Terminology
Constraints"), counted over terms whose translation the reference has, too, and the exact-match accuracy of
Alam et al. 2021 ("On the Evaluation of Machine Translation for Terminology Consistency", arXiv
2106.11891). The counting below is ours and its numbers are not those of their scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.forms import EXACT, LEMMA
from mtprompt.dictionary.match import Matcher
from mtprompt.dictionary.presence import Presence
from mtprompt.errors import DataError
from mtprompt.scoring.protocol import NothingToCount, SystemOutput
from mtprompt.scoring.statistics import ratio
from mtprompt.segments import MetricResult
from mtprompt.signature import signature
from mtprompt.version import __version__


class TermAccuracy:
    """The share of a list's terms that are translated as the list says, in percent.

    Counted is each term that stands in a source (as it is or inflected, longest first, once a segment
    however often it stands there) if one of its translations stands in a reference. It is right
    if any of its translations stands in the hypothesis, be it another than the reference's. See
    :class:`~mtprompt.dictionary.match.Matcher` and :class:`~mtprompt.dictionary.presence.Presence`.

    Args:
        path: The list, a dictionary of any format.
        source_lang: Code of the terms' language.
        target_lang: Code of the translations' language.

    Attributes:
        terms: The list.

    Raises:
        ConfigError: For a wrong language or a format that is not known.
        DataError: If the file cannot be used.
    """

    def __init__(self, path: str, source_lang: str, target_lang: str) -> None:
        self.name = f"terms:{path}"
        self._file = Path(path).name
        self.terms = Dictionary.load(path, source_lang, target_lang)
        self._matcher = Matcher(self.terms)

    def score(self, output: SystemOutput) -> MetricResult:
        """See :class:`~mtprompt.scoring.protocol.Scorer`.

        Returns:
            The share, and that of each segment with a term to score; ``details`` has for each segment
            how many terms were ``counted`` and how many of those are ``right``.

        Raises:
            DataError: If sources or references are missing.
            NothingToCount: If no term is there to be counted.
        """
        if output.sources is None:
            raise DataError(f"{self.name} looks for terms in the source texts, and none were given")
        if not any(output.references):
            raise DataError(f"{self.name} compares with references, and none were given")
        found = [self._found(source) for source in output.sources]
        language = self.terms.languages[1]
        counted, right = [], []
        for terms, references, hypothesis in zip(found, output.references, output.hypotheses, strict=True):
            due = _used(terms, [Presence(reference, language) for reference in references])
            counted.append(len(due))
            right.append(len(_used(due, [Presence(hypothesis, language)])))
        if not sum(counted):
            raise NothingToCount(
                f"{self.name}: no term can be scored: of its {len(self.terms):,} terms "
                f"{sum(map(len, found)):,} stand in the sources, and none of those in the references, too; "
                "are file and languages the right ones?"
            )
        parts = {
            "file": self._file,
            "sha256": self.terms.fingerprint,
            "terms": len(self.terms),
            "in_sources": sum(map(len, found)),
            "counted": sum(counted),
            "langs": "-".join(self.terms.languages),
            "simplemma": version("simplemma"),
            "mtprompt": __version__,
        }
        return MetricResult(
            name=self.name,
            system=100 * sum(right) / sum(counted),
            segments=tuple(100 * r / c if c else None for r, c in zip(right, counted, strict=True)),
            signature=f"terms|{signature(parts)}",
            details={"counted": counted, "right": right},
            statistics=ratio(right, counted, 100),
        )

    def _found(self, source: str) -> list[tuple[str, ...]]:
        """The translations of each term of a source; what only resembles a term is left out."""
        terms = {match.term for match in self._matcher.match(source) if match.how in (EXACT, LEMMA)}
        return [self.terms.translations(term) for term in sorted(terms)]


def _used(terms: Sequence[tuple[str, ...]], texts: Sequence[Presence]) -> list[tuple[str, ...]]:
    """The terms of which one of the texts uses a translation."""
    return [its for its in terms if any(text.holds(one) for text in texts for one in its)]
