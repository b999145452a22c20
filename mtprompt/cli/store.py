"""``mtprompt store``: what is kept of earlier generations."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False)
)


@click.group()
def store() -> None:
    """Look into a store of generations, and take old ones out.

    A run keeps every answer of a model in .mtprompt beside its output (else in the user's cache), so that
    nothing is generated twice.

    \b
    Example:
      mtprompt store info .mtprompt
      mtprompt store prune .mtprompt --older-than 30
    """


@store.command()
@_FOLDER
def info(folder: Path | None) -> None:
    """Say what the store in DIR holds, by model; without DIR, the store in the user's cache."""
    from mtprompt.cli.table import print_table
    from mtprompt.store_contents import kept

    place = _place(folder)
    found = kept(place)
    rows = [
        (
            its.model,
            f"{its.answers:,}",
            f"{its.prompt_tokens:,}",
            f"{its.completion_tokens:,}",
            f"{its.seconds:,.0f}",
            its.first[:10],
            its.last[:10],
        )
        for its in found
    ]
    print_table(("MODEL", "ANSWERS", "TOKENS IN", "TOKENS OUT", "SECONDS", "FROM", "TO"), rows)
    size = sum(path.stat().st_size for path in place.glob("generations.sqlite*"))
    click.echo(f"\n{place}: {sum(its.answers for its in found):,} answers, {size / 1e6:.1f} MB")


@store.command()
@_FOLDER
@click.option("--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Only answers of that age.")
@click.option("--model", metavar="NAME", help="Only answers of one model, as store info names it.")
@click.option("--all", "everything", is_flag=True, help="All answers.")
@click.option("--dry-run", is_flag=True, help="Only say how many.")
def prune(
    folder: Path | None, older_than: float | None, model: str | None, everything: bool, dry_run: bool
) -> None:
    """Take answers out of the store in DIR; without DIR, of the store in the user's cache."""
    from mtprompt.errors import ConfigError
    from mtprompt.store_contents import kept, prune

    if everything == (older_than is not None or model is not None):
        raise ConfigError("name what is to go: --older-than DAYS, --model NAME, or --all")
    place = _place(folder)
    known = [its.model for its in kept(place)]
    if model is not None and model not in known:
        from mtprompt.registry import did_you_mean

        raise did_you_mean("model in this store", model, known)
    count = prune(place, older_than, model, dry=dry_run)
    click.echo(f"{place}: {count:,} answers {'would be' if dry_run else 'were'} taken out")


def _place(folder: Path | None) -> Path:
    from mtprompt.cache import cache_dir

    return cache_dir("store") if folder is None else folder
