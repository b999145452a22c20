"""The sample: as large, as clean and as fair as the demo says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import regex
from nltk.util import ngrams

from mtprompt import Corpus, Dictionary
from mtprompt.selection.ngrams import ngram_counts

DOMAINS = ("leaflet", "software")


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def four_grams(text: str) -> Counter[tuple[str, ...]]:
    return Counter(ngrams(regex.findall(r"\w+|[^\w\s]", text.lower()), 4))


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_its_pool_test_and_glossary(root: Path, domain: str) -> None:
    folder = root / "benchmarks" / "sample" / domain
    pool, test = rows(folder / "pool.jsonl"), rows(folder / "test.jsonl")
    assert len(pool) >= 120 and len(test) >= 24
    assert len({row["id"] for row in pool + test}) == len(pool) + len(test)
    assert len({row["source"] for row in pool + test}) == len(pool) + len(test)
    assert all(row["reference"].strip() for row in test)
    assert len(Corpus.load(folder / "pool.jsonl", "de", "en")) == len(pool)
    glossary = Dictionary.load(root / "dictionaries" / f"{domain}.de-en.tsv", "de", "en")
    assert len(glossary) >= 80 and glossary.problems == ()


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("other", DOMAINS)
def test_no_test_sentence_shares_more_than_half_of_its_4_grams_with_one_pool_pair(
    root: Path, domain: str, other: str
) -> None:
    sample = root / "benchmarks" / "sample"
    pool = [four_grams(row["source"]) for row in rows(sample / other / "pool.jsonl")]
    for row in rows(sample / domain / "test.jsonl"):
        grams = four_grams(row["source"])
        if grams:
            shared = max((grams & candidate).total() for candidate in pool)
            assert shared <= grams.total() / 2, row["source"]


def test_our_n_grams_are_those_of_nltk() -> None:
    tokens = ["wenn", "Sie", "die", "Datei", "öffnen", ",", "wenn", "Sie", "die", "Datei", "schließen"]
    for order in range(1, 5):
        assert ngram_counts(tokens, order) == Counter(ngrams(tokens, order))
