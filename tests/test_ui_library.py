"""Adding, stopping, removing and showing the library; uploads that are bounded and leave nothing behind."""

import asyncio
import gzip
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.config import Settings
from assistant.encoders import HashEncoder, Vectors
from assistant.errors import AssistantError, FormatError, InputError, UsageError
from assistant.index.store import Index, open_index
from assistant.shelf import Shelf, Task
from assistant.turns import TURNS
from assistant.types import Skipped
from ingest.run import Progress, Report
from tests import scripted
from ui import guard, library, uploads
from ui.tabs import library as tab
from ui.tabs import status
from ui.uploads import Uploads, relative

pytestmark = scripted.GRADIO_WARNS

BATCH = "0123456789abcdef" * 2
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;">]><PubmedArticleSet>&c;'
SPIKED = (
    "# <script>document.title='taken'</script> Warfarin\n\n"
    "![track](http://evil.example/x.png)\n\n<table><tr><td onclick='x()'>5 mg</td></tr></table>\n"
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = open_index(Settings(index=tmp_path / "index"), HashEncoder(16), create=True)
    with made:
        yield made


@pytest.fixture
def shelf(index: Index) -> Iterator[Shelf]:
    made = Shelf(index, HashEncoder(16))
    yield made
    made.close()


def ended(shelf: Shelf) -> Task:
    assert shelf._thread is not None
    shelf._thread.join(20)
    assert shelf.task is not None
    assert shelf.task.state != "running"
    return shelf.task


def notes(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    return folder


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


def sent(kept: Uploads, name: str, *given: bytes, batch: str = BATCH) -> int:
    return asyncio.run(kept.take(batch, name, pieces(*given)))


def test_a_folder_comes_in_is_found_by_title_and_goes_again(shelf: Shelf, tmp_path: Path) -> None:
    changed: list[int] = []
    shelf._changed = lambda: changed.append(shelf.about.documents)
    folder = notes(tmp_path / "notes", a="# Warfarin\n\nGive less.\n", b="# Aspirin\n\nGive more.\n")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01")
    shelf.add([folder], "Adding notes")
    done = ended(shelf)
    assert (done.state, shelf.about.documents, set(changed)) == ("done", 2, {2})
    assert done.report is not None
    assert [Path(s.source).name for s in done.report.skipped] == ["picture.png"]
    assert "not a format I can read" in library.task(done)
    assert [s.metadata.title for s in shelf.sources()] == ["Aspirin", "Warfarin"]
    assert shelf.sources() is shelf.sources(), "kept until the index changes"
    [aspirin] = library.matching(shelf.sources(), "ASP")
    assert shelf.remove(aspirin.key) == "Aspirin"
    assert shelf.remove(aspirin.key) == ""
    assert ([s.metadata.title for s in shelf.sources()], changed[-1]) == (["Warfarin"], 1)


def test_reading_again_takes_changed_files_and_counts_those_that_are_gone(
    shelf: Shelf, tmp_path: Path
) -> None:
    folder = notes(tmp_path / "notes", a="# One\n\nFirst words.\n", b="# Two\n\nOther words.\n")
    shelf.add([folder], "Adding")
    ended(shelf)
    (folder / "a.md").write_text("# One\n\nNew words.\n", "utf-8")
    (folder / "b.md").unlink()
    shelf.refresh()
    done = ended(shelf)
    assert done.report is not None
    assert (done.report.replaced, done.gone, shelf.about.documents) == (1, 1, 2)
    assert "1 file not on this machine any more" in library.task(done)
    (folder / "a.md").unlink()
    with pytest.raises(UsageError, match="none of the files"):
        shelf.refresh()


class Slow(HashEncoder):
    """Waits at each batch until it is let go on."""

    def __init__(self) -> None:
        super().__init__(16)
        self.reached, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def embed_documents(self, texts: Any) -> Vectors:
        self.reached.release()
        assert self.go.acquire(timeout=20)
        return super().embed_documents(texts)


def test_a_question_goes_between_two_small_batches_and_stop_keeps_what_is_written(
    index: Index, tmp_path: Path
) -> None:
    slow = Slow()
    shelf = Shelf(index, slow)
    text = "\n\n".join(f"# Part {n}\n\nWords of part {n}.\n" for n in range(40))
    shelf.add([notes(tmp_path / "notes", a=text)], "Adding")
    assert slow.reached.acquire(timeout=20)
    with pytest.raises(UsageError, match="being changed"):
        shelf.add([tmp_path], "Another")
    asked = threading.Event()

    def ask() -> None:
        with TURNS.computing(TURNS.place()):
            asked.set()

    asker = threading.Thread(target=ask)
    asker.start()
    assert not asked.wait(0.05), "a batch is under way"
    slow.go.release()
    assert asked.wait(20), "the document has more batches, and the question did not wait for them"
    asker.join()
    assert slow.reached.acquire(timeout=20)
    shelf.stop()
    slow.go.release()
    assert ended(shelf).state == "stopped"
    assert shelf.task is not None
    assert "Stopped. 0 documents added and kept" in library.task(shelf.task)
    assert not slow.reached.acquire(blocking=False)
    shelf.add([notes(tmp_path / "more", b="# B\n\nWords.\n")], "Adding")
    slow.go.release()
    assert ended(shelf).state == "done"


def test_a_failure_is_one_line_and_the_next_one_can_begin(shelf: Shelf, tmp_path: Path) -> None:
    over: list[str] = []
    shelf.add([tmp_path / "none.pdf"], "Adding", after=lambda: over.append("after"))
    done = ended(shelf)
    assert done.state == "failed"
    assert (str(tmp_path / "none.pdf") in done.problem, over) == (True, ["after"])
    shelf.add([notes(tmp_path / "notes", a="# A\n\nWords.\n")], "Adding")
    assert ended(shelf).state == "done"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from(["..", ".", "a", "", "b.md", "C:"])).map("/".join))
