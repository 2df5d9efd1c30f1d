"""Cohere against a local server that speaks its wire format."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import rerankers
from assistant.config import Settings
from assistant.errors import EgressRefused, PackageMissing, ServiceError
from assistant.types import Egress, Usage, passage
from rerankers import cohere, prices, service
from rerankers.base import WordOverlap
from rerankers.cohere import Cohere
from rerankers.combine import Fallback
from tests.local_service import CUT, RERANK, SILENT, Reply, Server, fails, good, ranked, serving
from tests.test_rerankers import hit, hits

TIMEOUT = httpx.Timeout(0.3)


def says(change: Callable[[dict[str, Any]], object]) -> Reply:
    def reply(body: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        answer = ranked(body)
        changed = change(answer)
        return 200, json.dumps(answer if changed is None else changed).encode(), {}

    return reply


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(RERANK, good) as state:
        yield state


def allowed(server: Server, **more: Any) -> Settings:
    return Settings(egress=("cohere",), cohere_api_key="k-123", cohere_url=server.url, **more)


def reranker(server: Server) -> Cohere:
    return Cohere(allowed(server), timeout=TIMEOUT, pause=0.001)


def test_scores_come_back_in_the_order_that_was_sent(server: Server) -> None:
    scores = reranker(server).score("dose?", ["aaa", "a", "aa"])
    assert scores == pytest.approx([1 / 4, 1 / 2, 1 / 3])


def test_what_is_sent(server: Server) -> None:
    reranker(server).score("dose?", ["a", "b"])
    (body,) = server.asked
    assert body == {
        "model": "rerank-v3.5",
        "query": "dose?",
        "documents": ["a", "b"],
        "top_n": 2,
        "max_tokens_per_doc": 4096,
    }
    assert server.headers[0]["authorization"] == "Bearer k-123"


def test_the_ranking_records_what_left(server: Server) -> None:
    ranking = reranker(server).rerank("dose?", hits("aaa", "a"))
    assert [h.chunk.text for h in ranking.hits] == ["a", "aaa"]
    assert ranking.ranked_by == "cohere"
    assert ranking.egress == (Egress(service="cohere", what="the question and 2 passages"),)


def test_nothing_to_rank_sends_nothing(server: Server) -> None:
    assert reranker(server).score("dose?", []) == []
    assert reranker(server).rerank("dose?", []).egress == ()
    assert server.asked == []


def test_many_passages_go_in_several_calls(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohere, "MOST", 3)
    texts = ["a" * n for n in range(1, 9)]
    assert reranker(server).score("q", texts) == pytest.approx([1 / (1 + n) for n in range(1, 9)])
    assert [len(body["documents"]) for body in server.asked] == [3, 3, 2]


def test_half_a_character_is_no_obstacle(server: Server) -> None:
    assert reranker(server).score("dose \ud83d", ["aspirin \ud83d"]) == [1 / 10]


def test_an_instruction_stands_before_the_question(server: Server) -> None:
    told = Cohere(allowed(server, cohere_instruction="Prefer randomised trials."), timeout=TIMEOUT)
    told.score("dose?", ["a"])
    assert server.asked[0]["query"] == "Prefer randomised trials.\ndose?"
    assert told.revision != reranker(server).revision


def test_a_long_passage_is_worth_its_best_window(server: Server) -> None:
    long = passage("Warfarin", "", "Vitamin K reverses warfarin. " * 900)
    ranking = reranker(server).rerank("dose?", [hit("short"), hit(long.partition("\n")[2], 1)])
    sent = server.asked[0]["documents"]
    assert len(sent) == 1 + 4  # of 26 kB
    assert all(len(text.encode()) <= cohere.MOST_BYTES for text in sent)
    assert sum(text.count("Vitamin K") for text in sent) == 900
    by_id = {h.chunk.document_id: h.scores.rerank for h in ranking.hits}
    assert by_id["t:1"] == pytest.approx(1 / (1 + min(map(len, sent[1:]))))
    assert ranking.notes == ("1 passages were long and were scored by windows",)
    assert ranking.egress == (Egress(service="cohere", what="the question and 2 passages"),)


# What it costs


def test_the_cost_is_counted(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cohere, "MOST", 2)
    server.replies = [fails(500), good]
    usage = reranker(server).rerank("dose?", hits("aaa", "a", "b")).usage
    assert usage == Usage(
        calls=2, searches=2, money=pytest.approx(0.004), currency="USD", prices_dated=prices.DATED
    )
    other = Cohere(allowed(server, cohere_model="rerank-house"), timeout=TIMEOUT).rerank("q", hits("a"))
    assert other.usage == Usage(calls=1, searches=1, money=None)
    file = tmp_path / "prices.toml"
    file.write_text('dated = "2026-11"\ncurrency = "EUR"\n[models."rerank-v3.5"]\nthousand_searches = 9\n')
    mine = Cohere(allowed(server, prices=file), timeout=TIMEOUT).rerank("q", hits("a")).usage
    assert (mine.money, mine.currency) == (pytest.approx(0.009), "EUR")  # type: ignore[union-attr]


def test_units_are_reckoned_where_the_reply_does_not_tell(server: Server) -> None:
    server.replies = [says(lambda reply: reply.pop("meta") and None)]
    usage = reranker(server).rerank("q", hits(*"abc" * 50)).usage
    assert usage is not None
    assert (usage.calls, usage.searches) == (1, 2)


def test_calls_a_minute_are_kept(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = iter(range(0, 100, 10))
    monkeypatch.setattr(service.time, "sleep", slept.append)
    monkeypatch.setattr(service.time, "monotonic", lambda: float(next(clock)))
    paced = service.Pace(2)
    assert [paced.wait() for _ in range(4)] == [0.0, 0.0, 40.0, 40.0]  # at 0, 10, 60 and 70 s
    assert slept == [40.0, 40.0]


def test_a_wait_for_the_pace_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.Pace, "wait", lambda self: 12.3)
    ranking = reranker(server).rerank("q", hits("a"))
    assert ranking.notes == ("waited 12 s, since calls a minute are limited",)


# Refused


def test_egress_is_off_by_default(server: Server) -> None:
    settings = Settings(cohere_api_key="k-123", cohere_url=server.url)
    with pytest.raises(EgressRefused, match='egress = \\["cohere"\\]'):
        Cohere(settings).score("q", ["a"])
    with pytest.raises(EgressRefused):
        rerankers.load("cohere", settings).rerank("q", hits("a"))
    assert server.asked == []


def test_without_a_key_nothing_is_sent(server: Server) -> None:
    with pytest.raises(EgressRefused, match="ASSISTANT_COHERE_API_KEY"):
        Cohere(Settings(egress=("cohere",), cohere_url=server.url)).score("q", ["a"])
    assert server.asked == []


def test_without_the_package_the_command_is_named(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cohere", None)
    with pytest.raises(PackageMissing, match="pip install"):
        reranker(server).score("q", ["a"])


# Failing


@pytest.mark.parametrize(
    ("status", "told"), [(401, "key was refused"), (403, "key"), (404, "no such model"), (400, "refused")]
)
def test_a_refusal_is_not_repeated(server: Server, status: int, told: str) -> None:
    server.replies = [fails(status)]
    with pytest.raises(ServiceError, match=told) as raised:
        reranker(server).score("q", ["a"])
    assert not raised.value.retryable
    assert raised.value.sent == "the question and 1 passages"
    assert len(server.asked) == 1
    assert "k-123" not in str(raised.value)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_busy_or_failing_is_tried_three_times(server: Server, status: int) -> None:
    server.replies = [fails(status), fails(status), good]
    assert reranker(server).score("q", ["a"]) == [0.5]
    server.replies = [fails(status)]
    server.asked.clear()
    with pytest.raises(ServiceError, match=f"\\({status}\\)") as raised:
        reranker(server).score("q", ["a"])
    assert raised.value.retryable
    assert len(server.asked) == 3


def test_the_pauses_grow_and_follow_the_service(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(service.time, "sleep", slept.append)
    server.replies = [fails(429, Retry_After="7"), fails(500), good]
    Cohere(allowed(server), timeout=TIMEOUT, pause=0.5).score("q", ["a"])
    assert slept == [7.0, 1.0]
    server.replies = [fails(503), fails(429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), good]
    Cohere(allowed(server), timeout=TIMEOUT, pause=0.5).score("q", ["a"])
    assert slept == [7.0, 1.0, 0.5, 1.0]


def test_a_wait_that_is_too_long_is_not_waited(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.time, "sleep", lambda seconds: pytest.fail("waited"))
    server.replies = [fails(429, Retry_After="3600")]
    with pytest.raises(ServiceError) as raised:
        reranker(server).score("q", ["a"])
    assert raised.value.retryable


def test_a_silent_service_times_out(server: Server) -> None:
    server.replies = [lambda body: (SILENT, b"", {})]
    with pytest.raises(ServiceError, match="no answer in time") as raised:
        Cohere(allowed(server), timeout=httpx.Timeout(0.05), pause=0.001).score("q", ["a"])
    assert raised.value.retryable
    assert raised.value.sent


def test_a_reply_that_breaks_off_is_tried_again(server: Server) -> None:
    server.replies = [lambda body: (CUT, *good(body)[1:]), good]
    assert reranker(server).score("q", ["a"]) == [0.5]


def test_no_connection(server: Server) -> None:
    settings = allowed(server).model_copy(update={"cohere_url": "http://127.0.0.1:9"})
    with pytest.raises(ServiceError, match="the connection failed"):
        Cohere(settings, timeout=TIMEOUT, pause=0.001).score("q", ["a"])


MALFORMED: dict[str, Reply] = {
    "not JSON": lambda body: (200, b"<html>busy</html>", {"Content-Type": "text/html"}),
    "empty": lambda body: (200, b"", {}),
    "a list": says(lambda reply: []),
    "no results": says(lambda reply: {"id": "x"}),
    "results null": says(lambda reply: reply.update(results=None)),
    "a missing index": says(lambda reply: reply["results"][0].pop("index")),
    "a missing score": says(lambda reply: reply["results"][0].pop("relevance_score")),
    "an index twice": says(lambda reply: reply["results"][0].update(index=reply["results"][1]["index"])),
    "an index too large": says(lambda reply: reply["results"][0].update(index=3)),
    "a negative index": says(lambda reply: reply["results"][0].update(index=-1)),
    "an index as text": says(lambda reply: reply["results"][0].update(index="one")),
    "too few": says(lambda reply: reply["results"].pop() and None),
    "too many": says(lambda reply: reply["results"].append({"index": 7, "relevance_score": 0.1})),
    "NaN": says(lambda reply: reply["results"][0].update(relevance_score=float("nan"))),
    "a score as a list": says(lambda reply: reply["results"][0].update(relevance_score=[1])),
    "another model": says(lambda reply: reply.update(model="rerank-v9")),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_reply_is_an_error_and_not_repeated(server: Server, kind: str) -> None:
    server.replies = [MALFORMED[kind]]
    with pytest.raises(ServiceError, match="malformed reply") as raised:
        reranker(server).score("q", ["a", "bb", "ccc"])
    assert not raised.value.retryable
    assert len(server.asked) == 1


def test_a_reply_that_names_the_model_asked_for_is_taken(server: Server) -> None:
    server.replies = [says(lambda reply: reply.update(model="rerank-v3.5"))]
    assert reranker(server).score("q", ["a"]) == [0.5]


# In company


def test_fallback_tries_it_again_later_and_shows_what_was_sent(server: Server) -> None:
    fallback = Fallback(reranker(server), WordOverlap())
    server.replies = [fails(500)]
    ranking = fallback.rerank("q", hits("a"))
    assert ranking.ranked_by == "overlap"
    assert ranking.degraded == ("a hosted reranker did not answer",)
    assert ranking.egress == (Egress(service="cohere", what="the question and 1 passages"),)
    server.replies = [good]
    assert fallback.rerank("q", hits("a")).ranked_by == "cohere"


def test_auto_uses_it_only_where_it_is_allowed(server: Server, tmp_path: Any) -> None:
    local = {"models": tmp_path, "cache": tmp_path / "cache"}
    for settings in (
        Settings(cohere_api_key="k", cohere_url=server.url, **local),
        Settings(egress=("cohere",), cohere_url=server.url, **local),
    ):
        ranking = rerankers.load("auto", settings).rerank("q", hits("a"))
        assert (ranking.ranked_by, ranking.egress, len(ranking.degraded)) == ("bundled-ce", (), 4)
    assert server.asked == []
    ranking = rerankers.load("auto", allowed(server, **local)).rerank("q", hits("a"))
    assert ranking.ranked_by == "cohere"
    assert len(ranking.degraded) == 3
