"""A prompt's wording from the user's own Jinja file, in a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mtprompt.corpus.lines import read_lines
from mtprompt.errors import ConfigError
from mtprompt.prompting.styles import Block, Languages, Wording
from mtprompt.text.tokens import one_line

# what Python itself raises for a template's mistake: {{ source + 1 }}, {{ 1 / 0 }}, endless macros
_WRONG_USE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def load_template(path: Path) -> Wording:
    """Reads a template.

    It may use ``source_lang`` and ``target_lang`` (English names), ``source``, ``hints`` (each with
    ``term``, ``translations``, ``origin``) and ``examples`` (each with ``source``, ``target``,
    ``hints``), in the order of the prompt. One line break at the end of the file is dropped.

    Raises:
        DataError: If the file cannot be read.
        ConfigError: If it is no valid template or never uses ``source``; names file and line.
    """
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    text = "".join(line + ending for _, line, ending in read_lines(path))
    # a prompt is no HTML: nothing is escaped
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    try:
        tree = environment.parse(text)
        template = environment.from_string(text)
    except TemplateSyntaxError as error:
        raise ConfigError(f"{path}:{error.lineno}: {error.message}") from None
    if "source" not in meta.find_undeclared_variables(tree):
        raise ConfigError(f"{path}: the template never uses {{{{ source }}}}, the text to translate")

    def wording(blocks: Sequence[Block], languages: Languages) -> str:
        *examples, query = blocks
        try:
            return template.render(
                source_lang=languages.source,
                target_lang=languages.target,
                source=one_line(query.source),
                hints=query.hints,
                examples=[
                    {"source": one_line(b.source), "target": one_line(b.target or ""), "hints": b.hints}
                    for b in examples
                ],
            )
        except (TemplateError, *_WRONG_USE) as error:
            raise ConfigError(f"{path}: {error}") from None

    return wording
