"""Fuzzy matches, as translators know them from translation memories."""

from __future__ import annotations

from collections.abc import Sequence

from mtprompt.selection.options import need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.text.tokens import normalize


class FuzzySelector:
    """``fuzzy(candidates=100)@k``: BM25's candidates with the highest match percentage.

    The score is ``100·(1 − d/max(|s|, |c|))`` for the segment's source s, a candidate c and the
    number d of characters to insert, delete or replace (Levenshtein 1966), both texts normalized
    (NFKC, case folded, white space collapsed): 100 is the same sentence.

    Koehn & Senellart 2010, "Convergence of Translation Memory and Statistical Machine
    Translation", have this formula over words, and commercial tools weight words by rules of
    their own. Counting characters is our choice: an inflected word is then nearly a match and
    Chinese or Thai needs no word boundaries, but percentages are mostly higher than a
    translation memory tool's.

    A source that stands in the pool more than once, in whatever case, is offered once. A text
    that shares no word with the pool gets nothing.
    """

    def __init__(self, pool: Pool, k: int | None, candidates: int = 100) -> None:
        self._pool = pool
        self._k = need_k("fuzzy", k)
        self._candidates = whole_at_least("fuzzy", "candidates", candidates, 1)

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Retrieves for all queries together and re-ranks for each."""
        found = self._pool.candidates(queries, self._candidates)
        return [self._rank(query.source, choices) for query, choices in zip(queries, found, strict=True)]

    def _rank(self, source: str, candidates: Sequence[Choice]) -> list[Choice]:
        from rapidfuzz.distance.Levenshtein import normalized_similarity

        wanted = normalize(source)
        different: dict[str, int] = {}
        for index in sorted(choice.index for choice in candidates):
            different.setdefault(normalize(self._pool.pairs[index].source), index)
        scores = {index: 100 * normalized_similarity(wanted, text) for text, index in different.items()}
        # in pool order so far, and a stable sort keeps it among equals
        best = sorted(scores, key=lambda index: -scores[index])
        return [Choice(index, scores[index]) for index in best[: self._k]]
