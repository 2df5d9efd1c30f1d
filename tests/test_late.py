"""Late interaction, and the store of token vectors."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.config import Settings
from assistant.encoders.base import Vectors
from assistant.errors import ModelError, ModelMissing
from rerankers import token_reader, token_store
from rerankers.late import Late, max_sim
from rerankers.token_reader import OnEngine, OnTransformers, TokenReader, longest
from rerankers.token_store import Tokens, TokenStore, pack
from rerankers.windows import windows
from tests import tiny
from tests.test_rerankers import TEXTS, hits


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.sentence_encoder(tmp_path_factory.mktemp("late") / "encoder")  # reads 32 tokens


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that an encoder reads."""
    texts: list[str] = []
    states = TokenReader.states

    def counted(self: TokenReader, text: str) -> list[Vectors]:
        texts.append(text)
        return states(self, text)

    monkeypatch.setattr(TokenReader, "states", counted)
    return texts


def late(encoder: Path, cache: Path, **more: Any) -> Late:
    return Late(Settings(late_encoder=str(encoder), cache=cache, **more))


# The score


def test_max_sim_by_hand() -> None:
    question = np.array([[1, 0], [0, 1]], np.float32)
    # Two windows of two tokens: cosines 1 and .6 for the first question token, 0 and .8 for the second.
    passage = pack([np.array([[3, 0], [0.6, 0.8]], np.float32), np.array([[0, -1], [-1, 0]], np.float32)])
    assert max_sim(question, passage) == pytest.approx((1 + 0.8) / 2, abs=0.005)
    second = pack([np.array([[0, -1], [-1, 0]], np.float32)])
    assert max_sim(question, second) == pytest.approx(0, abs=0.005)


def test_it_is_the_equation_over_the_encoders_own_states(encoder: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    encode, model = AutoTokenizer.from_pretrained(encoder), AutoModel.from_pretrained(encoder)

    def states(text: str) -> Any:
        with torch.inference_mode():
            found = model(**encode(text, return_tensors="pt")).last_hidden_state[0]
        return torch.nn.functional.normalize(found, dim=-1)

    expected = (states("warfarin dose") @ states("the dose for heart").T).max(1).values.mean()
    (score,) = late(encoder, tmp_path).score("warfarin dose", ["the dose for heart"])
    assert score == pytest.approx(float(expected), abs=0.01)


def test_the_packaged_encoder_ranks_the_answer_first(tmp_path: Path) -> None:
    texts = [
        "Aspirin in children.",
        "CYP2C9 poor metabolisers need lower doses of warfarin.",
        "Warfarin overview.",
    ]
    ranking = Late(Settings(cache=tmp_path)).rerank("warfarin dose in CYP2C9 poor metabolisers", hits(*texts))
    assert ranking.hits[0].chunk.text == texts[1]
    assert (ranking.ranked_by, ranking.degraded, ranking.notes) == ("late", (), ())


def test_a_score_is_the_same_in_any_company(encoder: Path, tmp_path: Path) -> None:
    texts = [f"dose {'mg ' * n}" for n in range(12)] + TEXTS
    together = late(encoder, tmp_path / "a").score("what is the dose", texts)
    alone = late(encoder, tmp_path / "b")
    assert [alone.score("what is the dose", [text])[0] for text in texts] == together
    assert len(set(together)) > 12


def test_long_passages_are_scored_by_their_best_window(encoder: Path, tmp_path: Path) -> None:
    reranker = late(encoder, tmp_path)
    parts = ["The heart of the child. " * 4, "Insulin is for the heart. " * 3, "Warfarin dose 5 mg."]
    ranking = reranker.rerank("warfarin dose", hits(" ".join(parts), "sepsis"))
    assert ranking.notes == ("1 passages exceed 32 tokens and were scored by windows",)

    read = reranker._readers[1]
    long = " ".join(parts)
    alone = windows(long, read._count, read.max_tokens - 2)
    assert len(alone) == 2
    assert reranker.score("warfarin dose", [long]) == [max(reranker.score("warfarin dose", alone))]


def test_every_word_of_a_long_question_counts(encoder: Path, tmp_path: Path) -> None:
    start = "what is the dose for the child? " * 8
    reranker = late(encoder, tmp_path)
    assert reranker.score(start + "insulin", ["insulin"]) != reranker.score(start + "sepsis", ["insulin"])


def test_a_question_and_a_passage_may_have_readers_of_their_own(tmp_path: Path) -> None:
    tiny.bert_encoder(tmp_path / "medcpt-query", seed=1)
    tiny.bert_encoder(tmp_path / "medcpt-article", seed=2)
    reranker = Late(Settings(late_encoder="medcpt", models=tmp_path, cache=tmp_path))
    assert len(reranker.score("dose", TEXTS)) == len(TEXTS)
    assert reranker.revision.count("@") == 2


def test_engine_and_transformers_read_the_same(encoder: Path) -> None:
    one, other = OnEngine(encoder, max_tokens=32), OnTransformers(encoder, max_tokens=32)
    for text in ("", "warfarin dose", "Insulin | Dose\n" + "insulin for the heart " * 30):
        ours, theirs = one.states(text), other.states(text)
        assert [len(o) for o in ours] == [len(t) for t in theirs]
        assert np.concatenate(ours) == pytest.approx(np.concatenate(theirs), abs=0.1)  # bfloat16 at worst


def test_an_architecture_that_the_engine_lacks(tmp_path: Path) -> None:
    folder = tiny.deberta_reranker(tmp_path / "deberta")
    reranker = late(folder, tmp_path)
    scores = reranker.score("dose", TEXTS)
    assert reranker.revision.endswith("@128 transformers")
    assert len(set(scores)) >= 5
    assert all(-1.01 <= score <= 1.01 for score in scores)


def test_half_a_character_is_no_obstacle(encoder: Path, tmp_path: Path) -> None:
    assert len(late(encoder, tmp_path).score("dose \ud83d", ["aspirin \ud83d", ""])) == 2


# What is kept


def test_passages_are_read_once_and_again_after_none(encoder: Path, tmp_path: Path, read: list[str]) -> None:
    first = late(encoder, tmp_path).score("dose", ["aspirin", "sepsis", "aspirin"])
    assert read == ["dose", "aspirin", "sepsis"]
    read.clear()
    assert late(encoder, tmp_path).score("dose", ["aspirin", "sepsis", "aspirin"]) == first
    assert read == ["dose"]


def test_another_encoder_reads_for_itself(encoder: Path, tmp_path: Path, read: list[str]) -> None:
    other = tiny.bert_encoder(tmp_path / "other", seed=9)
    ours = late(encoder, tmp_path).score("dose", ["aspirin"])
    theirs = late(other, tmp_path).score("dose", ["aspirin"])
    assert read.count("aspirin") == 2
    assert ours != theirs
    assert late(encoder, tmp_path).revision != late(other, tmp_path).revision


def ruin(file: Path) -> None:
    file.write_bytes(b"this is not a database" * 2000)


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:20_000])


