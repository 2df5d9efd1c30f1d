"""What hosted rerankers share: attempts with growing pauses, and a pace."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar

from assistant.errors import ServiceError
from assistant.turns import TURNS

ATTEMPTS = 3
LONGEST_WAIT = 10.0  # seconds a Retry-After may ask for
MINUTE = 60.0
_T = TypeVar("_T")


def attempt(
    call: Callable[[], _T], explain: Callable[[Exception], tuple[ServiceError, float | None]], pause: float
) -> _T:
    """The result of `call`, tried three times where the problem may pass.

    `explain` makes our error of any other, with the seconds that the service asks to wait; where it asks for
    none, the pauses are `pause` seconds and twice that.
    """
    for number in range(ATTEMPTS):
        try:
            with TURNS.aside():
                return call()
        except Exception as error:  # the packages raise their own, their transport's and pydantic's
            problem, wait = explain(error)
            wait = pause * 2**number if wait is None else wait
            if not problem.retryable or number == ATTEMPTS - 1 or wait > LONGEST_WAIT:
                raise problem from error
            with TURNS.aside():
                time.sleep(wait)
    raise AssertionError("unreachable")


def retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Seconds of a Retry-After header; None when there is none, or it is a date."""
    for name, value in (headers or {}).items():
        if name.lower() == "retry-after":
            try:
                seconds = float(value)
            except ValueError:
                return None
            return seconds if 0 <= seconds < math.inf else None
    return None


class Pace:
    """At most `per_minute` calls within any minute of this process."""

    def __init__(self, per_minute: int) -> None:
        self._times: deque[float] = deque(maxlen=per_minute)
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Sleep until the next call may go out; the seconds slept."""
        with self._lock:
            now, slept = time.monotonic(), 0.0
            if len(self._times) == self._times.maxlen:
                slept = max(0.0, self._times[0] + MINUTE - now)
                time.sleep(slept)
            self._times.append(now + slept)
            return slept


@cache
def pace(service: str, per_minute: int) -> Pace:
    """The one pace of a service in this process."""
    return Pace(per_minute)
