"""The engine against transformers, on tiny models of the same layouts; what it refuses and never does."""

import ast
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from assistant.engine import Classifier, Memory, Tokens, Tower, unfit
from assistant.engine.network import batches
from assistant.engine.weights import safetensors
from assistant.errors import ModelError
from tests import tiny

ROOT = Path(__file__).parent.parent
QUERY = "what is the dose of warfarin"
PASSAGES = [
    "The dose of warfarin is 5 mg for the child.",
    "",
    "sepsis",
    "Ψυχή β-блокатор 高血压 😀 5 µg",
    "insulin for the heart " * 100,
    "aspirin the dose\nis 75 mg\t" * 7,
]


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    top = tmp_path_factory.mktemp("engine")
    made = {
        "bert": tiny.bert_reranker(top / "bert"),
        "pickled": tiny.bert_reranker(top / "pickled", pickled=True),
        "roberta": tiny.roberta_reranker(top / "roberta"),
        "encoder": tiny.bert_encoder(top / "encoder"),
    }
    return made.__getitem__


def by_transformers(folder: Path, query: str, passages: list[str]) -> list[float]:
    """One pair at a time: no padding that could hide a fault."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    encode = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    limit = 128
    with torch.inference_mode():
        return [
            model(
                **encode([query], [p], truncation=True, max_length=limit, return_tensors="pt")
            ).logits.item()
            for p in passages
        ]


def exact(folder: Path, max_tokens: int = 128) -> Classifier:
    return Classifier(folder, max_tokens=max_tokens, precision="f32")


def score(classifier: Classifier, query: str, passages: list[str]) -> list[float]:
    return classifier.logits(classifier.tokens.pairs([query] * len(passages), passages))


# Cross-encoders


@pytest.mark.parametrize("name", ["bert", "roberta"])
def test_logits_are_those_of_transformers(name: str, folders: Callable[[str], Path]) -> None:
    folder = folders(name)
    expected = by_transformers(folder, QUERY, PASSAGES)
    assert max(expected) - min(expected) > 0.1
    np.testing.assert_allclose(score(exact(folder), QUERY, PASSAGES), expected, atol=1e-4)


def test_a_pickle_is_read_like_safetensors(folders: Callable[[str], Path]) -> None:
    same = score(exact(folders("bert")), QUERY, PASSAGES)
    np.testing.assert_allclose(score(exact(folders("pickled")), QUERY, PASSAGES), same, atol=1e-6)


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_half_precision_weights_are_widened(
    kind: str, folders: Callable[[str], Path], tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    for file in folders("bert").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    stored = load_file(folders("bert") / "model.safetensors")
    half = {name: tensor.to(getattr(torch, kind)) for name, tensor in stored.items()}
    save_file(half, tmp_path / "model.safetensors", metadata={"format": "pt"})
    found = safetensors(tmp_path / "model.safetensors")
    assert found.keys() == half.keys()
    for name, tensor in half.items():
        np.testing.assert_array_equal(found[name], tensor.float().numpy())
    narrow = score(exact(tmp_path), QUERY, PASSAGES)
    np.testing.assert_allclose(narrow, score(exact(folders("bert")), QUERY, PASSAGES), atol=0.1)


def test_old_names_of_the_norms_are_known(folders: Callable[[str], Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for file in folders("bert").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in load_file(tmp_path / "model.safetensors").items()
    }
    save_file(old, tmp_path / "model.safetensors")
    assert score(exact(tmp_path), QUERY, PASSAGES) == score(exact(folders("bert")), QUERY, PASSAGES)


def test_a_score_does_not_depend_on_the_others(folders: Callable[[str], Path]) -> None:
    many = [f"the dose {'mg ' * (n % 40)}" for n in range(200)]
    classifier = exact(folders("bert"))
    together = score(classifier, QUERY, many)
    alone = [score(classifier, QUERY, [passage])[0] for passage in many[::17]]
    np.testing.assert_allclose(together[::17], alone, atol=1e-5)
    np.testing.assert_allclose(score(classifier, QUERY, many[::-1]), together[::-1], atol=1e-5)
    assert score(classifier, QUERY, []) == []


def test_bfloat16_stays_near(folders: Callable[[str], Path]) -> None:
    near = score(Classifier(folders("bert"), max_tokens=128, precision="bf16"), QUERY, PASSAGES)
    np.testing.assert_allclose(near, by_transformers(folders("bert"), QUERY, PASSAGES), atol=0.1)


def test_several_threads_may_ask_at_once(folders: Callable[[str], Path]) -> None:
    classifier = exact(folders("bert"))
    expected = score(classifier, QUERY, PASSAGES)
    found: list[list[float]] = []

    def ask() -> None:
        found.extend(score(classifier, QUERY, PASSAGES) for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40
    for scores in found:
        np.testing.assert_allclose(scores, expected, atol=1e-6)


# Encoders


def states(folder: Path, text: str, second: str | None = None, limit: int = 64) -> Any:
    import torch
    from transformers import AutoModel, AutoTokenizer

    encode, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        pair = None if second is None else [second]
        batch = encode([text], pair, truncation=True, max_length=limit, return_tensors="pt")
        return model(**batch).last_hidden_state[0].numpy()


def test_pooling_is_the_mean_or_the_first_token(folders: Callable[[str], Path]) -> None:
    folder = folders("encoder")
    mean = Tower(folder, max_tokens=64, pooling="mean", precision="f32")
    first = Tower(folder, max_tokens=64, pooling="cls", precision="f32")
    assert mean.dim == 16
    np.testing.assert_allclose(mean.embed(PASSAGES), [states(folder, p).mean(0) for p in PASSAGES], atol=1e-4)
    np.testing.assert_allclose(first.embed(PASSAGES), [states(folder, p)[0] for p in PASSAGES], atol=1e-4)
    heads = [QUERY] * len(PASSAGES)
    pairs = [states(folder, QUERY, p)[0] for p in PASSAGES]
    np.testing.assert_allclose(first.embed(heads, PASSAGES), pairs, atol=1e-4)
    assert mean.embed([]).shape == (0, 16)


def test_token_states_are_of_every_token(folders: Callable[[str], Path]) -> None:
    folder = folders("encoder")
    found = Tower(folder, max_tokens=64, pooling="mean", precision="f32").token_states(PASSAGES)
    for passage, rows in zip(PASSAGES, found, strict=True):
        np.testing.assert_allclose(rows, states(folder, passage), atol=1e-4)


# Tokens


@examples(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.integers(4, 40))
def test_tokens_are_those_of_transformers(folders: Callable[[str], Path], a: str, b: str, limit: int) -> None:
    from transformers import AutoTokenizer

    for name in ("encoder", "roberta"):
        if name not in _REFERENCE:
            _REFERENCE[name] = AutoTokenizer.from_pretrained(folders(name))
        reference, typed = _REFERENCE[name], name == "encoder"
        ours = Tokens(folders(name), max_tokens=limit, typed=typed)
        (single,), (pair,) = ours.rows([a]), ours.pairs([a], [b])
        assert single.ids == reference(a, truncation=True, max_length=limit)["input_ids"]
        wanted = reference([a], [b], truncation=True, max_length=limit, return_token_type_ids=True)
        assert pair.ids == wanted["input_ids"][0]
        assert len(pair.types) == len(pair.ids)
        if typed:
            assert pair.types == wanted["token_type_ids"][0]
        else:
            assert set(pair.types) <= {0}
        assert ours.count([a, ""]) == [len(reference(a, add_special_tokens=False)["input_ids"]), 0]
        assert ours.special == reference.num_special_tokens_to_add(pair=True)


_REFERENCE: dict[str, Any] = {}


@pytest.mark.parametrize("name", ["bert", "roberta"])
def test_pairs_from_memory_are_the_same_pairs(name: str, folders: Callable[[str], Path]) -> None:
    tokens = Tokens(folders(name), max_tokens=40, typed=name == "bert")
    memory = Memory(tokens)
    assert memory.count([QUERY, *PASSAGES]) == tokens.count([QUERY, *PASSAGES])
    assert memory.pairs(QUERY, PASSAGES) == tokens.pairs([QUERY] * len(PASSAGES), PASSAGES)
    assert memory.pairs("a " * 100, PASSAGES) == tokens.pairs(["a " * 100] * len(PASSAGES), PASSAGES)


def test_each_text_is_tokenised_once(folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, read = Tokens(folders("bert"), max_tokens=40), []
    encoded = tokens.encoded
    monkeypatch.setattr(tokens, "encoded", lambda texts: read.extend(texts) or encoded(texts))
    memory = Memory(tokens)
    memory.count(["a", "b", "a"])
    memory.pairs("b", ["a", "c"])
    assert read == ["a", "b", "c"]


def test_lengths_are_rounded_up_within_the_position_table(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tiny.bert_reranker(tmp_path / "short", positions=50)
    classifier = exact(folder)
    for tokens, padded in ((3, 16), (16, 16), (17, 32), (33, 48), (49, 50), (50, 50)):
        row = classifier.tokens.pairs([""], ["a " * (tokens - 3)])[0]
        ((_, _, mask),) = classifier.network.run([row])
        assert (mask.shape, mask.sum()) == ((1, padded), tokens)


def test_a_pair_is_cut_where_the_folder_says(folders: Callable[[str], Path], tmp_path: Path) -> None:
    long = "the dose " * 300
    by_positions = exact(folders("bert"), max_tokens=512)
    assert [len(row.ids) for row in by_positions.tokens.pairs([QUERY], [long])] == [128]
    roberta = exact(folders("roberta"), max_tokens=512)  # 130 positions, two of them before the first token
    assert [len(row.ids) for row in roberta.tokens.pairs([QUERY], [long])] == [128]
    for file in folders("bert").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    stated = json.loads((tmp_path / "tokenizer_config.json").read_text())
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({**stated, "model_max_length": 50}))
    assert [len(row.ids) for row in exact(tmp_path).tokens.pairs([QUERY], [long])] == [50]


# Batches


@examples(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 1000))
def test_every_row_is_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    made = list(batches(lengths, budget))
    assert sorted(i for batch in made for i in batch) == list(range(len(lengths)))
    for batch in made:
        longest = max(lengths[i] for i in batch)
        assert lengths[batch[0]] == longest
        assert len(batch) == 1 or longest * len(batch) <= budget


def test_little_is_spent_on_padding() -> None:
    lengths = [20 + (n * 37) % 230 for n in range(300)]
    padded = sum(len(batch) * lengths[batch[0]] for batch in batches(lengths, 1024))
    assert padded < 1.03 * sum(lengths)


# Refusals


def test_what_does_not_fit_is_said(folders: Callable[[str], Path], tmp_path: Path) -> None:
    assert unfit(folders("bert")) == ""
    assert unfit(folders("roberta")) == ""
    assert "deberta-v2" in unfit(tiny.deberta_reranker(tmp_path / "deberta"))
    folder = tiny.bert_encoder(tmp_path / "other")
    about = json.loads((folder / "config.json").read_text())
    for entry, word in (
        ({"hidden_act": "relu"}, "relu"),
        ({"position_embedding_type": "relative_key"}, "relative"),
        ({"is_decoder": True}, "decoder"),
        ({"model_type": "roberta", "type_vocab_size": 2}, "token types"),
    ):
        (folder / "config.json").write_text(json.dumps({**about, **entry}))
        assert word in unfit(folder)
        with pytest.raises(ModelError, match=f"other: cannot run on the engine: .*{word}"):
            Tower(folder, max_tokens=64, pooling="mean").embed(["x"])
    (folder / "config.json").write_text(json.dumps(about))
    (folder / "tokenizer.json").unlink()
    assert "tokenizer.json" in unfit(folder)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: tiny.bert_reranker(folder, labels=3), "this model has 3"),
        (lambda folder: tiny.bert_encoder(folder), "has 2; fine-tune it as a cross-encoder"),
        (lambda folder: _write(folder, "config.json", b"{"), "config.json cannot be read"),
        (
            lambda folder: _write(folder, "config.json", b'{"model_type": "bert"}'),
            "has no 'num_hidden_layers'",
        ),
        (lambda folder: _write(folder, "tokenizer.json", b"{}"), "tokenizer.json: cannot be read"),
        (lambda folder: _write(folder, "model.safetensors", b"\x10\0\0\0\0\0\0\0{}"), "cannot be loaded"),
        (lambda folder: _write(folder, "model.safetensors", b""), "cannot be loaded"),
        (lambda folder: _halve(folder / "model.safetensors"), "cannot be loaded"),
        (lambda folder: (folder / "model.safetensors").unlink(), "no weights"),
        (lambda folder: _without(folder, "classifier.bias"), "1 weights are missing, first classifier.bias"),
        (lambda folder: _smaller(folder), "tokens, the model 20"),
    ],
)
def test_unusable_folders_are_refused(damage: Callable[[Path], object], message: str, tmp_path: Path) -> None:
    folder = tiny.bert_reranker(tmp_path / "model")
    damage(folder)
    with pytest.raises(ModelError, match=message) as caught:
        score(exact(folder), QUERY, PASSAGES)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def _write(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)


def _halve(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _without(folder: Path, name: str) -> None:
    from safetensors.torch import load_file, save_file

    stored = load_file(folder / "model.safetensors")
    del stored[name]
    save_file(stored, folder / "model.safetensors")


def _smaller(folder: Path) -> None:
    about = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**about, "vocab_size": 20}))


# What it never does


def test_it_imports_neither_torch_nor_transformers_and_reports_to_nobody(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    code = f"""
import socket, sys
def refuse(*_args, **_named):
    raise SystemExit("a connection was tried")
socket.socket.connect = socket.getaddrinfo = refuse
from pathlib import Path
from assistant.engine import Classifier, Tower
Tower(Path({str(folders("encoder"))!r}), max_tokens=64, pooling="mean").embed(["the dose"])
one = Classifier(Path({str(folders("bert"))!r}), max_tokens=64)
one.logits(one.tokens.pairs(["the"], ["dose"]))
print([m for m in ("torch", "transformers", "openvino_telemetry") if sys.modules.get(m)])
"""
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=home)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert list(tmp_path.iterdir()) == []


def test_openvino_is_imported_in_one_place() -> None:
    """Elsewhere its telemetry could come along; `from openvino import` may stand behind `openvino()`."""
    for top in ("assistant", "ingest", "rerankers", "eval", "ui"):
        for file in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Import) and any(a.name.startswith("openvino") for a in node.names):
                    assert file == ROOT / "assistant/engine/runtime.py"
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("openvino"):
                    assert "ov = openvino()" in file.read_text("utf-8")
