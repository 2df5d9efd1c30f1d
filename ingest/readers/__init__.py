"""Files -> documents: one module a format, each `read(path) -> Iterator[Record]`.

A record that cannot be used is a Skipped with its place and reason, and the rest goes on; only a file
that is of no use as a whole raises.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from assistant.errors import FormatError, InputError
from assistant.types import Record

FORMATS = {  # format -> the module that reads it and its function
    "pubmed": ("pubmed", "read"),
    "jats": ("jats", "read"),
    "beir": ("beir", "read"),
    "markdown": ("plain", "read_markdown"),
    "text": ("plain", "read_text"),
    "pdf": ("pdf", "read"),
}


def read(path: Path, format: str = "auto") -> Iterator[Record]:  # noqa: A002
    """The records of one file, in its order, as a stream.

    `format` is a key of FORMATS, or "auto" for what `detect` says. Raises InputError where the file
    cannot be read, FormatError where it is empty, of no known format or not of the given one; both
    before the first record.
    """
    if format != "auto" and format not in FORMATS:
        raise InputError(f"unknown format {format!r}; known are auto, {', '.join(FORMATS)}")
    _check(path)
    found = detect(path) if format == "auto" else format
    if found is None:
        raise FormatError(f"{path}: not a format I can read; known are {', '.join(FORMATS)}")
    module, function = FORMATS[found]
    reader: Callable[[Path], Iterator[Record]] = getattr(import_module(f"{__name__}.{module}"), function)
    return reader(path)


def detect(path: Path) -> str | None:
    """The format by the file's content, whatever its name; None for none that is known.

    Looks at the first 64 KiB, unpacked if gzipped. Raises InputError if the file cannot be read.
    """
    from ingest.readers.files import head
    from ingest.readers.sniff import format_of

    return format_of(head(path))


def _check(path: Path) -> None:
    try:
        is_file, is_folder, size = path.is_file(), path.is_dir(), path.stat().st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: cannot be read: {reason}") from None
    if is_folder:
        raise InputError(f"{path}: a folder, not a file; name the files in it")
    if not is_file:
        raise InputError(f"{path}: not a regular file")
    if not size:
        raise FormatError(f"{path}: empty file (0 bytes)")
