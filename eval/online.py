"""Public collections by name, through ir_datasets, written once into a BEIR folder of the user's cache."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs

from assistant.config import APP
from assistant.errors import InputError, PackageMissing, ServiceError
from eval.trec import unwritable, write_text

PREFIX = "irds:"


def fetch(name: str, split: str, *, cache: Path | None = None) -> Path:
    """A folder with the collection, for example fetch("beir/scifact", "test"); its judgements are those of
    "name/split", or of "name" where there is no such part ("beir/trec-covid").

    Downloads at the first call. Raises PackageMissing; InputError on an unknown name or a full disk;
    ServiceError when the download fails.
    """
    folder = (
        (cache or Path(platformdirs.user_cache_dir(APP)) / "collections") / name.replace("/", "-") / split
    )
    if (folder / "qrels" / f"{split}.tsv").exists():
        return folder
    try:
        import ir_datasets
    except ImportError:
        raise PackageMissing(
            "a collection by name needs ir_datasets: pip install 'clinical-assistant[datasets]'"
        ) from None
    found = _load(ir_datasets, name, split)
    made = folder.with_name(f".part-{os.getpid()}-{split}")
    try:
        write_text(made / "corpus.jsonl", _from_afar(name, _documents(found)))
        write_text(made / "queries.jsonl", _from_afar(name, _queries(found)))
        write_text(made / "qrels" / f"{split}.tsv", _from_afar(name, _judgements(found)))
        made.replace(folder)
    except OSError as error:
        raise unwritable(folder, error) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _load(ir_datasets: Any, name: str, split: str) -> Any:
    for full in (f"{name}/{split}", name):
        try:
            found = ir_datasets.load(full)
        except KeyError:
            continue
        if found.has_docs() and found.has_queries() and found.has_qrels():
            return found
    raise InputError(
        f"{name} {split}: no such collection with judgements in ir_datasets; see ir-datasets.com"
    )


def _from_afar(name: str, lines: Iterator[str]) -> Iterator[str]:
    """An OSError of the download is not one of the disk it is written to."""
    try:
        yield from lines
    except OSError as error:
        raise ServiceError(f"{name}: the download failed: {error}; try again", retryable=True) from None


def _documents(found: Any) -> Iterator[str]:
    for doc in found.docs_iter():
        yield _line(_id=doc.doc_id, title=getattr(doc, "title", ""), text=doc.default_text())


def _queries(found: Any) -> Iterator[str]:
    for query in found.queries_iter():
        yield _line(_id=query.query_id, text=query.default_text())


def _judgements(found: Any) -> Iterator[str]:
    yield "query-id\tcorpus-id\tscore\n"
    for judged in found.qrels_iter():
        yield f"{judged.query_id}\t{judged.doc_id}\t{judged.relevance}\n"


def _line(**fields: str) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"
