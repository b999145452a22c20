"""What holds for every strategy that re-ranks BM25's candidates and leaves none out."""

from __future__ import annotations

from hypothesis import strategies as st

from mtprompt.selection.pool import Pool
from mtprompt.selection.protocol import Selector
from mtprompt.selection.query import Choice, Query

SIZE = 30


def sources_of(words: list[str]) -> list[str]:
    """Thirty sources of one to five words, with repetitions."""
    return [" ".join(words[(i * j) % 6] for j in range(1, 2 + i % 5)) for i in range(SIZE)]


def queries_of(words: list[str]) -> st.SearchStrategy[list[Query]]:
    text = st.lists(st.sampled_from([*words, "neu", "ROT"]), max_size=8).map(" ".join)
    excluded = st.frozensets(st.integers(0, SIZE - 1), max_size=6)
    return st.lists(st.builds(Query, text, excluded), min_size=1, max_size=5)


def check(
    selector: Selector, pool: Pool, queries: list[Query], k: int, candidates: int
) -> list[list[Choice]]:
    """Choices are unique, candidates, not excluded, as many as can be, and independent of the batch."""
    results = selector.select(queries)
    assert len(results) == len(queries)
    retrieved = pool.candidates(queries, candidates)
    for query, choices, offered in zip(queries, results, retrieved, strict=True):
        places = [choice.index for choice in choices]
        assert len(places) == len(set(places)) == min(k, len(offered))
        assert set(places) <= {choice.index for choice in offered}
        assert not query.excluded & set(places)
    assert [selector.select([query])[0] for query in queries] == results
    assert selector.select(queries[::-1]) == results[::-1]
    return results
