"""``mtprompt corpus profile``: what the pairs of a pool are like, or the examples that a strategy picked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mtprompt.errors import ConfigError, DataError

if TYPE_CHECKING:
    from mtprompt.experiment.profile import Measure
    from mtprompt.segments import Pair


@click.command(short_help="Describe POOLs: quality, diversity, complexity.")
@click.argument("pools", metavar="POOL", nargs=-1, required=True)
@click.option("--from", "source_lang", required=True, metavar="CODE", help="Source language: de.")
@click.option("--to", "target_lang", required=True, metavar="CODE", help="Target language: en.")
@click.option("--pool-target", metavar="FILE", help="The target side of two text files.")
@click.option(
    "--sample",
    type=click.IntRange(min=2, max=5000),
    default=1000,
    show_default=True,
    help="Pairs that are measured at most, drawn at random.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the draw.")
@click.option(
    "--frequent-words",
    metavar="FILE",
    help="Words by frequency; those after the first 500 are rare.  [default: those of the first POOL]",
)
@click.option("--encoder", metavar="NAME", help="A sentence encoder, for diversity by meaning.")
@click.option("--qe", metavar="METRIC", help="A metric without references, such as comet:MODEL.")
@click.option(
    "--back-translate", metavar="MODEL", help="Translate targets back and compare with the sources (slow)."
)
@click.option(
    "--perplexity", metavar="MODEL", help="A model of transformers that says how hard it finds the sources."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def profile(
    pools: tuple[str, ...],
    source_lang: str,
    target_lang: str,
    pool_target: str | None,
    sample: int,
    seed: int,
    frequent_words: str | None,
    encoder: str | None,
    qe: str | None,
    back_translate: str | None,
    perplexity: str | None,
    as_json: bool,
) -> None:
    """Describe the pairs of one POOL or more, side by side: quality, diversity, complexity.

    A POOL may also be what translate --jsonl or select wrote: then it is the examples that were picked.
    Of several, as many pairs are measured as the smallest has. docs/profile.md says what each figure is.

    \b
    Example:
      mtprompt corpus profile medical.jsonl news.jsonl --from de --to en
      mtprompt corpus profile picked.jsonl --from de --to en --frequent-words words.txt
    """
    from mtprompt.dictionary.frequency import read_frequent_words
    from mtprompt.experiment.profile import frequent_types, profile_examples, profile_pairs
    from mtprompt.text.languages import language_pair

    languages = language_pair(source_lang, target_lang)
    if pool_target and len(pools) > 1:
        raise ConfigError("--pool-target belongs to one POOL; describe others by themselves")
    described = [_read(path, languages, pool_target) for path in pools]
    sample = min(sample, *(its.size for its in described))
    if frequent_words is not None:
        frequent = read_frequent_words(Path(frequent_words), languages[0])
    else:
        frequent = frequent_types((pair.source for pair in described[0].pairs), languages[0])
    encode = _encode(encoder) if encoder else None
    profiles = []
    with ExitStack() as models:
        fixed = _estimate(qe, languages, models) if qe else {}
        fixed |= _perplexity(perplexity, models) if perplexity else {}
        for its in described:
            back = _back(back_translate, its.pairs, languages, models) if back_translate else {}
            options: dict[str, Any] = {
                "frequent": frequent,
                "encode": encode,
                "measures": {**fixed, **back},
                "sample": sample,
                "seed": seed,
            }
            if its.picked is None:
                profiles.append(profile_pairs(its.pairs, languages, **options))
            else:
                profiles.append(profile_examples(its.picked, languages, **options))
    if as_json:
        rows = [
            {
                "pool": its.path,
                "pairs": len(its.pairs),
                "measured": sample,
                "seed": seed,
                "figures": figures,
            }
            for its, figures in zip(described, profiles, strict=True)
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        _print(described, profiles, sample, seed)


@dataclass(frozen=True, slots=True)
class _Described:
    """What is described: a pool, or the examples of prompts (``picked``, rows with ``examples``)."""

    path: str
    pairs: list[Pair]
    picked: list[dict[str, Any]] | None = None

    @property
    def size(self) -> int:
        """How many pairs can be measured: of what was picked, one for each prompt."""
        return len(self.pairs) if self.picked is None else sum(bool(row["examples"]) for row in self.picked)


def _read(path: str, languages: tuple[str, str], pool_target: str | None) -> _Described:
    from mtprompt.corpus.corpus import read_pairs
    from mtprompt.corpus.jsonl import pair_of, read_rows
    from mtprompt.corpus.segments import is_jsonl

    if not is_jsonl(path) or "examples" not in next(read_rows(Path(path)), (0, {}))[1]:
        return _Described(path, list(read_pairs(path, *languages, pool_target)))
    picked, pairs = [], []
    for number, row in read_rows(Path(path)):
        place = f"{path}:{number}"
        examples = row.get("examples")
        if not isinstance(examples, list) or not all(isinstance(its, dict) for its in examples):
            raise DataError(f"{place}: field 'examples' must be a list of objects with 'source' and 'target'")
        pairs += [pair_of(its, number, f"{place}: examples") for its in examples]
        picked.append(row)
    if not pairs:
        raise DataError(f"{path}: no prompt has an example, so there is nothing to describe")
    return _Described(path, pairs, picked)


def _encode(name: str) -> Callable[[Sequence[str]], Any]:
    from mtprompt.selection.encoding.encoder import Encoder

    return Encoder(name).encode


def _estimate(metric: str, languages: tuple[str, str], models: ExitStack) -> dict[str, Measure]:
    from mtprompt.experiment.profile_measures import QUALITY_ESTIMATE, quality_estimate
    from mtprompt.scoring.load import closing, load_scorer

    source_lang, target_lang = languages
    scorer = models.enter_context(closing(load_scorer(metric, target_lang, source_lang)))
    return {QUALITY_ESTIMATE: quality_estimate(scorer)}


def _perplexity(model: str, models: ExitStack) -> dict[str, Measure]:
    from functools import partial

    from mtprompt.errors import need_packages
    from mtprompt.experiment.profile_measures import SOURCE_NATS, source_nats
    from mtprompt.generation.local import cuda_available

    need_packages(("torch", "transformers"), "--perplexity", "hf")
    from mtprompt.generation.hf.likelihood import Likelihood
    from mtprompt.generation.models import ModelSource

    likelihood = Likelihood(
        ModelSource(model, partial(click.echo, err=True)), "cuda" if cuda_available() else "cpu"
    )
    models.callback(likelihood.close)
    return {SOURCE_NATS: source_nats(likelihood)}


def _back(
    model: str, pairs: Sequence[Pair], languages: tuple[str, str], models: ExitStack
) -> dict[str, Measure]:
    """With other pairs of the same pool, turned round, as examples."""
    from mtprompt.corpus.corpus import Corpus
    from mtprompt.experiment.profile_measures import BACK_TRANSLATION, back_translation
    from mtprompt.translator import Translator

    source_lang, target_lang = languages
    turned = {(pair.target, pair.source): None for pair in pairs}
    pool = Corpus.from_pairs(turned, target_lang, source_lang)
    translator = Translator(model, target_lang, source_lang, pool=pool, exact_match="exclude")
    return {BACK_TRANSLATION: back_translation(models.enter_context(translator))}


def _print(
    described: Sequence[_Described], profiles: Sequence[dict[str, float]], sample: int, seed: int
) -> None:
    from mtprompt.cli.table import print_table
    from mtprompt.report.numbers import counted

    for its in described:
        what = counted(len(its.pairs), "pair" if its.picked is None else "example")
        picked = "" if its.picked is None else f", picked for {counted(len(its.picked), 'segment')}"
        click.echo(f"{its.path}: {what}{picked}")
    if any(len(its.pairs) > sample for its in described):
        each = " each" if len(described) > 1 else ""
        click.echo(f"measured on {counted(sample, 'pair')}{each}, drawn with seed {seed}")
    click.echo()
    names = dict.fromkeys(name for figures in profiles for name in figures)
    rows = [
        [name, *("–" if (value := its.get(name)) is None else f"{value:.4g}" for its in profiles)]
        for name in sorted(names, key=_in_order)
    ]
    print_table(["FIGURE", *_short_names([its.path for its in described])], rows)


def _in_order(name: str) -> tuple[int, str]:
    kinds = ("quality", "diversity", "complexity")
    return kinds.index(name.partition(".")[0]), name


def _short_names(paths: Sequence[str]) -> list[str]:
    """As much of each path's end as tells it from the others."""
    parts = [Path(path).parts for path in paths]
    for count in range(1, max(map(len, parts))):
        names = ["/".join(its[-count:]) for its in parts]
        if len(set(names)) == len(set(paths)):
            return names
    return list(paths)
