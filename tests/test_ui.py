"""The page's server: endpoint, headers, closed routes, password, and failures in one line."""

import json
import logging
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import InputError, UsageError
from assistant.events import Event, Stage
from tests import scripted
from ui import chat
from ui.access import Access, Secret
from ui.desk import Desk
from ui.serve import check_access, is_loopback, serve

pytestmark = scripted.GRADIO_WARNS


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with scripted.running(scripted.ask, lambda: scripted.CARD) as address:
        yield address


def get(address: str, headers: dict[str, str] | None = None) -> tuple[int, str, dict[str, str]]:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, headers=headers or {}), timeout=20
        ) as reply:
            return reply.status, reply.read().decode(), dict(reply.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


def call(url: str, *data: object, name: str = "ask") -> tuple[str, object]:
    """The last event of the named endpoint, as Gradio's own clients read it."""
    body = json.dumps({"data": data}).encode()
    request = urllib.request.Request(
        f"{url}gradio_api/call/{name}", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as reply:
        event = json.load(reply)["event_id"]
    _, stream, _ = get(f"{url}gradio_api/call/{name}/{event}")
    last = stream.strip().split("\n\n")[-1].splitlines()
    return last[0].removeprefix("event: "), json.loads(last[1].removeprefix("data: "))


def test_the_named_endpoint_answers_like_the_command_line(url: str) -> None:
    info = json.loads(get(f"{url}gradio_api/info")[1])
    assert sorted(info["named_endpoints"]) == ["/ask", "/compare", "/search"]
    event, data = call(url, "How is warfarin dosed?")
    assert event == "complete"
    assert isinstance(data, list)
    assert data[0]["status"] == "answered"
    assert [s["citations"] for s in data[0]["sentences"]] == [[1], [1, 2]]
    assert data[0]["evidence"][0]["scores"]["bm25"] == pytest.approx(13.2)


def test_the_endpoint_reports_our_errors_and_hides_others(url: str) -> None:
    event, data = call(url, "missing model")
    assert event == "error"
    assert "assistant models pull medcpt" in json.dumps(data)
    event, data = call(url, "broken secret-7431")
    assert event == "error"
    assert "ValueError" in json.dumps(data)
    assert "secret-7431" not in json.dumps(data)


def test_search_and_compare_answer_like_the_command_line(url: str) -> None:
    event, data = call(url, "How is warfarin dosed?", "hybrid", None, 2, name="search")
    assert event == "complete"
    assert isinstance(data, list)
    assert [hit["rank"] for hit in data[0]["hits"]] == [1, 2]
    assert data[0]["hits"][0]["ranks"] == {"bm25": 1, "dense": 2, "fused": 1, "rerank": 1}
    event, data = call(url, "How?", ["none", "late"], None, name="compare")
    assert event == "complete"
    assert isinstance(data, list)
    assert [r["reranker"] for r in data[0]["rerankers"]] == ["none", "late"]
    assert data[0]["agreement"][0]["kendall"] == 1.0


@pytest.mark.parametrize("top_k", [0, 101, 2.5, "many", None, [3]])
def test_a_count_out_of_range_is_our_error(url: str, top_k: object) -> None:
    event, data = call(url, "How?", None, None, top_k, name="search")
    assert event == "error"
    assert "top_k is" in json.dumps(data)


def test_every_response_carries_the_policy(url: str) -> None:
    for path in ("", "config", "theme.css", "gradio_api/info", "gradio_api/upload"):
        headers = get(url + path)[2]
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy
        assert "unsafe-eval" not in policy
        assert headers["referrer-policy"] == "no-referrer"


def test_routes_that_take_or_serve_files_are_closed(url: str) -> None:
    here = Path(__file__)
    for path in (
        f"gradio_api/file={here}",
        f"gradio_api/file/{here}",
        "gradio_api/proxy=http://127.0.0.1:1/",
        "gradio_api/upload",
        "gradio_api/runs",
        "gradio_api/vibe-code",
        "gradio_api/deep_link",
        "gradio_api/token",
        "v1/models",
        "monitoring",
        "docs",
    ):
        assert get(url + path)[0] == 404, path


def test_the_page_loads_nothing_from_elsewhere(url: str) -> None:
    page = get(url)[1]
    assert "<style>" in page
    assert not [p for p in page.split("src=")[1:] if p[1:].startswith("http")]
    assert not [p for p in page.split("href=")[1:] if p[1:].startswith("http") and not p[1:].startswith(url)]


def test_nothing_is_shown_before_the_password() -> None:
    with scripted.running(scripted.ask, lambda: scripted.CARD, password="a long password") as url:
        for path in ("config", "gradio_api/info"):
            assert get(url + path)[0] == 401
        with pytest.raises(urllib.error.HTTPError) as refused:
            call(url, "How?")
        refused.value.close()
        assert refused.value.code == 401
        assert "warfarin" not in get(url)[1].lower(), "not even the example questions"

        def login(password: str) -> tuple[int, str]:
            form = urllib.parse.urlencode({"username": "anna", "password": password}).encode()
            try:
                with urllib.request.urlopen(url + "login", data=form, timeout=10) as reply:
                    return reply.status, "; ".join(reply.headers.get_all("set-cookie") or ())
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, ""

        assert login("wrong")[0] == 400
        status, cookies = login("a long password")
        assert status == 200
        cookie = next(c for c in cookies.split("; ") if c.startswith("access-token-unsecure"))
        assert get(url + "config", {"Cookie": cookie})[0] == 200


@pytest.mark.parametrize(("idle", "status"), [(3600.0, 200), (0.0, 401)])
def test_a_log_in_is_for_this_site_and_ends_when_unused(idle: float, status: int) -> None:
    access = Access(password=Secret.of("a long password"), idle=idle)
    with scripted.running(scripted.ask, lambda: scripted.CARD, access=access) as url:
        form = urllib.parse.urlencode({"username": "anna", "password": "a long password"}).encode()
        with urllib.request.urlopen(url + "login", data=form, timeout=20) as reply:
            cookies = reply.headers.get_all("set-cookie")
        assert cookies
        assert all("HttpOnly" in c and "SameSite=Lax" in c for c in cookies)
        cookie = next(c for c in cookies if c.startswith("access-token-unsecure")).split(";")[0]
        assert get(url + "config", {"Cookie": cookie})[0] == status
        assert get(url + "config", {"Cookie": cookie, "Origin": "http://evil.example"})[0] == 403


def test_v1_is_open_only_when_asked_for_and_keeps_the_policy() -> None:
    with scripted.running(scripted.ask, lambda: scripted.CARD, access=Access(openai=True)) as url:
        status, said, headers = get(url + "v1/models")
        assert status == 200
        assert json.loads(said)["data"][0]["id"] == "clinical-assistant"
        assert "default-src 'self'" in headers["content-security-policy"]


def test_twenty_at_once_wait_for_each_other_and_nothing_is_mixed(url: str) -> None:
    answers: dict[int, object] = {}

    def one(n: int) -> None:
        answers[n] = call(url, f"Question number {n}?")

    threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(20):
        event, data = answers[n]  # type: ignore[misc]
        assert event == "complete"
        assert data[0]["question"] == f"Question number {n}?"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "some.host"])
