"""A team's own query set: what was judged relevant by a click, as a folder in BEIR format.

corpus.jsonl   every document of the judged questions' pools, as the library has it
queries.jsonl  the questions, in words
qrels/judged.tsv

A document is judged, not a passage of it. corpus.jsonl only grows, line by line; the other two are replaced
in one step, under a lock, in an order that leaves no judgement of an unknown question. Lines that others
wrote there stay.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputError
from assistant.locks import locked
from assistant.privacy import SPOKEN, find
from assistant.workbench import SPLIT, Source
from eval.trec import unwritable, write_text

HEADER = "query-id\tcorpus-id\tscore"
PATIENCE = 10.0  # seconds that another click, or another program, may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the folder holds; `relevant` of the `judgements`."""

    questions: int = 0
    judgements: int = 0
    relevant: int = 0


class Judgements:
    """In `folder`, made by the first judgement. Methods raise InputError where they cannot read or write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._queries = folder / "queries.jsonl"
        self._corpus = folder / "corpus.jsonl"
        self._qrels = folder / "qrels" / f"{SPLIT}.tsv"

    def keep(
        self, question: str, document_id: str, relevant: bool | None, pool: Callable[[], Iterable[Source]]
    ) -> None:
        """One judgement, in place of an earlier one of the pair; None takes it back, and with the last of a
        question the question. `pool()`: the documents that were there to choose from; those that the corpus
        has already are not written again.

        Raises InputError, keeping nothing, for a question that seems to hold a person's data.
        """
        kinds = dict.fromkeys(SPOKEN[span.kind] for span in find(question))
        if kinds and relevant is not None:
            raise InputError(
                f"The question seems to hold {', '.join(kinds)}, and a judgement would keep it: nothing is "
                "kept. Compare without it, and judge then."
            )
        query, doc = query_id(question), corpus_id(document_id)
        with self._held():
            if relevant is not None:
                self._grow(pool())
                if query not in {key for key, _ in self._lines(self._queries)}:
                    line = json.dumps({"_id": query, "text": question}, ensure_ascii=False)
                    self._replace(self._queries, [*(line for _, line in self._lines(self._queries)), line])
            rows = [row for row in self._rows() if pair(row) != (query, doc)]
            if relevant is not None:
                rows.append([query, doc, str(int(relevant))])
            self._replace(self._qrels, [HEADER, *("\t".join(row) for row in rows)])
            if query not in {row[0] for row in rows}:
                kept = [line for key, line in self._lines(self._queries) if key != query]
                self._replace(self._queries, kept)

    def of(self, question: str) -> dict[str, bool]:
        """Document id as `corpus_id` writes it -> whether it was judged relevant for this question."""
        query = query_id(question)
        with unreadable(self._qrels):
            return {row[-2]: grade(row) > 0 for row in self._rows() if pair(row)[0] == query}

    def count(self) -> Count:
        with unreadable(self._qrels):
            rows = [row for row in self._rows() if pair(row)[0]]
        return Count(
            questions=len({row[0] for row in rows}),
            judgements=len(rows),
            relevant=sum(grade(row) > 0 for row in rows),
        )

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(self.folder / ".lock", PATIENCE):
                yield
        except TimeoutError:
            raise InputError(f"{self.folder}: another program writes judgements; try again") from None
        except OSError as error:
            raise unwritable(self.folder, error) from None

    def _grow(self, pool: Iterable[Source]) -> None:
        """Append what the corpus lacks, on disk when this returns."""
        there = {key for key, _ in self._lines(self._corpus)}
        new = {corpus_id(s.id): s for s in pool}
        lines = [
            json.dumps({"_id": key, "title": source.title, "text": source.text}, ensure_ascii=False) + "\n"
            for key, source in new.items()
            if key not in there
        ]
        if not lines:
            return
        with self._corpus.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")  # a last line that was cut off stays a line of its own
            file.write("".join(lines).encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())

    def _lines(self, path: Path) -> list[tuple[str, str]]:
        """_id and line; "" for a line that is no record."""
        found = []
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    first = re.match(r'\s*\{"_id": "([^"\\]+)"', line)
                    found.append((first[1] if first else key_of(line), line.rstrip("\n")))
        return found

    def _rows(self) -> list[list[str]]:
        if not self._qrels.exists():
            return []
        lines = self._qrels.read_text("utf-8", errors="replace").splitlines()
        return [line.split("\t") for line in lines if line.strip() and line != HEADER]

    def _replace(self, path: Path, lines: Iterable[str]) -> None:
        write_text(path, (f"{line}\n" for line in lines))


@contextmanager
def unreadable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def pair(row: list[str]) -> tuple[str, str]:
    """Question and document of a judgement; "" for a line that is none."""
    return (row[0], row[-2]) if len(row) in (3, 4) and not math.isnan(grade(row)) else ("", "")


def grade(row: list[str]) -> float:
    try:
        return float(row[-1])
    except ValueError:
        return math.nan


def query_id(question: str) -> str:
    """The same for a question that differs in capitals and spaces alone."""
    plain = " ".join(question.casefold().split())
    return "q" + hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:12]


def corpus_id(document_id: str) -> str:
    """A TREC run can hold no white space."""
    return re.sub(r"\s", "_", document_id)


def key_of(line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return ""
    return str(record.get("_id", "")) if isinstance(record, dict) else ""
