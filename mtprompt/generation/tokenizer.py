"""A model's own tokenizer: exactly one BOS, stop tokens, chat template."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from mtprompt.errors import BackendError
from mtprompt.generation.protocol import Message

# How vocabularies write a line break: as it is, as byte-level BPE's letter, as a byte-fallback token.
_NEWLINE = re.compile(r"\n|Ċ|<0x0A>")


class PromptTokenizer:
    """Wraps a ``transformers`` tokenizer.

    Args:
        folder: Of the model.
        complete: Whether its ``tokenizer.json`` is known to say all. A class of the model's own is then not
            looked for, which takes seconds and imports torch.

    Raises:
        BackendError: If the folder holds none that can be loaded.
    """

    def __init__(self, folder: str | Path, *, complete: bool = False) -> None:
        import transformers

        loader: Any = transformers.PreTrainedTokenizerFast if complete else transformers.AutoTokenizer
        try:
            self._tokenizer: Any = loader.from_pretrained(str(folder), trust_remote_code=False)
            self._encoding = threading.Lock()  # fast tokenizers keep their settings in one place
        except (OSError, ValueError, KeyError, AttributeError, ImportError, TypeError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise BackendError(f"{folder}: its tokenizer cannot be loaded: {reason}") from error

    @property
    def has_chat_template(self) -> bool:
        """Whether the tokenizer brings a chat template."""
        return bool(getattr(self._tokenizer, "chat_template", None))

    def render_chat(self, messages: Sequence[Message]) -> str:
        """The chat as text, ready for the answer."""
        return str(
            self._tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
        )

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each prompt with exactly one BOS, if the model has one.

        A chat template writes its BOS into the text; a plain prompt gets it here, also where a
        tokenizer forgets the BOS that its settings ask for.
        """
        bos = self._tokenizer.bos_token_id
        if not texts:
            return []
        with self._encoding:
            rows = self._tokenizer(list(texts), add_special_tokens=True)["input_ids"]
        encoded: list[list[int]] = []
        for ids in rows:
            if bos is not None:
                while ids[:2] == [bos, bos]:
                    ids = ids[1:]
                if ids[:1] != [bos] and getattr(self._tokenizer, "add_bos_token", False):
                    ids = [bos, *ids]
            encoded.append(list(ids))
        return encoded

    def decode(self, ids: Sequence[int]) -> str:
        """Text of generated tokens, special tokens left out, spaces as generated."""
        return str(
            self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        )

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """The vocabulary's own names of tokens."""
        return list(self._tokenizer.convert_ids_to_tokens(list(ids)))

    @property
    def pad_id(self) -> int:
        """A token for padding, which attention masks hide."""
        pad = self._tokenizer.pad_token_id
        return int(self.end_ids[0] if pad is None and self.end_ids else pad or 0)

    @cached_property
    def end_ids(self) -> list[int]:
        """End of text, and of a turn in chat models."""
        names = {"<|im_end|>", "<end_of_turn>", "<|eot_id|>", "<|end|>", "</s>", "<|endoftext|>"}
        special = names.intersection(self._tokenizer.all_special_tokens)
        ends: set[int] = {self._tokenizer.convert_tokens_to_ids(name) for name in special}
        if self._tokenizer.eos_token_id is not None:
            ends.add(self._tokenizer.eos_token_id)
        return sorted(ends)

    @cached_property
    def newline_ids(self) -> list[int]:
        """Every token with a line break in it: many vocabularies have ``.\\n`` or ``\\n\\n`` as one."""
        vocabulary: dict[str, int] = self._tokenizer.get_vocab()
        return sorted(i for token, i in vocabulary.items() if _NEWLINE.search(token))

    def stop_ids(self, at_newline: bool) -> list[int]:
        """Tokens that end an answer."""
        return sorted({*self.end_ids, *(self.newline_ids if at_newline else [])})
