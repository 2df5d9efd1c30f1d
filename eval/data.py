"""A judged collection in BEIR format: which queries count, and what their documents are worth.

A folder holds corpus.jsonl (_id, title, text), queries.jsonl (_id, text), either of them also as .gz, and
qrels/SPLIT.tsv (query-id, corpus-id, score). The rules at the edges:

* A query counts when the split judges it; the others are left out and counted. A judged query none of
  whose documents is relevant counts too, and scores 0.
* A judgement of an unknown query is an error. One of an unknown document stays, since it belongs to the
  ideal ranking, and is counted. A grade of 0 or below means not relevant.
* Two queries with one id are an error, and so are two different grades of one pair. Documents that repeat
  an id are counted.
* A line that cannot be read is skipped and shown with its place.
* The split "same-id" needs no file: a query is answered by the document that has its _id.
"""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputError, UsageError
from assistant.types import Skipped

Qrels = Mapping[str, Mapping[str, int]]

SAME_ID = "same-id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """`queries` and `qrels` have the same keys, in the order of the queries file."""

    name: str
    split: str
    corpus: Path
    prefix: str  # what the index writes before a document's _id
    digest: str  # of the corpus file's content, sha256
    documents: int
    queries: Mapping[str, str]
    qrels: Qrels
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()  # what was left out or is odd, one line each


def load(folder: Path, split: str, *, limit: int | None = None, seed: int | None = None) -> Dataset:
    """Read one split. `limit` takes the first judged queries, or with `seed` a sample of that size.

    Raises InputError, with file and line, on a folder or a file that cannot be used.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"--limit {limit}: give at least 1")
    corpus, queries_file = _file(folder, "corpus.jsonl"), _file(folder, "queries.jsonl")
    skipped: list[Skipped] = []
    notes: list[str] = []
    texts = _queries(queries_file, skipped)
    qrels, places = ({}, {}) if split == SAME_ID else _qrels(_split(folder, split), skipped, notes)
    for query in qrels:
        if query not in texts:
            broken = [s.place for s in skipped if s.source == str(queries_file)]
            hint = f" ({', '.join(broken[:3])} there could not be read)" if broken else ""
            raise InputError(f"{places[query]}: query {query!r} is not in {queries_file}{hint}")
    digest, ids = _corpus(corpus, skipped, notes)
    if split == SAME_ID:
        qrels = {query: {query: 1} for query in texts if query in ids}
        if not qrels:
            raise InputError(f"{folder}: no query has the _id of a document, as the split {SAME_ID} needs")
    chosen = [query for query in texts if query in qrels]
    if len(texts) > len(chosen):
        notes.append(f"{len(texts) - len(chosen)} queries have no judgement in {split} and are left out")
    if limit is not None and limit < len(chosen):
        notes.append(f"{limit} of {len(chosen)} judged queries are taken")
        kept = None if seed is None else set(random.Random(seed).sample(chosen, limit))
        chosen = chosen[:limit] if kept is None else [query for query in chosen if query in kept]
    unknown = [f"{query} {doc}" for query in chosen for doc in qrels[query] if doc not in ids]
    if unknown:
        notes.append(f"{len(unknown)} judgements name a document that the corpus lacks, first {unknown[0]}")
    barren = sum(all(grade <= 0 for grade in qrels[query].values()) for query in chosen)
    if barren:
        notes.append(f"{barren} judged queries have no relevant document and score 0")
    return Dataset(
        name=folder.resolve().name,
        split=split,
        corpus=corpus,
        prefix=f"{corpus.resolve().parent.name or 'corpus'}:",
        digest=digest,
        documents=len(ids),
        queries={query: texts[query] for query in chosen},
        qrels={query: qrels[query] for query in chosen},
        skipped=tuple(skipped),
        notes=tuple(notes),
    )


def _file(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise InputError(f"{folder}: no {name} or {name}.gz; an evaluation needs a folder in BEIR format")


def _split(folder: Path, split: str) -> Path:
    there = {path.stem: path for path in sorted((folder / "qrels").glob("*.tsv"))}
    if split not in there:
        known = ", ".join(there) or "none"
        raise InputError(f"{folder / 'qrels'}: no split {split!r}; there are: {known}")
    return there[split]


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their 1-based numbers. Raises InputError on a broken file."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                line = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
                if line:
                    yield number, line
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: cannot be read to its end: {error}") from None


def _records(path: Path, skipped: list[Skipped]) -> Iterator[tuple[int, str, dict[str, object]]]:
    """Line number, id and fields of each line of a JSON-lines file."""
    for number, line in lines(path):
        try:
            record = json.loads(line)
            key = record["_id"]
            if not isinstance(key, str | int) or isinstance(key, bool) or str(key) == "":
                raise ValueError("_id is not a text")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = "no _id" if isinstance(error, KeyError) else f"not a JSON record with an _id: {error}"
            skipped.append(Skipped(source=str(path), place=f"line {number}", reason=reason))
            continue
        if any(map(str.isspace, str(key))):
            raise InputError(
                f"{path} line {number}: _id {key!r} has white space, which a TREC run cannot hold"
            )
        yield number, str(key), record


def _queries(path: Path, skipped: list[Skipped]) -> dict[str, str]:
    texts: dict[str, str] = {}
    seen: dict[str, int] = {}
    for number, key, record in _records(path, skipped):
        if seen.setdefault(key, number) != number:
            raise InputError(f"{path}: lines {seen[key]} and {number} have one _id, {key!r}; ids must differ")
        text = record.get("text")
        if isinstance(text, str) and text.strip():
            texts[key] = text
        else:
            skipped.append(Skipped(source=str(path), place=f"line {number}", reason="a query without text"))
    return texts


def _corpus(path: Path, skipped: list[Skipped], notes: list[str]) -> tuple[str, set[str]]:
    ids: set[str] = set()
    records = 0
    for _, key, _ in _records(path, skipped):
        ids.add(key)
        records += 1
    if not ids:
        raise InputError(f"{path}: no document could be read")
    if records > len(ids):
        notes.append(f"{records - len(ids)} lines of {path.name} repeat the _id of another")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), ids


def _qrels(
    path: Path, skipped: list[Skipped], notes: list[str]
) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Grades by query and document, and where each query stands first.

    Three columns, or the four of TREC (query, iteration, document, grade), by tabs or by white space; a
    first line whose last column is no number is the header.
    """
    qrels: dict[str, dict[str, int]] = {}
    places: dict[str, str] = {}
    repeated, first = 0, True
    for number, line in lines(path):
        fields = line.decode("utf-8", "replace").split("\t" if b"\t" in line else None)
        fields = [field.strip() for field in fields]
        grade = _grade(fields[-1])
        header, first = first and grade is None, False
        if header:
            continue
        if grade is None or len(fields) not in (3, 4) or not (fields[0] and fields[-2]):
            reason = "not query-id, corpus-id, score"
            skipped.append(Skipped(source=str(path), place=f"line {number}", reason=reason))
            continue
        query, doc = fields[0], fields[-2]
        places.setdefault(query, f"{path} line {number}")
        known = qrels.setdefault(query, {}).setdefault(doc, grade)
        if known != grade:
            raise InputError(f"{path} line {number}: {query} {doc} has two grades, {known} and {grade}")
        repeated += 1
    repeated -= sum(map(len, qrels.values()))
    if not qrels:
        raise InputError(f"{path}: no judgement could be read; lines are query-id, corpus-id, score")
    if repeated:
        notes.append(f"{repeated} judgements stand twice in {path.name} and count once")
    return qrels, places


def _grade(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else None
