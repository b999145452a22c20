"""Base forms of words, by simplemma (about 50 languages, offline)."""

from __future__ import annotations

from functools import cache, lru_cache

from mtprompt.text.languages import primary


@cache
def _supported() -> frozenset[str]:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    return frozenset(SUPPORTED_LANGUAGES)


def has_lemmas(language: str) -> bool:
    """Whether inflected words of this language can be led back to their base form."""
    return primary(language) in _supported()


@lru_cache(maxsize=100_000)
def lemma(word: str, language: str) -> str:
    """The base form of a word (``Tabletten`` → ``Tablette``); the word itself where none is known."""
    if not has_lemmas(language):
        return word
    import simplemma

    return str(simplemma.lemmatize(word, lang=primary(language)))
