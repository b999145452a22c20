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
            f'the word "{one_line(hint.term)}" means '
            + ", ".join(f'"{one_line(t)}"' for t in hint.translations)
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
    return (
        "Glossary: "
        + "; ".join(f"{one_line(h.term)} = {', '.join(map(one_line, h.translations))}" for h in hints)
        + "\n"
    )


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


def chain(blocks: Sequence[Block], languages: Languages) -> str:
    """Chained translations before each text that has hints: ``"w" means "t" means "aux".``, one a line.

    Chain-of-Dictionary (Lu et al. 2024, "Chain-of-Dictionary Prompting Elicits Translation in Large
    Language Models", arXiv 2305.06575): the translation in the target language, then those in the
    auxiliary languages, before the instruction. The labels after it are ours.
    """
    return "\n\n".join(_chains(block.hints) + _labelled(block, languages) for block in blocks)


def _chains(hints: Sequence[Hint]) -> str:
    links = ((hint.term, *hint.translations, *hint.auxiliary) for hint in hints)
    return "".join(" means ".join(f'"{one_line(word)}"' for word in link) + ".\n" for link in links)


def insisting(prompt: str, unmet: Sequence[Hint], languages: Languages, *, before_all: bool = False) -> str:
    """The prompt with terms that a first translation missed, stated as strongly as a prompt can.

    Right before the text to translate, where a small model looks most, each term stands as an example of
    its own; a sentence says it for models that follow instructions.

    Args:
        prompt: A whole prompt, the text to translate in its last block.
        unmet: The terms; each must be translated as its best translation.
        languages: Those of the labels.
        before_all: The prompt is of the user's own wording, in which nobody knows where that text begins.
    """
    terms = plain([Block(hint.origin, hint.translations[0]) for hint in unmet], languages)
    wanted = ", ".join(f'"{one_line(h.translations[0])}" for "{one_line(h.term)}"' for h in unmet)
    demand = f"The {languages.target} translation of the next text must use {wanted}."
    before, blank, query = ("", "", prompt) if before_all else prompt.rpartition("\n\n")
    return f"{before}{blank}{terms}\n\n{demand}\n{query}"


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
    "chain": Style(chain, 1, "always"),
}
IN_EXAMPLES = ("always", "never", "confirmed")
