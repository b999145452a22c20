"""Who installs COMET: uv, unless pip is set up for an index that uv does not know of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mtprompt.scoring import comet_env


@pytest.fixture(autouse=True)
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose pip was never set up, but for the settings file that comes back."""
    for name in os.environ:
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    return tmp_path / "pip.conf"


@pytest.mark.parametrize(
    ("settings", "own"),
    [
        ("", False),
        ("[global]\ntimeout = 60\ncert = /etc/ssl/certs/ca.crt\n", False),
        ("[global]\nextra-index-url = https://wheels.example/simple\nfind-links = /wheels\n", False),
        ("[global]\nindex-url = https://company.example/simple\n", True),
        ("[install]\nno-index = true\n", True),
        ("[download]\nindex-url = https://company.example/simple\n", False),
    ],
)
def test_a_file_with_another_index_than_the_public_one_is_for_pip(
    plain: Path, settings: str, own: bool
) -> None:
    plain.write_text(settings)
    assert comet_env._has_index(sys.executable) is own


@pytest.mark.parametrize(
    ("name", "value", "own"),
    [
        ("PIP_INDEX_URL", "https://company.example/simple", True),
        ("PIP_EXTRA_INDEX_URL", "https://wheels.example/simple", True),
        ("PIP_FIND_LINKS", "/wheels", True),
        ("PIP_NO_INDEX", "1", True),
        ("PIP_INDEX_URL", "", False),
        ("PIP_TIMEOUT", "60", False),
    ],
)
def test_a_variable_that_names_a_source_is_for_pip(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, own: bool
) -> None:
    monkeypatch.setenv(name, value)
    assert comet_env._has_index(sys.executable) is own


def test_make_goes_by_the_same_rule(root: Path) -> None:
    assert f'"{comet_env._PIP_INDEX}"' in (root / "Makefile").read_text(encoding="utf-8")
