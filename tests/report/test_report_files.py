"""What ``mtprompt report`` writes, and what it says of results that are not whole."""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree, html
from made_results import Plan, make_results

from mtprompt.cli.report import report as command
from mtprompt.errors import ConfigError, DataError, MissingDependency
from mtprompt.experiment.results import (
    MANIFEST,
    RESULTS,
    read_results,
    read_segments,
    segments_file,
    write_manifest,
    write_segments,
)
from mtprompt.report.labels import OWN, Label
from mtprompt.report.looks import Looks
from mtprompt.report.matrix import Entry
from mtprompt.report.plots.marks import Mark
from mtprompt.report.plots.price import price
from mtprompt.report.plots.style import drawing
from mtprompt.report.plots.svg import as_file, inline
from mtprompt.report.study import in_order
from mtprompt.report.write import write_report


def page_of(folder: Path, *baseline: str) -> str:
    """What a reader sees of the page."""
    page = html.fromstring(write_report(folder, baseline=baseline)[0].read_text(encoding="utf-8"))
    etree.strip_elements(page, "script", "style")
    return " ".join(page.text_content().split())


def test_page_markdown_csv_and_plots_are_written(report: Path) -> None:
    beside = sorted(its.name for its in report.parent.iterdir() if its.name.startswith("report"))
    assert beside == ["report-plots", "report.csv", "report.html", "report.md"]
    plots = {its.name.split("-")[0] for its in (report.parent / "report-plots").iterdir()}
    assert plots == {"gain", "domains", "tokens", "seconds", "shots", "hints", "composition"}


def test_a_cell_whose_policy_gave_no_hints_is_in_the_table_of_hints(tmp_path: Path) -> None:
    folder = make_results(tmp_path, Plan(hints=("none", "entries")))
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if row["hints"]:
            row["axes"]["hints"], row["policy"] = "auto", "none"
            row["hints"] = dict.fromkeys(row["hints"], 0)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "results.jsonl").write_text(text, encoding="utf-8")
    write_report(folder)
    report = (folder / "report.md").read_text(encoding="utf-8")
    table = report.partition("## Hints")[2].partition("##")[0]
    assert "hints auto: none" in table and "no hints given" in table


