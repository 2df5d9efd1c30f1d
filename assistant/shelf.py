"""The library while the page is open: what is in it, adding, reading again, taking out.

One of these at a time. They compute in their turn, behind every question: between two small batches of
passages whoever waits goes first.
"""

import hashlib
import logging
import os
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.encoders import Encoder, Vectors
from assistant.errors import AssistantError, UsageError
from assistant.index.manifest import Manifest
from assistant.index.store import Index
from assistant.turns import TURNS
from assistant.types import Metadata, Skipped
from ingest.run import Progress, Report, ingest

LAST = sys.maxsize  # a place in the line behind all others
SLICE = 16  # passages encoded before others may compute
MOST_FILES = 100_000  # below one folder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One document of the index. `key`: 16 hex digits that stand for its id."""

    key: str
    id: str
    metadata: Metadata
    passages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One run of `ingest` as it stands. `encoded`: passages of the batch that is under way. `report` is
    there once it is done, `problem` where it failed; `refused`: what did not even come that far; `gone`:
    files that were to be read again and are not there any more."""

    what: str
    state: Literal["running", "done", "stopped", "failed"] = "running"
    progress: Progress | None = None
    encoded: int = 0
    seconds: float = 0.0
    report: Report | None = None
    problem: str = ""
    refused: tuple[Skipped, ...] = ()
    gone: int = 0


class Shelf:
    """Over an open index. `changed` is called after each change of it."""

    def __init__(self, index: Index, encoder: Encoder, changed: Callable[[], None] = lambda: None) -> None:
        self._index, self._encoder, self._changed = index, encoder, changed
        self._writing, self._reading, self._stop = threading.Lock(), threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._kept: tuple[str, tuple[Source, ...]] | None = None
        self._began = 0.0
        self.task: Task | None = None

    @property
    def about(self) -> Manifest:
        return self._index.manifest

    @property
    def sends(self) -> str:
        """The service that whole documents go to while they are added; "" where nothing leaves."""
        return self._encoder.sends

    @property
    def running(self) -> bool:
        return self.task is not None and self.task.state == "running"

    def sources(self) -> tuple[Source, ...]:
        """By title. Kept until the index changes; while documents are added, as it was before."""
        with self._reading:
            content = self.about.content
            if self._kept is None or (not self.running and self._kept[0] != content):
                with TURNS.computing(TURNS.place()):
                    self._kept = content, self._listed()
            return self._kept[1]

    def add(
        self,
        paths: Sequence[Path],
        what: str,
        *,
        refused: tuple[Skipped, ...] = (),
        after: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin to ingest in a thread of its own; `after` is called when it ends, however it ends.

        Raises UsageError where another change is under way.
        """
        self._begin(Task(what=what, refused=refused), paths, after)

    def refresh(self) -> None:
        """Begin to read all files again that the library was made of and that are still there."""
        files = {Path(source.metadata.origin.path) for source in self.sources()}
        there = sorted(file for file in files if file.is_file())
        if not there:
            raise UsageError("none of the files that this library was made of is on this machine any more")
        self._begin(Task(what="Reading the files again", gone=len(files) - len(there)), there, lambda: None)

    def stop(self) -> None:
        self._stop.set()

    def remove(self, key: str) -> str:
        """Take the document out for good; its title, or "" where it is not there."""
        source = next((s for s in self.sources() if s.key == key), None)
        if source is None:
            return ""
        self._hold()
        try:
            with TURNS.computing(TURNS.place()):
                self._index.remove([source.id])
                self._index.flush()
                self._changed()
        finally:
            self._writing.release()
        return source.metadata.title or source.id

    def close(self) -> None:
        """Stop what is under way, and wait for it: the index is about to be closed."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _listed(self) -> tuple[Source, ...]:
        passages: Counter[str] = Counter()
        known: dict[str, Metadata] = {}
        for hit in self._index.hits():
            passages[hit.chunk.document_id] += 1
            known.setdefault(hit.chunk.document_id, hit.metadata)
        made = (
            Source(
                key=hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16],
                id=name,
                metadata=metadata,
                passages=passages[name],
            )
            for name, metadata in known.items()
        )
        return tuple(sorted(made, key=lambda s: (s.metadata.title.casefold(), s.id)))

    def _hold(self) -> None:
        if not self._writing.acquire(blocking=False):
            raise UsageError("the library is being changed; wait until that is done, or stop it")

    def _begin(self, task: Task, paths: Sequence[Path], after: Callable[[], None]) -> None:
        self._hold()
        self._stop.clear()
        self._began = time.perf_counter()
        self.task = task
        self._thread = threading.Thread(target=self._run, args=(paths, after), daemon=True)
        self._thread.start()

    def _run(self, paths: Sequence[Path], after: Callable[[], None]) -> None:
        end: dict[str, object]
        try:
            bounded(paths, self._stop)
            with TURNS.computing(LAST):
                polite = Polite(self._encoder, self._encoded)
                report = ingest(paths, self._index, polite, progress=self._tell)
            end = {"state": "done", "report": report}
        except KeyboardInterrupt:
            end = {"state": "stopped"}
        except AssistantError as error:
            end = {"state": "failed", "problem": str(error)}
        except BaseException as error:  # its words may hold a document's
            kind, places = type(error).__name__, traceback.extract_tb(error.__traceback__)
            log.error("adding failed: %s at %s:%s", kind, places[-1].name, places[-1].lineno)
            end = {"state": "failed", "problem": f"adding failed ({kind})"}
        with settling():
            after()
        with settling():
            self._changed()
        self._writing.release()
        self._now(**end)

    def _now(self, **change: object) -> None:
        if self.task is not None:
            self.task = replace(self.task, **change)  # type: ignore[arg-type]

    def _tell(self, progress: Progress) -> None:
        before = self.task.progress.chunks if self.task and self.task.progress else 0
        self._now(progress=progress, encoded=0)
        if progress.chunks != before:
            self._changed()
        self._step()

    def _encoded(self, count: int) -> None:
        if count and self.task is not None:
            self._now(encoded=self.task.encoded + count, seconds=time.perf_counter() - self._began)
        self._step()

    def _step(self) -> None:
        """A place to stop, and for others to compute."""
        if self._stop.is_set():
            raise KeyboardInterrupt
        with TURNS.aside():
            pass


class Polite(Encoder):
    """The same encoder, which after each few passages says how many it encoded."""

    def __init__(self, encoder: Encoder, told: Callable[[int], None]) -> None:
        self._encoder, self._told = encoder, told
        self.name, self.revision, self.dim = encoder.name, encoder.revision, encoder.dim
        self.distance, self.max_tokens, self.sends = encoder.distance, encoder.max_tokens, encoder.sends

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.embed_queries(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        made = np.empty((len(texts), self.dim), dtype=np.float32)
        step = 512 if self.sends else SLICE
        for start in range(0, len(texts), step):
            some = texts[start : start + step]
            if self.sends:
                with TURNS.aside():  # a service computes
                    made[start : start + step] = self._encoder.embed_documents(some)
            else:
                made[start : start + step] = self._encoder.embed_documents(some)
            self._told(len(some))
        return made

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self._told(0)
        return self._encoder.count_tokens(texts)


def bounded(paths: Sequence[Path], stopped: threading.Event) -> None:
    """Raises UsageError where there are more files than anybody means; KeyboardInterrupt when stopped."""
    count = 0
    for path in paths:
        for _, _, names in os.walk(path):
            count += len(names)
            if stopped.is_set():
                raise KeyboardInterrupt
            if count > MOST_FILES:
                raise UsageError(f"{path}: over {MOST_FILES:,} files; name a smaller folder")


@contextmanager
def settling() -> Iterator[None]:
    """What ends a task must not keep it from ending."""
    try:
        yield
    except Exception as error:
        kind = type(error).__name__
        log.warning("after adding: %s", kind)
