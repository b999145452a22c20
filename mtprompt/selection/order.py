"""In which order examples stand in the prompt."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from mtprompt.errors import ConfigError
from mtprompt.registry import did_you_mean
from mtprompt.segments import Example
from mtprompt.selection.options import whole_at_least
from mtprompt.selection.spec import Strategy, parse

Order = Callable[[list[Example], str], list[Example]]
# Nearer to the query an example weighs more with most models.
DEFAULT_ORDER = "best_last"
ORDERS = ("best_last", "best_first", "as_is", "random")


def parse_order(text: str) -> Order:
    """The order that a text names: ``best_last``, ``best_first``, ``as_is`` or ``random(seed=1)``.

    Returns:
        A function of the examples in order of their choice and the query's source.

    Raises:
        ConfigError: For another name or option.
    """
    try:
        node = parse(text)
    except ConfigError:  # says how a strategy is written
        raise did_you_mean("order", text, list(ORDERS)) from None
    if not isinstance(node, Strategy) or node.name not in ORDERS or node.k is not None:
        raise did_you_mean("order", text, list(ORDERS))
    seed = whole_at_least("random", "seed", node.options.get("seed", 1), 0)
    if set(node.options) - ({"seed"} if node.name == "random" else set()):
        raise ConfigError(
            f"the order {text!r} has an option that it does not know; only random has one: seed"
        )
    if node.name == "best_last":
        return lambda chosen, _: chosen[::-1]
    if node.name == "random":

        def shuffled(chosen: list[Example], source: str) -> list[Example]:
            text = f"{seed}\n{source}".encode("utf-8", "surrogatepass")
            return Random(text).sample(chosen, len(chosen))

        return shuffled
    # a strategy chooses its best first, so that both of the others keep the order of choice
    return lambda chosen, _: chosen
