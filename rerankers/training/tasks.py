"""Judged questions -> tasks: a query of some kind and the documents that answer it."""

import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.text import sentences
from eval.data import Dataset, lines
from rerankers.training.plan import Kind

STATEMENTS = 2  # a question gives at most
LENGTHS = range(30, 300)  # characters of a sentence that serves as a query

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`relevant`: documents that answer the query. `judged`: those that are no negatives for it: the
    relevant ones, and for a statement the document that it was taken from."""

    id: str
    kind: Kind
    query: str
    relevant: tuple[str, ...]
    judged: frozenset[str]


def normal(text: str) -> str:
    """The words alone, for comparing questions and titles."""
    return " ".join(_WORD.findall(text.casefold()))


def relevant(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Query -> its documents of grade 1 and above; queries without any are left out."""
    found = {q: tuple(d for d, grade in docs.items() if grade > 0) for q, docs in dataset.qrels.items()}
    return {query: documents for query, documents in found.items() if documents}


def without(dataset: Dataset, questions: Iterable[str]) -> Dataset:
    """The data set less the queries that ask, word by word, one of `questions`."""
    held = {normal(question) for question in questions}
    kept = {query: text for query, text in dataset.queries.items() if normal(text) not in held}
    return replace(dataset, queries=kept, qrels={query: dataset.qrels[query] for query in kept})


def take(dataset: Dataset, limit: int | None, seed: int) -> Dataset:
    """A sample of at most `limit` queries, in the order of the file."""
    if limit is None or limit >= len(dataset.queries):
        return dataset
    drawn = set(random.Random(seed).sample(list(dataset.queries), limit))
    kept = {query: text for query, text in dataset.queries.items() if query in drawn}
    return replace(dataset, queries=kept, qrels={query: dataset.qrels[query] for query in kept})


def conclusions(dataset: Dataset) -> dict[str, str]:
    """Query -> the first sentence of its metadata.ideal (one or several answers) or metadata.long."""
    found = {}
    for _, line in lines(_queries_file(dataset)):
        try:
            record = json.loads(line)
            query, known = str(record["_id"]), record.get("metadata")
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # loading the data set has counted this line
        if query not in dataset.queries or not isinstance(known, dict):
            continue
        ideal, long = known.get("ideal"), known.get("long")
        texts = [*ideal, long] if isinstance(ideal, list) else [ideal, long]
        said = next((s for text in texts if isinstance(text, str) for s in _first_sentence(text)), "")
        if said:
            found[query] = said
    return found


def tasks(
    dataset: Dataset,
    documents: Mapping[str, str],
    said: Mapping[str, str],
    kinds: Sequence[Kind],
    seed: int,
) -> Iterator[Task]:
    """The tasks of each query in turn. `documents`: id -> text of the relevant ones, `said`: `conclusions`.

    A statement is the first sentence of one of at least two relevant documents, drawn by `seed`.
    """
    for query, answers in relevant(dataset).items():
        judged = frozenset(answers)
        if "question" in kinds:
            yield _task(query, "question", dataset.queries[query], answers, judged)
        if "conclusion" in kinds and query in said:
            yield _task(query, "conclusion", said[query], answers, judged)
        if "statement" in kinds and len(answers) > 1:
            drawn = random.Random(f"{seed} {query}").sample(answers, min(STATEMENTS, len(answers)))
            for document in drawn:
                for statement in _first_sentence(documents.get(document, "")):
                    others = tuple(d for d in answers if d != document)
                    yield _task(query, "statement", statement, others, judged, document)


def titles_are_questions(dataset: Dataset, titles: Mapping[str, str]) -> bool:
    """Whether most queries stand, word by word, as the title over a document that answers them: such titles
    would give the answer away. `titles`: document -> title."""
    asked = [
        (dataset.queries[q], [titles[d] for d in docs if d in titles])
        for q, docs in relevant(dataset).items()
    ]
    told = sum(normal(query) in map(normal, over) for query, over in asked)
    return told * 2 > len(asked)


def digests(dataset: Dataset) -> dict[str, str]:
    """sha256 of what a run reads of a data set: the corpus file, and the judged queries with their grades."""
    judged = json.dumps(
        [dict(dataset.queries), {q: dict(d) for q, d in dataset.qrels.items()}], sort_keys=True
    )
    queries = hashlib.sha256(_queries_file(dataset).read_bytes()).hexdigest()
    return {
        "corpus": dataset.digest,
        "queries": queries,
        "judgements": hashlib.sha256(judged.encode("utf-8", "surrogatepass")).hexdigest(),
    }


def _task(
    query: str, kind: Kind, text: str, answers: tuple[str, ...], judged: frozenset[str], document: str = ""
) -> Task:
    name = f"{query} {kind} {document}".strip()
    return Task(id=name, kind=kind, query=text, relevant=answers, judged=judged)


def _first_sentence(text: str) -> Iterator[str]:
    """The first sentence, if it is of a length that serves as a query."""
    for start, end in sentences(text[:2000])[:1]:
        if end - start in LENGTHS:
            yield " ".join(text[start:end].split())


def _queries_file(dataset: Dataset) -> Path:
    plain = dataset.corpus.parent / "queries.jsonl"
    return plain if plain.is_file() else plain.with_name("queries.jsonl.gz")
