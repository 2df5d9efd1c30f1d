"""PDFs written here byte by byte."""

import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError
from assistant.types import Document, Skipped
from ingest.readers import pdf


def made(*pages: str | bytes, title: str = "", trailer: str = "") -> bytes:
    """A PDF of one font; a page is its lines, or its drawing instructions as they are."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for page in pages:
        drawing = page if isinstance(page, bytes) else _drawing(page)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    objects.append(b"<< /Title (%s) >>" % title.encode("latin-1"))
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return data + head + table + end % (len(objects) + 1, len(objects), trailer.encode(), len(data))


def _drawing(text: str) -> bytes:
    lines = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in text.split("\n")]
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    return f"BT /F 12 Tf 14 TL 50 700 Td {shown} ET".encode("cp1252")


def read(tmp_path: Path, data: bytes) -> tuple[Document, list[Skipped]]:
    file = tmp_path / "guide.pdf"
    file.write_bytes(data)
    document, *skipped = pdf.read(file)
    assert isinstance(document, Document)
    assert all(isinstance(s, Skipped) for s in skipped)
    return document, [s for s in skipped if isinstance(s, Skipped)]


def refused(tmp_path: Path, data: bytes, match: str) -> None:
    file = tmp_path / "guide.pdf"
    file.write_bytes(data)
    with pytest.raises(FormatError, match=match) as caught:
        list(pdf.read(file))
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pages_keep_their_numbers(tmp_path: Path) -> None:
    document, skipped = read(tmp_path, made("Dose 5 mg.", "", "µg (n = 3)", title="A guide"))
    assert not skipped
    assert document.metadata.title == "A guide"
    assert document.id.startswith("file:guide-")
    assert [(s.page, s.heading, s.text) for s in document.sections] == [
        (1, "Page 1", "Dose 5 mg."),
        (3, "Page 3", "µg (n = 3)"),
    ]


def test_words_cut_at_line_ends_are_joined(tmp_path: Path) -> None:
    text = (
        "anticoagu-\nlation with a beta-\nblocker and IL-\n6 or non-\nST, a 5-\nday course\nof beta-blocker"
    )
    document, _ = read(tmp_path, made(text))
    assert document.sections[0].text == (
        "anticoagulation with a beta-blocker and IL-6 or non-ST, a 5-day course\nof beta-blocker"
    )


def test_one_bad_page_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_CONTENT", 2000)
    monkeypatch.setattr(pdf, "MAX_PAGE", 100)
    pages = made("One.", "Two.", b"q " * 2000, "x" * 150, "Five.", b"q Q")
    broken = pages.replace(b"6 0 obj\n<< ", b"6 0 obj\n<< /Subtype /Image /Filter /Nix ")
    broken = broken.replace(
        b"/Contents 14 0 R /Resources << ", b"/Contents 14 0 R /Resources << /XObject << /I 6 0 R >> "
    )
    document, skipped = read(tmp_path, broken)
    assert [s.page for s in document.sections] == [1, 5]
    assert [s.place for s in skipped] == ["page 2", "page 3", "page 4", "page 6"]
    reasons = ("Nix", "drawing", "100 characters", "scanned")
    assert all(reason in page.reason for reason, page in zip(reasons, skipped, strict=True))


def test_clear_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = (
        f"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >>"
    )
    refused(tmp_path, made("secret", trailer=locked), "password")
    refused(tmp_path, made("", b"q Q"), "no page holds text")
    refused(tmp_path, b"%PDF-1.4\n" + bytes(range(256)) * 9, "not a readable PDF")
    refused(tmp_path, made("text")[:150], "not a readable PDF")
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    refused(tmp_path, made("a", "b"), "2 pages")
    monkeypatch.setattr(pdf, "MAX_BYTES", 100)
    refused(tmp_path, made("a"), "split it")


def test_nothing_leaks_into_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    level = logging.getLogger("pypdf").level
    document, _ = read(tmp_path, made("text").replace(b"startxref\n", b"startxref\n9"))
    assert document.sections[0].text == "text"
    assert not caplog.records
    assert capsys.readouterr() == ("", "")
    assert logging.getLogger("pypdf").level == level


@given(st.binary(max_size=40), st.integers(0, 700))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage(tmp_path: Path, junk: bytes, place: int) -> None:
    file = tmp_path / "any.pdf"
    good = made("Some text.", "More text.")
    file.write_bytes(good[:place] + junk + good[place + len(junk) :])
    try:
        document, *_ = pdf.read(file)
    except FormatError:
        return
    assert isinstance(document, Document)
    assert all(s.text.strip() and s.page for s in document.sections)