def test_a_name_never_leads_out_of_its_folder(name: str) -> None:
    try:
        path = relative(name)
    except InputError:
        return
    assert not path.is_absolute()
    assert path.parts
    assert not {"..", ".", ""} & set(path.parts)
    assert not any(part.startswith(".") or "\\" in part or "\0" in part for part in path.parts)
    assert all(len(part.encode()) <= 255 for part in path.parts)


def test_traversal_and_hidden_names() -> None:
    assert relative("../../etc/passwd") == Path("etc/passwd")
    assert relative("..\\..\\boot.ini") == Path("boot.ini")
    assert relative("/a/./b/../c.xml") == Path("a/b/c.xml")
    long = relative("x" * 400 + ".xml").name
    assert long.endswith("x.xml")
    for hidden in (".ssh/id", "a/.git/config", "..", "/", ""):
        with pytest.raises(InputError):
            relative(hidden)


def test_what_is_sent_is_told_by_its_content_and_leaves_nothing(tmp_path: Path) -> None:
    kept = Uploads(tmp_path / "up")
    assert sent(kept, "a/notes.exe", b"# Title\n", b"\nWords of a note.\n") == 26
    for name, data in (("a.pdf", b"\x7fELF\x02\x01\x01\0\0\0"), ("b.md", b"\0\1\2\3" * 99), ("c.xml", b"")):
        with pytest.raises(FormatError):
            sent(kept, name, data)
    with pytest.raises(FormatError, match="these are: PubMed XML"):
        sent(kept, "page.html", b"<!DOCTYPE html><html><body>Hello</body></html>")
    with pytest.raises(InputError, match="32 hexadecimal"):
        sent(kept, "a.md", b"x", batch="../" + "0" * 29)
    folder, count = kept.begin(BATCH)
    assert count == 1
    assert [p.name for p in folder.rglob("*") if p.is_file()] == ["notes.exe"]
    assert kept.begin(BATCH)[1] == 0, "once only"
    kept.end()
    assert not list(kept.folder.rglob("*"))


def test_bounds_of_size_number_and_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 40)
    monkeypatch.setattr(uploads, "LARGEST_BATCH", 100)
    monkeypatch.setattr(uploads, "MOST", 4)
    monkeypatch.setattr(uploads, "BATCHES", 2)
    now = [0.0]
    kept = Uploads(tmp_path / "up", lambda: now[0])
    with pytest.raises(UsageError, match="larger"):
        sent(kept, "big.txt", *[b"some words "] * 4)
    assert not [p for p in kept.folder.rglob("*") if p.is_file()]
    for n in range(3):
        sent(kept, f"{n}.txt", b"some words and more to fill " + str(n).encode())
    with pytest.raises(UsageError, match="at once"):
        sent(kept, "3.txt", b"some words and more to fill it")
    sent(kept, "4.txt", b"words")
    with pytest.raises(UsageError, match="more than 4 files"):
        sent(kept, "5.txt", b"words")
    sent(kept, "a.txt", b"words", batch="b" * 32)
    with pytest.raises(UsageError, match="too many people"):
        sent(kept, "a.txt", b"words", batch="c" * 32)
    now[0] = 3601.0
    sent(kept, "a.txt", b"words", batch="c" * 32)
    assert kept.begin(BATCH)[1] == 0, "forgotten"
    kept.close()
    assert not kept.folder.exists()


