"""Files into the index, through real readers, interrupted in every way."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.errors import FormatError, InputError, StoreError
from assistant.index.store import Index, open_index
from assistant.types import Record, Removed
from ingest import run
from ingest.run import Progress, ingest

ENCODER = HashEncoder(32)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with open_index(Settings(index=tmp_path / "index"), ENCODER, create=True) as made:
        yield made


def corpus(folder: Path, texts: dict[str, str], name: str = "corpus.jsonl") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"_id": i, "title": f"Note {i}", "text": text}) for i, text in texts.items()]
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return folder / name


def test_new_unchanged_changed_and_gone(index: Index, tmp_path: Path) -> None:
    file = corpus(tmp_path / "lib", {"1": "Aspirin.", "2": "Heparin.", "3": "Insulin."})
    first = ingest([file], index, ENCODER)
    assert (first.documents, first.chunks, first.replaced, first.unchanged, first.skipped) == (3, 3, 0, 0, ())
    again = ingest([file.parent], index, ENCODER)
    assert (again.documents, again.chunks, again.unchanged) == (0, 0, 3)
    corpus(tmp_path / "lib", {"1": "Aspirin.", "2": "Warfarin."})
    third = ingest([file], index, ENCODER)
    assert (third.documents, third.replaced, third.unchanged, third.removed) == (1, 1, 1, 0)
    assert sorted(index.known()) == ["lib:1", "lib:2", "lib:3"]
    assert [h.chunk.document_id for h in index.search_bm25("warfarin", 5)] == ["lib:2"]
    assert index.search_bm25("heparin", 5) == []


def test_what_is_indexed_is_the_passage(index: Index, tmp_path: Path) -> None:
    ingest([corpus(tmp_path / "lib", {"1": "Aspirin."})], index, ENCODER)
    (hit,) = index.search_bm25("note", 5)  # a word of the title
    expected = ENCODER.embed_documents(["Note 1\nAspirin."])
    assert index.vectors([hit.chunk.id]) == pytest.approx(expected, abs=1e-6)


def test_a_long_document_and_long_groups(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "GROUP", 4)
    monkeypatch.setattr(run, "FLUSH", 10)
    sentence = "The dose of number {} was given to the patients of the trial in the morning. "
    texts = {str(n): "".join(sentence.format(n * 100 + i) for i in range(n * 9 % 40 + 1)) for n in range(9)}
    seen: list[Progress] = []
    report = ingest([corpus(tmp_path / "lib", texts)], index, ENCODER, progress=seen.append)
    assert report.documents == 9
    assert report.chunks == len(index) > 20
    for hit in index.hits():
        text = texts[hit.chunk.document_id.partition(":")[2]].strip()
        assert text[hit.chunk.start : hit.chunk.end] == hit.chunk.text
    assert index.vectors([h.chunk.id for h in index.hits()]).shape == (report.chunks, 32)
    assert seen[-1].documents == seen[-1].read == 9
    assert (seen[-1].files, seen[-1].files_total) == (1, 1)
    assert [p.chunks for p in seen] == sorted(p.chunks for p in seen)
    assert seen[-1].rate > 0


def test_the_same_id_twice_the_last_wins(index: Index, tmp_path: Path) -> None:
    corpus(tmp_path / "a" / "lib", {"1": "Aspirin."})
    corpus(tmp_path / "b" / "lib", {"1": "Heparin."})
    report = ingest([tmp_path / "a", tmp_path / "b"], index, ENCODER)
    assert (report.documents, report.replaced) == (2, 1)
    assert [h.chunk.text for h in index.hits()] == ["Heparin."]


def test_limit(index: Index, tmp_path: Path) -> None:
    file = corpus(tmp_path / "lib", {str(n): f"Text {n}." for n in range(9)})
    assert ingest([file], index, ENCODER, limit=4).documents == 4
    report = ingest([file], index, ENCODER, limit=4)
    assert (report.documents, report.unchanged) == (0, 4)


def test_one_bad_file_in_a_folder_costs_nothing_else(index: Index, tmp_path: Path) -> None:
    good = corpus(tmp_path / "lib", {"1": "Aspirin.", "2": "Heparin."})
    (tmp_path / "lib" / "a-noise.bin").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "lib" / "empty.xml").write_bytes(b"")
    (tmp_path / "lib" / "cut.jsonl.gz").write_bytes(gzip.compress(good.read_bytes() * 50)[:-20])
    (tmp_path / "lib" / ".hidden.jsonl").write_bytes(good.read_bytes())
    (tmp_path / "lib" / ".git").mkdir()
    (tmp_path / "lib" / ".git" / "notes.md").write_text("# hidden")
    (tmp_path / "lib" / "z.md").write_text("# Notes\n\nMetformin first.\n")
    report = ingest([tmp_path / "lib", tmp_path / "missing"], index, ENCODER)
    texts = {h.chunk.text for h in index.hits()}
    assert {"Aspirin.", "Heparin.", "Metformin first."} <= texts
    assert not any("hidden" in t for t in texts)
    named = {Path(s.source).name for s in report.skipped}
    assert named >= {"a-noise.bin", "empty.xml", "cut.jsonl.gz", "missing"}
    assert all(s.reason and "\n" not in s.reason for s in report.skipped)
    assert report.skips == len(report.skipped)


def test_where_nothing_is_usable_the_first_error_is_raised(index: Index, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        ingest([tmp_path / "missing"], index, ENCODER)
    (tmp_path / "empty.xml").write_bytes(b"")
    with pytest.raises(FormatError, match="empty"):
        ingest([tmp_path / "empty.xml"], index, ENCODER)
    with pytest.raises(InputError, match="unknown format 'docx'"):
        ingest([corpus(tmp_path / "lib", {"1": "Aspirin."})], index, ENCODER, format="docx")
    empty = tmp_path / "nothing"
    empty.mkdir()
    with pytest.raises(InputError, match="no files"):
        ingest([empty], index, ENCODER)
    assert ingest([], index, ENCODER).documents == 0


def test_a_bug_in_a_reader_is_a_named_skip(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = run.read

    def broken(path: Path, format: str) -> Iterator[Record]:  # noqa: A002
        if path.name == "b.jsonl":
            raise ZeroDivisionError("division by zero")
        return real(path, format)

    monkeypatch.setattr(run, "read", broken)
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        corpus(tmp_path / "lib", {name: "Aspirin."}, name)
    report = ingest([tmp_path / "lib"], index, ENCODER)
    assert report.documents == 2
    assert [s.reason for s in report.skipped] == ["ZeroDivisionError: division by zero"]


def test_a_withdrawn_document_goes(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = corpus(tmp_path / "lib", {"1": "Aspirin.", "2": "Heparin."})
    real = run.read

    def withdrawing(path: Path, format: str) -> Iterator[Record]:  # noqa: A002
        yield from real(path, format)
        yield Removed(document_id="lib:1", source=str(path))
        yield Removed(document_id="lib:99", source=str(path))

    monkeypatch.setattr(run, "read", withdrawing)
    report = ingest([file], index, ENCODER)
    assert (report.documents, report.removed) == (2, 1)
    assert list(index.known()) == ["lib:2"]


def test_many_skipped_are_counted_and_not_all_named(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LISTED", 3)
    file = corpus(tmp_path / "lib", {"1": "Aspirin."})
    with file.open("a") as out:
        out.write('{"_id": "x"}\n' * 10)
    report = ingest([file], index, ENCODER)
    assert report.skips == 10
    assert [s.reason for s in report.skipped[3:]] == ["and 7 more"]


def test_an_interrupt_keeps_what_was_written(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "GROUP", 2)
    file = corpus(tmp_path / "lib", {str(n): f"Text {n}." for n in range(9)})

    def stop(progress: Progress) -> None:
        if progress.documents >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="4 documents were written and are kept"):
        ingest([file], index, ENCODER, progress=stop)
    assert len(index.known()) == 4
    assert index.manifest.clean
    report = ingest([file], index, ENCODER)
    assert (report.documents, report.unchanged, report.replaced) == (5, 4, 0)


def test_a_full_disk_in_the_middle(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "GROUP", 2)
    file = corpus(tmp_path / "lib", {str(n): f"Text {n}." for n in range(9)})
    add = index.add

    def full(*arguments: object) -> None:
        if len(index) >= 4:
            raise StoreError("no room")
        add(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(index, "add", full)
    with pytest.raises(StoreError, match="no room"):
        ingest([file], index, ENCODER)
    monkeypatch.undo()
    assert ingest([file], index, ENCODER).unchanged == 4


CHILD = """
import sys, time
from pathlib import Path
from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.index.store import open_index
from ingest import run
run.GROUP = 20
def show(progress):
    print(progress.documents, flush=True)
    time.sleep(0.02)