@pytest.mark.parametrize("harm", [ruin, shorten])
def test_a_damaged_store_is_made_again_and_said_so(
    encoder: Path, tmp_path: Path, harm: Any, read: list[str]
) -> None:
    first = late(encoder, tmp_path).score("dose", TEXTS)
    harm(tmp_path / "late.sqlite")
    ranking = late(encoder, tmp_path).rerank("dose", hits("aspirin"))
    assert ranking.notes == (f"{tmp_path / 'late.sqlite'} was damaged; token vectors are made again",)
    assert late(encoder, tmp_path).score("dose", TEXTS) == first
    read.clear()
    assert late(encoder, tmp_path).rerank("dose", hits("aspirin")).notes == ()
    assert read == ["dose"]


def test_a_changed_byte_is_noticed(encoder: Path, tmp_path: Path, read: list[str]) -> None:
    pool = hits("aspirin", "sepsis")
    first = late(encoder, tmp_path).rerank("dose", pool)
    db = sqlite3.connect(tmp_path / "late.sqlite")
    with db:
        db.execute("UPDATE tokens SET codes = zeroblob(length(codes)) WHERE rowid = 1")
    db.close()
    read.clear()
    again = late(encoder, tmp_path).rerank("dose", pool)
    assert again.hits == first.hits
    assert again.notes == ("1 stored token vectors were damaged and are made again",)
    assert len(read) == 2
    assert late(encoder, tmp_path).rerank("dose", pool).notes == ()


def test_without_a_place_to_keep_them_it_still_ranks(encoder: Path, tmp_path: Path) -> None:
    expected = late(encoder, tmp_path / "good").score("dose", TEXTS)
    (tmp_path / "bad" / "late.sqlite").mkdir(parents=True)
    (tmp_path / "file").write_text("not a folder")
    for cache in (tmp_path / "bad", tmp_path / "file"):
        assert late(encoder, cache).score("dose", TEXTS) == expected
        (note,) = late(encoder, cache).rerank("dose", hits("a")).notes
        assert note.startswith("token vectors cannot be kept in ")


