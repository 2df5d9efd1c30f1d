"""Scores kept between calls and processes."""

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from assistant.errors import ConfigError
from rerankers.base import Reranker, Scored
from rerankers.combine import Ask, Composition

_VERSION = "cached/1"
_BUSY = 10.0  # seconds to wait for another process
_AT_ONCE = 500  # keys a statement
_DOUBLE = struct.Struct("<d")


class Cached(Composition):
    """The scores of `part`, each computed once for a question and a passage.

    The key is made of the reranker's name and revision, the question and the passage, by SHA-256: no text is
    stored. A score comes back bit by bit as it was. Scores of a call that was degraded are not kept. When
    the store cannot be used the scores are computed, and a note says why. Raises ConfigError, at once, for a
    part whose scores depend on the whole pool.
    """

    pointwise = True

    def __init__(self, part: Reranker, path: Path, size: int) -> None:
        if not part.pointwise:
            raise ConfigError(
                f"cached({part.name}): its scores depend on the whole pool and cannot be kept; cache what is "
                "inside, as in fusion(cached(late)) or cascade(cached(late)@100>20,minilm)"
            )
        self.name = f"cached({part.name})"
        self._part = part
        self._store = Store(path, size)

    @property
    def revision(self) -> str:
        return self._part.revision

    @cached_property
    def _author(self) -> bytes:
        return _digest(_VERSION, self._part.name, self._part.revision)

    def combine(self, query: str, passages: Sequence[str], ask: Ask) -> Scored:
        author = self._author + _digest(query)
        keys = [sha256(author + _digest(passage)).digest() for passage in passages]
        notes: tuple[str, ...] = ()
        try:
            found = self._store.read(keys)
        except (sqlite3.Error, OSError) as error:
            found, notes = {}, (self._trouble(error),)
        rows = {key: row for row, key in enumerate(keys) if key not in found}
        scored = Scored(scores=(), ranked_by=self._part.name)
        if rows:
            scored = ask(self._part, list(rows.values()))
            new = dict(zip(rows, scored.scores, strict=True))
            found = {**found, **new}
            if not (scored.degraded or notes):
                try:
                    self._store.write(new)
                except (sqlite3.Error, OSError) as error:
                    notes = (self._trouble(error),)
        return replace(
            scored,
            scores=tuple(found[key] for key in keys),
            ranked_by=f"cached({scored.ranked_by})",
            notes=(*scored.notes, *notes),
        )

    def _trouble(self, error: Exception) -> str:
        return f"scores are not kept, {self._store.path} cannot be used ({error}); delete it"


class Store:
    """Key -> float in one SQLite file that processes share. At most `size`; the least recently used go."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self._size = path, size

    def read(self, keys: Sequence[bytes]) -> dict[bytes, float]:
        """Those that are there; they count as used now."""
        if not self.path.exists():
            return {}
        found: dict[bytes, float] = {}
        with closing(self._open()) as database, database:
            database.execute("BEGIN IMMEDIATE")
            for begin in range(0, len(keys), _AT_ONCE):
                part = keys[begin : begin + _AT_ONCE]
                rows = database.execute(
                    f"SELECT key, score FROM scores WHERE key IN ({','.join('?' * len(part))})", part
                )
                found |= {key: _DOUBLE.unpack(score)[0] for key, score in rows}
            now = self._now(database)
            database.executemany("UPDATE scores SET used = ? WHERE key = ?", [(now, key) for key in found])
        return found

    def write(self, scores: Mapping[bytes, float]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as database, database:
            database.execute("BEGIN IMMEDIATE")
            now = self._now(database)
            database.executemany(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?)",
                [(key, _DOUBLE.pack(score), now) for key, score in scores.items()],
            )
            (count,) = database.execute("SELECT count(*) FROM scores").fetchone()
            if count > self._size:
                database.execute(
                    "DELETE FROM scores WHERE key IN (SELECT key FROM scores ORDER BY used LIMIT ?)",
                    (count - self._size,),
                )

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS scores "
                "(key BLOB PRIMARY KEY, score BLOB NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID"
            )
            database.execute("CREATE INDEX IF NOT EXISTS by_use ON scores (used)")
        except BaseException:
            database.close()
            raise
        return database

    def _now(self, database: sqlite3.Connection) -> int:
        """One more than the last use: a clock that no process can turn back."""
        (last,) = database.execute("SELECT coalesce(max(used), 0) FROM scores").fetchone()
        return int(last) + 1


def _digest(*texts: str) -> bytes:
    parts = (sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts)
    return b"".join(parts)
