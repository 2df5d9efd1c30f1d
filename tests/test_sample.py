"""The sample library keeps its promises: counts, ids, judgements, marks, and what its text may hold."""

import json
import re
import string
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import ingest

SAMPLE = Path(ingest.__file__).parent / "sample"
GREEK = "αβγδμ"
ALLOWED = set(string.ascii_letters + string.digits + string.punctuation + " " + GREEK)
TYPES = {"yesno", "factoid", "list", "summary"}
REFERENCE = re.compile(r"https?:|www\.|\bdoi\b|\b10\.\d{4,}/|\bpm(?:id|c\d)|\bet al\b|\bNCT\d", re.IGNORECASE)


def _jsonl(name: str) -> list[dict[str, Any]]:
    lines = (SAMPLE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _qrels() -> list[tuple[str, str, int]]:
    header, *lines = (SAMPLE / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "query-id\tcorpus-id\tscore"
    rows = [line.split("\t") for line in lines]
    return [(question, note, int(score)) for question, note, score in rows]


NOTES = _jsonl("corpus.jsonl")
QUESTIONS = _jsonl("queries.jsonl")
QRELS = _qrels()


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _shingles(text: str, size: int) -> set[tuple[str, ...]]:
    words = _words(text)
    return set(zip(*(words[start:] for start in range(size)), strict=False))


def test_counts() -> None:
    unanswerable = [q for q in QUESTIONS if not q["metadata"]["answerable"]]
    assert len(NOTES) >= 60
    assert len(QUESTIONS) >= 90
    assert len(unanswerable) >= 15


def test_readme_states_the_true_counts() -> None:
    readme = " ".join((SAMPLE / "README.md").read_text(encoding="utf-8").split())
    unanswerable = sum(not q["metadata"]["answerable"] for q in QUESTIONS)
    assert f"{len(NOTES)} short clinical teaching notes" in readme
    assert f"{len(QUESTIONS)} questions, {unanswerable} of which the notes do not answer" in readme


def test_ids_are_unique_slugs() -> None:
    for records in (NOTES, QUESTIONS):
        ids = [record["_id"] for record in records]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in ids)


def test_titles_and_questions_are_unique() -> None:
    for values in ([note["title"] for note in NOTES], [question["text"] for question in QUESTIONS]):
        folded = [" ".join(_words(value)) for value in values]
        assert len(set(folded)) == len(folded)


def test_fields() -> None:
    for note in NOTES:
        assert set(note) == {"_id", "title", "text", "metadata"}
        assert set(note["metadata"]) == {"synthetic", "topic", "year", "kind"}
        assert note["title"].strip()
        assert note["metadata"]["topic"].strip()
    for question in QUESTIONS:
        assert set(question) == {"_id", "text", "metadata"}
        assert set(question["metadata"]) == {"answerable", "type"}
        assert question["text"].strip()
        assert isinstance(question["metadata"]["answerable"], bool)
        assert question["metadata"]["type"] in TYPES


def test_every_note_is_marked_as_synthetic() -> None:
    assert [n["_id"] for n in NOTES if n["metadata"]["synthetic"] is not True] == []
    assert {n["metadata"]["kind"] for n in NOTES} == {"teaching note"}


def test_judgements_name_known_records_once() -> None:
    notes, questions = ({record["_id"] for record in records} for records in (NOTES, QUESTIONS))
    assert {note for _, note, _ in QRELS} <= notes
    assert {question for question, _, _ in QRELS} <= questions
    assert {score for _, _, score in QRELS} == {1, 2}
    assert len({(question, note) for question, note, _ in QRELS}) == len(QRELS)


def test_answerable_questions_have_a_full_answer_and_the_others_nothing() -> None:
    grades: dict[str, list[int]] = defaultdict(list)
    for name, _, score in QRELS:
        grades[name].append(score)
    for question in QUESTIONS:
        if question["metadata"]["answerable"]:
            assert 2 in grades[question["_id"]], question["text"]
        else:
            assert question["_id"] not in grades, question["text"]


def test_every_note_answers_a_question() -> None:
    assert {n["_id"] for n in NOTES} - {note for _, note, score in QRELS if score == 2} == set()


def test_near_misses_are_there() -> None:
    for drug, expected in (
        ("warfarin", 6),
        ("metformin", 4),
        ("apixaban", 2),
        ("lithium", 2),
        ("clozapine", 2),
    ):
        assert sum(note["_id"].startswith(drug) for note in NOTES) >= expected, drug


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note["_id"])
def test_note_text(note: dict[str, Any]) -> None:
    text = note["text"]
    assert 100 <= len(text.split()) <= 260
    assert text == text.strip()
    assert text.endswith(".")
    assert len(re.findall(r"\.(?:\s|$)", text)) >= 4, "several sentences"
    paragraphs = text.split("\n\n")
    assert len(paragraphs) <= 3
    for part in [note["title"], *paragraphs]:
        assert set(part) <= ALLOWED, sorted(set(part) - ALLOWED)
        assert "  " not in part
    assert REFERENCE.search(note["title"] + " " + text) is None


def test_no_sentence_opens_with_a_pronoun_that_lost_its_subject() -> None:
    opening = re.compile(
        r"(?:^|[.]\s+)(It|They|He|She|These|This) (?:is|are|was|were|has|have|can|must|may|should)\b"
    )
    assert [n["_id"] for n in NOTES if opening.search(n["text"])] == []


def test_questions_use_ordinary_characters() -> None:
    for question in QUESTIONS:
        assert set(question["text"]) <= ALLOWED, question["text"]
        assert REFERENCE.search(question["text"]) is None


def test_no_two_notes_are_nearly_the_same() -> None:
    shingles = {note["_id"]: _shingles(note["text"], 3) for note in NOTES}
    for (a, left), (b, right) in combinations(shingles.items(), 2):
        assert len(left & right) / len(left | right) < 0.2, f"{a} and {b}"


def test_no_note_repeats_the_warning() -> None:
    """The badge says it once; in every text it would only blur the search."""
    warning = re.compile(r"synthetic|teaching|not for patient care|disclaimer|consult", re.IGNORECASE)
    assert [n["_id"] for n in NOTES if warning.search(n["text"])] == []
