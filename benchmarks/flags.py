"""How often people's translations are flagged, and how many faults put into them are found; prints Markdown.

Faults are put into those references that have no flag: something taken out or changed, or another sentence
of the source language in place of the translation. A fault may be none, as where the same number stands
there twice: not all can be found.

Example:
    python benchmarks/flags.py --data DATA
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import click

from mtprompt.postprocess.checks import check
from mtprompt.segments import Generation, Usage

SEED = 1
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CARRIED_OVER = re.compile(r"%\d?\$?[sd]\b|\$?\{\w*\}|</?\w+/?>|&(?:amp|lt|gt);|https?://\S+|[\w.]+@\w+\.\w+")
LETTERS = 20  # a sentence with fewer is not judged by its language


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(data: Path) -> None:
    print("| | segments | any flag | which |\n|---|---|---|---|")
    put, found = Counter[str](), Counter[str]()
    languages_found: dict[str, float] = {}
    for path in sorted(data.glob("*-*/*/test.jsonl")):
        source_lang, _, target_lang = path.parent.parent.name.partition("-")
        languages = source_lang, target_lang
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        pairs = [(row["source"], row.get("reference") or row["target"]) for row in rows]
        flags = [flags_of(source, reference, languages) for source, reference in pairs]
        flagged = [its for its in flags if its]
        which = ", ".join(f"`{name}` {count}" for name, count in Counter(sum(flagged, ())).most_common())
        name = f"{path.parent.parent.name} {path.parent.name.replace('_', ' ')}"
        print(f"| {name} | {len(pairs):,} | {len(flagged) / len(pairs):.1%} | {which} |")
        good = [pair for pair, its in zip(pairs, flags, strict=True) if not its]
        random = Random(SEED)
        for source, reference in good:
            for fault, spoilt in faults(reference, random):
                put[fault] += 1
                found[fault] += any(its.startswith("lost_") for its in flags_of(source, spoilt, languages))
        others = [source for source, _ in good if sum(map(str.isalpha, source)) >= LETTERS]
        asked = [(source, random.choice(others)) for source, _ in good]
        wrong = sum("wrong_language" in flags_of(*its, languages) for its in asked if its[0] != its[1])
        languages_found[name] = wrong / sum(its[0] != its[1] for its in asked)
    print("\n| fault | put in | found |\n|---|---|---|")
    for fault in sorted(put):
        print(f"| {fault} | {put[fault]:,} | {found[fault] / put[fault]:.1%} |")
    for name, share in languages_found.items():
        print(f"| another sentence of the source language, {name} | | {share:.1%} |")


def flags_of(source: str, text: str, languages: tuple[str, str]) -> tuple[str, ...]:
    return check(source, text, Generation(text, "stop", Usage(0, 0, 0.0)), languages)


def faults(reference: str, random: Random) -> Iterator[tuple[str, str]]:
    """Each with what it is, and the reference that has it."""
    for its in CARRIED_OVER.finditer(reference):
        spoilt = reference[: its.start()] + reference[its.end() :]
        yield "placeholder, tag, entity or address taken out", spoilt
    for its in NUMBER.finditer(reference):
        number, before, behind = its.group(), reference[: its.start()], reference[its.end() :]
        size = "to 20" if number.isdigit() and int(number) <= 20 else "above 20, or with separators"
        yield f"number {size}, taken out", before + behind
        at = random.choice([i for i, sign in enumerate(number) if sign.isdigit()])
        digit = (int(number[at]) + random.randint(1, 9)) % 10
        yield f"number {size}, a digit changed", f"{before}{number[:at]}{digit}{number[at + 1 :]}{behind}"


if __name__ == "__main__":
    main()
