"""What COMET's scores are made of: kept scores, several references, the guarded value, warnings."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from comet_texts import HYPOTHESES, NINE, REFERENCES, SOURCES

from mtprompt.cli import cli
from mtprompt.errors import ConfigError
from mtprompt.experiment.results import read_results
from mtprompt.scoring.comet import Comet
from mtprompt.scoring.comet_languages import coverage_warnings
from mtprompt.scoring.comet_name import CometOptions, parse_comet
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.scoring.score_cache import FILE, ScoreCache, content_key
from mtprompt.scoring.significance import compare, interval

OF_FOUR = CometOptions(batch_size=4)


def test_kept_scores_need_no_model(python: Path, models: Path, tmp_path: Path) -> None:
    with Comet(str(models / "reference"), python=python, options=OF_FOUR, cache=tmp_path) as scorer:
        first = scorer.score(NINE)
        assert scorer._loaded
    with Comet(str(models / "reference"), python=python, cache=tmp_path) as other:
        again = other.score(NINE)
        assert not other._loaded
        assert (again.segments, again.signature) == (first.segments, first.signature)
        # a changed translation, and it alone, is scored
        changed = SystemOutput.of([*HYPOTHESES[:8], "x"], REFERENCES[:9], SOURCES[:9])
        third = other.score(changed)
        assert other._loaded
    assert first.segments and third.segments and third.segments[:8] == first.segments[:8]
    assert third.segments[8] != first.segments[8]
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("SELECT count(*) FROM scores").fetchone() == (10,)
    connection.close()


def test_another_checkpoint_has_scores_of_its_own(python: Path, models: Path, tmp_path: Path) -> None:
    outcomes = []
    for name in ("kiwi", "referenceless"):
        with Comet(str(models / name), python=python, cache=tmp_path) as scorer:
            outcomes.append(scorer.score(NINE).segments)
    assert outcomes[0] != outcomes[1]


def test_a_cache_that_cannot_be_used_is_said_and_done_without(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database, but long enough to be taken for one" * 100)
    cache = ScoreCache(tmp_path)
    with pytest.warns(UserWarning, match=r"going on without them"):
        assert cache.scores([b"key"]) == {}
    cache.keep_scores({b"key": 1.0})
    assert cache.scores([b"key"]) == {}
    (tmp_path / "file").touch()
    with pytest.warns(UserWarning, match=r"going on without them"):
        ScoreCache(tmp_path / "file").keep_fact("a", "b")


def test_a_cache_keeps_many_scores_and_facts(tmp_path: Path) -> None:
    cache = ScoreCache(tmp_path / "made")
    scores = {content_key("model", str(i)): i / 7 for i in range(1200)}
    cache.keep_scores(scores)
    cache.keep_fact("file", "hash")
    again = ScoreCache(tmp_path / "made")
    assert again.scores([*scores, b"other"]) == scores
    assert (again.fact("file"), again.fact("other")) == ("hash", None)


def test_content_decides_the_key() -> None:
    keys = [
        content_key("a", "b", None),
        content_key("a", "b", ""),
        content_key("ab", ""),
        content_key("\ud800"),
    ]
    assert len(set(keys)) == 4


def test_a_segment_with_several_references_gets_the_mean(scorer: Comet) -> None:
    one, other = (
        scorer.score(SystemOutput.of(HYPOTHESES[:3], its, SOURCES[:3]))
        for its in (REFERENCES[:3], SOURCES[:3])
    )
    both = [(REFERENCES[0], SOURCES[0]), (REFERENCES[1], SOURCES[1]), (REFERENCES[2],)]
    found = scorer.score(SystemOutput(HYPOTHESES[:3], both, SOURCES[:3]))
    assert one.segments and other.segments and found.segments
    means = [(a + b) / 2 for a, b in zip(one.segments[:2], other.segments[:2], strict=True)]  # type: ignore[operator]
    assert found.segments == pytest.approx([*means, one.segments[2]], abs=1e-6)
    assert "|nrefs:var-mean|" in found.signature
    same = scorer.score(SystemOutput(HYPOTHESES[:2], both[:2], SOURCES[:2]))
    assert "|nrefs:2-mean|" in same.signature


GERMAN = "Der Arzt untersuchte den Patienten gestern und alle waren darüber sehr froh."
ENGLISH = "The doctor examined the patient yesterday, and all were very glad about it."


def test_copies_empty_and_wrong_languages_score_0_in_the_guarded_value(python: Path, models: Path) -> None:
    french = "Le médecin a examiné le patient hier et tout le monde en était très heureux."
    hypotheses = [ENGLISH, "", GERMAN, french]
    output = SystemOutput.of(hypotheses, [ENGLISH] * 4, [GERMAN] * 4)
    with Comet(str(models / "reference"), python=python, languages=("de", "en")) as scorer:
        result = scorer.score(output)
        (guarded,) = result.beside
        (against,) = compare(output, [SystemOutput.of([ENGLISH] * 4, [ENGLISH] * 4, [GERMAN] * 4)], scorer)
        bounds = interval(output, scorer)
    assert result.segments and guarded.segments
    raw = result.segments[0]
    assert raw is not None and raw > 0 and guarded.segments == (raw, 0.0, 0.0, 0.0)
    assert guarded.system == pytest.approx(raw / 4)
    assert guarded.name == f"{result.name} guarded"
    assert guarded.details == {"zeroed": {"empty": 1, "source_copied": 1, "wrong_language": 1}}
    assert guarded.signature.startswith(
        f"{result.signature}|guard:empty,source_copied,wrong_language|langs:de-en|langid:"
    )
    # the tiny encoder is nobody's, and that is said
    (warning,) = result.warnings
    assert "which languages its encoder" in warning
    assert against.wins is not None and bounds and bounds.low <= result.system <= bounds.high


def test_without_languages_the_guard_says_what_it_does_not_find(scorer: Comet) -> None:
    result = scorer.score(NINE)
    (warning,) = result.warnings
    assert "guarded: a wrong language is not found unless both languages are given" in warning
    assert result.beside[0].signature.endswith("|langs:none")


# --- names and languages; no COMET needed


@pytest.mark.parametrize(
    ("text", "model", "options"),
    [
        ("Unbabel/wmt22-comet-da", "Unbabel/wmt22-comet-da", CometOptions()),
        ("/m/model.ckpt(batch_size=8)", "/m/model.ckpt", CometOptions(batch_size=8)),
        ("a/b(gpus=0,timeout=30)", "a/b", CometOptions(gpus=0, timeout=30)),
        ("/m(1)/model.ckpt", "/m(1)/model.ckpt", CometOptions()),
        ("/m(1)/model.ckpt(gpus=1)", "/m(1)/model.ckpt", CometOptions(gpus=1)),
    ],
)
def test_options_stand_behind_the_model(text: str, model: str, options: CometOptions) -> None:
    assert parse_comet(text) == (model, options)


def test_a_folder_whose_name_looks_like_options_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model(gpus=1)").mkdir()
    assert parse_comet("model(gpus=1)") == ("model(gpus=1)", CometOptions())


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("comet:a/b(batch=1)", r"unknown option .* 'batch'\. Did you mean 'batch_size'"),
        ("comet:a/b(batch_size=many)", "batch_size must be a whole number, got 'many'"),
        ("comet:a/b(batch_size=0)", "batch size must be at least 1, not 0"),
        ("comet:a/b(gpus)", "the options of 'a/b.gpus.' cannot be read"),
        ("comet:(gpus=1)", "cannot be read"),
        ("comet", "comet needs a model, for instance comet:Unbabel/wmt22-comet-da"),
        ("flags:x", "flags takes nothing after a colon"),
    ],
)
def test_a_wrong_name_or_option_is_one_line(metric: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        load_scorer(metric, "en", "de")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("encoder", "languages", "said"),
    [
        ("xlm-roberta-large", ("de", "en"), None),
        ("microsoft/infoxlm-large", ("en", "sw"), None),
        ("facebook/xlm-roberta-xl", ("en", "zh-Hant"), None),
        ("xlm-roberta-large", ("en", "nb"), None),
        ("xlm-roberta-large", ("en", "yo"), "has not read Yoruba (yo)"),
        ("xlm-roberta-large", ("ig", "yo"), "has not read Igbo (ig) and Yoruba (yo)"),
        ("Davlan/afro-xlmr-large", ("en", "yo"), None),
        ("xlm-roberta-large", (None, None), None),
        ("xlm-roberta-large", (None, "zu"), "has not read Zulu (zu)"),
        (
            "somebody/encoder",
            ("de", "en"),
            "which languages its encoder somebody/encoder has read is not known",
        ),
    ],
)
def test_languages_that_the_encoder_has_not_read_are_said(
    encoder: str, languages: tuple[str | None, str | None], said: str | None
) -> None:
    warnings = coverage_warnings("comet:m", encoder, languages)
    assert len(warnings) == (said is not None)
    assert said is None or said in warnings[0]


def test_a_sweep_and_its_report_have_comet_and_its_guarded_value(
    python: Path, models: Path, scorer: Comet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MTPROMPT_COMET_PYTHON", str(python))
    monkeypatch.chdir(tmp_path)
    rows = [{"source": s, "reference": r} for s, r in zip(SOURCES[:8], REFERENCES[:8], strict=True)]
    Path("test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    Path("other.txt").write_text("".join(f"{text}\n" for text in HYPOTHESES[:8]), encoding="utf-8")
    metric = f"comet:{models / 'reference' / 'checkpoints' / 'model.ckpt'}(batch_size=4)"
    Path("sweep.yaml").write_text(
        f'languages: [de, en]\nmetrics: ["{metric}"]\ntests: {{t: test.jsonl}}\n'
        f"systems: {{other: other.txt}}\n"
        'grid: [{select: zero, model: "scripted:echo"}]\n',
        encoding="utf-8",
    )
    done = CliRunner().invoke(cli, ["sweep", "sweep.yaml", "-o", "out"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    other, copies = sorted(read_results("out").cells, key=lambda cell: "system" not in cell.axes)
    raw, guarded = other.scores.values()
    expected = scorer.score(SystemOutput.of(HYPOTHESES[:8], REFERENCES[:8], SOURCES[:8]))
    assert raw.score == pytest.approx(expected.system)
    assert raw.signature == expected.signature and raw.low and raw.high and raw.low <= raw.score <= raw.high
    # copies have a score by COMET, and none that is guarded; one source is too short to be called copied
    raw, guarded = copies.scores.values()
    assert guarded.details == {"zeroed": {"source_copied": 7}}
    assert 0 < guarded.score < raw.score
    done = CliRunner().invoke(cli, ["report", "out"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "guarded" in Path("out/report.md").read_text(encoding="utf-8")
