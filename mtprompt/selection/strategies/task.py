"""The task-level prompt: the pool pairs that help most as the only example of a whole dev set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice

from mtprompt.corpus.dev import dev_fingerprint
from mtprompt.errors import ConfigError
from mtprompt.kept import KeptFile
from mtprompt.registry import did_you_mean
from mtprompt.scoring.load import closing, load_scorer, metric_version
from mtprompt.segments import Segment, Translation
from mtprompt.selection.options import need_k, whole_at_least
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Choice, Query
from mtprompt.selection.trials.halving import SEARCHES, Round
from mtprompt.selection.trials.holdout import draw
from mtprompt.selection.trials.outcome import Cost, Outcome, Ranked, outcome_of
from mtprompt.selection.trials.race import race
from mtprompt.selection.trials.trial import Trial

_FORMAT = 2  # another one when the search or its file changes, so that older outcomes are not used


class TaskSelector:
    """``task(candidates=100,dev=64,metric=bleu,search=halving,seed=1)@k``, the same for every segment.

    Agrawal et al. 2022, arXiv 2212.02437, section 3.1: 100 pool pairs are sampled, the dev set is
    translated with each as the only example, and the one with the best dev score is kept, as
    ``search=full`` does. With example-specific ones (``task@1+rbm25@16``; that it stands first is
    our choice) it was the paper's best.

    Ours: the cheaper ``search=halving`` (:func:`~mtprompt.selection.trials.halving.halving`); pairs that
    give the dev set away are no candidates, and without a dev set pool pairs are held out
    (:func:`~mtprompt.selection.trials.holdout.draw`). For k > 1 the k best are taken, each by its score
    as the only example: how they go together is not tried.

    The search costs minutes to hours once; its outcome is kept (:class:`~mtprompt.kept.KeptFile`) and used
    again until the pool, an option, the dev set, or anything of model and prompt changes. A pool
    that grows while a translator works keeps what was chosen before.

    The leak guard's pairs are passed over, for the next in the ranking. A score is that of the
    dev set; one that was given up early has it on fewer sentences. A pool that is too small to
    search (fewer than three different sources, or two with a dev set given) gives its pairs as they
    are drawn, without a score.

    Args:
        pool: What is chosen from.
        k: How many.
        candidates: How many pairs are tried.
        dev: On how many dev segments.
        metric: ``bleu``, ``chrf++``, ``comet:MODEL`` or another, as ``mtprompt score`` takes it.
        search: ``halving`` or ``full``.
        seed: Of the draw of candidates and dev segments.

    Raises:
        ConfigError: For a wrong option.
        MissingDependency: If the metric needs what is not installed.
    """

    def __init__(
        self,
        pool: Pool,
        k: int | None,
        candidates: int = 100,
        dev: int = 64,
        metric: str = "bleu",
        search: str = "halving",
        seed: int = 1,
    ) -> None:
        self._pool = pool
        self._k = need_k("task", k)
        self._candidates = whole_at_least("task", "candidates", candidates, 1)
        if self._k > self._candidates:
            raise ConfigError(
                f"task@{k} chooses from {self._candidates} candidates; give it more, "
                f"for instance task(candidates={4 * self._k})@{k}"
            )
        self._dev = whole_at_least("task", "dev", dev, 1)
        self._seed = whole_at_least("task", "seed", seed, 0)
        if search not in SEARCHES:
            raise did_you_mean("search of task", str(search), list(SEARCHES))
        self._rounds = SEARCHES[search]
        self._metric = str(metric)
        self._scorer = load_scorer(self._metric, pool.languages[1])
        self._ranking: list[Choice] | None = None
        self.outcome: Outcome | None = None
        """What was found; None before :meth:`prepare`, and for a pool that is too small to search."""

    def prepare(self, trial: Trial) -> None:
        """Finds the task-level prompt, or what an earlier search found.

        Args:
            trial: Translates the dev set.

        Raises:
            ConfigError: If nothing is kept and ``trial`` is dry.
            BackendError: If the model or the metric fails.
        """
        candidates, dev = draw(self._pool, self._candidates, self._dev, self._seed, trial.dev)
        if dev:
            self.outcome = self._found(trial, candidates, dev)
            self._ranking = [Choice(ranked.index, ranked.score) for ranked in self.outcome.ranking]
        else:
            trial.report("task: the pool is too small to search; its pairs are used as they are drawn")
            self._ranking = [Choice(index, None) for index in candidates]

    def select(self, queries: Sequence[Query]) -> list[list[Choice]]:
        """The best of the ranking for each query.

        Raises:
            ConfigError: Before :meth:`prepare`.
        """
        if self._ranking is None:
            raise ConfigError(f"task@{self._k} needs a model to try examples with: use translate")
        return [self._best(self._ranking, query.excluded) for query in queries]

    def _best(self, ranking: Sequence[Choice], excluded: frozenset[int]) -> list[Choice]:
        return list(islice((choice for choice in ranking if choice.index not in excluded), self._k))

    def _found(self, trial: Trial, candidates: Sequence[int], dev: Sequence[Segment]) -> Outcome:
        """What an earlier search found, else what a new one finds."""
        rounds = self._rounds(len(candidates), len(dev), self._k)
        settings = {
            "format": _FORMAT,
            "pool": self._pool.corpus.fingerprint,
            "dev": dev_fingerprint(dev),
            "held_out": trial.dev is None,
            "candidates": self._candidates,
            "seed": self._seed,
            "metric": self._metric,
            "scorer": metric_version(self._metric),
            "rounds": rounds,
            "trial": trial.identity,
        }
        file = KeptFile(trial.folder, settings) if trial.folder else None
        if file and (kept := file.read(lambda content: outcome_of(content, self._pool.pairs))):
            trial.report(f"task: best {kept.best()}, as found before ({file.path})")
            return kept
        if trial.dry:
            raise ConfigError(
                f"task@{self._k} was not searched yet with these settings, and a dry run generates nothing: "
                "run it without --dry-run first"
            )
        with closing(self._scorer):
            outcome = self._search(candidates, dev, rounds, trial)
        if outcome.spread.best == outcome.spread.worst:
            short = "; texts of fewer than four words have no BLEU: try metric=chrf++"
            trial.report(
                f"task: all {len(candidates):,} candidates score the same on {rounds[0][1]} sentences"
                f"{short if self._metric == 'bleu' else ''}"
            )
        kept_for_next = file is not None and file.write(asdict(outcome))
        trial.report(f"task: {outcome.summary()}{'; kept for the next run' if kept_for_next else ''}")
        return outcome

    def _search(
        self, candidates: Sequence[int], dev: Sequence[Segment], rounds: Sequence[Round], trial: Trial
    ) -> Outcome:
        """Tries candidates as the only example of each dev sentence; ties go to the earlier pool index."""
        pairs = self._pool.pairs

        def translate(jobs: list[tuple[int, Segment]], what: str) -> list[Translation]:
            return trial.translate([(segment, (pairs[index],)) for index, segment in jobs], what)

        ranking, spread = race(sorted(candidates), dev, rounds, translate, self._scorer, "task")
        return Outcome(
            tuple(
                Ranked(
                    one.way,
                    pairs[one.way].source,
                    pairs[one.way].target,
                    float(one.result.system),
                    len(one.translations),
                )
                for one in ranking
            ),
            spread,
            Cost.of(t.usage for one in ranking for t in one.translations if t.usage),
            ranking[0].result.signature,
        )
