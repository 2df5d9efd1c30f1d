"""Embeddings by a service, against a local one that speaks the wire format, well or badly."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant import encoders
from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.encoders.openai_service import MOST, OpenAIService
from assistant.errors import EgressRefused, InputError, ServiceError
from assistant.index.store import open_index
from ingest.run import ingest
from tests.local_service import CUT, Reply, Server, fails, serving

DIM = 24
HASH = HashEncoder(DIM)
TEXTS = ["The dose of warfarin is 5 mg.", "sepsis", "高血压 😀 5 µg", "", "one line\nand two"]


def embedded(body: dict[str, Any], **more: object) -> dict[str, Any]:
    """What the service answers, last text first: hashed words, not of unit length."""
    rows = 3.0 * HASH.embed_documents([text or "nothing" for text in body["input"]])
    rows[:, 0] += 0.5
    data = [
        {"object": "embedding", "index": i, "embedding": row.tolist()}
        for i, row in reversed(list(enumerate(rows)))
    ]
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage, **more}


def good(body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
    return 200, json.dumps(embedded(body)).encode(), {}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving("/v1/embeddings", good) as found:
        yield found


def allowed(server: Server, **more: Any) -> Settings:
    return Settings(egress=("embeddings",), embeddings_url=f"{server.url}/v1", **more)


def encoder(server: Server, **more: Any) -> OpenAIService:
    return OpenAIService("openai:house-1", allowed(server, **more), timeout=1.0, pause=0.01)


def changed(change: dict[str, Any]) -> Reply:
    """A reply whose first vector is changed."""

    def reply(body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        made = embedded(body)
        made["data"][0] |= change
        return 200, json.dumps(made).encode(), {}

    return reply


def test_the_contract_of_an_encoder(server: Server) -> None:
    found = encoder(server)
    assert found.dim == DIM
    for embed in (found.embed_queries, found.embed_documents):
        vectors = embed(TEXTS)
        assert vectors.shape == (len(TEXTS), DIM)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(vectors[1], embed(TEXTS[1:2])[0], atol=1e-6)
        assert embed([]).shape == (0, DIM)
    assert found.count_tokens(["", "the", "the dose", "the dose " * 2000]) == [0, 1, 2, 4000]
    assert (found.name, found.distance, found.revision) == (
        "openai:house-1",
        "cosine",
        "house-1 at 127.0.0.1",
    )


def test_what_is_asked(server: Server) -> None:
    found = encoder(server, embeddings_api_key="k-1", embeddings_dimensions=DIM)
    found.embed_queries(["dose"])
    (asked,) = server.asked
    assert asked == {"model": "house-1", "input": ["dose"], "encoding_format": "float", "dimensions": DIM}
    assert server.headers[0]["authorization"] == "Bearer k-1"


def test_known_models_need_no_call(server: Server) -> None:
    name = "openai:text-embedding-3-small"
    assert encoders.load(name, allowed(server)).dim == 1536
    assert server.asked == []


def test_batches_keep_the_order(server: Server) -> None:
    texts = [f"word{i}" for i in range(2 * MOST + 3)]
    found = encoder(server, embeddings_dimensions=DIM)
    vectors = found.embed_documents(texts)
    assert [len(body["input"]) for body in server.asked] == [MOST, MOST, 3]
    np.testing.assert_allclose(vectors[-1], found.embed_documents(texts[-1:])[0], atol=1e-6)


@pytest.mark.parametrize("status", [429, 500, CUT])
def test_what_may_pass_is_tried_again(server: Server, status: int) -> None:
    cut: Reply = lambda body: (CUT, good(body)[1], {})  # noqa: E731
    server.replies = [cut if status == CUT else fails(status), good]
    assert encoder(server, embeddings_dimensions=DIM).embed_queries(["x"]).shape == (1, DIM)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (fails(401), "refused the key"),
        (fails(404), "no such model"),
        (fails(400), "request was refused"),
        (fails(503), "busy or failing"),
        (fails(429, Retry_After="9999"), "busy or failing"),
        (lambda body: (200, json.dumps(embedded(body, data=[])).encode(), {}), "0 vectors for 2 texts"),
        (lambda body: (200, b"[]", {}), "malformed"),
        (lambda body: (200, b"{nonsense", {}), "malformed"),
        (changed({"embedding": [1.0] * (DIM + 1)}), f"{DIM + 1} dimensions, not {DIM}"),
        (changed({"embedding": [float("nan")] * DIM}), "not finite"),
        (changed({"embedding": [0.0] * DIM}), "without a direction"),
        (changed({"embedding": ["a"] * DIM}), "not a list of numbers"),
        (changed({"index": 0}), "index 0"),
        (changed({"index": 7}), "index 7"),
    ],
)
def test_what_cannot_be_used_is_an_error(server: Server, reply: Reply, words: str) -> None:
    server.replies = [reply]
    with pytest.raises(ServiceError, match=words) as caught:
        encoder(server, embeddings_dimensions=DIM).embed_queries(["x", "y"])
    assert caught.value.sent == "the question"
    assert "127.0.0.1" not in str(caught.value)


def test_no_call_without_leave(server: Server) -> None:
    with pytest.raises(EgressRefused, match='egress = \\["embeddings"\\]'):
        encoders.load("openai:house-1", Settings(embeddings_url=server.url))
    with pytest.raises(EgressRefused, match="EMBEDDINGS_URL"):
        encoders.load("openai:house-1", Settings(egress=("embeddings",)))
    with pytest.raises(InputError, match="too long"):
        encoder(server, embeddings_dimensions=DIM).embed_queries(["x" * 30_001])
    assert server.asked == []


def test_whole_documents_leave_only_with_consent() -> None:
    given = Settings(egress=("embeddings",), embeddings_url="https://embed.example.org/v1")
    found = encoders.load("openai:text-embedding-3-small", given)
    assert found.sends == "embeddings"
    with pytest.raises(EgressRefused, match="--yes-send-documents"):
        found.embed_documents(["a document"])
    assert encoders.load(found.name, given.model_copy(update={"embeddings_documents": True})).sends


def test_an_index_is_made_and_opened_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("# Warfarin\n\nThe dose of warfarin is 5 mg a day.\n")
    settings = allowed(server, index=tmp_path / "index")
    made = encoders.load("openai:house-1", settings)
    with open_index(settings, made, create=True) as index:
        ingest([tmp_path / "note.md"], index, made)
    with open_index(settings) as index:
        again = encoders.load(index.manifest.encoder, settings)
        index.check(again)
        assert index.search_dense(again.embed_queries(["warfarin"])[0], 1)[0].metadata.title == "Warfarin"
