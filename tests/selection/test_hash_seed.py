"""Python hashes strings differently in every process; no selection may depend on it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import random
from mtprompt.corpus.corpus import Corpus
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection

draw = random.Random(5)
text = lambda: " ".join(draw.choices([f"w{i}" for i in range(40)], k=draw.randint(1, 12)))
pool = Pool(Corpus.from_pairs([(text(), text()) for _ in range(150)], "de", "en"))
queries = [Query(text()) for _ in range(30)]
for strategy in ("coverage@8", "coverage(side=both)@8", "mmr@8", "dpp@8"):
    for examples in Selection(strategy, pool).select(queries):
        print(strategy, [(example.pair.id, repr(example.score)) for example in examples])
"""


def selected(seed: int) -> str:
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def first() -> str:
    return selected(1)


@pytest.mark.parametrize("seed", [2, 3])
def test_another_hash_seed_changes_no_choice_and_no_score(first: str, seed: int) -> None:
    assert len(first.splitlines()) == 4 * 30
    assert selected(seed) == first
