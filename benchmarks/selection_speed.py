"""How fast selection is, each figure beside what it is compared with, in one run; prints Markdown.

Example:
    python benchmarks/selection_speed.py --data DATA
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
from plain_recall import plain_recall
from synthetic_pool import vary, write_pool

from mtprompt.cores import usable_cores
from mtprompt.experiment.manifest import machine
from mtprompt.selection.index.index import QueryTokens
from mtprompt.selection.pool import Pool, in_threads
from mtprompt.selection.query import Query
from mtprompt.selection.select import Selection
from mtprompt.text.tokens import selection_tokens

K, CANDIDATES = 4, 100


@click.group(invoke_without_command=True)
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--work", default="build/speed", show_default=True, type=click.Path(path_type=Path))
@click.option("--queries", default=10_000, show_default=True)
@click.option("--sizes", default="10000,100000,1000000", show_default=True, help="Pools of the growth table.")
def main(data: Path, work: Path, queries: int, sizes: str) -> None:
    if click.get_current_context().invoked_subcommand:
        return
    folder = data / "de-en" / "software_help"
    work = work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}\n")
    whole_process(folder, work, queries)
    in_process(folder)
    growth(data.resolve(), work, [int(size) for size in sizes.split(",")])


def median_seconds(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def test_sources(folder: Path, size: int) -> list[str]:
    """The test set's sources, then again with words swapped and altered, so that all are different."""
    real = [json.loads(line)["source"] for line in (folder / "test.jsonl").open(encoding="utf-8")]
    rng = random.Random(7)
    return [real[i] if i < len(real) else vary(real[i % len(real)], rng) for i in range(size)]


def whole_process(folder: Path, work: Path, queries: int) -> None:
    """``mtprompt select`` from the outside, and rank_bm25 with plain-Python re-ranking."""
    pool = folder / "pool.jsonl"
    asked = work / "queries.jsonl"
    with asked.open("w", encoding="utf-8") as stream:
        for source in test_sources(folder, queries):
            stream.write(json.dumps({"source": source}, ensure_ascii=False) + "\n")

    def select(limit: int) -> None:
        command = f"-m mtprompt select {asked} -o {work / 'rows.jsonl'} --from de --to en --pool {pool}"
        arguments = [*command.split(), "--select", f"rbm25@{K}", "--limit", str(limit)]
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    select(1)  # the index and the compiled code are there from now on
    startup = median_seconds(lambda: select(1), 3)
    whole = median_seconds(lambda: select(queries), 3)
    ours = (whole - startup) / queries

    from rank_bm25 import BM25Okapi

    sources = [json.loads(line)["source"] for line in pool.open(encoding="utf-8")]
    tokens = [selection_tokens(source, "de") for source in sources]
    okapi = BM25Okapi([[token.lower() for token in document] for document in tokens])

    def plain(source: str) -> None:
        query = selection_tokens(source, "de")
        best = np.argsort(-okapi.get_scores([token.lower() for token in query]), kind="stable")[:CANDIDATES]
        plain_recall(query, [tokens[i] for i in best], K)

    few = test_sources(folder, 30)
    started = time.perf_counter()
    for source in few:
        plain(source)
    theirs = (time.perf_counter() - started) / len(few)
    print(f"## rbm25@{K}, {len(sources):,} pairs, {queries:,} different queries, whole process\n")
    print("| | seconds a query | queries/s |\n|---|---|---|")
    print(f"| `mtprompt select`, after a start-up of {startup:.2f} s | {ours:.6f} | {1 / ours:,.0f} |")
    print(f"| rank_bm25 + plain Python, {len(few)} queries | {theirs:.4f} | {1 / theirs:,.1f} |")
    print(f"| ratio | {theirs / ours:,.0f} | |\n")


def in_process(folder: Path) -> None:
    """Re-ranking and BM25 alone against their counterparts, then where the time goes."""
    import logging

    import bm25s

    from mtprompt.selection.recall import choose_by_recall

    logging.getLogger("bm25s").setLevel(logging.WARNING)
    pool = Pool.load(folder / "pool.jsonl", "de", "en")
    index = pool.index
    queries = [Query(source) for source in test_sources(folder, 1000)]
    encoded = pool.encode(queries, index)
    docs, _, counts = pool.top(queries, encoded, index, CANDIDATES, slice(0, len(queries)))

    print("## Re-ranking alone, one thread, same candidates\n")
    print("| k | plain Python, ms a query | compiled, ms a query | ratio | same selections |")
    print("|---|---|---|---|---|")
    few = 100
    candidates = [its[:n] for its, n in zip(docs[:few].tolist(), counts[:few], strict=True)]
    texts = [[selection_tokens(pool.pairs[i].source, "de") for i in its] for its in candidates]
    sources = [selection_tokens(query.source, "de") for query in queries[:few]]
    for k in (4, 16):

        def compiled(k: int = k) -> list[list[int]]:
            chosen, _, found = choose_by_recall(
                encoded.tokens, encoded.starts, docs, counts, index.tokens, index.starts, len(index.lower),
                k=k, weight=0.1, threshold=1.0, mode="paper",
            )  # fmt: skip
            return [its[:n].tolist() for its, n in zip(chosen, found, strict=True)]

        fast = median_seconds(compiled) / len(queries)
        started = time.perf_counter()
        plain = [plain_recall(source, its, k) for source, its in zip(sources, texts, strict=True)]
        slow = (time.perf_counter() - started) / few
        same = sum(a == b for a, b in zip(plain, compiled(), strict=False))
        print(f"| {k} | {slow * 1e3:.2f} | {fast * 1e3:.4f} | {slow / fast:,.0f} | {same} of {few} |")

    lowered = [
        [index.lower[t] for t in index.tokens[a:b]]
        for a, b in zip(index.starts, index.starts[1:], strict=False)
    ]
    theirs = bm25s.BM25(method="lucene", k1=1.5, b=0.75, backend="numba")
    theirs.index((lowered, index.vocabulary), show_progress=False)
    ids = [
        encoded.terms[a:b].tolist()
        for a, b in zip(encoded.term_starts, encoded.term_starts[1:], strict=False)
    ]

    def by_bm25s() -> object:
        return theirs.retrieve(ids, k=CANDIDATES, show_progress=False, n_threads=usable_cores())

    def by_us() -> None:
        bm25_alone(pool, queries, encoded, distinct=False)

    by_bm25s()
    seconds = [(median_seconds(by_us, 1), median_seconds(by_bm25s, 1)) for _ in range(7)]
    us, them = (statistics.median(column) / len(queries) for column in zip(*seconds, strict=True))
    print(f"\n## BM25 alone, best {CANDIDATES}, turn about\n")
    print("| mtprompt, ms a query | bm25s (numba), ms a query | ratio |\n|---|---|---|")
    print(f"| {us * 1e3:.3f} | {them * 1e3:.3f} | {us / them:.2f} |\n")
    where_the_time_goes(folder, pool)


