"""The token budget. The scripted backend's token is a word, so every count can be read off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mtprompt.errors import ConfigError
from mtprompt.generation.scripted import ScriptedBackend
from mtprompt.prompting.builder import Draft, PromptBuilder
from mtprompt.prompting.styles import STYLES, Languages
from mtprompt.segments import Example, Hint, Pair, Prompt, Segment

QUERY = Segment("1", "eins zwei")  # 4 tokens as a prompt
BEST = Example(Pair("a", "Haus", "house"), 9.0, 1)  # 4 tokens each
SECOND = Example(Pair("b", "Tür", "door"), 5.0, 2)
THIRD = Example(Pair("c", "Dach", "roof"), 1.0, 3)
HINT = Hint("zwei", ("two",), (5, 9), "zwei")  # 4 tokens as an entry


def build(
    draft: Draft,
    context: int = 1000,
    *,
    style: str = "entries",
    chat: bool = False,
    max_new_tokens: int | None = 10,
) -> Prompt | None:
    backend = ScriptedBackend(context=context, chat=chat)
    builder = PromptBuilder(backend, Languages("German", "English"), None, chat, max_new_tokens)
    (prompt,) = builder.build([replace(draft, style=style)])
    return prompt


def test_a_prompt_that_fits_keeps_everything() -> None:
    assert build(Draft(QUERY, (SECOND, BEST), (HINT,)), context=26) == Prompt(
        "German: zwei\nEnglish: two\n\nGerman: Tür\nEnglish: door\n\nGerman: Haus\nEnglish: house\n\n"
        "German: eins zwei\nEnglish:",
        tokens=16,
        max_new_tokens=10,
        examples=(SECOND, BEST),
        hints=(HINT,),
        dropped=(),
        hint_tokens=4,
    )


@pytest.mark.parametrize(
    ("context", "kept", "hints", "dropped"),
    [
        (30, (THIRD, BEST, SECOND), (HINT,), ()),
        (29, (BEST, SECOND), (HINT,), ("example",)),
        (25, (BEST,), (HINT,), ("example", "example")),
        (21, (), (HINT,), ("example", "example", "example")),
        (17, (), (), ("example", "example", "example", "hints")),
        (14, (), (), ("example", "example", "example", "hints")),
    ],
)
def test_the_weakest_examples_go_first_then_the_hints_and_it_is_recorded(
    context: int, kept: tuple[Example, ...], hints: tuple[Hint, ...], dropped: tuple[str, ...]
) -> None:
    prompt = build(Draft(QUERY, (THIRD, BEST, SECOND), (HINT,)), context)
    assert prompt is not None
    assert (prompt.examples, prompt.hints, prompt.dropped) == (kept, hints, dropped)
    assert prompt.tokens == 4 + 4 * len(kept) + 4 * len(hints)
    assert prompt.tokens == len(prompt.text.split())
    assert all(e.pair.source in prompt.text for e in kept)
    assert not any(e.pair.source in prompt.text for e in {THIRD, BEST, SECOND} - set(kept))


def test_a_source_that_does_not_fit_alone_gives_none() -> None:
    assert build(Draft(QUERY), context=14) is not None
    assert build(Draft(QUERY), context=13) is None
    assert build(Draft(QUERY, (BEST,), (HINT,)), context=13) is None


def test_the_hints_of_an_example_go_with_it() -> None:
    of_best, of_weak = Hint("Haus", ("HOUSE",), (0, 4), "Haus"), Hint("Tür", ("DOOR",), (0, 3), "Tür")
    draft = Draft(QUERY, (SECOND, BEST), (), ((of_weak,), (of_best,)))
    full = "Glossary: Tür = DOOR\nGerman: Tür\nEnglish: door\n\n"
    rest = "Glossary: Haus = HOUSE\nGerman: Haus\nEnglish: house\n\nGerman: eins zwei\nEnglish:"
    whole, cut = build(draft, 30, style="glossary"), build(draft, 29, style="glossary")
    assert whole is not None and whole.text == full + rest
    assert cut is not None and cut.text == rest


def test_each_draft_of_a_batch_gets_its_own_answer() -> None:
    backend = ScriptedBackend(context=14)
    builder = PromptBuilder(backend, Languages("German", "English"), STYLES["none"].wording, False, 10)
    built = builder.build([Draft(QUERY), Draft(Segment("2", "eins zwei drei")), Draft(Segment("3", "vier"))])
    assert [prompt and prompt.text for prompt in built] == [
        "German: eins zwei\nEnglish:",
        None,
        "German: vier\nEnglish:",
    ]
    assert builder.build([]) == []


@pytest.mark.parametrize(("words", "limit"), [(1, 34), (8, 48), (100, 232)])
def test_the_room_for_an_answer_is_twice_the_source_and_32(words: int, limit: int) -> None:
    prompt = build(Draft(Segment("1", "wort " * words)), max_new_tokens=None)
    assert prompt is not None and prompt.max_new_tokens == limit


@pytest.mark.parametrize(("context", "room"), [(134, 132), (133, 131), (68, 66), (67, None)])
def test_a_long_bare_source_gets_what_room_is_left_but_its_own_length_and_16(
    context: int, room: int | None
) -> None:
    # 50 words of source and 2 labels: 52 tokens, 132 kept for the answer by default, 66 at least
    prompt = build(Draft(Segment("1", "wort " * 50)), context + 50, style="none", max_new_tokens=None)
    assert (prompt and prompt.max_new_tokens) == room


def test_a_chat_prompt_is_rendered_once_with_the_instruction_before_the_text() -> None:
    prompt = build(Draft(QUERY, (BEST,)), style="none", chat=True)
    assert prompt is not None
    assert prompt.text == (
        "<user>\n"
        "Translate from German to English. Answer with the translation of the last text only.\n\n"
        "German: Haus\nEnglish: house\n\nGerman: eins zwei\nEnglish:\n"
        "<assistant>\n"
    )
    assert prompt.tokens == 24


def test_the_budget_counts_the_chat_template_too() -> None:
    whole = build(Draft(QUERY, (BEST,)), 34, style="none", chat=True)
    cut = build(Draft(QUERY, (BEST,)), 33, style="none", chat=True)
    assert whole is not None and whole.dropped == ()
    assert cut is not None and cut.dropped == ("example",)
    assert cut.text.count("<user>") == cut.text.count("<assistant>") == 1


def test_an_answer_as_long_as_the_context_matters_to_nobody_where_nothing_is_asked() -> None:
    backend = ScriptedBackend(context=50)
    assert PromptBuilder(backend, Languages("German", "English"), None, False, 50).build([]) == []


def test_an_answer_as_long_as_the_context_leaves_no_room_and_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"^10 new tokens leave no room for a prompt: .* a context of 10; give"
    ):
        build(Draft(QUERY), context=10)
    assert build(Draft(QUERY), context=14)
