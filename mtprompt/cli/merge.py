"""``mtprompt merge``: the parts of a file that was translated in shards, put together."""

from __future__ import annotations

import click


@click.command()
@click.argument("source", metavar="IN")
@click.argument("parts", metavar="PART...", nargs=-1, required=True)
@click.option(
    "-o", "--output", "out", default="-", metavar="OUT", help="Where to.  [default: standard output]"
)
@click.option("--format", "file_format", default="auto", metavar="FORMAT", help="Of IN: text or jsonl.")
def merge(source: str, parts: tuple[str, ...], out: str, file_format: str) -> None:
    """Join the translations of all shards of IN, in their order, and check that nothing is missing.

    JSON rows are checked by their ids. Of plain lines only the number is: their order is yours to mind.

    \b
    Example:
      mtprompt translate in.txt --shard 1/2 -o 1.txt …
      mtprompt translate in.txt --shard 2/2 -o 2.txt …
      mtprompt merge in.txt 1.txt 2.txt -o out.txt
    """
    from mtprompt.cli.output import check_writable, open_output
    from mtprompt.corpus.segments import is_jsonl
    from mtprompt.corpus.shards import merged

    check_writable(out, source, *parts)
    with open_output(out) as stream:
        for line in merged(source, parts, file_format):
            stream.write(line)
    if len(parts) > 1 and not is_jsonl(parts[0]):
        click.echo(
            "Note: plain lines have no ids: there are as many as there should be, but whether the parts "
            "stand in their order was not checked (parts of .jsonl are)",
            err=True,
        )
