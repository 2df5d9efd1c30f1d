"""One evaluation at a time in this process, in a thread of its own: pages look at how it stands."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.workbench import Tell
from ui.chat import explain


class Stopped(Exception):
    """A reader stopped the evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`done` of `total` of a stage that has run for `seconds`. At the end `out` is the folder of the results,
    or `problem` says why there are none."""

    running: bool = False
    stage: str = ""
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    problem: str = ""
    out: Path | None = None


class Job:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._begun = 0.0
        self._standing = Standing()

    @property
    def standing(self) -> Standing:
        return self._standing

    def start(self, work: Callable[[Tell], Path]) -> bool:
        """False where another one runs: it is not disturbed."""
        with self._guard:
            if self._standing.running:
                return False
            self._stop.clear()
            self._standing = Standing(running=True, stage="Reading the questions")
        threading.Thread(target=self._run, args=(work,), name="evaluation", daemon=True).start()
        return True

    def stop(self) -> None:
        """After the question that is ranked at present; what was computed stays for the next time."""
        self._stop.set()

    def _run(self, work: Callable[[Tell], Path]) -> None:
        try:
            end = Standing(out=work(self._tell))
        except Stopped:
            end = Standing(problem="Stopped. What was computed is kept: Start goes on from there.")
        except Exception as error:
            end = Standing(problem=explain(error))
        self._standing = end

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Stopped
        now = time.monotonic()
        if stage != self._standing.stage:
            self._begun = now
        self._standing = replace(
            self._standing, stage=stage, done=done, total=total, seconds=now - self._begun
        )
