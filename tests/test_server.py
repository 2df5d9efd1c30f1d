"""What goes wrong between the index and a Qdrant server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import wait_none

from assistant.config import Settings
from assistant.errors import EgressRefused, IndexDamaged, IndexMismatch, IndexMissing, ServiceError
from assistant.index import server
from assistant.index.server import Server
from assistant.index.store import open_index
from tests.index_parts import ENCODER, add, document, ids
from tests.qdrant_server import Fake, serve


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    monkeypatch.setattr(server, "wait_exponential", lambda **_: wait_none())
    with serve() as running:
        yield running


def settings(fake: Fake, **more: object) -> Settings:
    return Settings(qdrant_url=fake.url, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["http://10.1.2.3:6333", "https://qdrant.example.org", "localhost.example.org:1"]
)
def test_another_machine_must_be_allowed(url: str) -> None:
    with pytest.raises(EgressRefused, match="ASSISTANT_EGRESS=qdrant"):
        open_index(Settings(qdrant_url=url))
    Server(Settings(qdrant_url=url, egress=("qdrant",)))


def test_a_password_in_the_url_is_not_told() -> None:
    with pytest.raises(EgressRefused) as error:
        open_index(Settings(qdrant_url="http://user:secret@10.1.2.3:6333"))
    assert "secret" not in str(error.value)


def test_nothing_there_and_nothing_made(fake: Fake) -> None:
    with pytest.raises(IndexMissing, match=r"no index in collection clinical at 127\.0\.0\.1"):
        open_index(settings(fake))
    assert [r for r in fake.requests if not r.startswith("GET")] == []


def test_the_manifest_comes_with_the_collection(fake: Fake) -> None:
    with open_index(settings(fake), ENCODER, create=True) as index:
        add(index, document("a:1", "aspirin"))
    with open_index(settings(fake)) as again:
        assert (again.manifest.documents, again.manifest.encoder, again.manifest.clean) == (1, "hash", True)
    assert "PATCH /collections/clinical" in fake.requests


def test_a_collection_of_somebody_else(fake: Fake) -> None:
    from qdrant_client import QdrantClient, models

    client = QdrantClient(url=fake.url, check_compatibility=False)
    params = {"dense": models.VectorParams(size=3, distance=models.Distance.DOT)}
    client.create_collection("clinical", params, {"bm25": models.SparseVectorParams()})
    client.close()
    with pytest.raises(IndexDamaged, match="was not made by this assistant"):
        open_index(settings(fake), ENCODER, create=True)


def test_the_key(fake: Fake) -> None:
    fake.key = "right"
    with pytest.raises(ServiceError, match=r"refuses the key \(401\): set ASSISTANT_QDRANT_API_KEY") as error:
        open_index(settings(fake, qdrant_api_key="wrong-one"))
    assert "wrong-one" not in str(error.value)
    assert not error.value.retryable
    with pytest.raises(IndexMissing):
        open_index(settings(fake, qdrant_api_key="right"))


def test_a_passing_failure_is_tried_again(fake: Fake) -> None:
    with open_index(settings(fake), ENCODER, create=True) as index:
        fake.fail = [(500, b"oops"), (429, b"slow down")]
        add(index, document("a:1", "aspirin"))
        assert ids(index.search_bm25("aspirin", 5)) == ["a:1"]
        fake.fail = [(503, b"")] * 3
        with pytest.raises(ServiceError, match="status 503: try again later") as error:
            index.search_bm25("aspirin", 5)
        assert error.value.retryable
        fake.fail = [(400, b"bad")]
        with pytest.raises(ServiceError, match="status 400"):
            index.search_bm25("aspirin", 5)
        assert fake.fail == []
        fake.fail = [(404, b"{}")]
        with pytest.raises(IndexMissing):
            len(index)


@pytest.mark.parametrize(
    "reply", [b"<html>hello</html>", b'{"result": 7}', b'{"result": {"points": [{}]}}', b""]
)
def test_a_malformed_reply(fake: Fake, reply: bytes) -> None:
    with open_index(settings(fake), ENCODER, create=True) as index:
        fake.fail = [(200, reply)]
        with pytest.raises(ServiceError) as error:
            index.search_bm25("aspirin", 5)
        assert "\n" not in str(error.value)


def test_no_answer_in_time_and_no_server(fake: Fake, tmp_path: Path) -> None:
    engine = Server(settings(fake), timeout=1)
    fake.delay = 1.3
    with pytest.raises(ServiceError, match="does not answer") as error:
        engine.open(create=False)
    assert error.value.retryable
    engine.close()
    fake.delay = 0.0
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:1 does not answer .*is the server running"):
        open_index(Settings(qdrant_url="http://127.0.0.1:1"))


def test_another_encoder(fake: Fake) -> None:
    open_index(settings(fake), ENCODER, create=True).close()
    from assistant.encoders import HashEncoder

    with pytest.raises(IndexMismatch):
        open_index(settings(fake), HashEncoder(8), create=True)
