"""Fetching from a server in this process that answers like E-utilities."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from assistant.errors import AssistantError, InputError, ServiceError, UsageError
from assistant.types import Document
from ingest.fetch import FetchReport, fetch_pubmed
from ingest.readers.pubmed import read

Reply = tuple[int, dict[str, str], bytes]
ARTICLE = (
    '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{0}</PMID><Article>'
    "<ArticleTitle>Record {0}.</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
)


def esearch(pmids: list[str], count: int | None = None, more: str = "") -> bytes:
    ids = "\n".join(f"<Id>{p}</Id>" for p in pmids)
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        '<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
        f"<eSearchResult><Count>{len(pmids) if count is None else count}</Count><RetMax>{len(pmids)}</RetMax>"
        f"<RetStart>0</RetStart><IdList>{ids}</IdList><TranslationSet/>{more}</eSearchResult>"
    ).encode()


def efetch(pmids: list[str]) -> bytes:
    articles = "\n".join(ARTICLE.format(p) for p in pmids)
    return (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 2025//EN" '
        f'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>{articles}</PubmedArticleSet>'
    ).encode()


@dataclass
class Pubmed:
    """What the server holds, newest first; `scripted` replies go out before its own, None means its own."""

    pmids: list[str]
    scripted: list[Reply | None] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)  # method, path, form
    url: str = ""

    def reply(self, path: str, form: dict[str, str]) -> Reply:
        scripted = self.scripted.pop(0) if self.scripted else None
        if scripted is not None:
            return scripted
        if path.endswith("/esearch.fcgi"):
            return 200, {}, esearch(self.pmids[: int(form["retmax"])], len(self.pmids))
        return 200, {}, efetch([p for p in form["id"].split(",") if p in self.pmids])

    def count(self, utility: str) -> int:
        return sum(path.endswith(f"/{utility}.fcgi") for _, path, _ in self.asked)


@pytest.fixture
def pubmed() -> Iterator[Pubmed]:
    held = Pubmed([str(n) for n in range(1500, 1000, -1)])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            held.asked.append(("POST", self.path, form))
            status, headers, content = held.reply(self.path, form)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", headers.get("x-claimed", str(len(content))))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    held.url = f"http://127.0.0.1:{server.server_port}/entrez/eutils/"
    yield held
    server.shutdown()
    thread.join()
    server.server_close()


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


Fetch = Callable[..., FetchReport]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def fetch(pubmed: Pubmed, time: Time, tmp_path: Path) -> Fetch:
    def call(query: str = "asthma", maximum: int = 1000, *, out: str = "out", **more: object) -> FetchReport:
        given = {
            "email": "someone@example.org",
            "base_url": pubmed.url,
            "sleep": time.sleep,
            "clock": time,
        } | more
        return fetch_pubmed(query, tmp_path / out, maximum, **given)  # type: ignore[arg-type]

    return call


def pmids_in(out: Path) -> list[str]:
    found = [r for path in sorted(out.glob("pubmed-*.xml")) for r in read(path)]
    return [r.metadata.pmid or "" for r in found if isinstance(r, Document)]


def names_in(out: Path) -> list[str]:
    return sorted(p.name for p in out.iterdir())


def test_batches_of_two_hundred_with_what_ncbi_asks_for(pubmed: Pubmed, fetch: Fetch, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    report = fetch(progress=lambda done, wanted: told.append((done, wanted)))
    assert (report.found, report.fetched, report.present, report.left_out) == (500, 500, 0, 0)
    assert (report.missing, report.notes) == ((), ())
    assert pmids_in(tmp_path / "out") == pubmed.pmids
    assert names_in(tmp_path / "out") == [
        ".fetch.json",
        "pubmed-0001.xml",
        "pubmed-0002.xml",
        "pubmed-0003.xml",
    ]
    assert told == [(0, 500), (200, 500), (400, 500), (500, 500)]
    (method, path, search), *fetches = pubmed.asked
    assert (method, path) == ("POST", "/entrez/eutils/esearch.fcgi")
    assert search == {
        "db": "pubmed",
        "retmode": "xml",
        "term": "asthma",
        "retmax": "1000",
        "tool": "clinical-assistant",
        "email": "someone@example.org",
    }
    assert [len(form["id"].split(",")) for _, _, form in fetches] == [200, 200, 100]
    assert all(form["tool"] == "clinical-assistant" and form["email"] for _, _, form in fetches)


def test_at_most_three_requests_a_second(fetch: Fetch, time: Time) -> None:
    fetch()
    assert time.slept == pytest.approx([1 / 3] * 3)


def test_ten_a_second_with_a_key_that_stands_in_no_url(pubmed: Pubmed, fetch: Fetch, time: Time) -> None:
    fetch(api_key="secret")
    assert time.slept == pytest.approx([1 / 10] * 3)
    assert all(form["api_key"] == "secret" for _, _, form in pubmed.asked)
    assert not any("secret" in path for _, path, _ in pubmed.asked)


def test_a_maximum_says_what_was_left_out(pubmed: Pubmed, fetch: Fetch, tmp_path: Path) -> None:
    report = fetch(maximum=250)
    assert (report.found, report.fetched, report.left_out) == (500, 250, 250)
    assert pmids_in(tmp_path / "out") == pubmed.pmids[:250]
    assert "250 left out (a larger --max" in str(report)


def test_never_more_than_esearch_lists(pubmed: Pubmed, fetch: Fetch) -> None:
    pubmed.pmids = [str(n) for n in range(12_000, 0, -1)]
    report = fetch(maximum=50_000)
    assert pubmed.asked[0][2]["retmax"] == "9999"
    assert (report.found, report.fetched, report.left_out) == (12_000, 9_999, 2_001)
    assert "9,999 for one query" in str(report)
    assert pubmed.count("efetch") == 50


def test_the_same_call_again_asks_nothing(pubmed: Pubmed, fetch: Fetch) -> None:
    fetch()
    before = len(pubmed.asked)
    report = fetch()
    assert len(pubmed.asked) == before
    assert (report.found, report.fetched, report.present) == (500, 0, 500)


def test_an_interrupted_run_goes_on(pubmed: Pubmed, fetch: Fetch, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done == 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(progress=stop)
    assert (pubmed.count("esearch"), pubmed.count("efetch")) == (1, 1)
    pubmed.pmids.insert(0, "2000")  # published since: the list is that of the first run
    report = fetch()
    assert (pubmed.count("esearch"), pubmed.count("efetch")) == (1, 3)
    assert (report.fetched, report.present) == (300, 200)
    assert pmids_in(tmp_path / "out") == pubmed.pmids[1:]


def test_a_failure_in_the_middle_keeps_what_came(pubmed: Pubmed, fetch: Fetch, tmp_path: Path) -> None:
    pubmed.scripted = [None, None, *[(503, {}, b"busy")] * 6]
    with pytest.raises(ServiceError, match=r"status 503.*; 200 of 500 records") as caught:
        fetch()
    assert caught.value.retryable
    assert names_in(tmp_path / "out") == [".fetch.json", "pubmed-0001.xml"]
    assert pubmed.count("efetch") == 1 + 6
    assert fetch().fetched == 300
    assert pubmed.count("efetch") == 7 + 2


def test_a_deleted_file_is_fetched_again(pubmed: Pubmed, fetch: Fetch, tmp_path: Path) -> None:
    fetch()
    (tmp_path / "out" / "pubmed-0002.xml").unlink()
    report = fetch()
    assert (report.fetched, report.present) == (200, 300)
    assert pmids_in(tmp_path / "out") == pubmed.pmids


def test_a_larger_maximum_adds_to_what_is_there(pubmed: Pubmed, fetch: Fetch, tmp_path: Path) -> None:
    fetch(maximum=250)
    pubmed.pmids.insert(0, "2000")
    report = fetch(maximum=350)
    assert (report.fetched, report.present, report.found) == (100, 250, 501)
    there = pmids_in(tmp_path / "out")
    assert len(there) == len(set(there)) == 350
    assert "2000" in there
    assert fetch(maximum=100).present == 350


def test_another_query_in_the_same_folder_is_refused(pubmed: Pubmed, fetch: Fetch) -> None:
    fetch()
    before = len(pubmed.asked)
    with pytest.raises(UsageError, match=r"another query .'asthma'."):
        fetch("copd")
    assert len(pubmed.asked) == before
    assert fetch("copd", out="other").fetched == 500


def test_files_of_unknown_origin_are_not_taken_for_ours(fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "pubmed-0001.xml").write_text("<PubmedArticleSet/>")
    with pytest.raises(UsageError, match="unknown origin"):
        fetch()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"query": 1}', '{"query": "asthma", "batches": 3}'])
def test_a_damaged_state_is_an_error(fetch: Fetch, tmp_path: Path, content: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".fetch.json").write_text(content)
    with pytest.raises(InputError, match="damaged"):
        fetch()


def test_retry_after_is_waited_for(pubmed: Pubmed, fetch: Fetch, time: Time) -> None:
    limited = json.dumps({"error": "API rate limit exceeded", "count": "11"}).encode()
    pubmed.scripted = [(429, {"Retry-After": "20"}, limited)]
    assert fetch().fetched == 500
    assert time.slept[0] == 20
    assert pubmed.count("esearch") == 2


def test_backing_off_grows_and_ends(pubmed: Pubmed, fetch: Fetch, time: Time, tmp_path: Path) -> None:
    pubmed.scripted = [(500, {}, b"<html><title>Server  Error</title></html>")] * 6
    with pytest.raises(ServiceError, match="esearch: status 500 Server Error"):
        fetch()
    assert pubmed.count("esearch") == 6
    assert [round(s) for s in time.slept if s > 0.5] == pytest.approx([1, 2, 4, 8, 16], abs=1)
    assert not (tmp_path / "out").exists() or names_in(tmp_path / "out") == []


BROKEN: dict[str, Reply] = {
    "500": (500, {}, b""),
    "502": (502, {}, b"<html><title>Bad gateway</title></html>"),
    "not XML": (200, {}, b"<PubmedArticleSet><PubmedArticle>"),
    "cut after a record": (200, {}, efetch(["1500", "1499"])[:-60]),
    "HTML": (200, {}, b"<html><head><title>Maintenance</title></head><body>soon</body></html>"),
    "an empty set": (200, {}, efetch([])),
    "nothing": (200, {}, b""),
    "a connection that ends early": (200, {"x-claimed": "100000"}, efetch(["1500"])),
    "a passing error": (
        200,
        {},
        b"<eFetchResult><ERROR>Search Backend failed: try again</ERROR></eFetchResult>",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("at", [0, 2])
def test_a_broken_reply_is_asked_for_again(
    pubmed: Pubmed, fetch: Fetch, tmp_path: Path, broken: Reply, at: int
) -> None:
    pubmed.scripted = [*[None] * at, broken]
    assert fetch().fetched == 500
    assert pmids_in(tmp_path / "out") == pubmed.pmids
    assert len(pubmed.asked) == 5


@pytest.mark.parametrize("broken", ["not XML", "cut after a record", "HTML", "an empty set"])
def test_a_reply_that_stays_broken_leaves_no_file(
    pubmed: Pubmed, fetch: Fetch, tmp_path: Path, broken: str
) -> None:
    pubmed.scripted = [None, *[BROKEN[broken]] * 6]
    with pytest.raises(ServiceError, match=r"efetch: .*0 of 500 records"):
        fetch()
    assert names_in(tmp_path / "out") == [".fetch.json"]


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (
            (400, {}, b'{"error":"API key invalid","api-key":"secret"}'),
            ServiceError,
            "status 400 API key invalid",
        ),
        ((403, {}, b"<html><title>Blocked</title></html>"), ServiceError, "status 403 Blocked"),
        ((302, {"Location": "http://127.0.0.1:9/"}, b""), ServiceError, "status 302"),
        (
            (200, {}, b"<eSearchResult><ERROR>Invalid db name specified</ERROR></eSearchResult>"),
            ServiceError,
            "NCBI says: Invalid db name",
        ),
        ((200, {}, esearch([], 0)), InputError, "nothing for 'asthma'"),
        (
            (
                200,
                {},
                esearch(["5"], 1, "<ErrorList><PhraseNotFound>qwzx</PhraseNotFound></ErrorList>"),
            ),
            InputError,
            "does not know 'qwzx'",
        ),
    ],
)
def test_a_refusal_is_told_at_once(
    pubmed: Pubmed, fetch: Fetch, reply: Reply, error: type[AssistantError], says: str
) -> None:
    pubmed.scripted = [reply]
    with pytest.raises(error, match=says) as caught:
        fetch(api_key="secret")
    assert len(pubmed.asked) == 1
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_of_efetch_in_a_good_reply(pubmed: Pubmed, fetch: Fetch) -> None:
    pubmed.scripted = [None, (200, {}, b"<eFetchResult><ERROR>ID list is empty!</ERROR></eFetchResult>")]
    with pytest.raises(ServiceError, match="efetch: NCBI says: ID list is empty!"):
        fetch()
    assert pubmed.count("efetch") == 1


def test_an_entity_bomb_from_the_service_is_refused(pubmed: Pubmed, fetch: Fetch) -> None:
    bomb = b'<!DOCTYPE e [<!ENTITY x "y">]>' + esearch(["&x;"]).partition(b'.dtd">')[2]
    pubmed.scripted = [(200, {}, bomb)] * 6
    with pytest.raises(ServiceError, match="entity"):
        fetch()


def test_warnings_and_missing_records_are_reported(pubmed: Pubmed, fetch: Fetch) -> None:
    warning = '<WarningList><QuotedPhraseNotFound>"mild asthma x"</QuotedPhraseNotFound></WarningList>'
    pubmed.scripted = [(200, {}, esearch(["1500", "7", "1499"], 3, warning))]
    report = fetch()
    assert (report.fetched, report.missing) == (2, ("7",))
    assert report.notes == ('PubMed: QuotedPhraseNotFound "mild asthma x"',)
    assert "no record came for PMID 7" in str(report)
    assert "QuotedPhraseNotFound" in str(report)


def test_no_server_is_a_service_error(fetch: Fetch, time: Time) -> None:
    with pytest.raises(ServiceError, match=r"no reply from 127\.0\.0\.1"):
        fetch(base_url="http://127.0.0.1:9/")
    assert len([s for s in time.slept if s > 0.5]) == 5


@pytest.mark.parametrize(
    ("query", "maximum", "email"),
    [(" ", 10, "a@example.org"), ("asthma", 0, "a@example.org"), ("asthma", 1, ""), ("asthma", 1, "nobody")],
)
def test_wrong_calls(pubmed: Pubmed, fetch: Fetch, query: str, maximum: int, email: str) -> None:
    with pytest.raises(UsageError):
        fetch(query, maximum, email=email)
    assert pubmed.asked == []


def test_a_folder_that_cannot_be_written(fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(InputError, match=r"cannot be written"):
        fetch()
