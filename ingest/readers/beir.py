"""A corpus in BEIR's form (Thakur et al. 2021): a JSON object a line, with _id, title and text.

The other fields of Metadata are read where they stand, at the top or under "metadata".
"""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from assistant.errors import FormatError
from assistant.text import clean
from assistant.types import Document, Origin, Record, Section, Skipped
from ingest.readers.fields import metadata, one_line
from ingest.readers.safexml import pieces

MAX_LINE = 8 << 20  # bytes; a longer line is passed over without being held
MAX_ID = 200  # characters
PATIENCE = 100  # lines; without one JSON object in them the file is no corpus


class _BadLine(ValueError):
    pass


def read(path: Path) -> Iterator[Record]:
    """A Document or a Skipped ("line N") for each line that is not blank, as a stream.

    Ids are "<folder name>:<_id>"; memory grows by the set of ids alone. Raises FormatError if the first
    lines hold no JSON object, or the file holds questions; InputError if it cannot be read.
    """
    if path.name.removesuffix(".gz") == "queries.jsonl":
        raise FormatError(f"{path}: questions of a BEIR set, not documents; read its corpus.jsonl")
    _require_objects(path)
    folder = path.resolve().parent.name or "corpus"
    seen: set[str] = set()
    number = 0
    try:
        for number, line in _lines(path):
            place = f"line {number}"
            try:
                document = _document(path, folder, _object(line, number), place)
                if document.id in seen:
                    raise _BadLine(f"_id {document.id.partition(':')[2]!r} stands in an earlier line")
            except _BadLine as error:
                yield Skipped(source=str(path), place=place, reason=str(error))
            else:
                seen.add(document.id)
                yield document
    except FormatError as error:
        reason = f"{str(error).removeprefix(f'{path}: ')}; what follows is lost"
        yield Skipped(source=str(path), place=f"after line {number}", reason=reason)


def _require_objects(path: Path) -> None:
    """Raises FormatError, with the first reason, if the first lines hold no JSON object."""
    reason = ""
    try:
        for number, line in islice(_lines(path), PATIENCE):
            try:
                _object(line, number)
                return
            except _BadLine as error:
                reason = reason or f"line {number}: {error}"
    except FormatError as error:
        reason = reason or str(error).removeprefix(f"{path}: ")
    raise FormatError(
        f"{path}: no JSON object in its first lines ({reason or 'they are blank'}); not a BEIR corpus"
    )


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Number and bytes of each line that is not blank; None for one longer than MAX_LINE."""
    number, held, too_long = 1, bytearray(), False
    for piece in pieces(path):
        *complete, rest = piece.split(b"\n")
        for part in complete:
            held += part
            if too_long or len(held) > MAX_LINE:
                yield number, None
            elif not held.isspace() and held:
                yield number, bytes(held)
            number, too_long = number + 1, False
            held.clear()
        held += rest
        if len(held) > MAX_LINE:
            too_long = True
            held.clear()
    if too_long:
        yield number, None
    elif held and not held.isspace():
        yield number, bytes(held)


def _object(line: bytes | None, number: int) -> dict[str, object]:
    if line is None:
        raise _BadLine(f"a line of over {MAX_LINE >> 20} MiB")
    try:
        value = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise _BadLine(f"not UTF-8 (byte {error.start + 1} of the line)") from None
    except json.JSONDecodeError as error:
        raise _BadLine(f"broken JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError):
        raise _BadLine("broken JSON: a number or a nesting beyond all bounds") from None
    if not isinstance(value, dict):
        raise _BadLine("not a JSON object")
    return value


def _document(path: Path, folder: str, fields: dict[str, object], place: str) -> Document:
    name = fields.get("_id")
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name.strip():
        raise _BadLine("no _id")
    if len(name) > MAX_ID or not name.isprintable():
        raise _BadLine(f"an _id of more than {MAX_ID} characters or with unprintable ones")
    title, text = (_text(fields, key) for key in ("title", "text"))
    title, text = one_line(title), clean(text) or clean(title)
    if not text:
        raise _BadLine("neither title nor text")
    below = fields.get("metadata")
    known = {**below, **fields} if isinstance(below, dict) else fields
    return Document(
        id=f"{folder}:{name}",
        metadata=metadata(known, title, Origin(path=str(path), format="beir", place=place)),
        sections=(Section(heading="", text=text),),
    )


def _text(fields: dict[str, object], key: str) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _BadLine(f"{key} is not a string")
    return value
