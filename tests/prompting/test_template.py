"""Prompt templates of one's own: what they can use, and what they must not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtprompt.errors import ConfigError, DataError
from mtprompt.prompting.styles import Block, Languages
from mtprompt.prompting.template import load_template
from mtprompt.segments import Hint

LANGUAGES = Languages("German", "English")
HINT = Hint("Tabletten", ("tablet", "pill"), (0, 9), "Tablette")
BLOCKS = [
    Block("Ja.", "Yes."),
    Block("Zwei\nTabletten", "Two\ntablets", (HINT,)),
    Block("Tabletten\nhier", None, (HINT,)),
]


def render(folder: Path, template: str | bytes, blocks: list[Block] = BLOCKS) -> str:
    path = folder / "mine.j2"
    path.write_bytes(template.encode() if isinstance(template, str) else template)
    return load_template(path)(blocks, LANGUAGES)


def test_a_template_gets_languages_examples_hints_and_source_each_text_one_line(tmp_path: Path) -> None:
    template = (
        "{{ source_lang }} into {{ target_lang }}\n"
        "{% for e in examples %}"
        "{{ e.source }} => {{ e.target }}{% for h in e.hints %} [{{ h.origin }}]{% endfor %}\n"
        "{% endfor %}"
        "{% for h in hints %}{{ h.term }} ({{ h.origin }}): {{ h.translations | join('/') }}\n{% endfor %}"
        "{{ source }} =>\n"
    )
    assert render(tmp_path, template) == (
        "German into English\n"
        "Ja. => Yes.\n"
        "Zwei Tabletten => Two tablets [Tablette]\n"
        "Tabletten (Tablette): tablet/pill\n"
        "Tabletten hier =>"
    )


def test_nothing_is_escaped_and_nothing_in_a_text_is_run(tmp_path: Path) -> None:
    blocks = [Block("<b>{{ 7 * 7 }}</b> & {% raw %}", None)]
    assert render(tmp_path, "{{ source }}", blocks) == "<b>{{ 7 * 7 }}</b> & {% raw %}"


def test_one_line_break_at_the_end_of_the_file_is_dropped(tmp_path: Path) -> None:
    assert render(tmp_path, "{{ source }}:\n") == "Tabletten hier:"
    assert render(tmp_path, "{{ source }}:\n\n") == "Tabletten hier:\n"


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    assert render(tmp_path, b"\xef\xbb\xbf{{ source }}") == "Tabletten hier"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ '' | attr('__class__') }}",
        "{{ '{0.__class__}'.format(source) }}",
        "{{ hints[0].__class__.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ hints.__class__ }}",
        "{{ examples.append(1) }}",
        "{{ examples[0].clear() }}",
    ],
)
def test_the_sandbox_refuses_to_reach_behind_the_values(tmp_path: Path, attack: str) -> None:
    with pytest.raises(ConfigError) as caught:
        render(tmp_path, "{{ source }}" + attack)
    assert str(caught.value).startswith(f"{tmp_path / 'mine.j2'}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "mistake",
    [
        "{{ nosuch }}",
        "{{ examples[99].source }}",
        "{{ source + 1 }}",
        "{{ 1 / 0 }}",
        "{% include 'other.j2' %}",
        "{{ source | round }}",
        "{{ source.encode('nosuch') }}",
        "{% for i in range(10 ** 9) %}{% endfor %}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
    ],
)
def test_a_template_that_fails_while_it_is_filled_in_is_a_wrong_option_not_a_bug(
    tmp_path: Path, mistake: str
) -> None:
    with pytest.raises(ConfigError, match=r"mine\.j2: ."):
        render(tmp_path, "{{ source }}" + mistake)


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{{ source", 1),
        ("one\n{{ source }}\n{% for %}\n", 3),
        ("{{ source }}\n{% if x %}\n", 2),
        ("{{ source }}\n\n{{ source | nofilter }}", 3),
    ],
)
def test_a_syntax_error_names_file_and_line_when_the_template_is_loaded(
    tmp_path: Path, template: str, line: int
) -> None:
    path = tmp_path / "mine.j2"
    path.write_text(template, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_template(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")


@pytest.mark.parametrize("template", ["", "English:", "{{ sources }}", "{# {{ source }} #}", "{source}"])
def test_a_template_that_never_uses_the_source_is_refused(tmp_path: Path, template: str) -> None:
    path = tmp_path / "mine.j2"
    path.write_text(template, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_template(path)
    assert str(caught.value) == f"{path}: the template never uses {{{{ source }}}}, the text to translate"


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.j2: no such file"):
        load_template(tmp_path / "none.j2")


def test_a_file_that_is_not_utf8_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mine\.j2:2: not UTF-8"):
        render(tmp_path, b"{{ source }}\n\xff")
