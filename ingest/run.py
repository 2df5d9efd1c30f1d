"""Files and folders into the index: read, skip what is there, cut, encode, write. Resumable at any point."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assistant.encoders import Encoder, Vectors
from assistant.errors import AssistantError, InputError
from assistant.index.store import Index
from assistant.types import Chunk, Document, Record, Removed, Skipped, passage
from ingest.chunk import CHUNKER, chunk
from ingest.readers import read

GROUP = 512  # chunks encoded and written together
FLUSH = 20_000  # chunks between two flushes; without a flush they survive a kill, but no power cut
LISTED = 1_000  # skipped records that are named; the rest is counted


@dataclass(frozen=True, slots=True)
class Progress:
    """`read`: documents that came out of the files; `files` of `files_total` are finished."""

    source: str
    files: int
    files_total: int
    read: int
    documents: int
    chunks: int
    unchanged: int
    skipped: int
    seconds: float

    @property
    def rate(self) -> float:
        """Documents read a second."""
        return self.read / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """`documents`: written in this run, new and replaced. `skips` counts all that were left out, of which
    `skipped` names the first LISTED, then says how many more there are."""

    documents: int
    chunks: int
    unchanged: int
    replaced: int
    removed: int
    skipped: tuple[Skipped, ...]
    seconds: float
    skips: int = 0


def ingest(
    paths: Sequence[Path],
    index: Index,
    encoder: Encoder,
    *,
    format: str = "auto",  # noqa: A002
    limit: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Bring the index up to date with these files, and with all files below these folders, in sorted order.

    Hidden files are passed over. A document whose digest is in the index stays; another digest replaces it;
    of two with the same id the last wins. A document that is no longer in the files stays (Index.remove).
    `limit`: documents read, unchanged ones included. Unusable files and records are skipped and counted;
    where nothing at all was usable, the first file's error is raised. An interrupt (Ctrl-C) is raised again
    with what was kept.
    """
    run = _Run(index, encoder, format, limit, progress)
    try:
        index.recover()
        index.cut_by(CHUNKER)
        run.known = index.known()
        run.all(paths)
    except KeyboardInterrupt:
        index.flush()
        raise KeyboardInterrupt(
            f"stopped: {run.documents} documents were written and are kept; the same command goes on"
        ) from None
    index.flush()
    if run.failed is not None and not run.read and not run.removed:
        raise run.failed
    return run.report()