def test_a_metric_that_counted_nothing_is_a_dash_whose_reason_is_said(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / RESULTS).read_text(encoding="utf-8").splitlines()]
    del rows[1]["scores"]["chrf++"]
    rows[1]["unscored"] = {"chrf++": "chrf++: nothing to count"}
    (folder / RESULTS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert "Without a score (–) is one cell. chrf++: nothing to count." in page_of(folder)
    matrix = (folder / "report.md").read_text(encoding="utf-8").partition("| rbm25@1 |")[2]
    assert matrix.splitlines()[0].endswith("| – |")
    assert "chrf++,,,,,,,,,,,,,,chrf++: nothing to count" in (folder / "report.csv").read_text()


def test_a_metric_that_no_cell_has_says_why(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / RESULTS).read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row |= {"scores": {}, "unscored": {"hints": "hints: no segment has a hint"}}
    (folder / RESULTS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert "hints: no segment has a hint." in page_of(folder)
    assert "hints: no segment has a hint." in (folder / "report.md").read_text(encoding="utf-8")


def test_a_baseline_without_a_score_is_a_reason_not_to_compare(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / RESULTS).read_text(encoding="utf-8").splitlines()]
    zero = next(row for row in rows if row["axes"]["select"] == "zero")
    zero["scores"] = {name: its for name, its in zero["scores"].items() if name != "chrf++"}
    (folder / RESULTS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    page_of(folder)
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "zero.none.1 has no score by chrf++" in text.replace("\\", "")
    assert "no baseline for this test set" not in text


def test_metrics_stand_in_the_order_of_the_sweep_whatever_a_cell_lacks() -> None:
    assert in_order([["bleu"], ["hints", "bleu", "chrf"], ["hints", "ter"]]) == [
        "hints",
        "ter",
        "bleu",
        "chrf",
    ]


def test_pools_stand_above_the_examples_that_were_picked_from_them(folder: Path) -> None:
    page = html.fromstring(write_report(folder)[0].read_text(encoding="utf-8"))
    rows = page.get_element_by_id("table-profile").findall("tbody/tr")
    assert [row.find("th").text_content() for row in rows[:2]] == ["the whole pool", "rbm25@1"]


def test_what_a_metric_warns_of_stands_with_the_method(folder: Path) -> None:
    text = (folder / RESULTS).read_text(encoding="utf-8")
    warned = text.replace('"warnings": []', '"warnings": ["comet: Swahili was not seen"]')
    (folder / RESULTS).write_text(warned, encoding="utf-8")
    assert page_of(folder).count("Warning: comet: Swahili was not seen.") == 2  # beside the matrix and below


def test_a_curve_of_one_bad_example_and_more_good_ones_begins_with_the_bad_one_alone(tmp_path: Path) -> None:
    selects = {"1 bad": 0.1, "1 bad + random@1": 0.4, "1 bad + random@3": 0.7}
    plan = Plan(tests=("medical",), other_pools=(), selects=selects, segments=3, metrics=("chrf++",))
    write_report(make_results(tmp_path, plan))
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert re.search(r"1 bad \+ random[^:]*: [\d.]+ with 1, [\d.]+ with 2, [\d.]+ with 4\.", text)


def test_the_page_loads_nothing_and_runs_its_own_script_alone(report: Path) -> None:
    page = html.fromstring(report.read_text(encoding="utf-8"))
    assert not page.xpath("//link | //img | //iframe | //object | //embed | //base | //*[@src]")
    assert all(its.startswith("#") for its in page.xpath("//@href"))
    assert "url(" not in page.xpath("string(//style)")
    (script,) = page.xpath("//script[not(@type)]")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert not page.xpath("//@onclick | //@onload | //@onerror")


def test_every_plot_has_ids_of_its_own_and_words_for_those_who_do_not_see_it(report: Path) -> None:
    page = html.fromstring(report.read_text(encoding="utf-8"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    plots = page.xpath("//figure/svg")
    assert plots
    assert all(len(its.get("aria-label")) > 30 and its.get("role") == "img" for its in plots)
    colours = "".join(its for plot in plots for its in plot.xpath(".//@style"))
    assert not re.findall(r"#[0-9a-f]{6}", colours)


def test_scores_and_verdicts_stand_in_the_matrix(report: Path) -> None:
    page = html.fromstring(report.read_text(encoding="utf-8"))
    cells = {its.cell: its for its in read_results(report.parent).cells}
    score = cells["medical.medical.rbm25-4.none.1"].scores["chrf++"].score
    matrix = page.xpath("//table[contains(@class, 'matrix')]")[0]
    (row,) = matrix.xpath(".//tr[th/@data-value='rbm25@4 ' and td[1]/@data-value='own pool']")
    medical = row.xpath("td[2]")[0]
    assert f"{score:.1f}" in medical.text_content()
    assert "better" in medical.get("class")
    assert re.search(r"▲ \+[\d.]+ p = 0\.0\d\d", " ".join(medical.text_content().split()))
    assert "failed" in page.xpath("//table[contains(@class, 'matrix')]")[0].text_content()


def test_failed_cells_are_listed_with_their_error(report: Path) -> None:
    page = html.fromstring(report.read_text(encoding="utf-8"))
    (notice,) = page.xpath("//*[@id='failed']")
    assert "rbm25@1 · other pool, software: failed. ct2: the prompt of segment 12" in notice.text_content()


def test_csv_has_every_score_unrounded(report: Path) -> None:
    with report.with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    cells = {its.cell: its for its in read_results(report.parent).cells}
    assert len(rows) == sum(max(len(its.scores), 1) for its in cells.values())
    for row in rows:
        if row["status"] == "done":
            assert float(row["score"]) == cells[row["cell"]].scores[row["metric"]].score
    zero = [row for row in rows if row["cell"] == "medical.none.zero.none.1"]
    (baseline,) = (row for row in zero if row["metric"] == "bleu")
    assert (baseline["note"], baseline["p_adjusted"]) == ("baseline", "")
    (failed,) = (row for row in rows if row["status"] == "failed")
    assert failed["note"].startswith("ct2: the prompt of segment 12")


def test_markdown_names_the_plots_beside_it(report: Path) -> None:
    text = report.with_suffix(".md").read_text(encoding="utf-8")
    places = re.findall(r"\]\((report-plots/[^)]+)\)", text)
    assert places
    assert all((report.parent / its).is_file() for its in places)
    assert "| strategy | examples from | medical | software |" in text
    assert re.search(r"▲ \+[\d.]+, p = 0\.\d+\)", text)


HOSTILE = '</script><script>window.ran=1</script><img src=x onerror="window.ran=1">$x$ | `a` שלום\x00'


def test_hostile_text_changes_no_tag_of_the_page(tmp_path: Path) -> None:
    plan = Plan(
        tests=("medical",),
        other_pools=(),
        selects={"zero": 0.3, "x@1": 0.6},
        segments=3,
        metrics=("chrf++",),
        hints=("none", "entries"),
    )
    kinds: list[list[tuple[str, int]]] = []
    for name, text in (("tame", "text"), ("hostile", HOSTILE)):
        folder = make_results(tmp_path / name, replace(plan, change=lambda row, text=text: spoilt(row, text)))
        rename(folder, text)
        page = html.fromstring(write_report(folder)[0].read_bytes().decode("utf-8"))
        kinds.append([(its.tag, len(its.attrib)) for its in page.iter() if isinstance(its.tag, str)])
        (folder / "report.md").read_text(encoding="utf-8")
        for plot in (folder / "report-plots").iterdir():
            assert not etree.parse(plot).xpath("//*[local-name() = 'script' or local-name() = 'img']")
    assert kinds[0] == kinds[1]
    text = (tmp_path / "hostile" / "report.md").read_text(encoding="utf-8")
    assert "<script>" not in text and "<img" not in text


def spoilt(row: dict[str, object], text: str) -> dict[str, object]:
    """A row whose every text is this."""
    example = {"source": text, "target": text, "score": 1.0, "rank": 1, "domain": text}
    return row | {
        "source": text, "translation": text, "reference": text, "domain": text, "prompt": text,
        "examples": [example], "flags": [text],
        "hints": [{"term": text, "translations": [text], "followed": True, "in_reference": False}],
    }  # fmt: skip


def rename(folder: Path, text: str) -> None:
    """Names in the results that are this text, too."""
    lines = (folder / RESULTS).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        row["axes"] |= {"test": text, "template": None if row["axes"]["select"] == "zero" else text}
    (folder / RESULTS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_a_name_in_a_plot_is_never_markup_or_mathematics(tmp_path: Path) -> None:
    name = "$\\frac{1}{0}$ <b>&amp;</b> --> שלום 中文"
    label = Label(name, (), OWN)
    look = Looks([label])[label]
    marks = [Mark(label, look, Entry((), ()), its, its, None) for its in (1.0, 2.0)]
    with drawing():
        plot = price("p", name, "chrf++", marks, "tokens", higher_is_better=True)
    assert plot is not None
    root = etree.fromstring(as_file(plot))
    assert root.xpath("count(//comment())") == 0
    assert name in root.xpath("//*[local-name() = 'text']/text()")
    assert "<b>" not in inline(plot)


def test_an_unfinished_sweep_says_how_much_is_missing(folder: Path) -> None:
    results = read_results(folder)
    write_manifest(
        folder, replace(results.manifest, cells=[*results.manifest.cells, "x", "y"], finished=None)
    )
    assert "The sweep is not through: 2 of its 5 cells are missing." in page_of(folder)


@pytest.mark.parametrize("damage", ["missing", "cut", "no rows"])
def test_a_cell_without_its_segments_keeps_its_score_and_says_why_it_is_not_compared(
    folder: Path, damage: str
) -> None:
    path = segments_file(folder, "medical.medical.rbm25-4.none.1")
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        path.write_bytes(gzip.compress(b""))
    cells = {its.cell: its for its in read_results(folder).cells}
    score = cells["medical.medical.rbm25-4.none.1"].scores["chrf++"]
    text = page_of(folder)
    assert "medical.medical.rbm25-4.none.1 is shown without its segments and cannot be compared" in text
    assert f"{score.score:.1f}" in text


def test_a_single_segment_has_no_significance_and_says_so(tmp_path: Path) -> None:
    plan = Plan(tests=("medical",), other_pools=(), selects={"zero": 0.1, "x@1": 0.9}, segments=1)
    text = page_of(make_results(tmp_path / "results", plan))
    assert "No significance against the baseline: a single segment tells nothing of others." in text
    assert "significantly better for" not in text and "p = 0" not in text and "p < 0" not in text


def test_several_seeds_give_mean_and_spread(tmp_path: Path) -> None:
    plan = Plan(
        tests=("medical",),
        other_pools=(),
        selects={"zero": 0.3, "random@4": 0.7},
        seeds=(1, 2, 3),
        segments=6,
        metrics=("chrf++",),
    )
    folder = make_results(tmp_path / "results", plan)
    scores = [
        its.scores["chrf++"].score for its in read_results(folder).cells if its.axes["select"] == "random@4"
    ]
    text = page_of(folder)
    assert f"{sum(scores) / 3:.1f}± " in text
    assert ", 3 seeds" in text
    assert "called significant only if every seed is" in text


def test_a_baseline_of_several_seeds_says_which_of_them_others_meet(tmp_path: Path) -> None:
    plan = Plan(
        tests=("medical",), other_pools=(), selects={"zero": 0.3, "random@4": 0.7}, seeds=(1, 2), segments=6
    )
    folder = make_results(tmp_path / "results", plan)
    own = "The baseline has several seeds: a cell is compared with its own seed of it"
    assert f"{own}." in page_of(folder, "select=random@4")
    text = (folder / RESULTS).read_text(encoding="utf-8")
    rows = [row for row in map(json.loads, text.splitlines()) if row["cell"] != "medical.none.zero.none.2"]
    rows[0]["axes"]["seed"] = None
    (folder / RESULTS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert f"{own}, the others with seed 1 of it alone." in page_of(folder, "select=random@4")
    assert "with seed 1 of it alone" in (folder / "report.md").read_text(encoding="utf-8")
    assert "several seeds: a cell" not in page_of(folder)
    # one seed alone meets the conditions
    assert "several seeds: a cell" not in page_of(folder, "select=random@4", "seed=2")


def test_of_error_rates_the_lowest_is_the_best(tmp_path: Path) -> None:
    plan = Plan(
        tests=("medical",), other_pools=(), selects={"zero": 0.2, "x@1": 0.9}, segments=12, metrics=("ter",)
    )  # fmt: skip
    folder = make_results(tmp_path / "results", plan)
    low, high = sorted(its.scores["ter"].score for its in read_results(folder).cells)
    text = page_of(folder)
    assert f"x@1 · own pool has the best TER, {low:.1f}" in text
    assert re.search(rf"{low:.1f} ?[\d.–−]+ ?▲ ?−{high - low:.1f} ", text)


def test_another_baseline_gives_other_differences(folder: Path) -> None:
    assert "Every cell is compared with the baseline, zero," in page_of(folder)
    assert "Every cell is compared with the baseline, rbm25@4," in page_of(folder, "select=rbm25@4")


def test_a_folder_without_results_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no results of a sweep there"):
        write_report(tmp_path)


def test_results_without_a_single_finished_cell_are_refused(folder: Path) -> None:
    (folder / RESULTS).write_text("")
    with pytest.raises(DataError, match="no finished cell yet"):
        write_report(folder)


def test_a_half_written_row_is_said_with_its_line_and_the_others_are_shown(folder: Path) -> None:
    path = folder / RESULTS
    path.write_text(path.read_text()[:-30])
    text = page_of(folder)
    assert "results.jsonl:3: not a JSON object" in text and "the same sweep again mends it" in text
    assert "rbm25@1 · own pool has the best chrF++" in text


def test_a_damaged_segment_costs_its_cell_the_segments(folder: Path) -> None:
    rows = list(read_segments(folder, "medical.medical.rbm25-4.none.1"))
    del rows[1]["examples"][0]["target"]
    write_segments(folder, "medical.medical.rbm25-4.none.1", rows)
    assert "cannot be compared: its segment 2 is damaged (KeyError: 'target')" in page_of(folder)


def test_plots_of_metrics_with_long_names_are_files_of_their_own(tmp_path: Path) -> None:
    metrics = [f"terms:/data/of/some/very/long/path/indeed/{name}.tsv" for name in "ab"]
    folder = make_results(
        tmp_path, Plan(tests=("medical",), other_pools=(), selects={"zero": 0.2, "x@1": 0.9}, segments=3)
    )
    text = (folder / RESULTS).read_text(encoding="utf-8")
    (folder / RESULTS).write_text(text.replace("chrf++", metrics[0]).replace("bleu", metrics[1]))
    page = html.fromstring(write_report(folder)[0].read_text(encoding="utf-8"))
    plots = list((folder / "report-plots").iterdir())
    assert len(plots) == len(page.xpath("//figure/svg")) > 2
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_the_best_does_not_beat_what_was_not_tested(folder: Path) -> None:
    segments_file(folder, "medical.none.zero.none.1").unlink()
    text = page_of(folder)
    assert "It beats every other significantly" not in text
    assert "1 could not be" in text or "Not told apart" in text


def test_segments_do_not_open_with_a_cell_beside_itself(folder: Path) -> None:
    page = html.fromstring(write_report(folder, baseline=["select=rbm25@4"])[0].read_text(encoding="utf-8"))
    (test,) = json.loads(page.xpath("string(//script[@id='study'])"))["tests"]
    assert test["first"] != test["second"]


def test_results_of_another_format_are_refused_with_both_versions(folder: Path) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 9, "mtprompt": "9.1"}))
    with pytest.raises(DataError, match=r"format 9, written by mtprompt 9\.1"):
        write_report(folder)


def test_only_failed_cells_still_make_a_report(tmp_path: Path) -> None:
    plan = Plan(
        tests=("medical",), other_pools=(), selects={"zero": 0.3}, failing=("medical.none.zero.none.1",)
    )  # fmt: skip
    text = page_of(make_results(tmp_path / "results", plan))
    assert "zero, medical: failed. ct2: the prompt of segment 12" in text


def test_the_page_does_not_overwrite_its_own_markdown(folder: Path) -> None:
    with pytest.raises(ConfigError, match="the report's page is HTML"):
        write_report(folder, folder / "page.md")


def test_without_matplotlib_the_install_line_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtprompt.errors.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"pip install 'mtprompt\[report\]'"):
        write_report(folder)


def test_the_command_prints_what_it_wrote(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = CliRunner().invoke(
        command, [str(folder), "-o", str(out), "--test", "bootstrap"], catch_exceptions=False
    )
    assert done.exit_code == 0
    written = [str(tmp_path / its) for its in ("page.html", "page.md", "page.csv", "page-plots")]
    assert done.stdout.split() == written
    assert "by paired bootstrap resampling" in out.read_text(encoding="utf-8")


def test_the_same_results_give_the_same_page(folder: Path) -> None:
    first = write_report(folder)[0].read_bytes()
    assert write_report(folder)[0].read_bytes() == first
