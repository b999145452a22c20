"""The real COMET worker with tiny checkpoints of random weights."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from comet_texts import HYPOTHESES, REFERENCES, SOURCES
from filelock import FileLock

from mtprompt.scoring.comet import Comet
from mtprompt.scoring.comet_name import CometOptions

HERE = Path(__file__).parent
OF_FOUR = CometOptions(batch_size=4)


@pytest.fixture(scope="session")
def python() -> Path:
    """The COMET interpreter of the tests."""
    path = Path(os.environ.get("MTPROMPT_COMET_PYTHON", HERE.parents[1] / ".venv-comet" / "bin" / "python"))
    if not path.is_file():
        pytest.skip(
            f"no COMET interpreter at {path}; make one with `mtprompt comet install --env .venv-comet`"
        )
    return path


@pytest.fixture(scope="session")
def models(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that make_tiny_comet.py fills, once for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, finished = base / "comet", base / "comet-finished"
    with FileLock(base / "comet.lock"):
        if not finished.exists():
            folder.mkdir()
            rows = [
                {"src": s, "mt": h, "ref": r} for s, h, r in zip(SOURCES, HYPOTHESES, REFERENCES, strict=True)
            ]
            (folder / "samples.json").write_text(json.dumps(rows), encoding="utf-8")
            command = [str(python), "-I", str(HERE / "make_tiny_comet.py"), str(folder)]
            made = subprocess.run(command, capture_output=True, text=True, check=False)
            assert made.returncode == 0, made.stderr[-2000:]
            finished.touch()
    return folder


@pytest.fixture(scope="session")
def scorer(python: Path, models: Path) -> Iterator[Comet]:
    """One scorer, and so one worker, for all tests that leave it alive."""
    path = models / "reference" / "checkpoints" / "model.ckpt"
    with Comet(str(path), python=python, options=OF_FOUR) as scorer:
        yield scorer
