"""Words and tokens: what selection counts, what a dictionary looks up, what equality means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import islice

import regex

from mtprompt.text.languages import UNSPACED, primary

# Han, kana, Thai, Lao, Myanmar, Khmer: scripts that put no space between words.
_UNSPACED_LETTER = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}]"
_UNSPACED = regex.compile(_UNSPACED_LETTER + r"\p{M}*")
# Letters with their combining marks (Indic vowel signs, Arabic points), inner hyphens and apostrophes.
_SPACED_WORD = rf"(?:(?!{_UNSPACED_LETTER})[\p{{L}}\p{{N}}\p{{M}}])+"
_LINE_BREAKS = re.compile(r"[\r\n\v\f]+")
_DIGIT = re.compile(r"\d")
_WORD = regex.compile(rf"{_UNSPACED.pattern}|{_SPACED_WORD}(?:[-'’]{_SPACED_WORD})*")


def is_unspaced(text: str) -> bool:
    """Whether most letters are of a script that puts no space between words."""
    letters = sum(map(str.isalpha, text))
    return 2 * len(_UNSPACED.findall(text)) > letters > 0


def one_line(text: str) -> str:
    """The text with every line break turned into a space: a prompt gives each text one line."""
    if not _LINE_BREAKS.search(text):  # as nearly always
        return text.strip()
    parts = (part.strip() for part in _LINE_BREAKS.split(text))
    return " ".join(part for part in parts if part)


def normalize(text: str) -> str:
    """The form in which two texts count as the same: NFKC, case folded, white space collapsed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())  # folding takes some letters apart


def has_words(text: str, number: int) -> bool:
    """Whether a text has as many :func:`words` without digits; it is read no further than that takes."""
    plain = (match for match in _WORD.finditer(text) if not _DIGIT.search(match.group()))
    return next(islice(plain, number - 1, None), None) is not None


def words(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Words with their character spans, in order; each character of an unspaced script is one.

    ``"Öffnen Sie E-Mails!"`` gives Öffnen, Sie, E-Mails.
    """
    return [(match.group(), match.span()) for match in _WORD.finditer(text)]


@cache
def _tokenizer_13a() -> Callable[[str], str]:
    from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

    tokenizer = Tokenizer13a()  # type: ignore[no-untyped-call]
    return lambda text: str(tokenizer(text))


@lru_cache(maxsize=1 << 18)
def _tokens_13a(chunk: str) -> tuple[str, ...]:
    if chunk.isalnum():
        return (chunk,)
    return tuple(_tokenizer_13a()(chunk).split())


def selection_tokens(text: str, language: str) -> list[str]:
    """Tokens for example selection: sacreBLEU's ``13a`` (Agrawal et al. 2022), case kept.

    ``13a`` sees a Chinese, Japanese or Thai sentence as one token, so for languages written
    without spaces each character of such a script is a token of its own.
    """
    if primary(language) in UNSPACED:
        text = _UNSPACED.sub(lambda match: f" {match.group()} ", text)
    if "\n" in text:  # 13a joins words that a hyphen divides over two lines
        return list(_tokens_13a(text))
    # No rule of 13a looks past white space, so the text is tokenized between spaces, and a word
    # that was seen before costs a look-up: twenty times as fast as the whole line.
    return [token for chunk in text.split() for token in _tokens_13a(chunk)]
