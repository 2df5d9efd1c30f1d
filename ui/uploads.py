"""Files that a browser sends: one a request, bounded, in a folder that is emptied; nothing is served back.

Each lies under the name it came with, cleaned, so that the same file sent again is the same source. A batch
has a folder of its own until it is ingested.
"""

import asyncio
import re
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assistant.errors import AssistantError, FormatError, InputError, UsageError
from assistant.text import clean

PATH = "/library/upload"
LARGEST = 256 << 20  # bytes of a file
LARGEST_BATCH = 1 << 30
MOST = 1_000  # files of a batch
BATCHES = 8  # that wait at the same time
FORGOTTEN = 3600.0  # seconds after its last file until a batch goes that nobody ingested
ROOM = 1 << 30  # bytes that stay free on the disk
DEEPEST = 8  # folders in a name
LONGEST = 120  # bytes of a part of a name
BATCH = re.compile(r"[0-9a-f]{32}")
FORMATS = "PubMed XML, JATS XML, BEIR JSON lines, Markdown, plain text and PDF, gzipped or not"
STATUS = {FormatError: 415, UsageError: 413}


@dataclass
class Batch:
    files: int = 0
    size: int = 0
    touched: float = 0.0


class Uploads:
    """Below `folder`, which is this process's alone; it is made, and emptied, when the first file comes."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self._clock = folder, clock
        self._batches: dict[str, Batch] = {}
        self._lock, self._begun = threading.Lock(), False

    @property
    def taken(self) -> Path:
        """Where the files of the batch lie that is being ingested."""
        return self.folder / "uploaded"

    async def take(self, batch: str, name: str, pieces: AsyncIterator[bytes]) -> int:
        """Keep one file of a batch; its size. Nothing stays of one that is refused.

        Raises UsageError beyond a bound, FormatError for what no reader reads (by content, whatever its
        name), InputError for a name that cannot be used.
        """
        if not BATCH.fullmatch(batch):
            raise InputError("a batch has 32 hexadecimal digits")
        path = self.folder / batch / relative(name)
        known = self._open(batch)
        size = 0
        part = self.folder / batch / f".{secrets.token_hex(8)}"  # hidden: passed over by ingest
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            if path.exists():
                raise InputError("another file of this name is in the same batch")
            with part.open("wb") as file:
                async for piece in pieces:
                    size += len(piece)
                    known.size += len(piece)
                    if size > LARGEST:
                        raise UsageError(f"larger than {LARGEST >> 20} MiB")
                    if known.size > LARGEST_BATCH:
                        raise UsageError(f"more than {LARGEST_BATCH >> 20} MiB at once; send the rest after")
                    file.write(piece)
            await asyncio.to_thread(recognised, part)
            part.replace(path)
        except BaseException as error:
            known.size -= size
            known.files -= 1
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise InputError(f"it cannot be kept: {error.strerror or 'no usable name'}") from None
            raise
        known.touched = self._clock()
        return size

    def begin(self, batch: str) -> tuple[Path, int]:
        """Move a batch to where it is ingested: that folder, and how many files are in it; 0 if none came."""
        with self._lock:
            known = self._batches.pop(batch, None)
        if known is None or not known.files:
            return self.taken, 0
        self.end()
        (self.folder / batch).replace(self.taken)
        return self.taken, known.files

    def end(self) -> None:
        shutil.rmtree(self.taken, ignore_errors=True)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self, batch: str) -> Batch:
        with self._lock:
            if not self._begun:  # what a killed process left
                self.close()
                self._begun = True
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            now = self._clock()
            for old in [b for b, known in self._batches.items() if now - known.touched > FORGOTTEN]:
                del self._batches[old]
                shutil.rmtree(self.folder / old, ignore_errors=True)
            if batch not in self._batches and len(self._batches) >= BATCHES:
                raise UsageError("too many people are sending files; try again in a while")
            if shutil.disk_usage(self.folder).free < ROOM + LARGEST:
                raise UsageError("the disk of the assistant is nearly full; make room first")
            known = self._batches.setdefault(batch, Batch(touched=now))
            if known.files >= MOST:
                raise UsageError(f"more than {MOST:,} files at once; send the rest after")
            known.files += 1
            known.touched = now
            return known


def relative(name: str) -> Path:
    """A name as a browser gives it, folders included, as a path that stays below where it is put."""
    parts = [clean(part).strip() for part in re.split(r"[/\\]", name)]
    if any(part.startswith(".") and part.strip(".") for part in parts):
        raise InputError("a hidden file")
    parts = [re.sub(r'[\x00-\x1f<>:"|?*]', "_", part) for part in parts if part.strip(".")]
    if not parts:
        raise InputError("a file without a name")
    return Path(*(shortened(part) for part in parts[-DEEPEST:]))


def shortened(part: str) -> str:
    """At most LONGEST bytes; the ending stays."""
    stem, dot, ending = part.rpartition(".")
    if not dot or len(ending.encode("utf-8", "replace")) > 12:
        stem, ending = part, ""
    room = LONGEST - len((dot + ending).encode("utf-8", "replace"))
    return stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + (dot + ending if ending else "")


def recognised(path: Path) -> None:
    from ingest.readers import detect

    if not path.stat().st_size:
        raise FormatError("empty (0 bytes)")
    if detect(path) is None:
        raise FormatError(f"by its content not a format that is read here; these are: {FORMATS}")


def route(uploads: Uploads, allowed: Callable[[Request], bool]) -> Route:
    """POST with the file as the body, ?batch= and ?name=. One line comes back: its size, or what is wrong."""

    async def upload(request: Request) -> Response:
        if not allowed(request):
            return PlainTextResponse("Log in first", 401)
        asked = request.query_params
        try:
            size = await uploads.take(asked.get("batch", ""), asked.get("name", ""), request.stream())
        except ClientDisconnect:
            return PlainTextResponse("Broken off", 400)
        except AssistantError as error:
            told = re.sub(r"\S*/\.[0-9a-f]{16}: ", "", str(error))
            return PlainTextResponse(told, STATUS.get(type(error), 400))
        return PlainTextResponse(str(size))

    return Route(PATH, upload, methods=["POST"])
