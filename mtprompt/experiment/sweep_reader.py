"""Reads ``sweep.yaml``: what is compared on which test sets; ``docs/sweeps.md`` has all its keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from mtprompt.corpus.corpus import Corpus
from mtprompt.dictionary.policy import check_hints
from mtprompt.errors import ConfigError, MTPromptError
from mtprompt.experiment.pool_noise import PoolNoise
from mtprompt.experiment.sweep_file import (
    IN,
    NONE,
    OUT,
    AxisValue,
    Block,
    Dictionaries,
    PoolSource,
    Settings,
    Sweep,
    TestSet,
)
from mtprompt.experiment.yaml_file import YamlValue, read_yaml, with_variables
from mtprompt.generation.spec import parse_voices
from mtprompt.prompting.template import load_template
from mtprompt.registry import did_you_mean
from mtprompt.selection.order import parse_order
from mtprompt.selection.pool import Pool
from mtprompt.selection.select import Selection
from mtprompt.selection.spec import parse, strategies_of
from mtprompt.text.languages import language_pair, primary
from mtprompt.translator import PROMPT_FORMS

Kind = TypeVar("Kind")
_TOP = (
    "languages", "set", "limit", "metrics", "tests", "pools", "dictionaries", "systems", "defaults", "grid",
    "near_match", "prompt_form", "max_new_tokens", "temperature", "batch_size", "device",
)  # fmt: skip
METRICS = ("bleu", "chrf++")
_LISTED = {"test": "tests", "pool": "pools", "dictionary": "dictionaries"}
_NAMED = tuple(_LISTED)  # axes whose values are names already
AXES = ("test", "pool", "select", "order", "hints", "dictionary", "model", "template", "seed")


def read_sweep(path: str | Path, given: Mapping[str, str] | None = None, limit: int | None = None) -> Sweep:
    """Reads a sweep and checks all that can be checked without opening pools and models.

    Args:
        path: The YAML file.
        given: Values of its variables that are to be otherwise.
        limit: Segments of each test set at most, instead of the file's.

    Raises:
        ConfigError: For a wrong key or value; names file and line.
        DataError: If it cannot be read.
    """
    value, text = read_yaml(Path(path))
    variables = _variables(value, given or {})
    return _Reader(with_variables(value, variables)).sweep(text, limit)


def _variables(value: YamlValue, given: Mapping[str, str]) -> dict[str, str]:
    """What stands for ``${name}``: ``here`` is the file's own folder, the others are listed under ``set``."""
    top = value.fields("a sweep", _TOP)
    declared = top["set"].mapping("set") if "set" in top else {}
    for name in given:
        if not declared:
            raise ConfigError(f"--set {name}=…: {value.path} has no variables; list them under 'set'")
        if name not in declared:
            raise ConfigError(f"--set {name}=…: {did_you_mean('variable', name, list(declared))}")
    variables = {"here": str(value.path.parent)}
    for name, default in declared.items():
        if name not in given and default.is_null:
            default.wrong(f"the variable {name!r} has no value; give it one with --set {name}=…")
        variables[name] = given.get(name) or default.text(name)
    return variables


