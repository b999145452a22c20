"""Which of a few texts has which n-gram, as arrays: what re-ranking by overlap counts with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mtprompt.selection.index.arrays import Doubles, Int64s
from mtprompt.text.tokens import selection_tokens


def lower_tokens(text: str, language: str) -> list[str]:
    """Selection tokens in lower case, as BM25 compares them."""
    return [token.lower() for token in selection_tokens(text, language)]


@dataclass(frozen=True, slots=True)
class Incidence:
    """N-grams by number, and who has them; numbers depend on the order of texts and tokens alone.

    Attributes:
        rows: The text of each entry.
        columns: The n-gram of each entry; a text and an n-gram have one entry at most.
        counts: How often the text has it.
        weights: For each n-gram the mean weight of its words.
    """

    rows: Int64s
    columns: Int64s
    counts: Int64s
    weights: Doubles

    @classmethod
    def of(
        cls, texts: Sequence[Sequence[str]], weigh: Callable[[str], float], max_order: int = 1
    ) -> Incidence:
        """Numbers the n-grams of 1 to ``max_order`` tokens.

        Args:
            texts: The tokens of each text.
            weigh: The weight of a token.
            max_order: The length of the longest n-grams.
        """
        numbers: dict[str, int] = {}
        words = np.array([numbers.setdefault(t, len(numbers)) for text in texts for t in text], np.int64)
        text_of = np.repeat(np.arange(len(texts)), np.array([len(text) for text in texts], np.int64))
        word_weights = np.array([weigh(word) for word in numbers], np.float64)[words]

        rows, columns, counts, weights = [], [], [], []
        starts, codes, size = np.arange(words.size), words, len(numbers)
        sums, before = word_weights, 0
        for n in range(1, max_order + 1):
            if n > 1:  # an n-gram is the one of n − 1 words that starts where it does, and a word more
                fits = starts + n - 1 < words.size
                fits[fits] = text_of[starts[fits]] == text_of[starts[fits] + n - 1]
                starts, last = starts[fits], starts[fits] + n - 1
                known, codes = np.unique(codes[fits] * len(numbers) + words[last], return_inverse=True)
                sums, size = sums[fits] + word_weights[last], known.size
                if not size:
                    break
            entries, its_counts = np.unique(text_of[starts] * size + codes, return_counts=True)
            rows.append(entries // max(size, 1))
            columns.append(entries % max(size, 1) + before)
            counts.append(its_counts)
            means = np.empty(size)
            means[codes] = sums / n
            weights.append(means)
            before += size
        return cls(*map(np.concatenate, (rows, columns, counts, weights)))
