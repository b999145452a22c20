"""Which language a text is in, by py3langid (BSD licence, its model inside the package)."""

from __future__ import annotations

from mtprompt.errors import need_packages
from mtprompt.text.languages import primary

# Measured on help texts, leaflets, news and everyday sentences in de, en, cs and sw: of 20,000 texts
# with this many letters none was taken for another language with this confidence, and 83 to 99 % of
# texts in a wrong language were told; see LanguageIdentifier.
LETTERS = 20
CONFIDENCE = 0.8

# Standard forms of one language, or languages that share most of their everyday sentences:
# a short text in one is as good as one in the other to an identifier.
_ALIKE = (
    "no nb nn da",
    "sr hr bs sh cnr",
    "id ms zsm",
    "zh cmn yue wuu nan gan hak hsn lzh",
    "ar arb arz ary",
    "fa prs",
    "he iw hbo",
    "tl fil",
    "ro mo",
    "uz uzs",
    "ku kmr",
    "st nso tn",
    "en pcm",
)
_FAMILY = {code: group.split()[0] for group in _ALIKE for code in group.split()}


def alike(a: str, b: str) -> bool:
    """Whether two codes mean one language, or languages that a short text cannot tell apart."""
    return _family(a) == _family(b)


def _family(code: str) -> str:
    return _FAMILY.get(primary(code), primary(code))


class LanguageIdentifier:
    """Tells a text's language where that is sure.

    py3langid is a naive Bayes classifier over byte sequences (Lui & Baldwin 2012, "langid.py: An
    Off-the-shelf Language Identification Tool") of about 140 languages.

    Raises:
        MissingDependency: If py3langid is not installed.
    """

    def __init__(self) -> None:
        need_packages(["py3langid"], "telling languages apart", "langid")
        from py3langid.langid import MODEL_FILE
        from py3langid.langid import LanguageIdentifier as Model

        self._model = Model.from_model_file(MODEL_FILE, norm_probs=True)
        self._families = {label: _family(label) for label in self._model.labels}

    def knows(self, language: str) -> bool:
        """Whether the model can name this language, or one that is :func:`alike`."""
        return _family(language) in self._families.values()

    def other_language(self, text: str, expected: str) -> str | None:
        """The language that the text is surely in, if that is not the one expected.

        None for a short text (fewer than 20 letters), a doubtful one (confidence below 0.8), one
        without language (code, numbers), and wherever the model does not know the language expected.
        """
        if sum(map(str.isalpha, text)) < LETTERS or not self.knows(expected):
            return None
        ranked = self._model.rank(text)
        language = str(ranked[0][0])
        family = self._families[language]
        if language == "zxx" or family == _family(expected):
            return None
        # what the model divides among languages that are alike it is sure of together
        confidence = sum(share for label, share in ranked if self._families[label] == family)
        return language if confidence >= CONFIDENCE else None
