"""One computes at a time, the oldest first, and who waits for a service steps aside."""

import threading
from collections.abc import Callable, Iterator

import pytest

from assistant.turns import TURNS, Turns, in_turn


def started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def until(condition: Callable[[], bool]) -> None:
    wait = threading.Event()
    for _ in range(2000):
        if condition():
            return
        wait.wait(0.005)
    raise AssertionError("it never came to that")


def test_of_those_that_wait_the_oldest_goes_first() -> None:
    turns, order = Turns(), list[int]()
    places = [turns.place() for _ in range(6)]

    def work(place: int) -> None:
        with turns.computing(place):
            order.append(place)

    threads = []
    with turns.computing(places[0]):
        for n, place in enumerate([places[4], places[2], places[5], places[1], places[3]], start=1):
            threads.append(started(lambda place=place: work(place)))  # type: ignore[misc]
            until(lambda n=n: len(turns._waiting) == n)  # type: ignore[misc]
        assert order == []
    for thread in threads:
        thread.join()
    assert order == sorted(places[1:])


def test_who_steps_aside_lets_a_younger_one_compute() -> None:
    turns, told = Turns(), list[str]()
    old, young = turns.place(), turns.place()
    reply = threading.Event()

    def slow_service() -> None:
        with turns.computing(old):
            told.append("old asks")
            with turns.aside():
                reply.wait(10)
            told.append("old goes on")

    thread = started(slow_service)
    until(lambda: told == ["old asks"])
    with turns.computing(young):
        told.append("young computes")
    reply.set()
    thread.join()
    assert told == ["old asks", "young computes", "old goes on"]


def test_a_turn_inside_a_turn_and_aside_without_one_change_nothing() -> None:
    turns = Turns()
    with turns.aside(), turns.computing(turns.place()):
        with turns.computing(turns.place()):
            pass
        assert turns._taken
        with turns.aside():
            assert not turns._taken
        assert turns._taken
    assert not turns._taken


def test_an_error_gives_the_turn_back() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    steps = in_turn(broken())
    assert next(steps) == 1
    with pytest.raises(ValueError, match="no"):
        next(steps)
    with TURNS.computing(TURNS.place()):
        pass


def test_closing_and_the_end_close_the_steps() -> None:
    closed = []

    def steps(name: str) -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(name)

    left = in_turn(steps("left"))
    next(left)
    left.close()  # type: ignore[attr-defined]
    over = [False]
    stopped = in_turn(steps("stopped"), lambda: over[0])
    next(stopped)
    over[0] = True
    assert list(stopped) == []
    assert list(in_turn(steps("whole"))) == [1, 2]
    assert closed == ["left", "stopped", "whole"]


def test_many_at_once_finish_in_the_order_they_came_and_nothing_is_mixed() -> None:
    inside, most, done = [0], [0], list[int]()
    go = threading.Event()

    def steps(n: int) -> Iterator[int]:
        for _ in range(5):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1
            yield n

    def drain(running: Iterator[int], n: int) -> None:
        assert list(running) == [n] * 4  # the first step gave the place
        done.append(n)

    runs = []
    for n in range(20):
        runs.append(in_turn(steps(n)))
        assert next(runs[-1]) == n
    with TURNS.computing(-1):
        threads = [started(lambda r=r, n=n: drain(r, n)) for n, r in enumerate(runs)]  # type: ignore[misc]
        until(lambda: len(TURNS._waiting) == 20)
        go.set()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert sorted(done) == list(range(20))
