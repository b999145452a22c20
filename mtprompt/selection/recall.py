"""Greedy re-ranking by n-gram recall with down-weighting of what is covered ("R-BM25").

Source: Agrawal, Zhou, Lewis, Zettlemoyer, Ghazvininejad 2022, "In-context Examples Selection for
Machine Translation", arXiv 2212.02437, section 3.2 and algorithm 1. With S the n-gram counts of
the source and Q those of a candidate, the score is the geometric mean, over the orders 1 to 4 that
the source has, of the recall ``100 · Σ min(S, Q) / ΣS``, smoothed for orders without a match as
sacreBLEU does it (``exp``). The best candidate is taken and its n-grams weigh less from then on:

* ``paper``: ``S[g] ← λ · S[g]`` for each n-gram g of the example;
* ``residual``: ``S[g] ← S[g] − (1 − λ) · min(S[g], Q[g])``, which takes off only as many as the
  example has (the two differ where the source repeats an n-gram).

Sums run in order of first occurrence and comparisons are exact: near-ties decide some cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mtprompt.registry import did_you_mean
from mtprompt.selection.index.arrays import Doubles, Int32s, Int64s

MODES = ("paper", "residual")


def check_mode(mode: str) -> str:
    """``paper`` or ``residual``.

    Raises:
        ConfigError: If it is anything else.
    """
    if mode not in MODES:
        raise did_you_mean("mode of rbm25", str(mode), list(MODES))
    return mode


def select_by_recall(
    source: Sequence[str],
    candidates: Sequence[Sequence[str]],
    *,
    k: int,
    weight: float = 0.1,
    threshold: float = 1.0,
    mode: str = "paper",
) -> list[tuple[int, float]]:
    """Chooses candidates greedily by their recall of the source's still uncovered n-grams.

    Args:
        source: Tokens of the text to translate.
        candidates: Tokens of each candidate's source, best first as retrieval ranked them.
        k: How many to choose at most.
        weight: λ, what is left of an n-gram's weight once an example covers it.
        threshold: The score below which choosing stops.
        mode: ``paper`` or ``residual``.

    Returns:
        ``(candidate index, score when chosen)`` in order of choice; ties go to the earlier
        candidate; a candidate without a shared n-gram is never chosen, whatever the threshold.
    """
    known: dict[str, int] = {}
    tokens = [known.setdefault(token, len(known)) for candidate in candidates for token in candidate]
    vocabulary_size = len(known)
    query = [known.setdefault(token, len(known)) for token in source]
    chosen, scores, found = choose_by_recall(
        np.array(query, np.int32),
        np.array([0, len(query)], np.int64),
        np.arange(len(candidates), dtype=np.int32)[None],
        np.array([len(candidates)], np.int64),
        np.array(tokens, np.int32),
        np.cumsum([0, *map(len, candidates)]),
        vocabulary_size,
        k=k,
        weight=weight,
        threshold=threshold,
        mode=mode,
    )
    return list(zip(chosen[0, : found[0]].tolist(), scores[0].tolist(), strict=False))


def choose_by_recall(
    query_tokens: Int32s,
    query_starts: Int64s,
    candidates: Int32s,
    candidate_counts: Int64s,
    tokens: Int32s,
    starts: Int64s,
    vocabulary_size: int,
    *,
    k: int,
    weight: float,
    threshold: float,
    mode: str,
) -> tuple[Int32s, Doubles, Int64s]:
    """:func:`select_by_recall` for many queries over arrays of token ids.

    Args:
        query_tokens: Token ids of all queries; ids from ``vocabulary_size`` on are in no document.
        query_starts: Where each query's tokens begin, and the end.
        candidates: Each query's candidate documents, best first (queries × candidates).
        candidate_counts: How many of them each query has.
        tokens: Token ids of all documents.
        starts: Where each document's tokens begin, and the end.
        vocabulary_size: One more than the largest token id in a document.
        k: How many to choose at most.
        weight: λ.
        threshold: The score below which choosing stops.
        mode: ``paper`` or ``residual``.

    Returns:
        For each query the places of the chosen among its candidates, their scores (both
        queries × k) and how many there are.
    """
    from mtprompt.selection import recall_kernel

    queries, width = candidates.shape
    shape = (queries, min(k, width))
    chosen, scores, found = np.zeros(shape, np.int32), np.zeros(shape), np.zeros(queries, np.int64)
    recall_kernel.choose_by_recall(
        query_tokens, query_starts, candidates, candidate_counts, tokens, starts, vocabulary_size,
        weight, threshold, check_mode(mode) == "residual", chosen, scores, found,
    )  # fmt: skip
    return chosen, scores, found
