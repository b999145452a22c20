"""R-BM25's re-ranking in plain Python, line by line as the paper has it: the measure of the compiled one.

Slow, obvious, and independent of the package: tests compare selections with it, benchmarks speed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence


def ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def plain_recall(
    source: Sequence[str],
    candidates: Sequence[Sequence[str]],
    k: int,
    weight: float = 0.1,
    threshold: float = 1.0,
    residual: bool = False,
) -> list[int]:
    s = [{g: float(count) for g, count in ngrams(source, n).items()} for n in (1, 2, 3, 4)]
    q = [[ngrams(candidate, n) for n in (1, 2, 3, 4)] for candidate in candidates]
    chosen: list[int] = []
    while len(chosen) < min(k, len(candidates)):
        best, best_score = -1, 0.0
        for number, candidate in enumerate(q):
            score = recall(s, candidate) if number not in chosen else 0.0
            if score > best_score:
                best, best_score = number, score
        if best < 0 or best_score < threshold:
            break
        chosen.append(best)
        for weights, held in zip(s, q[best], strict=True):
            for g in weights:
                if g in held and residual:
                    weights[g] -= (1 - weight) * min(weights[g], held[g])
                elif g in held:
                    weights[g] *= weight
    return chosen


def recall(s: list[dict[tuple[str, ...], float]], q: list[Counter[tuple[str, ...]]]) -> float:
    logs, zeros, matched_any = [], 0, False
    for weights, held in zip(s, q, strict=True):
        total = matched = 0.0
        for g, count in weights.items():
            total += count
            if g in held:
                matched += min(count, held[g])
        if total == 0:
            break
        if matched == 0:
            zeros += 1
            logs.append(math.log(100.0 / (2**zeros * total)))
        else:
            matched_any = True
            logs.append(math.log(100.0 * matched / total))
    if not matched_any:
        return 0.0
    total_log = 0.0
    for log in logs:  # sum() of floats is another sum from Python 3.12 on
        total_log += log
    return math.exp(total_log / len(logs))