@dataclass
class _Run:
    """One call of `ingest`: what waits to be written, and the counts."""

    index: Index
    encoder: Encoder
    format: str
    limit: int | None
    progress: Callable[[Progress], None] | None
    known: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, tuple[Document, list[Chunk]]] = field(default_factory=dict)
    waiting_chunks: int = 0
    unflushed: int = 0
    read: int = 0
    documents: int = 0
    chunks: int = 0
    unchanged: int = 0
    replaced: int = 0
    removed: int = 0
    skips: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    failed: AssistantError | None = None
    files: int = 0
    files_total: int = 0
    begin: float = field(default_factory=time.perf_counter)

    def all(self, paths: Sequence[Path]) -> None:
        files = dict.fromkeys(file for path in paths for file in self.files_in(path))
        self.files_total = len(files)
        for file in files:
            for record in self.records(file):
                self.take(record)
                if self.limit is not None and self.read >= self.limit:
                    self.write(str(file))
                    return
            self.files += 1
            self.report_progress(str(file))
        self.write("")

    def files_in(self, path: Path) -> Iterator[Path]:
        """The file itself, or the folder's files in sorted order, without hidden ones."""
        if not path.is_dir():
            yield path  # a path that is not there is the reader's to explain
            return

        def unreadable(error: OSError) -> None:
            self.fail(Path(str(error.filename)), InputError(f"{error.filename}: {error.strerror}"))

        found, skips = False, self.skips
        for folder, folders, names in os.walk(path, onerror=unreadable):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith("."):
                    found = True
                    yield Path(folder) / name
        if not found and self.skips == skips:
            self.fail(path, InputError(f"{path}: no files in this folder"))

    def records(self, file: Path) -> Iterator[Record]:
        """What the reader finds; where it gives up, the rest of this file is one Skipped."""
        try:
            yield from read(file, self.format)
        except AssistantError as error:
            self.fail(file, error)
        except Exception as error:  # a reader's own bug must not cost the other files
            self.fail(file, InputError(f"{file}: {type(error).__name__}: {error}"))

    def fail(self, file: Path, error: AssistantError) -> None:
        self.failed = self.failed or error
        reason = str(error).removeprefix(f"{file}: ")
        self.skip(Skipped(source=str(file), place="", reason=reason))

    def skip(self, record: Skipped) -> None:
        self.skips += 1
        if self.skips <= LISTED:
            self.skipped.append(record)

    def take(self, record: Record) -> None:
        match record:
            case Skipped():
                self.skip(record)
            case Removed():
                self.write(record.source)
                self.removed += self.index.remove([record.document_id])
                self.known.pop(record.document_id, None)
            case Document():
                self.read += 1
                self.take_document(record)

    def take_document(self, document: Document) -> None:
        source = document.metadata.origin
        if document.id in self.waiting:
            self.write(source.path)
        if self.known.get(document.id) == self.index.digest(document):
            self.unchanged += 1
            return
        try:
            chunks = chunk(document, self.encoder.count_tokens, self.encoder.max_tokens)
        except ValueError as error:
            self.skip(Skipped(source=source.path, place=source.place, reason=f"{document.id}: {error}"))
            return
        if not chunks:
            self.skip(Skipped(source=source.path, place=source.place, reason=f"{document.id}: no text"))
            return
        if self.waiting_chunks + len(chunks) > GROUP:
            self.write(source.path)
        self.waiting[document.id] = (document, chunks)
        self.waiting_chunks += len(chunks)

    def write(self, source: str) -> None:
        if not self.waiting:
            return
        documents = [document for document, _ in self.waiting.values()]
        chunks = [chunks for _, chunks in self.waiting.values()]
        texts = [passage(d.metadata.title, c.heading, c.text) for d, cs in self.waiting.values() for c in cs]
        self.index.add(documents, chunks, _embedded(texts, self.encoder))
        self.documents += len(documents)
        self.chunks += len(texts)
        self.replaced += sum(d.id in self.known for d in documents)
        self.known.update((d.id, self.index.digest(d)) for d in documents)
        self.waiting, self.waiting_chunks = {}, 0
        self.unflushed += len(texts)
        if self.unflushed >= FLUSH:
            self.index.flush()
            self.unflushed = 0
        self.report_progress(source)

    def report_progress(self, source: str) -> None:
        if self.progress is not None:
            self.progress(
                Progress(
                    source=source,
                    files=self.files,
                    files_total=self.files_total,
                    read=self.read,
                    documents=self.documents,
                    chunks=self.chunks,
                    unchanged=self.unchanged,
                    skipped=self.skips,
                    seconds=time.perf_counter() - self.begin,
                )
            )

    def report(self) -> Report:
        more = self.skips - len(self.skipped)
        rest = [Skipped(source="", place="", reason=f"and {more} more")] if more else []
        return Report(
            documents=self.documents,
            chunks=self.chunks,
            unchanged=self.unchanged,
            replaced=self.replaced,
            removed=self.removed,
            skipped=(*self.skipped, *rest),
            seconds=time.perf_counter() - self.begin,
            skips=self.skips,
        )


def _embedded(texts: list[str], encoder: Encoder) -> Vectors:
    """float32 (n, dim). Texts of like length go together, so that little is spent on padding."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    for start in range(0, len(order), GROUP):
        some = order[start : start + GROUP]
        vectors[some] = encoder.embed_documents([texts[i] for i in some])
    return vectors
