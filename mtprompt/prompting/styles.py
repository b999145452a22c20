"""How a prompt is worded: the base form, and the ways to write hints into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mtprompt.segments import Hint
from mtprompt.text.tokens import one_line


@dataclass(frozen=True, slots=True)
class Block:
    """One text of a prompt with its hints; the query's target is None."""

    source: str
    target: str | None
    hints: Sequence[Hint] = ()


@dataclass(frozen=True, slots=True)
class Languages:
    """The English names that label the lines."""

    source: str
    target: str


Wording = Callable[[Sequence[Block], Languages], str]
"""From the blocks in order, the query last, to the prompt's text."""


def _labelled(block: Block, languages: Languages) -> str:
    target = "" if block.target is None else f" {one_line(block.target)}"
    return f"{languages.source}: {one_line(block.source)}\n{languages.target}:{target}"


def plain(blocks: Sequence[Block], languages: Languages) -> str:
    """``German: …`` and ``English: …``, a blank line between; the last label ends the prompt."""
    return "\n\n".join(_labelled(block, languages) for block in blocks)


def inline(blocks: Sequence[Block], languages: Languages) -> str:
    """DiPMT's wording (Ghazvininejad et al. 2023, arXiv 2302.07856); without hints no middle line."""
    return "\n\n".join(_dipmt(block, languages) for block in blocks)


def _dipmt(block: Block, languages: Languages) -> str:
    lines = [f"Translate the following sentence to {languages.target}: {one_line(block.source)}"]
    if block.hints:
        meanings = (
            f'the word "{one_line(hint.term)}" means ' + ", ".join(f'"{t}"' for t in hint.translations)
            for hint in block.hints
        )
        lines.append(f"In this context, {'; '.join(meanings)}.")
    target = "" if block.target is None else f" {one_line(block.target)}"
    lines.append(f"The full translation to {languages.target} is:{target}")
    return "\n".join(lines)


def glossary(blocks: Sequence[Block], languages: Languages) -> str:
    """A ``Glossary:`` line before each text that has hints."""
    return "\n\n".join(_glossary_line(block.hints) + _labelled(block, languages) for block in blocks)


def _glossary_line(hints: Sequence[Hint]) -> str:
    if not hints:
        return ""
    return "Glossary: " + "; ".join(f"{one_line(h.term)} = {', '.join(h.translations)}" for h in hints) + "\n"


def entries(blocks: Sequence[Block], languages: Languages) -> str:
    """Each hint as a tiny example of its own, all of them before the examples.

    The term stands as its dictionary headword; a term that several texts share stands once.
    """
    tiny = dict.fromkeys(
        (hint.origin, translation)
        for block in blocks
        for hint in block.hints
        for translation in hint.translations
    )
    return plain([*(Block(term, translation) for term, translation in tiny), *blocks], languages)


@dataclass(frozen=True, slots=True)
class Style:
    """A wording and the defaults that go with it.

    Attributes:
        wording: Writes the prompt.
        max_translations: Translations a hint has at most.
        in_examples: Whether the examples get hints too: ``always``, ``never`` or ``confirmed``.
    """

    wording: Wording
    max_translations: int
    in_examples: str


# inline and glossary as in the paper; entries as it measured best on the embedded model
STYLES = {
    "none": Style(plain, 0, "never"),
    "inline": Style(inline, 3, "always"),
    "glossary": Style(glossary, 3, "always"),
    "entries": Style(entries, 1, "never"),
}
IN_EXAMPLES = ("always", "never", "confirmed")
