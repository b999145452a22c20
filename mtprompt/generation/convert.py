"""Model conversions, each in a process of its own: their memory is freed, their chatter is caught.

The parent calls :func:`run`; a child is ``python -m mtprompt.generation.convert JOB INPUT OUTPUT``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtprompt.errors import BackendError
from mtprompt.generation.protocol import Progress

_HEARTBEAT_SECONDS = 10.0


def run(jobs: Sequence[tuple[str, str | Path, Path]], progress: Progress) -> None:
    """Runs jobs side by side, with a sign of life while they last.

    Args:
        jobs: ``(job, input, output folder)`` each.
        progress: Gets one line at a time.

    Raises:
        BackendError: If one fails, with the last line that it wrote.
    """
    started = time.monotonic()
    running = []
    for job, source, target in jobs:
        log = tempfile.TemporaryFile()
        command = [sys.executable, "-m", "mtprompt.generation.convert", job, str(source), str(target)]
        # the child must find this package wherever the parent found it
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        running.append((job, subprocess.Popen(command, stdout=log, stderr=log, env=environment), log))
    try:
        next_beat = started + _HEARTBEAT_SECONDS
        while any(process.poll() is None for _, process, _ in running):
            time.sleep(0.2)
            if time.monotonic() > next_beat:
                progress(f"  still converting, {time.monotonic() - started:.0f} s")
                next_beat += _HEARTBEAT_SECONDS
        for job, process, log in running:
            if process.returncode:
                log.seek(0)
                lines = log.read().decode("utf-8", "replace").strip().splitlines()
                raise BackendError(f"converting ({job}) failed: {lines[-1] if lines else 'no message'}")
    finally:
        for _, process, log in running:
            if process.poll() is None:
                process.terminate()
                process.wait()
            log.close()


def _gguf_tokenizer(gguf: Path, target: Path) -> None:
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(target)


def _gguf_weights(gguf: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float16)
    # the weights are plain again; without this, saving refuses a "quantized" model
    model.hf_quantizer = None
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(target)


def _ct2(source: str, target: Path, quantization: str) -> None:
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(source).convert(str(target), quantization=quantization, force=True)


def main(job: str, source: str, target: str) -> None:
    """A child's job."""
    if job == "gguf-tokenizer":
        _gguf_tokenizer(Path(source), Path(target))
    elif job == "gguf-weights":
        _gguf_weights(Path(source), Path(target))
    else:
        _ct2(source, Path(target), job.removeprefix("ct2-"))


if __name__ == "__main__":
    main(*sys.argv[1:])
