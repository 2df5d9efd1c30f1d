"""Records that took long to make, a JSON line each: an interrupted making goes on where it was."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from eval.trec import unwritable


class Lines:
    """An append-only file. Its first line says what the records were made of; a file that says something
    else is started anew, and a last line that was cut off is dropped. Raises InputError when it cannot be
    written. To be closed, best by `with`."""

    def __init__(self, path: Path, made_of: Mapping[str, object]) -> None:
        self.path = path
        self.records: list[dict[str, Any]] = []
        header = json.dumps(made_of, sort_keys=True).encode() + b"\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            self._file = path.open("r+b")
            try:
                self._resume(header)
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            raise unwritable(path, error) from None

    def append(self, record: dict[str, Any]) -> None:
        """On disk, but for a power cut, when this returns."""
        try:
            self._file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise unwritable(self.path, error) from None
        self.records.append(record)

    def __enter__(self) -> "Lines":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError as failed:
            raise unwritable(self.path, failed) from None

    def _resume(self, header: bytes) -> None:
        good = 0
        if self._file.readline() == header:
            good = len(header)
            for line in self._file:
                try:
                    record = json.loads(line)
                except ValueError:
                    break
                if not line.endswith(b"\n"):
                    break
                self.records.append(record)
                good += len(line)
        self._file.seek(good)
        self._file.truncate()
        if not good:
            self._file.write(header)
            self._file.flush()
