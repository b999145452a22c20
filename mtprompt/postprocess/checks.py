"""Flags: what looks wrong with a translation, by rules that anyone can check.

====================  =======================================================================
``empty``             nothing came back for a source with text
``source_copied``     the source of three words or more came back unchanged (case aside); addresses,
                      tags, placeholders and what has digits are no words
``wrong_language``    the letters, or surely the words, are those of another language
                      (:mod:`~mtprompt.postprocess.language`)
``over_length``       more than three times as long as the source, and 40 characters more; a
                      character of Chinese or Japanese counts as three
``truncated``         the token limit was reached before a stop
``repetition``        the same one to eight words four times in a row, and not so in the source
``lost_placeholder``  ``%s``, ``{name}``, ``$VAR`` of the source is missing
``lost_tag``          ``<b>``, ``<br/>``, ``&amp;`` of the source is missing
``lost_url``          an address of the web or of e-mail is missing
``lost_number``       a number is missing, in whatever way the language writes it
                      (these four: :mod:`~mtprompt.postprocess.preserved`)
``over_budget``       the source alone is longer than the model's context: not sent, empty
``no_answer``         the model did not answer, however often it was asked: empty
``exact_match``       a 100 % match's target was copied (``--exact-match copy``)
``missing_term``      a required term is not translated as the terminology says (``--require``), though
                      the segment was tried a second time
====================  =======================================================================

``docs/flags.md`` has examples, and how often each is raised for translations by humans.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mtprompt.postprocess.language import wrong_language
from mtprompt.postprocess.preserved import lost, without_preserved
from mtprompt.postprocess.repetition import loops, pieces_of
from mtprompt.segments import Generation
from mtprompt.text.tokens import has_words, normalize

OVER_BUDGET = "over_budget"
NO_ANSWER = "no_answer"
EXACT_MATCH = "exact_match"
MISSING_TERM = "missing_term"

# No translation at all; then what makes one useless; then what an editor can mend.
_BADNESS = {
    "empty": 10_000,
    OVER_BUDGET: 10_000,
    NO_ANSWER: 10_000,
    "wrong_language": 1_000,
    "repetition": 1_000,
    "source_copied": 1_000,
    "truncated": 100,
    "over_length": 100,
    "lost_placeholder": 10,
    "lost_tag": 10,
    "lost_url": 10,
    MISSING_TERM: 10,
    "lost_number": 5,
    EXACT_MATCH: 0,
}

_FEWEST_WORDS = 3  # what has fewer may be a name
_IDEOGRAPH = re.compile(
    "[\u3040-\u309f\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def check(
    source: str, text: str, generation: Generation, languages: tuple[str, str] | None = None
) -> tuple[str, ...]:
    """The names of all flags that hold for a translation.

    Args:
        source: The source.
        text: Its translation, cleaned.
        generation: The answer that it was made from.
        languages: Codes of both languages; without them no language is called wrong.
    """
    truncated = generation.finish_reason == "length"
    if not text.strip():
        return ("empty", "truncated") if truncated else ("empty",)
    flags = []
    pieces = pieces_of(text)
    if _is_copy(source, text):
        flags.append("source_copied")
    elif languages and wrong_language(source, text, pieces, languages):
        flags.append("wrong_language")
    if _is_over_length(source, text):
        flags.append("over_length")
    if truncated:
        flags.append("truncated")
    if loops(text, pieces) and not loops(source, pieces_of(source)):
        flags.append("repetition")
    flags += lost(source, text, languages)
    return tuple(flags)


def badness(flags: Iterable[str]) -> int:
    """How bad it is that these flags hold for a translation; 0 for none, less is better."""
    return sum(_BADNESS[flag] for flag in flags)


def _is_copy(source: str, text: str) -> bool:
    last = (source.rsplit(None, 1) or [""])[-1], text.rsplit(None, 1)[-1]
    if last[0].isascii() and last[1].isascii() and last[0].lower() != last[1].lower():
        return False  # as nearly always: no normalization makes these the same
    if source != text and normalize(source) != normalize(text):
        return False
    # what has digits, such as dates and versions, has to stay as well
    return has_words(without_preserved(source), _FEWEST_WORDS)


def _is_over_length(source: str, text: str) -> bool:
    limit = max(3 * len(source), len(source) + 40)
    # no character takes fewer bytes than it counts
    if len(text) <= limit and (text.isascii() or len(text.encode("utf-8", "surrogatepass")) <= limit):
        return False
    return _length(text) > max(3 * _length(source), _length(source) + 40)


def _length(text: str) -> int:
    return len(text) + 2 * len(_IDEOGRAPH.findall(text))
