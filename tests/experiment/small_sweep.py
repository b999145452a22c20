"""A folder with two small domains, to sweep over with models that need no weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from mtprompt.experiment.plan import Plan, make_plan
from mtprompt.experiment.record import CellResult
from mtprompt.experiment.results import read_results
from mtprompt.experiment.shared import Shared
from mtprompt.experiment.sweep import run_sweep
from mtprompt.experiment.sweep_reader import read_sweep
from mtprompt.generation.protocol import Backend
from mtprompt.generation.spec import ModelSpec, Voice
from mtprompt.store import Store

TEA = [
    ("Der Tee ist heiß.", "The tea is hot."),
    ("Die Kanne steht auf dem Tisch.", "The pot is on the table."),
    ("Trinken Sie den Tee langsam.", "Drink the tea slowly."),
    ("Das Sieb liegt in der Kanne.", "The strainer is in the pot."),
    ("Der Tee zieht drei Minuten.", "The tea steeps for three minutes."),
]
BIKE = [
    ("Das Fahrrad ist rot.", "The bicycle is red."),
    ("Die Kette ist locker.", "The chain is loose."),
    ("Pumpen Sie den Reifen auf.", "Inflate the tire."),
    ("Die Bremse quietscht laut.", "The brake squeaks loudly."),
    ("Der Sattel ist zu hoch.", "The saddle is too high."),
]
TESTS = {
    "tea": [
        ("Der Tee ist kalt und die Kanne leer.", "The tea is cold and the pot is empty."),
        ("Trinken Sie den Tee im Garten.", "Drink the tea in the garden."),
        ("Die Kanne steht im Schrank.", "The pot is in the cupboard."),
    ],
    "bike": [
        ("Die Kette ist rot und locker.", "The chain is red and loose."),
        ("Pumpen Sie den Reifen langsam auf.", "Inflate the tire slowly."),
        ("Der Sattel ist rot.", "The saddle is red."),
    ],
}
SWEEP = """\
languages: [de, en]
metrics: [chrf++]
tests: {tea: tea.test.jsonl, bike: bike.test.jsonl}
pools: {tea: tea.pool.jsonl, bike: bike.pool.jsonl}
dictionaries: {terms: terms.tsv}
defaults: {model: "scripted:echo"}
grid:
  - select: zero
  - pool: [in, out]
    select: rbm25@2
"""


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def make_data(folder: Path) -> None:
    """Tests, pools, a dictionary and answers for ``scripted:answers.jsonl``."""
    for name, pool in (("tea", TEA), ("bike", BIKE)):
        write_rows(folder / f"{name}.pool.jsonl", ({"source": s, "target": t} for s, t in pool))
        write_rows(
            folder / f"{name}.test.jsonl",
            ({"id": f"{name}{i}", "source": s, "reference": r} for i, (s, r) in enumerate(TESTS[name])),
        )
    (folder / "terms.tsv").write_text("Kanne\tpot\nKette\tchain\nSattel\tsaddle\n", encoding="utf-8")
    known = [pair for its in TESTS.values() for pair in its]
    write_rows(folder / "answers.jsonl", ({"source": s, "translation": t} for s, t in known))


Say = Callable[[object], object]


class Sweeper:
    """Runs sweeps in a folder as the command does.

    Args:
        folder: Of the data; the working folder of the test.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.said: list[str] = []

    def plan(self, text: str = SWEEP, models: dict[str, Backend] | None = None) -> tuple[Plan, Shared]:
        """What a sweep is to do; models take the place of those that the sweep names."""
        path = self.folder / "sweep.yaml"
        path.write_text(text, encoding="utf-8")
        earlier = read_results(self.out) if (self.out / "manifest.json").exists() else None
        shared = Shared(read_sweep("sweep.yaml"), Store(self.out / "store"), say=self._say)
        if models:
            load = shared.voices
            shared.voices = lambda name: (
                [(models[name], Voice(ModelSpec("", name)))] if name in models else load(name)
            )
        return make_plan(shared.sweep, shared, earlier, say=self._say), shared

    def run(self, text: str = SWEEP, models: dict[str, Backend] | None = None) -> list[CellResult]:
        """Runs a sweep."""
        plan, shared = self.plan(text, models)
        try:
            return run_sweep(plan, shared, self.out, say=self._say)
        finally:
            shared.close()

    def _say(self, line: object) -> None:
        self.said.append(str(line))


def ids(cells: Sequence[Any]) -> list[str]:
    """Ids of cells, or of their results."""
    return [getattr(cell, "id", None) or cell.cell for cell in cells]
