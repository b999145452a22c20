"""Reads a model's name as a value: ``ct2:gemma-3-270m(compute=float32)``, ``openai:http://host:8000/v1#name``.

Grammar::

    models  = model
            | "ensemble(" models ("," models)+ ")"                        several models propose
            | "mbr(" model ["," "n=" number] ["," "temperature=" number] ")"    several samples of one
    model   = [engine ":"] name ["(" key "=" value ("," key "=" value)* ")"]
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from mtprompt.errors import ConfigError
from mtprompt.registry import did_you_mean
from mtprompt.selection.spec import Strategy, Value, parse

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model, and the engine that is to run it.

    Attributes:
        engine: Its name; empty to let the device decide.
        name: What the engine calls the model: an embedded model, a folder, a hub id, an address.
        options: The engine's own options.
    """

    engine: str
    name: str
    options: Mapping[str, Value] = field(default_factory=dict)


def parse_model(text: str) -> ModelSpec:
    """Reads a model's name.

    Raises:
        ConfigError: If it names none, or its options do not fit the grammar.
    """
    if text and Path(text).is_dir():  # a folder's name may hold colons and parentheses
        return ModelSpec("", text)
    model, parenthesis, rest = text.partition("(")
    options: Mapping[str, Value] = {}
    if parenthesis:
        try:
            node = parse(f"model({rest}")
        except ConfigError:
            node = None
        if not isinstance(node, Strategy) or node.k is not None or not node.options:
            raise ConfigError(
                f"the options of the model {text!r} cannot be read; "
                f"for instance ct2:{model.rpartition(':')[2]}(compute=float32)"
            )
        options = node.options
    # the first colon: what follows may be an address or a path with colons of its own
    engine, colon, name = model.partition(":")
    if not colon or Path(model).is_dir():
        engine, name = "", model
    if not name:
        raise ConfigError(f"{text!r} names no model; for instance {engine or 'ct2'}:gemma-3-270m")
    return ModelSpec(engine, name, options)


@dataclass(frozen=True, slots=True)
class Voice:
    """A model that proposes translations.

    Attributes:
        model: The model.
        temperature: Of its own; None for the run's.
        sample: Which of several samples of it this is, from 0.
    """

    model: ModelSpec
    temperature: float | None = None
    sample: int = 0


def parse_voices(text: str) -> list[Voice]:
    """Reads a model, an ``ensemble`` or ``mbr`` as the models whose proposals compete.

    Raises:
        ConfigError: If the text does not fit the grammar.
    """
    text = text.strip()
    if text.startswith("ensemble(") and text.endswith(")"):
        voices = [v for part in _arguments(text.removeprefix("ensemble(")[:-1]) for v in parse_voices(part)]
        doubled = next((v for i, v in enumerate(voices) if v in voices[:i]), None)
        if len(voices) < 2 or doubled:
            raise ConfigError(
                f"{text!r}: an ensemble has two models or more"
                + (f", and {doubled.model.name} is there twice" if doubled else "")
            )
        return voices
    if text.startswith("mbr(") and text.endswith(")"):
        model, *written = _arguments(text.removeprefix("mbr(")[:-1])
        node = parse(f"mbr({','.join(written)})") if written else Strategy("mbr")
        options = read_options("mbr", _Samples, node.options if isinstance(node, Strategy) else {})
        if options.n < 2 or not 0 < options.temperature < float("inf"):
            raise ConfigError(f"{text!r}: mbr needs n of 2 or more and a temperature above 0")
        return [Voice(parse_model(model), options.temperature, sample) for sample in range(options.n)]
    return [Voice(parse_model(text))]


@dataclass(frozen=True, slots=True)
class _Samples:
    n: int = 8
    temperature: float = 0.5


def _arguments(text: str) -> list[str]:
    """What stands between commas that are in no parentheses and no quotes."""
    parts, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def read_options(engine: str, kind: type[Options], values: Mapping[str, Value]) -> Options:
    """An engine's options as its own dataclass.

    Args:
        engine: Its name, for messages.
        kind: A dataclass whose fields are ``int``, ``float``, ``str`` or ``bool``, or one of them or None,
            all with defaults.
        values: As they were written.

    Raises:
        ConfigError: For an unknown option or a value of another type.
    """
    known = get_type_hints(kind)
    names = [its.name for its in fields(kind)]  # type: ignore[arg-type]
    read: dict[str, Any] = {}
    for key, value in values.items():
        if key not in names:
            if not names:
                raise ConfigError(f"the engine {engine} takes no options, so no {key!r}")
            raise did_you_mean(f"option of the engine {engine}", key, names)
        read[key] = _typed(f"{engine}: {key}", known[key], value)
    return kind(**read)


def _typed(what: str, annotation: Any, value: Value) -> Value:
    accepted = [t for t in get_args(annotation) if t is not types.NoneType] or [annotation]
    if bool in accepted and value in ("true", "false"):
        return value == "true"
    if str in accepted:
        return str(value)
    if isinstance(value, str) or bool in accepted or (float not in accepted and not isinstance(value, int)):
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}[accepted[0]]
        raise ConfigError(f"{what} must be {wanted}, got {value!r}")
    return value
