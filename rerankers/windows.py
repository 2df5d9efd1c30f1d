"""A passage longer than a model reads at once -> windows of whole sentences, each under the head line.

A passage is worth its best window (MaxP: Dai and Callan, SIGIR 2019). The windows of a passage depend on
nothing but the passage and the room, and together they hold all of its text.
"""

import re
from collections.abc import Callable, Sequence

from assistant.text import Span, sentences, trim
from assistant.types import split_passage

HEAD_SHARE = 3  # the head line takes at most one part in so many of a window

Count = Callable[[Sequence[str]], list[int]]  # texts -> tokens of each

_WORD = re.compile(r"\S+")


def windows(passage: str, count: Count, room: int) -> list[str]:
    """The windows in order, each of at most `room` tokens; a passage that fits is its own only window.

    Whole sentences are packed first come, first in. A sentence that does not fit alone is halved, at white
    space where there is some, until its parts do; a single character that does not fit stays.
    """
    if count([passage])[0] <= room:
        return [passage]
    head, text = split_passage(passage)
    repeated = shortened(head, count, room // HEAD_SHARE)
    if repeated != head:
        text = passage

    def under_head(text: str) -> str:
        return f"{repeated}\n{text}" if repeated else text

    def size(text: str) -> int:
        return count([under_head(text)])[0]

    units = [part for span in sentences(text) for part in _fitting([span], text, size, room)]
    sizes = count([text[start:end] for start, end in units])
    packed: list[list[Span]] = []
    filled, left = 0, room - count([repeated])[0]
    for unit, tokens in zip(units, sizes, strict=True):
        if packed and filled + tokens <= left:
            packed[-1].append(unit)
            filled += tokens
        else:
            packed.append([unit])
            filled = tokens
    return [
        under_head(text[start:end]) for group in packed for start, end in _fitting(group, text, size, room)
    ]


def shortened(text: str, count: Count, room: int) -> str:
    """The longest beginning of `text`, in whole words, of at most `room` tokens; "" when no word fits."""
    if count([text])[0] <= room:
        return text
    ends = [word.end() for word in _WORD.finditer(text)]
    low, high = 0, len(ends)  # words that fit, words that may
    while low < high:
        middle = (low + high + 1) // 2
        fits = count([text[: ends[middle - 1]]])[0] <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[: ends[low - 1]] if low else ""


def _fitting(group: Sequence[Span], text: str, size: Callable[[str], int], room: int) -> list[Span]:
    """The text from the group's first to its last span, in parts that fit: between spans, then inside."""
    start, end = group[0][0], group[-1][1]
    if end - start < 2 or size(text[start:end]) <= room:
        return [(start, end)]
    if len(group) > 1:
        half = len(group) // 2
        left, right = list(group[:half]), list(group[half:])
    else:
        middle = _middle(text, start, end)
        left, right = [trim(text, start, middle)], [trim(text, middle, end)]
    return [*_fitting(left, text, size, room), *_fitting(right, text, size, room)]


def _middle(text: str, start: int, end: int) -> int:
    """The white space nearest to the middle, else the middle."""
    middle = (start + end) // 2
    before = max((gap.start() for gap in re.finditer(r"\s", text[start + 1 : middle])), default=None)
    after = re.search(r"\s", text[middle : end - 1])
    near = [start + 1 + before] if before is not None else []
    near += [middle + after.start()] if after else []
    return min(near, key=lambda gap: abs(gap - middle)) if near else middle
