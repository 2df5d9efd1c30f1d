"""Markdown and plain text, their encodings and their bounds."""

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError, InputError
from assistant.types import Document, Skipped
from ingest.readers import plain
from ingest.readers.files import decode


def markdown(tmp_path: Path, text: str) -> Document:
    file = tmp_path / "note.md"
    file.write_text(text, "utf-8", newline="")
    (document,) = plain.read_markdown(file)
    assert isinstance(document, Document)
    return document


def sections(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    return [(s.heading, s.text) for s in markdown(tmp_path, text).sections]


def test_headings_nest(tmp_path: Path) -> None:
    text = """Before.

# Warfarin #

Intro.

## Dosing
Start low.

### Elderly

Lower still.

Monitoring
----------

INR.

#no heading
####### nor this

## Empty
"""
    document = markdown(tmp_path, text)
    assert document.metadata.title == "Warfarin"
    assert [(s.heading, s.text) for s in document.sections] == [
        ("", "Before."),
        ("", "Intro."),
        ("Dosing", "Start low."),
        ("Dosing > Elderly", "Lower still."),
        ("Monitoring", "INR.\n\n#no heading\n####### nor this"),
        ("", "Empty"),
    ]


def test_underlined_title_rules_lists_and_tables(tmp_path: Path) -> None:
    text = "Title\n=====\n\nOne line\nand another\n---\n\n- item\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    document = markdown(tmp_path, text)
    assert document.metadata.title == "Title"
    ((heading, found),) = [(s.heading, s.text) for s in document.sections]
    assert heading == ""
    assert found == text.split("\n\n", 1)[1].strip()


def test_code_is_left_alone(tmp_path: Path) -> None:
    text = "# T\n\n```python\n# no heading\n[a](b) \\*\n```\n\n`[a](b)` and **bold**\n"
    assert sections(tmp_path, text) == [("", "```python\n# no heading\n[a](b) \\*\n```\n\n`[a](b)` and bold")]


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("see [NICE](https://example.org/a_(b)) now", "see NICE (https://example.org/a_(b)) now"),
        ('[a](https://example.org "title")', "a (https://example.org)"),
        ("![Chart of INR](http://tracker.example/x.png)", "Chart of INR"),
        ("CYP2C9\\*2 and CYP2C9*2/*3", "CYP2C9*2 and CYP2C9*2/*3"),
        ("p &lt; 0.05 & more", "p < 0.05 & more"),
        ("<img src=x onerror=alert(1)> stays text", "<img src=x onerror=alert(1)> stays text"),
        ("2**3**4 and ** 5 **", "2**3**4 and ** 5 **"),
        ("[[wiki]] [ref][1]", "[[wiki]] [ref][1]"),
    ],
)
def test_marks_of_a_line(tmp_path: Path, marked: str, text: str) -> None:
    assert sections(tmp_path, marked) == [("", text)]


def test_front_matter(tmp_path: Path) -> None:
    text = """---
title: "Sepsis: first hour"
year: 2024
url: https://example.org/sepsis
authors:
  - Roe R
  - Poe P
tags: [a, 'b']
---
# Other heading

Text.
"""
    document = markdown(tmp_path, text)
    m = document.metadata
    assert (m.title, m.year, m.url) == ("Sepsis: first hour", 2024, "https://example.org/sepsis")
    assert m.authors == ("Roe R", "Poe P")
    assert [(s.heading, s.text) for s in document.sections] == [("Other heading", "Text.")]


def test_a_rule_is_no_front_matter(tmp_path: Path) -> None:
    assert sections(tmp_path, "---\n\nJust text.\n\n---\n\nMore.") == [
        ("", "---\n\nJust text.\n\n---\n\nMore.")
    ]


def test_ids_and_titles(tmp_path: Path) -> None:
    document = markdown(tmp_path, "no heading here")
    assert document.metadata.title == "note"
    assert document.id.startswith("file:note-")
    assert len(document.id) == len("file:note-") + 8
    assert markdown(tmp_path, "# Only a title").sections[0].text == "Only a title"


