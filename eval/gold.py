"""What a labelled folder says of its questions beside the judgements: type, ideal and exact answers.

From queries.jsonl: metadata.type (yesno, factoid, list, summary), metadata.ideal (a list of reference
answers), metadata.exact ("yes" or "no" where the type is yesno). All may be missing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.text import clean
from eval.corruptions import Passage
from eval.data import Dataset, lines
from ingest import sample

UNTYPED = "untyped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """`yes`: None where the question is no yes-no question, or its answer is not known."""

    type: str = UNTYPED
    ideal: tuple[str, ...] = ()
    yes: bool | None = None


def gold(dataset: Dataset) -> dict[str, Gold]:
    """Of each query of the data set, in its order. Raises InputError when a file cannot be read."""
    name = dataset.corpus.name.replace("corpus", "queries", 1)
    paths = [dataset.corpus.with_name(n) for n in (name, "queries.jsonl", "queries.jsonl.gz")]
    path = next(p for p in paths if p.is_file())
    found = {str(r.get("_id")): _gold(r.get("metadata")) for r in _objects(path)}
    return {query: found.get(query, Gold()) for query in dataset.queries}


def passages(dataset: Dataset) -> dict[str, list[Passage]]:
    """The relevant documents of each query, as an index has them: a title alone is the text."""
    wanted = {doc for judged in dataset.qrels.values() for doc, grade in judged.items() if grade > 0}
    there: dict[str, Passage] = {}
    for record in _objects(dataset.corpus):
        key = str(record.get("_id"))
        if key in wanted and key not in there:
            title, text = (clean(str(record.get(field) or "")) for field in ("title", "text"))
            there[key] = Passage(title, text) if text else Passage("", title)
    return {
        query: [there[doc] for doc, grade in dataset.qrels[query].items() if grade > 0 and doc in there]
        for query in dataset.queries
    }


def notes() -> list[tuple[str, str, Passage]]:
    """The sample library's notes: id, topic, passage."""
    return [
        (str(n["_id"]), str(n["metadata"]["topic"]), Passage(str(n["title"]), str(n["text"])))
        for n in _objects(sample.CORPUS)
    ]


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    for _, line in lines(path):
        try:
            record = json.loads(line)
        except ValueError:
            continue  # `eval.data.load` has shown it
        if isinstance(record, dict):
            yield record


def _gold(metadata: Any) -> Gold:
    if not isinstance(metadata, Mapping):
        return Gold()
    ideal = metadata.get("ideal") or ()
    texts = [ideal] if isinstance(ideal, str) else [text for text in ideal if isinstance(text, str)]
    kind, exact = metadata.get("type"), metadata.get("exact")
    said = exact.strip().lower() if isinstance(exact, str) else ""
    return Gold(
        type=kind if isinstance(kind, str) and kind else UNTYPED,
        ideal=tuple(text for text in texts if text.strip()),
        yes={"yes": True, "no": False}.get(said) if kind == "yesno" else None,
    )
