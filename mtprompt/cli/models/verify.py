"""``mtprompt models verify``: up to which length an engine answers as transformers does."""

from __future__ import annotations

import click


@click.command()
@click.argument("model")
@click.option(
    "--reference",
    metavar="NAME",
    help="The same model for transformers: a folder, a hub id.  [default: what MODEL names]",
)
@click.option("--device", default="auto", show_default=True, metavar="DEVICE", help="auto, cpu or cuda.")
def verify(model: str, reference: str | None, device: str) -> None:
    """Compare an engine's greedy answers with those of transformers in float32.

    Prompts of about 50 to 2,000 tokens are asked one by one and together. What was found of ct2 is kept
    in the cache, and prompts are made to fit it; of another engine it is said, and no more.

    \b
    Example:
      mtprompt models verify ct2:gemma-3-270m
    """
    from mtprompt.cli.table import print_table
    from mtprompt.errors import BackendError
    from mtprompt.generation.ct2.backend import CT2Backend
    from mtprompt.generation.load import load_backend
    from mtprompt.generation.local import cuda_available
    from mtprompt.generation.models import ModelSource
    from mtprompt.generation.spec import parse_model
    from mtprompt.generation.verification.compare import LARGEST_GAP, compare_with_transformers
    from mtprompt.generation.verification.verified import verified_file, write_verified

    backend = load_backend(model, device=device)
    where = "cuda" if device != "cpu" and cuda_available() else "cpu"
    source = ModelSource(reference or parse_model(model).name, lambda line: click.echo(line, err=True))
    converted = isinstance(backend, CT2Backend)
    most = source.context if converted else min(backend.context, source.context)
    found = compare_with_transformers(
        source,
        where,
        # what it is trusted with so far must not hide what it can do
        backend.answers if isinstance(backend, CT2Backend) else backend.generate,
        backend.count_tokens,
        context=most,
        progress=lambda line: click.echo(line, err=True),
    )
    backend.close()
    if converted:
        write_verified(verified_file(source.cached, backend.identity, where), found)
    rows = [
        (
            f"{length.tokens:,}",
            f"{length.single.share:.0%}",
            f"{length.batched.share:.0%}",
            f"{length.single.gap:.2f}",
            f"{length.batched.gap:.2f}",
            "right" if length.right else "wrong",
        )
        for length in found.lengths
    ]
    print_table(("TOKENS", "ALIKE ALONE", "IN A BATCH", "GAP ALONE", "IN A BATCH", "VERDICT"), rows)
    click.echo(
        f"\nAgainst {found.reference}. Tokens: of prompt and answer. Alike: an answer's tokens that the "
        f"reference\nwould have chosen, too, after those before them. Gap: nats a token by which it would "
        f"rather have had\nanother; up to {LARGEST_GAP:g} is rounding."
    )
    if found.context == 0:
        kept = ", so it is not used" if converted else ""
        raise BackendError(f"{backend.name}: its answers are wrong at any length{kept}")
    if found.context == most:
        click.echo(f"{backend.name}: right at every length that was tried")
        return
    kept = "; prompts are kept within them" if converted else ", to which prompts are not made to fit"
    click.echo(f"{backend.name}: right up to {found.context:,} tokens of {most:,}{kept}")
