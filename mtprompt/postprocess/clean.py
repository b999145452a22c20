"""A model's answer as a translation: one line, nothing around it.

What is taken away, and only where the source has nothing like it:

* a model's special tokens (``<end_of_turn>``, ``</s>``, ``<|im_end|>``, ``###``) with what it wrote behind
  them, and its reasoning (``<think>…</think>``, gpt-oss's channels);
* an introduction (``Sure! Here is the translation:``), and whatever follows the translation: a second
  paragraph, a line with a label (``German: …``, ``Note: …``);
* the source, if the model repeated it first;
* a JSON object around it, if it has a single value;
* a label (``English:``, ``Translation:``), and quotes or marks around the whole answer.

Every line break that Unicode knows becomes a space, control characters are dropped, and half a
character (a lone surrogate) becomes U+FFFD, so that an answer never shifts the lines of a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import regex

from mtprompt.postprocess.labels import CLOSING, Labels, has_label
from mtprompt.text.tokens import normalize, words

_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_TOKEN = re.compile(
    r"<\|start_header_id\|>\w*<\|end_header_id\|>|<\|im_start\|>(?:assistant|user|system|model)?"
    r"|<\|[A-Za-z0-9_]{1,40}\|>|<｜[^<>｜\s]{1,40}｜>|<start_of_turn>(?:model|user)?|<(?:end_of_turn|eos|bos|pad|unk)>|</?s>"
    r"|\[/?INST\]|<</?SYS>>"
)
_REASONING = ("<think>", "</think>")
# gpt-oss writes its reasoning in one channel, and the answer in another.
_CHANNEL = re.compile(r"<\|channel\|>(\w+)[^<>]{0,80}(?:<\|constrain\|>[^<>]{0,40})?<\|message\|>")
_FINAL = "final"
_INVISIBLE = regex.compile(r"[\p{Cf}\s]*")
# With an introduction before it, and other lines behind it.
_OBJECT = re.compile(
    r'(?:[^{}]{0,200}[:：]\s*)?(?:```(?:json)?\s*)?\{\s*"\w{1,40}"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}(?:\s*```)?\s*?(?:\n|$)',
    re.DOTALL,
)
_BEGINS_OBJECT = re.compile(r'\{\s*"')
_FENCE = "```"
_HEADING = "###"
_SENTENCE_ENDS = (".", "!", "?", "…", "।", "؟", "۔", "።")
_WIDE_ENDS = ("。", "！", "？")  # which need no space behind them
_ARROW = re.compile(r"\s*(?:→|⇒|->|=>)\s*")
_DASH = re.compile(r"[–—=-]\s+")  # behind a sentence only
# By what opens it, what may close a quotation; 《》 and 『』 are left alone, they mark titles.
_CLOSING = {
    '"': '"', "“": "”", "„": "“”", "”": "”", "«": "»", "»": "«", "‹": "›", "›": "‹", "「": "」",
    "'": "'", "‘": "’", "‚": "‘", "’": "’", "`": "`",
}  # fmt: skip
_QUOTES = frozenset("".join(_CLOSING) + "".join(_CLOSING.values()))
_APOSTROPHES = frozenset("'’‘‚")
# With one of them in the source, or an apostrophe or a dialogue's dash at its ends, quotes are meant.
_QUOTING = (_QUOTES - _APOSTROPHES) | frozenset("『』《》〈〉＂")
_AT_ENDS = _APOSTROPHES | frozenset("–—-")
_BOLD = "**"
_EDGES = _QUOTES | frozenset("*#_")


def clean(answer: str, source: str | None = None, languages: tuple[str, str] | None = None) -> str:
    """The translation that an answer holds, as one line.

    Cleaning twice changes nothing more. An answer of nothing but what is taken away becomes empty.

    Args:
        answer: The model's answer.
        source: The source; without it only the first paragraph is made one line.
        languages: Codes of both languages; without them no label is known.
    """
    text = answer.strip()
    if not text.isprintable():
        text = _printable(text)
    elif not _may_hold_more(text) and not _begins_with(text, source):
        return text
    if _INVISIBLE.fullmatch(text):
        return ""
    if source is None:
        return _one_line(text.splitlines())
    labels = Labels.of(languages) if languages else None
    text = _without_tokens(_without_reasoning(text, source), source)
    value = _value(text, source)
    if value is not None:
        return clean(value, source, languages)
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) > 1:
        lines = _translation(lines, source, labels)
    text = _peeled(_one_line(lines), source.strip(), labels)
    value = _value(text, source)
    if value is not None:
        return clean(value, source, languages)
    return "" if _INVISIBLE.fullmatch(text) else text


def _begins_with(text: str, source: str | None) -> bool:
    """Whether the source stands there before something else."""
    source = (source or "").strip()
    return bool(source) and text.startswith(source) and text != source


def _may_hold_more(text: str) -> bool:
    """Whether one line may have anything to take away; a look that nearly all answers need no more than."""
    return (
        text[:1] in _EDGES
        or "<" in text
        or ":" in text
        or "->" in text
        or "=>" in text
        or text.endswith(_HEADING)
        or "INST]" in text
        or (not text.isascii() and ("：" in text or "→" in text or "⇒" in text or "｜" in text))
    )


def _printable(text: str) -> str:
    text = _CONTROL.sub("", text)
    if _SURROGATE.search(text):  # two halves make a character, one alone none
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.strip()


def _one_line(lines: Sequence[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if not line.strip():
            if kept:
                break
            continue
        kept.append(line.strip())
    return " ".join(kept)


def _without_reasoning(text: str, source: str) -> str:
    channels = {channel.group(1): channel.end() for channel in _CHANNEL.finditer(text)}
    if channels and not _CHANNEL.search(source):
        text = text[channels.get(_FINAL, len(text)) :]
    opening, closing = _REASONING
    if "think>" not in text or opening in source or closing in source:
        return text
    kept = []
    at = 0
    while (begin := text.find(opening, at)) >= 0:
        kept.append(text[at:begin])
        end = text.find(closing, begin)
        at = len(text) if end < 0 else end + len(closing)
    kept.append(text[at:])
    # an opening one may stand in the prompt
    return " ".join(kept).rpartition(closing)[2].strip()


def _without_tokens(text: str, source: str) -> str:
    if ("<" not in text and "INST]" not in text) or _TOKEN.search(source):
        return text
    kept = []
    at = 0
    for token in _TOKEN.finditer(text):
        kept.append(text[at : token.start()])
        at = token.end()
        if any(map(str.isalnum, kept[-1])):
            break  # what stands behind is no answer any more
    else:
        kept.append(text[at:])
    return " ".join(kept).strip()


def _value(text: str, source: str) -> str | None:
    """The only value of the JSON object that a text is or introduces; None if there is none."""
    found = _OBJECT.match(text)
    if found is None or _BEGINS_OBJECT.search(source):
        return None
    try:
        return str(json.loads(found.group(1), strict=False))
    except ValueError:  # it only looks like JSON
        return None


def _translation(lines: list[str], source: str, labels: Labels | None) -> list[str]:
    """The lines that are the translation, of several."""
    if _FENCE not in source:
        lines = [line for line in lines if not line.startswith(_FENCE)]
    at = _next(lines, 0)
    while (behind := _next(lines, at + 1)) < len(lines) and _is_before(lines, at, behind, source, labels):
        at = behind
    end = at + 1
    while end < len(lines) and lines[end] and not _is_behind(lines[end], source, labels):
        end += 1
    return lines[at:end]


def _next(lines: Sequence[str], at: int) -> int:
    """The next line that is not empty."""
    while at < len(lines) and not lines[at]:
        at += 1
    return at


def _is_before(lines: Sequence[str], at: int, behind: int, source: str, labels: Labels | None) -> bool:
    """Whether a line is an introduction or the source, so that the translation stands in a later one."""
    line, following = lines[at], lines[behind]
    if labels:
        label = labels.end(line, source)
        if label == len(line) or labels.is_introduction(line, following, source, apart=behind > at + 1):
            return True
        if labels.source.match(following):
            return False
        if labels.source.match(line) and labels.target.match(following) and not has_label(source):
            return True
        line = line[label:]
    elif has_label(following):
        return False
    if normalize(line) != normalize(source):
        return False
    return len(words(source)) >= 3 or (behind == at + 1 and not CLOSING.match(following))


def _is_behind(line: str, source: str, labels: Labels | None) -> bool:
    """Whether a line no longer belongs to the translation above it."""
    if line.startswith(_HEADING):
        return _HEADING not in source
    if has_label(line) and ":" not in source and "：" not in source:
        return True
    if labels and any(
        label.match(line) and not label.search(source) for label in (labels.source, labels.target)
    ):
        return True
    return CLOSING.match(line) is not None and not CLOSING.match(source)


def _peeled(text: str, source: str, labels: Labels | None) -> str:
    """One line without what stands around it; positions move, so that a long answer is copied once."""
    start, end = 0, len(text)
    quoted = not (_QUOTING.isdisjoint(source) and _AT_ENDS.isdisjoint(source[:1] + source[-1:]))
    while True:
        before = start, end
        if labels:
            start = labels.end(text, source, start, end)
        start = _behind_source(text, source, start, end, labels)
        if not quoted:
            start, end = _unquoted(text, start, end)
        if not source.startswith(_BOLD) and _is_bold(text, start, end):
            start, end = start + len(_BOLD), end - len(_BOLD)
        if text.endswith(_HEADING, start, end) and not source.endswith("#"):
            end = start + len(text[start:end].rstrip("#"))
        start, end = _trimmed(text, start, end)
        if (start, end) == before:
            return text[start:end]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _behind_source(text: str, source: str, start: int, end: int, labels: Labels | None) -> int:
    """Where a translation begins that stands behind its source in one line."""
    if not source or not text.startswith(source, start, end):
        return start
    at, _ = _trimmed(text, start + len(source), end)
    arrow = _ARROW.match(text, at, end)
    translation = arrow.end() if arrow else labels.end(text, source, at, end) if labels else at
    if at < translation < end:
        return translation
    follows = at > start + len(source) or source.endswith(_WIDE_ENDS)
    if at == end or not follows or not _is_sentence(source):
        return start
    dash = _DASH.match(text, at, end)
    at = dash.end() if dash else at
    return at if _is_another(text[at:end], source) else start


def _is_sentence(source: str) -> bool:
    return source.endswith(_SENTENCE_ENDS + _WIDE_ENDS) and len(words(source)) >= 3


def _is_another(text: str, source: str) -> bool:
    """Whether what stands behind a repeated source may be its translation; not the source once more."""
    return any(map(str.isalpha, text)) and not normalize(text).startswith(normalize(source))


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the quotes that open at its start and close at its end, if they are one pair."""
    opening, closing = text[start : start + 1], text[end - 1 : end]
    if end - start < 3 or closing not in _CLOSING.get(opening, ""):
        return start, end
    for mark in {opening, closing}:
        at = text.find(mark, start + 1, end - 1)
        while at >= 0:
            if mark not in _APOSTROPHES or not (text[at - 1].isalnum() and text[at + 1].isalnum()):
                return start, end
            at = text.find(mark, at + 1, end - 1)
    return start + 1, end - 1


def _is_bold(text: str, start: int, end: int) -> bool:
    return (
        end - start > 2 * len(_BOLD)
        and text.startswith(_BOLD, start)
        and text.endswith(_BOLD, start, end)
        and text.find(_BOLD, start + len(_BOLD), end - len(_BOLD)) < 0
    )
