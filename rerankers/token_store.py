"""Token vectors on disk, bounded: one SQLite file that several processes may share and that survives a kill.

A connection lives for one call. What cannot be read is made again by the caller and never an error; what
happened is told in words.
"""

import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.base import Vectors, unit

HOUR = 3600  # how finely the time of the last use is kept
KEEP = 0.8  # of the bound, what an eviction leaves
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Unit vectors of a text's tokens, window after window, a byte a dimension: vector = codes * scale."""

    windows: NDArray[np.int32]  # tokens of each window
    scales: NDArray[np.float32]  # (tokens,)
    codes: NDArray[np.int8]  # (tokens, dim)


SMALLEST = 1e-30  # of a vector's largest part; below it, it has no direction in float32


def pack(windows: Sequence[Vectors]) -> Tokens:
    """Vectors of any length, at least one -> unit vectors, each dimension rounded to 1/127 of the largest."""
    vectors = unit(np.concatenate(windows))
    largest = np.abs(vectors).max(axis=1)
    scales = np.where(largest < SMALLEST, 1, largest / 127).astype(np.float32)
    codes = np.rint(vectors / scales[:, None]).astype(np.int8)
    return Tokens(np.array([len(w) for w in windows], np.int32), scales, codes)


class TokenStore:
    """At most `most` bytes of `Tokens` by key; the least recently used go first."""

    def __init__(self, path: Path, most: int) -> None:
        self.path, self.most = path, most

    def read(self, keys: Sequence[bytes]) -> tuple[dict[bytes, Tokens], tuple[str, ...]]:
        """What is there of `keys`, and what went wrong."""

        def get(db: sqlite3.Connection) -> tuple[dict[bytes, Tokens], int]:
            found: dict[bytes, Tokens] = {}
            damaged = 0
            now, old = int(time.time()) // HOUR, []
            for key in dict.fromkeys(keys):
                row = db.execute(
                    "SELECT used, digest, windows, scales, codes FROM tokens WHERE key = ?", (key,)
                )
                for used, digest, *parts in row.fetchall():
                    if digest != _digest(key, *parts):
                        damaged += 1
                        continue
                    found[key] = _tokens(*parts)
                    if used < now:
                        old.append((now, key))
            if old:
                with db:
                    db.executemany("UPDATE tokens SET used = ? WHERE key = ?", old)
            return found, damaged

        done, told = self._try(get)
        found, damaged = ({}, 0) if done is None else done
        if damaged:
            told = (*told, f"{damaged} stored token vectors were damaged and are made again")
        return found, told

    def write(self, items: Mapping[bytes, Tokens]) -> tuple[str, ...]:
        """Keep `items`, in one transaction; returns what went wrong."""

        def put(db: sqlite3.Connection) -> None:
            now = int(time.time()) // HOUR
            with db:
                for key, tokens in items.items():
                    parts = (tokens.windows.tobytes(), tokens.scales.tobytes(), tokens.codes.tobytes())
                    row = (key, now, _digest(key, *parts), *parts)
                    db.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?, ?, ?)", row)
                _evict(db, self.most)

        return self._try(put)[1]

    def _try(self, action: Callable[[sqlite3.Connection], _T]) -> tuple[_T | None, tuple[str, ...]]:
        """`action`, twice where the file is damaged: the second time on a new one."""
        told: tuple[str, ...] = ()
        for _ in range(2):
            try:
                with self._open() as db:
                    return action(db), told
            except (sqlite3.OperationalError, OSError) as error:  # locked, read-only, full, a folder
                return None, (*told, f"token vectors cannot be kept in {self.path}: {error}")
            except sqlite3.DatabaseError:
                told = (f"{self.path} was damaged; token vectors are made again",)
                for end in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        return None, told

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.path, timeout=5)
        try:
            db.execute("PRAGMA page_size = 16384")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS tokens (key BLOB PRIMARY KEY, used INTEGER NOT NULL,"
                " digest INTEGER NOT NULL, windows BLOB NOT NULL, scales BLOB NOT NULL, codes BLOB NOT NULL)"
            )
            db.execute("CREATE INDEX IF NOT EXISTS by_use ON tokens (used)")
            yield db
        finally:
            db.close()


def _evict(db: sqlite3.Connection, most: int) -> None:
    def pragma(name: str) -> int:
        return int(db.execute(f"PRAGMA {name}").fetchone()[0])

    used = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
    excess = used - most * KEEP if used > most else 0
    oldest = "SELECT key, length(codes) + length(scales) FROM tokens ORDER BY used, rowid"
    gone: list[tuple[bytes]] = []
    for key, size in db.execute(oldest) if excess else ():
        if excess <= 0:
            break
        gone.append((key,))
        excess -= size
    db.executemany("DELETE FROM tokens WHERE key = ?", gone)


def _digest(key: bytes, *parts: bytes) -> int:
    digest = zlib.crc32(key)
    for part in parts:
        digest = zlib.crc32(part, digest)
    return digest


def _tokens(windows: bytes, scales: bytes, codes: bytes) -> Tokens:
    lengths = np.frombuffer(scales, np.float32)
    return Tokens(
        np.frombuffer(windows, np.int32), lengths, np.frombuffer(codes, np.int8).reshape(len(lengths), -1)
    )
