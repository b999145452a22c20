"""What the commands share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mtprompt.cli.output import check_writable, open_output
from mtprompt.errors import ConfigError

if TYPE_CHECKING:
    from mtprompt.dictionary.entry import Entry

from_option = click.option(
    "--from", "source_lang", required=True, metavar="CODE", help="Language of the terms: de."
)
to_option = click.option(
    "--to", "target_lang", required=True, metavar="CODE", help="Language of the translations: en."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
output_option = click.option(
    "-o", "--output", "out", default="-", metavar="OUT", help="Where to, as .tsv.  [default: standard output]"
)


def check_output(out: str, *inputs: str | None) -> None:
    """Finds an impossible output before any work; a file must end in .tsv or .tab.

    Raises:
        ConfigError: If it cannot be written, is an input, or has another ending.
    """
    check_writable(out, *inputs)
    if out != "-" and Path(out).suffix.lower() not in (".tsv", ".tab"):
        raise ConfigError(f"{out}: TSV is written; name it {Path(out).with_suffix('.tsv')}")


def write_output(entries: Iterable[Entry], out: str) -> None:
    """Writes entries as TSV."""
    from mtprompt.dictionary.write import write_tsv

    with open_output(out) as stream:
        write_tsv(entries, stream)
