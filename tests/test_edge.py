"""The embedded index: who holds it, what a crash leaves, and what is refused as damaged."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant.config import Settings
from assistant.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing, StoreError
from assistant.index import edge, holder
from assistant.index.edge import Edge
from assistant.index.store import open_index
from tests.index_parts import ENCODER, add, document, ids


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with open_index(Settings(index=folder), ENCODER, create=True) as index:
        add(index, document("a:1", "aspirin"), document("a:2", "heparin", "insulin"))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of `made`, as sparse as it is: its files are 32 MB each and nearly empty."""
    copy = tmp_path / "index"
    for path in made.rglob("*"):
        if path.is_file():
            target = copy / path.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes().rstrip(b"\0"))
            os.truncate(target, path.stat().st_size)
    return copy


def test_a_second_process_is_told_who_holds_it(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from assistant.config import Settings\n"
        "from assistant.index.store import open_index\n"
        f"index = open_index(Settings(index=Path({str(folder)!r})))\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdin is not None
    with other.stdin, other.stdout:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(IndexBusy, match=rf"held by pid {other.pid}: "):
            open_index(Settings(index=folder))
        other.send_signal(signal.SIGKILL)
        other.wait()
    with open_index(Settings(index=folder)) as index:  # the killed one's note is still there, its lock is not
        assert len(index) == 3


def test_the_holder_is_told_without_the_question(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/bin/assistant", "ask", "Is Mrs Miller, 81, pregnant?"])
    with open_index(Settings(index=folder)):
        assert holder.who(folder / holder.NAME) == f"pid {os.getpid()}: assistant ask"
    monkeypatch.setattr(sys, "argv", ["assistant", "Is Mrs Miller pregnant?"])
    assert holder.command() == "assistant"
    (folder / holder.NAME).write_text("{")
    assert holder.who(folder / holder.NAME) == "another process"


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="assistant ingest PATH"):
        open_index(Settings(index=tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("notes")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match="file"):
            open_index(Settings(index=path), ENCODER, create=True)
    assert (tmp_path / "file").read_text() == "notes"


def test_a_folder_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)  # for root no folder is read-only
        with pytest.raises(StoreError, match=r"cannot write there \(Permission denied\)"):
            open_index(Settings(index=folder))
    open_index(Settings(index=folder)).close()


def test_a_full_disk_stops_the_write_and_the_index_opens_afterwards(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_index(Settings(index=folder))
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=edge.ROOM_TO_WRITE - 1))
        with pytest.raises(StoreError, match="127 MB free on this disk, 128 needed: make room"):
            add(index, document("a:3", "warfarin"))
        assert ids(index.search_bm25("aspirin", 5)) == ["a:1"]
        index.close()
        with open_index(Settings(index=folder)) as searched:  # still full
            assert ids(searched.search_bm25("aspirin", 5)) == ["a:1"]
    with open_index(Settings(index=folder)) as again:
        assert sorted(again.known()) == ["a:1", "a:2"]
        add(again, document("a:3", "warfarin"))
        assert len(again) == 4


def test_the_manifest_is_written_whole_or_not(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / "manifest.json").read_text()
    index = open_index(Settings(index=folder))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(json, "dump", full)
        with pytest.raises(StoreError, match=r"manifest\.json: cannot be written: No space left"):
            add(index, document("a:3", "warfarin"))
    assert (folder / "manifest.json").read_text() == before
    index.close()


def _lose(name: str) -> Callable[[Path], None]:
    def lose(folder: Path) -> None:
        path = next(folder.rglob(name))
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return lose


def _cut(name: str) -> Callable[[Path], None]:
    return lambda folder: os.truncate(next(folder.rglob(name)), 0)


