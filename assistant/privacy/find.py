"""A text -> what in it could tell who a person is. Rules and lists: they find much, and not all."""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from assistant.privacy.codes import codes, labelled, marks
from assistant.privacy.contacts import contacts
from assistant.privacy.dates import ages, dates
from assistant.privacy.kinds import Span
from assistant.privacy.names import names
from assistant.privacy.places import places
from assistant.privacy.plain import Plain, plain
from assistant.privacy.public import public

DETECTORS = (labelled, contacts, marks, codes, ages, dates, places, names)
MARKED = ("email", "url", "ip", "photo")  # whose form leaves no doubt


def find(text: str) -> tuple[Span, ...]:
    """The identifiers in a text: in order, not overlapping, offsets in characters of the text as given.

    Time is linear in the length. Where findings overlap, a kind of MARKED stays, then the one that begins
    first, then the longer.
    """
    read = plain(text)
    found = [span for detector in DETECTORS for span in detector(read.text) if span.start < span.end]
    allowed = list(public(read.text))
    found = [span for span in found if not _within(span, allowed)]
    found.sort(key=lambda span: (span.start, -span.end))
    marked = _apart(span for span in found if span.kind in MARKED)
    kept = _apart(heapq.merge(marked, (s for s in found if not _touches(s, marked)), key=lambda s: s.start))
    return tuple(_trimmed(text, read, span) for span in kept)


def redact(text: str) -> str:
    """The text with "[kind]" in place of each finding."""
    parts, at = [], 0
    for span in find(text):
        parts += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join([*parts, text[at:]])


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Those that do not begin inside an earlier one that was kept."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def _within(span: Span, others: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(others, span.start, key=lambda other: other[0])
    return at > 0 and span.end <= others[at - 1][1]


def _touches(span: Span, others: Sequence[Span]) -> bool:
    """Whether one of `others`, which are apart and in order, overlaps."""
    at = bisect_left(others, span.end, key=lambda other: other.start)
    return at > 0 and others[at - 1].end > span.start


def _trimmed(text: str, read: Plain, span: Span) -> Span:
    start, end = read.back(span.start, span.end)
    while start < end - 1 and text[start].isspace():
        start += 1
    while end - 1 > start and (text[end - 1].isspace() or text[end - 1] in ",;:("):
        end -= 1
    return Span(start, end, span.kind)
