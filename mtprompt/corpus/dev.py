"""Dev sets: segments with references to choose examples on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from mtprompt.corpus.corpus import Corpus
from mtprompt.corpus.segments import is_jsonl, read_segments
from mtprompt.errors import ConfigError, DataError
from mtprompt.segments import Segment


def load_dev(
    dev: Corpus | Sequence[Segment] | str | Path, source_lang: str, target_lang: str
) -> tuple[Segment, ...]:
    """A dev set from a file, a corpus or segments; segments of white space are left out.

    Args:
        dev: A ``.jsonl`` file with ``source`` and ``reference`` (or ``target``), a ``.tsv`` or
            ``.tmx`` file, or what was read already.
        source_lang: Code of the source language.
        target_lang: Code of the target language.

    Raises:
        ConfigError: For a file of another kind.
        DataError: For a file that cannot be used, a segment without a reference, or no segments.
    """
    name = "the dev set"
    segments: Sequence[Segment]
    if isinstance(dev, str | Path):
        name = str(dev)
        if is_jsonl(name):
            segments = [segment for segment, _ in read_segments(name)]
        elif Path(dev).suffix.lower() in (".tsv", ".tmx"):
            segments = _segments(Corpus.load(dev, source_lang, target_lang))
        else:
            raise ConfigError(f"{name}: a dev set needs references: .jsonl, .tsv or .tmx")
    else:
        segments = _segments(dev) if isinstance(dev, Corpus) else dev
    kept = tuple(segment for segment in segments if segment.source.strip())
    if not kept:
        raise DataError(f"{name}: no segments in it")
    for segment in kept:
        if not (segment.reference or "").strip():
            raise DataError(f"{name}: segment {segment.id} has no reference, which a dev set needs")
    return kept


def dev_fingerprint(dev: Sequence[Segment]) -> str:
    """SHA-256 over sources and references in order, shortened to 16 digits."""
    digest = hashlib.sha256()
    for segment in dev:
        reference = segment.reference or ""
        text = f"{len(segment.source)} {len(reference)} {segment.source}{reference}\n"
        digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _segments(corpus: Corpus) -> list[Segment]:
    return [Segment(pair.id, pair.source, pair.target, pair.domain) for pair in corpus]
