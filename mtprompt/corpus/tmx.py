"""Translation memories (TMX 1.4), streamed; entities are never expanded, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtprompt.corpus.lines import open_binary
from mtprompt.errors import DataError
from mtprompt.segments import Pair
from mtprompt.text.languages import same_language
from mtprompt.text.tokens import one_line

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Elements whose content is native code (tags of the original format), not text.
_CODE = frozenset({"bpt", "ept", "ph", "it", "ut"})


def read_pairs(path: Path, source_lang: str, target_lang: str, *, complete: bool = True) -> Iterator[Pair]:
    """Pairs of a translation memory whose units have both languages.

    Args:
        path: A ``.tmx`` file.
        source_lang: ``de`` takes ``de-DE`` too, the exact code first.
        target_lang: Likewise.
        complete: Whether both sides must have text; units without are passed over.

    Raises:
        DataError: If it is no well-formed TMX, uses entities of its own, or has no unit
            with both languages.
    """
    from lxml import etree

    seen: set[str] = set()
    found = False
    with open_binary(path) as stream:
        units = etree.iterparse(
            stream, events=("end",), tag="{*}tu", resolve_entities=False, load_dtd=False, no_network=True
        )
        try:
            for number, (_, unit) in enumerate(units, start=1):
                texts: dict[str, str] = {}
                for variant in unit.iterfind("{*}tuv"):
                    code = variant.get(_XML_LANG) or variant.get("lang") or ""
                    segment = variant.find("{*}seg")
                    if code and segment is not None:
                        texts.setdefault(code, one_line(_text(segment, path)))
                seen |= texts.keys()
                source, target = _in_language(texts, source_lang), _in_language(texts, target_lang)
                identity = unit.get("tuid") or str(number)
                unit.clear()
                parent = unit.getparent()
                while parent is not None and unit.getprevious() is not None:
                    del parent[0]  # finished units are dropped, memory stays flat
                if (source and target) or (not complete and None not in (source, target)):
                    found = True
                    yield Pair(identity, source or "", target or "")
        except etree.XMLSyntaxError as error:
            line, reason = error.lineno, error.msg
            if not line and len(units.error_log):  # an undefined entity (&nbsp;) stands only there
                line, reason = units.error_log[-1].line, units.error_log[-1].message
            raise DataError(f"{path}:{line or 1}: not well-formed XML: {reason}") from None
    if not found:
        languages = ", ".join(sorted(seen)) or "none"
        raise DataError(
            f"{path}: no unit has text in both {source_lang} and {target_lang}; languages in it: {languages}"
        )


def _in_language(texts: dict[str, str], language: str) -> str | None:
    exact = [text for code, text in texts.items() if code.lower() == language.lower()]
    near = [text for code, text in texts.items() if same_language(code, language)]
    return next(iter(exact + near), None)


def _text(element: Any, path: Path) -> str:
    """The text of a segment, inline markup left out, highlighted text kept."""
    from lxml import etree

    parts = [element.text or ""]
    for child in element:
        if child.tag is etree.Entity:
            raise DataError(
                f"{path}:{child.sourceline}: uses the entity {child.text}, which is not expanded for "
                "safety; write the text itself"
            )
        if isinstance(child.tag, str) and etree.QName(child).localname not in _CODE:
            parts.append(_text(child, path))
        parts.append(child.tail or "")
    return "".join(parts)
