"""From a strategy's value to in-context examples in the order of the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.segments import Example
from mtprompt.selection.borda import merge_ranks
from mtprompt.selection.build import build_selector
from mtprompt.selection.limits import unlimited
from mtprompt.selection.order import DEFAULT_ORDER, parse_order
from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Identified, Searching
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.spec import Borda, Concat, Node, Strategy, TopUp, parse, strategies_of
from mtprompt.selection.trials.trial import Trial


class Selection:
    """A whole strategy, ready to select.

    Args:
        strategy: For instance ``rbm25@4|random(seed=1)@4``.
        pool: What is chosen from.
        order: ``best_last``, ``best_first``, ``as_is`` or ``random(seed=1)``, applied inside each part
            of a concatenation.

    Raises:
        ConfigError: For an unknown strategy, option or order, or a value out of range.
    """

    def __init__(self, strategy: str, pool: Pool, order: str = DEFAULT_ORDER) -> None:
        self._order = parse_order(order)
        self._node = parse(strategy)
        self._pool = pool
        self._selectors = {
            id(strategy): build_selector(strategy, pool) for strategy in strategies_of(self._node)
        }

    def __str__(self) -> str:
        return str(self._node)

    def largest_k(self) -> int:
        """The largest number of examples that any part asks for."""
        return _largest_k(self._node)

    @property
    def names(self) -> set[str]:
        """The names of all strategies in it."""
        return {strategy.name for strategy in strategies_of(self._node)}

    @property
    def identities(self) -> list[str]:
        """What identifies the files and models that its strategies use."""
        inner = map(unlimited, self._selectors.values())
        return [selector.identity for selector in inner if isinstance(selector, Identified)]

    @property
    def searches(self) -> bool:
        """Whether a strategy finds its examples by translating, so that :meth:`prepare` has work."""
        return any(isinstance(unlimited(selector), Searching) for selector in self._selectors.values())

    def prepare(self, trial: Trial) -> None:
        """Lets those strategies search that find their examples by translating."""
        for selector in self._selectors.values():
            if isinstance(selector, Searching):
                selector.prepare(trial)

    def select(self, queries: Sequence[Query]) -> list[list[Example]]:
        """Examples for each query in the order of the prompt, without repeated pairs.

        ``rank`` counts over the whole list: the first part of a concatenation is the strongest,
        a top-up the weakest of its part.
        """
        results = []
        pairs = self._pool.pairs
        for query, parts in zip(queries, self._parts(self._node, queries), strict=True):
            examples: list[Example] = []
            seen: set[int] = set()
            for part in parts:
                ranked = []
                for choice in part:
                    if choice.index not in seen:
                        seen.add(choice.index)
                        pair = choice.pair or pairs[choice.index]
                        ranked.append(Example(pair, choice.score, len(seen)))
                examples += self._order(ranked, query.source)
            results.append(examples)
        return results

    def _parts(self, node: Node, queries: Sequence[Query]) -> list[list[list[Choice]]]:
        """For each query its parts, each a ranked list."""
        if isinstance(node, Strategy):
            return [[ranked] for ranked in self._selectors[id(node)].select(queries)]
        each = [self._parts(part, queries) for part in node.parts]
        combined = zip(*each, strict=True)
        if isinstance(node, Concat):
            return [[part for parts in together for part in parts] for together in combined]
        if isinstance(node, Borda):
            return [[merge_ranks([_flat(parts) for parts in together], node.k)] for together in combined]
        wanted = self._wanted(node.parts[0])
        return [_top_up(list(together), wanted) for together in combined]

    def _wanted(self, node: Node) -> int:
        """How many examples a node was asked for."""
        if isinstance(node, Strategy):
            size: int = getattr(unlimited(self._selectors[id(node)]), "size", 0)
            return node.k or size
        if isinstance(node, Borda):
            return node.k
        if isinstance(node, TopUp):
            return self._wanted(node.parts[0])
        return sum(map(self._wanted, node.parts))


def _largest_k(node: Node) -> int:
    if isinstance(node, Strategy | Borda):
        return node.k or 0
    return max(map(_largest_k, node.parts))


def _top_up(alternatives: list[list[list[Choice]]], wanted: int) -> list[list[Choice]]:
    """The first alternative, its last part filled up from the others to ``wanted`` examples."""
    parts = [list(part) for part in alternatives[0]]
    seen = {choice.index for part in parts for choice in part}
    for choice in (choice for other in alternatives[1:] for choice in _flat(other)):
        if len(seen) >= wanted:
            break
        if choice.index not in seen:
            seen.add(choice.index)
            parts[-1].append(choice)
    return parts


def _flat(parts: list[list[Choice]]) -> list[Choice]:
    return [choice for part in parts for choice in part]
