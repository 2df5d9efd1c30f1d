"""Conversations kept on this machine: one SQLite file, readable by its owner alone.

It holds what readers typed and what they were shown. Each sees what was kept under the own log-in name;
without a password there is one reader. An id is 144 random bits. What is deleted is overwritten in the file
(SQLite's secure_delete) and the file shrinks; what a file system or a backup keeps is beyond its reach.
"""

import os
import secrets
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.errors import AssistantError, StoreError
from assistant.types import Answer
from ui.packed import VERSION, dumps, loads

LAYOUT = 1  # of the tables
SHOWN = 100  # rows of a listing
LONGEST_SEARCH = 200  # characters
DAMAGED = "This answer was kept, but what was kept of it is damaged; ask again."
TABLE = """
CREATE TABLE IF NOT EXISTS answer (
    n INTEGER PRIMARY KEY, owner TEXT NOT NULL, conversation TEXT NOT NULL, at TEXT NOT NULL,
    question TEXT NOT NULL, words TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS of_conversation ON answer (owner, conversation);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One conversation. `when`: of its last answer, ISO, UTC. `damaged`: answers that cannot be read."""

    id: str
    question: str
    when: str
    count: int
    damaged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The newest conversations; `found`: how many there are in all."""

    rows: tuple[Row, ...]
    found: int


class Store:
    """`reader`: the log-in name of whoever is asking just now, "" without a password.

    Nothing is touched before the first answer is kept. Each method raises StoreError, in one line, where the
    file cannot be used.
    """

    def __init__(self, path: Path, reader: Callable[[], str] = lambda: "") -> None:
        self.path = path.expanduser()
        self._reader = reader

    def new(self) -> str:
        return secrets.token_urlsafe(18)

    def append(self, conversation_id: str, answer: Answer) -> None:
        """A blocked question may name a patient: it is not kept."""
        if answer.status == "blocked":
            return
        question = answer.asked or answer.question
        row = (
            self._reader(),
            conversation_id,
            datetime.now(UTC).isoformat(timespec="seconds"),
            question,
            folded(" ".join([question, answer.question, *(s.text for s in answer.sentences)])),
            VERSION,
            dumps(answer),
        )
        with self._open(make=True) as db:
            db.execute(
                "INSERT INTO answer (owner, conversation, at, question, words, version, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def load(self, conversation_id: str) -> tuple[Answer, ...]:
        """In order; empty where this reader has none of this id. One that is damaged says so in its place."""
        with self._open() as db:
            rows = db.execute(
                "SELECT question, version, body FROM answer WHERE owner = ? AND conversation = ? ORDER BY n",
                (self._reader(), conversation_id),
            ).fetchall()
        return tuple(_read(*row) for row in rows)

    def listing(self, search: str = "") -> Listing:
        """Conversations with an answer that holds each word of `search`, in any case; the newest first."""
        words = folded(search[:LONGEST_SEARCH]).split()
        matches = " AND ".join(["1", *("instr(words, ?) > 0" for _ in words)])
        owner = self._reader()
        with self._open() as db:
            rows = db.execute(
                "SELECT s.conversation, f.question, s.at, s.number, count(*) OVER () FROM"
                " (SELECT conversation, min(n) AS first, max(n) AS last, max(at) AS at, count(*) AS number"
                f" FROM answer WHERE owner = ? GROUP BY conversation HAVING max({matches})) AS s"
                " JOIN answer AS f ON f.n = s.first ORDER BY s.last DESC LIMIT ?",
                (owner, *words, SHOWN),
            ).fetchall()
            marks = ", ".join("?" for _ in rows)
            damaged = dict(
                db.execute(
                    "SELECT conversation, sum(version != ? OR NOT json_valid(body)) FROM answer"
                    f" WHERE owner = ? AND conversation IN ({marks}) GROUP BY conversation",
                    (VERSION, owner, *(row[0] for row in rows)),
                )
            )
        found = rows[0][4] if rows else 0
        made = (
            Row(id=row[0], question=str(row[1]), when=str(row[2]), count=row[3], damaged=damaged[row[0]])
            for row in rows
        )
        return Listing(rows=tuple(made), found=found)

    def delete(self, conversation_id: str) -> int:
        """How many answers went, for good."""
        return self._delete("owner = ? AND conversation = ?", (self._reader(), conversation_id))

    def delete_all(self) -> int:
        """All of this reader's."""
        return self._delete("owner = ?", (self._reader(),))

    def _delete(self, which: str, values: tuple[str, ...]) -> int:
        with self._open() as db:
            gone = db.execute(f"DELETE FROM answer WHERE {which}", values).rowcount
            if gone:
                db.execute("VACUUM")
        return gone

    @contextmanager
    def _open(self, make: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection of its own, so that threads do not share one. A file that is not there yet is read
        as an empty one."""
        try:
            name = ":memory:"
            if make:
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            if self.path.exists():
                self.path.chmod(0o600)
                name = str(self.path)
            with closing(sqlite3.connect(name, timeout=10, isolation_level=None)) as db:
                db.execute("PRAGMA secure_delete = ON")
                db.execute("PRAGMA temp_store = MEMORY")
                self._prepare(db)
                yield db
        except sqlite3.OperationalError as error:
            raise StoreError(f"conversations: cannot use {self.path} ({error}); try again") from None
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"conversations: {self.path} is damaged ({error}); move it away, and a new one begins"
            ) from None
        except OSError as error:
            raise StoreError(
                f"conversations: cannot write {self.path} ({error.strerror}); set conversations to another"
                " file, or history to false"
            ) from None

    def _prepare(self, db: sqlite3.Connection) -> None:
        (layout,) = db.execute("PRAGMA user_version").fetchone()
        if layout > LAYOUT:
            raise StoreError(
                f"conversations: {self.path} was made by a later version of this program; update it, or set"
                " conversations to another file"
            )
        if layout < LAYOUT:
            db.executescript(TABLE)
            db.execute(f"PRAGMA user_version = {LAYOUT}")


def _read(question: str, version: int, body: str) -> Answer:
    try:
        if version == VERSION:
            return loads(body)
    except AssistantError:
        pass
    return Answer(
        question=str(question), status="abstained", sentences=(), evidence=(), ranked_by="", note=DAMAGED
    )


def folded(text: str) -> str:
    """As it is searched: without case, compatibility forms alike."""
    return unicodedata.normalize("NFKC", text).casefold()
