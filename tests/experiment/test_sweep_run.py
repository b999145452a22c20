"""Sweeps with scripted models: shared prompts, resuming, failures, seeds, leaks, windows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_sweep import SWEEP, TEA, TESTS, Sweeper, ids, make_data, write_rows

from mtprompt.corpus.jsonl import read_pairs
from mtprompt.errors import BackendError, ConfigError, DataError, MTPromptError
from mtprompt.experiment.compare import MetricResults, cell_output, compare_cells
from mtprompt.experiment.profile import profile_pairs
from mtprompt.experiment.results import read_results, read_segments
from mtprompt.experiment.spread import over_seeds
from mtprompt.generation.protocol import Decoding
from mtprompt.generation.scripted import ScriptedBackend, echo_source
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.scoring.significance import compare
from mtprompt.scoring.statistics import mean
from mtprompt.segments import Generation, MetricResult

ANSWERS = {source: target for its in TESTS.values() for source, target in its}


@pytest.fixture
def sweeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sweeper:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make_data(tmp_path)
    return Sweeper(tmp_path)


def translates(prompt: str) -> str:
    """The reference with examples; without, the source as it stands."""
    source = echo_source(prompt)
    return ANSWERS.get(source, "") if prompt.count("German:") > 1 else source


class Faulty(ScriptedBackend):
    """Fails at a prompt with a word, after it answered all prompts before it."""

    def __init__(self, word: str, error: BaseException | None = None) -> None:
        super().__init__(translates)
        self.word: str | None = word
        self._error = error or BackendError("out of luck")

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        for i, generation in super().generate(prompts, max_new_tokens, decoding):
            if self.word and self.word in prompts[i]:
                raise self._error
            yield i, generation


def grid(*blocks: str) -> str:
    return SWEEP.partition("grid:")[0] + "grid:\n" + "".join(f"  - {block}\n" for block in blocks)


def test_every_cell_has_its_scores_and_its_segments(sweeper: Sweeper) -> None:
    results = sweeper.run(models={"scripted:echo": ScriptedBackend(translates)})
    assert [(result.cell, round(result.scores["chrf++"].score)) for result in results] == [
        ("tea.zero.scripted-echo", 12),
        ("tea.tea.rbm25-2.scripted-echo", 100),
        ("tea.bike.rbm25-2.scripted-echo", 100),
        ("bike.zero.scripted-echo", 11),
        ("bike.bike.rbm25-2.scripted-echo", 100),
        ("bike.tea.rbm25-2.scripted-echo", 100),
    ]
    assert list(read_results(sweeper.out).cells) == results
    rows = list(read_segments(sweeper.out, "tea.tea.rbm25-2.scripted-echo"))
    assert [row["translation"] for row in rows] == [target for _, target in TESTS["tea"]]
    assert [row["reference"] for row in rows] == [target for _, target in TESTS["tea"]]
    assert rows[0]["prompt"].endswith(f"German: {TESTS['tea'][0][0]}\nEnglish:")
    assert rows[0]["examples"][-1]["rank"] == 1
    assert rows[0]["scores"] == {"chrf++": 100.0}


def test_scores_and_intervals_are_those_of_the_metric_itself(sweeper: Sweeper) -> None:
    zero = sweeper.run()[0].scores["chrf++"]
    output = SystemOutput.of([s for s, _ in TESTS["tea"]], [t for _, t in TESTS["tea"]])
    expected = load_scorer("chrf++", "en").score(output)
    assert zero.score == expected.system
    assert zero.signature == expected.signature
    assert zero.low is not None and zero.high is not None
    assert zero.low <= zero.score <= zero.high


def test_what_a_metric_says_beside_its_score_is_a_score_of_its_own(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Guarded:
        name = "chrf++"

        def score(self, output: SystemOutput) -> MetricResult:
            result = load_scorer("chrf++", "en").score(output)
            zeros = (0.0,) * len(output.hypotheses)
            beside = MetricResult("chrf++ guarded", 0.0, zeros, "guarded", statistics=mean(zeros))
            return replace(result, beside=(beside,))

    monkeypatch.setattr("mtprompt.experiment.shared.load_scorer", lambda *_: Guarded())
    result = sweeper.run()[0]
    assert result.scores["chrf++"].score > 0
    assert (result.scores["chrf++ guarded"].score, result.scores["chrf++ guarded"].high) == (0.0, 0.0)
    row = next(read_segments(sweeper.out, result.cell))
    assert row["scores"].keys() == {"chrf++", "chrf++ guarded"}


def test_a_metric_with_nothing_to_count_is_left_out_of_a_cell_and_says_why(sweeper: Sweeper) -> None:
    Path("bells.tsv").write_text("Glocke\tbell\n")
    text = grid("{test: tea, pool: in, select: first@2, hints: [none, entries]}")
    results = sweeper.run(text.replace("[chrf++]", "[chrf++, hints, 'terms:bells.tsv']"))
    assert [(its.status, list(its.scores)) for its in results] == [
        ("done", ["chrf++"]),
        ("done", ["chrf++", "hints", "hints useful", "hints misleading"]),
    ]
    assert results[0].unscored["hints"] == "hints: no segment has a hint, so none can be followed"
    assert all("no term can be scored" in its.unscored["terms:bells.tsv"] for its in results)
    assert list(read_results(sweeper.out).cells) == results
    assert any("; hints: no segment has a hint" in line for line in sweeper.said)


def test_differences_of_shares_are_tested_as_scoring_tests_them(sweeper: Sweeper) -> None:
    Path("bells.tsv").write_text("Tee\ttea\nKanne\tpot\nGarten\tgarden\n")
    metric = "terms:bells.tsv"
    text = grid("{test: tea, select: zero}", "{test: tea, pool: in, select: first@2}")
    text = text.replace("[chrf++]", f"['{metric}']")
    zero, shots = sweeper.run(text, {"scripted:echo": ScriptedBackend(translates)})
    rows = {its.cell: list(read_segments(sweeper.out, its.cell)) for its in (zero, shots)}
    assert [row["counts"][metric] for row in rows[shots.cell]] == [[2, 2], [2, 2], [1, 1]]
    outputs = {cell: cell_output(its) for cell, its in rows.items()}
    (found,) = compare_cells(
        {shots.cell: zero.cell}, MetricResults({its.cell: its for its in (zero, shots)}, outputs), metric
    )
    scorer = load_scorer(metric, "en", "de")
    expected = compare(outputs[zero.cell].output, [outputs[shots.cell].output], scorer)
    assert [found.comparison] == expected


def test_shares_of_none_and_of_some_are_tested_on_one_scale(sweeper: Sweeper) -> None:
    Path("other.txt").write_text("".join(f"{target}\n" for _, target in TESTS["tea"]))
    text = grid("{test: tea, select: zero}").replace("grid:", "systems: {other: {tea: other.txt}}\ngrid:")
    zero, other = sweeper.run(text.replace("[chrf++]", "[flags]"))  # copies of the source, and none
    assert (zero.scores["flags"].score, other.scores["flags"].score) == (100, 0)
    rows = {its.cell: list(read_segments(sweeper.out, its.cell)) for its in (zero, other)}
    assert not any("counts" in row for its in rows.values() for row in its)
    outputs = {cell: cell_output(its) for cell, its in rows.items()}
    results = MetricResults({its.cell: its for its in (zero, other)}, outputs)
    (found,) = compare_cells({other.cell: zero.cell}, results, "flags")
    # of the eight ways to swap three segments two give a difference as large
    assert found.comparison and (found.comparison.delta, found.comparison.p_value) == (-100, 0.25)


def test_a_segment_is_from_the_store_only_if_it_was_there_before_the_sweep(sweeper: Sweeper) -> None:
    text = grid("{test: tea, select: zero}")
    (result,) = sweeper.run(text)
    assert [row["cached"] for row in read_segments(sweeper.out, result.cell)] == [False] * 3
    (again,) = sweeper.run(text.replace("chrf++", "bleu"))
    assert [row["cached"] for row in read_segments(sweeper.out, again.cell)] == [True] * 3


def test_results_of_another_plan_are_gone_before_the_first_cell_is_done(sweeper: Sweeper) -> None:
    sweeper.run("limit: 1\n" + SWEEP)
    with pytest.raises(KeyboardInterrupt):
        sweeper.run(models={"scripted:echo": Faulty("German", KeyboardInterrupt())})
    found = read_results(sweeper.out)
    assert (len(found.cells), len(found.missing)) == (0, 6)


def test_all_references_of_a_segment_count(sweeper: Sweeper) -> None:
    rows = [{"source": s, "references": {"a": "nothing alike", "b": t}} for s, t in TESTS["tea"]]
    write_rows(Path("tea.test.jsonl"), rows)
    Path("other.txt").write_text("".join(f"{target}\n" for _, target in TESTS["tea"]))
    text = grid("{test: tea, select: zero}").replace("grid:", "systems: {other: {tea: other.txt}}\ngrid:")
    zero, other = sweeper.run(text)
    assert other.scores["chrf++"].score == 100
    row = next(read_segments(sweeper.out, zero.cell))
    assert row["reference"] == ["nothing alike", TESTS["tea"][0][1]]
    rows[0]["references"] = ["nothing alike", "nothing"]
    write_rows(Path("tea.test.jsonl"), rows)
    assert len(sweeper.plan(text)[0].planned) == 1


def test_only_rows_within_the_limit_are_looked_at_and_each_has_references_of_its_own_kind(
    sweeper: Sweeper,
) -> None:
    (first, first_target), (second, second_target), _ = TESTS["tea"]
    rows = [
        {"source": first, "references": [first_target, "or so"], "reference": "not this"},
        {"source": second, "references": None, "reference": second_target},
        {"source": " ", "references": []},
        {"source": "Zu viel.", "references": 3},
    ]
    write_rows(Path("tea.test.jsonl"), rows)
    plan, shared = sweeper.plan("limit: 3\n" + grid("{test: tea, select: zero}"))
    (test,) = {its.cell.test for its in plan.planned}
    assert [its.reference for its in shared.segments(test)] == [first_target, second_target, ""]
    assert shared.references(test) == [(first_target, "or so"), (second_target,), ("",)]
    with pytest.raises(DataError, match=r"tea\.test\.jsonl:4: field 'references' must be a list"):
        sweeper.plan(grid("{test: tea, select: zero}"))


def test_the_numbers_of_lines_are_no_ids(sweeper: Sweeper) -> None:
    write_rows(Path("tea.test.jsonl"), ({"source": s, "reference": t} for s, t in TESTS["tea"]))
    rows = [{"id": i, "translation": target} for i, (_, target) in enumerate(TESTS["tea"])]
    write_rows(Path("other.jsonl"), rows)
    text = SWEEP.partition("grid:")[0] + "systems: {other: {tea: other.jsonl}}\n"
    for limit in (1, 2, 3):
        assert sweeper.run(f"limit: {limit}\n{text}")[0].scores["chrf++"].score == 100


def test_existing_translations_with_some_of_the_ids_are_refused_and_with_none_taken_by_line(
    sweeper: Sweeper,
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": f"tea{i}", "translation": target} for i, (_, target) in enumerate(TESTS["tea"])
    ]
    text = SWEEP.partition("grid:")[0] + "systems: {other: {tea: other.jsonl}}\n"
    write_rows(Path("other.jsonl"), reversed([rows[0], rows[1] | {"id": "TEA1"}, rows[2]]))
    with pytest.raises(
        DataError, match=r"other\.jsonl: no row has the id 'tea1' of the test set tea, though"
    ):
        sweeper.plan(text)
    for ids_ in (["a", "b", "c"], [{"a": 1}, 1.5, True], ["tea0", "tea0", "tea1"]):
        write_rows(Path("other.jsonl"), (row | {"id": its} for row, its in zip(rows, ids_, strict=True)))
        assert sweeper.run(text)[0].scores["chrf++"].score == 100


def test_existing_translations_meet_the_segments_of_their_ids(sweeper: Sweeper) -> None:
    rows = [{"id": f"tea{i}", "translation": target} for i, (_, target) in enumerate(TESTS["tea"])]
    write_rows(Path("other.jsonl"), reversed(rows))
    text = SWEEP.partition("grid:")[0] + "systems: {other: {tea: other.jsonl}}\n"
    assert sweeper.run(text)[0].scores["chrf++"].score == 100
    others = [{"source": source, "translation": target} for source, target in TESTS["tea"]]
    write_rows(Path("other.jsonl"), reversed(others))
    with pytest.raises(
        DataError, match=r"^sweep.yaml:7: other.jsonl:1: its source is not that of segment tea0"
    ):
        sweeper.plan(text)
    write_rows(Path("other.jsonl"), others[:2])
    with pytest.raises(DataError, match=r"^sweep.yaml:7: other.jsonl: 2 translations"):
        sweeper.plan(text)


def test_a_single_segment_has_no_interval(sweeper: Sweeper) -> None:
    score = sweeper.run("limit: 1\n" + SWEEP)[0].scores["chrf++"]
    assert (score.low, score.high) == (None, None)


def test_a_prompt_that_several_cells_have_is_asked_once(sweeper: Sweeper) -> None:
    model = ScriptedBackend(translates)
    # a pool of five pairs, of which both strategies take all in the same order, once they have all
    text = grid("{test: tea, pool: in, select: [first@2, first@2|random@2, zero]}")
    plan, _ = sweeper.plan(text, {"scripted:echo": model})
    (work,) = plan.workloads
    assert (work.cells, work.asked, work.different, work.missing) == (3, 9, 6, 6)
    results = sweeper.run(text, {"scripted:echo": model})
    assert len(model.asked) == 6 == len(set(model.asked))
    assert [result.usage and result.usage.cached for result in results] == [0, 0, 0]
    assert [result.usage and result.usage.completion_tokens > 0 for result in results] == [True] * 3


def test_a_second_run_does_nothing_and_a_larger_sweep_only_what_is_new(sweeper: Sweeper) -> None:
    model = ScriptedBackend(translates)
    first = sweeper.run(grid("{test: tea, select: zero}"), {"scripted:echo": model})
    model.asked.clear()
    again = sweeper.run(grid("{test: tea, select: zero}"), {"scripted:echo": model})
    assert again == first
    assert model.asked == []
    plan, _ = sweeper.plan(grid("{test: [tea, bike], select: zero}"), {"scripted:echo": model})
    assert (list(plan.results), ids([its.cell for its in plan.planned])) == (
        ["tea.zero.scripted-echo"],
        ["bike.zero.scripted-echo"],
    )


@pytest.mark.parametrize("change", ["test", "pool", "metric", "dictionary", "segments", "template"])
def test_whatever_decides_a_result_makes_it_anew(sweeper: Sweeper, change: str) -> None:
    text = grid("{test: tea, pool: in, select: rbm25@2, hints: entries}")
    sweeper.run(text)
    assert sweeper.plan(text)[0].planned == []
    if change == "test":
        write_rows(Path("tea.test.jsonl"), [{"source": "Der Tee.", "reference": "The tea."}])
    elif change == "pool":
        write_rows(Path("tea.pool.jsonl"), ({"source": s, "target": t} for s, t in TEA[1:]))
    elif change == "metric":
        text = text.replace("chrf++", "ter")
    elif change == "dictionary":
        Path("terms.tsv").write_text("Tee\ttea\n")
    elif change == "segments":
        (sweeper.out / "segments" / "tea.tea.rbm25-2.entries.terms.scripted-echo.jsonl.gz").unlink()
    else:
        text = text.replace("hints: entries", "hints: entries, template: t.jinja")
        Path("t.jinja").write_text("{{ source }} =")
    assert len(sweeper.plan(text)[0].planned) == 1


def test_cells_that_the_sweep_has_no_more_are_no_results_of_it(sweeper: Sweeper) -> None:
    sweeper.run(grid("{select: zero}"))
    results = sweeper.run(grid("{test: bike, select: zero}"))
    assert ids(read_results(sweeper.out).cells) == ids(results) == ["bike.zero.scripted-echo"]


def test_a_failed_cell_is_said_the_others_finish_and_the_next_run_tries_it_again(
    sweeper: Sweeper,
) -> None:
    model = Faulty("Garten")
    text = grid("{select: zero}", "{test: bike, pool: in, select: rbm25@2}")
    results = sweeper.run(text, {"scripted:echo": model})
    assert [(result.cell, result.status) for result in results] == [
        ("tea.zero.scripted-echo", "failed"),
        ("bike.zero.scripted-echo", "done"),
        ("bike.bike.rbm25-2.scripted-echo", "done"),
    ]
    assert results[0].error == "out of luck"
    assert list(read_results(sweeper.out).cells) == results
    assert any("1/3 tea.zero.scripted-echo: failed: out of luck" in line for line in sweeper.said)
    model.word, model.asked[:] = None, []
    assert [result.status for result in sweeper.run(text, {"scripted:echo": model})] == ["done"] * 3
    assert [echo_source(prompt) for prompt in model.asked] == [source for source, _ in TESTS["tea"][1:]]


def test_cells_of_one_batch_that_have_all_they_need_survive_its_failure(sweeper: Sweeper) -> None:
    # the batch is asked in the order of its cells: the first cell's prompts come before the one that fails
    model = Faulty("kalt und die Kanne leer.\nEnglish:", BackendError("gone"))
    model.word = "The pot is on the table."
    results = sweeper.run(
        grid("{test: tea, select: zero}", "{test: tea, pool: in, select: rbm25@2}"), {"scripted:echo": model}
    )
    assert [result.status for result in results] == ["done", "failed"]


def test_a_bug_costs_its_cell_alone_and_is_said_with_its_traceback(sweeper: Sweeper) -> None:
    model = Faulty("Garten", ZeroDivisionError("oops"))
    results = sweeper.run(grid("{select: zero}"), {"scripted:echo": model})
    assert [result.status for result in results] == ["failed", "done"]
    assert results[0].error == "ZeroDivisionError: oops"
    assert any("Traceback" in line and "oops" in line for line in sweeper.said)


def test_an_interrupted_sweep_keeps_what_is_finished_and_says_that_it_is_unfinished(sweeper: Sweeper) -> None:
    model = Faulty("Kette", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        sweeper.run(grid("{select: zero}"), {"scripted:echo": model})
    found = read_results(sweeper.out)
    assert ids(found.cells) == ["tea.zero.scripted-echo"]
    assert found.missing == ["bike.zero.scripted-echo"]
    assert found.manifest.finished is None
    model.word, model.asked[:] = None, []
    sweeper.run(grid("{select: zero}"), {"scripted:echo": model})
    assert [echo_source(prompt) for prompt in model.asked] == [source for source, _ in TESTS["bike"]]
    assert read_results(sweeper.out).manifest.finished is not None


def test_a_cell_without_survivors_fails_and_says_why(sweeper: Sweeper) -> None:
    results = sweeper.run(grid("{test: tea, select: zero}"), {"scripted:echo": ScriptedBackend(context=3)})
    assert results[0].status == "failed"
    assert results[0].error == "none of its 3 segments fits the model's window, so there is nothing to score"
    assert any("tea.zero.scripted-echo (0 of 3, 3 do not fit at all)" in line for line in sweeper.said)


def test_translations_that_are_all_empty_are_a_result_of_zero(sweeper: Sweeper) -> None:
    (result,) = sweeper.run(
        grid("{test: tea, select: zero}"), {"scripted:echo": ScriptedBackend(lambda _: "")}
    )
    assert result.status == "done"
    assert result.scores["chrf++"].score == 0
    assert result.flags == {"empty": 3}


def test_prompts_over_the_window_are_said_before_anything_runs(sweeper: Sweeper) -> None:
    model = ScriptedBackend(context=70)
    plan, _ = sweeper.plan(grid("{test: tea, pool: in, select: first@5}"), {"scripted:echo": model})
    assert len(plan.planned) == 1
    assert model.asked == []
    assert sweeper.said == [
        "window: prompts of 1 cells lose examples or hints to the 70 tokens of scripted:echo: "
        "tea.tea.first-5.scripted-echo (3 of 3)"
    ]
    (result,) = sweeper.run(
        grid("{test: tea, pool: in, select: first@5}"), {"scripted:echo": ScriptedBackend(context=70)}
    )
    assert result.usage and result.usage.dropped == 3


def test_leaks_are_said_kept_out_and_counted(sweeper: Sweeper) -> None:
    leak = TESTS["tea"][0]
    rows = [{"source": s, "target": t} for s, t in [*TEA, leak, ("Etwas anderes.", TESTS["tea"][1][1])]]
    write_rows(Path("tea.pool.jsonl"), rows)
    (result,) = sweeper.run(grid("{test: tea, pool: in, select: rbm25@3}"))
    assert "leaks: 2 of 3 segments of tea stand in the pool tea; they are kept out" in sweeper.said
    assert result.excluded == 2
    for row in read_segments(sweeper.out, result.cell):
        assert row["source"] not in [example["source"] for example in row["examples"]]
        assert row["reference"] not in [example["target"] for example in row["examples"]]


def test_a_dev_set_that_holds_test_segments_is_said(sweeper: Sweeper) -> None:
    write_rows(Path("dev.jsonl"), [{"source": s, "reference": t} for s, t in [*TEA, TESTS["tea"][1]]])
    text = grid("{test: tea, select: zero}")
    sweeper.plan(text.replace("tea: tea.test.jsonl", "tea: {path: tea.test.jsonl, dev: dev.jsonl}"))
    assert "leaks: 1 segments of tea stand in its own dev set; take them out of it" in sweeper.said


def test_seeds_give_cells_of_their_own_with_mean_and_spread(sweeper: Sweeper) -> None:
    def answer(prompt: str) -> str:
        return prompt.split("English: ")[1].split("\n")[0]  # the first example's target, which is drawn

    text = grid("{test: tea, pool: in, select: random@1, seed: [1, 2, 3]}")
    results = sweeper.run(text, {"scripted:echo": ScriptedBackend(answer)})
    assert [result.axes["seed"] for result in results] == [1, 2, 3]
    (spread,) = over_seeds(results)
    scores = [result.scores["chrf++"].score for result in results]
    assert spread.score("chrf++") == pytest.approx(sum(scores) / 3)
    assert spread.deviation("chrf++") and len(set(scores)) > 1


def test_existing_translations_are_a_cell_beside_the_others(sweeper: Sweeper) -> None:
    Path("tea.hyp.txt").write_text("".join(f"{target}\n" for _, target in TESTS["tea"]))
    text = grid("{select: zero}").replace("grid:", "systems: {human: {tea: tea.hyp.txt}}\ngrid:")
    results = {result.cell: result for result in sweeper.run(text)}
    human = results["tea.system.human"]
    assert human.scores["chrf++"].score == 100
    assert human.axes == {"test": "tea", "system": "human"}
    assert (human.usage, human.flags) == (None, {})
    rows = list(read_segments(sweeper.out, "tea.system.human"))
    assert [row["reference"] for row in rows] == [row["translation"] for row in rows]
    assert sweeper.plan(text)[0].systems == []
    Path("tea.hyp.txt").write_text("a\nb\nc\n")
    assert len(sweeper.plan(text)[0].systems) == 1


def test_existing_translations_of_another_number_are_refused_before_anything_runs(sweeper: Sweeper) -> None:
    Path("tea.hyp.txt").write_text("a\nb\n")
    text = grid("{select: zero}").replace("grid:", "systems: {human: {tea: tea.hyp.txt}}\ngrid:")
    with pytest.raises(DataError, match=r"tea\.hyp\.txt: 2 translations, and the test set tea has 3 seg"):
        sweeper.plan(text)
    assert len(sweeper.plan("limit: 2\n" + text)[0].systems) == 1


MISTAKES: list[tuple[str, str, type[MTPromptError], str]] = [
    ("chrf++", "chrff", ConfigError, r"sweep\.yaml:2: unknown metric 'chrff'\. Did you mean 'chrf'"),
    (
        "scripted:echo",
        "gemma-3-27m",
        ConfigError,
        r"sweep\.yaml:6: unknown model 'gemma-3-27m'\. Did you",
    ),
    ("scripted:echo", "script:echo", ConfigError, r"sweep\.yaml:6: unknown engine 'script'\. Did you mean"),
    ("bike: bike.pool", "bike: answers", DataError, r"sweep\.yaml:4: .*field 'target' is missing"),
    ("select: zero", "select: rbm25@1", ConfigError, r"sweep\.yaml:8: the strategy rbm25@1 needs a pool"),
]


@pytest.mark.parametrize(("right", "wrong", "kind", "message"), MISTAKES)
def test_what_cannot_be_opened_is_said_with_its_line_before_anything_runs(
    sweeper: Sweeper, right: str, wrong: str, kind: type[MTPromptError], message: str
) -> None:
    assert right in SWEEP
    with pytest.raises(kind, match=message) as error:
        sweeper.plan(SWEEP.replace(right, wrong, 1))
    assert "\n" not in str(error.value)


def test_a_test_set_needs_references(sweeper: Sweeper) -> None:
    write_rows(Path("tea.test.jsonl"), [{"id": "x7", "source": "Der Tee."}])
    with pytest.raises(DataError, match=r"sweep\.yaml:3: tea\.test\.jsonl: segment x7 has no reference"):
        sweeper.plan()


def test_an_empty_test_set_is_refused(sweeper: Sweeper) -> None:
    Path("tea.test.jsonl").write_text("")
    with pytest.raises(DataError, match=r"sweep\.yaml:3: tea\.test\.jsonl: no segments in it"):
        sweeper.plan()


def test_a_search_is_not_counted_before_it_was_made_and_then_it_is(sweeper: Sweeper) -> None:
    text = grid('{test: tea, pool: in, select: "task(candidates=3,dev=2,metric=bleu)@1"}')
    model = ScriptedBackend(translates)
    plan, _ = sweeper.plan(text, {"scripted:echo": model})
    assert (plan.searching, plan.workloads, model.asked) == (1, [], [])
    (result,) = sweeper.run(text, {"scripted:echo": model})
    assert result.status == "done" and result.axes["seed"] == 1
    (sweeper.out / "results.jsonl").unlink()
    plan, _ = sweeper.plan(text, {"scripted:echo": model})
    assert plan.searching == 0
    assert [work.missing for work in plan.workloads] == [0]


def test_hints_are_counted_and_a_noisy_pool_is_another_pool(sweeper: Sweeper) -> None:
    bad = "bad: {path: tea.pool.jsonl, domain: tea, noise: misaligned}"
    text = grid("{test: tea, pool: in, select: rbm25@1, hints: [none, entries]}")
    text = text.replace("tea: tea.pool.jsonl", f"tea: tea.pool.jsonl, {bad}")
    results = sweeper.run(text, {"scripted:echo": ScriptedBackend(translates)})
    assert [(result.axes["pool"], result.axes["hints"]) for result in results] == [
        ("tea", "none"),
        ("tea", "entries"),
        ("bad", "none"),
        ("bad", "entries"),
    ]
    assert results[0].hints is None
    assert results[1].hints and (results[1].hints["given"], results[1].hints["useful"]) == (2, 2)
    good, bad = (next(iter(read_segments(sweeper.out, results[i].cell)))["examples"] for i in (0, 2))
    assert good[0]["source"] == bad[0]["source"]
    assert good[0]["target"] != bad[0]["target"]


def test_what_auto_decided_is_in_the_results(sweeper: Sweeper) -> None:
    dev = [{"source": f"Die Kanne {n} ist leer.", "reference": f"Pot {n} is empty."} for n in range(40)]
    write_rows(Path("dev.jsonl"), dev)
    text = grid("{test: tea, pool: in, select: rbm25@1, hints: [none, auto, entries]}")
    text = text.replace("tea: tea.test.jsonl", "tea: {path: tea.test.jsonl, dev: dev.jsonl}")
    results = sweeper.run(text)  # a model that copies makes nothing of hints
    assert [(result.axes["hints"], result.policy) for result in results] == [
        ("none", None),
        ("auto", "none"),
        ("entries", "entries"),
    ]
    assert list(read_results(sweeper.out).cells) == results


def test_chain_has_the_auxiliary_languages_of_its_test_set(sweeper: Sweeper) -> None:
    Path("de-fr.tsv").write_text("Kanne\tthéière\n", encoding="utf-8")
    text = SWEEP.replace("tea: tea.test", "tea: {path: tea.test", 1).replace(
        "jsonl,", "jsonl, auxiliary: {fr: de-fr.tsv}},", 1
    )
    head = text.partition("grid:")[0]
    results = sweeper.run(head + "grid: [{select: zero, hints: [chain, entries]}]\n")
    chain = list(read_segments(sweeper.out, "tea.zero.chain.terms.scripted-echo"))
    assert '"Kanne" means "pot" means "théière".' in chain[0]["prompt"]
    entries = list(read_segments(sweeper.out, "tea.zero.entries.terms.scripted-echo"))
    assert "théière" not in entries[0]["prompt"]
    assert [("aux:fr=" in its.signature) for its in results] == [True, False, False, False]


def test_picked_examples_have_a_profile_and_zero_shot_has_none(sweeper: Sweeper) -> None:
    zero, shots, _, *_ = sweeper.run()
    assert zero.profile is None
    assert shots.profile and shots.profile["diversity.pair_share"] is not None


def test_the_pools_have_a_profile_too(sweeper: Sweeper) -> None:
    sweeper.run()
    pools = read_results(sweeper.out).manifest.pools
    assert "tea" in pools
    pairs = list(read_pairs(sweeper.folder / "tea.pool.jsonl"))
    measured = profile_pairs(pairs, ("de", "en"), sample=len(TESTS["tea"]))
    assert {name: pools["tea"][name] for name in measured} == measured


def test_a_pool_is_measured_on_as_many_pairs_as_what_is_picked_from_it(sweeper: Sweeper) -> None:
    sources = [f"Der Tee Nummer {i} ist heiß." for i in range(40)]
    write_rows(Path("tea.pool.jsonl"), ({"source": s, "target": f"{s} Tea."} for s in sources * 2))
    result = sweeper.run(grid("{test: tea, pool: in, select: random@1}"))[0]
    pool = read_results(sweeper.out).manifest.pools["tea"]
    assert result.profile
    assert pool["diversity.pair_share"] == 0.5
    assert 1 <= pool["diversity.vendi"] <= 3  # of three pairs, as many as there are prompts


def test_an_ensemble_is_a_model_like_others(sweeper: Sweeper) -> None:
    text = grid("{test: tea, select: zero}").replace(
        '"scripted:echo"', '"ensemble(scripted:echo,scripted:answers.jsonl)"'
    )
    plan, _ = sweeper.plan(text)
    assert [work.asked for work in plan.workloads] == [6]
    (result,) = sweeper.run(text)
    assert result.status == "done"
    rows = list(read_segments(sweeper.out, result.cell))
    assert [len(row["proposals"]) for row in rows] == [2, 2, 2]


def test_the_speed_of_stored_answers_tells_how_long_the_rest_takes(sweeper: Sweeper) -> None:
    class Slow(ScriptedBackend):
        def generate(self, *asked: Any) -> Iterator[tuple[int, Generation]]:
            for i, its in super().generate(*asked):
                usage = type(its.usage)(its.usage.prompt_tokens, its.usage.completion_tokens, 10.0)
                yield i, Generation(its.text, its.finish_reason, usage)

        @property
        def identity(self) -> Mapping[str, str]:
            return {"engine": "slow", "model": "slow"}

    model = Slow(translates)
    plan, _ = sweeper.plan(grid("{test: tea, select: zero}"), {"scripted:echo": model})
    assert plan.workloads[0].seconds is None
    sweeper.run(grid("{test: tea, select: zero}"), {"scripted:echo": model})
    plan, _ = sweeper.plan(grid("{select: zero}"), {"scripted:echo": model})
    (work,) = plan.workloads
    assert work.missing == 3
    assert work.seconds == pytest.approx(30, rel=0.5)


def test_the_manifest_names_versions_files_and_cells(sweeper: Sweeper) -> None:
    results = sweeper.run()
    manifest = json.loads((sweeper.out / "manifest.json").read_text())
    assert manifest["cells"] == ids(results)
    assert manifest["sweep"] == SWEEP
    assert set(manifest["files"]) >= {"sweep.yaml", "tea.test.jsonl", "bike.pool.jsonl", "terms.tsv"}
    assert all(len(digest) == 64 for digest in manifest["files"].values())
    assert manifest["packages"]["sacrebleu"]
    assert manifest["started"] <= manifest["finished"]
