"""A document -> chunks: whole sentences packed up to what the encoder reads, never across sections."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from assistant.text import Span, sentences, trim
from assistant.types import Chunk, Document, passage

CHUNKER = "sentences/1"

SPECIAL_TOKENS = 3  # what a model adds around a passage
CHARACTERS_PER_TOKEN = 16  # bounds a chunk where a "word" of any length counts as one token

_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring spans of one section."""

    section: int
    spans: tuple[Span, ...]

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


_Sizes = Callable[[Sequence[_Group]], list[int]]


def chunk(
    document: Document, count_tokens: Callable[[Sequence[str]], list[int]], max_tokens: int
) -> list[Chunk]:
    """Chunks in order; every character but white space is in exactly one of them.

    `count_tokens` of a chunk's `types.passage`, plus SPECIAL_TOKENS, is at most `max_tokens` (8 or more).
    The one exception: beside a head line that leaves less than a third of it, the text still gets a third.
    A sentence too long for that is halved until its parts fit, at white space if there is some.
    """
    if max_tokens < 8:
        raise ValueError(f"max_tokens is {max_tokens}; chunks need at least 8")
    sections, title = document.sections, document.metadata.title
    heads = count_tokens([passage(title, section.heading, "") for section in sections])
    limits = [max(max_tokens - SPECIAL_TOKENS, head + max_tokens // 3) for head in heads]
    longest = max_tokens * CHARACTERS_PER_TOKEN

    def text(group: _Group) -> str:
        return sections[group.section].text[group.start : group.end]

    def estimated(groups: Sequence[_Group]) -> list[int]:
        counts = count_tokens([text(group) for group in groups])
        return [heads[group.section] + count for group, count in zip(groups, counts, strict=True)]

    def counted(groups: Sequence[_Group]) -> list[int]:
        return count_tokens([passage(title, sections[g.section].heading, text(g)) for g in groups])

    def fits(group: _Group, size: int) -> bool:
        return size <= limits[group.section] and group.end - group.start <= longest

    def fitted(groups: list[_Group], sizes_of: _Sizes) -> list[tuple[_Group, int]]:
        """The groups with their sizes, each that does not fit cut in two until its parts do."""
        sized = list(zip(groups, sizes_of(groups), strict=True))
        while True:
            cut = [None if fits(g, n) else _halves(g, sections[g.section].text) for g, n in sized]
            halves = [half for pair in cut if pair for half in pair]
            if not halves:
                return sized
            new = iter(zip(halves, sizes_of(halves), strict=True))
            sized = list(
                chain.from_iterable(
                    (next(new), next(new)) if pair else (old,) for old, pair in zip(sized, cut, strict=True)
                )
            )

    units = fitted(
        [_Group(n, (span,)) for n, section in enumerate(sections) for span in sentences(section.text)],
        estimated,
    )
    rooms = [limit - head for limit, head in zip(limits, heads, strict=True)]
    packed = _pack([(unit, size - heads[unit.section]) for unit, size in units], rooms, longest)
    return [
        Chunk(
            id=f"{document.id}#{group.section}:{group.start}-{group.end}",
            document_id=document.id,
            section=group.section,
            heading=sections[group.section].heading,
            start=group.start,
            end=group.end,
            text=text(group),
            page=sections[group.section].page,
        )
        for group, _ in fitted(packed, counted)
    ]


def _pack(units: Sequence[tuple[_Group, int]], rooms: Sequence[int], longest: int) -> list[_Group]:
    """Units joined, first come first in, up to `rooms` tokens and `longest` characters a group.

    The last two groups of a section are evened out, so that no small remainder is left over.
    """
    packed: list[list[tuple[_Group, int]]] = []
    filled = 0
    for unit, size in units:
        last = packed[-1][0][0] if packed else None
        joins = (
            last is not None
            and last.section == unit.section
            and filled + size <= rooms[unit.section]
            and unit.end - last.start <= longest
        )
        if joins:
            packed[-1].append((unit, size))
            filled += size
        else:
            packed.append([(unit, size)])
            filled = size
    for i, (left, right) in enumerate(pairwise(packed)):
        section = right[0][0].section
        ends = i + 2 == len(packed) or packed[i + 2][0][0].section != section
        if ends and left[0][0].section == section:
            _even_out(left, right, longest)
    return [_Group(g[0][0].section, tuple(span for unit, _ in g for span in unit.spans)) for g in packed]


def _even_out(left: list[tuple[_Group, int]], right: list[tuple[_Group, int]], longest: int) -> None:
    """Move units from the end of `left` to `right` while `right` stays the smaller."""
    more, less = sum(size for _, size in left), sum(size for _, size in right)
    while len(left) > 1:
        unit, size = left[-1]
        if less + size > more - size or right[-1][0].end - unit.start > longest:
            return
        right.insert(0, left.pop())
        more, less = more - size, less + size


def _halves(group: _Group, text: str) -> tuple[_Group, _Group] | None:
    """Two groups in place of one; None for a single character."""
    spans = group.spans
    if len(spans) > 1:
        half = len(spans) // 2
        return _Group(group.section, spans[:half]), _Group(group.section, spans[half:])
    ((start, end),) = spans
    if end - start < 2:
        return None
    middle = (start + end) // 2
    gaps = [gap.start() for gap in _SPACE.finditer(text, start + 1, end - 1)]
    cut = min(gaps, key=lambda gap: abs(gap - middle)) if gaps else middle
    return (
        _Group(group.section, (trim(text, start, cut),)),
        _Group(group.section, (trim(text, cut, end),)),
    )
