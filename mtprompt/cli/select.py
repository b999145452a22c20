"""``mtprompt select``: examples and hints without a model."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import click

from mtprompt.cli.inputs import (
    files_in_options,
    load_retrieval_files,
    say_all_inverted,
    say_matches,
    say_pool_limits,
)
from mtprompt.cli.options import config_option, file_options, retrieval_options

_CHUNK = 256


@click.command()
@file_options
@retrieval_options
@config_option
def select(
    source: str,
    out: str,
    file_format: str,
    limit: int | None,
    **settings: Any,
) -> None:
    """Choose examples and hints for each segment of IN and write them as JSON rows.

    \b
    Example:
      mtprompt select in.txt -o rows.jsonl --from de --to en --pool pool.jsonl --select rbm25@4
    """
    from mtprompt.cli.output import check_writable, open_output
    from mtprompt.cli.progress import count_lines, progress
    from mtprompt.corpus.segments import read_segments
    from mtprompt.retrieval import Retrieval
    from mtprompt.rows import selection_row
    from mtprompt.signature import signature
    from mtprompt.version import __version__

    check_writable(out, source, *files_in_options(settings))
    segments = (segment for segment, _ in islice(read_segments(source, file_format), limit))
    first = list(islice(segments, _CHUNK))
    opened = load_retrieval_files(settings)
    say_all_inverted(settings, opened, [segment.source for segment in first])
    retrieval = Retrieval(**opened)
    retrieval.align(progress)
    say_pool_limits(retrieval.selection.largest_k(), opened["pool"])
    described = signature({**retrieval.signature_parts(), "mtprompt": __version__})

    def drafts() -> Any:
        pending = first
        while pending:
            yield from retrieval.drafts(pending)
            pending = list(islice(segments, _CHUNK))

    with progress("select", count_lines(source, limit)) as advance, open_output(out) as stream:
        for draft in drafts():
            advance(1)
            row = json.dumps(selection_row(draft, described), ensure_ascii=False) + "\n"
            stream.write(row.encode("utf-8", "backslashreplace"))  # a file's name may be no UTF-8
    say_matches(retrieval)
    click.echo(f"signature: {described}", err=True)
