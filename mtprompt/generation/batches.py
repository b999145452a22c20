"""Prompts cut into batches of like length, so that little is padded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_MAX_TOKENS = 16_384  # items × longest prompt of a batch; a single prompt may be longer


def batches_by_length(
    lengths: Sequence[int], limits: Sequence[int], batch_size: int, max_tokens: int = _MAX_TOKENS
) -> Iterator[list[int]]:
    """Indices in batches, the longest first, so that a memory problem shows at once.

    Args:
        lengths: Prompt tokens of each item.
        limits: New tokens that each may have; a batch shares one limit.
        batch_size: Items in a batch at most.
        max_tokens: Items × longest prompt of a batch at most.
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-limits[i], -lengths[i], i)):
        if batch and (
            len(batch) >= batch_size
            or limits[i] != limits[batch[0]]
            or lengths[batch[0]] * (len(batch) + 1) > max_tokens
        ):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