def test_other_addresses_need_a_password(host: str) -> None:
    with pytest.raises(UsageError, match="password"):
        serve(Desk(ask=scripted.ask, describe=lambda: scripted.CARD), host=host, port=0)
    with pytest.raises(UsageError, match="password"):
        check_access(host, Access())
    password = Secret.of("long enough")
    check_access(host, Access(password=password))
    with pytest.raises(UsageError, match="ASSISTANT_API_KEY"):
        check_access(host, Access(password=password, openai=True))
    check_access(host, Access(password=password, openai=True, key=Secret.of("long enough")))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "localhost", "::1"])
def test_loopback_needs_none(host: str) -> None:
    assert is_loopback(host)
    check_access(host, Access(openai=True))
    with pytest.raises(UsageError, match="ASSISTANT_API_KEY"):
        check_access(host, Access(password=Secret.of("long enough"), openai=True))
    check_access(host, Access())


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=rf"127\.0\.0\.1 port {port} .*--port"):
            serve(Desk(ask=scripted.ask, describe=lambda: scripted.CARD), port=port)


def test_another_name_for_loopback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    servers: list[uvicorn.Server] = []
    begin = uvicorn.Server.__init__

    def remember(self: uvicorn.Server, config: uvicorn.Config) -> None:
        begin(self, config)
        servers.append(self)

    monkeypatch.setattr(uvicorn.Server, "__init__", remember)
    told: list[str] = []
    thread = threading.Thread(
        target=serve,
        args=(Desk(ask=scripted.ask, describe=lambda: scripted.CARD),),
        kwargs={"port": 0, "ready": told.append},
        daemon=True,
    )
    thread.start()
    try:
        while thread.is_alive() and not (servers and servers[0].started):
            time.sleep(0.05)
        port = told[0].rstrip("/").split(":")[-1]
        assert get(told[0])[0] == 200
        assert get(told[0], {"Host": f"localhost:{port}"})[0] == 200
        assert get(told[0], {"Host": "rebound.example"})[0] == 400
    finally:
        servers[0].should_exit = True
        thread.join(10)
    assert not thread.is_alive()


