"""How fast a dictionary of half a million entries is compiled, opened and matched; prints Markdown.

Example:
    python benchmarks/dictionary_speed.py --data DATA
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from random import Random

import click

from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.match import Matcher
from mtprompt.experiment.manifest import machine

ENTRIES = 500_000
SENTENCES = 5_000


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(data: Path) -> None:
    with (data / "de-en" / "software_help" / "pool.jsonl").open(encoding="utf-8") as stream:
        texts = [json.loads(next(stream))["source"] for _ in range(2 * SENTENCES)]
    print("| what | seconds | |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder  # compiled anew, and nothing is left behind
        path = Path(folder) / "large.tsv"
        write_large(data / "dictionaries" / "de-en.tsv", path)
        for name in ("compiled, the first time", "opened, every later time"):
            started = time.perf_counter()
            dictionary = Dictionary.load(path, "de", "en")
            print(f"| {name} | {time.perf_counter() - started:.2f} | {len(dictionary):,} terms |")
        matcher = Matcher(dictionary)
        for name, part in (("first", texts[:SENTENCES]), ("next", texts[SENTENCES:])):
            started = time.perf_counter()
            found = sum(len(matcher.match(text)) for text in part)
            seconds = time.perf_counter() - started
            rate = f"{SENTENCES / seconds:,.0f} sentences/s, {found / SENTENCES:.1f} terms each"
            print(f"| the {name} {SENTENCES:,} sentences matched, one core | {seconds:.2f} | {rate} |")
    print(f"\n{machine()}")


def write_large(path: Path, large: Path) -> None:
    """Real entries, repeated with a letter of the term changed, so that the vocabulary is as large."""
    lines = path.read_text(encoding="utf-8").splitlines()
    random = Random(1)
    with large.open("w", encoding="utf-8") as stream:
        for number in range(ENTRIES):
            term, _, translation = lines[number % len(lines)].partition("\t")
            if number >= len(lines):
                at = random.randrange(len(term))
                term = f"{term[:at]}{random.choice('aeioubdglmnrst')}{term[at + 1 :]}"
            stream.write(f"{term}\t{translation}\n")


if __name__ == "__main__":
    main()
