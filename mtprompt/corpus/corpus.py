"""A parallel corpus in memory: the pool that examples are chosen from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mtprompt.errors import ConfigError, DataError
from mtprompt.segments import Pair
from mtprompt.text.languages import language_pair


@dataclass(frozen=True)
class Corpus:
    """Sentence pairs of one language pair.

    Attributes:
        pairs: The pairs, in file order.
        languages: Source and target code.
    """

    pairs: tuple[Pair, ...]
    languages: tuple[str, str]

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over languages, sources and targets in order, shortened to 16 digits."""
        digest = hashlib.sha256("\t".join(self.languages).encode())
        for pair in self.pairs:
            digest.update(f"\n{len(pair.source)} {len(pair.target)} {pair.source}{pair.target}".encode())
        return digest.hexdigest()[:16]

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]], source_lang: str, target_lang: str) -> Corpus:
        """A corpus of ``(source, target)`` texts."""
        made = tuple(Pair(str(i), source, target) for i, (source, target) in enumerate(pairs, start=1))
        return cls(made, language_pair(source_lang, target_lang))

    @classmethod
    def load(
        cls,
        path: str | Path,
        source_lang: str,
        target_lang: str,
        target_path: str | Path | None = None,
    ) -> Corpus:
        """Reads a pool; the ending tells the format.

        Args:
            path: ``.jsonl`` (``source``, ``target``), ``.tsv`` (source, tab, target), ``.tmx``, or the
                source side of two parallel text files.
            source_lang: Code of the source language, such as ``de``.
            target_lang: Code of the target language.
            target_path: The target side of two parallel text files.

        Raises:
            ConfigError: For an ending that is not known or a wrong language code.
            DataError: For a file that is missing, empty or malformed; names file and line.
        """
        from mtprompt.corpus import jsonl, parallel, tmx, tsv

        languages = language_pair(source_lang, target_lang)
        path = Path(path)
        ending = path.suffix.lower()
        if target_path is not None:
            pairs = parallel.read_pairs(path, Path(target_path))
        elif ending == ".jsonl":
            pairs = jsonl.read_pairs(path)
        elif ending == ".tsv":
            pairs = tsv.read_pairs(path)
        elif ending == ".tmx":
            pairs = tmx.read_pairs(path, *languages)
        else:
            raise ConfigError(
                f"{path}: a pool is .jsonl, .tsv or .tmx, or two parallel text files "
                "(--pool SOURCE --pool-target TARGET)"
            )
        made = tuple(pairs)
        if not made:
            raise DataError(f"{path}: no sentence pairs in it")
        return cls(made, languages)
