"""The benchmark for a GPU, kept alive on the CPU: with a tiny model, and without what a GPU machine lacks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import save_model

pytest.importorskip("torch")

# packages of mtprompt's that the benchmark must do without
ABSENT = (
    "babel,bm25s,comet,ctranslate2,gguf,icu4py,jsonlines,nltk,openai,py3langid,rank_bm25,rapidfuzz,simplemma,"
    "vllm,xllamacpp"
)
SCRIPT = """
import runpy, sys
script, absent, *sys.argv[1:] = sys.argv[1:]
sys.modules.update(dict.fromkeys(absent.split(",")))
sys.argv[0] = script
runpy.run_path(script, run_name="__main__")
"""


def test_it_prints_its_tables_with_the_packages_of_a_gpu_machine_only(root: Path, tmp_path: Path) -> None:
    model = save_model(tmp_path / "tiny")
    script = str(root / "benchmarks" / "gpu.py")
    options = [
        "--small",
        "--device",
        "cpu",
        "--batch-sizes",
        "4,512",
        "--model",
        str(model),
        "--sentences",
        "4",
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, script, ABSENT, *options],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(root), str(root / "benchmarks")]),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "12 prompts of 40 tokens, 6 new tokens each" in done.stdout
    for row in (
        r"^\| one prompt at a time \(3 timed, extrapolated\) \| [\d.]+ \| [\d.]+ \| 1\.0× \| [\d.]+ \|$",
        r"^\| `hf`, at most 4 prompts a batch \(3 made\) \| [\d.]+ \| [\d.]+ \| [\d.]+× \| [\d.]+ \|$",
        r"^\| `hf`, at most 512 prompts a batch \(1 made\) \|",
        r"^\| measured here \| [\d.e-]+ TFLOP/s \| [\d.e-]+ TB/s \|.*\| \d+% \|$",
        r"^\| `hf`, float32, batches \| \d of 4 \([\d.]+%\) \| \d of \d \| [\d.]+ \|$",
        r"^\| `hf`, bfloat16, batches \| \d of 4 ",
    ):
        assert re.search(row, done.stdout, re.MULTILINE), (row, done.stdout)


def test_the_least_work_is_counted_as_its_text_says(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    import torch

    monkeypatch.syspath_prepend(root / "benchmarks")
    from roofline import least_work

    # one layer of 100 weights, 5 words, a hidden size of 4 and one head of keys and values
    table, head, layer = torch.zeros(5, 4), torch.zeros(5, 4), torch.zeros(100)
    config = SimpleNamespace(
        num_hidden_layers=1, hidden_size=4, num_key_value_heads=1, head_dim=4, num_attention_heads=1
    )
    config.get_text_config = lambda decoder: config
    model = SimpleNamespace(
        config=config,
        dtype=torch.bfloat16,
        lm_head=SimpleNamespace(weight=head),
        parameters=lambda: iter([table, head, layer]),
        get_input_embeddings=lambda: SimpleNamespace(weight=table),
    )
    flop, moved = least_work(model, prompts=2, tokens=3, new=3)
    assert flop == 2 * (2 * 100 * 3 + 2 * 4 * 3**2 + 2 * 20)
    # two steps; 2 × 4 numbers of 2 bytes for each token, of 4 and then 5 tokens, in 2 prompts
    assert moved == 2 * (100 + 20) * 2 + 2 * 16 * (4 + 5)