def bm25_alone(pool: Pool, queries: Sequence[Query], encoded: QueryTokens, *, distinct: bool = True) -> None:
    """The best candidates of all queries, on all cores, as arrays."""

    def retrieve(part: slice) -> None:
        pool.top(queries, encoded, pool.index, CANDIDATES, part, distinct=distinct)

    in_threads(retrieve, len(queries))


def where_the_time_goes(folder: Path, pool: Pool) -> None:
    """Each step of ``mtprompt select`` with ``rbm25@4`` by itself, on the same queries."""
    from mtprompt.retrieval import Retrieval
    from mtprompt.rows import selection_row
    from mtprompt.segments import Segment

    sources = test_sources(folder, 2000)
    queries = [Query(source) for source in sources]
    index = pool.index
    encoded = pool.encode(queries, index)
    selection = Selection(f"rbm25@{K}", pool)
    retrieval = Retrieval("de", "en", pool=pool, select=f"rbm25@{K}")
    segments = [Segment(str(at), source) for at, source in enumerate(sources)]
    drafts = retrieval.drafts(segments)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("cutting into tokens", lambda: [selection_tokens(source, "de") for source in sources]),
        ("tokens to numbers, with the above", lambda: pool.encode(queries, index)),
        ("BM25, all cores", lambda: bm25_alone(pool, queries, encoded)),
        ("the whole selection (all above, and re-ranking)", lambda: selection.select(queries)),
        ("looking for exact matches", lambda: pool.exact_matches(sources)),
        ("drafts (all above)", lambda: retrieval.drafts(segments)),
        ("rows as JSON", lambda: [json.dumps(selection_row(d, "x"), ensure_ascii=False) for d in drafts]),
    ]
    print("## Where the time goes\n\n| step | ms a query |\n|---|---|")
    for name, step in steps:
        print(f"| {name} | {median_seconds(step, 3) / len(queries) * 1e3:.3f} |")
    print()


def growth(data: Path, work: Path, sizes: list[int]) -> None:
    print("## Growth\n")
    print("| pairs | pool MB | build s | build MiB | index MB | opened s | MiB while querying | ms a query |")
    print("|---|---|---|---|---|---|---|---|")
    for size in sizes:
        pool = work / f"pool-{size}.jsonl"
        write_pool(data, size, pool)
        with tempfile.TemporaryDirectory(dir=work) as cache:
            env = os.environ | {"XDG_CACHE_HOME": cache}

            def child(command: str, pool: Path = pool, env: dict[str, str] = env) -> dict[str, float]:
                done = subprocess.run(
                    [sys.executable, __file__, "--data", str(data), command, str(pool)],
                    check=True, capture_output=True, text=True, env=env,
                )  # fmt: skip
                answer: dict[str, float] = json.loads(done.stdout)
                return answer

            built, opened = child("grow-build"), child("grow-query")
        cells = [
            f"{size:,}",
            f"{pool.stat().st_size / 1e6:.0f}",
            f"{built['seconds']:.1f}",
            f"{built['rss'] / 2**20:.0f}",
            f"{opened['disk'] / 1e6:.0f}",
            f"{opened['open']:.2f}",
            f"{opened['rss'] / 2**20:.0f}",
            f"{opened['query'] * 1e3:.2f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


@main.command(hidden=True)
@click.argument("path", type=click.Path(path_type=Path))
def grow_build(path: Path) -> None:
    started = time.perf_counter()
    Pool.load(path, "de", "en")
    print(json.dumps({"seconds": time.perf_counter() - started, "rss": peak_rss()}))


@main.command(hidden=True)
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_context
def grow_query(context: click.Context, path: Path) -> None:
    from mtprompt.selection.index.stored import stored_indexes

    assert context.parent
    folder = context.parent.params["data"] / "de-en" / "software_help"
    started = time.perf_counter()
    pool = Pool.load(path, "de", "en")
    opened = time.perf_counter() - started
    queries = [Query(source) for source in test_sources(folder, 1000)]
    selection = Selection(f"rbm25@{K}", pool)
    selection.select(queries[:1])
    seconds = median_seconds(lambda: selection.select(queries), 3) / len(queries)
    ((where, _),) = stored_indexes()
    disk = sum(file.stat().st_size for file in where.iterdir())
    print(json.dumps({"open": opened, "query": seconds, "rss": peak_rss(), "disk": disk}))


def peak_rss() -> int:
    """The most memory that this process had, in bytes, mapped files included; Linux only.

    Not ``getrusage``, which counts what the parent had when it forked.
    """
    status = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
