"""One process holds an embedded index: a lock of the operating system, and who has it.

The lock goes with its process, so a killed one leaves nothing to clean up.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import IO

from assistant.errors import IndexBusy, StoreError

NAME = "holder.json"

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(1 << 20)  # far behind the text, which others must still be able to read
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def hold(folder: Path) -> IO[str]:
    """Take the folder; it is held until the file that this returns is closed.

    Raises IndexBusy, naming the holder, and StoreError where the folder cannot be written.
    """
    path = folder / NAME
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot write there ({error.strerror}): allow it, or choose another --index"
        ) from None
    try:
        _lock(file)
    except OSError:
        file.close()
        raise IndexBusy(
            f"{folder} is held by {who(path)}: ask there, stop it, or use another --index"
        ) from None
    file.truncate(0)
    json.dump({"pid": os.getpid(), "host": socket.gethostname(), "command": command()}, file)
    file.flush()
    return file


def who(path: Path) -> str:
    """The holder as a reader may see it: "pid 123: assistant chat"."""
    try:
        holder = json.loads(path.read_text("utf-8"))
        elsewhere = "" if holder["host"] == socket.gethostname() else f" on {holder['host']}"
        return f"pid {holder['pid']}{elsewhere}: {holder['command']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def command() -> str:
    """Program and subcommand. Never more of the command line: it may hold a question."""
    words = sys.argv[1:2]
    return " ".join([Path(sys.argv[0]).name or "python", *(w for w in words if w.isascii() and w.isalpha())])
