"""COMET (Rei et al. 2022, "COMET-22: Unbabel-IST 2022 Submission for the Metrics Shared Task").

The model runs in a worker process with an interpreter of its own (see :mod:`mtprompt.scoring.comet_env`),
which is kept between calls. Scores are those of unbabel-comet's ``predict`` in float32; its command
``comet-score`` computes in float16, so its last decimals differ.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mtprompt.errors import BackendError, ConfigError, DataError
from mtprompt.scoring.comet_env import find_python
from mtprompt.scoring.comet_process import WorkerProcess, missing_comet
from mtprompt.segments import MetricResult
from mtprompt.version import __version__

if TYPE_CHECKING:
    from typing import Self

_HUB_FOLDER = re.compile(r"models--(?:.+--)?(.+)")  # models--Unbabel--wmt22-comet-da


class Comet:
    """A COMET model as a metric; reference-free models (CometKiwi) take empty references.

    A worker that is found dead when ``score`` begins is started again; one that dies during ``score`` is an
    error, and the next call starts a new one. Calls from several threads wait for each other.

    Args:
        model: A hub id (``Unbabel/wmt22-comet-da``), a ``.ckpt`` file or a model's folder with
            ``checkpoints/model.ckpt`` in it.
        python: The interpreter that has unbabel-comet, by default what
            :func:`~mtprompt.scoring.comet_env.find_python` finds.
        batch_size: Segments a batch.
        gpus: 0 for the CPU, 1 for a GPU, by default a GPU where there is one.
        timeout: Seconds without any sign of life from the worker after which it is given up. The worker gives
            one every 32 batches, so a long file does not time out.

    Raises:
        MissingDependency: If no interpreter has unbabel-comet.
        ConfigError: If an argument is impossible.
        BackendError: If ``model`` is a path without a checkpoint.
    """

    def __init__(
        self,
        model: str,
        *,
        python: Path | None = None,
        batch_size: int = 16,
        gpus: int | None = None,
        timeout: float = 600.0,
    ) -> None:
        if batch_size < 1:
            raise ConfigError(f"COMET's batch size must be at least 1, not {batch_size}")
        if gpus not in (None, 0, 1):  # more would start copies of the worker on the same stdin
            raise ConfigError(f"COMET runs on 0 or 1 GPUs, not {gpus}")
        self.name = f"comet:{model}"
        self._path = _checkpoint_path(model)
        self._model = str(self._path or model)
        self._python = _interpreter(python)
        self._batch_size, self._gpus, self._timeout = batch_size, gpus, timeout
        self._worker: WorkerProcess | None = None
        self._about: Mapping[str, Any] = {}
        self._lock = threading.RLock()

    def load(self) -> Mapping[str, Any]:
        """Starts the worker and loads the model, unless that is done; says what was loaded.

        ``score`` does it by itself. Calling it first finds a missing model before hours of translation.

        Returns:
            Versions, ``sha256`` of the checkpoint, ``device``, and ``references``: required, optional or
            unused.

        Raises:
            BackendError: If the model is missing, damaged, gated, or loading takes too long.
            MissingDependency: If the interpreter lacks unbabel-comet.
        """
        with self._lock:
            if self._worker is None or not self._worker.running():
                self.close()
                self._worker = WorkerProcess(self._python, self._timeout)
                try:
                    self._about = self._worker.request(
                        "load", model=self._model, is_path=self._path is not None, gpus=self._gpus
                    )
                except BaseException:
                    self.close()
                    raise
            return self._about

    def score(
        self,
        hypotheses: Sequence[str],
        references: Sequence[str],
        sources: Sequence[str] | None = None,
    ) -> MetricResult:
        """Scores one system; see :class:`mtprompt.scoring.protocol.Scorer`.

        Returns:
            The mean of the segment scores (about 0 to 1 for most models) and the segment scores.

        Raises:
            DataError: If numbers differ, sources are missing, or a model that needs references gets only
                empty ones.
            BackendError: If the worker failed.
            MissingDependency: If the interpreter lacks unbabel-comet.
        """
        if sources is None:
            raise DataError(f"{self.name} reads the source texts, and none were given")
        counts = {len(hypotheses), len(sources), len(references) or len(hypotheses)}
        if len(counts) > 1:
            raise DataError(
                f"{self.name}: {len(hypotheses)} translations, {len(references)} references and "
                f"{len(sources)} sources; the numbers must be equal"
            )
        if not hypotheses:
            raise DataError(f"{self.name}: there is nothing to score")
        with self._lock:
            about = self.load()
            given = about["references"] != "unused" and any(text.strip() for text in references)
            if about["references"] == "required" and not given:
                raise DataError(f"{self.name} compares with references, and none were given")
            assert self._worker is not None
            answer = self._worker.request(
                "score",
                hypotheses=list(hypotheses),
                sources=list(sources),
                references=list(references) if given else None,
                batch_size=self._batch_size,
            )
        scores = tuple(answer["scores"])
        return MetricResult(
            name=self.name,
            system=sum(scores) / len(scores),
            segments=scores,
            signature=self._signature(about, given),
            details=about,
        )

    def _signature(self, about: Mapping[str, Any], references: bool) -> str:
        """The fields in sacreBLEU's style; the whole hash is in the details."""
        return "|".join(
            [
                "comet",
                f"model:{_short_name(self._path) if self._path else self._model.rpartition('/')[2]}",
                f"sha256:{about['sha256'][:16]}",
                f"refs:{'yes' if references else 'no'}",
                "precision:fp32",
                f"unbabel-comet:{about['unbabel-comet']}",
                f"mtprompt:{__version__}",
            ]
        )

    def close(self) -> None:
        """Ends the worker; a later ``score`` starts another."""
        with self._lock:
            if self._worker is not None:
                self._worker.stop()
                self._worker = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _checkpoint_path(model: str) -> Path | None:
    """The checkpoint file if ``model`` is a path, None if it is a hub id."""
    path = Path(model).expanduser()
    if path.is_dir() and (path / "checkpoints" / "model.ckpt").is_file():
        return (path / "checkpoints" / "model.ckpt").absolute()
    if path.is_file():
        return path.absolute()
    if model.endswith(".ckpt") or model.startswith(("/", ".", "~")) or not model.strip():
        raise BackendError(
            f"there is no COMET checkpoint at {model!r}. On a machine that reaches the hub run "
            "`hf download Unbabel/wmt22-comet-da`, copy the folder here and pass "
            "comet:/path/to/checkpoints/model.ckpt"
        )
    return None


def _short_name(path: Path) -> str:
    """A checkpoint's name for the signature: most files are called ``model.ckpt``, so a folder names them."""
    name = path.stem
    if name == "model":
        folder = path.parent.parent if path.parent.name == "checkpoints" else path.parent
        hub = _HUB_FOLDER.fullmatch(folder.parent.parent.name) if folder.parent.name == "snapshots" else None
        name = hub[1] if hub else folder.name
    return re.sub(r"[|:\s]", "_", name) or "model"


def _interpreter(asked: Path | None) -> Path:
    """The interpreter to start."""
    if asked is not None:
        path = Path(asked).expanduser().absolute()
        if not path.is_file():
            raise ConfigError(f"there is no Python interpreter at {asked} for COMET")
        return path
    found = find_python()
    if found is None:
        raise missing_comet()
    return found
