"""A query set built by clicks: whole, private, and what `eval retrieval` reads."""

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.workbench import Source
from eval.data import load
from ui.judgements import HEADER, Count, Judgements, corpus_id, query_id

QUESTION = "How is warfarin dosed?"


def pool(*ids: str) -> list[Source]:
    return [Source(i, f"Title {i}", f"Text of {i}.") for i in ids]


def test_the_evaluation_reads_what_was_judged(tmp_path: Path) -> None:
    kept = Judgements(tmp_path / "judgements")
    kept.keep(QUESTION, "pubmed:1", True, lambda: pool("pubmed:1", "file:a b", "pubmed:3"))
    kept.keep(QUESTION, "file:a b", False, lambda: pool("pubmed:1", "file:a b"))
    kept.keep("And apixaban?", "pubmed:4", False, lambda: pool("pubmed:4"))
    read = load(kept.folder, "judged")
    assert not read.skipped
    assert list(read.queries.values()) == [QUESTION, "And apixaban?"]
    assert read.qrels[query_id(QUESTION)] == {"pubmed:1": 1, "file:a_b": 0}
    assert read.documents == 4, "all of the pools, each once"
    assert kept.of(QUESTION) == {"pubmed:1": True, "file:a_b": False}
    assert kept.count() == Count(questions=2, judgements=3, relevant=1)
    assert (kept.folder.stat().st_mode & 0o077) == 0, "nobody else reads the questions"


def test_another_click_replaces_and_the_last_undo_takes_the_question_away(tmp_path: Path) -> None:
    kept = Judgements(tmp_path)
    for relevant in (True, False, None):
        kept.keep(QUESTION, "pubmed:1", relevant, lambda: pool("pubmed:1"))
        assert kept.of("how  is WARFARIN dosed?") == ({} if relevant is None else {"pubmed:1": relevant})
    assert kept.count() == Count()
    assert "warfarin" not in (tmp_path / "queries.jsonl").read_text().lower()
    kept.keep(QUESTION, "pubmed:9", None, list)
    assert kept.count() == Count()


def test_lines_of_others_stay_and_a_cut_line_spoils_no_other(tmp_path: Path) -> None:
    kept = Judgements(tmp_path)
    kept.keep(QUESTION, "pubmed:1", True, lambda: pool("pubmed:1"))
    with (tmp_path / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "pubmed:2", "ti')
    with (tmp_path / "queries.jsonl").open("a") as file:
        file.write('{"text": "By hand", "_id": "own"}\n')
    with (tmp_path / "qrels" / "judged.tsv").open("a") as file:
        file.write("own\tpubmed:1\t2\nno judgement\n")
    kept.keep(QUESTION, "pubmed:3", False, lambda: pool("pubmed:2", "pubmed:3"))
    read = load(tmp_path, "judged")
    assert read.qrels["own"] == {"pubmed:1": 2}
    assert read.queries["own"] == "By hand"
    assert len(read.skipped) == 2, "the cut document and the line that is no judgement"
    assert "pubmed:3" in (tmp_path / "corpus.jsonl").read_text()
    assert kept.count() == Count(questions=2, judgements=3, relevant=2)


def test_a_question_with_a_persons_data_is_not_kept(tmp_path: Path) -> None:
    kept = Judgements(tmp_path / "j")
    with pytest.raises(InputError, match="nothing is kept"):
        kept.keep("Dose for the patient, phone 020 7946 0958?", "pubmed:1", True, lambda: pool("pubmed:1"))
    assert not (tmp_path / "j").exists()


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    def click(n: int) -> None:
        Judgements(tmp_path).keep(
            f"Question {n % 3}", f"pubmed:{n}", n % 2 == 0, lambda: pool(f"pubmed:{n}", "pubmed:0")
        )

    threads = [threading.Thread(target=click, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = load(tmp_path, "judged")
    assert sum(map(len, read.qrels.values())) == 12
    assert (read.documents, len(read.queries), read.skipped) == (12, 3, ())


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        Judgements(tmp_path / "file").keep(QUESTION, "pubmed:1", True, lambda: pool("pubmed:1"))


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
@settings(max_examples=15, deadline=None)
def test_any_question_and_id_make_a_set_that_can_be_read(question: str, document: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        kept = Judgements(Path(name))
        try:
            kept.keep(question, document, True, lambda: pool(document))
        except InputError:
            return  # it seemed to name somebody
        lines = (kept.folder / "qrels" / "judged.tsv").read_text("utf-8").split("\n")
        assert lines == [HEADER, f"{query_id(question)}\t{corpus_id(document)}\t1", ""]
        assert kept.of(question) == {corpus_id(document): True}
        stored = json.loads((kept.folder / "queries.jsonl").read_text("utf-8"))
        assert stored["_id"] == query_id(question)
        assert load(kept.folder, "judged").qrels == {query_id(question): {corpus_id(document): 1}}
