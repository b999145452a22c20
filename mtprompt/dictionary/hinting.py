"""Hints for a text and for its examples, as a policy wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mtprompt.dictionary.hints import HintSource
from mtprompt.dictionary.policy import HintPolicy
from mtprompt.dictionary.presence import Presence
from mtprompt.dictionary.senses import confirmed, limit, rank_by_targets
from mtprompt.segments import Example, Hint


class Hints(NamedTuple):
    """Hints for a text and its examples.

    Attributes:
        found: All terms of the text that the source knows, with all their translations.
        own: What of them is given.
        examples: What is given for each example.
    """

    found: tuple[Hint, ...]
    own: tuple[Hint, ...]
    examples: tuple[tuple[Hint, ...], ...]


class Hinting:
    """Applies a policy to what a source of hints finds.

    Args:
        source: Finds the terms, with all their translations.
        target_lang: Code of the translations' language.
        count: How often a term's words stand in the pool.
    """

    def __init__(self, source: HintSource, target_lang: str, count: Callable[[str], int]) -> None:
        self._source = source
        self._count = count
        self._presence = lru_cache(maxsize=4096)(lambda target: Presence(target, target_lang))

    def hints(
        self, policy: HintPolicy, texts: Sequence[str], examples: Sequence[Sequence[Example]]
    ) -> list[Hints]:
        """Hints for texts with their examples.

        Args:
            policy: How hints are used.
            texts: N source texts.
            examples: The examples of each.
        """
        pairs = [] if policy.in_examples == "never" else [e.pair for its in examples for e in its]
        wanted = list(dict.fromkeys([*texts, *(pair.source for pair in pairs)]))
        found = dict(zip(wanted, self._source.hints(wanted), strict=True))
        return [self._apply(policy, text, its, found) for text, its in zip(texts, examples, strict=True)]

    def _apply(
        self, policy: HintPolicy, text: str, examples: Sequence[Example], found: dict[str, list[Hint]]
    ) -> Hints:
        targets = [self._presence(example.pair.target) for example in examples]
        shown = []
        for example, target in zip(examples, targets, strict=True):
            hints = [] if policy.in_examples == "never" else found[example.pair.source]
            if policy.in_examples == "confirmed":
                hints = confirmed(hints, target)
            shown.append(tuple(limit(rank_by_targets(hints, targets), policy, self._count)))
        own = limit(rank_by_targets(found[text], targets), policy, self._count)
        return Hints(tuple(found[text]), tuple(own), tuple(shown))