def test_frames_stream_the_sentences() -> None:
    shown = list(chat.frames(scripted.ask, lambda: scripted.CARD, "How?", "t1"))
    assert "Searching…" in shown[0].status
    first = next(i for i, frame in enumerate(shown) if scripted.FIRST in frame.turn)
    second = next(i for i, frame in enumerate(shown) if scripted.SECOND in frame.turn)
    assert 0 < first < second < len(shown) - 1
    assert "<a " not in shown[second].turn, "no citation can be opened before the evidence is there"
    assert "3 passages, ranked by bundled" in shown[first].status
    assert shown[-1].status == ""
    assert "Nothing left this machine" in shown[-1].turn


def test_a_failure_is_one_calm_line_and_the_log_has_no_question(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        last = list(chat.frames(scripted.ask, lambda: scripted.CARD, "broken marker-5519", "t1"))[-1]
    assert last.unanswered
    assert "Something failed (ValueError)" in last.turn
    assert "Traceback" not in last.turn
    assert "ValueError" in caplog.text
    assert "marker-5519" not in caplog.text
    ours = list(chat.frames(scripted.ask, lambda: scripted.CARD, "missing", "t1"))[-1]
    assert ours.unanswered
    assert "assistant models pull medcpt" in ours.turn


def test_a_pipeline_without_an_answer_is_a_failure() -> None:
    def silent(_: str) -> Iterator[Event]:
        yield Stage("searching")

    assert list(chat.frames(silent, lambda: scripted.CARD, "How?", "t1"))[-1].unanswered


def test_a_stop_does_not_wait_for_the_step_and_ends_the_pipeline() -> None:
    steps, stopped, may_end = [], threading.Event(), threading.Event()

    def slow(_: str) -> Iterator[Event]:
        yield Stage("searching")
        may_end.wait(10)
        steps.append("second")
        yield Stage("reranking")
        steps.append("third")

    shown = chat.frames(slow, lambda: scripted.CARD, "How?", "t1", stopped)
    next(shown)
    next(shown)
    stopped.set()
    last = list(shown)[-1]
    assert steps == []  # the step is still waiting
    assert last.unanswered
    assert "Stopped" in last.turn
    may_end.set()
    (worker,) = [t for t in threading.enumerate() if t.name == "question"]
    worker.join(5)
    assert steps == ["second"], "the step that ran ends, and no other begins"


def test_a_closed_page_ends_the_pipeline() -> None:
    shown = chat.frames(scripted.ask, lambda: scripted.CARD, "slow one", "t1")
    next(shown)
    next(shown)
    shown.close()
    (worker,) = [t for t in threading.enumerate() if t.name == "question"]
    worker.join(5)
    assert not worker.is_alive()


def test_two_questions_never_compute_at_once() -> None:
    inside, most = [0], [0]

    def counting(_: str) -> Iterator[Event]:
        for _step in range(20):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.001)
            inside[0] -= 1
            yield Stage("reading")

    def drain() -> None:
        for _event in chat.events(counting, "q"):
            pass

    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
