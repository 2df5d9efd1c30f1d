"""Runs in TREC format: "query Q0 document rank score tag", one line a document, best first."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.errors import FormatError, InputError
from eval.data import lines

Run = Mapping[str, Sequence[tuple[str, float]]]  # query -> (document, score), best first


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Replace `path` in one step: it holds the old content or the new, never a part.

    Raises InputError when it cannot be written (a full disk, a folder without permission).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{os.getpid()}-{path.name}"[:200])
        try:
            with part.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError(f"{path}: cannot be written: {reason}; free space or choose another folder")


def save(path: Path, run: Run, tag: str) -> None:
    """The ranks are the run's. A score is the ranker's own as float32 (trec_eval reads no more), lowered to
    the next smaller number where it would tie with or exceed the one above, so that sorting by score gives
    back the rank.

    Raises FormatError on an id or tag that is empty or has white space, InputError when it cannot be written.
    """
    for name in (tag, *run, *(doc for hits in run.values() for doc, _ in hits)):
        if not name or any(map(str.isspace, name)):
            raise FormatError(f"{path}: {name!r} is empty or has white space, which a TREC run cannot hold")
    write_text(path, _lines(run, tag))


def _lines(run: Run, tag: str) -> Iterable[str]:
    lowest = np.float32(-np.inf)
    for query, hits in run.items():
        above = np.float32(np.inf)
        for rank, (doc, score) in enumerate(hits, start=1):
            above = min(np.float32(score), np.nextafter(above, lowest))
            yield f"{query} Q0 {doc} {rank} {float(above):.9g} {tag}\n"


def load(path: Path) -> dict[str, list[tuple[str, float]]]:
    """Sorted by score, ties by rank, as every tool does it. Raises FormatError with the line."""
    found: dict[str, list[tuple[float, int, str]]] = {}
    for number, line in lines(path):
        try:
            query, _, doc, rank, score, _ = line.decode("utf-8").split()
            found.setdefault(query, []).append((-float(score), int(rank), doc))
        except ValueError:
            raise FormatError(f"{path} line {number}: not 'query Q0 document rank score tag'") from None
    return {query: [(doc, -score) for score, _, doc in sorted(hits)] for query, hits in found.items()}


def ranked(run: Run) -> dict[str, list[str]]:
    """The documents alone."""
    return {query: [doc for doc, _ in hits] for query, hits in run.items()}
