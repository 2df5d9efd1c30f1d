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


def openai_problem(service: str, error: Exception, sent: str) -> tuple[ServiceError, float | None]:
    """Our error for one of the openai package's, and the seconds that the service asks to wait."""
    import openai

    def problem(message: str, *, retryable: bool) -> ServiceError:
        return ServiceError(f"{service}: {message}", retryable=retryable, sent=sent)

    if isinstance(error, openai.APITimeoutError):
        return problem("no answer in time", retryable=True), None
    if isinstance(error, openai.APIConnectionError):
        cause = type(error.__cause__ or error).__name__
        return problem(f"the connection failed ({cause})", retryable=True), None
    if not isinstance(error, openai.APIStatusError):
        return problem(f"a malformed reply: {type(error).__name__}", retryable=False), None
    status = error.status_code
    if status in (401, 403):
        return problem(f"the service refused the key ({status}); check it", retryable=False), None
    if status == 404:
        return problem("no such model or address (404); check both", retryable=False), None
    if status == 429 or status >= 500:
        busy = problem(f"busy or failing ({status}); try again later", retryable=True)
        return busy, retry_after(error.response.headers)
    return problem(f"the request was refused ({status})", retryable=False), None