index = open_index(Settings(index=Path(sys.argv[1])), HashEncoder(32), create=True)
run.ingest([Path(sys.argv[2])], index, HashEncoder(32), progress=show)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
@pytest.mark.parametrize("version", ["new", "replacing"])
def test_kill_9_loses_nothing_that_was_reported(tmp_path: Path, version: str) -> None:
    texts = {
        str(n): f"Aspirin text {n}. " + "A further sentence on the dose. " * (n % 30) for n in range(400)
    }
    file = corpus(tmp_path / "lib", texts)
    place = Settings(index=tmp_path / "index")
    if version == "replacing":
        with open_index(place, ENCODER, create=True) as index:
            ingest([file], index, ENCODER)
        corpus(tmp_path / "lib", {i: "Changed. " + text[: len(text) // 2] for i, text in texts.items()})
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(place.index), str(file)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert child.stdout is not None
    with child.stdout:
        reported = 0
        while reported < 100:
            reported = int(child.stdout.readline())
        time.sleep(0.01)  # into the next group
        child.kill()
        reported = max([reported, *map(int, child.stdout.read().split())])
    assert child.wait() == -signal.SIGKILL
    assert reported < 400
    with open_index(place, ENCODER) as index:
        if version == "new":
            assert len(index.known()) >= reported
        report = ingest([file], index, ENCODER)
        assert report.documents + report.unchanged == 400
        assert report.unchanged >= reported
        assert report.replaced == (0 if version == "new" else report.documents)
        after = [(h.chunk.id, h.chunk.text) for h in index.hits()]
        manifest = index.manifest
    with open_index(Settings(index=tmp_path / "fresh"), ENCODER, create=True) as fresh:
        ingest([file], fresh, ENCODER)
        assert sorted(after) == sorted((h.chunk.id, h.chunk.text) for h in fresh.hits())
        assert (manifest.content, manifest.tokens, manifest.chunks, manifest.documents) == (
            fresh.manifest.content, fresh.manifest.tokens, fresh.manifest.chunks, 400,
        )  # fmt: skip
