"""From one strategy of a spec to the object that selects."""

from __future__ import annotations

import inspect
from difflib import get_close_matches

from mtprompt.errors import ConfigError
from mtprompt.registry import Registry
from mtprompt.selection.limits import MinScore, ShortSources
from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Selector
from mtprompt.selection.spec import Strategy

STRATEGIES = Registry(
    "selection strategy",
    "mtprompt.selectors",
    {
        "zero": "mtprompt.selection.strategies.zero:Zero",
        "random": "mtprompt.selection.strategies.random:RandomSelector",
        "first": "mtprompt.selection.strategies.first:FirstSelector",
        "fixed": "mtprompt.selection.strategies.fixed:FixedSelector",
        "length": "mtprompt.selection.strategies.length:LengthSelector",
        "bm25": "mtprompt.selection.strategies.bm25:BM25Selector",
        "rbm25": "mtprompt.selection.strategies.rbm25:RBM25Selector",
        "fuzzy": "mtprompt.selection.strategies.fuzzy:FuzzySelector",
        "chrf": "mtprompt.selection.strategies.chrf:ChrfSelector",
        "dense": "mtprompt.selection.strategies.dense:DenseSelector",
        "coverage": "mtprompt.selection.strategies.coverage:CoverageSelector",
        "mmr": "mtprompt.selection.strategies.mmr:MMRSelector",
        "dpp": "mtprompt.selection.strategies.dpp:DPPSelector",
        "task": "mtprompt.selection.strategies.task:TaskSelector",
    },
)

# options that every strategy takes that chooses among a pool's pairs
_GENERAL = ("min_score", "max_source_chars")


def build_selector(strategy: Strategy, pool: Pool) -> Selector:
    """The selector of a strategy.

    Raises:
        ConfigError: For an unknown strategy or option, or a value out of range.
    """
    factory = STRATEGIES.load(strategy.name)
    own = [p for p in inspect.signature(factory).parameters if p not in ("pool", "k")]
    chooses = strategy.name != "fixed"
    known = own + [option for option in _GENERAL if chooses and option not in own]
    for option in strategy.options:
        if option not in known:
            near = get_close_matches(option, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ConfigError(
                f"{strategy.name} has no option {option!r}.{hint} Its options: {', '.join(known) or 'none'}"
            )
    options = {name: value for name, value in strategy.options.items() if name in own}

    def make(pool: Pool) -> Selector:
        selector: Selector = factory(pool, strategy.k, **options)
        return selector

    limits = {name: value for name, value in strategy.options.items() if name not in own}
    selector = (
        ShortSources(strategy.name, pool, make, limits["max_source_chars"])
        if "max_source_chars" in limits
        else make(pool)
    )
    return MinScore(strategy.name, selector, limits["min_score"]) if "min_score" in limits else selector
