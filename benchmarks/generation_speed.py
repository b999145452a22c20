"""How fast generation and the pipeline around it are, each figure beside what it is compared with.

Prints Markdown. Ratios are of runs that took turns on this machine.

Example:
    python benchmarks/generation_speed.py --data DATA
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import click
from synthetic_pool import synthetic_rows

from mtprompt import Segment, Translator
from mtprompt.corpus.segments import read_segments
from mtprompt.experiment.manifest import machine
from mtprompt.generation.ct2.backend import CT2Backend
from mtprompt.generation.hf.weights import load_weights
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.segments import Prompt
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query

MODEL = "ct2:gemma-3-270m"
# a child's peak of memory counts what its parent took before it, so the one that measures it comes first
PARTS = ("lines", "engine", "transformers", "prefix", "retrieval")
ROUNDS = 3


@click.command()
@click.option("--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Repeatable.  [default: all]")
@click.option("--segments", default=128, show_default=True, help="Translated with the model.")
@click.option("--lines", default=1_000_000, show_default=True, help="Of the scripted run.")
def main(data: Path, parts: tuple[str, ...], segments: int, lines: int) -> None:
    print(f"{machine()}\n")
    wanted = [part for part in PARTS if part in (parts or PARTS)]
    if "lines" in wanted:
        scripted_lines(lines)
    folder = data / "de-en" / "software_help"
    pool = Pool.load(folder / "pool.jsonl", "de", "en")
    tests = [segment for segment, _ in islice(read_segments(str(folder / "test.jsonl")), segments)]
    for part in wanted:
        if part == "engine":
            engine(pool, tests)
        elif part == "transformers":
            plain_transformers(pool, tests[: segments // 2])
        elif part == "prefix":
            prefix(pool, tests)
        elif part == "retrieval":
            retrieval(data, pool)


def turns(works: Sequence[Callable[[], object]], rounds: int = ROUNDS) -> list[float]:
    """Each work's median seconds, of rounds in which all have a turn."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for its, work in zip(times, works, strict=True):
            started = time.perf_counter()
            work()
            its.append(time.perf_counter() - started)
    return [statistics.median(its) for its in times]


def translator(pool: Pool, model: str, select: str = "rbm25@4") -> Translator:
    made = Translator(model, "de", "en", pool=pool, select=select, exact_match="exclude", store=None)
    made.translate(["Das ist ein Satz."])  # everything is loaded from now on
    return made


def sent(subject: Translator, tests: Sequence[Segment]) -> list[Prompt]:
    return [prompt for _, prompt in subject.prompts(tests) if prompt]


def engine(pool: Pool, tests: Sequence[Segment]) -> None:
    """Translating segments, with all that this takes, against CTranslate2 on the finished prompts."""
    subject = translator(pool, MODEL)
    prompts = sent(subject, tests)
    backend = subject.backend
    assert isinstance(backend, CT2Backend)
    tokenizer = backend.tokenizer
    encoded = tokenizer.encode([prompt.text for prompt in prompts])
    rows = [tokenizer.tokens(ids) for ids in encoded]
    stops = tokenizer.stop_ids(True)
    limit = max(prompt.max_new_tokens for prompt in prompts)

    def bare(workers: int, threads: int) -> Callable[[], object]:
        import ctranslate2

        folder = backend.source.ct2_folder(backend.compute_type)
        generator = ctranslate2.Generator(
            str(folder), compute_type="int8", inter_threads=workers, intra_threads=threads
        )

        def work() -> None:
            results = generator.generate_batch(
                rows,
                max_batch_size=4096,
                batch_type="tokens",
                max_length=limit,
                end_token=stops,
                sampling_topk=1,
                include_prompt_in_result=False,
            )
            texts.append(len([tokenizer.decode(result.sequences_ids[0]) for result in results]))

        texts: list[int] = []
        return work

    cores = len(os.sched_getaffinity(0))
    one, many = turns([bare(1, cores), bare(cores, 1)], 1)
    fastest = bare(1, cores) if one < many else bare(cores, 1)
    ours, theirs = turns([lambda: subject.translate(tests), fastest])
    print(f"## ct2 through `translate` against bare CTranslate2, {len(tests)} segments, rbm25@4\n")
    print("| | seconds | segments/s |\n|---|---|---|")
    row("`Translator.translate`, retrieval and checks included", ours, len(tests))
    shape = f"1 worker of {cores} threads" if one < many else f"{cores} workers of 1 thread"
    row(f"`Generator.generate_batch`, finished prompts, 4,096 tokens a batch, {shape}", theirs, len(tests))
    print(f"| ratio of speeds | {theirs / ours:.2f} | |\n")
    subject.close()