def test_bombs_are_skipped_with_their_reason_and_the_rest_is_added(shelf: Shelf, tmp_path: Path) -> None:
    kept = Uploads(tmp_path / "up")
    sent(kept, "bomb.xml", BOMB)
    sent(kept, "bomb.txt.gz", gzip.compress(b"0 1 2 3\n" * (12 << 20), 9))
    sent(kept, "good.md", b"# Good\n\nGood words.\n")
    tab.take(shelf, kept, BATCH, (Skipped(source="x.exe", place="", reason="not a format"),))
    done = ended(shelf)
    assert (done.state, shelf.about.documents) == ("done", 1)
    shown = library.task(done, str(kept.taken))
    assert "3 skipped" in shown
    assert str(tmp_path) not in shown
    for name in ("bomb.xml", "bomb.txt.gz", "x.exe"):
        assert name in shown
    assert not kept.taken.exists()
    with pytest.raises(UsageError, match="nothing was added"):
        tab.take(shelf, kept, BATCH, tab.refusals([{"name": "y.exe", "reason": "no"}, 7]))


def test_the_same_file_sent_again_is_the_same_source(shelf: Shelf, tmp_path: Path) -> None:
    kept = Uploads(tmp_path / "up")
    for text, expected in ((b"# A\n\nOne.\n", 0), (b"# A\n\nOne.\n", 0), (b"# A\n\nTwo.\n", 1)):
        sent(kept, "dir/a.md", text)
        tab.take(shelf, kept, BATCH, ())
        report = ended(shelf).report
        assert report is not None
        assert (report.replaced, shelf.about.documents) == (expected, 1)


def test_what_a_document_says_of_itself_stays_text(shelf: Shelf, tmp_path: Path) -> None:
    line = "x" * (1 << 20)
    shelf.add([notes(tmp_path / "n", a=SPIKED, b=f"# {line}\n\n{line} words.\n")], "Adding <b>")
    shown = library.task(Task(what="Adding <b>")) + library.task(ended(shelf))
    shown += library.listing(shelf.sources(), "", 0)
    assert "\n" not in shown
    assert len(shown) < 20_000
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "Adding &lt;b&gt;" in shown


def test_a_page_of_titles_at_a_time(shelf: Shelf, tmp_path: Path) -> None:
    shelf.add([notes(tmp_path / "n", **{f"n{n:02}": f"# Note {n:02}\n\nWords.\n" for n in range(60)})], "A")
    ended(shelf)
    first, last = library.listing(shelf.sources(), "", 0), library.listing(shelf.sources(), "", 99)
    assert "1 to 25 of 60 documents" in first
    assert "51 to 60 of 60 documents" in last
    assert ("do-page n-1" in first, "Previous" in first, "Next" in last) == (True, False, False)
    assert "1 to 1 of 1 document<" in library.listing(shelf.sources(), "note 07", 0)
    assert "No title has all" in library.listing(shelf.sources(), "note absent", 0)
    assert "Nothing is in the library yet" in library.listing((), "", 0)


def test_the_age_of_what_is_known_of_retractions(index: Index) -> None:
    assert "none: retractions are known only" in library.about(index.manifest)
    before = datetime.now(UTC) - timedelta(days=40)
    known = replace(index.manifest, retraction_snapshot=before.isoformat())
    assert "40 days old" in library.about(known) or "41 days old" in library.about(known)  # at midnight


def test_progress_says_how_far_how_fast_and_how_long() -> None:
    at = Progress(
        source="a",
        files=3,
        files_total=12,
        read=240,
        documents=200,
        chunks=512,
        unchanged=5,
        skipped=2,
        seconds=20,
    )
    shown = library.task(Task(what="Adding 12 files", progress=at, encoded=16))
    for words in ("3 of 12 files", "12.0 a second", "528 passages", "2 skipped", "about 60 s left", "▮▮▮▮▮▯"):
        assert words in shown
    report = Report(documents=1, chunks=1, unchanged=0, replaced=0, removed=0, skipped=(), seconds=1, skips=0)
    assert "1 document added as 1 passage." in library.task(Task(what="A", state="done", report=report))


def test_a_path_of_this_machine_is_whole_and_there(tmp_path: Path) -> None:
    assert tab.local(f' "{tmp_path}" ') == tmp_path
    for wrong in ("", "notes", str(tmp_path / "none")):
        with pytest.raises(AssistantError):
            tab.local(wrong)


# over HTTP


