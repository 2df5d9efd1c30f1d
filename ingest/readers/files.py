"""A file as bytes and as text: its id, its first bytes, its bounded content, its encoding."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import FormatError
from ingest.readers.safexml import pieces

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_LEAD = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`lost`: bytes that stand for no character and became U+FFFD. `guessed`: not what the file says."""

    text: str
    encoding: str
    lost: int = 0
    guessed: bool = False


def file_id(path: Path) -> str:
    """ "file:<stem>-<8 hex digits of the resolved path>": the same as long as the file stays in place."""
    digest = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return f"file:{title_of(path)}-{digest[:8]}"


def title_of(path: Path) -> str:
    """The file's name without its ending, for a document that has no title of its own."""
    stem = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    return "".join(c if c.isprintable() else "?" for c in stem)


def head(path: Path) -> bytes:
    """The first 64 KiB, unpacked; nothing where gzip data are damaged from the start."""
    source = pieces(path)
    try:
        return next(source, b"")
    except FormatError:
        return b""
    finally:
        source.close()


def content(path: Path, limit: int) -> tuple[bytes, str]:
    """All bytes, unpacked, and why they end early ("" if they do not).

    Raises FormatError beyond `limit` bytes, for an empty file, and where damaged data give not a byte.
    """
    data, problem, source = bytearray(), "", pieces(path)
    while len(data) <= limit:
        try:
            piece = next(source, b"")
        except FormatError as error:
            problem, piece = str(error).removeprefix(f"{path}: "), b""
        if not piece:
            break
        data += piece
    source.close()
    if len(data) > limit:
        raise FormatError(
            f"{path}: over {limit >> 20} MiB, too much for one document; split it into smaller files"
        )
    if not data:
        raise FormatError(f"{path}: {problem or 'empty file (0 bytes)'}")
    return bytes(data), problem


def is_text(data: bytes) -> bool:
    """Whether bytes can be the beginning of a text; the last character may be cut.

    UTF-8 may hold some control characters (they are cleaned away later), other encodings hardly any.
    """
    decoded = decode(data)
    strange = len(_CONTROLS.findall(decoded.text)) + decoded.lost
    return strange <= len(decoded.text) * (0.3 if decoded.encoding == "utf-8" else 0.01)


def decode(data: bytes) -> Decoded:
    """Text by byte order mark, else UTF-8, else (where that does not fit) Windows-1252.

    Bytes that fit nowhere become U+FFFD and are counted. A text with as many UTF-8 sequences as damaged
    bytes is taken for damaged UTF-8.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _replace(data[len(mark) :], encoding)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return _replace(data, "utf-8")
    damaged = _replace(data, "utf-8")
    if len(_LEAD.findall(data)) >= damaged.lost:
        return damaged
    other = _replace(data, "cp1252")
    return Decoded(other.text, other.encoding, other.lost, guessed=True)


def _replace(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        intact = data.decode(encoding, "ignore").encode(encoding, "surrogatepass")
        return Decoded(text, encoding, lost=len(data) - len(intact))
