"""The same hand-picked examples for every segment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError
from mtprompt.segments import Pair
from mtprompt.selection.near import NearMatches
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.text.tokens import normalize


class FixedSelector:
    """``fixed(file="prompts.jsonl")`` or ``fixed(file=…)@k``: the pairs of a file, in its order.

    The file is read as a pool is (``.jsonl``, ``.tsv``, ``.tmx``), with the pool's languages. Its
    first pair counts as the best: the order ``as_is`` keeps the file's, ``best_last`` turns it
    round. Its pairs may stand in the pool or not, and are shown as the file writes them. One that
    repeats an earlier one (after normalization) is taken once.

    The leak guard holds here too. Where it excludes a pool pair, the same pair in the file is left
    out; where it is on (``query.guarded``), so is every pair with the segment's source or its
    known reference as target, or nearly so where the guard is that wide (``query.near``). With
    ``@k`` the file's next pairs take their place.

    Args:
        pool: What ``+`` and ``|`` may combine these examples with.
        k: How many of the file's pairs at most; all without it.
        file: The examples' file.

    Raises:
        ConfigError: If the file is not named, or its ending is not a pool's.
        DataError: For a file that is missing, empty or malformed.
    """

    def __init__(self, pool: Pool, k: int | None, file: str = "") -> None:
        if not isinstance(file, str) or not file:
            given = f", got {file!r}" if file != "" else ""
            raise ConfigError(
                f'fixed needs a file of examples, for instance fixed(file="prompts.jsonl"){given}'
            )
        self._pool = pool
        self._k = k
        self._near = cache(lambda similarity: NearMatches(Pool(self.examples), similarity))
        try:
            self.examples = Corpus.load(file, *pool.languages)
        except ConfigError:  # says how pools are named on the command line
            raise ConfigError(f"fixed: {file}: a file of examples is .jsonl, .tsv or .tmx") from None

    @property
    def identity(self) -> str:
        """The fingerprint of the file's pairs."""
        return self.examples.fingerprint

    @property
    def size(self) -> int:
        """How many examples are asked for where no number is given."""
        return len(self.examples)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """The file's pairs for each query, without a score."""
        placed = self._placed()
        given_away = self._given_away(queries)
        return [
            [
                choice
                for place, choice, twins in placed
                if place not in near and twins.isdisjoint(query.excluded)
            ][: self._k]
            for query, near in zip(queries, given_away, strict=True)
        ]

    def _placed(self) -> list[tuple[int, Choice, frozenset[int]]]:
        """Each different pair of the file: its place there, and all places where the pool holds the same."""
        pairs = self.examples.pairs
        same_source = self._pool.exact_matches([pair.source for pair in pairs])
        placed: dict[int, tuple[int, Choice, frozenset[int]]] = {}
        for place, (pair, found) in enumerate(zip(pairs, same_source, strict=True)):
            target = normalize(pair.target)
            twins = [i for i in found if normalize(self._pool.pairs[i].target) == target]
            index = twins[0] if twins else _index_outside(pair)
            placed.setdefault(index, (place, Choice(index, None, pair), frozenset(twins)))
        return list(placed.values())

    def _given_away(self, queries: Sequence[Query]) -> list[set[int]]:
        """For each query the places in the file that its leak guard keeps out."""
        found: list[set[int]] = [set() for _ in queries]
        for similarity in {query.near for query in queries if query.guarded}:
            asked = [at for at, q in enumerate(queries) if q.guarded and q.near == similarity]
            near = self._near(similarity).find([(queries[at].source, queries[at].reference) for at in asked])
            for at, places in zip(asked, near, strict=True):
                found[at] = places
        return found


def _index_outside(pair: Pair) -> int:
    """A negative number that depends on the pair's text alone.

    So the same pair in two files (``fixed(file=a)+fixed(file=b)``) is one example, and the first
    pair of one file is not taken for the first of the other, as it would be with line numbers.
    """
    text = f"{normalize(pair.source)}\n{normalize(pair.target)}"
    return -1 - int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