def post(url: str, data: bytes, name: str = "a.md", **headers: str) -> tuple[int, str]:
    query = urllib.parse.urlencode({"batch": BATCH, "name": name})
    request = urllib.request.Request(f"{url}library/upload?{query}", data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_uploads_over_http(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 3 << 20)
    kept = Uploads(tmp_path / "up")
    with scripted.running(
        scripted.ask, lambda: scripted.CARD, shelf=shelf, uploads=kept, password="a long password"
    ) as url:
        assert post(url, b"# A\n\nWords.\n") == (401, "Log in first")
        form = urllib.parse.urlencode({"username": "anna", "password": "a long password"}).encode()
        with urllib.request.urlopen(url + "login", data=form, timeout=20) as reply:
            cookies = reply.headers.get_all("set-cookie") or []
        cookie = next(c for c in cookies if c.startswith("access-token-unsecure")).split(";")[0]
        assert post(url, b"# A\n\nWords.\n", Cookie=cookie) == (200, "12")
        assert post(url, b"words " * (300 << 10), "mid.txt", Cookie=cookie)[0] == 200, "over a usual body"
        large = {"Content-Length": str((3 << 20) + 1)}  # what comes after the headers is not even read
        assert post(url, b"x", Cookie=cookie, **large) == (413, "larger than 3 MiB")
        assert post(url, b"other words", "a.md", Cookie=cookie)[0] == 400, "the first one stays"
        assert post(url, b"\x7fELF\0\0\0", "b.md", Cookie=cookie)[0] == 415
        assert post(url, b"words", "../../../.x", Cookie=cookie) == (400, "a hidden file")
        assert post(url, b"words", Cookie=cookie, Origin="http://evil.example")[0] == 403
        with pytest.raises(urllib.error.HTTPError) as got:
            urllib.request.urlopen(f"{url}library/upload", timeout=20)
        got.value.close()
        assert got.value.code in (404, 405), "nothing is served back"
    assert sorted(p.name for p in kept.folder.rglob("*") if p.is_file()) == ["a.md", "mid.txt"]


def test_a_length_is_looked_at_before_anything_is_read() -> None:
    from starlette.datastructures import Headers

    assert guard.fits(Headers({}), 40), "a stream, which is counted as it comes"
    for length, fits in (("40", True), ("41", False), ("9" * 40, False), ("-1", False), ("4 0", False)):
        assert guard.fits(Headers({"content-length": length}), 40) == fits


# status

REPORT: dict[str, Any] = {
    "index": {
        "place": "/data/index",
        "documents": 62,
        "chunks": 187,
        "encoder": "minilm@abc",
        "updated": "2026-11-21T09:30:00+00:00",
        "retraction_snapshot": None,
    },
    "models": [
        {
            "id": "medcpt",
            "kind": "cross-encoder",
            "domain": "biomedical",
            "hub": "a/b",
            "installed": None,
            "problem": "",
            "precision": "",
        },
        {
            "id": "minilm",
            "kind": "cross-encoder",
            "domain": "",
            "hub": "c/d",
            "installed": "/models/minilm",
            "problem": "",
            "precision": "float32",
        },
    ],
    "egress": [],
    "audit": None,
    "settings": {"reranker": {"value": "auto", "from": "default"}},
    "versions": {"assistant": "1.0"},
    "history": None,
}


def test_status_when_all_is_well() -> None:
    shown = status.page(REPORT)
    for words in (
        "Nothing is degraded",
        "No service may be called",
        "off: no answer is recorded",
        "62 documents",
    ):
        assert words in shown
    assert "assistant models pull medcpt" in shown
    assert "\n" not in shown


def test_status_names_what_is_degraded_with_its_remedy_and_shows_no_key() -> None:
    values = {
        "reranker": "medcpt",
        "generator": "llm",
        "llm_url": "https://llm.example/v1?k=<b>",
        "llm_api_key": "set",
        "cohere_api_key": "sk-should-never-stand-here",
    }
    given = {name: {"value": value, "from": "option"} for name, value in values.items()}
    broken = {**REPORT["models"][1], "problem": "config.json differs"}
    report = {**REPORT, "settings": given, "models": [REPORT["models"][0], broken], "egress": ["cohere"]}
    mends = dict(status.mends(report))
    assert mends["minilm: config.json differs"] == "assistant models pull minilm"
    assert mends["llm is chosen and may not be called"] == "export ASSISTANT_EGRESS=cohere,llm"
    assert "assistant models pull medcpt" in mends.values()
    shown = status.page(report)
    assert "3 things are not as they should be" in shown
    assert "sk-should" not in shown
    allowed = status.page({**report, "egress": ["llm"]})
    assert "llm.example; in use; key set" in allowed
    here = {**given, "llm_url": {"value": "http://127.0.0.1:11434/v1", "from": "option"}}
    assert "llm" not in str(status.mends({**report, "settings": here})), "nothing leaves"
