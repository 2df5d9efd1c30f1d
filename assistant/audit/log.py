"""Appending to a log: by many processes and threads, whole records only, nothing repaired."""

import errno
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.audit.chain import (
    FORMAT,
    LOST,
    NOTHING,
    PATIENCE,
    Head,
    ends,
    file_of,
    files,
    lines,
    parse,
    read_head,
    written,
)
from assistant.errors import AuditError
from assistant.locks import locked

LARGEST = 16 << 20  # bytes, from which on the next file is begun


class Log:
    """Appends; one object serves many threads, one folder many processes. Constructing it does no I/O."""

    def __init__(self, folder: Path, *, version: str, largest: int = LARGEST) -> None:
        self.folder, self._version, self._largest = folder, version, largest

    def append(self, record: Mapping[str, Any]) -> str:
        """Write one record, on disk when this returns its digest.

        What stands there already is never repaired: `check` must find it. Raises AuditError when the record
        cannot be written; the log is then as it was before.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locked(self.folder / "lock", PATIENCE):
                return self._append(record)
        except OSError as error:
            raise self._failed(error) from None

    def keyed(self, text: str) -> str:
        """HMAC-SHA256 of a text under this machine's key: the same text is recognised, none is given away.

        A plain digest of a short question could be found by trying likely ones. Raises AuditError.
        """
        try:
            return hmac.new(self._key(), text.encode("utf-8", "replace"), "sha256").hexdigest()
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> AuditError:
        return AuditError(
            f"{self.folder}: the answer was not recorded ({error.strerror or error}): free space, allow "
            "writing there, or choose another folder by the setting audit"
        )

    def _key(self) -> bytes:
        path = self.folder / "key"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(self.folder / "lock", PATIENCE):
            if not path.exists():
                _replace(path, secrets.token_bytes(32))
            key = path.read_bytes()
        if len(key) != 32:
            raise OSError("key is not 32 bytes long")
        return key

    def _append(self, record: Mapping[str, Any]) -> str:
        head = self._head()
        if head is None:
            begun = {"event": "genesis", "format": FORMAT, "assistant": self._version}
            begun["log"] = secrets.token_hex(8)  # no two logs are alike
            head = self._write(Head(count=0, digest=NOTHING, file=1, size=0), begun)
        return self._write(head, record).digest

    def _head(self) -> Head | None:
        """Where the chain goes on; None for an empty folder. A head that is lost is itself recorded."""
        head = read_head(self.folder)
        there = files(self.folder)
        if head is None and there:
            last = 0, NOTHING
            for _, _, line in lines(there):
                last = (found.n + 1, found.digest) if (found := parse(line)) else last
            size = there[-1].stat().st_size
            lost = Head(count=last[0], digest=last[1], file=int(there[-1].stem), size=size)
            return self._write(lost, {"event": LOST})
        if head is None:
            return None
        path = file_of(self.folder, head.file)
        size = path.stat().st_size if path.exists() else 0
        if size > head.size:  # killed between line and head: a whole record counts
            with path.open("rb") as file:
                file.seek(head.size)
                tail = file.read()
            found = parse(tail.removesuffix(b"\n"))
            if found and tail.endswith(b"\n") and (found.n, found.previous) == (head.count, head.digest):
                return Head(count=found.n + 1, digest=found.digest, file=head.file, size=size)
        return head

    def _write(self, head: Head, record: Mapping[str, Any]) -> Head:
        number = head.file + 1 if head.size >= self._largest else head.file
        path = file_of(self.folder, number)
        line, digest = written(head.count, head.digest, record)
        fresh = not path.exists()
        with path.open("ab", buffering=0) as file:
            before = path.stat().st_size
            line = line if ends(path) else b"\n" + line
            try:
                if file.write(line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
                head = Head(count=head.count + 1, digest=digest, file=number, size=before + len(line))
                _replace(self.folder / "head.json", head.line())
            except OSError:
                os.ftruncate(file.fileno(), before)
                raise
        if fresh:
            path.chmod(0o600)
        return head


def _replace(path: Path, content: bytes) -> None:
    """In one step; readable by the owner alone."""
    part = path.with_name(f".{path.name}-{os.getpid()}-{time.monotonic_ns()}")
    try:
        with part.open("xb") as file:
            part.chmod(0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
