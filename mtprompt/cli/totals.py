"""What a run did, in the lines on stderr at its end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from mtprompt.cli.inputs import say_matches, say_nothing_found

if TYPE_CHECKING:
    from mtprompt.cost import Prices
    from mtprompt.segments import Translation
    from mtprompt.translator import Translator

_SHOWN = 3  # reasons of prompts without an answer
_LEFT_OUT = {"example": "their weakest examples", "hints": "their hints"}


class Totals:
    """Counts translations as they come.

    Args:
        language: Code of the target language, in which terms are looked for.
    """

    def __init__(self, language: str) -> None:
        from mtprompt.scoring.hint_use import HintUse

        self.language = language
        self.hints = HintUse()
        self.segments = self.generated = self.stored = self.tokens_in = self.tokens_out = self.dropped = 0
        self.seconds = 0.0
        self.flags: Counter[str] = Counter()
        self.dropped_kinds: Counter[str] = Counter()
        self.tried_again = self.improved = 0
        self.faults: Counter[str] = Counter()

    def add(self, translation: Translation) -> None:
        """Counts one more."""
        self.segments += 1
        self.flags.update(translation.flags)
        self.tried_again += translation.tries > 1
        self.improved += translation.kept_try > 1
        prompt = translation.prompt
        if translation.found is not None or translation.required or (prompt and prompt.hint_tokens):
            from mtprompt.scoring.hint_use import hint_use

            self.hints += hint_use(translation, self.language)
        generation = translation.generation
        if generation and prompt:
            answered = new = False
            for part in generation.each:
                if part.fault is not None:
                    self.faults[part.fault] += 1
                    continue
                answered = True
                if not part.cached:
                    new = True
                    self.tokens_in += part.usage.prompt_tokens
                    self.tokens_out += part.usage.completion_tokens
                    self.seconds += part.usage.seconds
            self.generated += new
            self.stored += answered and not new
            if prompt.dropped:
                self.dropped += 1
                self.dropped_kinds.update(prompt.dropped)

    def report(self, translator: Translator, prices: Prices) -> None:
        """Says it all on stderr."""

        def say(line: str) -> None:
            click.echo(line, err=True)

        share = f" ({100 * self.stored / (self.generated + self.stored):.0f} %)" if self.stored else ""
        # without a store, what cost nothing is what came twice
        whence = "from the store" if translator.store else "repeated"
        say(f"{self.segments:,} segments: {self.generated:,} generated, {self.stored:,} {whence}{share}")
        if self.faults:
            self._say_faults(", which the same run again asks for" if translator.store else "")
        if self.generated:
            speed = f", {self.tokens_out / self.seconds:,.0f} tokens/s" if self.seconds else ""
            say(
                f"{self.tokens_in:,} tokens in, {self.tokens_out:,} out, "
                f"{self.seconds:.1f} s of generation{speed}"
            )
            say_money("cost", prices, self.tokens_in, self.tokens_out)
        if self.dropped:
            say(
                f"{self.dropped:,} prompts were over the {translator.backend.context:,} tokens of "
                f"{translator.backend.name}: left out "
                + ", ".join(_LEFT_OUT[kind] for kind in _LEFT_OUT if self.dropped_kinds[kind])
            )
        if self.tried_again:
            say(
                f"{self.tried_again:,} segments were tried a second time, "
                f"{self.improved:,} of them for the better"
            )
        say_matches(translator.retrieval)
        if self.hints.found == 0 and not self.hints.tokens:
            say_nothing_found(translator.retrieval, self.segments)
        elif self.hints.found is not None:
            say(str(self.hints))
        if self.flags:
            say("flags: " + ", ".join(f"{name} {count:,}" for name, count in self.flags.most_common()))
        say(f"signature: {translator.signature}")

    def _say_faults(self, again: str) -> None:
        """Says how many prompts got no answer, and why; the reasons may differ in a number only."""
        from mtprompt.report.numbers import counted

        head = f"no answer to {counted(self.faults.total(), 'prompt')}{again}:"
        shown = self.faults.most_common(_SHOWN)
        if len(self.faults) == 1:
            lines = [f"{head} {shown[0][0]}"]
        else:
            lines = [head, *(f"  {count:,}: {reason}" for reason, count in shown)]
        if more := self.faults.total() - sum(count for _, count in shown):
            lines.append(f"  and {more:,} for other reasons")
        click.echo("\n".join(lines), err=True)


def say_money(word: str, prices: Prices, prompt_tokens: float, completion_tokens: float) -> None:
    """Says what so many tokens cost, where prices are known."""
    if prices:
        click.echo(f"{word} {prices.of(prompt_tokens, completion_tokens):,.4f} by the prices given", err=True)
