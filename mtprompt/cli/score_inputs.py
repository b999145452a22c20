"""What ``mtprompt score`` reads: systems, references and sources, brought together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.errors import ConfigError, DataError

if TYPE_CHECKING:
    from mtprompt.rows import HintRow
    from mtprompt.scoring.hint_use import HintUse
    from mtprompt.scoring.protocol import SystemOutput

_FIELDS = ("translation",)
Row = tuple[int, dict[str, Any]]  # a line's number and what stands there


@dataclass(frozen=True)
class System:
    """A file of translations.

    Attributes:
        name: What it is called in tables.
        path: The file.
        output: Its translations with what they are compared with.
        flags: Counts of the flags that ``translate --jsonl`` wrote.
    """

    name: str
    path: str
    output: SystemOutput
    flags: dict[str, int]


def read_systems(
    paths: Sequence[str], baseline: str | None, references: Sequence[str], sources: str | None
) -> list[System]:
    """Reads all files; the baseline comes first.

    Args:
        paths: Of the systems.
        baseline: The name or file of one of them, or another file; None for the first.
        references: Files.
        sources: A file; None to take what ``.jsonl`` translations say.

    Raises:
        ConfigError: For a baseline that is neither a system nor a file, or a system that is there twice.
        DataError: For a file that cannot be used, or numbers of segments that differ.
    """
    from mtprompt.corpus.columns import read_column, texts_of
    from mtprompt.corpus.references import read_references
    from mtprompt.scoring.protocol import SystemOutput

    paths = _in_order(paths, baseline)
    names = _names(paths)
    files = [_rows(path) for path in paths]
    texts = [
        texts_of(rows, _FIELDS, path) if rows is not None else read_column(path, _FIELDS)
        for path, rows in zip(paths, files, strict=True)
    ]
    expected = read_references(references) if references else [()] * len(texts[0])
    source_texts = read_column(sources, ("source",)) if sources else _sources_in(files)
    for path, its in ((references[0] if references else "", expected), (sources or paths[0], source_texts)):
        for system, hypotheses in zip(paths, texts, strict=True):
            if its is not None and len(its) != len(hypotheses):
                turned = its is expected and {len(row) for row in expected} == {len(hypotheses)}
                raise DataError(
                    f"{system} has {len(hypotheses):,} segments and {path or paths[0]} has {len(its):,}"
                    + ("; its rows hold a reference of every segment, not those of one" if turned else "")
                )
    systems = []
    for name, path, hypotheses, rows in zip(names, paths, texts, files, strict=True):
        _say_empty(path, hypotheses, expected)
        output = SystemOutput(hypotheses, expected, source_texts, _hints(rows or (), path))
        systems.append(System(name, path, output, _flags(rows or (), path)))
    return systems


def hint_use(system: System, target_lang: str | None) -> HintUse | None:
    """What became of the hints that ``translate --jsonl`` wrote; None if it wrote none.

    The rows' own verdicts are not read: they are of the reference that was known then.
    """
    from mtprompt.scoring.hint_scores import uses_of_hints
    from mtprompt.scoring.hint_use import HintUse

    if not any(row.given or row.required for row in system.output.rows or ()):
        return None
    if not target_lang:
        # without base forms the same rows would give other numbers
        click.echo("Note: give --to CODE to see what became of the hints", err=True)
        return None
    return sum(uses_of_hints(system.output, target_lang), HintUse())


def _in_order(paths: Sequence[str], baseline: str | None) -> list[str]:
    doubled = next((path for i, path in enumerate(paths) if path in paths[:i]), None)
    if doubled:
        raise ConfigError(f"--hyp {doubled} is there twice")
    if baseline is None:
        return list(paths)
    names = dict(zip(_names(paths), paths, strict=True))
    first = baseline if baseline in paths else names.get(baseline, baseline)
    if first not in paths and not Path(first).is_file():
        raise ConfigError(f"--baseline {baseline} is no file and none of the systems: {', '.join(names)}")
    return [first, *(path for path in paths if path != first)]


def _names(paths: Sequence[str]) -> list[str]:
    """File names without their ending, as far as they differ."""
    short = [Path(path).stem or path for path in paths]
    count = Counter(short)
    return [name if count[name] == 1 else path for name, path in zip(short, paths, strict=True)]


def _rows(path: str) -> list[Row] | None:
    from mtprompt.corpus.jsonl import read_rows
    from mtprompt.corpus.segments import is_jsonl

    return list(read_rows(Path(path))) if is_jsonl(path) else None


def _sources_in(files: Sequence[Sequence[Row] | None]) -> list[str] | None:
    """The sources that stand beside the translations of the first file of rows that has them all."""
    for rows in files:
        found = [row.get("source") for _, row in rows or ()]
        texts = [text for text in found if isinstance(text, str)]
        if found and len(texts) == len(found):
            return texts
    return None


def _say_empty(path: str, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> None:
    empty = sum(
        not text.strip() and any(map(str.strip, its))
        for text, its in zip(hypotheses, references, strict=True)
    )
    if empty:
        click.echo(f"Warning: {path}: {empty:,} of {len(hypotheses):,} translations are empty", err=True)


def _flags(rows: Sequence[Row], path: str) -> dict[str, int]:
    names: Counter[str] = Counter()
    for number, row in rows:
        flags = row.get("flags") or []
        if not isinstance(flags, list) or not all(isinstance(name, str) for name in flags):
            raise DataError(f"{path}:{number}: field 'flags' must be a list of strings")
        names.update(flags)
    return dict(names.most_common())


def _hints(rows: Sequence[Row], path: str) -> list[HintRow] | None:
    """What the rows say of hints, be there none; None if they are not of ``translate --jsonl``."""
    from mtprompt.rows import read_hints

    hints = [read_hints(row, f"{path}:{number}") for number, row in rows]
    return hints if any("hints" in row for _, row in rows) else None
