"""PDF: the text of each page, one section a page. Scanned pages have none; nothing is recognised."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from assistant.errors import FormatError
from assistant.text import clean
from assistant.types import Document, Metadata, Origin, Record, Section, Skipped
from ingest.readers.fields import one_line
from ingest.readers.files import file_id, title_of

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_BYTES = 200 << 20
MAX_PAGES = 5000
MAX_PAGE = 500_000  # characters of one page
MAX_CONTENT = 20 << 20  # bytes of one page's drawing instructions, unpacked

BROKEN_WORD = re.compile(r"(?<!\w)(\w{1,60})-[^\S\n]{0,9}\n[^\S\n]{0,9}(\w{1,60})")
COMPOUND = re.compile(r"[^\W\d_]+-[^\W\d_]+")
SOFT_HYPHEN = re.compile("\u00ad[^\\S\\n]*\\n?[^\\S\\n]*")


def read(path: Path) -> Iterator[Record]:
    """One Document with a section for each page that has text, then a Skipped for each that failed.

    The title is the file's own entry, else the file's name. Raises FormatError for a file that is
    damaged, protected by a password, without text (scanned) or beyond the bounds above.
    """
    with _quiet():
        title, pages, skipped = _read(path)
    sections = tuple(
        Section(heading=f"Page {number}", text=text, page=number)
        for number, text in zip(pages, _rejoined(list(pages.values())), strict=True)
    )
    if not sections:
        why = skipped[0].reason if skipped else "no page holds text"
        raise FormatError(f"{path}: {why}")
    origin = Origin(path=str(path), format="pdf")
    yield Document(id=file_id(path), metadata=Metadata(title=title, origin=origin), sections=sections)
    yield from skipped


def _read(path: Path) -> tuple[str, dict[int, str], list[Skipped]]:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FormatError(f"{path}: {size >> 20} MiB; a PDF may have {MAX_BYTES >> 20}, split it")
    pages: dict[int, str] = {}
    skipped: list[Skipped] = []
    with path.open("rb") as file:
        reader, count = _opened(path, file)
        for number in range(1, count + 1):
            place = f"page {number}"
            try:
                text = clean(_page_text(reader, number))
            except Exception as error:  # pypdf raises what a damaged page happens to make it raise
                reason = one_line(str(error))[:200] or type(error).__name__
                skipped.append(Skipped(source=str(path), place=place, reason=f"unreadable page: {reason}"))
                continue
            if len(text) > MAX_PAGE:
                reason = f"over {MAX_PAGE} characters on a page"
                skipped.append(Skipped(source=str(path), place=place, reason=reason))
            elif text:
                pages[number] = text
            elif _has_image(reader, number):
                reason = "an image without text; it may be scanned, run OCR on it first"
                skipped.append(Skipped(source=str(path), place=place, reason=reason))
        return _title(reader) or title_of(path), pages, skipped


def _opened(path: Path, file: BinaryIO) -> tuple["PdfReader", int]:
    """The reader and its number of pages; a file that opens without a password is not protected."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError

    try:
        reader = PdfReader(file)
        count = len(reader.pages)
    except FileNotDecryptedError:
        raise FormatError(f"{path}: protected by a password; save a copy without one") from None
    except DependencyError:
        raise FormatError(f"{path}: encrypted; save a copy without encryption") from None
    except Exception as error:  # as for a page
        reason = one_line(str(error))[:200] or type(error).__name__
        raise FormatError(f"{path}: not a readable PDF: {reason}") from None
    if count > MAX_PAGES:
        raise FormatError(f"{path}: {count} pages; a PDF may have {MAX_PAGES}, split it")
    return reader, count


def _page_text(reader: "PdfReader", number: int) -> str:
    page = reader.pages[number - 1]
    contents = page.get_contents()
    if contents is None:
        return ""
    if len(contents.get_data()) > MAX_CONTENT:
        raise ValueError(f"over {MAX_CONTENT >> 20} MiB of drawing instructions")
    return SOFT_HYPHEN.sub("", page.extract_text())


def _has_image(reader: "PdfReader", number: int) -> bool:
    try:
        return len(reader.pages[number - 1].images) > 0
    except Exception:  # as for the text of a page
        return False


def _title(reader: "PdfReader") -> str:
    try:
        found = reader.metadata
        return one_line(found.title or "")[:500] if found else ""
    except Exception:  # a damaged entry is as good as none
        return ""


def _rejoined(pages: list[str]) -> Iterator[str]:
    """Pages with the words that a line end cut put together again.

    The hyphen stays where the document writes the compound with it elsewhere (beta-blocker); where it
    stands before a digit or a capital (IL-6) the line end alone goes.
    """
    compounds = {found.lower() for page in pages for found in COMPOUND.findall(page)}

    def joined(found: re.Match[str]) -> str:
        left, right = found[1], found[2]
        whole = f"{left}-{right}"
        if right[0].islower() and left[-1].islower() and whole.lower() not in compounds:
            return left + right
        return whole

    for page in pages:
        yield BROKEN_WORD.sub(joined, page)


@contextmanager
def _quiet() -> Iterator[None]:
    """pypdf tells the log of everything it repairs; what matters here is raised or counted."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
