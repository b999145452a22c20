"""Prompts cut into batches of like length, so that little is padded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_MAX_TOKENS = 16_384  # items × longest prompt of a batch; a single prompt may be longer


def batches_by_length(
    lengths: Sequence[int], batch_size: int, *, spread: int | None = None, max_tokens: int = _MAX_TOKENS
) -> Iterator[list[int]]:
    """Indices in batches, the longest first, so that a memory problem shows at once.

    Args:
        lengths: Prompt tokens of each item.
        batch_size: Items in a batch at most.
        spread: Tokens by which the lengths within a batch may differ; None for any.
        max_tokens: Items × longest prompt of a batch at most.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and (
            len(batch) >= batch_size
            or (spread is not None and lengths[batch[0]] - lengths[i] > spread)
            or lengths[batch[0]] * (len(batch) + 1) > max_tokens
        ):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
