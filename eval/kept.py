"""A JSON-lines file that a long run fills query by query, and goes on from after an interruption.

The first line is the fingerprint of what the run is of; a file with another one is started anew. A last line
that was cut off by a kill is dropped.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from eval.trec import unwritable

E = TypeVar("E")


class Kept(ABC, Generic[E]):
    """`entries`: what stands in the file, by query. Raises InputError when the file cannot be written.
    To be closed, best by `with`."""

    def __init__(self, path: Path, fingerprint: Mapping[str, object]) -> None:
        self.path = path
        self.entries: dict[str, E] = {}
        header = json.dumps({"fingerprint": fingerprint}, sort_keys=True).encode() + b"\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            self._file: BufferedRandom = path.open("r+b")
            try:
                self._resume(header)
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            raise unwritable(path, error) from None

    @abstractmethod
    def key(self, entry: E) -> str:
        """The query that an entry is of."""

    @abstractmethod
    def fields(self, entry: E) -> dict[str, Any]:
        """The entry as JSON values."""

    @abstractmethod
    def entry(self, fields: Any) -> E:
        """The entry again. Raises ValueError, TypeError or KeyError on fields that are none."""

    def append(self, entry: E) -> None:
        """On disk when this returns; replaces an earlier entry of the query."""
        line = json.dumps(self.fields(entry), ensure_ascii=False, separators=(",", ":"))
        try:
            self._file.write(line.encode("utf-8", "surrogatepass") + b"\n")
            self._file.flush()
        except OSError as error:
            raise unwritable(self.path, error) from None
        self.entries[self.key(entry)] = entry

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise unwritable(self.path, error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _resume(self, header: bytes) -> None:
        good = 0
        if self._file.readline() == header:
            good = self._file.tell()
            for line in self._file:
                entry = self._whole(line)
                if entry is None:
                    break
                self.entries[self.key(entry)] = entry
                good += len(line)
        self._file.seek(good)
        self._file.truncate()
        if not good:
            self._file.write(header)
            self._file.flush()

    def _whole(self, line: bytes) -> E | None:
        """None when the line is not whole."""
        if not line.endswith(b"\n"):
            return None
        try:
            return self.entry(json.loads(line))
        except (ValueError, TypeError, KeyError):
            return None
