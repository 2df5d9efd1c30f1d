"""Conversations on disk: whose they are, what a search finds, what is left after deleting."""

import sqlite3
import stat
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError, InputError, StoreError
from assistant.types import Usage
from tests import scripted
from ui.conversations import DAMAGED, SHOWN, Store, folded
from ui.packed import LARGEST, dumps, loads, packed, unpacked


def answer(question: str = "How is warfarin dosed?", asked: str = ""):  # type: ignore[no-untyped-def]
    return replace(scripted.answered(question), asked=asked)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / "kept.sqlite")


def change(store: Store, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute(statement, values)


def test_what_is_kept_comes_back_as_it_was(store: Store) -> None:
    name = store.new()
    first = replace(answer(), usage=Usage(calls=2, money=0.5, currency="USD"))
    store.append(name, first)
    store.append(name, scripted.abstained("And in children?"))
    again = Store(store.path)
    assert again.load(name) == (first, scripted.abstained("And in children?"))
    assert again.load("another") == ()


def test_nothing_is_written_before_the_first_answer(store: Store) -> None:
    assert store.load(store.new()) == ()
    assert store.listing().rows == ()
    assert store.delete_all() == 0
    assert not store.path.parent.exists()


def test_ids_are_long_and_differ(store: Store) -> None:
    names = {store.new() for _ in range(200)}
    assert len(names) == 200
    assert min(map(len, names)) >= 24


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_only_the_owner_reads_the_file(store: Store) -> None:
    store.append("a", answer())
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    store.path.chmod(0o644)
    store.load("a")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [p.name for p in store.path.parent.iterdir()] == [store.path.name]


def test_what_was_blocked_is_not_kept(store: Store) -> None:
    store.append("a", scripted.blocked("John Smith, 555 1234"))
    assert store.load("a") == ()


def test_readers_see_their_own(tmp_path: Path) -> None:
    who = ["ann"]
    store = Store(tmp_path / "kept.sqlite", lambda: who[0])
    store.append("a", answer("Ann's question?"))
    who[0] = "bob"
    assert store.load("a") == ()
    assert store.listing().found == 0
    store.append("a", answer("Bob's question?"))
    assert [a.question for a in store.load("a")] == ["Bob's question?"]
    assert store.delete("a") == 1
    assert store.delete_all() == 0
    who[0] = "ann"
    assert [row.question for row in store.listing().rows] == ["Ann's question?"]


def test_the_newest_conversation_stands_first(store: Store) -> None:
    store.append("a", answer("First?"))
    store.append("b", answer("Second, as it was searched?", asked="Second?"))
    store.append("a", answer("Third?"))
    rows = store.listing().rows
    assert [(row.id, row.question, row.count, row.damaged) for row in rows] == [
        ("a", "First?", 2, 0),
        ("b", "Second?", 1, 0),
    ]


def test_a_search_wants_each_word_in_one_answer(store: Store) -> None:
    store.append("a", answer("Dose of WARFARIN in Übergewicht?"))
    store.append("b", scripted.abstained("Is 100% oxygen used?"))
    store.append("b", scripted.abstained("Which mask_type?"))

    def found(search: str) -> list[str]:
        return [row.id for row in store.listing(search).rows]

    assert found("warfarin") == found("übergewicht Dose") == found("CYP2C9") == ["a"]
    assert found("oxygen mask_type") == []
    assert found("100%") == found("_type") == ["b"]
    assert found("%") == ["b"]
    assert found("'; DROP TABLE answer; --") == []
    assert sorted(found("  ")) == ["a", "b"]


def test_a_listing_says_how_many_there_are(store: Store) -> None:
    store.append("first", answer())
    columns = "owner, conversation, at, question, words, version, body"
    change(
        store,
        f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {SHOWN + 4})"
        f" INSERT INTO answer ({columns}) SELECT owner, 'c' || i, at, question, words, version, body"
        " FROM answer, c",
    )
    found = store.listing()
    assert (len(found.rows), found.found) == (SHOWN, SHOWN + 5)
    assert found.rows[0].id == f"c{SHOWN + 4}"


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE answer SET body = ? WHERE n = 1", '{"question": "cut'),
        ("UPDATE answer SET version = ? WHERE n = 1", 99),
    ],
)
def test_one_damaged_answer_is_counted_and_stops_no_other(
    store: Store, statement: str, value: object
) -> None:
    store.append("a", answer("First?"))
    store.append("a", answer("Second?"))
    change(store, statement, value)
    first, second = store.load("a")
    assert (first.question, first.note, first.sentences) == ("First?", DAMAGED, ())
    assert second == answer("Second?")
    assert [(row.count, row.damaged) for row in store.listing().rows] == [(2, 1)]


def test_valid_json_that_is_no_answer_is_damaged_too(store: Store) -> None:
    store.append("a", answer("First?"))
    change(store, "UPDATE answer SET body = '{}'")
    assert store.load("a")[0].note == DAMAGED


def test_what_is_deleted_is_not_in_the_file(store: Store) -> None:
    words = "Quinquagesimal anticoagulation?"
    for _ in range(20):
        store.append("a", answer(words))
    store.append("b", answer("Another?"))
    size = store.path.stat().st_size
    assert words.encode() in store.path.read_bytes()
    assert store.delete("a") == 20
    kept = store.path.read_bytes()
    assert words.encode() not in kept
    assert folded(words).encode() not in kept
    assert store.path.stat().st_size < size
    assert [row.id for row in store.listing().rows] == ["b"]
    assert store.delete_all() == 1
    assert b"Another?" not in store.path.read_bytes()


def test_a_file_that_is_none_of_ours(store: Store) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"no database " * 100)
    for call in (
        store.listing,
        store.delete_all,
        lambda: store.load("a"),
        lambda: store.append("a", answer()),
    ):
        with pytest.raises(StoreError, match="is damaged"):
            call()
    assert store.path.read_bytes() == b"no database " * 100


def test_a_file_of_a_later_version_is_left_alone(store: Store) -> None:
    store.append("a", answer())
    change(store, "PRAGMA user_version = 7")
    with pytest.raises(StoreError, match="later version"):
        store.listing()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="set conversations to another file"):
        Store(tmp_path / "file" / "kept.sqlite").append("a", answer())


def test_an_answer_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(InputError, match="half a character"):
        dumps(answer("\ud800"))


def test_an_answer_of_an_earlier_version_lacks_later_fields() -> None:
    old = '{"question": "Q?", "status": "abstained", "sentences": [], "evidence": [], "ranked_by": "x"}'
    assert loads(old).notes == ()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_categories=["Cs"])), st.floats(0, 1e9))
def test_packed_and_back(words: str, milliseconds: float) -> None:
    given = replace(answer(words), note=words, timings_ms={words: milliseconds})
    back = unpacked(packed(given))
    assert loads(dumps(given)) == given
    assert (back.question, back.note, back.timings_ms) == (words, words, {words: milliseconds})
    assert back.sentences == given.sentences


def test_a_page_is_told_no_place_on_this_machine() -> None:
    back = unpacked(packed(answer()))
    assert {e.hit.metadata.origin.path for e in back.evidence} == {""}
    assert back.evidence[0].hit.chunk == scripted.EVIDENCE[0].hit.chunk


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "eJxLTAQAAdUA"])
def test_what_is_not_packed_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        unpacked(text)


def test_what_would_grow_too_large_is_refused() -> None:
    with pytest.raises(FormatError, match="more than"):
        unpacked(packed(answer("a" * (LARGEST + 1))))
