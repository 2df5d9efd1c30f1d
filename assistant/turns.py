"""Whose turn it is to compute: one thread at a time, and of those that wait, the one that came first.

Two models that compute side by side on the same cores are each more than twice as slow. Waiting for a service
is no computing: what waits steps aside, and the next in line goes on.
"""

import heapq
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

_T = TypeVar("_T")


class Turns:
    """A lock that is handed over: to the lowest place among those that wait at that moment."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._places = count()
        self._order = count()  # between two threads of one place
        self._waiting: list[tuple[int, int, threading.Event]] = []
        self._taken = False
        self._mine = threading.local()

    def place(self) -> int:
        """A place in the line, behind all that were given before."""
        return next(self._places)

    @contextmanager
    def computing(self, place: int) -> Iterator[None]:
        """Wait for the turn, and have it. Inside a turn of the same thread this changes nothing."""
        if self._held() is not None:
            yield
            return
        self._take(place)
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let others compute meanwhile. In a thread that has no turn this changes nothing."""
        place = self._held()
        if place is None:
            yield
            return
        self._give()
        try:
            yield
        finally:
            self._take(place)

    def _held(self) -> int | None:
        return getattr(self._mine, "place", None)

    def _take(self, place: int) -> None:
        called = threading.Event()
        with self._guard:
            free = not self._taken
            self._taken = True
            if not free:
                heapq.heappush(self._waiting, (place, next(self._order), called))
        if not free:
            called.wait()
        self._mine.place = place

    def _give(self) -> None:
        self._mine.place = None
        with self._guard:
            if self._waiting:
                heapq.heappop(self._waiting)[2].set()  # handed over: it stays taken
            else:
                self._taken = False


TURNS = Turns()  # the processor is one for the whole process


def in_turn(steps: Iterator[_T], over: Callable[[], bool] = lambda: False) -> Iterator[_T]:
    """The same steps, each computed in its turn, all at the place of the first; until `over` says so.

    Closing it closes `steps`.
    """
    place = TURNS.place()
    try:
        while True:
            with TURNS.computing(place):
                try:
                    if over():
                        return
                    step = next(steps)
                except StopIteration:
                    return
            yield step
    finally:
        if isinstance(steps, Generator):
            steps.close()
