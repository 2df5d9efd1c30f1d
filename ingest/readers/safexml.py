"""XML from outside, read record by record: nothing resolved, nothing expanded, everything bounded.

Real PubMed and PMC files name an external DTD in their DOCTYPE; that is accepted and never loaded. None
of them declares an entity of its own, so a file that does is refused. A reference to an entity of the
external DTD (`&alpha;`) becomes the character that HTML gives that name, else the name itself.
"""

import gzip
import html
import re
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from lxml import etree

from assistant.errors import FormatError, InputError
from assistant.text import clean
from assistant.types import Skipped

PIECE = 1 << 16
MAX_BYTES = 8 << 30  # of one file, decompressed; a MEDLINE baseline file has about 0.3 GiB
MAX_RATIO = 250  # decompressed to compressed, looked at from MIN_BYTES on; PubMed's own files reach about 12
MIN_BYTES = 64 << 20
MAX_RECORD = 100 << 20  # bytes between the ends of two records

SAFE: Any = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}

# elements that stand inside a word or a sentence; any other one is set off by white space
INLINE = frozenset(
    """
    abbrev alternatives b bold email ext-link font i inline-formula italic monospace named-content overline
    roman sans-serif sc small strike styled-content sub sup tex-math u underline uri xref
    math maction menclose mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow ms mspace
    msqrt mstyle msub msubsup msup mtext munder munderover none mprescripts semantics
    """.split()  # noqa: SIM905
)
OPERANDS = {"mfrac": ("", "/"), "msup": ("", "sup"), "msub": ("", "sub"), "msubsup": ("", "sub", "sup")}
LAYOUT = frozenset({"math", "mrow", "mstyle", "semantics", "mover", "munder", "munderover"})
MARKS = {"sup": "^", "sub": "_", "mn": " ", "after sup": " ", "after sub": " "}
NUMBER = re.compile(r"[-+\u2212\u2013]?\d")
LATEX_BODY = re.compile(r"\\begin\{document\}(.*)\\end\{document\}", re.DOTALL)

Skip = Callable[[etree._Element], bool]


def local_name(element: etree._Element) -> str:
    """The tag without its namespace; "" for comments, processing instructions and entities."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def pieces(path: Path) -> Generator[bytes, None, None]:
    """The bytes of a file, gunzipped if its first bytes say gzip, in pieces of at most 64 KiB.

    Raises InputError if it cannot be read; FormatError, after all that could be read, where compressed
    data are cut or damaged or go beyond MAX_RATIO or MAX_BYTES.
    """
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if not compressed:
                while piece := raw.read(PIECE):
                    yield piece
                return
            total = 0
            with gzip.GzipFile(fileobj=raw) as unzipped:
                while piece := unzipped.read1(PIECE):
                    total += len(piece)
                    if total > MAX_BYTES or (total > MIN_BYTES and total > MAX_RATIO * raw.tell()):
                        size = f"over {total >> 20} MiB from {raw.tell() >> 10} KiB"
                        raise FormatError(f"{path}: a decompression bomb: {size}")
                    yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FormatError(f"{path}: the gzip data are cut or damaged: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def records(path: Path, tags: Sequence[str]) -> Iterator[etree._Element | Skipped]:
    """Each element named in `tags` (in any namespace), complete, in the order of the file.

    An element is emptied when the next one is asked for, so memory stays that of one record. Where the
    file is cut, damaged or beyond a bound, what was read so far has been yielded, and the last item is a
    Skipped that says where it stopped. Raises FormatError if not one record could be read or the file
    declares entities; InputError if it cannot be opened.
    """
    parser = etree.XMLPullParser(events=("end",), tag=[f"{{*}}{tag}" for tag in tags], **SAFE)
    count, line, since = 0, 1, 0
    failure: str | None = None
    source = pieces(path)
    piece = b"..."
    while piece and failure is None:
        try:
            piece = next(source, b"")
            if not piece and not since and not count:
                raise FormatError(f"{path}: an empty file")
            parser.feed(piece) if piece else parser.close()
        except etree.XMLSyntaxError as error:
            line = error.lineno or line
            failure = f"the XML is cut, malformed or unsafe: {_reason(error)}"
        except FormatError as error:
            failure = str(error).removeprefix(f"{path}: ")
        else:
            line += piece.count(b"\n")
            since += len(piece)
        for _, element in cast("Iterator[tuple[str, etree._Element]]", parser.read_events()):
            if not count:
                _refuse_entities(path, element)
            count, since = count + 1, 0
            yield element
            _forget(element)
        if failure is None and since > MAX_RECORD:
            failure = f"a record of over {MAX_RECORD >> 20} MiB"
    source.close()
    if not count:
        raise FormatError(f"{path}: line {line}: {failure or 'the end, and no ' + ' or '.join(tags)}")
    if failure is not None:
        place = f"after record {count}, line {line}"
        yield Skipped(source=str(path), place=place, reason=f"{failure}; what follows is lost")


def parse(content: bytes, source: str) -> etree._Element:
    """The root of a small document held in memory; `source` names it in the FormatError."""
    try:
        root = etree.fromstring(content, etree.XMLParser(**SAFE))
    except etree.XMLSyntaxError as error:
        raise FormatError(f"{source}: line {error.lineno}: not XML, or unsafe: {_reason(error)}") from None
    _refuse_entities(source, root)
    return root


def _reason(error: etree.XMLSyntaxError) -> str:
    """libxml2's message without its advice to programmers."""
    return re.split(", (?:line|see|try) ", error.msg)[0]


