"""The whole way of a segment, top to bottom.

segments → examples → hints → prompts → store, or model → clean and check → translations
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import TracebackType

from mtprompt.cache import cache_dir
from mtprompt.corpus.corpus import Corpus
from mtprompt.corpus.dev import load_dev
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.errors import ConfigError
from mtprompt.generation.load import load_backend
from mtprompt.generation.protocol import Backend, Decoding
from mtprompt.postprocess.checks import EXACT_MATCH, MISSING_TERM, OVER_BUDGET, check
from mtprompt.postprocess.clean import clean
from mtprompt.postprocess.required import better, unmet
from mtprompt.progress import Bar, Progress, Say, no_bar, say_nothing
from mtprompt.prompting.builder import Draft, PromptBuilder
from mtprompt.prompting.styles import Languages
from mtprompt.prompting.template import load_template
from mtprompt.retrieval import Retrieval
from mtprompt.segments import Generation, Prompt, Segment, Translation
from mtprompt.selection.pool import Pool
from mtprompt.signature import signature
from mtprompt.store import GenerationKeys, Store
from mtprompt.text.languages import language_name
from mtprompt.text.tokens import one_line
from mtprompt.trial import TranslatorTrial
from mtprompt.version import __version__

_CHUNK = 256  # segments on the way together: enough for full batches, little to hold
PROMPT_FORMS = ("auto", "base", "chat")


class Translator:
    """Translates with retrieved examples and dictionary hints.

    Args:
        model: A model's name (``gemma-3-270m``, ``hf:org/model``, a folder) or a backend.
        source_lang: Code of the source language (``de``).
        target_lang: Code of the target language (``en``).
        pool: The pairs to take examples from: a file, a :class:`Corpus`, or a :class:`Pool` that several
            translators share.
        select: How examples are chosen; ``rbm25@4`` with a pool, ``zero`` without, by default.
        order: ``best_last`` (nearest the source), ``best_first``, ``as_is`` or ``random(seed=1)``.
        dictionary: A :class:`Dictionary` or a file; None for no hints.
        hints: ``none``, ``inline``, ``glossary``, ``entries`` or ``chain``, with options such as
            ``inline(max_translations=1)`` (:class:`~mtprompt.dictionary.policy.HintPolicy`), or ``auto``:
            what the dev set proves to help. ``entries`` by default.
        hints_in_examples: ``always``, ``never`` or ``confirmed``; the style's own by default.
        frequent_words: A list of the source language's words, the most frequent of which get no hint; by
            default the pool's.
        auxiliary: Dictionaries from the source language into others, by code, for the style ``chain``.
        require: Terms that must be translated as it says: a segment that does not is tried once more,
            then flagged.
        exact_match: A pool pair with the same source is an ``example``, is taken over unchanged
            (``copy``), or is kept out (``exclude``, as experiments must).
        near_match: With ``exclude``, also keep out pairs whose source (or target, against a known
            reference) has at least this normalized edit similarity, such as 0.95.
        dev: Segments with references for the strategy ``task`` and for ``hints="auto"`` to try things on: a
            file, a :class:`Corpus` or segments; by default pairs that are held out of the pool.
        template: A Jinja file with a wording of one's own.
        prompt_form: ``chat`` uses the chat template, ``base`` does not, ``auto`` does if the model has one.
        max_new_tokens: Room for an answer; twice the source's tokens plus 32 by default.
        temperature: 0 is greedy.
        seed: For sampling.
        store: Folder of finished generations; True is the user's cache, None or False keeps none.
        device: ``auto``, ``cpu`` or ``cuda``.
        batch_size: Prompts generated together at most.

    Raises:
        ConfigError: For a wrong value, naming the right ones.
        DataError: For a file that cannot be used.
    """

    def __init__(
        self,
        model: str | Path | Backend,
        source_lang: str,
        target_lang: str,
        *,
        pool: Pool | Corpus | str | Path | None = None,
        select: str | None = None,
        order: str = "best_last",
        dictionary: Dictionary | str | Path | None = None,
        hints: str | None = None,
        hints_in_examples: str | None = None,
        frequent_words: str | Path | None = None,
        auxiliary: Mapping[str, Dictionary | str | Path] | None = None,
        require: Dictionary | str | Path | None = None,
        exact_match: str = "example",
        near_match: float | None = None,
        dev: Corpus | Sequence[Segment] | str | Path | None = None,
        template: str | Path | None = None,
        prompt_form: str = "auto",
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        seed: int = 1,
        store: str | Path | bool | None = True,
        device: str = "auto",
        batch_size: int = 32,
    ) -> None:
        if prompt_form not in PROMPT_FORMS:
            raise ConfigError(f"unknown prompt form {prompt_form!r}. Known: {', '.join(PROMPT_FORMS)}")
        if max_new_tokens is not None and max_new_tokens < 1:
            raise ConfigError(f"max_new_tokens must be 1 or more, not {max_new_tokens}")
        if not 0 <= temperature < float("inf"):
            raise ConfigError(f"the temperature must be 0 or more, not {temperature}")
        if isinstance(pool, str | Path):
            pool = Pool.load(pool, source_lang, target_lang)

        def load(its: Dictionary | str | Path, to: str = target_lang) -> Dictionary:
            return its if isinstance(its, Dictionary) else Dictionary.load(its, source_lang, to)

        self.retrieval = Retrieval(
            source_lang,
            target_lang,
            pool=pool,
            select=select,
            order=order,
            dictionary=None if dictionary is None else load(dictionary),
            hints=hints,
            hints_in_examples=hints_in_examples,
            frequent_words=frequent_words,
            auxiliary={code: load(its, code) for code, its in (auxiliary or {}).items()},
            require=None if require is None else load(require),
            exact_match=exact_match,
            near_match=near_match,
            dev=None if dev is None else load_dev(dev, source_lang, target_lang),
        )
        self._template = load_template(Path(template)) if template else None
        if self._template and self.retrieval.auto:
            raise ConfigError("hints=auto chooses among wordings and a template is one; give one of them")
        self.backend = (
            load_backend(str(model), device=device, batch_size=batch_size)
            if isinstance(model, str | Path)
            else model
        )
        chat = self.backend.has_chat_template if prompt_form == "auto" else prompt_form == "chat"
        if chat and not self.backend.has_chat_template:
            raise ConfigError(f"{self.backend.name} has no chat template; use the base prompt form")
        self._decoding = Decoding(temperature, seed, stop_at_newline=not chat)
        self._languages = Languages(language_name(source_lang), language_name(target_lang))
        self._builder = PromptBuilder(self.backend, self._languages, self._template, chat, max_new_tokens)
        self._store = Store(cache_dir("store") if store is True else store) if store else None
        self._prompting = {
            "prompt": _template_signature(Path(template)) if template else "default",
            "form": "chat" if chat else "base",
            **self.backend.identity,
            "max_new": max_new_tokens or "auto",
            "temperature": f"{temperature:g}" if temperature else None,
            "seed": seed if temperature else None,
        }
        self._preparing = threading.Lock()
        self._prepared = False

    @property
    def signature(self) -> str:
        """All that a stranger needs to repeat a translation; changes when pairs are added to the pool."""
        parts = {**self.retrieval.signature_parts(), **self._prompting, "mtprompt": __version__}
        return signature(parts)

    def translate(self, texts: Sequence[str | Segment]) -> list[Translation]:
        """Translates texts: as many out as in, in the same order.

        Raises:
            BackendError: If the model cannot be loaded or fails; what was finished is in the store.
            TypeError: For a single text, which would be taken for a list of its letters.
        """
        return list(self.translate_iter(texts))

    def translate_iter(
        self, texts: Iterable[str | Segment], on_progress: Progress | None = None
    ) -> Iterator[Translation]:
        """Like :meth:`translate`, a few hundred segments at a time, for inputs of any length.

        Args:
            texts: Texts or segments.
            on_progress: Called with the number of segments that were finished since its last call,
                which is before they come out.
        """
        if isinstance(texts, str):
            raise TypeError("translate takes a list of texts, not a single text")
        segments = (
            Segment(str(i), text) if isinstance(text, str) else text for i, text in enumerate(texts, start=1)
        )
        while chunk := list(islice(segments, _CHUNK)):
            yield from self.translate_drafts(self._drafts(chunk), on_progress or say_nothing)

    def prepare(self, bar: Bar = no_bar, say: Say = say_nothing, *, dry: bool = False) -> None:
        """Lets what must try translations first (``task``, ``hints="auto"``) do so, once.

        The first translation does it by itself; called before, it can be watched.

        Args:
            bar: Opens a progress bar.
            say: Gets a line with what was found.
            dry: Generate nothing: what an earlier run found is used.

        Raises:
            ConfigError: If ``dry`` and nothing was found earlier.
            BackendError: If the model fails; what was finished is in the store.
        """
        with self._preparing:
            if not self._prepared:
                self.retrieval.prepare(self.trial(bar, say, dry=dry))
                self._prepared = True

    def trial(self, bar: Bar = no_bar, say: Say = say_nothing, *, dry: bool = False) -> TranslatorTrial:
        """This translator's model and prompt, for a strategy to try examples on."""
        return TranslatorTrial(
            dev=self.retrieval.dev,
            folder=cache_dir("task") if self._store else None,
            dry=dry,
            store_folder=self._store.folder if self._store else None,
            style=self.retrieval.policy.style,
            template=self._template,
            languages=self._languages,
            parts=self._prompting,
            run=self.translate_drafts,
            bar=bar,
            say=say,
        )

    def prompts(self, segments: Sequence[Segment]) -> list[tuple[Draft, Prompt | None]]:
        """What would be sent for each segment: its draft, and its prompt (None if nothing is sent)."""
        return self._prompts(self._drafts(segments))

    def _drafts(self, segments: Sequence[Segment]) -> list[Draft]:
        self.prepare()
        return self.retrieval.drafts(segments)

    def _prompts(self, drafts: Sequence[Draft]) -> list[tuple[Draft, Prompt | None]]:
        sent = [i for i, draft in enumerate(drafts) if self._is_sent(draft)]
        built = self._builder.build([drafts[i] for i in sent])
        by_place = dict(zip(sent, built, strict=True))
        return [(draft, by_place.get(i)) for i, draft in enumerate(drafts)]

    def _is_sent(self, draft: Draft) -> bool:
        copied = self.retrieval.copies_exact_matches and draft.exact_match is not None
        return bool(draft.segment.source.strip()) and not copied

    def translate_drafts(self, drafts: Sequence[Draft], on_progress: Progress) -> Iterator[Translation]:
        """Translates segments with examples and hints of the caller's choice.

        Args:
            drafts: Each with its segment.
            on_progress: As in :meth:`translate_iter`.
        """
        built = self._prompts(drafts)
        prompts = [prompt for _, prompt in built if prompt]
        on_progress(len(drafts) - len(prompts))
        generations = self.generate(prompts, on_progress)
        first = [
            self._translation(draft, prompt, generations[prompt] if prompt else None)
            for draft, prompt in built
        ]
        second = self._second_try(drafts, first)
        for i, translation in enumerate(first):
            yield second.get(i, translation)

    def _translation(self, draft: Draft, prompt: Prompt | None, generation: Generation | None) -> Translation:
        segment = draft.segment
        if prompt and generation:
            text = clean(generation.text)
            flags = check(segment.source, text, generation)
            if unmet(draft.required, text, self.retrieval.languages[1]):
                flags = (*flags, MISSING_TERM)
            return Translation(
                segment, text, generation.text, flags, prompt, generation, draft.found, draft.required
            )
        if self._is_sent(draft):
            return Translation(segment, "", flags=(OVER_BUDGET,))
        if draft.exact_match is not None:
            return Translation(segment, one_line(draft.exact_match), flags=(EXACT_MATCH,))
        # unchanged, but one line: JSON rows and library calls can hold a line break
        return Translation(segment, segment.source.replace("\n", " "))

    def _second_try(self, drafts: Sequence[Draft], done: Sequence[Translation]) -> dict[int, Translation]:
        """By place, what became of the segments whose first translation missed required terms."""
        language = self.retrieval.languages[1]
        missed = {
            i: replace(draft, unmet=unmet(draft.required, translation.text, language))
            for i, (draft, translation) in enumerate(zip(drafts, done, strict=True))
            if MISSING_TERM in translation.flags
        }
        if not missed:
            return {}
        built = dict(zip(missed, self._builder.build(list(missed.values())), strict=True))
        generations = self.generate([prompt for prompt in built.values() if prompt])
        return {
            i: better(done[i], self._translation(drafts[i], prompt, generations[prompt]), language)
            for i, prompt in built.items()
            if prompt
        }

    def generate(
        self, prompts: Sequence[Prompt], on_progress: Progress | None = None
    ) -> dict[Prompt, Generation]:
        """An answer for each prompt: from the store, else from the model, the same prompt once.

        Args:
            prompts: Made by :meth:`prompts`, of this translator or another of the same backend.
            on_progress: As in :meth:`translate_iter`, counting prompts.
        """
        on_progress = on_progress or say_nothing
        generation_keys = GenerationKeys(self.backend.identity, self._decoding)
        keys = {prompt: generation_keys.key(prompt) for prompt in prompts}
        asked = Counter(keys[prompt] for prompt in prompts)
        found = self._store.get(sorted(asked)) if self._store else {}
        on_progress(sum(asked[key] for key in found))
        missing = {key: prompt for prompt, key in keys.items() if key not in found}
        ordered = list(missing)
        if missing:  # an engine loads its weights when asked, be it for nothing
            texts = [missing[key].text for key in ordered]
            limits = [missing[key].max_new_tokens for key in ordered]
            for i, generation in self.backend.generate(texts, limits, self._decoding):
                found[ordered[i]] = generation
                if self._store:
                    self._store.put(ordered[i], generation)
                on_progress(asked[ordered[i]])
        return {prompt: found[key] for prompt, key in keys.items()}

    def close(self) -> None:
        """Frees the model and closes the store."""
        self.backend.close()
        if self._store:
            self._store.close()

    def __enter__(self) -> Translator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _template_signature(path: Path) -> str:
    return f"template-{path.name}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
