"""A prompt that gets no answer costs its own line, not the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mtprompt import Translator
from mtprompt.errors import BackendError
from mtprompt.generation.protocol import Decoding
from mtprompt.generation.scripted import ScriptedBackend, echo_source
from mtprompt.generation.spec import ModelSpec, Voice
from mtprompt.segments import Generation, Segment, Usage

BASE = ("--from", "de", "--to", "en", "--model", "scripted")
LINES = [f"Zeile {n}" for n in range(20)]


class Refusing(ScriptedBackend):
    """Answers, but for prompts that it refuses."""

    refuses: Callable[[str], bool] = staticmethod(lambda text: text == "Zeile 7")
    reason: Callable[[str], str] = staticmethod(lambda _: "HTTP 400: filtered")

    def generate(
        self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
    ) -> Iterator[tuple[int, Generation]]:
        for i, answer in super().generate(prompts, max_new_tokens, decoding):
            if self.refuses(text := echo_source(prompts[i])):
                answer = Generation("", "error", Usage(0, 0, 0.0), fault=self.reason(text))
            yield i, answer


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Refusing:
    made = Refusing()
    voices = [(made, Voice(ModelSpec("", "scripted")))]
    monkeypatch.setattr("mtprompt.translator.load_voices", lambda *_args, **_kwargs: voices)
    return made


def test_a_refused_prompt_is_an_empty_flagged_line_and_the_same_run_again_asks_for_it_alone(
    run: Any, refusing: Refusing, tmp_path: Path
) -> None:
    (tmp_path / "in.txt").write_text("".join(line + "\n" for line in LINES))
    done = run("translate", "in.txt", "-o", "out.txt", *BASE)
    assert done.exit_code == 3
    assert (tmp_path / "out.txt").read_text().splitlines() == [*LINES[:7], "", *LINES[8:]]
    assert "20 segments: 19 generated, 0 from the store" in done.stderr
    assert "no answer to 1 prompt, which the same run again asks for: HTTP 400: filtered" in done.stderr
    assert "no_answer 1" in done.stderr

    refusing.asked.clear()
    again = run("translate", "in.txt", "-o", "out.txt", *BASE)
    assert (again.exit_code, len(refusing.asked)) == (3, 1)
    assert "20 segments: 0 generated, 19 from the store" in again.stderr
    refusing.refuses = lambda _: False
    assert run("translate", "in.txt", "-o", "out.txt", *BASE).exit_code == 0
    assert (tmp_path / "out.txt").read_text().splitlines() == LINES


def test_all_prompts_without_an_answer_are_counted_whatever_their_reasons(
    run: Any, refusing: Refusing, tmp_path: Path
) -> None:
    refusing.refuses = lambda text: text != "Zeile 0"
    refusing.reason = lambda text: f"HTTP 400: you requested {4100 + len(text)} tokens"
    lines = [*LINES, *("Zeile 1" + " 1" * n for n in range(1, 6))]
    (tmp_path / "in.txt").write_text("".join(line + "\n" for line in lines))
    said = run("translate", "in.txt", "-o", "out.txt", *BASE, "--no-store").stderr
    assert said.splitlines()[1:6] == [
        "no answer to 24 prompts:",
        "  10: HTTP 400: you requested 4108 tokens",
        "  9: HTTP 400: you requested 4107 tokens",
        "  1: HTTP 400: you requested 4109 tokens",
        "  and 4 for other reasons",
    ]


def test_a_run_without_any_answer_is_an_error_without_an_output(
    run: Any, refusing: Refusing, tmp_path: Path
) -> None:
    refusing.refuses = lambda _: True
    (tmp_path / "in.txt").write_text("Ja\nNein\n")
    with pytest.raises(BackendError, match="none of 2 prompts got an answer; a reason: HTTP 400: filtered"):
        run("translate", "in.txt", "-o", "out.txt", *BASE)
    assert not (tmp_path / "out.txt").exists()


def test_experiments_are_not_made_of_what_is_missing() -> None:
    translator = Translator(Refusing(), "de", "en", store=None)
    drafts = translator.prompts_for_all([done.segment for done in translator.translate(LINES)])[0]
    with pytest.raises(BackendError, match="1 of 20 prompts got no answer: HTTP 400: filtered"):
        list(translator.translate_drafts(drafts))


def test_a_refused_prompt_is_not_asked_again_for_its_missing_terms(tmp_path: Path) -> None:
    (tmp_path / "terms.tsv").write_text("Zeile\tline\n")
    backend = Refusing()
    translator = Translator(backend, "de", "en", store=None, require=tmp_path / "terms.tsv")
    (_, refused) = translator.translate(["Ja", "Zeile 7"])
    assert (refused.flags, refused.tries, len(backend.asked)) == (("no_answer",), 1, 2)


def test_of_several_models_another_answers_for_the_one_that_did_not() -> None:
    voices = [(model, Voice(ModelSpec("", "scripted"))) for model in (Refusing(), ScriptedBackend())]
    done = Translator(voices, "de", "en", store=None).translate(LINES)
    assert [its.text for its in done] == LINES
    answers = [its.generation for its in done if its.generation]
    assert [its.fault for its in answers] == [None] * 20  # what was kept is an answer
    assert [part.fault for its in answers for part in its.each if part.fault] == ["HTTP 400: filtered"]


def test_experiments_are_not_made_of_what_one_of_several_models_misses() -> None:
    voices = [(model, Voice(ModelSpec("", "scripted"))) for model in (Refusing(), ScriptedBackend())]
    translator = Translator(voices, "de", "en", store=None)
    drafts = translator.prompts_for_all([Segment(line, line) for line in LINES])[0]
    with pytest.raises(BackendError, match="1 of 40 prompts got no answer: HTTP 400: filtered"):
        list(translator.translate_drafts(drafts))


def test_what_was_answered_once_counts_for_all_calls_whatever_their_options() -> None:
    translator = Translator(Refusing(), "de", "en", store=None)
    assert translator.translate(["Zeile 6"])[0].text == "Zeile 6"
    assert translator.translate(["Zeile 7"], retry_flagged=True)[0].flags == ("no_answer",)
    assert translator.translate(["Zeile 7"], seed=2, temperature=0.5)[0].flags == ("no_answer",)


def test_what_was_answered_once_counts_for_all_samples() -> None:
    class SecondRefused(Refusing):
        def generate(
            self, prompts: Sequence[str], max_new_tokens: Sequence[int], decoding: Decoding
        ) -> Iterator[tuple[int, Generation]]:
            self.refuses = lambda _: decoding.sample == 1
            return super().generate(prompts, max_new_tokens, decoding)

    backend = SecondRefused()
    voices = [(backend, Voice(ModelSpec("", "scripted"), 0.5, sample)) for sample in range(3)]
    (done,) = Translator(voices, "de", "en", store=None).translate(["Ja"])
    assert (done.text, done.flags, [its.text for its in done.proposals]) == ("Ja", (), ["Ja", "", "Ja"])
