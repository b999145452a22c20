"""A model's name as a value, with its engine's options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mtprompt.errors import ConfigError
from mtprompt.generation.load import load_backend, load_voices
from mtprompt.generation.spec import ModelSpec, Voice, parse_model, parse_voices, read_options


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("gemma-3-270m", ModelSpec("", "gemma-3-270m")),
        ("ct2:org/name", ModelSpec("ct2", "org/name")),
        ("ct2:org/name(compute=float32)", ModelSpec("ct2", "org/name", {"compute": "float32"})),
        (
            'openai:http://localhost:8000/v1#a/b(concurrency=8,key="X Y")',
            ModelSpec("openai", "http://localhost:8000/v1#a/b", {"concurrency": 8, "key": "X Y"}),
        ),
        ("gemma-3-270m(compute=int8)", ModelSpec("", "gemma-3-270m", {"compute": "int8"})),
    ],
)
def test_a_name_is_read(text: str, spec: ModelSpec) -> None:
    assert parse_model(text) == spec


def test_a_folder_with_odd_letters_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a:b (copy)"
    folder.mkdir()
    assert parse_model(str(folder)) == ModelSpec("", str(folder))


@pytest.mark.parametrize(
    "text", ["ct2:m(", "ct2:m()", "ct2:m(a)", "ct2:m(a=1", "ct2:m(a=1)@4", "ct2:m(a=1)x"]
)
def test_options_that_cannot_be_read_are_an_error_with_an_example(text: str) -> None:
    with pytest.raises(
        ConfigError, match=r"options of the model .* cannot be read; for instance ct2:m\(compute"
    ):
        parse_model(text)


@dataclass(frozen=True)
class _Options:
    word: str = "x"
    number: int = 1
    share: float | None = None
    there: bool = False


def test_options_become_a_dataclass() -> None:
    read = read_options("e", _Options, {"word": 8, "number": 2, "share": 1, "there": "true"})
    assert read == _Options("8", 2, 1, True)
    assert read_options("e", _Options, {}) == _Options()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"wrd": "a"}, "unknown option of the engine e 'wrd'. Did you mean 'word'"),
        ({"number": 1.5}, "e: number must be a whole number, got 1.5"),
        ({"number": "a"}, "e: number must be a whole number, got 'a'"),
        ({"share": "a"}, "e: share must be a number, got 'a'"),
        ({"there": 1}, "e: there must be true or false, got 1"),
    ],
)
def test_a_wrong_option_says_what_is_wrong(values: dict[str, int | float | str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_options("e", _Options, values)


def test_an_engine_takes_its_options() -> None:
    assert load_backend("ct2:gemma-3-270m(compute=float32)", device="cpu").identity["compute"] == "float32"
    assert load_backend("hf:gemma-3-270m(dtype=float16)", device="cpu").identity["compute"] == "float16"
    with pytest.raises(ConfigError, match="Did you mean 'compute'"):
        load_backend("ct2:gemma-3-270m(computer=float32)", device="cpu")


GEMMA, LLAMA = ModelSpec("ct2", "gemma-3-270m"), ModelSpec("hf", "org/llama", {"dtype": "float16"})


@pytest.mark.parametrize(
    ("text", "voices"),
    [
        ("ct2:gemma-3-270m", [Voice(GEMMA)]),
        ("ensemble(ct2:gemma-3-270m, hf:org/llama(dtype=float16))", [Voice(GEMMA), Voice(LLAMA)]),
        ("mbr(ct2:gemma-3-270m,n=2,temperature=0.7)", [Voice(GEMMA, 0.7, 0), Voice(GEMMA, 0.7, 1)]),
        ("mbr(hf:org/llama(dtype=float16))", [Voice(LLAMA, 0.5, i) for i in range(8)]),
        (
            "ensemble(mbr(ct2:gemma-3-270m,n=2),ct2:gemma-3-270m)",
            [*(Voice(GEMMA, 0.5, i) for i in (0, 1)), Voice(GEMMA)],
        ),
    ],
)
def test_several_models_compete(text: str, voices: list[Voice]) -> None:
    assert parse_voices(text) == voices


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ensemble(a)", "an ensemble has two models or more$"),
        ("ensemble(ct2:a,ct2:a)", "and a is there twice"),
        ("mbr(a,n=1)", "mbr needs n of 2 or more and a temperature above 0"),
        ("mbr(a,temperature=0)", "mbr needs n of 2 or more and a temperature above 0"),
        ("mbr(a,m=3)", "unknown option of the engine mbr 'm'"),
        ("mbr(a,3)", "expected '=' after '3'"),
        ("ensemble(a,b", "options of the model"),
    ],
)
def test_a_wrong_competition_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_voices(text)


def test_samples_of_one_model_share_its_weights() -> None:
    loaded = load_voices("ensemble(mbr(scripted:echo,n=2),scripted:echo(context=9))")
    assert [backend.context for backend, _ in loaded] == [4096, 4096, 9]
    assert loaded[0][0] is loaded[1][0] is not loaded[2][0]
