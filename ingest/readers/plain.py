"""Markdown and plain text.

One file is one document of at most MAX_BYTES, because a change of one character embeds all of it again.
Nothing that a text refers to is fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from assistant.errors import FormatError
from assistant.text import clean
from assistant.types import Document, Origin, Record, Section, Skipped
from ingest.readers.fields import metadata, one_line
from ingest.readers.files import content, decode, file_id, is_text, title_of

MAX_BYTES = 20 << 20
MAX_SECTIONS = 50_000
MAX_HEADING = 1000  # characters; a longer line is no heading

ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
NO_PARAGRAPH = re.compile(r"\s*(?:[-*+>|]|\d{1,9}[.)]\s|$)| {4}|\t")  # cannot be underlined as a heading
KEY = re.compile(r"([A-Za-z][\w-]*):(?:[ \t]+(.*))?")
MARKUP = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|(?P<entity>&(?:[A-Za-z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<image>!?)\[(?P<label>[^\[\]\n]{0,500})\]"
    r"\([ ]?<?(?P<url>(?:[^\s()<>]|\([^\s()]{0,200}\)){0,2000})>?(?:[ ]{1,3}\"[^\"\n]{0,500}\")?[ ]?\)"
    r"|(?<![\w*])\*\*(?=\S)(?P<bold>[^*\n]{1,300})(?<=\S)\*\*(?![\w*])"
)


def read_markdown(path: Path) -> Iterator[Record]:
    """One Document: sections by ATX and underlined headings, nested ones joined by " > ".

    The title is the front matter's, else the first first-level heading (which then heads no section),
    else the file's name. Links keep text and URL, images their alternative text; code, tables and raw
    HTML stay as text. Raises FormatError for more than MAX_BYTES or MAX_SECTIONS, or no text at all.
    """
    text, notes = _text(path)
    fields, body = _front_matter(text)
    parts = _parts(path, body.split("\n"))
    given = fields.get("title")
    title = one_line(given) if isinstance(given, str) else ""
    first = next((part.title for part in parts if part.level == 1), "")
    title = title or first
    sections = tuple(_sections(parts, title)) or ((Section(heading="", text=title),) if title else ())
    yield from _records(path, "markdown", sections, fields, title, notes)


def read_text(path: Path) -> Iterator[Record]:
    """One Document with one section, its title the file's name. Raises FormatError as `read_markdown`."""
    text, notes = _text(path)
    text = clean(text)
    sections = (Section(heading="", text=text),) if text else ()
    yield from _records(path, "text", sections, {}, "", notes)


def _records(
    path: Path,
    form: str,
    sections: tuple[Section, ...],
    fields: dict[str, object],
    title: str,
    notes: list[str],
) -> Iterator[Record]:
    if not sections:
        raise FormatError(f"{path}: no text in it")
    origin = Origin(path=str(path), format=form)
    known = metadata(fields, title or title_of(path), origin)
    yield Document(id=file_id(path), metadata=known, sections=sections)
    for note in notes:
        yield Skipped(source=str(path), place="whole file", reason=note)


def _text(path: Path) -> tuple[str, list[str]]:
    """The text, and what is to be said about it."""
    data, problem = content(path, MAX_BYTES)
    if not is_text(data[: 1 << 16]):
        raise FormatError(f"{path}: binary data, not text")
    decoded = decode(data)
    notes = [f"{problem}; what follows is lost"] if problem else []
    if decoded.guessed:
        notes.append("not UTF-8; read as Windows-1252, check its special characters")
    if decoded.lost:
        notes.append(f"{decoded.lost} bytes could not be decoded; U+FFFD stands in their place")
    return decoded.text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _front_matter(text: str) -> tuple[dict[str, object], str]:
    """Keys and values between two lines "---" at the start, and the rest. Values are strings or lists."""
    lines = text.removeprefix("\ufeff").split("\n", 201)
    if lines[0].rstrip() != "---":
        return {}, text
    end = next((n for n, line in enumerate(lines[1:201], 1) if line.rstrip() in ("---", "...")), 0)
    fields: dict[str, object] = {}
    items: list[str] | None = None
    for line in lines[1:end]:
        if found := KEY.fullmatch(line.rstrip()):
            value = found[2] or ""
            items = [] if not value else None
            fields[found[1].lower()] = items if items is not None else _value(value)
        elif items is not None and line.lstrip().startswith("- "):
            items.append(_unquoted(line.lstrip()[2:]))
        elif line.strip() and not line.startswith((" ", "\t", "#", "- ")):
            return {}, text
    return (fields, "\n".join(lines[end + 1 :])) if end and fields else ({}, text)


def _value(text: str) -> str | list[str]:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_unquoted(item) for item in text[1:-1].split(",")]
    return _unquoted(text)


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


@dataclass(slots=True)
class _Part:
    """A heading (level 0: what stands before the first one) and the lines below it."""

    level: int = 0
    title: str = ""
    lines: list[str] = field(default_factory=list)


def _parts(path: Path, lines: list[str]) -> list[_Part]:
    parts = [_Part()]
    fence = ""
    for line in lines:
        here = parts[-1].lines
        if fence:
            here.append(line)
            closing = line.strip()
            if closing.startswith(fence) and not closing.strip(fence[0]):
                fence = ""
        elif (opening := FENCE.fullmatch(line)) and "`" not in opening[2]:
            fence = opening[1]
            here.append(line)
        elif len(line) <= MAX_HEADING and (atx := ATX.fullmatch(line)):
            if title := one_line(_plain(atx[2] or "")):
                parts.append(_Part(len(atx[1]), title))
        elif (underline := UNDERLINE.fullmatch(line)) and _can_be_heading(here):
            title = one_line(_plain(here.pop()))
            parts.append(_Part(1 if underline[1][0] == "=" else 2, title))
        else:
            here.append(_plain(line))
        if len(parts) > MAX_SECTIONS:
            raise FormatError(f"{path}: over {MAX_SECTIONS} headings; split it into smaller files")
    return parts


def _can_be_heading(lines: list[str]) -> bool:
    """Whether the last line is a paragraph of its own, so that a line of = or - makes it a heading."""
    if not lines or len(lines[-1]) > MAX_HEADING or NO_PARAGRAPH.match(lines[-1]):
        return False
    return (len(lines) == 1 or not lines[-2].strip()) and bool(one_line(lines[-1]))


def _sections(parts: list[_Part], title: str) -> Iterator[Section]:
    """The parts that have text; a heading with nothing at all below it is the text of its section."""
    above: list[tuple[int, str]] = []
    title_left = True
    for part, following in zip(parts, [*parts[1:], _Part()], strict=True):
        while above and above[-1][0] >= part.level:
            above.pop()
        is_title = title_left and part.level == 1 and part.title == title
        title_left = title_left and not is_title
        text = clean("\n".join(part.lines))
        if not text and part.title and not is_title and following.level <= part.level:
            text = part.title
        elif part.title and not is_title:
            above.append((part.level, part.title))
        if text:
            yield Section(heading=" > ".join(name for _, name in above), text=text)


def _plain(line: str) -> str:
    """A line without the marks of links, images, bold type, escapes and entities; code stays as it is."""
    return MARKUP.sub(_readable, line) if len(line) > 1 else line


def _readable(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    if found["entity"]:
        return unescape(found["entity"])
    if found["escaped"]:
        return found["escaped"]
    if found["bold"]:
        return found["bold"]
    if found["image"]:
        return found["label"]
    label, url = found["label"], found["url"]
    return f"{label} ({url})" if label and url and label != url else label or url
