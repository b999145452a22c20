"""A model's weights through ``transformers``: every one found, in the type and on the device asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mtprompt.errors import BackendError


def load_weights(
    name: str,
    folder: Path,
    *,
    dtype: str,
    device: str,
    device_map: str | None = None,
    attention: str | None = None,
    quantization: str | None = None,
) -> Any:
    """Loads a decoder-only language model, ready to answer.

    Args:
        name: For errors.
        folder: A model folder.
        dtype: A floating-point type of PyTorch's, by name.
        device: Where the model goes unless ``device_map`` says so.
        device_map: See ``transformers``: ``auto`` spreads the layers over the GPUs.
        attention: ``attn_implementation`` of ``transformers``, None for its choice.
        quantization: ``4bit`` or ``8bit`` by bitsandbytes, None for neither.

    Raises:
        BackendError: If it cannot be loaded, or lacks weights.
    """
    import torch
    import transformers
    from safetensors import SafetensorError
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # progress is ours to show
    number = getattr(torch, dtype)
    options: dict[str, Any] = {"dtype": number, "trust_remote_code": False}
    if attention:
        options["attn_implementation"] = attention
    if quantization:
        options["quantization_config"] = _quantized(quantization, number)
    if device_map or quantization or device == "cuda":
        options["device_map"] = device_map or device
    try:
        loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(
            str(folder), output_loading_info=True, **options
        )
        model, found = loaded
        if "device_map" not in options:
            model = model.to(device)
    except (OSError, ValueError, ImportError, RuntimeError, SafetensorError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise BackendError(f"{name}: transformers cannot load it: {reason}") from error
    if missing := sorted(found["missing_keys"]):
        raise BackendError(
            f"{name}: its folder lacks weights, which would be filled with random numbers: "
            f"{len(missing)}, among them {missing[0]}"
        )
    # A folder's generation_config.json may hold a repetition penalty or a cache of its own; answers are
    # to be decided by the prompt and by mtprompt's decoding, as with every other engine.
    model.generation_config = transformers.GenerationConfig()  # type: ignore[no-untyped-call]
    return model.eval()


def _quantized(bits: str, dtype: Any) -> Any:
    from transformers import BitsAndBytesConfig

    config: Any = BitsAndBytesConfig
    if bits == "8bit":
        return config(load_in_8bit=True)
    return config(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
