"""The library's front door: a translator is set up once and called as often as one likes."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from mtprompt.cache import cache_dir
from mtprompt.corpus.corpus import Corpus
from mtprompt.corpus.dev import load_dev
from mtprompt.cost import Estimate, length_ratio
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.errors import BackendError, ConfigError
from mtprompt.generation.load import load_voices
from mtprompt.generation.protocol import Backend, Decoding
from mtprompt.generation.spec import ModelSpec, Voice
from mtprompt.generation.stored import StoredBackend, Voices
from mtprompt.kinds import check_hashable, check_kinds
from mtprompt.pipeline import Pipeline, Prompts
from mtprompt.postprocess.consensus import utility_signature
from mtprompt.progress import Bar, Progress, Say, no_bar, say_nothing
from mtprompt.prompting.builder import Draft, PromptBuilder
from mtprompt.prompting.styles import Languages
from mtprompt.prompting.template import load_template
from mtprompt.proposer import Proposer
from mtprompt.registry import did_you_mean
from mtprompt.retrieval import Retrieval
from mtprompt.segments import Generation, Prompt, Segment, Translation
from mtprompt.selection.pool import Pool
from mtprompt.signature import signature
from mtprompt.store import Store
from mtprompt.text.languages import language_name
from mtprompt.trial import TranslatorTrial
from mtprompt.version import __version__

_CHUNK = 256  # segments on the way together at least: enough for full batches, little to hold
_BATCHES = 8  # of a chunk at least, so that its last, smaller ones weigh little
_VIEWS = 16  # combinations of overrides that are kept ready
PROMPT_FORMS = ("auto", "base", "chat")
_PER_CALL = (
    "select", "order", "dictionary", "hints", "hints_in_examples", "require", "exact_match", "near_match",
    "template", "prompt_form", "max_new_tokens", "temperature", "seed", "retry_flagged",
)  # fmt: skip


class Translator:
    """Translates with retrieved examples and dictionary hints.

    Args:
        model: A model's name (``gemma-3-270m``, ``hf:org/model``, a folder), several as
            ``ensemble(…)`` or ``mbr(…)`` (:mod:`mtprompt.generation.spec`), or a backend.
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
        retry_flagged: Whether a translation with flags is tried once more, with fewer examples in
            another order; the better of the two is kept.
        store: Folder of finished generations; True is the user's cache, None or False keeps none beyond
            a call.
        device: ``auto``, ``cpu`` or ``cuda``.
        batch_size: Prompts generated together at most; the engine's own number by default.

    Raises:
        ConfigError: For a wrong value, naming the right ones.
        DataError: For a file that cannot be used.
    """

    def __init__(
        self,
        model: str | Path | Backend | list[tuple[Backend, Voice]],
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
        retry_flagged: bool = False,
        store: Store | str | Path | bool | None = True,
        device: str = "auto",
        batch_size: int | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in ("self", "model")}
        check_kinds(given)
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

        dictionary = None if dictionary is None else load(dictionary)
        self.retrieval = Retrieval(
            source_lang,
            target_lang,
            pool=pool,
            select=select,
            order=order,
            dictionary=dictionary,
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
        self._voices = _voices(model, device, batch_size)
        self._store = _store(store)
        languages = Languages(language_name(source_lang), language_name(target_lang))
        proposers, forms = [], []
        for backend, voice in self._voices:
            chat = backend.has_chat_template if prompt_form == "auto" else prompt_form == "chat"
            if chat and not backend.has_chat_template:
                raise ConfigError(f"{backend.name} has no chat template; use the base prompt form")
            forms.append("chat" if chat else "base")
            its_temperature = temperature if voice.temperature is None else voice.temperature
            decoding = Decoding(its_temperature, seed, voice.sample, stop_at_newline=not chat)
            builder = PromptBuilder(backend, languages, self._template, chat, max_new_tokens)
            stored = StoredBackend(backend, decoding, self._store, self._voices.answered)
            proposers.append(Proposer(builder, stored, self.retrieval.languages, exact_match == "copy"))
        chunk = max(_CHUNK, _BATCHES * max(backend.batch_size for backend, _ in self._voices))
        self._pipeline = Pipeline(self._drafts, proposers, self.retrieval.languages[1], chunk, retry_flagged)
        self._languages = languages
        draws = temperature > 0 or any(voice.temperature is not None for _, voice in self._voices)
        self._prompting = {
            "prompt": _template_signature(Path(template)) if template else "default",
            **_models_signature(self._voices, forms),
            "max_new": max_new_tokens or "auto",
            "temperature": f"{temperature:g}" if temperature else None,
            "seed": seed if draws else None,
            "retry": "flagged" if retry_flagged else None,
        }
        self._preparing = threading.Lock()
        self._prepared = False
        # one call at a time finds examples: it is Python's own work, and it counts what it meets
        self._finding = threading.Lock()
        self._settings = {
            **given,
            "pool": None if pool is None else self.retrieval.pool,
            "dictionary": dictionary,
            "auxiliary": self.retrieval.auxiliary,
            "require": self.retrieval.require,
            "dev": self.retrieval.dev,
            "store": self._store,
        }
        self._view = lru_cache(maxsize=_VIEWS)(self._make_view)

    @property
    def backend(self) -> Backend:
        """The model; of several, the first."""
        return self._voices[0][0]

    @property
    def store(self) -> Store | None:
        """Where answers are kept, None if they are not."""
        return self._store

    @property
    def signature(self) -> str:
        """All that a stranger needs to repeat a translation; changes when pairs are added to the pool."""
        parts = {**self.retrieval.signature_parts(), **self._prompting, "mtprompt": __version__}
        return signature(parts)

    def translate(self, texts: Sequence[str | Segment], **overrides: Any) -> list[Translation]:
        """Translates texts: as many out as in, in the same order. Threads may call it at once.

        Args:
            texts: Texts or segments.
            overrides: What is to be otherwise in this call, as in :meth:`using`.

        Raises:
            ConfigError: For what is no text, or a wrong option.
            BackendError: If the model cannot be loaded or fails; what was finished is in the store. A text
                that alone gets no answer comes back empty, with the flag ``no_answer``.
            TypeError: For a single text, which would be taken for a list of its letters.
        """
        return list(self.translate_iter(texts, **overrides))

    def translate_iter(
        self, texts: Iterable[str | Segment], on_progress: Progress = say_nothing, **overrides: Any
    ) -> Iterator[Translation]:
        """Like :meth:`translate`, for inputs of any length: a translation comes when all before it are done.

        Closing the iterator stops the work.

        Args:
            texts: Texts or segments, read a few hundred ahead.
            on_progress: Called with the number of segments that were finished since its last call,
                which is before they come out.
            overrides: As in :meth:`translate`.
        """
        if isinstance(texts, str):
            raise TypeError("translate takes a list of texts, not a single text")
        segments = (_segment(i, text) for i, text in enumerate(texts, start=1))
        return self.using(**overrides)._pipeline.run(segments, on_progress)

    async def atranslate(self, texts: Sequence[str | Segment], **overrides: Any) -> list[Translation]:
        """Like :meth:`translate`, without holding up the event loop.

        When it is cancelled, the work stops at the model's next answer; what was finished is in the store.
        """
        stopped = threading.Event()

        def stop(_done: int) -> None:
            if stopped.is_set():
                raise _Stopped

        def work() -> list[Translation]:
            try:
                return list(self.translate_iter(texts, stop, **overrides))
            except _Stopped:
                return []

        try:
            return await asyncio.to_thread(work)
        finally:
            stopped.set()

    def using(self, **overrides: Any) -> Translator:
        """A translator that differs in some options and shares all that is large: pool, model, store.

        Args:
            overrides: Of ``select``, ``order``, ``dictionary``, ``hints``, ``hints_in_examples``,
                ``require``, ``exact_match``, ``near_match``, ``template``, ``prompt_form``,
                ``max_new_tokens``, ``temperature``, ``seed``, ``retry_flagged``.

        Raises:
            ConfigError: For any other option, or a wrong value.
        """
        if not overrides:
            return self
        check_kinds(overrides)
        check_hashable(overrides)
        return self._view(tuple(sorted(overrides.items())))

    def _make_view(self, overrides: tuple[tuple[str, Any], ...]) -> Translator:
        for name, _ in overrides:
            if name not in _PER_CALL:
                raise did_you_mean("option of a call", name, list(_PER_CALL))
        return Translator(self._voices, **{**self._settings, **dict(overrides)})

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
        """What would be sent for each segment: its draft, and its prompt (None if nothing is sent).

        Of several models, the prompt of the first.
        """
        drafts, prompts = self.prompts_for_all(segments)
        return list(zip(drafts, prompts[0], strict=True))

    def prompts_for_all(self, segments: Sequence[Segment]) -> tuple[list[Draft], Prompts]:
        """The draft of each segment, and for each model the prompts of all."""
        drafts = self._drafts(segments)
        return drafts, self._pipeline.prompts(drafts)

    def _drafts(self, segments: Sequence[Segment]) -> list[Draft]:
        self.prepare()
        with self._finding:
            return self.retrieval.drafts(segments)

    def translate_drafts(
        self, drafts: Sequence[Draft], on_progress: Progress = say_nothing
    ) -> Iterator[Translation]:
        """Translates segments with examples and hints of the caller's choice, for experiments.

        Args:
            drafts: Each with its segment.
            on_progress: As in :meth:`translate_iter`.

        Raises:
            BackendError: Also after the last translation, if a prompt got no answer: numbers must not be
                made of what is missing.
        """
        done = []
        for translation in self._pipeline.translate(drafts, on_progress):
            done.append(translation.generation)
            yield translation
        _check_answered(done)

    def estimates(self) -> list[Estimate]:
        """For each model, what it will be asked: to be filled with what :meth:`prompts_for_all` gives.

        A translation that is going to be tried a second time is not foreseen.
        """
        pairs = self.retrieval.pool.pairs
        return [
            Estimate(its.stored, length_ratio(its.stored.backend, pairs)) for its in self._pipeline.proposers
        ]

    def answers(self, prompts: Sequence[Prompt], on_progress: Progress = say_nothing) -> list[Generation]:
        """The first model's answer to each prompt: from the store, else generated, the same prompt once.

        Args:
            prompts: Made by :meth:`prompts`, of this translator or another of the same model.
            on_progress: Called with the number of prompts that were just answered.

        Raises:
            BackendError: If the model fails or one of them got no answer; the others are in the store.
        """
        by_index = dict(self._pipeline.proposers[0].stored.answers(prompts, on_progress))
        _check_answered(by_index.values())
        return [by_index[i] for i in range(len(prompts))]

    def close(self) -> None:
        """Frees the model and closes the store."""
        for backend in {id(backend): backend for backend, _ in self._voices}.values():
            backend.close()
        if self._store:
            self._store.close()

    def __enter__(self) -> Translator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Stopped(Exception):
    """Ends the work of a call that was cancelled."""


def _voices(
    model: str | Path | Backend | list[tuple[Backend, Voice]], device: str, batch_size: int | None
) -> Voices:
    if isinstance(model, Voices):
        return model
    if isinstance(model, str | Path):
        model = load_voices(str(model), device=device, batch_size=batch_size)
    if not isinstance(model, list) and not hasattr(model, "generate"):
        raise ConfigError(f"model must be a name, a folder or a backend, not {repr(model)[:60]}")
    return Voices(model if isinstance(model, list) else [(model, Voice(ModelSpec("", model.name)))])


def _segment(number: int, text: object) -> Segment:
    if isinstance(text, str):
        return Segment(str(number), text)
    if isinstance(text, Segment):
        if not isinstance(text.source, str):
            raise ConfigError(f"the source of text {number} must be a text, not {repr(text.source)[:60]}")
        return text
    raise ConfigError(f"text {number} must be a text or a Segment, not {repr(text)[:60]}")


def _store(store: Store | str | Path | bool | None) -> Store | None:
    if isinstance(store, Store):
        return store
    return Store(cache_dir("store") if store is True else store) if store else None


def _models_signature(voices: list[tuple[Backend, Voice]], forms: Sequence[str]) -> dict[str, object]:
    if len(voices) == 1:
        return {"form": forms[0], **voices[0][0].identity}
    proposing = [
        "/".join([*backend.identity.values(), form])
        + (f"/temperature={voice.temperature:g}/sample={voice.sample}" if voice.temperature else "")
        for (backend, voice), form in zip(voices, forms, strict=True)
    ]
    return {"models": ",".join(proposing), "choice": f"mbr({utility_signature()})"}


def _check_answered(generations: Iterable[Generation | None]) -> None:
    """Raises :class:`BackendError` if a prompt got no answer."""
    parts = [part for its in generations if its for part in its.each]
    faults = [part.fault for part in parts if part.fault is not None]
    if faults:
        raise BackendError(
            f"{len(faults):,} of {len(parts):,} prompts got no answer: {faults[-1]}. With a store, the same "
            "run again asks for those only"
        )


def _template_signature(path: Path) -> str:
    return f"template-{path.name}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
