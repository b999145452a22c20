"""How hints are used, as a value: ``inline(max_translations=1,in_examples=confirmed)``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from mtprompt.errors import ConfigError
from mtprompt.prompting.styles import IN_EXAMPLES, STYLES
from mtprompt.registry import did_you_mean
from mtprompt.selection.options import at_least, whole_at_least
from mtprompt.selection.spec import Strategy, parse

AUTO = "auto"
FEWEST = 14
"""Dev segments that ``auto`` needs: on seven of them a test of two policies can just find something."""


@dataclass(frozen=True, slots=True)
class HintPolicy:
    """Which hints are given, and how.

    Attributes:
        style: ``none``, ``inline``, ``glossary``, ``entries`` or ``chain``
            (:mod:`mtprompt.prompting.styles`).
        max_translations: Translations of a term at most, the best first.
        in_examples: Hints in the examples: ``always``, ``never``, or ``confirmed``, only those that the
            example's own target follows.
        max_hints: Hints of a text at most, the rarest words' first; None for all.
        min_length: Characters that a term must have.
        max_senses: A term with more translations in the dictionary is too ambiguous to hint; None for
            no limit.
        min_similarity: How similar a headword must be to a word without an entry to be taken for it;
            None takes none.
    """

    style: str
    max_translations: int
    in_examples: str
    max_hints: int | None = None
    min_length: int = 1
    max_senses: int | None = None
    min_similarity: float | None = None

    def __str__(self) -> str:
        """As it is written, without what is the style's own default."""
        own = default_policy(self.style)
        options = {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None and value != getattr(own, field.name)
        }
        return str(Strategy(self.style, options))


@dataclass(frozen=True, slots=True)
class AutoPolicy:
    """``auto(dev=128,metric=chrf++,seed=1)``: the policy that a dev set proves to help, else none.

    Attributes:
        dev: Dev segments at most, :data:`FEWEST` or more; one half chooses, the other confirms.
        metric: What decides, as ``mtprompt score`` takes it.
        seed: Of the draw of dev segments.
    """

    dev: int = 128
    metric: str = "chrf++"
    seed: int = 1

    def __str__(self) -> str:
        options = {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }
        return str(Strategy(AUTO, options))

    @classmethod
    def parse(cls, text: str) -> AutoPolicy:
        """Reads it.

        Raises:
            ConfigError: For an unknown option, or a value out of range.
        """
        values: dict[str, Any] = {}
        names = [field.name for field in fields(cls)]
        for option, value in parse_hints(text).options.items():
            if option not in names:
                raise did_you_mean(f"option of {AUTO}", option, names)
            values[option] = (
                str(value)
                if option == "metric"
                else whole_at_least(AUTO, option, value, FEWEST if option == "dev" else 0)
            )
        return cls(**values)


def default_policy(style: str) -> HintPolicy:
    """The policy that a style's bare name stands for.

    Raises:
        ConfigError: If there is no such style.
    """
    if style not in STYLES:
        raise did_you_mean("hint style", style, [*STYLES, AUTO])
    return HintPolicy(style, STYLES[style].max_translations, STYLES[style].in_examples)


UNHINTED = HintPolicy("none", 0, "never")


def parse_policy(text: str, in_examples: str | None = None) -> HintPolicy:
    """Reads a policy: a style's name, with options in parentheses.

    Args:
        text: For instance ``entries`` or ``glossary(max_translations=1,max_hints=5)``.
        in_examples: Overrides the style's own.

    Raises:
        ConfigError: For an unknown style or option, or a value out of range.
    """
    node = parse_hints(text)
    policy = default_policy(node.name)
    values: dict[str, Any] = {field.name: getattr(policy, field.name) for field in fields(policy)}
    if in_examples is not None:
        values["in_examples"] = in_examples
    for option, value in node.options.items():
        if option == "style" or option not in values:
            raise did_you_mean(f"option of {node.name}", option, [name for name in values if name != "style"])
        if option == "in_examples":
            values[option] = str(value)
        elif option == "min_similarity":
            values[option] = at_least(node.name, option, value, 0.5, 1)
        else:
            values[option] = whole_at_least(node.name, option, value, 1)
    if values["in_examples"] not in IN_EXAMPLES:
        raise did_you_mean("value for hints in examples", str(values["in_examples"]), list(IN_EXAMPLES))
    return HintPolicy(**values)


def check_hints(text: str | None, in_examples: str | None) -> None:
    """Says what is wrong with a policy, if anything is.

    Raises:
        ConfigError: As :func:`parse_policy` and :meth:`AutoPolicy.parse` do.
    """
    if text is not None and not text.strip():
        raise ConfigError("--hints names no policy (an unset variable?)")
    if text is not None and parse_hints(text).name == AUTO:
        AutoPolicy.parse(text)
    elif text is not None:
        parse_policy(text, in_examples)


def parse_hints(text: str) -> Strategy:
    """The name and options of a hint policy, unchecked.

    Raises:
        ConfigError: If it is more than a name and options.
    """
    try:
        node = parse(text)
    except ConfigError as error:
        raise ConfigError(str(error).replace("strategy", "hints", 1).replace("rbm25@4", "entries")) from None
    if not isinstance(node, Strategy) or node.k is not None:
        raise ConfigError(
            f"hints {text!r}: expected a style, for instance entries or inline(max_translations=1)"
        )
    return node
