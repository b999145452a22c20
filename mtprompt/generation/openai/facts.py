"""What a server says about its model, and how it counts tokens. Servers differ in this; none need say it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mtprompt.errors import ConfigError
from mtprompt.generation.openai.server import Server, as_count
from mtprompt.generation.openai.text import estimated_tokens, messages_of
from mtprompt.registry import did_you_mean

# What of a server's entry for a model tells its weights apart; `created` may be the time of the request.
_WEIGHTS = ("root", "parent", "meta")
_OF_THE_RUN = ("n_ctx", "n_ctx_train")
_PROBE = [{"content": "a", "role": "user"}]
_TURN = "<|im_start|>"
_TEMPLATE_TOKENS = 64  # what a chat template may add, where the server cannot count a chat


@dataclass(frozen=True, slots=True)
class Served:
    """A server's model.

    Attributes:
        model: Its name there.
        context: Tokens that prompt and answer may have together, None if it does not say.
        revision: Twelve digits that change with what it says of the weights, None if it says nothing.
        counts: How it counts tokens: as ``vllm`` or ``llama.cpp`` do, or not (empty).
        chat: Whether the model has a chat template, None if it does not say.
    """

    model: str
    context: int | None
    revision: str | None
    counts: str
    chat: bool | None

    @property
    def counts_chats(self) -> bool:
        """Whether it counts a whole chat, with what the template adds."""
        return bool(self.chat) if self.counts == "vllm" else self.counts != "" and self.chat is not None


async def look(server: Server, wanted: str, *, counting: bool) -> Served:
    """Asks a server about a model.

    Args:
        server: The server.
        wanted: The model's name; empty for the only one.
        counting: Whether to find out how it counts tokens, and whether the model has a chat template.

    Raises:
        ConfigError: If the server has no such model, or several and none was named.
        Unanswered: If it cannot be asked.
    """
    entry = _entry(await server.models(), wanted)
    model = str(entry["id"])
    counts = await _counts(server, model) if counting else ""
    meta = entry.get("meta")
    context = entry.get("max_model_len") or (isinstance(meta, dict) and meta.get("n_ctx"))
    if counts == "llama.cpp" and not context:
        settings = (await server.own("/props")).get("default_generation_settings")
        context = isinstance(settings, dict) and settings.get("n_ctx")
    return Served(
        model,
        as_count(context) or None,
        _revision(entry),
        counts,
        await _has_template(server, entry, counts),
    )


def _entry(entries: list[dict[str, Any]] | None, wanted: str) -> dict[str, Any]:
    entries = entries or []
    ids = [entry["id"] for entry in entries]
    for entry in entries:
        aliases = entry.get("aliases")
        names = (entry["id"], *(aliases if isinstance(aliases, list) else ()))
        if wanted in names or (not wanted and len(ids) == 1):
            return entry
    if not wanted:
        has = f"has several models: {', '.join(sorted(ids))}" if ids else "lists no models"
        raise ConfigError(f"the server {has}; name one behind a #, such as openai:http://host:8000/v1#model")
    # llama.cpp answers with the model it has whatever the name; gateways may list less than they have
    if len(ids) == 1:
        raise did_you_mean("model of this server", wanted, ids)
    return {"id": wanted}


def _revision(entry: Mapping[str, Any]) -> str | None:
    told = {key: entry[key] for key in _WEIGHTS if entry.get(key)}
    if isinstance(meta := told.get("meta"), dict):
        told["meta"] = {key: value for key, value in meta.items() if key not in _OF_THE_RUN}
    if told.get("root") == entry["id"]:
        del told["root"]
    if not told:
        return None
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


async def _counts(server: Server, model: str) -> str:
    if as_count((await server.own("/tokenize", {"model": model, "prompt": "a"})).get("count")) is not None:
        return "vllm"
    if (await server.own("/tokenize", {"content": "a"})).get("tokens"):
        return "llama.cpp"
    return ""


async def _has_template(server: Server, entry: Mapping[str, Any], counts: str) -> bool | None:
    if counts == "vllm":
        chat = await server.own("/tokenize", {"model": entry["id"], "messages": _PROBE})
        if as_count(chat.get("count")) is not None:
            return True
        return False if entry.get("owned_by") == "vllm" else None  # which refuses chats without a template
    if counts == "llama.cpp":
        text = (await server.own("/apply-template", {"messages": _PROBE})).get("prompt")
        if not isinstance(text, str):
            return None
        # a model without a template gets ChatML from llama.cpp, of whose marks it knows nothing
        mark = await server.own("/tokenize", {"content": _TURN, "add_special": False})
        tokens = mark.get("tokens")
        return _TURN not in text or (isinstance(tokens, list) and len(tokens) == 1)
    return None


async def count(server: Server, served: Served, text: str) -> int:
    """Tokens of a text as a prompt; an estimate, more rather than fewer, where the server does not count.

    Raises:
        Unanswered: If it counts, but cannot be asked.
    """
    messages = messages_of(text)
    if messages is None:
        return await _count_plain(server, served, text)
    if served.counts == "vllm" and served.chat:
        chat = await server.own("/tokenize", {"model": served.model, "messages": messages})
        if (its := as_count(chat.get("count"))) is not None:
            return its
    if served.counts == "llama.cpp":
        rendered = (await server.own("/apply-template", {"messages": messages})).get("prompt")
        if isinstance(rendered, str):
            return await _count_plain(server, served, rendered)
    contents = "\n".join(message["content"] for message in messages)
    return await _count_plain(server, served, contents) + _TEMPLATE_TOKENS


async def _count_plain(server: Server, served: Served, text: str) -> int:
    text = text.encode("utf-8", "replace").decode()  # half a character cannot be sent
    if served.counts == "vllm":
        counted = await server.own("/tokenize", {"model": served.model, "prompt": text})
        its = as_count(counted.get("count"))
    elif served.counts == "llama.cpp":
        tokens = (await server.own("/tokenize", {"content": text, "add_special": True})).get("tokens")
        its = len(tokens) if isinstance(tokens, list) else None
    else:
        its = None
    return estimated_tokens(text) if its is None else its
