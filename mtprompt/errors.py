"""The errors that a person may be shown. The CLI prints them as one line and exits 2."""

from collections.abc import Iterable
from importlib.util import find_spec


class MTPromptError(Exception):
    """Base of every error that is the input's or the environment's fault, not a bug."""


class ConfigError(MTPromptError):
    """A wrong option, name or combination of options."""


class DataError(MTPromptError):
    """A file whose content cannot be used; the message names the file and the line."""


class BackendError(MTPromptError):
    """A model or engine that cannot be loaded or that failed while generating."""


class MissingDependency(MTPromptError):
    """An optional package that is not installed; the message ends with the install command."""

    def __init__(self, package: str, purpose: str, install: str) -> None:
        super().__init__(f"{purpose} needs {package}, which is not installed. Run: {install}")


def need_packages(packages: Iterable[str], purpose: str, extra: str) -> None:
    """Raises MissingDependency, naming the extra to install, for the first that cannot be imported."""
    for package in packages:
        if find_spec(package) is None:
            raise MissingDependency(package, purpose, f"pip install 'mtprompt[{extra}]'")
