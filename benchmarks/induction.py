"""Dictionaries induced from pools, held against general ones; prints Markdown.

A right entry may well be missing from a general dictionary (on software help about three of four that are
"wrong" are right), so the shares compare settings and are no precision.

Example:
    python benchmarks/induction.py --data DATA
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import click

from mtprompt.corpus.corpus import read_pairs
from mtprompt.dictionary.alignment.align import STAGES, BestLinks, Model, Stage, align
from mtprompt.dictionary.alignment.align_kernel import INDEPENDENT, PRODUCT
from mtprompt.dictionary.alignment.bitext import Bitext
from mtprompt.dictionary.alignment.eflomal import align_by_eflomal
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.forms import EXACT, LEMMA, form
from mtprompt.dictionary.induce import MIN_COUNT, MIN_PROBABILITY, Aligner, Induced, induce
from mtprompt.dictionary.read import read_entries
from mtprompt.experiment.manifest import machine
from mtprompt.segments import Pair
from mtprompt.text.tokens import words

Languages = tuple[str, str]
CHOSEN_ON = ("de-en", "software_help")
LOOKED_AT = (("de-en", "medical"), ("en-sw", "medical"))


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--sample", type=int, help="Instead, print this many entries of each pool, drawn at random.")
def main(data: Path, sample: int | None) -> None:
    if sample:
        print_samples(data, sample)
        return
    print(f"{machine()}\n\n### Aligners, {'/'.join(CHOSEN_ON)}\n")
    print("| aligner | CPU seconds | min. probability | terms | known terms | best right | entries right |")
    print("|---|---|---|---|---|---|---|")
    remembered: dict[str, Remembered] = {}
    for name, aligner in aligners().items():
        its = remembered[name] = Remembered(aligner)
        took = f"{seconds(data, CHOSEN_ON, its):.1f}"
        for probability in (0.4, 0.6):
            row(
                data, CHOSEN_ON, name, took, str(probability), aligner=its, min_probability=probability
            )  # fmt: skip
    print(f"\n### Thresholds, {'/'.join(CHOSEN_ON)}\n")
    print("| min. probability | min. count | terms | known terms | best right | entries right |")
    print("|---|---|---|---|---|---|")
    for probability in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        for count in (2, 3, 5):
            options = {"min_probability": probability, "min_count": count}
            row(data, CHOSEN_ON, str(probability), str(count), aligner=remembered["built-in"], **options)
    print(f"\n### Other pools, at {MIN_PROBABILITY} and {MIN_COUNT}\n")
    print("| pool | pairs | terms | known terms | best right | entries right |\n|---|---|---|---|---|---|")
    for pool in LOOKED_AT:
        row(data, pool, "/".join(pool), f"{len(pairs_of(data, pool)):,}")


def aligners() -> dict[str, Aligner]:
    """From the simplest to the built-in one, and eflomal where it is installed."""

    def staged(*stages: Stage) -> Aligner:
        return lambda bitext, _: Model.train(bitext, None, stages).best_links()

    found: dict[str, Aligner] = {
        "IBM model 1": staged(Stage(False, INDEPENDENT, 8)),
        "IBM model 1, agreeing": staged(Stage(False, PRODUCT, 8)),
        "HMM": staged(Stage(False, INDEPENDENT, 4), Stage(True, INDEPENDENT, 4)),
        "HMM, agreeing by the product": staged(Stage(False, PRODUCT, 4), Stage(True, PRODUCT, 4)),
        "built-in": staged(*STAGES),
    }
    return found | ({"eflomal": align_by_eflomal} if find_spec("eflomal") else {})


class Remembered:
    """An aligner that aligns the same pairs once."""

    def __init__(self, aligner: Aligner) -> None:
        self._aligner = aligner
        self._links: BestLinks | None = None

    def __call__(self, bitext: Bitext, _: object) -> BestLinks:
        """The links."""
        self._links = self._links or self._aligner(bitext, None)
        return self._links


def seconds(data: Path, pool: Languages, aligner: Aligner) -> float:
    """Processor seconds for the alignment, those of child processes included."""
    bitext = Bitext.of_pairs(pairs_of(data, pool), languages_of(pool))
    align(
        Bitext.of_pairs(pairs_of(data, pool)[:2], languages_of(pool))
    )  # compiles, or loads what is compiled
    before = sum(os.times()[:4])
    aligner(bitext, None)
    return sum(os.times()[:4]) - before


@cache
def pairs_of(data: Path, pool: Languages) -> list[Pair]:
    return list(read_pairs(data.joinpath(*pool, "pool.jsonl"), *languages_of(pool)))


def languages_of(pool: Languages) -> Languages:
    source, target = pool[0].split("-")
    return source, target


def row(data: Path, pool: Languages, *cells: str, aligner: Aligner = align, **options: float) -> None:
    languages = languages_of(pool)
    induced = partial(induce, pairs_of(data, pool), *languages, aligner=aligner)(**options)  # type: ignore[arg-type]
    terms = len({entry.term for entry in induced.entries})
    known, best, every = right_shares(induced, general(data, languages), languages)
    print(
        "|", " | ".join([*cells, f"{terms:,}", f"{known:,}", f"{best:.1%}", f"{every:.1%}"]), "|", flush=True
    )


@cache
def general(data: Path, languages: Languages) -> dict[str, set[str]]:
    """The general dictionary: each form of a term to all forms of its translations."""
    found: dict[str, set[str]] = defaultdict(set)
    path = data / "dictionaries" / f"{'-'.join(languages)}.tsv"
    for entry in read_entries(path, languages, []):
        for term in forms(entry.term, languages[0]):
            found[term] |= forms(entry.translation.removeprefix("to "), languages[1])
    return found


def forms(text: str, language: str) -> set[str]:
    """A text by the words' base forms, and without regard to case alone."""
    return {" ".join(form(word, language, level) for word, _ in words(text)) for level in (LEMMA, EXACT)}


def right_shares(
    induced: Induced, known: dict[str, set[str]], languages: Languages
) -> tuple[int, float, float]:
    """Single-word terms that the dictionary has; how often it has the best, and how often any translation."""
    firsts: dict[str, bool] = {}
    every = []
    for entry in induced.entries:
        listed = set().union(*(known.get(term, ()) for term in forms(entry.term, languages[0])))
        if listed and len(words(entry.term)) == 1:
            every.append(bool(listed & forms(entry.translation, languages[1])))
            firsts.setdefault(entry.term, every[-1])
    return len(firsts), share(firsts.values()), share(every)


def share(verdicts: Iterable[bool]) -> float:
    given = list(verdicts)
    return sum(given) / max(len(given), 1)


def print_samples(data: Path, size: int) -> None:
    """Entries to be looked at by a person."""
    import random

    for pool in (CHOSEN_ON, *LOOKED_AT):
        entries: Sequence[Entry] = induce(pairs_of(data, pool), *languages_of(pool)).entries
        print(f"\n### {'/'.join(pool)}\n")
        for entry in random.Random(1).sample(entries, min(size, len(entries))):
            print(f"{entry.term} = {entry.translation} ({entry.weight})")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
