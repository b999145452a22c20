"""Which of several proposals to take: minimum Bayes risk decoding.

Kumar and Byrne (2004), "Minimum Bayes-Risk Decoding for Statistical Machine Translation"; over samples of
one neural model Eikema and Aziz (2020), arXiv 2005.10283. The utility is sentence-level chrF++: it is named
in the signature, because a metric that chose must not judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mtprompt.postprocess.utility import pairwise_chrf
from mtprompt.segments import Proposal, Translation, paid_for


def utility_signature() -> str:
    """The metric that chooses, with all its settings."""
    from sacrebleu.metrics.chrf import CHRF

    metric = CHRF(word_order=2, eps_smoothing=True)
    metric.sentence_score("a", ["a"])  # its signature knows the number of references only then
    return f"chrF++|{metric.get_signature()}"


def consensus(proposals: Sequence[Translation]) -> Translation:
    """The proposal with the highest mean chrF++ against the others; the earlier one of equals.

    An empty proposal is taken only where all are empty. Equal proposals support each other.

    Args:
        proposals: Of one segment, one of each model or sample. The translation that comes back
            has the cost of all.
    """
    utilities = _utilities([proposal.text for proposal in proposals])
    best = max(range(len(proposals)), key=lambda i: (utilities[i], -i))
    taken = proposals[best]
    if taken.generation is None:  # nothing was asked: an empty line, a copied match, over every budget
        return taken
    shown = tuple(
        Proposal(its.text, max(utility, 0.0)) for its, utility in zip(proposals, utilities, strict=True)
    )
    return replace(taken, generation=paid_for(taken.generation, proposals), proposals=shown)


def _utilities(texts: Sequence[str]) -> list[float]:
    """The mean of each text's scores against the others; -1 for an empty one."""
    scores = pairwise_chrf(texts)
    same = np.array([[text == other for other in texts] for text in texts])
    scores[same] = 100
    np.fill_diagonal(scores, 0)
    means = scores.sum(axis=1) / (len(texts) - 1)
    return [float(mean) if text.strip() else -1.0 for text, mean in zip(texts, means, strict=True)]