def some(number: int, tokens: int = 50) -> dict[bytes, Tokens]:
    states = np.random.default_rng(number).normal(size=(tokens, 64)).astype(np.float32)
    return {number.to_bytes(2, "big"): pack([states])}


def test_the_store_is_bounded_and_the_least_recently_used_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = [0]
    monkeypatch.setattr(token_store.time, "time", lambda: hour[0] * 3600.0)
    store = TokenStore(tmp_path / "late.sqlite", 200_000)
    for number in range(60):
        hour[0] += 1
        assert store.write(some(number)) == ()
        assert store.read([(0).to_bytes(2, "big")])[0], "what is used stays"
    size = sum(f.stat().st_size for f in tmp_path.iterdir() if f.suffix == ".sqlite")
    assert size < 300_000
    found, _ = store.read([n.to_bytes(2, "big") for n in range(60)])
    kept = [int.from_bytes(key, "big") for key in found]
    assert kept[0] == 0
    assert kept[1:] == list(range(kept[1], 60))
    assert 15 < len(kept) < 50


def test_several_writers_at_once(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "late.sqlite", 1 << 30)
    with ThreadPoolExecutor(8) as workers:
        assert set(workers.map(lambda n: store.write(some(n)), range(40))) == {()}
    assert len(store.read([n.to_bytes(2, "big") for n in range(40)])[0]) == 40


def test_a_full_disk_is_told_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TokenStore(tmp_path / "late.sqlite", 1 << 30)
    store.write(some(1))
    opened = sqlite3.connect

    def small(*args: Any, **more: Any) -> sqlite3.Connection:
        db = opened(*args, **more)
        db.execute("PRAGMA max_page_count = 10")  # SQLite then says what it says on a full disk
        return db

    monkeypatch.setattr(token_store.sqlite3, "connect", small)
    (told,) = store.write({k: v for n in range(2, 200) for k, v in some(n).items()})
    assert "full" in told
    assert list(store.read([n.to_bytes(2, "big") for n in range(200)])[0]) == [b"\x00\x01"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.floats(-50, 50, width=32), min_size=3, max_size=3), min_size=1, max_size=5),
    st.integers(1, 3),
)
def test_packing_keeps_directions(rows: list[list[float]], windows: int) -> None:
    states = np.array(rows, np.float32)
    packed = pack([states] * windows)
    assert packed.windows.tolist() == [len(rows)] * windows
    vectors = packed.codes.astype(np.float32) * packed.scales[:, None]
    lengths = np.linalg.norm(states, axis=1)
    expected = states / np.where(lengths == 0, 1, lengths)[:, None]
    assert np.isfinite(vectors).all()
    assert np.abs(vectors[: len(rows)] - expected).max() <= 0.5 / 127 + 1e-6


# Windows and files


def test_a_vector_too_small_for_a_direction_packs_to_nothing() -> None:
    packed = pack([np.array([[0.0, 0.0, 1.4e-45]], np.float32)])
    assert packed.codes.tolist() == [[0, 0, 0]]


def test_how_much_an_encoder_reads(tmp_path: Path, encoder: Path) -> None:
    assert longest(encoder) == 32
    assert longest(tiny.bert_encoder(tmp_path / "bert")) == 512
    assert longest(tiny.roberta_reranker(tmp_path / "roberta")) == 128
    (tmp_path / "bert" / "config.json").write_text('{"max_position_embeddings": 4096}')
    assert longest(tmp_path / "bert") == token_reader.MOST_TOKENS
    (tmp_path / "bert" / "config.json").write_text("{")
    with pytest.raises(ModelError, match="unreadable"):
        longest(tmp_path / "bert")


def test_an_encoder_that_is_not_there(tmp_path: Path) -> None:
    reranker = late(tmp_path / "nowhere", tmp_path)
    assert reranker.score("q", []) == []
    with pytest.raises(ModelMissing, match="nowhere"):
        reranker.score("q", ["a"])


def test_damaged_weights_are_an_error_of_ours(tmp_path: Path) -> None:
    folder = tiny.bert_encoder(tmp_path / "cut")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match="cannot be loaded"):
        late(folder, tmp_path).score("q", ["a"])
