"""What the commands share."""

from __future__ import annotations

import click

from_option = click.option(
    "--from", "source_lang", required=True, metavar="CODE", help="Language of the terms: de."
)
to_option = click.option(
    "--to", "target_lang", required=True, metavar="CODE", help="Language of the translations: en."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
