"""``--hints auto``: what an earlier search for the hint policy found, else a new search."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

from mtprompt.cache import cache_dir
from mtprompt.corpus.dev import dev_fingerprint
from mtprompt.dictionary.choice import Decision, decide, decision_of, policies
from mtprompt.dictionary.policy import FEWEST, UNHINTED, AutoPolicy, HintPolicy, parse_policy
from mtprompt.errors import ConfigError
from mtprompt.kept import KeptFile
from mtprompt.prompting.builder import Draft
from mtprompt.prompting.styles import STYLES, Block
from mtprompt.scoring.load import metric_version
from mtprompt.segments import Hint, Segment, Translation
from mtprompt.selection.trials.holdout import draw_dev
from mtprompt.version import __version__

if TYPE_CHECKING:
    from mtprompt.retrieval import Retrieval
    from mtprompt.trial import TranslatorTrial

_FORMAT = 3  # another one when the search or its file changes, so that older decisions are not used

_HINT = Hint("term", ("translation",), (0, 4), "term", ("auxiliary",))
_SHOWN = (Block("example", "its translation", (_HINT,)), Block("term", None, (_HINT,)))


def choose_hints(retrieval: Retrieval, auto: AutoPolicy, trial: TranslatorTrial) -> HintPolicy:
    """The policy that :func:`~mtprompt.dictionary.choice.decide` finds, or found before.

    A decision is kept in the user's cache and used again until the model or its prompt, the
    strategy, pool, dictionaries, dev set or an option changes; beside the run's store lies a copy
    with its table.

    Args:
        retrieval: Gives the examples, whose own pool gives nothing of a dev segment away, and the hints.
        auto: The options of the search.
        trial: Translates.

    Raises:
        ConfigError: If nothing is kept and ``trial`` is dry.
        BackendError: If the model fails.
    """
    dev = draw_dev(retrieval.pool, auto.dev, auto.seed, trial.dev)
    if len(dev) < FEWEST:
        trial.report(
            f"hints: none ({len(dev)} dev segments are too few to prove that hints help; {FEWEST} are "
            "needed, and --dev FILE gives them)"
        )
        return UNHINTED
    tried = policies(bool(retrieval.auxiliary))
    settings = {
        "format": _FORMAT,
        "auto": str(auto),
        "policies": list(map(str, tried)),
        "dev": dev_fingerprint(dev),
        "retrieval": {k: v and str(v) for k, v in retrieval.signature_parts().items() if k != "hints"},
        "trial": trial.identity,
        "wordings": [STYLES[policy.style].wording(_SHOWN, trial.languages) for policy in tried],
        "scorer": metric_version(auto.metric),
        "versions": [__version__, *map(version, ("simplemma", "nltk", "regex"))],
    }
    file = KeptFile(cache_dir("hints"), settings) if trial.folder else None
    kept = file.read(decision_of) if file else None
    if kept is None:
        if trial.dry:
            raise ConfigError(
                "the hint policy was not chosen yet with these settings, and a dry run generates nothing: "
                "run it without --dry-run first"
            )
        if trial.dev is None:
            trial.report(
                "hints: dev segments are taken out of the pool; a dictionary induced from this very pool "
                "would look better on them than it is: then give a dev set of your own"
            )
        kept = _search(retrieval, auto, trial, dev, tried)
        if file:
            file.write(asdict(kept))
        for line in kept.lines():
            trial.report(line)
    else:
        trial.report(f"hints: {kept.policy}, as decided before ({file.path if file else ''})")
    if trial.store_folder:
        KeptFile(trial.store_folder / "hints", settings).write(asdict(kept))
    return parse_policy(kept.policy)


def _search(
    retrieval: Retrieval,
    auto: AutoPolicy,
    trial: TranslatorTrial,
    dev: list[Segment],
    tried: list[HintPolicy],
) -> Decision:
    unhinted = retrieval.on_dev(dev)
    drafts: dict[HintPolicy, dict[Segment, Draft]] = {}
    different: dict[tuple[str, ...], HintPolicy] = {}
    for policy in tried:  # one that writes what another writes would only take its place among the finalists
        wording = STYLES[policy.style].wording
        hinted = retrieval.hinted(unhinted, policy)
        drafts[policy] = dict(zip(dev, hinted, strict=True))
        different.setdefault(tuple(wording(d.blocks(), trial.languages) for d in hinted), policy)

    def translate(jobs: list[tuple[HintPolicy, Segment]], what: str) -> list[Translation]:
        return trial.translate_drafts([drafts[policy][segment] for policy, segment in jobs], what)

    return decide(auto, dev, list(different.values()), translate, retrieval.languages[1])
