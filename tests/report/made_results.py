"""A sweep's results that no model had to be run for: made-up sentences, real metrics, any size."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.metrics.ter import TER

from mtprompt.experiment.record import DONE, FAILED, FORMAT, CellResult, Costs, Manifest, Score
from mtprompt.experiment.results import write_manifest, write_results, write_segments
from mtprompt.report.labels import shots_of

Row = dict[str, Any]
Text = tuple[str, str]
Change = Callable[[Row], Row]

PATTERNS: Mapping[str, Sequence[Text]] = {
    "medical": (
        ("Nehmen Sie {n} Tabletten {a} vor {b} ein.", "Take {n} tablets of {a} before {b}."),
        ("{a} darf nicht zusammen mit {b} angewendet werden.", "{a} must not be used together with {b}."),
        (
            "Nach {n} Stunden sinkt die Konzentration von {a} im Blut.",
            "After {n} hours the level of {a} in the blood drops.",
        ),
        (
            "Fragen Sie Ihren Arzt, wenn {b} länger als {n} Tage anhält.",
            "Ask your doctor if {b} lasts longer than {n} days.",
        ),
    ),
    "software": (
        ("Klicken Sie auf {a}, um {b} zu öffnen.", "Click {a} to open {b}."),
        ("Die Funktion {a} berechnet {b} in {n} Schritten.", "The function {a} calculates {b} in {n} steps."),
        (
            "Wählen Sie {a} und geben Sie {n} als Wert für {b} ein.",
            "Choose {a} and enter {n} as the value of {b}.",
        ),
        (
            "Wenn {a} aktiviert ist, wird {b} automatisch gespeichert.",
            "If {a} is enabled, {b} is saved automatically.",
        ),
    ),
    "everyday": (
        ("Gestern hat {a} mir {n} Bücher über {b} geliehen.", "Yesterday {a} lent me {n} books about {b}."),
        (
            "Weißt du, warum {a} nicht über {b} sprechen will?",
            "Do you know why {a} does not want to talk about {b}?",
        ),
        ("Wir haben {n} Minuten auf {a} gewartet.", "We waited {n} minutes for {a}."),
        ("Ich glaube, dass {a} und {b} sich kennen.", "I think that {a} and {b} know each other."),
    ),
    "news": (
        (
            "Nach Angaben von {a} stiegen die Preise für {b} um {n} Prozent.",
            "According to {a}, the prices of {b} rose by {n} percent.",
        ),
        (
            "{a} kündigte am Montag an, {b} zu unterstützen.",
            "{a} announced on Monday that it would support {b}.",
        ),
        (
            "Bei dem Unfall in der Nähe von {a} wurden {n} Menschen verletzt.",
            "In the accident near {a}, {n} people were injured.",
        ),
        (
            "Der Streit um {b} beschäftigt {a} seit {n} Jahren.",
            "The dispute over {b} has occupied {a} for {n} years.",
        ),
    ),
}

FILLERS: Mapping[str, Sequence[Text]] = {
    "medical": (
        ("Ibuprofen", "ibuprofen"),
        ("die Mahlzeit", "the meal"),
        ("Kopfschmerzen", "headache"),
        ("das Fieber", "the fever"),
        ("Blutverdünner", "blood thinners"),
        ("der Hautausschlag", "the rash"),
        ("Insulin", "insulin"),
        ("der Schwindel", "the dizziness"),
    ),
    "software": (
        ("die Symbolleiste", "the toolbar"),
        ("das Dialogfeld", "the dialog"),
        ("die Tabelle", "the table"),
        ("die Schaltfläche", "the button"),
        ("das Makro", "the macro"),
        ("die Fußzeile", "the footer"),
        ("der Mittelwert", "the average"),
        ("das Menü Extras", "the Tools menu"),
    ),
    "everyday": (
        ("meine Schwester", "my sister"),
        ("der Nachbar", "the neighbour"),
        ("Tom", "Tom"),
        ("das Wetter", "the weather"),
        ("die Reise", "the journey"),
        ("unser Lehrer", "our teacher"),
        ("der alte Hund", "the old dog"),
        ("Maria", "Maria"),
    ),
    "news": (
        ("die Regierung", "the government"),
        ("der Verband", "the association"),
        ("Strom", "electricity"),
        ("die Stadt", "the city"),
        ("das Gesetz", "the law"),
        ("der Konzern", "the group"),
        ("Wohnungen", "flats"),
        ("das Ministerium", "the ministry"),
    ),
}


@dataclass(frozen=True)
class Plan:
    """What the folder is to hold.

    ``tests`` are domains of :data:`PATTERNS`; ``selects`` maps a strategy to how good it is, 0 to 1, with
    the pool of the test's own domain.
    """

    tests: Sequence[str] = ("medical", "software")
    other_pools: Sequence[str] = ("news",)
    selects: Mapping[str, float] | None = None
    hints: Sequence[str] = ("none",)
    seeds: Sequence[int] = (1,)
    segments: int = 40
    metrics: Sequence[str] = ("chrf++", "bleu")
    failing: Sequence[str] = ()
    system: str | None = None
    change: Change | None = None
    word_scale: int = 1

    def strategies(self) -> Mapping[str, float]:
        """By default some that differ, and some that hardly do."""
        return self.selects or {"zero": 0.3, "random@4": 0.5, "bm25@4": 0.68, "rbm25@4": 0.7, "rbm25@8": 0.76}


def make_results(folder: Path, plan: Plan = Plan()) -> Path:
    """Writes the folder, and gives it back."""
    cells = list(_cells(folder, plan))
    manifest = Manifest(
        FORMAT,
        "0.1.0",
        "3.11.2",
        {"ctranslate2": "4.8.5", "sacrebleu": "2.6.0"},
        {f"{test}/test.jsonl": "ab" * 32 for test in plan.tests},
        "mtprompt sweep made-up.yaml -o results",
        "A processor, 2 cores, no GPU",
        "name: made-up\ntests:\n" + "".join(f"  - {test}\n" for test in plan.tests),
        {},
        [cell.cell for cell in cells],
        "2026-11-21T09:00:00+00:00",
        "2026-11-21T11:30:00+00:00",
        {pool: {"diversity.distinct_2": 0.8} for pool in plan.tests},
    )
    write_manifest(folder, manifest)
    write_results(folder, cells)
    return folder


def _cells(folder: Path, plan: Plan) -> Iterator[CellResult]:
    for test in plan.tests:
        for select, quality in plan.strategies().items():
            others = [pool for pool in plan.other_pools if pool != test]
            pools = [None] if select == "zero" else [test, *others]
            for pool in pools:
                for hints in plan.hints:
                    for seed in plan.seeds:
                        yield _cell(folder, plan, test, select, pool, hints, seed, quality)
        if plan.system:
            rows = [
                {"id": r["id"], "source": r["source"], "translation": r["translation"], "flags": r["flags"],
                 "reference": r["reference"], "domain": test, "prompt": None, "scores": r["scores"]}
                for r in _rows(plan, test, plan.system, None, "none", 9, 0.8)
            ]  # fmt: skip
            cell = _scored(folder, plan, f"{test}.{plan.system}", {"test": test, "system": plan.system}, rows)
            yield replace(cell, usage=None, where=None, profile=None, signature="")


def _cell(
    folder: Path, plan: Plan, test: str, select: str, pool: str | None, hints: str, seed: int, quality: float
) -> CellResult:
    name = f"{test}.{pool or 'none'}.{select.replace('@', '-')}.{hints}.{seed}"
    axes: dict[str, str | int | None] = {
        "test": test, "pool": pool, "select": select, "order": "best_last", "hints": hints,
        "dictionary": None if hints == "none" else "terms", "model": "gemma-3-270m",
        "template": None, "seed": seed,
    }  # fmt: skip
    inside = pool == test
    where = None if pool is None else "in" if inside else "out"
    if name in plan.failing:
        error = "ct2: the prompt of segment 12 is longer than the model's window of 512 tokens"
        return CellResult(name, axes, ("de", "en"), where, FAILED, error, plan.segments)
    if pool and not inside:
        quality = 0.35 + 0.25 * quality
    if hints != "none":
        quality += 0.08
    rows = list(_rows(plan, test, select, pool, hints, seed, quality))
    cell = _scored(folder, plan, name, axes, rows)
    shots = sum(len(row["examples"]) for row in rows) / len(rows)
    use = {"found": 3 * len(rows), "given": 2 * len(rows), "followed": len(rows), "judged": 2 * len(rows),
           "useful": len(rows) * 4 // 5, "misleading": len(rows) // 3, "expected": len(rows),
           "missed": len(rows) // 5, "required": 0, "met": 0, "tokens": 9 * len(rows)}  # fmt: skip
    profile = {
        "quality.copy_share": 0.02 + 0.05 * (1 - quality), "quality.length_share": 0.1 * (1 - quality),
        "diversity.distinct_2": 0.9 - 0.3 * quality, "diversity.self_bleu": 20 + 25 * quality,
        "complexity.mean_tokens": 12 + 5 * quality, "complexity.rare_share": 0.2 - 0.1 * quality,
    }  # fmt: skip
    return replace(
        cell,
        where=where,
        hints=use if hints != "none" else None,
        excluded=2 if inside else 0,
        profile=profile if shots else None,
    )


def _scored(folder: Path, plan: Plan, name: str, axes: Mapping[str, Any], rows: Sequence[Row]) -> CellResult:
    rows = [plan.change(row) for row in rows] if plan.change else rows
    hypotheses, references = [r["translation"] for r in rows], [r["reference"] for r in rows]
    scores = {}
    for metric in plan.metrics:
        if metric == "overlap":
            mean = float(np.mean([row["scores"][metric] for row in rows]))
            scores[metric] = Score(mean, mean - 1, mean + 1, True, "overlap")
            continue
        scorer = {"bleu": BLEU, "chrf++": lambda: CHRF(word_order=2), "chrf": CHRF, "ter": TER}[metric]()
        score = scorer.corpus_score(hypotheses, [references]).score
        values = [_sentence(h, r) for h, r in zip(hypotheses, references, strict=True)]
        half = 1.96 * float(np.std(values)) / max(len(values), 1) ** 0.5
        ends = (score - half, score + half) if len(rows) > 1 else (None, None)
        scores[metric] = Score(score, *ends, metric != "ter", f"{metric}|{scorer.get_signature()}")
    write_segments(folder, name, rows)
    tokens = [row["usage"]["prompt_tokens"] for row in rows if row.get("usage")]
    return CellResult(
        name,
        axes,
        ("de", "en"),
        None,
        DONE,
        segments=len(rows),
        scores=scores,
        usage=Costs(sum(tokens), 20 * len(tokens), 0.002 * sum(tokens), 3, 1),
        flags=dict(Counter(flag for row in rows for flag in row["flags"])),
        signature="select:…|engine:ct2|model:gemma-3-270m",
    )


def _pair(domain: str, number: int, scale: int) -> tuple[Text, list[Text]]:
    """A sentence and its words with translations, the same for the same number."""
    rng = random.Random(f"{domain}{number}")
    sides: list[list[str]] = [[], []]
    fillers: list[Text] = []
    for _ in range(scale):
        a, b = rng.sample(list(FILLERS[domain]), 2)
        n = rng.randrange(2, 60)
        for side, pattern in enumerate(rng.choice(list(PATTERNS[domain]))):
            text = pattern.format(a=a[side], b=b[side], n=n)
            sides[side].append(text[:1].upper() + text[1:])
        fillers += [a, b]
    return (" ".join(sides[0]), " ".join(sides[1])), fillers


def _rows(
    plan: Plan, test: str, select: str, pool: str | None, hints: str, seed: int, quality: float
) -> Iterator[Row]:
    found = shots_of(select)
    shots = found[1] if pool and found else 0
    for number in range(plan.segments):
        rng = random.Random(f"{test}{select}{pool}{seed}{hints}{number}")
        (source, reference), words = _pair(test, number, plan.word_scale)
        picked = [
            _pair(pool or test, 10_000 + rng.randrange(4_000), plan.word_scale)[0] for _ in range(shots)
        ]
        examples = [
            {
                "source": s,
                "target": t,
                "score": round(40 / (shots - at), 2),
                "rank": shots - at,
                "domain": pool,
            }
            for at, (s, t) in enumerate(picked)
        ]
        text, flags = _worse(reference, source, quality, rng)
        given = [] if hints == "none" else [
            {"term": word, "translations": [translation], "followed": translation.lower() in text.lower(),
             "in_reference": True}
            for word, translation in words[:2]
        ]  # fmt: skip
        prompt = "".join(f"German: {s}\nEnglish: {t}\n\n" for s, t in picked)
        prompt += "".join(f"German: {h['term']}\nEnglish: {h['translations'][0]}\n\n" for h in given)
        prompt += f"German: {source}\nEnglish:"
        yield {
            "id": f"{test}-{number + 1}",
            "source": source,
            "translation": text,
            "examples": examples,
            "hints": given,
            "terms": [],
            "terms_missed": 0,
            "hint_tokens": 9 * len(given),
            "required": [],
            "flags": flags,
            "tries": 1,
            "kept_try": 1,
            "proposals": None,
            "usage": {"prompt_tokens": len(prompt) // 4, "completion_tokens": 20, "seconds": 0.3},
            "cached": False,
            "signature": "select:…",
            "reference": reference,
            "domain": test,
            "prompt": prompt,
            "scores": {
                name: round(measure(text, reference), 2)
                for name, measure in (("chrf++", _sentence), ("overlap", _overlap))
                if name in plan.metrics
            },
        }


def _worse(reference: str, source: str, quality: float, rng: random.Random) -> tuple[str, list[str]]:
    """The reference with as many faults as the quality lets through, and its flags."""
    if rng.random() > quality + 0.55:
        return rng.choice([("", ["empty"]), (source, ["source_copied"])])
    words, german = reference.split(), source.split()
    for at in range(len(words)):
        if rng.random() > quality**0.6:
            words[at] = rng.choice([words[at - 1], rng.choice(german), "the", "a", ""])
    if rng.random() > quality + 0.4:
        return " ".join([*filter(None, words)] + words[-2:] * 4), ["repetition", "truncated"]
    return " ".join(filter(None, words)), []


def _overlap(text: str, reference: str) -> float:
    """A metric of somebody else's, that costs next to nothing: shared words of 100."""
    words = set(reference.split())
    return 100 * len(words & set(text.split())) / len(words)


@cache
def _sentence_chrf() -> CHRF:
    return CHRF(word_order=2)


@cache
def _sentence(text: str, reference: str) -> float:
    return float(_sentence_chrf().sentence_score(text, [reference]).score)
