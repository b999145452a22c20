"""``hints="auto"``: a policy that the dev set proves to help, or none; decided once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mtprompt import Corpus, Dictionary, Translator
from mtprompt.dictionary.choice import LEVEL, decide, policies
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.policy import UNHINTED, AutoPolicy, HintPolicy
from mtprompt.errors import ConfigError
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.segments import Segment, Translation
from mtprompt.selection.pool import Pool
from mtprompt.selection.trials.holdout import draw_dev

WORDS = [f"wort{chr(97 + i // 26)}{chr(97 + i % 26)}x" for i in range(120)]
DICTIONARY = Dictionary.from_pairs([(word, f"meaning of {word}") for word in WORDS], "de", "en")
DEV = [
    Segment(str(i), f"hier {word}", f"here is the meaning of {word} today") for i, word in enumerate(WORDS)
]
POOL = Corpus.from_pairs([(s.source, s.reference or "") for s in DEV], "de", "en")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def source_of(prompt: str) -> str:
    return prompt.rsplit("hier ", 1)[1].split()[0]


def follows_glossaries(prompt: str) -> str:
    """Right where a glossary line gives the word of the sentence to translate."""
    word = source_of(prompt)
    query = prompt.rsplit("\n\n", 1)[-1]
    right = query.startswith("Glossary: ") and f"meaning of {word}" in query
    return f"here is the meaning of {word} today" if right else "here is something else entirely"


def ignores_hints(prompt: str) -> str:
    return f"here is the {source_of(prompt)} today"


def misled_by_hints(prompt: str) -> str:
    word = source_of(prompt)
    return "no idea at all" if f"meaning of {word}" in prompt else f"here is the meaning of {word} today"


def translator(backend: ScriptedBackend, **options: Any) -> Translator:
    defaults: dict[str, Any] = {"dictionary": DICTIONARY, "hints": "auto", "dev": DEV, "store": None}
    return Translator(backend, "de", "en", **{**defaults, **options})


def decided(backend: ScriptedBackend, **options: Any) -> str:
    subject = translator(backend, **options)
    subject.prepare()
    return str(subject.retrieval.policy)


def test_the_policy_that_helps_is_chosen_and_used() -> None:
    subject = translator(ScriptedBackend(follows_glossaries))
    (result,) = subject.translate(["hier wortaax"])
    # of glossaries with the same score the style's own way of hinting the examples, and 1 translation
    assert str(subject.retrieval.policy) == "glossary(max_translations=1)"
    assert result.text == "here is the meaning of wortaax today"
    assert "hints:auto→glossary(max_translations=1)" in subject.signature


@pytest.mark.parametrize("answer", [ignores_hints, misled_by_hints])
def test_there_are_no_hints_where_none_helps(answer: Any) -> None:
    assert decided(ScriptedBackend(answer)) == "none"


def test_a_lead_that_the_second_half_does_not_confirm_is_no_proof() -> None:
    """A judge that likes hints on the first half of the dev set only."""
    seen: list[str] = []

    def translate(jobs: list[tuple[HintPolicy, Segment]], what: str) -> list[Translation]:
        seen.append(what)
        good = "confirmation" not in what
        return [
            Translation(s, (s.reference or "") if good and policy.style == "inline" else "something else")
            for policy, s in jobs
        ]

    decision = decide(AutoPolicy(), DEV, policies(False), translate, "en")
    assert decision.policy == "none"
    assert [one.policy for one in decision.confirmed] == ["inline(max_translations=1)", "inline"]
    assert all(one.p >= LEVEL for one in decision.confirmed)
    assert seen[-1] == "hints, confirmation"


def test_the_runner_up_is_taken_where_it_alone_is_confirmed() -> None:
    def translate(jobs: list[tuple[HintPolicy, Segment]], what: str) -> list[Translation]:
        confirming = "confirmation" in what
        texts = {"glossary": "{} x", "inline(max_translations=1)": "no" if confirming else "{}"}
        return [Translation(s, texts.get(str(p), "no").format(s.reference)) for p, s in jobs]

    decision = decide(AutoPolicy(), DEV, policies(False), translate, "en")
    assert [one.policy for one in decision.confirmed] == ["inline(max_translations=1)", "glossary"]
    assert decision.policy == "glossary"
    # two were tried there: the smaller of both p-values counts twice
    assert decision.confirmed[1].p == pytest.approx(2 / 1001)


def test_nothing_is_confirmed_where_none_is_best_already() -> None:
    def translate(jobs: list[tuple[HintPolicy, Segment]], what: str) -> list[Translation]:
        assert "confirmation" not in what
        return [Translation(s, (s.reference or "") if p == UNHINTED else "x") for p, s in jobs]

    decision = decide(AutoPolicy(), DEV, policies(False), translate, "en")
    assert (decision.policy, decision.confirmed) == ("none", ())
    assert "nothing was significantly better than no hints" in decision.summary()


def test_each_style_is_tried_with_1_and_3_translations_and_each_way_of_hinting_examples() -> None:
    tried = policies(False)
    assert tried[0] == UNHINTED
    assert len(tried) == len(set(tried)) == 1 + 3 * 2 * 3
    assert {policy.style for policy in tried} == {"none", "inline", "glossary", "entries"}
    assert {policy.style for policy in policies(True)} >= {"chain"}


def test_a_decision_is_kept_for_the_same_model_pool_and_dictionary(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = ScriptedBackend(follows_glossaries)
    chosen = decided(first, store=store)
    assert first.asked
    again = ScriptedBackend(follows_glossaries)
    lines: list[str] = []
    subject = translator(again, store=tmp_path / "other")
    subject.prepare(say=lines.append)
    assert (str(subject.retrieval.policy), again.asked) == (chosen, [])
    assert lines[0].startswith("hints: glossary(max_translations=1), as decided before (")
    other = ScriptedBackend(ignores_hints)
    assert decided(other, store=store) == "none"
    assert other.asked


@pytest.mark.parametrize(
    "change",
    [
        {"dictionary": Dictionary.from_pairs([("wortaax", "x")], "de", "en")},
        {"dev": DEV[:60]},
        {"pool": POOL, "exact_match": "exclude"},
        {"hints": "auto(dev=40)"},
        {"max_new_tokens": 30},
    ],
)
def test_a_decision_is_not_used_for_anything_else(tmp_path: Path, change: dict[str, Any]) -> None:
    decided(ScriptedBackend(follows_glossaries), store=tmp_path)
    backend = ScriptedBackend(follows_glossaries)
    decided(backend, **{"store": tmp_path / "other", **change})
    assert backend.asked


def test_the_table_lies_beside_the_store_too(tmp_path: Path) -> None:
    lines: list[str] = []
    translator(ScriptedBackend(follows_glossaries), store=tmp_path / "run").prepare(say=lines.append)
    (file,) = (tmp_path / "run" / "hints").iterdir()
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["policy"] == "glossary(max_translations=1)"
    # no examples and one translation a word: none, and each style in one way
    assert [one["policy"] for one in kept["tried"][:2]] == ["glossary(max_translations=1)", "none"]
    assert len(kept["tried"]) == 4
    assert lines[0].split() == ["policy", "score", "segments"]
    assert lines[-1].startswith("hints: glossary(max_translations=1); ")


def test_pool_pairs_are_held_out_and_kept_out_of_their_own_examples() -> None:
    backend = ScriptedBackend(follows_glossaries)
    assert decided(backend, dev=None, pool=POOL, select="rbm25@2") == "glossary(max_translations=1)"
    for prompt in backend.asked:
        word = source_of(prompt)
        assert prompt.count(f"hier {word}") == 1


def test_copying_exact_matches_does_not_copy_the_references_of_held_out_pairs() -> None:
    backend = ScriptedBackend(follows_glossaries)
    chosen = decided(backend, dev=None, pool=POOL, select="rbm25@2", exact_match="copy")
    assert (chosen, bool(backend.asked)) == ("glossary(max_translations=1)", True)


def test_nearly_equal_dev_segments_do_not_stand_in_both_halves() -> None:
    long = "ein ziemlich langer Satz, den es zweimal gibt, einmal mit Punkt"
    given = [Segment("a", long, "x"), Segment("b", f"{long}.", "x"), *DEV[:20]]
    drawn = draw_dev(Pool(POOL), 64, 1, given)
    assert len(drawn) == 21
    assert len({"a", "b"} & {segment.id for segment in drawn}) == 1


def test_weights_decide_so_another_weight_is_another_decision(tmp_path: Path) -> None:
    entries = [Entry(word, f"meaning of {word}", 0.5) for word in WORDS]
    weighted = Dictionary.from_entries(entries, "de", "en")
    assert weighted.fingerprint != DICTIONARY.fingerprint
    decided(ScriptedBackend(follows_glossaries), store=tmp_path)
    backend = ScriptedBackend(follows_glossaries)
    decided(backend, store=tmp_path / "other", dictionary=weighted)
    assert backend.asked


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hints_in_examples": "always"}, "auto finds out by itself when to hint the examples"),
        ({"hints": "auto(metric=blue)"}, "unknown metric 'blue'"),
        ({"hints": "inline", "auxiliary": {"fr": DICTIONARY}}, "are for the style chain, not for inline"),
    ],
)
def test_options_that_would_be_ignored_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        translator(ScriptedBackend(), **options)


def test_too_few_dev_segments_decide_for_none_and_say_so() -> None:
    lines: list[str] = []
    backend = ScriptedBackend(follows_glossaries)
    subject = translator(backend, dev=DEV[:13])
    subject.prepare(say=lines.append)
    assert (str(subject.retrieval.policy), backend.asked) == ("none", [])
    assert lines == [
        "hints: none (13 dev segments are too few to prove that hints help; 14 are needed, and --dev FILE "
        "gives them)"
    ]


def test_a_dry_run_needs_a_decision() -> None:
    with pytest.raises(ConfigError, match=r"was not chosen yet .* run it without --dry-run first"):
        translator(ScriptedBackend(follows_glossaries)).prepare(dry=True)


def test_auto_and_a_template_exclude_each_other(tmp_path: Path) -> None:
    template = tmp_path / "t.jinja"
    template.write_text("{{ source }}", encoding="utf-8")
    with pytest.raises(ConfigError, match="a template is one"):
        translator(ScriptedBackend(), template=template)


def test_auto_needs_a_dictionary() -> None:
    with pytest.raises(ConfigError, match="the hint style 'auto' needs a dictionary"):
        translator(ScriptedBackend(), dictionary=None)
