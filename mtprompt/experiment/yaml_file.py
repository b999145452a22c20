"""YAML whose every value knows the line it stands on, so that a mistake is said with its place.

Values are read as what the reader asks for, never guessed: the language ``no`` stays a text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from mtprompt.errors import ConfigError, DataError
from mtprompt.registry import did_you_mean

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NULL = ("", "~", "null")
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class YamlValue:
    """A value with its place.

    Attributes:
        node: As the parser gave it.
        path: The file.
        variables: What ``${name}`` stands for in texts.
    """

    node: yaml.Node
    path: Path
    variables: Mapping[str, str]

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.path}:{self.node.start_mark.line + 1}"

    def wrong(self, message: object) -> NoReturn:
        """Says what is wrong here.

        Raises:
            ConfigError: Always.
        """
        raise ConfigError(f"{self.place}: {message}")

    @property
    def is_mapping(self) -> bool:
        """Whether it is ``name: value`` pairs."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_null(self) -> bool:
        """Whether nothing is given: an empty value or ``null``."""
        node = self.node
        return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _NULL

    def mapping(self, what: str) -> dict[str, YamlValue]:
        """Its values by name, in order.

        Args:
            what: What it is, for messages.

        Raises:
            ConfigError: If it is none, or a name stands twice.
        """
        if self.is_null:
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong(f"{what}: expected 'name: value' lines, got {self._kind()}")
        found: dict[str, YamlValue] = {}
        for key, value in self.node.value:
            if key.tag == _MERGE:
                self._at(key).wrong(
                    "the merge key << is not supported; write the values out, or use 'defaults'"
                )
            name = self._at(key).text(f"a name in {what}")
            if name in found:
                self._at(key).wrong(f"{what}: {name!r} stands there twice")
            found[name] = self._at(value)
        return found

    def fields(self, what: str, known: Sequence[str]) -> dict[str, YamlValue]:
        """A mapping of which all names are known.

        Raises:
            ConfigError: For another name, with the nearest that is known.
        """
        found = self.mapping(what)
        if isinstance(self.node, yaml.MappingNode):
            for key, _ in self.node.value:
                if (name := self._at(key).text(what)) not in known:
                    self._at(key).wrong(did_you_mean(f"key of {what}", name, list(known)))
        return found

    def items(self) -> list[YamlValue]:
        """The values of a list; of a single value that one."""
        if isinstance(self.node, yaml.SequenceNode):
            return [self._at(node) for node in self.node.value]
        return [self]

    def text(self, what: str) -> str:
        """A text with its variables filled in.

        Raises:
            ConfigError: If it is no text or is empty, or a variable is not known.
        """
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null:
            self.wrong(f"{what}: expected a text, got {self._kind()}")
        return _VARIABLE.sub(lambda match: self._variable(match[1]), self.node.value)

    def whole(self, what: str, minimum: int) -> int:
        """A whole number.

        Raises:
            ConfigError: If it is none or below the minimum.
        """
        text = self.text(what)
        if not re.fullmatch(r"[+-]?\d{1,18}", text) or int(text) < minimum:
            self.wrong(f"{what} must be a whole number of at least {minimum}, got {text!r}")
        return int(text)

    def number(self, what: str, minimum: float, maximum: float = math.inf) -> float:
        """A number.

        Raises:
            ConfigError: If it is none or out of range.
        """
        text = self.text(what)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not minimum <= value <= maximum or math.isinf(value):
            limits = f"of at least {minimum:g}" if math.isinf(maximum) else f"from {minimum:g} to {maximum:g}"
            self.wrong(f"{what} must be a number {limits}, got {text!r}")
        return value

    def _at(self, node: yaml.Node) -> YamlValue:
        return YamlValue(node, self.path, self.variables)

    def _variable(self, name: str) -> str:
        if name not in self.variables:
            self.wrong(did_you_mean("variable", name, list(self.variables)))
        return self.variables[name]

    def _kind(self) -> str:
        if self.is_null:
            return "nothing"
        if isinstance(self.node, yaml.MappingNode):
            return "'name: value' lines"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else repr(self.node.value)


def read_yaml(path: Path) -> tuple[YamlValue, str]:
    """The content of a YAML file without variables, and its text.

    Raises:
        DataError: If it cannot be read.
        ConfigError: If it is no YAML or empty; names the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line if error.problem_mark else None
        place = f"{path}:{at + 1}" if at is not None else str(path)
        shown = text.splitlines()[at : at + 1] if at is not None else []
        hint = "; inside {} and [] a text with ${…} needs quotes" if shown and "${" in shown[0] else ""
        raise ConfigError(f"{place}: not valid YAML: {error.problem}{hint}") from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: not valid YAML: {reason}") from None
    if node is None:
        raise ConfigError(f"{path}: the file is empty")
    return YamlValue(node, path, {}), text


def with_variables(value: YamlValue, variables: Mapping[str, str]) -> YamlValue:
    """The same value, whose texts may use variables."""
    return YamlValue(value.node, value.path, dict(variables))