def plain_transformers(pool: Pool, tests: Sequence[Segment]) -> None:
    """The same prompts by ``generate`` of transformers, 32 at a time as they come."""
    import torch

    subject = translator(pool, MODEL)
    prompts = sent(subject, tests)
    backend = subject.backend
    assert isinstance(backend, CT2Backend)
    source, tokenizer = backend.source, backend.tokenizer
    encoded = tokenizer.encode([prompt.text for prompt in prompts])
    model = load_weights(source.name, source.folder, dtype="float32", device="cpu")
    limit = max(prompt.max_new_tokens for prompt in prompts)
    pad, stops = tokenizer.pad_id, tokenizer.stop_ids(True)

    def theirs() -> None:
        for start in range(0, len(encoded), 32):
            batch = encoded[start : start + 32]
            width = max(map(len, batch))
            ids = torch.tensor([[pad] * (width - len(its)) + its for its in batch])
            mask = torch.tensor([[0] * (width - len(its)) + [1] * len(its) for its in batch])
            with torch.inference_mode():
                model.generate(
                    input_ids=ids,
                    attention_mask=mask,
                    max_new_tokens=limit,
                    do_sample=False,
                    eos_token_id=stops,
                    pad_token_id=pad,
                )

    ours, others = turns([lambda: subject.translate(tests), theirs], 2)
    print(
        f"## ct2 (int8) against `generate` of transformers (float32, batches of 32), {len(tests)} segments\n"
    )
    print("| | seconds | segments/s |\n|---|---|---|")
    row("`Translator.translate` on ct2", ours, len(tests))
    row("`model.generate`, left padding, stops at the line's end", others, len(tests))
    print(f"| ratio of speeds | {others / ours:.1f} | |\n")
    subject.close()


def prefix(pool: Pool, tests: Sequence[Segment]) -> None:
    """The same four examples for all, as ``task@4`` gives them (here the pool's first: no search)."""
    apart = translator(pool, MODEL, "first@4")
    shared = translator(pool, f"{MODEL}(share_prefix=true)", "first@4")
    tokens = statistics.mean(prompt.tokens for prompt in sent(apart, tests))
    with_it, without = turns([lambda: shared.translate(tests), lambda: apart.translate(tests)])
    print(f"## The same four examples for all, {len(tests)} segments, {tokens:.0f} tokens a prompt\n")
    print("| | seconds | segments/s |\n|---|---|---|")
    row("prefix read once (`share_prefix=true`)", with_it, len(tests))
    row("prefix read for every prompt", without, len(tests))
    print(f"| ratio of speeds | {without / with_it:.2f} | |\n")
    same = sum(a.text == b.text for a, b in zip(shared.translate(tests), apart.translate(tests), strict=True))
    print(f"{same} of {len(tests)} translations are the same.\n")
    apart.close()
    shared.close()


def scripted_lines(lines: int) -> None:
    """The command line on a long file, with no model's time in it: rate and memory of the process."""
    print(f"## {lines:,} lines through `mtprompt translate --select zero`, scripted answers\n")
    print("| | seconds | lines/s | lines a CPU second | memory, MiB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        with (work / "in.txt").open("w", encoding="utf-8") as stream:
            stream.writelines(f"Dies ist der {number}. Satz einer langen Datei.\n" for number in range(lines))
        store = ["--store", str(work / "store")]
        for name, options in (("no store", ["--no-store"]), ("new store", store), ("full store", store)):
            seconds, cpu, memory = translate_file(work, options)
            print(
                f"| {name} | {seconds:.1f} | {lines / seconds:,.0f} | {lines / cpu:,.0f} | {memory:.0f} |",
                flush=True,
            )
        size = sum(path.stat().st_size for path in (work / "store").iterdir())
        print(f"\nThe store takes {size / 1e6:,.0f} MB, {size / lines:,.0f} bytes a line.\n")


def translate_file(work: Path, options: Sequence[str]) -> tuple[float, float, float]:
    """Seconds, CPU seconds and the most MiB of one run of the command."""
    files = ["in.txt", "-o", "out.txt", "--from", "de", "--to", "en"]
    words = ["translate", *files, "--select", "zero", "--model", "scripted:echo"]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "mtprompt", *words, *options], cwd=work, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(said)
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def retrieval(data: Path, pool: Pool) -> None:
    """What the pipeline leaves of the selection's own rate."""
    sources = [row["source"] for row in islice(synthetic_rows(data, 60_000, seed=2), 50_000, None)]
    subject = Translator(
        ScriptedBackend(context=100_000), "de", "en", pool=pool, select="rbm25@4", store=None
    )
    selection = subject.retrieval.selection

    def select() -> None:
        for start in range(0, len(sources), 256):
            selection.select([Query(source) for source in sources[start : start + 256]])

    through, alone = turns([lambda: subject.translate(sources), select])
    print(f"## rbm25@4 from {len(pool.pairs):,} pairs for {len(sources):,} segments, scripted answers\n")
    print("| | seconds | segments/s |\n|---|---|---|")
    row("through the pipeline", through, len(sources))
    row("selection alone", alone, len(sources))
    print(f"| ratio of speeds | {alone / through:.2f} | |\n")


def row(name: str, seconds: float, segments: int) -> None:
    print(f"| {name} | {seconds:.2f} | {segments / seconds:,.1f} |", flush=True)


if __name__ == "__main__":
    main()