class _Reader:
    """Reads the parts; each method says what is wrong with its line."""

    def __init__(self, value: YamlValue) -> None:
        self._value = value
        self._top = value.fields("a sweep", _TOP)
        self._files: list[Path] = []
        self._places: dict[str, str] = {}
        self._languages = self._pair(self._top["languages"]) if "languages" in self._top else None

    def sweep(self, text: str, limit: int | None) -> Sweep:
        top = self._top
        tests = self._named("tests", self._test)
        if not tests:
            self._value.wrong("a sweep needs test sets: tests: {name: file}")
        pools = self._named("pools", self._pool)
        dictionaries = self._named("dictionaries", partial(self._dictionaries, tests))
        systems = self._named("systems", partial(self._system, tests))
        names = {"test": list(tests), "pool": [*pools, IN, OUT, NONE], "dictionary": list(dictionaries)}
        defaults = self._axes(top["defaults"], "defaults", names) if "defaults" in top else {}
        grid = [] if "grid" not in top or top["grid"].is_null else top["grid"].items()
        blocks = [self._block(item, defaults, names) for item in grid]
        if not blocks and not systems:
            self._value.wrong("a sweep needs a grid, or systems with existing translations")
        metrics = (
            {its.text("a metric"): its.place for its in top["metrics"].items()} if "metrics" in top else {}
        )
        metrics = metrics or dict.fromkeys(METRICS, str(self._value.path))
        self._places |= metrics
        own_limit = top["limit"].whole("limit", 1) if "limit" in top else None
        return Sweep(
            self._value.path,
            text,
            self._value.variables,
            tests,
            pools,
            dictionaries,
            systems,
            blocks,
            list(metrics),
            own_limit if limit is None else limit,
            self._settings(),
            list(dict.fromkeys(self._files)),
            self._places,
        )

    def _named(self, key: str, read: Callable[[str, YamlValue], Kind]) -> dict[str, Kind]:
        if key not in self._top:
            return {}
        found = self._top[key].mapping(key)
        for name, value in found.items():
            if key == "pools" and name in (IN, OUT, NONE):
                value.wrong(f"a pool cannot be called {name!r}: that has a meaning in the grid")
        return {name: read(name, value) for name, value in found.items()}

    def _test(self, name: str, value: YamlValue) -> TestSet:
        parts = self._parts(
            value, f"the test set {name}", ("path", "dev", "domain", "languages", "auxiliary")
        )
        languages = self._languages_of(parts, value)
        return TestSet(
            name,
            self._file(parts["path"]),
            languages,
            parts["domain"].text("domain") if "domain" in parts else name,
            self._file(parts["dev"]) if "dev" in parts else None,
            self._auxiliary(parts["auxiliary"], languages) if "auxiliary" in parts else (),
            value.place,
        )

    def _auxiliary(self, value: YamlValue, languages: tuple[str, str]) -> tuple[tuple[str, Path], ...]:
        named = value.mapping("auxiliary")
        for code, its in named.items():
            if primary(code) in map(primary, languages):
                its.wrong(f"auxiliary: {code} is a language of the test set itself; name a further one")
        return tuple((code, self._file(its)) for code, its in named.items())

    def _pool(self, name: str, value: YamlValue) -> PoolSource:
        known = ("path", "target", "domain", "languages", "noise")
        parts = self._parts(value, f"the pool {name}", known)
        return PoolSource(
            name,
            self._file(parts["path"]),
            self._file(parts["target"]) if "target" in parts else None,
            self._languages_of(parts, value),
            parts["domain"].text("domain") if "domain" in parts else name,
            _said(parts["noise"], PoolNoise.parse) if "noise" in parts else None,
            value.place,
        )

    def _parts(self, value: YamlValue, what: str, known: Sequence[str]) -> dict[str, YamlValue]:
        """``path`` and what else is known; a text alone is the path."""
        parts = value.fields(what, known) if value.is_mapping else {"path": value}
        if "path" not in parts:
            value.wrong(f"{what} needs a path")
        return parts

    def _languages_of(self, parts: Mapping[str, YamlValue], value: YamlValue) -> tuple[str, str]:
        if "languages" in parts:
            return self._pair(parts["languages"])
        if self._languages is None:
            value.wrong("no languages: give the sweep 'languages: [de, en]', or this")
        return self._languages

    def _pair(self, value: YamlValue) -> tuple[str, str]:
        codes = [item.text("a language") for item in value.items()]
        if len(codes) != 2:
            value.wrong(f"languages: expected source and target, such as [de, en], got {len(codes)}")
        try:
            return language_pair(*codes)
        except MTPromptError as error:
            value.wrong(error)

    def _file(self, value: YamlValue) -> Path:
        path = Path(os.path.normpath(value.text("a file")))
        if not path.is_file():
            value.wrong(f"{path}: no such file (paths start from the working folder)")
        self._files.append(path)
        return path

    def _dictionaries(self, tests: Mapping[str, TestSet], name: str, value: YamlValue) -> Dictionaries:
        if not value.is_mapping:
            return Dictionaries(tuple(map(self._file, value.items())), {})
        by_test = value.fields(f"the dictionary {name}", list(tests))
        return Dictionaries((), {test: tuple(map(self._file, its.items())) for test, its in by_test.items()})

    def _system(self, tests: Mapping[str, TestSet], name: str, value: YamlValue) -> dict[str, Path]:
        if value.is_mapping:
            by_test = value.fields(f"the system {name}", list(tests))
            return {test: self._hypotheses(its) for test, its in by_test.items()}
        if len(tests) > 1:
            value.wrong(f"the system {name}: there are several test sets; write 'test set: file' for each")
        return {test: self._hypotheses(value) for test in tests}

    def _hypotheses(self, value: YamlValue) -> Path:
        path = self._file(value)
        self._places[str(path)] = value.place
        return path

    def _block(self, value: YamlValue, defaults: Mapping[str, YamlValue], names: _Names) -> Block:
        if not value.is_mapping:
            value.wrong("grid: expected a list of blocks, such as '- select: [zero, rbm25@4]'")
        axes = {**defaults, **self._axes(value, "a block of the grid", names)}
        for needed in ("select", "model"):
            if needed not in axes:
                value.wrong(f"this block has no {needed!r}, and neither have the defaults")
        read = {
            axis: list(dict.fromkeys(self._axis_value(axis, item) for item in its.items()))
            for axis, its in axes.items()
            if axis != "seed"
        }
        seeds = [item.whole("seed", 0) for item in axes["seed"].items()] if "seed" in axes else [1]
        return Block(value.place, read, list(dict.fromkeys(seeds)))

    def _axes(self, value: YamlValue, what: str, names: _Names) -> dict[str, YamlValue]:
        axes = value.fields(what, AXES)
        for axis, known in names.items():
            for item in axes[axis].items() if axis in axes else ():
                if not item.is_null and (name := item.text(axis)) not in known:
                    if set(known) <= {IN, OUT, NONE}:
                        item.wrong(f"{axis}: {name!r}: the sweep has none; list them under {_LISTED[axis]!r}")
                    item.wrong(did_you_mean(axis, name, known))
        for axis, its in axes.items():
            if not its.items():
                its.wrong(f"{axis}: an empty list gives no cell")
        return axes

    def _axis_value(self, axis: str, value: YamlValue) -> AxisValue | None:
        """A value of an axis, checked as far as it can be alone; ``name: value`` gives it a name."""
        label = None
        if value.is_mapping:
            named = value.mapping(f"a value of {axis}")
            if len(named) != 1 or axis in _NAMED:
                value.wrong(f"{axis}: expected a text{'' if axis in _NAMED else ', or name: text'}")
            ((label, value),) = named.items()
        if axis in ("pool", "template") and (value.is_null or value.text(axis) == NONE):
            return None
        text = value.text(axis)
        if text.count("(") != text.count(")"):
            value.wrong(f"{axis}: {text!r} lacks a parenthesis; a value with commas needs quotes in a [list]")
        if axis == "select":
            nothing = Pool(Corpus((), self._languages or ("de", "en")))
            _said(value, lambda its: Selection(its, nothing))
            options = [strategy.options for strategy in strategies_of(parse(text))]
            self._files += [Path(str(its["file"])) for its in options if "file" in its]
        elif axis == "order":
            _said(value, parse_order)
        elif axis == "hints":
            _said(value, lambda its: check_hints(its, None))
        elif axis == "model":
            _said(value, parse_voices)
            self._places.setdefault(text, value.place)
        elif axis == "template":
            load_template(self._file(value))
            label = label or Path(text).stem
        return AxisValue(text, label or text)

    def _settings(self) -> Settings:
        top = self._top
        form = top["prompt_form"].text("prompt_form") if "prompt_form" in top else "auto"
        if form not in PROMPT_FORMS:
            top["prompt_form"].wrong(did_you_mean("prompt form", form, list(PROMPT_FORMS)))
        return Settings(
            top["near_match"].number("near_match", 0.5, 1) if "near_match" in top else None,
            form,
            top["max_new_tokens"].whole("max_new_tokens", 1) if "max_new_tokens" in top else None,
            top["temperature"].number("temperature", 0) if "temperature" in top else 0.0,
            top["batch_size"].whole("batch_size", 1) if "batch_size" in top else None,
            top["device"].text("device") if "device" in top else "auto",
        )


_Names = Mapping[str, list[str]]


def _said(value: YamlValue, read: Callable[[str], Kind]) -> Kind:
    """What a text means; an error about it names the line."""
    try:
        return read(value.text("this"))
    except MTPromptError as error:
        value.wrong(error)
