"""Writes tiny COMET checkpoints with unbabel-comet's own classes; test_comet.py runs it.

    COMET_PYTHON make_tiny_comet.py FOLDER

The weights are random: the whole real path is exercised, and the scores mean nothing. FOLDER gets
``encoder/``, the models ``reference/``, ``referenceless/``, ``kiwi/``, ``lost-encoder/`` and ``code/`` (a
pickle that would run code), and ``expected.json`` with the scores of one plain call of ``predict`` on
``samples.json``.
"""

import json
import os
import sys
from pathlib import Path

import torch
from comet import load_from_checkpoint
from comet.models import ReferencelessRegression, RegressionMetric, UnifiedMetric
from pytorch_lightning import Trainer
from transformers import BertConfig, BertModel, BertTokenizerFast

LETTERS = "abcdefghijklmnopqrstuvwxyz.,!?"


class RunsCode:
    """Unpickled without care, this makes a folder called ``code-was-run``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder / "code-was-run"),)


def make_encoder(folder: Path) -> None:
    folder.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)


def save(model: torch.nn.Module, identifier: str, folder: Path, encoder: Path) -> None:
    (folder / "checkpoints").mkdir(parents=True)
    settings = {"class_identifier": identifier, "pretrained_model": str(encoder)}
    (folder / "hparams.yaml").write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    trainer = Trainer(accelerator="cpu", logger=False, enable_progress_bar=False)
    trainer.strategy.connect(model)
    trainer.save_checkpoint(folder / "checkpoints" / "model.ckpt", weights_only=True)


def main(root: Path) -> None:
    torch.manual_seed(1)
    encoder = root / "encoder"
    make_encoder(encoder)
    shared = {
        "encoder_model": "BERT",
        "pretrained_model": str(encoder),
        "hidden_sizes": [16],
        "layer": "mix",
        "pool": "avg",
        "nr_frozen_epochs": 0,
    }
    save(RegressionMetric(**shared), "regression_metric", root / "reference", encoder)
    save(
        ReferencelessRegression(**shared), "referenceless_regression_metric", root / "referenceless", encoder
    )
    del shared["layer"], shared["pool"]
    kiwi = UnifiedMetric(**shared, input_segments=["mt", "src"], sent_layer="mix", word_layer=2)
    save(kiwi, "unified_metric", root / "kiwi", encoder)

    good = torch.load(root / "reference" / "checkpoints" / "model.ckpt", weights_only=True)
    for name, change in (
        (
            "lost-encoder",
            {"hyper_parameters": {**good["hyper_parameters"], "pretrained_model": "nobody/encoder"}},
        ),
        ("code", {"callbacks": RunsCode(root)}),
    ):
        (root / name / "checkpoints").mkdir(parents=True)
        (root / name / "hparams.yaml").write_text(
            json.dumps({"class_identifier": "regression_metric", "pretrained_model": "nobody/encoder"}),
            encoding="utf-8",
        )
        torch.save({**good, **change}, root / name / "checkpoints" / "model.ckpt")

    samples = json.loads((root / "samples.json").read_text(encoding="utf-8"))
    expected = {}
    for name in ("reference", "kiwi"):
        model = load_from_checkpoint(str(root / name / "checkpoints" / "model.ckpt"))
        rows = samples if name == "reference" else [{"src": row["src"], "mt": row["mt"]} for row in samples]
        expected[name] = model.predict(rows, batch_size=4, gpus=0, num_workers=0, progress_bar=False)[
            "scores"
        ]
    (root / "expected.json").write_text(json.dumps(expected), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
