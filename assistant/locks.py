"""A lock of the operating system over a file: it goes with its process, so a killed one leaves nothing."""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Hold `path`, made when missing, against other processes and threads.

    Raises TimeoutError after `patience` seconds, OSError where the file cannot be made.
    """
    end = time.monotonic() + patience
    with path.open("ab") as file:
        while True:
            try:
                _try(file)
                break
            except OSError:
                if time.monotonic() > end:
                    raise TimeoutError(f"{path} is held by another process") from None
                time.sleep(random.uniform(0.001, 0.01))  # so that nobody always comes second
        yield
