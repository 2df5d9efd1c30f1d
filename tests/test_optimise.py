"""int8: near the float model, in a folder of its own, refused when damaged."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.cli import app
from assistant.engine import Classifier, arithmetic, int8
from assistant.errors import ModelError, ModelMissing, UsageError
from assistant.models import read_record
from ingest.sample import calibration
from rerankers.cross_encoder import CrossEncoder
from rerankers.optimise import PAIRS, optimise
from tests import tiny

QUERY = "what is the dose of warfarin"
PASSAGES = ["The dose of warfarin is 5 mg for the child.", "", "sepsis", "aspirin the dose is 75 mg " * 6]
PAIRED = [(QUERY, passage) for passage in PASSAGES]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tiny rerankers, each with its int8 twin."""
    folder = tmp_path_factory.mktemp("models")
    tiny.bert_reranker(folder / "minilm", positions=512)
    tiny.roberta_reranker(folder / "bge-m3")
    for name in ("minilm", "bge-m3"):
        optimise(name, folder, PAIRED)
    return folder


def scores(folder: Path, passages: list[str] = PASSAGES) -> list[float]:
    classifier = Classifier(folder, max_tokens=128, precision="f32")
    return classifier.logits(classifier.tokens.pairs([QUERY] * len(passages), passages))


# Numbers


@examples(max_examples=100, deadline=None)
@given(st.floats(-100, 100), st.floats(-100, 100))
def test_zero_is_one_of_256_steps_and_the_range_is_held(a: float, b: float) -> None:
    low, high = int8.steps(min(a, b), max(a, b))
    step = (high - low) / 255
    assert low <= min(a, b, 0) + 1e-9
    assert high >= max(a, b, 0) - 1e-9
    assert low / step == pytest.approx(round(low / step), abs=1e-6)


def test_steps_by_hand() -> None:
    assert int8.steps(-1, 254) == (-1, 254)
    assert int8.steps(-127.5, 127.5) == pytest.approx((-128 * 127.5 / 127, 127.5))


def test_weights_are_rounded_row_by_row() -> None:
    codes, scales = int8.rounded(np.array([[1.27, -0.5, 0.004], [0, 0, 0], [-254, 127, 1]], np.float32))
    np.testing.assert_array_equal(codes, [[127, -50, 0], [0, 0, 0], [-127, 64, 0]])
    np.testing.assert_allclose(scales[[0, 2], 0], [0.01, 2.0], rtol=1e-6)


# Models


@pytest.mark.parametrize("name", ["minilm", "bge-m3"])
def test_logits_stay_near(name: str, models: Path) -> None:
    exact = scores(models / name)
    assert np.std(exact) > 0.1
    np.testing.assert_allclose(scores(models / f"{name}-int8"), exact, atol=0.1)


def test_a_score_does_not_depend_on_the_others(models: Path) -> None:
    many = [f"the dose {'mg ' * (n % 40)}" for n in range(100)]
    together = scores(models / "minilm-int8", many)
    alone = [scores(models / "minilm-int8", [passage])[0] for passage in many[::17]]
    np.testing.assert_allclose(together[::17], alone, atol=1e-4)


def test_large_weights_are_one_byte_each(models: Path) -> None:
    whole = tiny.bert_reranker(models / "large", vocabulary=20_000)
    made = optimise(str(whole), models, PAIRED)
    assert (made / "model.bin").stat().st_size < 0.4 * (whole / "model.safetensors").stat().st_size


def test_it_ranks_under_its_own_name_and_revision(models: Path) -> None:
    reranker = CrossEncoder(str(models / "minilm-int8"), models=models)
    assert reranker.name == "minilm-int8"
    assert reranker.revision.startswith("int8 of sha256:")
    assert len(reranker.score(QUERY, PASSAGES)) == len(PASSAGES)


def test_its_arithmetic_is_named(models: Path, tmp_path: Path) -> None:
    native = arithmetic(models / "minilm")
    assert native in ("bf16", "f32")
    assert arithmetic(models / "minilm-int8") == f"int8 + {native}"
    assert arithmetic(tiny.deberta_reranker(tmp_path / "deberta")) == "f32 (torch)"


# Files


@pytest.mark.parametrize(
    "name", ["model.xml", "model.bin", "model.safetensors", "tokenizer.json", "config.json"]
)
def test_a_damaged_or_missing_file_is_refused(name: str, models: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "minilm-int8", tmp_path / "copy")
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(ModelError, match=f"copy: {name} is not the file that was made; make the model again"):
        scores(folder)
    if name in ("model.bin", "tokenizer.json"):
        (folder / name).unlink()
        with pytest.raises(ModelError):
            scores(folder)


def test_without_a_record_it_is_refused(models: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "minilm-int8", tmp_path / "copy")
    (folder / "pulled.json").unlink()
    with pytest.raises(ModelError, match=r"pulled.json is missing; make or pull the model again") as caught:
        scores(folder)
    assert "\n" not in str(caught.value)


def test_what_it_cannot_make_is_said_and_nothing_is_left(models: Path, tmp_path: Path) -> None:
    deberta = tiny.deberta_reranker(tmp_path / "deberta")
    with pytest.raises(ModelError, match="cannot be optimised: its architecture is deberta-v2"):
        optimise(str(deberta), tmp_path, PAIRED)
    with pytest.raises(UsageError, match="minilm-int8 is there already"):
        optimise("minilm", models, PAIRED)
    with pytest.raises(ModelMissing, match="medcpt is not installed"):
        optimise("medcpt", models, PAIRED)
    with pytest.raises(ModelError, match="already in int8"):
        optimise(str(models / "minilm-int8"), models, PAIRED)
    with pytest.raises(ModelError, match=r"classifier\.weight"):
        optimise(str(tiny.bert_encoder(tmp_path / "body")), tmp_path, PAIRED)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["body", "deberta"]


def test_calibration_is_of_the_sample_library() -> None:
    pairs = calibration()
    assert len(pairs) >= PAIRS
    assert len({query for query, _ in pairs[:PAIRS]}) > 25
    assert all(query and text.strip() for query, text in pairs)


def test_the_command_names_the_new_folder(models: Path, tmp_path: Path) -> None:
    out = tmp_path / "small"
    done = CliRunner().invoke(app, ["models", "optimise", str(models / "minilm"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert f"Use it: --reranker {out}" in done.stdout.replace("\n", "")
    record = read_record(out)
    assert record is not None
    assert set(record.files) >= {
        "model.xml",
        "model.bin",
        "model.safetensors",
        "tokenizer.json",
        "config.json",
    }
    assert json.loads((out / "config.json").read_text())["model_type"] == "bert"