def _refuse_entities(source: Path | str, element: etree._Element) -> None:
    dtd: Any = element.getroottree().docinfo.internalDTD
    for entity in dtd.iterentities() if dtd is not None else ():
        raise FormatError(
            f"{source}: refused: its DOCTYPE declares the entity {entity.name!r}, as no real file does"
        )


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def text_of(element: etree._Element | None, skip: Skip = lambda _: False) -> str:
    """The readable text of mixed content, in one line with single spaces; "" for None.

    Two numbers never run together: a superscript after a digit is set off by "^" (10^9), a subscript by
    "_"; elsewhere both join plainly (HbA1c, CYP2C9*2, kg/m2, Ca2+). MathML gives its text, fractions as
    a/b, else its alttext; LaTeX is read only where no MathML stands beside it. `skip` leaves out an
    element with all it holds (a citation mark, a table), never the text that follows it.
    """
    return "" if element is None else " ".join(clean(_text(element, skip)).split())


def _text(element: etree._Element, skip: Skip) -> str:
    name = local_name(element)
    if name in OPERANDS:
        return _operands(element, name, skip)
    if name == "mmultiscripts":
        return _multiscripts(element, skip)
    if name == "tex-math":
        return _latex(element)
    layout = name in LAYOUT  # its white space is a pretty-printer's
    parts = [element.text] if element.text and not (layout and element.text.isspace()) else []
    for child in element:
        name = local_name(child)
        if isinstance(child, etree._Entity):
            character = html.unescape(child.text)
            parts.append(child.name if character.startswith("&") else character)
        elif name and not name.startswith("annotation") and not skip(child):
            _append(parts, _text(child, skip) if name in INLINE else f" {_text(child, skip)} ", name)
        if child.tail and not (layout and child.tail.isspace()):
            _append(parts, child.tail, f"after {name}")
    return "".join(parts) or element.get("alttext", "")


def _append(parts: list[str], text: str, name: str) -> None:
    """Add the text of element `name`, or what stands after it, so that numbers stay apart."""
    if not text:
        return
    if name in ("sub", "sup") and parts:
        bare = parts[-1].rstrip()  # a pretty-printer's line break before the element is not text
        if "\n" in parts[-1][len(bare) :] and bare and (name == "sub" or bare[-1].isdigit()):
            parts[-1] = bare
    mark = MARKS.get(name, "")
    if mark and parts and parts[-1][-1].isdigit() and NUMBER.match(text):
        parts.append(mark)
    parts.append(text)


def _operands(element: etree._Element, name: str, skip: Skip) -> str:
    parts: list[str] = []
    for child, role in zip(element.iterchildren("{*}*"), OPERANDS[name], strict=False):
        text = text_of(child, skip)
        if name == "mfrac":
            text = text if text.replace(".", "").isalnum() else f"({text})"
            parts += ["/", text] if role else [text]
        else:
            _append(parts, text, role)
    return "".join(parts)


def _multiscripts(element: etree._Element, skip: Skip) -> str:
    """A base and its scripts, those before it first: 129Xe."""
    children = list(element.iterchildren("{*}*"))
    names = [local_name(child) for child in children]
    end = names.index("mprescripts") if "mprescripts" in names else len(children)
    return "".join(text_of(child, skip) for child in (*children[end + 1 :], *children[:end]))


def _latex(element: etree._Element) -> str:
    parent = element.getparent()
    if parent is not None and any(local_name(sibling) == "math" for sibling in parent):
        return ""
    source = "".join(str(text) for text in element.itertext())
    body = LATEX_BODY.search(source)
    return (body[1] if body else source).strip().strip("$")