@pytest.mark.parametrize(
    ("data", "text", "reasons"),
    [
        ("\ufeffβ-blocker µg".encode(), "β-blocker µg", []),
        ("β-blocker".encode("utf-16"), "β-blocker", []),
        (b"\xfe\xff" + "β-blocker".encode("utf-16-be"), "β-blocker", []),
        (b"a\x00b\x07c \xe2\x80\x8bd\r\ne\rf" + b" text" * 9, "abc d\ne\nf" + " text" * 9, []),
        ("50 µg – “once”".encode("cp1252"), "50 µg – “once”", ["Windows-1252"]),
        ("β, γ".encode() + b" \xff\xfe.", "β, γ \ufffd\ufffd.", ["2 bytes"]),
        (
            "50 µg".encode("cp1252") + b"x" * 300 + b"\x81",
            "50 µg" + "x" * 300 + "\ufffd",
            ["Windows-1252", "1 bytes"],
        ),
        (b"\xff\xfea\x00" * 1 + b"b\x00" * 200 + b"c", "a" + "b" * 200 + "\ufffd", ["1 bytes"]),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, text: str, reasons: list[str]) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    document, *notes = plain.read_text(file)
    assert isinstance(document, Document)
    assert document.sections[0].text == text
    assert len(notes) == len(reasons)
    for note, reason in zip(notes, reasons, strict=True):
        assert isinstance(note, Skipped)
        assert reason in note.reason


def test_cut_gzip_keeps_what_was_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt.gz"
    data = gzip.compress("".join(f"line {n * 7919}\n" for n in range(30_000)).encode())
    file.write_bytes(data[: len(data) // 2])
    document, note = plain.read_text(file)
    assert isinstance(document, Document)
    assert document.sections[0].text.startswith("line 0\nline 7919\n")
    assert document.metadata.title == "a"
    assert isinstance(note, Skipped)
    assert "gzip" in note.reason


@pytest.mark.parametrize("data", [b" \n\t", b"\x00\x01\x02" * 9, bytes(range(128, 256)) + bytes(range(30))])
def test_nothing_to_read(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    with pytest.raises(FormatError):
        list(plain.read_text(file))
    with pytest.raises(FormatError):
        list(plain.read_markdown(file))


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.md"
    file.write_text("# A\n\ntext\n" * 30)
    monkeypatch.setattr(plain, "MAX_SECTIONS", 20)
    with pytest.raises(FormatError, match="20 headings"):
        list(plain.read_markdown(file))
    with file.open("wb") as big:
        big.truncate(200 << 20)
    with pytest.raises(FormatError, match="20 MiB"):
        list(plain.read_text(file))


@pytest.mark.parametrize(
    "unit", ["[", "[a](", "**a ", "`", "\\", "&a", "[a](b(", "# ", "```\n", "a\n-\n", '[a](b "']
)
def test_hostile_repetition_takes_linear_time(tmp_path: Path, unit: str) -> None:
    file = tmp_path / "a.md"
    file.write_text("x" + unit * (300_000 // len(unit)))
    with contextlib.suppress(FormatError):
        list(plain.read_markdown(file))


@given(st.text(alphabet="#=-`*[]()!\\\n ab1|>:", max_size=80) | st.text(max_size=60))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "any.md"
    file.write_bytes(text.encode("utf-8", "surrogatepass") or b" ")
    for read in (plain.read_markdown, plain.read_text):
        with contextlib.suppress(InputError):
            document = next(read(file))
            assert isinstance(document, Document)
            assert all(s.text.strip() for s in document.sections)


@given(st.lists(st.sampled_from(["# a", "## b", "### c", "text one", "text two", ""]), max_size=12))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_is_lost(tmp_path: Path, lines: list[str]) -> None:
    file = tmp_path / "any.md"
    file.write_text("\n".join(["start", "", *lines]))
    (document,) = plain.read_markdown(file)
    assert isinstance(document, Document)
    found = "\n".join(s.text for s in document.sections).split("\n")
    wanted = [line for line in ["start", *lines] if line and not line.startswith("#")]
    assert [line for line in found if line in ("start", "text one", "text two")] == wanted


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_decoding_loses_no_count(data: bytes) -> None:
    decoded = decode(data)
    assert 0 <= decoded.lost <= len(data)
    if decoded.encoding == "utf-8" and not decoded.lost:
        assert decoded.text.encode() in (data, data.removeprefix(b"\xef\xbb\xbf"))
    if "\ufffd" not in decoded.text:
        assert decoded.lost == 0
