"""Compiled functions where their machine code can be kept, and where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
from mtprompt.selection.index.compiled import compiled

@compiled
def twice(number):
    return 2 * number
"""
CALL = "import loops; print(loops.twice(21), sum(loops.twice.stats.cache_hits.values()))"


@pytest.mark.parametrize(("writable", "second"), [(True, "42 1\n"), (False, "42 0\n")])
def test_machine_code_is_kept_where_there_is_a_place_for_it(
    writable: bool, second: str, tmp_path: Path
) -> None:
    (tmp_path / "loops.py").write_text(CODE)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment.pop("NUMBA_CACHE_DIR", None)
    if not writable:  # tests may run as root, whom no permission stops: files where folders should be
        (tmp_path / "__pycache__").write_text("")
        (tmp_path / "home").write_text("")
        environment |= dict.fromkeys(("HOME", "XDG_CACHE_HOME"), str(tmp_path / "home"))
    for expected in ("42 0\n", second):
        done = subprocess.run(
            [sys.executable, "-c", CALL], capture_output=True, text=True, env=environment, cwd=tmp_path
        )
        assert (done.stdout, done.stderr) == (expected, "")
