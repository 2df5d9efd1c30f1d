"""What a file is, by its content; and what all readers promise."""

import gzip
import json
import os
import random
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError, InputError
from assistant.types import Document, Removed, Skipped
from ingest.readers import FORMATS, detect, read
from tests.test_pdf import made

DOCTYPE = '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS v1.0//EN" "a.dtd" [\n<!-- it\'s --> ]>'
ARTICLE = (
    '<article xmlns:x="y"><front><article-meta><article-id pub-id-type="pmc">1</article-id></article-meta>'
    "</front><body><p>Text.</p></body></article>"
)
PUBMED = (
    "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>T</ArticleTitle>"
    "</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
)
BEIR = json.dumps({"_id": "1", "title": "", "text": "Text."})
SAMPLES = {
    "pubmed": PUBMED.encode(),
    "jats": ARTICLE.encode(),
    "beir": BEIR.encode(),
    "markdown": b"# Title\n\nText.",
    "text": b"Just text.",
    "pdf": made("Text."),
}


def put(tmp_path: Path, data: bytes | str, name: str = "file.xyz") -> Path:
    file = tmp_path / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return file


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        *((data, name) for name, data in SAMPLES.items()),
        *((gzip.compress(SAMPLES[name]), name) for name in ("pubmed", "jats", "beir", "text")),
        (f"\ufeff<?xml version='1.0'?>\n<!-- a <b> -->{DOCTYPE}\n{ARTICLE}", "jats"),
        ('<?xml version="1.0"?><pmc-articleset>' + ARTICLE, "jats"),
        (f'<!DOCTYPE PubmedArticleSet PUBLIC "x" "y">{PUBMED}', "pubmed"),
        (PUBMED.encode("utf-16"), "pubmed"),
        ("<PubmedBookArticleSet>", "pubmed"),
        ("<eSearchResult/>", "text"),
        ('<?xml version="1.0"?><eSearchResult/>', None),
        ("<!doctype html><html><body>x</body></html>", None),
        ("\n\nbroken\n" + BEIR, "beir"),
        ('{"a": 1}', "text"),
        ("query-id\tcorpus-id\tscore\nq\td\t1\n", None),
        ("Title\n=====\n\ntext", "markdown"),
        ("---\ntitle: x\n---\ntext", "markdown"),
        ("text\n\n## Heading\r\n", "markdown"),
        ("see [x](https://example.org)", "markdown"),
        ("Issue #3 of 5\n# of patients: 4", "text"),
        ("\xb5g \u2013 \xe9".encode("cp1252") + b" and more plain words", "text"),
        ("β" * 40_000, "text"),
        (random.Random(1).randbytes(5000), None),
        (b"\xff\xfe" + random.Random(2).randbytes(5000), None),
        (gzip.compress(random.Random(1).randbytes(5000)), None),
        (b"\x1f\x8b\x08 cut", None),
        (b"\x00" * 100, None),
        (b"", None),
    ],
)
def test_detect(tmp_path: Path, data: bytes | str, expected: str | None) -> None:
    assert detect(put(tmp_path, data)) == expected


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reads(tmp_path: Path, name: str) -> None:
    file = put(tmp_path, SAMPLES[name])
    for asked in ("auto", name):
        (document,) = read(file, asked)
        assert isinstance(document, Document)
        assert document.metadata.origin.format == name
        assert document.metadata.origin.path == str(file)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("wrong", FORMATS)
def test_a_file_of_another_format(tmp_path: Path, name: str, wrong: str) -> None:
    file = put(tmp_path, SAMPLES[wrong])
    text = {"pubmed", "jats", "beir", "markdown", "text"}
    if name == wrong or (name in ("markdown", "text") and wrong in text):
        assert list(read(file, name))
    elif name in ("markdown", "text"):  # a PDF without compressed parts is made of letters
        assert all(isinstance(r, Document | Skipped) for r in read(file, name))
    else:
        with pytest.raises(FormatError, match=r"file\.xyz"):
            list(read(file, name))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="empty"):
        read(put(tmp_path, b""))
    with pytest.raises(FormatError, match=r"not a format I can read; known are pubmed, jats"):
        read(put(tmp_path, random.Random(3).randbytes(5000), "noise.pdf"))
    with pytest.raises(InputError, match="folder"):
        read(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "nothing")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "link")
    with pytest.raises(InputError, match="null"):
        read(Path("a\0b"))
    with pytest.raises(InputError, match="unknown format 'word'; known are auto, pubmed"):
        read(put(tmp_path, b"x"), "word")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="regular"):
        read(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(tmp_path / "s"))
        with pytest.raises(InputError, match="regular"):
            read(tmp_path / "s")


def test_without_permission(tmp_path: Path) -> None:
    """Root may read everything, so the refusal is looked at as another user."""
    file = put(tmp_path, b"text")
    file.chmod(0)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from ingest.readers import read; from assistant.errors import InputError\n"
        "import ingest.readers.files, ingest.readers.sniff, ingest.readers.plain\n"
        "os.getuid() or os.setuid(65534)\n"
        "try: list(read(Path(sys.argv[1])))\n"
        "except InputError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(file))
    assert "Permission denied" in done.stdout


def test_importing_loads_no_parser() -> None:
    code = "import sys, ingest.readers; print([m for m in ('lxml', 'pypdf') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@given(
    st.binary(max_size=120)
    | st.sampled_from(sorted(SAMPLES.values())).flatmap(
        lambda data: st.integers(0, len(data)).map(lambda n: data[:n])
    ),
    st.sampled_from(["auto", *FORMATS]),
)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_in_any_format(tmp_path: Path, data: bytes, name: str) -> None:
    file = put(tmp_path, data)
    try:
        records = list(read(file, name))
    except InputError as error:
        assert str(file) in str(error)  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
        return
    assert records
    for record in records:
        assert isinstance(record, Document | Skipped | Removed)
        if isinstance(record, Document):
            assert all(s.text.strip() for s in record.sections)
