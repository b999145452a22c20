"""How the numbers of a report came about, in words."""

from __future__ import annotations

from collections import Counter

from mtprompt.experiment.compare import samples_for
from mtprompt.experiment.profile_correlation import METHOD
from mtprompt.experiment.record import warnings_of
from mtprompt.report.numbers import metric_name
from mtprompt.report.study import Study
from mtprompt.scoring.significance import SEED

_TESTS = {
    "bootstrap": "paired bootstrap resampling (Koehn 2004; by sacreBLEU’s formula, which gives about half "
    "the p-value of a two-sided test)",
    "randomization": "approximate randomization (Riezler and Maxwell 2005)",
}


def method(study: Study) -> list[str]:
    """A few sentences on scores, intervals and tests, and why there are none."""
    if not study.metrics:
        return _unscored(study)
    draws = samples_for(max(len(test.done) for test in study.test_sets))
    told = [
        f"Every cell is compared with the baseline, {study.baseline_name}, of its own test set and model, on "
        f"the same segments, by {_TESTS[study.test]} with {draws:,} samples and seed {SEED}.",
        "A p-value says how often chance alone would give a difference as large. All are after Holm’s "
        "correction over the cells of a test set that one metric compares; below 0.05 a difference is called "
        "significant. Cells with hints beside the same without, and those with examples of another domain "
        "beside the own, are families of their own.",
        "Intervals hold 95 % of the scores, or differences, of test sets drawn anew from the segments "
        "(bootstrap). They say nothing about other texts, models or prompts.",
    ]
    if study.baseline_seeds:
        told.insert(1, study.baseline_seeds)
    if study.several_seeds:
        told.append(
            "Of several seeds the mean is shown with its standard deviation; it is called significant only "
            "if every seed is, and the p-value is the largest."
        )
    if any(cell.profile for cell in study.results.cells):
        told.append(f"Examples: {METHOD}.")
    if any(name.startswith("comet") for name in study.metrics):
        told.append(
            "COMET rewards copies of the source and fluent answers in the wrong language: read it together "
            "with the failure flags."
        )
    told += [f"Warning: {warning}." for warning in warnings_of(study.results.cells)]
    return told + _unscored(study)


def _unscored(study: Study) -> list[str]:
    """Why metrics have no score for some cells."""
    reasons = Counter(why for cell in study.results.cells for why in cell.unscored.values())
    return [
        f"Without a score (–) are {count:,} cells. {why}."
        if count > 1
        else f"Without a score (–) is one cell. {why}."
        for why, count in reasons.items()
    ]


def signatures(study: Study) -> list[tuple[str, str]]:
    """Each metric with each of its signatures."""
    found = dict.fromkeys(
        (metric_name(metric), cell.scores[metric].signature)
        for metric in study.metrics
        for test in study.test_sets
        for cell in test.done
        if metric in cell.scores
    )
    return list(found)
