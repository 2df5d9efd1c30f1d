"""What a run has done so far, a line a query: it survives an interruption, and is the raw run at its end.

A JSON-lines file. The first line is the fingerprint of what the run is of; a file with another one is
started anew. A last line that was cut off by a kill is dropped.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from io import BufferedRandom
from pathlib import Path
from types import TracebackType

from assistant.types import Hit, Ranks, Scores, Usage
from eval.trec import unwritable


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage of the pool: its chunk, the document of the corpus, and what brought it there."""

    chunk: str
    document: str
    scores: Scores
    ranks: Ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One query's ranking, best first. `warm`: not among the first of its process. `pool`: the digest of
    the pool that was reranked, "" for the pool itself."""

    query: str
    question: str
    hits: tuple[Candidate, ...]
    milliseconds: float
    warm: bool
    ranked_by: str
    degraded: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()  # services that were called
    usage: Usage | None = None  # of services
    memory_mb: float | None = None
    pool: str = ""


class Journal:
    """Raises InputError when the file cannot be written. To be closed, best by `with`."""

    def __init__(self, path: Path, fingerprint: Mapping[str, object]) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {}
        header = json.dumps({"fingerprint": fingerprint}, sort_keys=True).encode() + b"\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            self._file: BufferedRandom = path.open("r+b")
            try:
                self._resume(header)
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            raise unwritable(path, error) from None

    def append(self, entry: Entry) -> None:
        """On disk when this returns; replaces an earlier entry of the query."""
        fields = {**asdict(replace(entry, hits=())), "hits": [_row(hit) for hit in entry.hits]}
        line = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        try:
            self._file.write(line.encode("utf-8", "surrogatepass") + b"\n")
            self._file.flush()
        except OSError as error:
            raise unwritable(self.path, error) from None
        self.entries[entry.query] = entry

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise unwritable(self.path, error) from None

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _resume(self, header: bytes) -> None:
        good = 0
        if self._file.readline() == header:
            good = self._file.tell()
            for line in self._file:
                entry = _entry(line)
                if entry is None:
                    break
                self.entries[entry.query] = entry
                good += len(line)
        self._file.seek(good)
        self._file.truncate()
        if not good:
            self._file.write(header)
            self._file.flush()


def candidate(hit: Hit, document: str) -> Candidate:
    return Candidate(chunk=hit.chunk.id, document=document, scores=hit.scores, ranks=hit.ranks)


def _row(hit: Candidate) -> list[object]:
    """What is None is not written: pools are long."""
    known = [{k: v for k, v in asdict(part).items() if v is not None} for part in (hit.scores, hit.ranks)]
    return [hit.chunk, hit.document, *known]


def _entry(line: bytes) -> Entry | None:
    """None when the line is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        fields = json.loads(line)
        fields["hits"] = tuple(
            Candidate(chunk, document, Scores(**scores), Ranks(**ranks))
            for chunk, document, scores, ranks in fields["hits"]
        )
        fields["degraded"], fields["egress"] = tuple(fields["degraded"]), tuple(fields["egress"])
        fields["usage"] = None if fields["usage"] is None else Usage(**fields["usage"])
        return Entry(**fields)
    except (ValueError, TypeError, KeyError):
        return None
