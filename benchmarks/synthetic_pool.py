"""A pool of any size: real pairs repeated with seeded word swaps and altered words."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüß"


def vary(text: str, rng: random.Random) -> str:
    """Two words change places; of a hundred words one has a letter replaced, so that the vocabulary grows."""
    words = text.split()
    if len(words) > 1:
        a, b = rng.randrange(len(words)), rng.randrange(len(words))
        words[a], words[b] = words[b], words[a]
    for at, word in enumerate(words):
        if rng.random() < 0.01:
            place = rng.randrange(len(word))
            words[at] = word[:place] + rng.choice(LETTERS) + word[place + 1 :]
    return " ".join(words)


def synthetic_rows(data: Path, size: int, seed: int = 1) -> Iterator[dict[str, str]]:
    """``size`` rows from the German-English pools of the data folder; the first round is unchanged."""
    real = [
        json.loads(line)
        for pool in sorted(data.glob("de-en/*/pool.jsonl"))
        for line in pool.open(encoding="utf-8")
    ]
    rng = random.Random(seed)
    rng.shuffle(real)
    for number in range(size):
        row = real[number % len(real)]
        source, target = row["source"], row["target"]
        if number >= len(real):
            source, target = vary(source, rng), vary(target, rng)
        yield {"id": str(number), "source": source, "target": target, "domain": row["domain"]}


def write_pool(data: Path, size: int, path: Path) -> None:
    """Writes a pool of ``size`` pairs, unless it is there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        for row in synthetic_rows(data, size):
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    part.replace(path)
