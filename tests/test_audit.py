"""The record of answers: what stands in it, that a change of any byte is found, and that it never kills."""

import json
import multiprocessing
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.audit import Audit, Log, check
from assistant.audit.chain import files, parse, read_head
from assistant.cli import app
from assistant.config import load
from assistant.errors import AuditError, InputError
from assistant.types import Answer, Egress, Scores, Sentence
from rerankers.base import WordOverlap
from tests.build import evidence

QUESTION = "Can metformin be continued at an eGFR of 28?"
WORDS = "Metformin is stopped below an eGFR of 30."


def said(**more: object) -> Answer:
    found = evidence(WORDS)
    hit = replace(found[0].hit, scores=Scores(bm25=3.5, rerank=0.25))
    return Answer(
        question=QUESTION,
        status="answered",
        sentences=(Sentence(text=WORDS, citations=(1,), verdict="supported", reasons=(WORDS,)),),
        evidence=(replace(found[0], hit=hit),),
        ranked_by="overlap",
        degraded=("medcpt is not installed",),
        egress=(Egress(service="cohere", what="question and passages"),),
        timings_ms={"searching": 1.26},
        versions={"encoder": "hash@1", "index_content": "ab"},
        **more,  # type: ignore[arg-type]
    )


def log(folder: Path, **more: int) -> Log:
    return Log(folder, version="0.1.0", **more)


def filled(folder: Path, count: int = 6, **more: int) -> Path:
    made = log(folder, **more)
    for i in range(count):
        made.append({"event": "answer", "i": i})
    return folder


def places(folder: Path) -> list[tuple[str, int]]:
    return [(p.file, p.line) for p in check(folder).problems]


def first(folder: Path) -> Path:
    return files(folder)[0]


def test_a_record_says_what_the_answer_rests_on_and_no_word_of_it(tmp_path: Path) -> None:
    done = Audit(log=log(tmp_path / "a")).recorded(said(), WordOverlap())
    assert done == said()
    genesis, line = first(tmp_path / "a").read_text().splitlines()
    begun = json.loads(genesis)["record"]
    assert (begun["event"], begun["format"], begun["assistant"]) == ("genesis", "audit/1", "0.1.0")
    record = json.loads(line)["record"]
    assert record["status"] == "answered"
    assert record["evidence"][0]["chunk_id"] == "file:1#0:0-41"
    assert (record["evidence"][0]["scores"]["bm25"], record["evidence"][0]["scores"]["rerank"]) == (3.5, 0.25)
    assert record["reranker"] == {"asked": "overlap", "revision": "", "ranked_by": "overlap"}
    assert record["sentences"][0]["verdict"] == "supported"
    assert record["sentences"][0]["citations"] == [1]
    assert record["degraded"] == ["medcpt is not installed"]
    assert record["egress"] == [{"service": "cohere", "what": "question and passages"}]
    assert record["timings_ms"] == {"searching": 1.3}
    assert record["versions"] == {"encoder": "hash@1", "index_content": "ab"}
    everything = "".join(p.read_bytes().decode("latin-1") for p in (tmp_path / "a").iterdir())
    assert "metformin" not in everything.lower()
    assert "eGFR" not in everything


def test_the_question_is_known_again_by_who_has_the_key_alone(tmp_path: Path) -> None:
    one, other = log(tmp_path / "a"), log(tmp_path / "b")
    assert one.keyed(QUESTION) == log(tmp_path / "a").keyed(QUESTION)
    assert one.keyed(QUESTION) != other.keyed(QUESTION)
    assert one.keyed(QUESTION) != one.keyed(QUESTION + " ")


def test_audit_text_writes_the_words(tmp_path: Path) -> None:
    Audit(log=log(tmp_path), text=True).recorded(said(note="a note"), WordOverlap())
    record = json.loads(first(tmp_path).read_text().splitlines()[1])["record"]
    assert record["question"]["text"] == QUESTION
    assert record["sentences"][0]["text"] == WORDS
    assert record["sentences"][0]["reasons"] == [WORDS]
    assert record["note"] == "a note"


