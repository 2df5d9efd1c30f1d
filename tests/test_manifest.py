import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.encoders import HashEncoder
from assistant.errors import IndexDamaged, IndexMismatch, StoreError
from assistant.index.manifest import check, new, parse

MADE = new(HashEncoder(8))


def test_round_trip() -> None:
    manifest = replace(
        MADE, files={"a/b.dat": 3}, average_length=12.5, reweighing=13.0, chunks=4, clean=False
    )
    assert parse(json.dumps(manifest.to_dict()), "m", "r") == manifest


@pytest.mark.parametrize(
    "change",
    [
        {"dim": "8"},
        {"dim": True},
        {"clean": 1},
        {"encoder": None},
        {"files": []},
        {"reweighing": "x"},
        {"more": 1},
    ],
)
def test_a_wrong_entry(change: dict[str, object]) -> None:
    with pytest.raises(IndexDamaged, match=r"the place .*; the remedy"):
        parse(json.dumps(MADE.to_dict() | change), "the place", "the remedy")


@pytest.mark.parametrize("name", MADE.to_dict())
def test_a_missing_entry(name: str) -> None:
    known = MADE.to_dict()
    del known[name]
    with pytest.raises(IndexDamaged):
        parse(json.dumps(known), "p", "r")


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_anything_else_is_our_error(text: str) -> None:
    with pytest.raises(StoreError):
        parse(text, "p", "r")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoder": "medcpt"}, "encoder medcpt, not hash: use --encoder medcpt"),
        ({"revision": "0"}, "encoder revision 0, not 1"),
        ({"dim": 9}, "dimension 9, not 8"),
        ({"distance": "dot"}, "distance dot, not cosine"),
        ({"tokeniser": "old/1"}, "tokeniser old/1.*ingest again"),
    ],
)
def test_another_encoder_or_tokeniser(change: dict[str, object], message: str) -> None:
    check(MADE, HashEncoder(8), "p")
    with pytest.raises(IndexMismatch, match=message):
        check(replace(MADE, **change), HashEncoder(8), "p")  # type: ignore[arg-type]
