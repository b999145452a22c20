"""Whether what a translation must carry over unchanged is there: placeholders, tags, addresses, numbers.

Each is looked for in the source and, character by character, in the translation, as often as it
stands there. What is new in the translation is no loss.

*Placeholders*: printf's ``%s``, ``%1$d``, ``%(name)s``, ``%.2f`` (``%2$s`` counts as ``%s``, so that they
may change places), Qt's ``%1`` (but ``%50`` is Turkish for ``50%``), ``%PATH%`` and ``%NAME``; ``{name}``,
``{0}``, ``{0:,}``, ``{{name|title}}``, ``{% if x %}``, ``${x}``, ``$(x)``, ``$NAME$``, ``$NAME``, ``$name``.
Of ICU's ``{n, number, #}`` the argument and the type count, of its plural and select forms only the argument.

*Tags*: elements of HTML in upper or lower case, and whatever is closed (``</x>``, ``</0>``, ``<x/>``) or has
attributes; only the name counts, as attributes may be translated. ``<Strg>`` is a key, not a tag. Of entities
``&amp;``, ``&lt;`` and ``&gt;`` must stay, which change the markup; letters and quotes may become those of
the other language.

*Addresses*: of the web (``https://``, ``www.``) and of e-mail, without the punctuation behind them or an
ending behind an apostrophe, and up to a letter of Chinese, Japanese, Korean, Thai …, which put no space
between an address and what follows; ``http`` and ``https`` are the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from mtprompt.postprocess.numbers import lost_number
from mtprompt.text.languages import primary

# A look before any of the rules, twice as fast as with \d: the digits of other scripts begin with these.
_ZEROS = "٠۰०০੦૦୦௦౦೦൦๐໐༠၀០０"
_ANY = re.compile("[0-9%{$<&@/" + "".join(f"{zero}-{chr(ord(zero) + 9)}" for zero in _ZEROS) + "]")

# Scripts without spaces, and Korean, which puts endings behind a word; the punctuation of Arabic, Urdu and
# Hindi: what they write behind an address does not belong to it.
_BEHIND = "\u060c\u061b\u061f\u06d4\u0964\u0965\uac00-\ud7af"
_BEHIND += "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_ADDRESS = re.compile(
    rf"(?:(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]*://|\b[Ww]{{3}}\.)[^\s<>\"“”„«»()\[\]{{}}|\\^`{_BEHIND}]+"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.ASCII,
)
_ENDING = re.compile(r"['’]\w{1,6}$")  # as Turkish writes them: https://example.org'dan
_PUNCTUATION = ".,;:!?'’*_/"
_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*|\d{1,3}(?=[/>]))(\s[^<>]*|/|)>", re.ASCII)
_ELEMENTS = (
    "a abbr address article aside audio b big blockquote body br button caption center cite code col dd del "
    "details dfn div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr "
    "html i iframe img input ins kbd label legend li link main mark meta nav object ol option p param pre q "
    "s samp script section select small source span strike strong style sub summary sup svg table tbody td "
    "textarea tfoot th thead time title tr tt u ul var video wbr"
)
_HTML = frozenset(_ELEMENTS.split())
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_MARKUP = re.compile(rf"{_TAG.pattern}|{_ENTITY.pattern}", re.ASCII)
_PLACEHOLDER = re.compile(
    r"(?<![\d%])%(?:\(\w+\)|\d{1,2}\$)?[-+#0]{0,4}(?:\d{0,3}|\*)(?:\.(?:\d{1,3}|\*))?"
    r"(?:hh?|ll?|[qjzt])?[diouxXeEfFgGcrsa@](?!\w)"
    r"|(?<![\d%])%L?\d{1,2}(?![\w$%]|[.,]\d)"
    r"|(?<![\d%])%[A-Z][A-Z0-9_]+(?!\w)%?"
    r"|\{\{[ ]?[\w.$:-]+[ ]?\|[^{}]{1,60}\}\}|\{%[^{}%]{1,80}%\}"
    r"|\{\{?[ ]?[\w.$:-]*[ ]?\}?\}|\{\w*:[<>=^+ #]?,?[\d.,]*[A-Za-z%]?\}"
    r"|\{[ ]?\w{1,40}[ ]?,[ ]?(?:number|date|time|spellout|ordinal|duration)[ ]?(?:,[^{}]{0,40})?\}"
    r"|\$\{[^{}]*\}|\$\(\w+\)"
    r"|\$(?:[A-Z_][A-Z0-9_]+\$?|[a-z_][a-z0-9_]+)(?![\w$]|[.:]\w)",
    re.ASCII,
)
# Qt's, or a percentage, as some languages put the sign before the number.
_QT_OR_PERCENT = re.compile(r"(?<![\d%])%(\d{1,2})(?![\w$%]|[.,]\d)", re.ASCII)
_PERCENT_FIRST = frozenset({"tr", "az", "eu", "ku", "kmr"})
_POSITION = re.compile(r"(?<=%)\d{1,2}\$")
_STYLE = re.compile(r"\{ ?(\w+) ?, ?(\w+) ?(?:,.*)?\}")  # which may be another in another language
_BRACE = re.compile("[{}]")
_FORMS = re.compile(r"\{\s*(\w+)\s*,\s*(?:plural|select|selectordinal)\s*,")


def lost(source: str, text: str, languages: tuple[str, str] | None = None) -> tuple[str, ...]:
    """Which of the flags ``lost_url``, ``lost_tag``, ``lost_placeholder`` and ``lost_number`` hold."""
    if source == text or (not _ANY.search(source) and "www." not in source):
        return ()
    if "%" in source or "%" in text:
        source, text = _percentages(source, text, languages)
    flags = []
    for flag, signs, find, pattern in _CARRIED_OVER:
        if any(map(source.__contains__, signs)):
            if _fewer(find, source, text):
                flags.append(flag)
            source, text = pattern.sub(" ", source), pattern.sub(" ", text)
    if lost_number(source, text, languages):
        flags.append("lost_number")
    return tuple(flags)


def without_preserved(text: str) -> str:
    """A text without its addresses, tags and placeholders: what there is to translate."""
    for _, signs, _, pattern in _CARRIED_OVER:
        if any(map(text.__contains__, signs)):
            text = pattern.sub(" ", text)
    return text


def _percentages(source: str, text: str, languages: tuple[str, str] | None) -> tuple[str, str]:
    """Both texts with ``%50`` as ``50%`` where it is a percentage: the other has no such placeholder."""
    ours, theirs = (set(_QT_OR_PERCENT.findall(its)) for its in (source, text))
    if ours == theirs:
        return source, text
    sign_first = languages is not None and primary(languages[0]) in _PERCENT_FIRST
    percentages = {its for its in ours - theirs if sign_first or re.search(rf"(?<!\d){its}\s?%", text)}
    return (
        _QT_OR_PERCENT.sub(lambda its: f"{its[1]}%" if its[1] in percentages else its[0], source),
        _QT_OR_PERCENT.sub(lambda its: its[0] if its[1] in ours else f"{its[1]}%", text),
    )


def _fewer(find: Callable[[str], Iterable[str]], source: str, text: str) -> bool:
    asked = Counter(find(source))
    return bool(asked) and not asked <= Counter(find(text))


def _addresses(text: str) -> Iterable[str]:
    for address in _ADDRESS.findall(text):
        address = _ENDING.sub("", address.rstrip(_PUNCTUATION)).rstrip(_PUNCTUATION)
        yield address.lower().removeprefix("https://").removeprefix("http://")


def _tags(text: str) -> Iterable[str]:
    found = _TAG.findall(text)
    closed = {name for slash, name, _ in found if slash}
    for slash, name, rest in found:
        if name.lower() in _HTML or name in closed or "=" in rest or rest.endswith("/"):
            yield f"{slash}{name.lower() if name.lower() in _HTML else name}"
    yield from _ENTITY.findall(text)


def _placeholders(text: str) -> Iterable[str]:
    forms = _FORMS.findall(text)
    found = _PLACEHOLDER.findall(_outside_forms(text) if forms else text)
    return [*forms, *(_STYLE.sub(r"{\1,\2}", _POSITION.sub("", its)) for its in found)]


def _outside_forms(text: str) -> str:
    """The text without its plural and select forms, of which a language may have more or fewer."""
    kept = []
    at = 0
    while form := _FORMS.search(text, at):
        kept.append(text[at : form.start()])
        depth, at = 0, len(text)
        for brace in _BRACE.finditer(text, form.start()):
            depth += 1 if brace.group() == "{" else -1
            if not depth:
                at = brace.end()
                break
    return " ".join([*kept, text[at:]])


# Each with its flag, what a text that has it surely holds, what finds it, and what takes it away.
_CARRIED_OVER: tuple[tuple[str, tuple[str, ...], Callable[[str], Iterable[str]], re.Pattern[str]], ...] = (
    ("lost_url", ("@", "://", "www."), _addresses, _ADDRESS),
    ("lost_tag", ("<", "&"), _tags, _MARKUP),
    ("lost_placeholder", ("%", "{", "$"), _placeholders, _PLACEHOLDER),
)
