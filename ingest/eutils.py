"""NCBI's E-utilities (https://www.ncbi.nlm.nih.gov/books/NBK25497/) at the pace NCBI permits."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
from lxml import etree
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from assistant.errors import FormatError, InputError, ServiceError
from assistant.types import Skipped
from ingest.readers.pubmed import ARTICLES
from ingest.readers.safexml import local_name, parse, records, text_of

BASE_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
TOOL = "clinical-assistant"
CEILING = 9_999  # PMIDs that esearch lists for one query of PubMed
ATTEMPTS = 6
LONGEST_WAIT = 300.0  # seconds, whatever a Retry-After asks for

T = TypeVar("T")


class _Unready(ServiceError):
    """Worth another attempt, not before `after` seconds."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message, retryable=True)
        self.after = after


@dataclass(frozen=True, slots=True)
class Found:
    """`count`: records that match; `pmids`: the newest of them; `notes`: what PubMed changed in the query."""

    count: int
    pmids: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class Eutils:
    """PubMed through an httpx client whose base URL is that of the utilities.

    At most 3 requests a second, 10 with a key. Time-outs, 429, 5xx and broken replies are tried six times,
    later each time and never before a Retry-After; then, and for a refusal at once, a ServiceError is raised.
    All goes by POST: long id lists fit, and no key stands in a URL.
    """

    client: httpx.Client
    email: str
    api_key: str | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    free_at: float = float("-inf")

    def search(self, query: str, maximum: int) -> Found:
        """At most CEILING PMIDs. InputError where nothing matches or PubMed does not know a phrase."""

        def read(content: bytes) -> Found:
            root = _parsed(content, "esearch")
            if unknown := _all(root, "ErrorList/PhraseNotFound"):
                raise InputError(f"PubMed does not know {', '.join(map(repr, unknown))}; correct the query")
            count, pmids = text_of(root.find("Count")), tuple(_all(root, "IdList/Id"))
            if count == "0":
                raise InputError(f"PubMed has nothing for {query!r}")
            if not count.isdecimal() or not pmids or not all(map(str.isdecimal, pmids)):
                raise _Unready("esearch: a reply without a count and a list of PMIDs")
            warnings = root.iterfind("WarningList/*")
            return Found(int(count), pmids, tuple(f"PubMed: {local_name(w)} {text_of(w)}" for w in warnings))

        return self._call("esearch", {"term": query, "retmax": str(min(maximum, CEILING))}, read)

    def fetch(self, pmids: Sequence[str], path: Path) -> frozenset[str]:
        """Write the records as one PubmedArticleSet, checked to be whole; returns the PMIDs it holds."""

        def read(content: bytes) -> frozenset[str]:
            path.write_bytes(content)
            try:
                found = list(map(_own_pmid, records(path, ARTICLES)))
            except FormatError:
                complaint = _complaint(content)
                if b"<ERROR>" in content:
                    raise _refusal("efetch", complaint) from None
                raise _Unready(f"efetch: a reply without records {complaint}".rstrip()) from None
            return frozenset(found)

        return self._call("efetch", {"id": ",".join(pmids)}, read)

    def _call(self, utility: str, fields: Mapping[str, str], read: Callable[[bytes], T]) -> T:
        """`read` of the reply; an _Unready is tried again, later each time."""
        jitter = wait_exponential_jitter(initial=1, max=60, jitter=1)

        def wait(attempt: RetryCallState) -> float:
            error = attempt.outcome.exception() if attempt.outcome is not None else None
            asked = error.after if isinstance(error, _Unready) else 0.0
            return max(min(asked, LONGEST_WAIT), jitter(attempt))

        retrying = Retrying(
            retry=retry_if_exception_type(_Unready),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait,
            sleep=self.sleep,
            reraise=True,
        )
        return retrying(lambda: read(self._post(utility, fields)))

    def _post(self, utility: str, fields: Mapping[str, str]) -> bytes:
        if (early := self.free_at - self.clock()) > 0:
            self.sleep(early)
        self.free_at = self.clock() + (1 / 3 if self.api_key is None else 1 / 10)
        data = {"db": "pubmed", "retmode": "xml", "tool": TOOL, "email": self.email, **fields}
        if self.api_key is not None:
            data["api_key"] = self.api_key
        try:
            reply = self.client.post(f"{utility}.fcgi", data=data)
        except httpx.RequestError as error:
            raise _Unready(
                f"{utility}: no reply from {self.client.base_url.host}: {error or type(error)}"
            ) from None
        if reply.status_code in (408, 429) or reply.status_code >= 500:
            after = reply.headers.get("retry-after", "")
            raise _Unready(
                f"{utility}: status {reply.status_code} {_complaint(reply.content)}".rstrip(),
                float(after) if after.isdecimal() else 0.0,
            )
        if reply.status_code != 200:
            raise ServiceError(f"{utility}: status {reply.status_code} {_complaint(reply.content)}".rstrip())
        return reply.content


def _parsed(content: bytes, utility: str) -> etree._Element:
    try:
        root = parse(content, utility)
    except FormatError as error:
        raise _Unready(f"{error} {_complaint(content)}".rstrip()) from None
    if complaint := text_of(root.find("ERROR")):
        raise _refusal(utility, complaint)
    return root


def _refusal(utility: str, complaint: str) -> ServiceError:
    passing = re.search(
        r"backend|temporar|try again|later|timeout|timed out|unavailable|rate limit", complaint, re.I
    )
    message = f"{utility}: NCBI says: {complaint}"
    return _Unready(message) if passing else ServiceError(message)


def _complaint(content: bytes) -> str:
    """What an error page says, in at most 200 characters: an <ERROR>, a JSON "error", a title."""
    text = content[:20_000].decode("utf-8", "replace")
    found = re.search(
        r"<ERROR>(.*?)</ERROR>|\"error\"\s*:\s*\"([^\"]*)\"|<title>(.*?)</title>", text, re.S | re.I
    )
    return " ".join(next(filter(None, found.groups()), "").split())[:200] if found else ""


def _all(root: etree._Element, where: str) -> list[str]:
    return [text for found in root.iterfind(where) if (text := text_of(found))]


def _own_pmid(record: etree._Element | Skipped) -> str:
    if isinstance(record, Skipped):
        raise _Unready(f"efetch: a broken reply: {record.reason}")
    return text_of(record.find(".//PMID"))
