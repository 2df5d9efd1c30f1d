"""The sample library: synthetic teaching notes with questions and judgements, in BEIR format."""

import json
from pathlib import Path

from assistant.types import passage

FOLDER = Path(__file__).parent
CORPUS = FOLDER / "corpus.jsonl"


def calibration() -> list[tuple[str, str]]:
    """Questions with passages, in turn: one judged relevant, one not chosen."""
    notes = {note["_id"]: passage(note["title"], "", note["text"]) for note in _lines(CORPUS)}
    questions = {question["_id"]: question["text"] for question in _lines(FOLDER / "queries.jsonl")}
    judged = [
        line.split("\t") for line in (FOLDER / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]
    ]
    others = [*notes.values()]
    return [
        (questions[query], text)
        for n, (query, note, _) in enumerate(judged)
        for text in (notes[note], others[n * 7 % len(others)])
    ]


def _lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