DAMAGE = [
    _lose("manifest.json"),
    _cut("manifest.json"),
    _lose("points"),
    _lose("segments"),
    _lose("segment.json"),
    _lose("mutable_id_tracker.mappings"),
    _lose("chunk_0.mmap"),
    _lose("page_0.dat"),
    _cut("chunk_0.mmap"),
    _cut("status.dat"),
    _cut("edge_config.json"),
    lambda folder: next(folder.rglob("segment.json")).write_bytes(b"\xff" * 400) and None,
]


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_damage_is_named_and_nothing_is_made_over_it(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    left = [p for p in folder.rglob("*") if p.is_file() and "segments" in p.parts and "journal" not in p.name]
    for create in (False, True):
        with pytest.raises(IndexDamaged, match=rf"{folder}.*delete {folder} and ingest again") as error:
            open_index(Settings(index=folder), ENCODER, create=create)
        assert "\n" not in str(error.value)
    assert [p for p in left if not p.exists()] == []


def test_fewer_points_than_were_written(folder: Path) -> None:
    file = folder / "manifest.json"
    known = json.loads(file.read_text())
    file.write_text(json.dumps(known | {"chunks": 4}))
    with pytest.raises(IndexDamaged, match="holds 3 passages of 4"):
        open_index(Settings(index=folder))


def test_a_making_that_was_broken_off_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Edge, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            open_index(Settings(index=tmp_path / "i"), ENCODER, create=True)
    with open_index(Settings(index=tmp_path / "i"), ENCODER, create=True) as index:
        assert len(index) == 0


def test_another_tokeniser_and_a_newer_format(folder: Path) -> None:
    file = folder / "manifest.json"
    known = json.loads(file.read_text())
    file.write_text(json.dumps(known | {"tokeniser": "old/0"}))
    with pytest.raises(IndexMismatch, match="tokeniser old/0"):
        open_index(Settings(index=folder))
    file.write_text(json.dumps(known | {"format": 99}))
    with pytest.raises(IndexMismatch, match="format 99"):
        open_index(Settings(index=folder))


def test_it_opens_again_and_again(folder: Path) -> None:
    for n in range(4):
        with open_index(Settings(index=folder)) as index:
            assert len(index) == 3 + n // 2
            assert ids(index.search_bm25("aspirin", 5)) == ["a:1"]
            if n % 2:
                add(index, document(f"b:{n}", "warfarin"))


def test_a_crash_between_the_new_parts_and_the_removal_of_the_old(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_index(Settings(index=folder))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Edge, "delete", killed)
        patched.setattr(type(index), "_delete", killed)
        new = document("a:2", "a longer text on warfarin", "and one on stroke", "a third")
        with pytest.raises(KeyboardInterrupt):
            add(index, new)
    index._engine.close()  # as a kill leaves it: no flush, the manifest says so
    assert json.loads((folder / "manifest.json").read_text())["clean"] is False
    with open_index(Settings(index=folder)) as again:
        assert again.known()["a:2"] == again.digest(new)
        assert [h.chunk.text for h in again.document("a:2")] == [s.text for s in new.sections]
        assert (again.manifest.documents, again.manifest.chunks, again.manifest.clean) == (2, 4, True)
        assert again.search_bm25("insulin", 5) == []


def test_a_document_of_which_parts_are_missing_is_not_known(folder: Path) -> None:
    with open_index(Settings(index=folder)) as index:
        (point, _), *_ = list(index._engine.scroll())
        lost = index._engine.scroll
        document_id = next(p["document"] for i, p in lost() if i == point)
        index._dirty()
        index._engine.delete([point])
        assert document_id not in index.known()
        index.recover()
        assert index.manifest.chunks == 2


def test_a_broken_off_weighing_is_ended_on_opening(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = open_index(Settings(index=folder))
    add(index, document("a:3", "aspirin stroke kidney liver heart lung"))
    wanted = index.manifest.tokens / index.manifest.chunks

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Edge, "reweigh", killed)
        with pytest.raises(KeyboardInterrupt):
            index.flush()
    index._engine.close()
    with open_index(Settings(index=folder)) as again:
        assert again.manifest.average_length == pytest.approx(wanted)
        assert again.manifest.reweighing is None
    with open_index(Settings(index=folder.parent / "fresh"), ENCODER, create=True) as fresh:
        add(
            fresh,
            document("a:1", "aspirin"),
            document("a:2", "heparin", "insulin"),
            document("a:3", "aspirin stroke kidney liver heart lung"),
        )
        expected = [h.scores.bm25 for h in fresh.search_bm25("aspirin liver", 5)]
    with open_index(Settings(index=folder)) as again:
        assert [h.scores.bm25 for h in again.search_bm25("aspirin liver", 5)] == pytest.approx(expected)
