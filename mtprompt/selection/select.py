"""From a strategy's value to in-context examples in the order of the prompt."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from mtprompt.errors import ConfigError
from mtprompt.registry import Registry
from mtprompt.segments import Example
from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Selector
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.spec import Concat, Node, Strategy, TopUp, parse

STRATEGIES = Registry(
    "selection strategy",
    "mtprompt.selectors",
    {
        "zero": "mtprompt.selection.zero:Zero",
        "random": "mtprompt.selection.random:RandomSelector",
        "first": "mtprompt.selection.first:FirstSelector",
        "fixed": "mtprompt.selection.fixed:FixedSelector",
        "length": "mtprompt.selection.length:LengthSelector",
        "bm25": "mtprompt.selection.bm25:BM25Selector",
        "rbm25": "mtprompt.selection.rbm25:RBM25Selector",
        "fuzzy": "mtprompt.selection.fuzzy:FuzzySelector",
        "chrf": "mtprompt.selection.chrf:ChrfSelector",
        "dense": "mtprompt.selection.dense:DenseSelector",
        "coverage": "mtprompt.selection.coverage:CoverageSelector",
        "mmr": "mtprompt.selection.mmr:MMRSelector",
        "dpp": "mtprompt.selection.dpp:DPPSelector",
        "task": "mtprompt.selection.task:TaskSelector",
    },
)

# In the prompt, an example nearer to the query weighs more with most models.
ORDERS: dict[str, Callable[[list[Example]], list[Example]]] = {
    "best_last": lambda ranked: ranked[::-1],
    "best_first": lambda ranked: ranked,
}
DEFAULT_ORDER = "best_last"


class Selection:
    """A whole strategy, ready to select.

    Args:
        strategy: For instance ``rbm25@4|random(seed=1)@4``.
        pool: What is chosen from.
        order: ``best_last`` or ``best_first``, applied inside each part of a concatenation.

    Raises:
        ConfigError: For an unknown strategy, option or order, or a value out of range.
    """

    def __init__(self, strategy: str, pool: Pool, order: str = DEFAULT_ORDER) -> None:
        if order not in ORDERS:
            raise ConfigError(f"unknown order {order!r}. Known: {', '.join(ORDERS)}")
        self._node = parse(strategy)
        self._pool = pool
        self._order = ORDERS[order]
        self._selectors: dict[int, Selector] = {}
        self._build(self._node)

    def __str__(self) -> str:
        return str(self._node)

    def largest_k(self) -> int:
        """The largest number of examples that any part asks for."""
        return max((node.k or 0) for node in _strategies(self._node))

    def select(self, queries: Sequence[Query]) -> list[list[Example]]:
        """Examples for each query in the order of the prompt, without repeated pairs.

        ``rank`` counts over the whole list: the first part of a concatenation is the strongest,
        a top-up the weakest of its part.
        """
        results = []
        for parts in self._parts(self._node, queries):
            examples: list[Example] = []
            seen: set[int] = set()
            for part in parts:
                ranked = []
                for choice in part:
                    if choice.index not in seen:
                        seen.add(choice.index)
                        ranked.append(Example(self._pool.pairs[choice.index], choice.score, len(seen)))
                examples += self._order(ranked)
            results.append(examples)
        return results

    def _build(self, node: Node) -> None:
        for strategy in _strategies(node):
            factory = STRATEGIES.load(strategy.name)
            known = [p for p in inspect.signature(factory).parameters if p not in ("pool", "k")]
            for option in strategy.options:
                if option not in known:
                    near = get_close_matches(option, known, n=1)
                    hint = f" Did you mean {near[0]!r}?" if near else ""
                    options = ", ".join(known) or "none"
                    raise ConfigError(
                        f"{strategy.name} has no option {option!r}.{hint} Its options: {options}"
                    )
            self._selectors[id(strategy)] = factory(self._pool, strategy.k, **strategy.options)

    def _parts(self, node: Node, queries: Sequence[Query]) -> list[list[list[Choice]]]:
        """For each query its parts, each a ranked list."""
        if isinstance(node, Strategy):
            return [[ranked] for ranked in self._selectors[id(node)].select(queries)]
        each = [self._parts(part, queries) for part in node.parts]
        if isinstance(node, Concat):
            return [[part for parts in together for part in parts] for together in zip(*each, strict=True)]
        wanted = _wanted(node.parts[0])
        return [_top_up(list(together), wanted) for together in zip(*each, strict=True)]


def _strategies(node: Node) -> list[Strategy]:
    if isinstance(node, Strategy):
        return [node]
    return [strategy for part in node.parts for strategy in _strategies(part)]


def _wanted(node: Node) -> int:
    """How many examples a node was asked for."""
    if isinstance(node, Strategy):
        return node.k or 0
    if isinstance(node, TopUp):
        return _wanted(node.parts[0])
    return sum(_wanted(part) for part in node.parts)


def _top_up(alternatives: list[list[list[Choice]]], wanted: int) -> list[list[Choice]]:
    """The first alternative, its last part filled up from the others to ``wanted`` examples."""
    parts = [list(part) for part in alternatives[0]]
    seen = {choice.index for part in parts for choice in part}
    for choice in (choice for parts in alternatives[1:] for part in parts for choice in part):
        if len(seen) >= wanted:
            break
        if choice.index not in seen:
            seen.add(choice.index)
            parts[-1].append(choice)
    return parts