def test_an_untouched_log_holds_over_files_and_processes(tmp_path: Path) -> None:
    filled(tmp_path, 20, largest=600)
    more = log(tmp_path, largest=600)
    digest = more.append({"event": "answer", "text": "Größe \ud800 \u2028 \n {}"})
    found = check(tmp_path)
    assert found.problems == ()
    assert found.records == 22
    assert found.files > 3
    assert found.head == digest
    assert check(tmp_path, digest).problems == ()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_found(tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "log"
    if not folder.exists():
        filled(folder, 4, largest=700)
    path = data.draw(st.sampled_from([*files(folder), folder / "head.json"]))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    new = data.draw(st.integers(0, 255).filter(lambda b: b != whole[at]))
    try:
        path.write_bytes(whole[:at] + bytes([new]) + whole[at + 1 :])
        assert path.name in {p.file for p in check(folder).problems}
        path.write_bytes(whole[:at] + whole[at + 1 :])
        assert check(folder).problems
        path.write_bytes(whole[:at] + bytes([new]) + whole[at:])
        assert check(folder).problems or bytes([new]) + whole[at:] == whole[at:] + bytes([new])
    finally:
        path.write_bytes(whole)


def lines_of(folder: Path) -> list[bytes]:
    return first(folder).read_bytes().splitlines(keepends=True)


def test_a_changed_record_is_named_with_its_line_alone(tmp_path: Path) -> None:
    lines = lines_of(filled(tmp_path))
    lines[3] = lines[3].replace(b'"i":2', b'"i":7')
    first(tmp_path).write_bytes(b"".join(lines))
    assert places(tmp_path) == [("000001.jsonl", 4)]
    assert "record 3 was changed" in check(tmp_path).problems[0].reason


def test_removed_reordered_inserted_and_truncated(tmp_path: Path) -> None:
    lines = lines_of(filled(tmp_path))

    def found(*kept: bytes) -> list[str]:
        first(tmp_path).write_bytes(b"".join(kept))
        return [f"{p.line}: {p.reason}" for p in check(tmp_path).problems]

    a, b, c, d, e, f, g = lines
    assert found(*lines) == []
    (gone,) = found(a, b, d, e, f, g)
    assert gone.startswith("3: record 2 is missing before this line")
    (gone,) = found(d, e, f, g)
    assert gone.startswith("1: records 0 to 2 are missing")
    swapped = found(a, b, d, c, e, f, g)
    assert [line.split(":")[0] for line in swapped] == ["3", "4", "5"]
    assert found(a, b, b, c, d, e, f, g)[0].startswith("3: record 1 stands here again")
    assert "records 5 to 6 are missing at the end" in found(a, b, c, d, e)[0]
    assert "7: not a record" in found(a, b, c, d, e, f, g[:40])[0]
    assert found(a, b, c, d, e, f, g[:-1])
    foreign = lines_of(filled(tmp_path / "other"))
    assert found(a, b, c, foreign[3], e, f, g)[0].startswith("4: record 3 does not follow")


def test_a_forged_record_in_place_of_one_is_found(tmp_path: Path) -> None:
    """Well formed, with a right digest of its own: the next one names another."""
    from assistant.audit.chain import written

    lines = lines_of(filled(tmp_path))
    old = parse(lines[3].removesuffix(b"\n"))
    assert old is not None
    lines[3] = written(old.n, old.previous, {"event": "answer", "i": 99})[0]
    first(tmp_path).write_bytes(b"".join(lines))
    assert places(tmp_path) == [("000001.jsonl", 5)]
    lines = [*lines_of(filled(tmp_path / "b"))]
    last = parse(lines[6].removesuffix(b"\n"))
    assert last is not None
    lines[6] = written(last.n, last.previous, {"event": "answer", "i": 99})[0]
    first(tmp_path / "b").write_bytes(b"".join(lines))
    assert places(tmp_path / "b") == [("head.json", 0)]


def test_a_file_in_the_middle_and_at_the_end(tmp_path: Path) -> None:
    filled(tmp_path, 12, largest=500)
    there = files(tmp_path)
    shutil.copytree(tmp_path, tmp_path / "copy")
    files(tmp_path / "copy")[1].unlink()
    assert places(tmp_path / "copy") == [(there[2].name, 1)]
    there[-1].unlink()
    assert places(tmp_path)[-1] == ("head.json", 0)


def test_a_lost_head_is_found_now_and_after_the_next_record(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "head.json").unlink()
    assert places(tmp_path) == [("head.json", 0)]
    filled(tmp_path, 1)
    assert places(tmp_path) == [("000001.jsonl", 8)]


def test_a_rewritten_log_holds_in_itself_but_not_against_a_digest_kept_elsewhere(tmp_path: Path) -> None:
    kept = check(filled(tmp_path / "a")).head
    shutil.rmtree(tmp_path / "a")
    filled(tmp_path / "a")
    assert check(tmp_path / "a").problems == ()
    assert "rewritten" in check(tmp_path / "a", kept).problems[0].reason


def test_a_deleted_log_goes_on_where_it_was_and_shows_the_gap(tmp_path: Path) -> None:
    filled(tmp_path)
    first(tmp_path).unlink()
    filled(tmp_path, 1)
    assert places(tmp_path) == [("000001.jsonl", 1)]
    assert "records 0 to 6 are missing" in check(tmp_path).problems[0].reason


def test_killed_between_the_line_and_the_head(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    head = (tmp_path / "head.json").read_bytes()
    filled(tmp_path, 1)
    (tmp_path / "head.json").write_bytes(head)
    assert check(tmp_path).problems == ()
    filled(tmp_path, 1)
    assert check(tmp_path).problems == ()
    assert check(tmp_path).records == 6


def test_killed_in_a_line(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    with first(tmp_path).open("ab") as file:
        file.write(b'{"n":4,"previous":"ab')
    assert places(tmp_path)[0] == ("000001.jsonl", 5)
    filled(tmp_path, 2)
    assert places(tmp_path) == [("000001.jsonl", 5)]
    assert check(tmp_path).records == 6


def many(folder: str) -> None:
    filled(Path(folder), 6, largest=1200)


def test_processes_and_threads_write_one_chain(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    workers = [context.Process(target=many, args=(str(tmp_path),)) for _ in range(3)]
    threads = [threading.Thread(target=many, args=(str(tmp_path),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for thread in threads:
        thread.start()
    for one in (*workers, *threads):
        one.join(60)
    assert [w.exitcode for w in workers] == [0, 0, 0]
    found = check(tmp_path)
    assert found.problems == ()
    assert found.records == 1 + 5 * 6


def test_a_full_disk_shows_in_the_answer_and_leaves_the_log_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = Audit(log=log(tmp_path))
    audit.recorded(said(), WordOverlap())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        done = audit.recorded(said(), WordOverlap())
    assert done.sentences == said().sentences
    assert "not recorded (No space left on device)" in done.degraded[-1]
    assert check(tmp_path).problems == ()
    assert check(tmp_path).records == 2
    assert audit.recorded(said(), WordOverlap()).degraded == said().degraded
    assert check(tmp_path).records == 3


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = Audit(log=log(tmp_path / "file" / "log")).recorded(said(), WordOverlap())
    assert "not recorded" in done.degraded[-1]
    with pytest.raises(AuditError, match="setting audit"):
        log(tmp_path / "file" / "log").append({})


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    folder = filled(tmp_path / "log")
    log(folder).keyed("x")
    assert folder.stat().st_mode & 0o077 == 0
    for name in ("000001.jsonl", "head.json", "key"):
        assert (folder / name).stat().st_mode & 0o077 == 0


def test_check_without_a_log(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no audit log"):
        check(tmp_path)


def test_the_setting(tmp_path: Path) -> None:
    environ = {"ASSISTANT_CONFIG": ""}
    assert load({}, environ).settings.audit is None
    assert load({"audit": str(tmp_path)}, environ).settings.audit == tmp_path
    assert load({"audit": "off"}, environ).settings.audit is None


def test_the_command(tmp_path: Path) -> None:
    filled(tmp_path)
    run = CliRunner().invoke(app, ["audit", "check", str(tmp_path), "--json"])
    assert run.exit_code == 0
    assert json.loads(run.stdout)["problems"] == []
    head = read_head(tmp_path)
    assert head is not None
    assert json.loads(run.stdout)["head"] == head.digest
    lines = lines_of(tmp_path)
    first(tmp_path).write_bytes(b"".join([*lines[:2], *lines[3:]]))
    run = CliRunner().invoke(app, ["audit", "check", str(tmp_path)])
    assert run.exit_code == 1
    assert "000001.jsonl line 3: record 2 is missing before this line" in run.stdout
