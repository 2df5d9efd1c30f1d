"""A model's text, as it comes -> sentences with the numbers that they cite.

The form asked for is one sentence a line that ends in [1][2]. Read as well: numbers inside the sentence or on
either side of the full stop, "[1, 2]", "[1-3]", "[source 1]", 【1】, several sentences on a line, list marks,
and reasoning between <think> tags, which is left out and counted. Nothing is guessed: a sentence without a
number cites nothing. The same text in any pieces gives the same sentences.
"""

import re
from collections.abc import Iterator

from assistant.text import clean, sentences
from assistant.types import Sentence

LONGEST = 1500  # characters of a line; a longer one is cut there
WIDEST = 20  # numbers that a range such as [1-3] may span
LAST = 9999  # no evidence has a higher number

_OPENED, _CLOSED = "<think>", "</think>"
_ITEM = r"(?:(?:source|passage|evidence|ref|doc)s?\.?\s*)?#?\d{1,4}(?:\s*[-–]\s*\d{1,4})?"
_GROUP = rf"[\[【]\s*{_ITEM}(?:\s*[,;]\s*{_ITEM})*\s*(?:†[^\]】]{{0,40}})?[\]】]"
_MARK = re.compile(_GROUP, re.IGNORECASE)
_RUN = re.compile(rf"\s*{_GROUP}(?:\s*{_GROUP})*", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?")
_END = re.compile(  # numbers behind a full stop, or before one
    rf"(?:(?<=[.!?])|(?<=[.!?][\"'”’)]))\s*{_GROUP}(?:\s*{_GROUP})*(?=\s|$)"
    rf"|\s*{_GROUP}(?:\s*{_GROUP})*\s*[.!?](?=\s|$)",
    re.IGNORECASE,
)
_CLOSES = re.compile(rf"{_GROUP}\s*[.!?]?\s*$", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:[-*•]\s+|#{1,6}\s+|\d{1,2}[.)]\s+)?")
_BOLD = re.compile(r"\*\*(\S(?:[^*]*\S)?)\*\*")


class Reader:
    """Text in, sentences out, a line at a time."""

    def __init__(self) -> None:
        self.reasoned = 0  # characters of reasoning that were left out
        self._line = ""
        self._inside = False

    def feed(self, text: str) -> Iterator[Sentence]:
        """The sentences that this piece completes."""
        for character in text:
            self._line += character
            if character == ">":
                yield from self._tag()
            elif self._inside:
                self._line = self._line[-len(_CLOSED) :]
                self.reasoned += 1
            elif character in "\n\r" or len(self._line) >= LONGEST:
                yield from self._flush()

    def end(self, *, whole: bool) -> Iterator[Sentence]:
        """The last line, where the text is whole or the line says itself that it is: it ends in a number."""
        if not self._inside and (whole or _CLOSES.search(self._line)):
            yield from self._flush()

    @property
    def unfinished(self) -> str:
        """What was begun and not completed."""
        return "" if self._inside else self._line.strip()

    def _tag(self) -> Iterator[Sentence]:
        if self._line.endswith(_CLOSED):  # some services swallow the opening tag
            self.reasoned += len(self._line)
            self._inside, self._line = False, ""
        elif not self._inside and self._line.endswith(_OPENED):
            self._line = self._line.removesuffix(_OPENED)
            yield from self._flush()
            self._inside = True

    def _flush(self) -> Iterator[Sentence]:
        line, self._line = self._line, ""
        yield from read(line)


def read(line: str) -> list[Sentence]:
    """The sentences of a finished line."""
    line = _BOLD.sub(r"\1", clean(line))
    line = line[_LIST.match(line).end() :]  # type: ignore[union-attr]
    found: list[Sentence] = []
    start = 0
    for match in _END.finditer(line):
        found += _several(line[start : match.end()])
        start = match.end()
    return [*found, *_several(line[start:])]


def _several(piece: str) -> list[Sentence]:
    """Sentences of which at most the last has its numbers at its end."""
    ending = _END.search(piece) or re.search(rf"{_RUN.pattern}\s*$", piece, re.IGNORECASE)
    behind = _cites(ending.group()) if ending else ()
    body = piece[: ending.start()] + _RUN.sub("", piece[ending.start() :]) if ending else piece
    parts = [body[a:b] for a, b in sentences(body)]
    found: list[Sentence] = []
    for place, part in enumerate(parts):
        text, numbers = _unmarked(part)
        numbers += behind if place == len(parts) - 1 else ()
        if re.search(r"\w", text):
            found.append(Sentence(text=text, citations=tuple(dict.fromkeys(numbers))))
    return found


def _unmarked(text: str) -> tuple[str, tuple[int, ...]]:
    """Without its marks, and their numbers; again, since a mark may stand inside another one."""
    numbers: tuple[int, ...] = ()
    while found := _cites(text):
        numbers, text = numbers + found, _RUN.sub(_gap, text)
    return " ".join(text.split()), numbers


def _gap(mark: re.Match[str]) -> str:
    """What is left of a mark: nothing, or between digits a space, so that they make no new number."""
    before, behind = mark.string[: mark.start()][-1:], mark.string[mark.end() :][:1]
    return " " if before.isdigit() and behind.isdigit() else ""


def _cites(text: str) -> tuple[int, ...]:
    """Every number in its marks, ranges spelt out, in order."""
    found: list[int] = []
    for mark in _MARK.findall(text):
        for first, last in _NUMBERS.findall(mark.split("†")[0]):
            low, high = int(first), int(last or first)
            found += range(low, high + 1) if low <= high < low + WIDEST else (low, high)
    return tuple(found)
