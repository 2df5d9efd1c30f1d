"""Records chained by hash in files that only grow, so that a later change of one is found (C13).

A folder:
    000001.jsonl ...   one record a line; the last field of a line is the SHA-256 of all before it in the line
    head.json          how many records there are and the digest of the last one
    key                random bytes, for digests of texts that nobody can guess without it
    lock               held while a record is written, by one process or thread at a time

Each record names the digest of the one before it, over all files; the first one is a genesis with the
version. So a changed, removed, inserted or reordered line is found with its place, and a shortened log by
the head. What is not found: a log rewritten from some record on, head included, by somebody who may write to
the folder. Against that, keep the head's digest elsewhere from time to time: `check(folder, digest)` looks
for it.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT = "audit/1"
PATIENCE = 10.0  # seconds to wait for another process
LOST = "head lost"  # the event of a record that was written after head.json had gone
NOTHING = "0" * 64  # in place of the digest before the first record
_END = ',"digest":"'
_TAIL = len(_END) + 64 + len('"}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`size`: bytes of the last file, so that what was added behind it is seen."""

    count: int
    digest: str
    file: int
    size: int

    def line(self) -> bytes:
        body = _dumped(asdict(self))
        return f'{body[:-1]},"check":"{hashlib.sha256(body.encode()).hexdigest()}"}}\n'.encode()


@dataclass(frozen=True, slots=True)
class Link:
    """What chains a line: its number, the digest before it, its own, and whether that one is right."""

    n: int
    previous: str
    digest: str
    intact: bool
    event: str = ""


def parse(line: bytes) -> Link | None:
    """None when a line is no record at all."""
    try:
        known = json.loads(line)
        n, previous, digest = known["n"], known["previous"], known["digest"]
        event = known["record"].get("event", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if type(n) is not int or not isinstance(previous, str) or not isinstance(digest, str):
        return None
    body = line[:-_TAIL]
    right = hashlib.sha256(body).hexdigest()
    return Link(n, previous, digest, line[-_TAIL:] == f'{_END}{right}"}}'.encode(), event)


def written(n: int, previous: str, record: Mapping[str, Any]) -> tuple[bytes, str]:
    """The line of a record, and its digest."""
    body = _dumped({"n": n, "previous": previous, "record": record})[:-1].encode("utf-8", "backslashreplace")
    digest = hashlib.sha256(body).hexdigest()
    return body + f'{_END}{digest}"}}\n'.encode(), digest


def files(folder: Path) -> list[Path]:
    """The log's files in order."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9][0-9][0-9].jsonl"))


def lines(paths: Sequence[Path]) -> Iterator[tuple[Path, int, bytes]]:
    for path in paths:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield path, number, line.removesuffix(b"\n")


def read_head(folder: Path) -> Head | None:
    """None when it is missing, or is not to the byte as it was written."""
    try:
        text = (folder / "head.json").read_bytes()
        known = json.loads(text)
        head = Head(**{name: known[name] for name in Head.__slots__})
        return head if head.line() == text else None
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def file_of(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.jsonl"


def ends(path: Path) -> bool:
    """Whether a file that is not empty ends with a newline."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
