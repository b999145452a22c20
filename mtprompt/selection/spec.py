"""Reads and prints strategies as values: ``task@1+rbm25(weight=0.2)@16|random@16``.

Grammar::

    choice  = concat ("|" concat)*          top up from the next when fewer come back
    concat  = single ("+" single)*          one part after the other
    single  = "(" choice ")" | name ["(" key "=" value ("," key "=" value)* ")"] ["@" k]
            | "borda" "(" choice ("," choice)+ ")" "@" k            merge rankings
    value   = number | bare word | "anything in double quotes"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mtprompt.errors import ConfigError

Value = int | float | str

_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([()+|@=,])|([^\s()+|@=,"]+))')

_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy with its options and number of examples."""

    name: str
    options: dict[str, Value] = field(default_factory=dict)
    k: int | None = None

    def __str__(self) -> str:
        options = ",".join(f"{key}={_print(value)}" for key, value in self.options.items())
        return f"{self.name}{f'({options})' if options else ''}{f'@{self.k}' if self.k is not None else ''}"


@dataclass(frozen=True, slots=True)
class Concat:
    """``a+b``: the examples of each part, one part after the other."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return "+".join(f"({part})" if isinstance(part, Concat | TopUp) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class TopUp:
    """``a|b``: what ``a`` finds, filled up from ``b`` to the number that ``a`` was asked for."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return "|".join(f"({part})" if isinstance(part, TopUp) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Borda:
    """``borda(a,b)@k``: the k best when the rankings of the parts are merged."""

    parts: tuple[Node, ...]
    k: int

    def __str__(self) -> str:
        return f"borda({','.join(map(str, self.parts))})@{self.k}"


Node = Strategy | Concat | TopUp | Borda


def strategies_of(node: Node) -> list[Strategy]:
    """The single strategies that a node is made of, in order."""
    if isinstance(node, Strategy):
        return [node]
    return [strategy for part in node.parts for strategy in strategies_of(part)]


def _print(value: Value) -> str:
    if isinstance(value, str) and (not re.fullmatch(r'[^\s()+|@=,"]+', value) or _number(value) != value):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value).replace("e+", "e") if isinstance(value, float) else str(value)


def _number(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def parse(text: str) -> Node:
    """Reads a strategy.

    Raises:
        ConfigError: Where the text does not fit the grammar; names the place.
    """
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str, int]] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._error("a closing double quote is missing", at)
            kind = ("quoted", "mark", "word")[match.lastindex - 1]  # type: ignore[operator]
            self._tokens.append((kind, match.group(match.lastindex), match.start(match.lastindex)))  # type: ignore[arg-type]
            at = match.end()
        self._at = 0
        self._depth = 0

    def _error(self, what: str, at: int | None = None) -> ConfigError:
        place = len(self._text) if at is None else at
        return ConfigError(f"strategy {self._text!r}: {what} at character {place + 1}; for instance rbm25@4")

    def _peek(self) -> tuple[str, str, int] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, mark: str) -> bool:
        token = self._peek()
        if token and token[:2] == ("mark", mark):
            self._at += 1
            return True
        return False

    def _expect(self, kinds: tuple[str, ...], what: str) -> tuple[str, str]:
        token = self._peek()
        if token is None or token[0] not in kinds:
            raise self._error(f"expected {what}", token[2] if token else None)
        self._at += 1
        return token[0], token[1]

    def parse(self) -> Node:
        node = self._choice()
        if token := self._peek():
            raise self._error(f"unexpected {token[1]!r}", token[2])
        return node

    def _choice(self) -> Node:
        parts = [self._concat()]
        while self._take("|"):
            parts.append(self._concat())
        return parts[0] if len(parts) == 1 else TopUp(tuple(parts))

    def _concat(self) -> Node:
        parts = [self._single()]
        while self._take("+"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Concat(tuple(parts))

    def _single(self) -> Node:
        if self._take("("):
            self._deeper()
            inner = self._choice()
            self._close()
            self._depth -= 1
            return inner
        _, name = self._expect(("word",), "the name of a strategy")
        if name == "borda":
            return self._borda()
        options: dict[str, Value] = {}
        if self._take("("):
            while True:
                at = self._place()
                _, key = self._expect(("word",), "an option's name")
                if key in options:
                    raise self._error(f"option {key!r} is given twice", at)
                if not self._take("="):
                    raise self._error(f"expected '=' after {key!r}", self._place())
                kind, value = self._expect(("word", "quoted"), f"a value for {key!r}")
                options[key] = re.sub(r"\\(.)", r"\1", value) if kind == "quoted" else _number(value)
                if not self._take(","):
                    break
            self._close()
        return Strategy(name, options, self._k())

    def _borda(self) -> Node:
        at = self._place()
        parts: list[Node] = []
        if self._take("("):
            self._deeper()
            parts.append(self._choice())
            while self._take(","):
                parts.append(self._choice())
            self._close()
            self._depth -= 1
        if len(parts) < 2:
            raise self._error("borda merges two strategies or more, as in borda(rbm25@16,fuzzy@16)@4,", at)
        k = self._k()
        if k is None:
            raise self._error(
                "borda needs a number of examples after its ')', as in borda(…)@4,", self._place()
            )
        return Borda(tuple(parts), k)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error("parentheses are nested too deeply", self._place())

    def _place(self) -> int | None:
        token = self._peek()
        return token[2] if token else None

    def _close(self) -> None:
        if not self._take(")"):
            raise self._error("expected ')'", self._place())

    def _k(self) -> int | None:
        if not self._take("@"):
            return None
        at = self._place()
        _, text = self._expect(("word",), "the number of examples after '@'")
        if not re.fullmatch("0*[1-9][0-9]{0,8}", text):
            raise self._error(f"the number of examples must be from 1 to 999999999, not {text!r},", at)
        return int(text)
