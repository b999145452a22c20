"""Language models of a few thousand random weights, with a tokenizer of one token a character."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

LETTERS = string.ascii_lowercase + " .\n"
CHAT = (
    "{{ bos_token }}{% for m in messages %}{{ m['role'] }} {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant {% endif %}"
)


def save_tokenizer(folder: Path, chat: bool = False) -> Any:
    """Saves a tokenizer with ``<s>`` as BOS and returns it."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "</s>", "<s>", "<unk>"]
    vocabulary = {token: i for i, token in enumerate([*special, *LETTERS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 2)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        chat_template=CHAT if chat else None,
    )
    fast.save_pretrained(folder)
    return fast


def save_model(folder: Path, kind: str = "llama", *, chat: bool = False, seed: int = 0) -> Path:
    """Saves a model folder: ``llama``, or ``gemma3`` with a sliding window of 16 tokens."""
    import torch
    from transformers import AutoModelForCausalLM, Gemma3TextConfig, LlamaConfig

    save_tokenizer(folder, chat)
    shape: dict[str, Any] = {
        "vocab_size": 4 + len(LETTERS),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 256,
        "pad_token_id": 0,
        "eos_token_id": 1,
        "bos_token_id": 2,
    }
    layers = ["sliding_attention", "sliding_attention", "full_attention"]
    config = (
        LlamaConfig(**shape)
        if kind == "llama"
        else Gemma3TextConfig(**shape, head_dim=8, sliding_window=16, layer_types=layers)
    )
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float64)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.mul_(10)  # larger than usual, so that what is written depends on what was read
    model.save_pretrained(folder)
    return folder
