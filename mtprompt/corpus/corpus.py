"""A parallel corpus: the pool that examples are chosen from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from mtprompt.errors import ConfigError, DataError
from mtprompt.segments import Pair
from mtprompt.text.languages import language_pair

if TYPE_CHECKING:
    from mtprompt.corpus.mapped import MappedPairs


class Fingerprint:
    """SHA-256 over languages, sources and targets in order, shortened to 16 digits."""

    def __init__(self, languages: tuple[str, str]) -> None:
        self._digest = hashlib.sha256("\t".join(languages).encode())

    def update(self, pair: Pair) -> None:
        """Takes the next pair in."""
        text = f"\n{len(pair.source)} {len(pair.target)} {pair.source}{pair.target}"
        self._digest.update(text.encode("utf-8", "surrogatepass"))

    def __str__(self) -> str:
        return self._digest.hexdigest()[:16]


class Corpus:
    """Sentence pairs of one language pair; pairs can be added at its end.

    Attributes:
        pairs: The pairs, in file order.
        languages: Source and target code.
    """

    def __init__(self, pairs: Iterable[Pair] | MappedPairs, languages: tuple[str, str]) -> None:
        from mtprompt.corpus.mapped import MappedPairs

        self.pairs = pairs if isinstance(pairs, MappedPairs) else list(pairs)
        self.languages = languages
        self._fingerprint = Fingerprint(languages)
        self._fingerprinted = 0
        self._changing = Lock()

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    @property
    def fingerprint(self) -> str:
        """What identifies the content: see :class:`Fingerprint`."""
        if not isinstance(self.pairs, list) and (known := self.pairs.fingerprint):
            return known
        with self._changing:
            for at in range(self._fingerprinted, len(self.pairs)):
                self._fingerprint.update(self.pairs[at])
                self._fingerprinted += 1
            return str(self._fingerprint)

    def add(self, pairs: Iterable[tuple[str, str] | Pair]) -> None:
        """Adds pairs, or ``(source, target)`` texts, at the end; the next selection sees them.

        Raises:
            DataError: If a source or target is empty; nothing is added then.
        """
        given = list(pairs)
        with self._changing:
            new = [
                pair if isinstance(pair, Pair) else Pair(str(number), *pair)
                for number, pair in enumerate(given, start=len(self.pairs) + 1)
            ]
            for pair in new:
                if not pair.source.strip() or not pair.target.strip():
                    raise DataError(f"pair {pair.id} cannot be added: its source or target is empty")
            self.pairs.extend(new)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]], source_lang: str, target_lang: str) -> Corpus:
        """A corpus of ``(source, target)`` texts."""
        made = [Pair(str(i), source, target) for i, (source, target) in enumerate(pairs, start=1)]
        return cls(made, language_pair(source_lang, target_lang))

    @classmethod
    def load(
        cls,
        path: str | Path,
        source_lang: str,
        target_lang: str,
        target_path: str | Path | None = None,
    ) -> Corpus:
        """Reads a pool into memory; the ending tells the format, as in :func:`read_pairs`.

        Raises:
            ConfigError: For an ending that is not known or a wrong language code.
            DataError: For a file that is missing, empty or malformed; names file and line.
        """
        languages = language_pair(source_lang, target_lang)
        return cls(read_pairs(path, *languages, target_path), languages)


def read_pairs(
    path: str | Path,
    source_lang: str,
    target_lang: str,
    target_path: str | Path | None = None,
    *,
    complete: bool = True,
) -> Iterator[Pair]:
    """The pairs of a pool file, one by one.

    Args:
        path: ``.jsonl`` (``source``, ``target``), ``.tsv`` (source, tab, target), ``.tmx``, or the
            source side of two parallel text files.
        source_lang: Code of the source language, such as ``de``.
        target_lang: Code of the target language.
        target_path: The target side of two parallel text files.
        complete: Whether both sides must have text.

    Raises:
        ConfigError: For an ending that is not known.
        DataError: For a file that is missing, empty or malformed; names file and line.
    """
    from mtprompt.corpus import jsonl, parallel, tmx, tsv

    path = Path(path)
    ending = path.suffix.lower()
    if target_path is not None:
        pairs = parallel.read_pairs(path, Path(target_path), complete=complete)
    elif ending == ".jsonl":
        pairs = jsonl.read_pairs(path, complete=complete)
    elif ending == ".tsv":
        pairs = tsv.read_pairs(path, complete=complete)
    elif ending == ".tmx":
        pairs = tmx.read_pairs(path, source_lang, target_lang, complete=complete)
    else:
        raise ConfigError(
            f"{path}: a pool is .jsonl, .tsv or .tmx, or two parallel text files "
            "(the source side, and the other with --pool-target)"
        )
    empty = True
    for pair in pairs:
        empty = False
        yield pair
    if empty:
        raise DataError(f"{path}: no sentence pairs in it")
