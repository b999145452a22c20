"""The folder that a sweep leaves: what every cell was, scored and cost, and each of its segments.

::

    manifest.json              what was run, with which versions and files, on which machine
    results.jsonl              a row a cell
    segments/CELL.jsonl.gz     a row a segment: source, translation, reference, examples, prompt, scores

Each file is written beside its place and then renamed, so that a killed sweep leaves whole files only;
``docs/sweeps.md`` has the schema.
"""

from __future__ import annotations

import gzip
import inspect
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from mtprompt.corpus.jsonl import parse_rows
from mtprompt.errors import ConfigError, DataError
from mtprompt.experiment.record import DONE, FAILED, FORMAT, CellResult, Costs, Manifest, Results, Score
from mtprompt.version import __version__
from mtprompt.whole_file import write_whole

MANIFEST, RESULTS, SEGMENTS, LOCK = "manifest.json", "results.jsonl", "segments", ".lock"

_Read = TypeVar("_Read")


class OtherFormat(DataError):
    """Results that another version of mtprompt wrote."""


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Keeps other processes from writing results into a folder, which is made, as long as this one does.

    Raises:
        ConfigError: If another process writes there now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(folder / LOCK).acquire(timeout=0)  # the system frees it, however a process ends
    except Timeout:
        raise ConfigError(
            f"{folder}: another sweep is at work there; wait for it, or name another folder with -o"
        ) from None
    with held:
        yield


def read_results(folder: str | Path) -> Results:
    """Reads what a sweep left, finished or not.

    Raises:
        OtherFormat: If another version wrote them.
        DataError: If there are none, or the manifest is damaged; a damaged row costs its own cell alone.
    """
    folder = Path(folder)
    manifest = _read_manifest(folder)
    path = folder / RESULTS
    cells, damaged = [], []
    # a file may end within a character
    content = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
    for line in enumerate(content.split("\n"), start=1):
        try:
            for number, row in parse_rows(iter([(*line, "\n")]), str(path)):
                cells.append(_parsed(cell_of, row, f"{path}:{number}"))
        except DataError as error:
            damaged.append(str(error))
    return Results(folder, manifest, tuple(cells), tuple(damaged))


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{folder}: no results of a sweep there ({MANIFEST} is missing); "
            f"make them with: mtprompt sweep SWEEP.yaml -o {folder}"
        ) from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: damaged ({error}); run the sweep again") from None
    written = content.get("format") if isinstance(content, dict) else None
    if written != FORMAT:
        version = content.get("mtprompt") if isinstance(content, dict) else None
        raise OtherFormat(
            f"{folder}: results of format {written}, written by mtprompt {version}; mtprompt {__version__} "
            f"reads format {FORMAT}: run the sweep again into another folder, or use that version"
        )
    try:
        return _parsed(lambda its: _known(Manifest, its), content, str(path))
    except DataError as error:
        raise DataError(f"{error}; run the sweep again") from None


def _known(kind: Callable[..., _Read], content: Mapping[str, Any]) -> _Read:
    """A record of the fields that it has; those that a newer version wrote besides are passed over."""
    return kind(**{name: content[name] for name in inspect.signature(kind).parameters if name in content})


def _parsed(parse: Callable[[dict[str, Any]], _Read], row: dict[str, Any], place: str) -> _Read:
    try:
        return parse(row)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{place}: no row of a sweep's results ({error})") from None


def cell_of(row: Mapping[str, Any]) -> CellResult:
    """The cell that a row holds; fields that are not known are passed over.

    Raises:
        KeyError: Or TypeError or ValueError, for a row that is none.
    """
    source, target = row["languages"]
    usage = row["usage"]
    if row["status"] not in (DONE, FAILED):
        raise ValueError(f"status {row['status']!r}")
    return CellResult(
        str(row["cell"]),
        dict(row["axes"]),
        (str(source), str(target)),
        row["where"],
        row["status"],
        row["error"],
        int(row["segments"]),
        {name: _score_of(score) for name, score in row["scores"].items()},
        None if usage is None else _known(Costs, usage),
        dict(row["flags"]),
        row["hints"],
        row.get("policy"),
        int(row["excluded"]),
        row["profile"],
        str(row["signature"]),
        str(row["key"]),
        dict(row.get("unscored") or {}),
    )


def _score_of(score: Mapping[str, Any]) -> Score:
    its = _known(Score, score)
    if not isinstance(its.score, int | float):
        raise ValueError(f"score {its.score!r}")
    return replace(its, warnings=tuple(map(str, its.warnings)))


def read_segments(folder: str | Path, cell: str) -> Iterator[dict[str, Any]]:
    """The segments of a cell, in the order of the test set.

    A row has what ``translate --jsonl`` writes (``docs/rows.md``) and ``reference``, ``domain``, ``prompt``
    (the whole text, null where nothing was sent) and ``scores``, a number by metric. Of a hypothesis file
    it has ``id``, ``source``, ``translation``, ``flags`` and these.

    Raises:
        DataError: If the file is missing or damaged.
    """
    path = segments_file(folder, cell)
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
            for number, line in enumerate(stream, start=1):
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise DataError(f"{path}:{number}: not a JSON object")
                yield row
    except FileNotFoundError:
        raise DataError(f"{path}: missing; run the sweep again, which makes what is not there") from None
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise DataError(f"{path}: damaged ({error}); delete it and run the sweep again") from None


def segments_file(folder: str | Path, cell: str) -> Path:
    """Where the segments of a cell are."""
    return Path(folder) / SEGMENTS / f"{cell}.jsonl.gz"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes it, whole or not at all."""
    write_whole(
        folder / MANIFEST, (json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n").encode()
    )


def write_results(folder: Path, cells: Iterable[CellResult]) -> None:
    """Writes all rows that there are by now, whole or not at all."""
    rows = (json.dumps(asdict(cell), ensure_ascii=False) + "\n" for cell in cells)
    write_whole(folder / RESULTS, "".join(rows).encode("utf-8", "replace"))


def write_segments(folder: Path, cell: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes a cell's segments, whole or not at all; the same rows give the same bytes."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_whole(segments_file(folder, cell), gzip.compress(text.encode("utf-8", "replace"), mtime=0))
