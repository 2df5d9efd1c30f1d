"""A local HTTP server that speaks as much of Qdrant's REST API as the index uses, over the client's own
in-memory engine, and that can be told to fail."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import TypeAdapter
from qdrant_client import QdrantClient, models


@dataclass
class Fake:
    url: str = ""
    key: str | None = None
    fail: list[tuple[int, bytes]] = field(default_factory=list)  # answers to give instead, one a request
    delay: float = 0.0
    requests: list[str] = field(default_factory=list)


@contextmanager
def serve() -> Iterator[Fake]:
    fake = Fake()
    engine = QdrantClient(":memory:")
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            fake.requests.append(f"{self.command} {self.path.split('?')[0]}")
            time.sleep(fake.delay)
            if fake.fail:
                return self.reply(*fake.fail.pop(0))
            if fake.key is not None and self.headers.get("api-key") != fake.key:
                return self.reply(401, b"Invalid API key")
            with lock:
                try:
                    status, result = _answer(engine, self.command, self.path, json.loads(body or b"{}"))
                except ValueError as error:
                    status, result = 400, str(error)
            reply = {"result": result, "status": "ok" if status == 200 else {"error": result}, "time": 0.0}
            return self.reply(status, json.dumps(reply).encode())

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_PATCH = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False  # so that closing waits for the last answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.close()


def _answer(engine: QdrantClient, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    _, _, name, *rest = path.split("?")[0].split("/")
    action = f"{method} {'/'.join(rest)}"
    done = {"operation_id": 1, "status": "completed"}
    if action == "GET exists":
        return 200, {"exists": engine.collection_exists(name)}
    if action == "PUT ":
        vectors = TypeAdapter(dict[str, models.VectorParams]).validate_python(body["vectors"])
        sparse = TypeAdapter(dict[str, models.SparseVectorParams]).validate_python(body["sparse_vectors"])
        made = engine.create_collection(name, vectors, sparse, metadata=body.get("metadata"))
        return 200, made
    if not engine.collection_exists(name):
        return 404, f"Not found: Collection `{name}` doesn't exist!"
    match action:
        case "GET ":
            return 200, _json(engine.get_collection(name))
        case "PATCH ":
            return 200, engine.update_collection(name, metadata=body["metadata"])
        case "PUT index":
            return 200, done
        case "PUT points":
            engine.upsert(name, models.PointsList(**body).points)
            return 200, done
        case "PUT points/vectors":
            engine.update_vectors(name, models.UpdateVectors(**body).points)
            return 200, done
        case "POST points/delete":
            engine.delete(name, models.PointIdsList(**body))
            return 200, done
        case "POST points":
            asked = models.PointRequest(**body)
            found = engine.retrieve(name, asked.ids, asked.with_payload, asked.with_vector)
            return 200, [_json(r) for r in found]
        case "POST points/count":
            return 200, _json(engine.count(name))
        case "POST points/scroll":
            page = models.ScrollRequest(**body)
            records, offset = engine.scroll(
                name,
                scroll_filter=page.filter,
                limit=page.limit or 10,
                offset=page.offset,
                with_payload=True if page.with_payload is None else page.with_payload,
            )
            return 200, {"points": [_json(r) for r in records], "next_page_offset": offset}
        case "POST points/query":
            query = models.QueryRequest(**body)
            points = engine.query_points(
                name,
                query=query.query.nearest if isinstance(query.query, models.NearestQuery) else query.query,
                using=query.using,
                query_filter=query.filter,
                limit=query.limit or 10,
                with_payload=True,
            )
            return 200, _json(points)
    return 404, f"no such call: {action}"


def _json(value: Any) -> Any:
    return json.loads(value.model_dump_json())
