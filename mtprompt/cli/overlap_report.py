"""The report of ``mtprompt corpus overlap``, one screen for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mtprompt.cli.table import print_table

if TYPE_CHECKING:
    from mtprompt.corpus.overlap import Nearest, NgramOverlap, Overlap, SideOverlap

_SHOWN = 100  # characters of a text


def print_overlap(found: Overlap, similarity: float, examples: int) -> None:
    """Prints the shares of segments and n-grams, and the ``examples`` nearest segments."""
    sides = [side for side in (found.source, found.target) if side is not None]
    references = f"{found.target.segments:,} with a reference" if found.target else "no references"
    click.echo(f"{found.pairs:,} pool pairs, {found.source.segments:,} test segments, {references}\n")
    print_table(
        ["TEST SEGMENTS IN THE POOL", *("SOURCE", "REFERENCE", "BOTH, ONE PAIR")[: 3 if found.target else 1]],
        _segment_rows(found, sides, similarity),
    )
    click.echo()
    print_table(
        [
            "TEST N-GRAMS IN THE POOL",
            *(f"{name} (DIFFERENT ONES)" for name in ("SOURCE", "REFERENCE")[: len(sides)]),
        ],
        [
            [f"{ngrams[0].order}-grams", *map(_ngram_shares, ngrams)]
            for ngrams in zip(*(side.ngrams for side in sides), strict=True)
        ],
    )
    if examples and found.nearest:
        click.echo(f"\nNearest segments ({min(examples, len(found.nearest)):,} of {len(found.nearest):,})")
    for match in found.nearest[:examples]:
        _print_match(match)


def percent(part: int, whole: int) -> str:
    """A share as wide as any other; a dash where there is nothing to share."""
    return f"{100 * part / whole:5.1f} %" if whole else "    –"


def _segment_rows(found: Overlap, sides: list[SideOverlap], similarity: float) -> list[list[str]]:
    def longest(count: Callable[[NgramOverlap], int]) -> list[str]:
        return [_share(count(side.ngrams[-1]), side.ngrams[-1].segments) for side in sides]

    def both(count: int) -> list[str]:
        return [_share(count, found.target.segments)] if found.target else []

    order = found.source.ngrams[-1].order
    rows = [
        ["equal", *(_share(side.equal, side.segments) for side in sides), *both(found.both_equal)],
        [
            f"equal or near (≥ {similarity:g})",
            *(_share(side.near, side.segments) for side in sides),
            *both(found.both_near),
        ],
        [f"all {order}-grams, if {order} tokens", *longest(lambda ngrams: ngrams.segments_all)],
        [f"some {order}-gram, if {order} tokens", *longest(lambda ngrams: ngrams.segments_some)],
    ]
    columns = max(map(len, rows))
    return [row + [""] * (columns - len(row)) for row in rows]


def _ngram_shares(ngrams: NgramOverlap) -> str:
    return f"{percent(ngrams.found, ngrams.count)} ({percent(ngrams.types_found, ngrams.types).strip()})"


def _share(part: int, whole: int) -> str:
    return f"{part:>7,}  {percent(part, whole)}"


def _print_match(match: Nearest) -> None:
    closeness = [
        f"{side} {value:.3f}"
        for side, value in (("source", match.source), ("reference", match.target))
        if value is not None
    ]
    click.echo(f"test {match.segment.id}, pool {match.pair.id}: {', '.join(closeness)}")
    texts = (
        (match.segment.reference or "", match.pair.target)
        if match.source is None
        else (match.segment.source, match.pair.source)
    )
    for name, text in zip(("test", "pool"), texts, strict=True):
        click.echo(f"  {name}: {_short(text)}")


def _short(text: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
