"""A folder filled with PubMed records, resumably.

The list of PMIDs is asked for once and kept in the folder, instead of a WebEnv on NCBI's history server,
which expires within hours: so a run can go on days later with the same list.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from assistant.errors import InputError, ServiceError, UsageError
from ingest.eutils import BASE_URL as BASE_URL
from ingest.eutils import CEILING, Eutils, Found

BATCH = 200  # records a request and a file
STATE = ".fetch.json"


@dataclass(frozen=True, slots=True)
class FetchReport:
    """`found`: records that match; `fetched`: written now; `present`: there from an earlier run.

    `missing`: PMIDs that PubMed listed and gave no record for, in this run. `left_out`: matches beyond the
    maximum or CEILING. `notes`: what PubMed changed in the query.
    """

    query: str
    out: Path
    found: int
    fetched: int
    present: int
    missing: tuple[str, ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def __str__(self) -> str:
        parts = [
            f"{self.fetched} records fetched into {self.out} in {self.seconds:.0f} s",
            f"{self.found} match",
        ]
        if self.present:
            parts.append(f"{self.present} were there")
        if self.left_out:
            many = self.fetched + self.present + len(self.missing) >= CEILING
            remedy = (
                "PubMed lists 9,999 for one query: split it by year" if many else "a larger --max adds them"
            )
            parts.append(f"{self.left_out} left out ({remedy})")
        if self.missing:
            parts.append(f"no record came for PMID {', '.join(self.missing)}")
        return "; ".join((*parts, *self.notes))


@dataclass(frozen=True, slots=True)
class _State:
    """What is to be fetched. A batch is done when its file is there: files appear whole, by renaming."""

    query: str
    maximum: int
    found: int
    notes: tuple[str, ...]
    batches: tuple[tuple[str, ...], ...]  # PMIDs of pubmed-0001.xml, pubmed-0002.xml ...

    def pmids(self) -> list[str]:
        return [pmid for batch in self.batches for pmid in batch]


def fetch_pubmed(
    query: str,
    out: Path,
    maximum: int,
    *,
    email: str,
    api_key: str | None = None,
    base_url: str = BASE_URL,
    progress: Callable[[int, int], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> FetchReport:
    """Fill `out` with the newest `maximum` records that match, as pubmed-0001.xml and so on, 200 a file.

    The same call again fetches only what is missing; a larger maximum adds to what is there; another query
    needs another folder. `progress` is told (records there, records wanted) at the start and after each
    batch. `sleep` and `clock` (seconds) stand in for time in tests.

    Raises UsageError for a blank query, no e-mail address or a folder of another query; InputError where
    nothing matches, PubMed does not know a phrase, or the folder cannot be used; ServiceError where NCBI
    refuses or still fails after six attempts (what came until then is kept).
    """
    if not query.strip() or maximum < 1:
        raise UsageError("fetch needs a query and a maximum of at least 1")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise UsageError(f"NCBI asks for your e-mail address; {email!r} is none")
    began = clock()
    state = _known(out, query)
    with httpx.Client(base_url=base_url, timeout=httpx.Timeout(60, connect=15)) as client:
        service = Eutils(client, email, api_key or None, sleep, clock)
        if state is None or state.maximum < maximum:
            state = _extended(state, query, maximum, service.search(query, maximum))
            with _replacing(out / STATE) as part:
                part.write_text(json.dumps(_asdict(state)), "utf-8")
        files = [out / f"pubmed-{n:04}.xml" for n in range(1, len(state.batches) + 1)]
        pending = [(p, batch) for p, batch in zip(files, state.batches, strict=True) if not p.exists()]
        wanted = len(state.pmids())
        present = done = wanted - sum(len(batch) for _, batch in pending)
        missing: list[str] = []
        tell = progress or (lambda _done, _wanted: None)
        tell(done, wanted)
        for path, batch in pending:
            try:
                with _replacing(path) as part:
                    came = service.fetch(batch, part)
            except ServiceError as error:
                kept = f"{done} of {wanted} records are in {out}; the same command goes on from there"
                raise ServiceError(f"{error}; {kept}", retryable=error.retryable) from None
            missing += [pmid for pmid in batch if pmid not in came]
            done += len(batch)
            tell(done, wanted)
    return FetchReport(
        query=query,
        out=out,
        found=state.found,
        fetched=wanted - present - len(missing),
        present=present,
        missing=tuple(missing),
        left_out=max(0, state.found - wanted),
        notes=state.notes,
        seconds=clock() - began,
    )


def _known(out: Path, query: str) -> _State | None:
    """What an earlier run left in the folder, if it was for this query."""
    path = out / STATE
    if not path.exists():
        if any(out.glob("pubmed-*.xml")):
            raise UsageError(
                f"{out} holds PubMed files of unknown origin (no {STATE}); choose another folder"
            )
        return None
    try:
        raw: dict[str, Any] = json.loads(path.read_bytes())
        batches = tuple(tuple(map(str, batch)) for batch in raw["batches"])
        state = _State(raw["query"], int(raw["maximum"]), int(raw["found"]), tuple(raw["notes"]), batches)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: damaged; choose another folder") from None
    if state.query != query:
        raise UsageError(f"{out} holds the records of another query ({state.query!r}); choose another folder")
    return state


def _asdict(state: _State) -> dict[str, Any]:
    return {name: getattr(state, name) for name in ("query", "maximum", "found", "notes", "batches")}


def _extended(state: _State | None, query: str, maximum: int, found: Found) -> _State:
    """The batches there are, and the PMIDs that are new in further ones."""
    kept = state.batches if state is not None else ()
    known = {pmid for batch in kept for pmid in batch}
    new = [pmid for pmid in dict.fromkeys(found.pmids) if pmid not in known][: maximum - len(known)]
    added = tuple(tuple(new[start : start + BATCH]) for start in range(0, len(new), BATCH))
    return _State(query, maximum, found.count, found.notes, kept + added)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A hidden file beside `path` that takes its place at the end, and goes where something fails."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
