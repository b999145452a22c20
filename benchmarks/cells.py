"""The cells of a comparison: a test set translated in one way, scored, with its cost and its command."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from mtprompt import Dictionary, Translator
from mtprompt.cli.progress import progress
from mtprompt.corpus.segments import read_segments
from mtprompt.generation.protocol import Backend
from mtprompt.rows import translation_row
from mtprompt.scoring.hint_use import HintUse, hint_use
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.scoring.significance import BOOTSTRAP, compare
from mtprompt.segments import Prompt, Segment
from mtprompt.selection.pool import Pool


@dataclass(frozen=True)
class Cell:
    """What is compared: everything that decides a row of the table."""

    name: str
    test: Path
    pool: Path | None = None
    select: str = "zero"
    dictionary: Path | None = None
    hints: str | None = None
    limit: int | None = None
    dev: Path | None = None
    labels: tuple[str, ...] = ()
    languages: tuple[str, str] = ("de", "en")

    def output(self, folder: Path) -> Path:
        """Where its rows go."""
        return folder / f"{self.name}.jsonl"

    def command(self, store: Path, out: Path) -> str:
        """The command line that gives this cell."""
        words = [
            "mtprompt",
            "translate",
            str(self.test),
            "-o",
            str(self.output(out)),
            "--from",
            self.languages[0],
            "--to",
            self.languages[1],
        ]
        if self.pool:
            words += ["--pool", str(self.pool), "--select", self.select, "--exact-match", "exclude"]
        if self.dev:
            words += ["--dev", str(self.dev)]
        if self.dictionary:
            words += ["--dictionary", str(self.dictionary)]
        if self.hints:
            words += ["--hints", self.hints]
        if self.limit:
            words += ["--limit", str(self.limit)]
        return shlex.join([*words, "--model", "gemma-3-270m", "--store", str(store)])


@dataclass(frozen=True)
class Result:
    """A cell's scores and costs; ``seconds`` are those of the first generation."""

    cell: Cell
    scores: dict[str, float]
    seconds: float
    prompt_tokens: float
    cached: bool
    dropped: int
    flags: int
    policy: str
    use: HintUse
    hypotheses: tuple[str, ...]
    references: tuple[str, ...]
    signatures: tuple[str, ...] = field(default=())


@cache
def _pool(path: Path, languages: tuple[str, str]) -> Pool:
    return Pool.load(path, *languages)


def load_cell(cell: Cell, backend: Backend, store: Path) -> tuple[Translator, list[Segment]]:
    """A cell's translator, ready to select, and its test segments."""
    translator = Translator(
        backend,
        *cell.languages,
        pool=_pool(cell.pool, cell.languages) if cell.pool else None,
        select=cell.select,
        exact_match="exclude" if cell.pool else "example",
        dictionary=Dictionary.load(cell.dictionary, *cell.languages) if cell.dictionary else None,
        hints=cell.hints,
        dev=cell.dev,
        store=store,
    )
    translator.prepare(progress, lambda line: print(f"{cell.name}: {line}", file=sys.stderr))
    return translator, [segment for segment, _ in islice(read_segments(str(cell.test)), cell.limit)]


def run_all(
    cells: Sequence[Cell], backend: Backend, store: Path, out: Path, metrics: Sequence[str]
) -> list[Result]:
    """Generates the prompts of all cells together, so that batches are full, then scores each cell.

    A prompt's seconds are its share of the seconds of its batch.
    """
    loaded = [load_cell(cell, backend, store) for cell in cells]
    prompts = [p for translator, segments in loaded for _, p in translator.prompts(segments) if p]
    with progress("generate", len(prompts)) as advance:
        answers = loaded[0][0].answers(prompts, advance)
    fresh = {prompt for prompt, answer in zip(prompts, answers, strict=True) if not answer.cached}
    return [
        _score(cell, translator, segments, fresh, out, metrics)
        for cell, (translator, segments) in zip(cells, loaded, strict=True)
    ]


def _score(
    cell: Cell,
    translator: Translator,
    segments: Sequence[Segment],
    fresh: Set[Prompt],
    out: Path,
    metrics: Sequence[str],
) -> Result:
    done = translator.translate(segments)
    target = cell.languages[1]
    out.mkdir(parents=True, exist_ok=True)
    with cell.output(out).open("w", encoding="utf-8") as stream:
        for translation in done:
            stream.write(
                json.dumps(
                    translation_row(translation, translator.signature, cell.languages[1]), ensure_ascii=False
                )
                + "\n"
            )
    references = [segment.reference or "" for segment in segments]
    scored = [
        load_scorer(metric, cell.languages[1]).score(SystemOutput.of([t.text for t in done], references))
        for metric in metrics
    ]
    generations = [t.generation for t in done if t.generation]
    return Result(
        cell,
        {result.name: result.system for result in scored},
        sum(g.usage.seconds for g in generations),
        sum(g.usage.prompt_tokens for g in generations) / max(len(generations), 1),
        not any(t.prompt in fresh for t in done),
        sum(bool(t.prompt and t.prompt.dropped) for t in done),
        sum(bool(t.flags) for t in done),
        str(translator.retrieval.policy),
        sum((hint_use(t, target) for t in done), HintUse()),
        tuple(t.text for t in done),
        tuple(references),
        tuple(result.signature for result in scored),
    )


def p_value(baseline: Result, result: Result, metric: str) -> float:
    """That of the paired bootstrap over two cells of one test set, 1,000 samples."""
    scorer = load_scorer(metric, result.cell.languages[1])
    first, second = (SystemOutput.of(its.hypotheses, its.references) for its in (baseline, result))
    (compared,) = compare(first, [second], scorer, test=BOOTSTRAP)
    return compared.p_value
