"""What an expensive search found, kept as JSON for the next run that would search the same."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mtprompt.whole_file import write_whole

Found = TypeVar("Found")


class KeptFile:
    """A file named after everything that decides its content.

    Args:
        folder: Made when something is written.
        settings: What decides the content, as JSON takes it.
    """

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        canonical = json.dumps(settings, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self.path = folder / f"{digest}.json"
        self._settings = json.loads(canonical)

    def read(self, parse: Callable[[Mapping[str, Any]], Found]) -> Found | None:
        """What was kept; None where nothing was, or (with a warning) where it is damaged.

        Args:
            parse: Makes a value of the content; raises for what it cannot use.
        """
        try:
            text = self.path.read_text(encoding="utf-8", errors="surrogatepass")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            self._warn(error)
            return None
        try:
            kept = json.loads(text)
            if kept["settings"] != self._settings:
                raise ValueError("its settings are others")
            return parse(kept)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            self._warn(error)
            return None

    def _warn(self, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        warnings.warn(f"{self.path}: cannot be used ({reason}); searching anew", stacklevel=4)

    def write(self, content: Mapping[str, Any]) -> bool:
        """Keeps a content, whole or not at all; False (with a warning) where it cannot be written."""
        text = json.dumps({"settings": self._settings, **content}, ensure_ascii=False, indent=1)
        try:
            write_whole(self.path, (text + "\n").encode("utf-8", "surrogatepass"))
        except OSError as error:
            warnings.warn(f"{self.path}: cannot be kept: {error.strerror}", stacklevel=3)
            return False
        return True
