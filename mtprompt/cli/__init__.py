"""The command line: one file a command, loaded when it is called."""

from __future__ import annotations

import signal
import sys
import warnings
from contextlib import suppress
from typing import Any

import click

from mtprompt.cli.group import LazyGroup
from mtprompt.errors import MTPromptError
from mtprompt.version import __version__

INTERRUPTED = 130
TERMINATED = 143
# What a group that is called without a command raises; before click 8.2 it printed its help itself.
_HELP: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
# Summaries stand here so that `mtprompt --help` imports no command.
_COMMANDS = {
    "translate": "Translate a file with examples and hints.",
    "select": "Choose examples and hints without a model.",
    "explain": "Show the prompt of one sentence, with what matched.",
    "index": "Make or describe the index of a pool.",
    "corpus": "Look into a pool: overlap with a test set, noise, what it is like.",
    "dictionary": "Look into dictionaries, combine, install and induce them.",
    "ablate": "Measure what hints are worth on a test set.",
    "sweep": "Run a grid of experiments from one YAML file.",
    "report": "Show what a sweep found: a page, Markdown, CSV, plots.",
    "score": "Score translations: BLEU, chrF, chrF++, TER, COMET.",
    "meta-eval": "Say how well metrics and judges agree with people.",
    "store": "Look into kept generations, and take old ones out.",
    "merge": "Put the parts of a file that was translated in shards together.",
    "models": "List the models that can run here.",
    "doctor": "Say what is installed, what is missing and what mends it.",
    "comet": "Set up COMET, which runs in an environment of its own.",
}


@click.group(
    cls=LazyGroup,
    lazy={name: (f"mtprompt.cli.{name.replace('-', '_')}", summary) for name, summary in _COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "--version", prog_name="mtprompt")
def cli() -> None:
    """Better machine translation from language models by what is put into the prompt.

    \b
    Example:
      mtprompt translate in.txt -o out.txt --from de --to en \\
        --pool pool.jsonl --select rbm25@4 --dictionary terms.tsv --model gemma-3-270m
    """


def main() -> None:
    """Runs the command line; a person's error is one line and exit code 2, a bug a traceback."""
    stopped = INTERRUPTED

    def terminate(*_: object) -> None:
        nonlocal stopped
        stopped = TERMINATED
        raise KeyboardInterrupt

    # as Ctrl-C: nothing half-written is left behind
    with suppress(ValueError):  # outside of the main thread signals are the caller's affair
        signal.signal(signal.SIGTERM, terminate)
    warnings.showwarning = lambda message, *_args, **_kwargs: click.echo(f"Warning: {message}", err=True)
    try:
        sys.exit(cli.main(prog_name="mtprompt", standalone_mode=False))
    except MTPromptError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        if isinstance(error, _HELP):
            error.show()
            sys.exit(error.exit_code)
        # one line, and where there is more to read
        where = (
            f" See: {error.ctx.command_path} --help"
            if isinstance(error, click.UsageError) and error.ctx
            else ""
        )
        click.echo(f"Error: {error.format_message()}{where}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(stopped)
    except BrokenPipeError:
        # the reader of our output is gone (`| head`); nothing is left to say
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        # a folder that may not be entered, a name that is too long, a full disk: no fault of the program's
        where = error.filename or "standard output"
        _say_last(f"Error: {where}: {error.strerror or error}")
        sys.exit(2)


def _say_last(line: str) -> None:
    """Says a last line, and lets nothing that is still buffered fail once more on the way out."""
    click.echo(line, err=True)
    with suppress(OSError):
        sys.stdout.close()
