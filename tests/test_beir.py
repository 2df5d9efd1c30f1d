"""A line of a BEIR corpus is a document or a counted skip."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError
from assistant.types import Document, Record, Skipped
from ingest.readers import beir

GOOD = {"_id": "a1", "title": "T", "text": "Some text."}


def corpus(tmp_path: Path, *lines: object) -> Path:
    folder = tmp_path / "mini"
    folder.mkdir(exist_ok=True)
    file = folder / "corpus.jsonl"
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    file.write_bytes(b"\n".join(texts))
    return file


def outcomes(records: list[Record]) -> list[str]:
    return [r.id if isinstance(r, Document) else str(r) for r in records]


def test_fields(tmp_path: Path) -> None:
    line = {
        "_id": 7,
        "title": " A\ttitle ",
        "text": "One.\r\nTwo.\x00",
        "metadata": {"year": "2019", "url": "https://example.org/7", "authors": ["Roe R", 3], "pmid": 12},
        "doi": "https://doi.org/10.1000/x",
        "synthetic": True,
        "journal": ["no string"],
    }
    (document,) = beir.read(corpus(tmp_path, line))
    assert isinstance(document, Document)
    m = document.metadata
    assert (document.id, m.title, document.sections[0].text) == ("mini:7", "A title", "One.\nTwo.")
    assert (m.year, m.url, m.authors, m.pmid, m.doi) == (
        2019,
        "https://example.org/7",
        ("Roe R",),
        "12",
        "10.1000/x",
    )
    assert (m.synthetic, m.journal, m.retracted) == (True, None, False)
    assert (m.origin.format, m.origin.place) == ("beir", "line 1")


@pytest.mark.parametrize(
    ("key", "value"),
    [("year", 99), ("year", True), ("year", [2000]), ("url", "javascript:x"), ("pmid", "x"), ("doi", 3)],
)
def test_a_field_of_another_form_is_none(tmp_path: Path, key: str, value: object) -> None:
    (document,) = beir.read(corpus(tmp_path, {**GOOD, key: value}))
    assert isinstance(document, Document)
    assert getattr(document.metadata, key) is None


def test_each_broken_line_is_counted(tmp_path: Path) -> None:
    file = corpus(
        tmp_path,
        GOOD,
        b"",
        b'{"_id": "b", "text": ',
        b"   ",
        [1, 2],
        {"title": "x", "text": "y"},
        {"_id": "c", "title": " ", "text": "\u200b"},
        {"_id": "d", "title": "Only a title"},
        {**GOOD, "text": "again"},
        {"_id": "e", "text": 5},
        b'{"_id": "f", "text": "\xff"}',
        {"_id": "", "text": "y"},
        {"_id": True, "text": "y"},
        {"_id": "x\ny", "text": "y"},
        b"[" * 100_000,
        b'{"_id": 1' + b"0" * 5000 + b"}",
        {"_id": "g", "text": "last"},
    )
    records = list(beir.read(file))
    found = outcomes(records)
    assert [r for r in found if r.startswith("mini:")] == ["mini:a1", "mini:d", "mini:g"]
    places = [r.place for r in records if isinstance(r, Skipped)]
    assert places == [f"line {n}" for n in (3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16)]
    reasons = " | ".join(found)
    for reason in (
        "broken JSON",
        "not a JSON object",
        "no _id",
        "neither title nor text",
        "earlier line",
        "UTF-8",
    ):
        assert reason in reasons
    (title_only,) = (r for r in records if isinstance(r, Document) and r.id == "mini:d")
    assert title_only.sections[0].text == "Only a title"


def test_long_lines_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beir, "MAX_LINE", 100_000)
    long = {"_id": "long", "text": "x" * 300_000}
    file = corpus(tmp_path, GOOD, long, {"_id": "b", "text": "y" * 90_000}, long)
    records = list(beir.read(file))
    assert [r.id for r in records if isinstance(r, Document)] == ["mini:a1", "mini:b"]
    assert [r.place for r in records if isinstance(r, Skipped)] == ["line 2", "line 4"]


def test_gzip_whole_and_cut(tmp_path: Path) -> None:
    plain = corpus(tmp_path, *({"_id": n, "text": f"text {n * 7919} {n}"} for n in range(20_000)))
    packed = plain.with_suffix(".jsonl.gz")
    data = gzip.compress(plain.read_bytes())
    packed.write_bytes(data)
    assert len(list(beir.read(packed))) == 20_000
    packed.write_bytes(data[: len(data) // 2])
    *documents, last = beir.read(packed)
    assert 1000 < len(documents) < 20_000
    assert all(isinstance(r, Document) for r in documents)
    assert isinstance(last, Skipped)
    assert last.place == f"after line {len(documents)}"
    packed.write_bytes(data[:12])
    with pytest.raises(FormatError, match="gzip"):
        list(beir.read(packed))


@pytest.mark.parametrize("lines", [[b"no json"] * 3, [b"no json"] * 500, [b"", b" "], [[1], "x"]])
def test_no_corpus(tmp_path: Path, lines: list[object]) -> None:
    with pytest.raises(FormatError, match="not a BEIR corpus"):
        list(beir.read(corpus(tmp_path, *lines)))


def test_questions_are_no_documents(tmp_path: Path) -> None:
    file = corpus(tmp_path, GOOD).rename(tmp_path / "queries.jsonl")
    with pytest.raises(FormatError, match=r"corpus\.jsonl"):
        list(beir.read(file))


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    line = json.dumps(GOOD).encode()
    file = corpus(tmp_path, b"\xef\xbb\xbf" + line + b"\r", b"\r")
    assert outcomes(list(beir.read(file))) == ["mini:a1"]


LINES = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"_id": st.text(max_size=3) | st.integers() | st.none(), "title": st.text(max_size=5)}
    ).map(lambda o: json.dumps(o).encode()),
    st.fixed_dictionaries({"_id": st.text(max_size=2), "text": st.text(max_size=5)}).map(
        lambda o: json.dumps(o).encode()
    ),
    st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"")),
)


@given(st.lists(LINES, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_comes_out_once(tmp_path: Path, lines: list[bytes]) -> None:
    lines = [json.dumps(GOOD).encode(), *lines]
    records = list(beir.read(corpus(tmp_path, *lines)))
    expected = [f"line {n}" for n, line in enumerate(lines, 1) if line.strip(b" \t\n\r\x0b\x0c")]
    places = [r.metadata.origin.place for r in records if isinstance(r, Document)]
    places += [r.place for r in records if isinstance(r, Skipped)]
    assert sorted(places) == sorted(expected)
    ids = [r.id for r in records if isinstance(r, Document)]
    assert len(ids) == len(set(ids))
    assert all(s.text.strip() for r in records if isinstance(r, Document) for s in r.sections)
