"""Text as it is shown and cut: cleaning, and sentences as spans of the original."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]

PIECE = 20_000  # characters handed to syntok at once, so that time stays linear

_NEWLINE = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, bidi
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"  # surrogates, non-characters, tags
)

_LINE = re.compile(r"[^\n]+")
_MARKED = re.compile(r"\s*(?:[-*•‣◦▪·–—o>#|+]\s|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})[.)]\s)")
_RUNS_ON = re.compile(
    r"(?:[,(/\-–]|\b(?:a|an|and|are|as|at|by|for|from|in|is|of|on|or|than|that|the|to|was|were|with))$"
)
_NUMBER = re.compile(r"\(?\d{1,3}[.)]\s*")
_TERMINAL = re.compile(r"[.!?…。！？][\"'”’»)\[\]\d,–-]*$")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\[])(?:approx|cf|e\.g|i\.e|eqn?s?|figs?|mr|mrs|ms|dr|prof|viz|vs|incl|excl)\.$", re.I
)
_BEFORE_DIGIT = re.compile(
    r"(?:^|[\s(\[])(?:ca|ch|max|min|nos?|nr|pp?|refs?|resp|sect?|tab|temp|vol)\.$", re.I
)
_MISSED = re.compile(r"(?<=[)\]])\.\s+(?=[A-Z])|(?<=\d)\.[ ](?=[A-Z][a-z]+\s)|(?<=\d%)\.\s+(?=[A-Z])")


def clean(text: str) -> str:
    """NFC without control, zero-width and bidirectional characters; newlines are "\\n", at most two in a row.

    Spaces at line ends go; tabs and the spaces inside a line stay. clean(clean(x)) == clean(x).
    """
    text = _UNSEEN.sub("", _NEWLINE.sub("\n", text))
    text = unicodedata.normalize("NFC", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def sentences(text: str) -> list[Span]:
    """Spans (start, end) of the sentences: in order, disjoint, trimmed; all but white space is in one.

    Paragraphs, table rows and list items end a sentence whatever their punctuation; the lines of a
    hard-wrapped paragraph do not. Inside a paragraph the boundaries are syntok's.
    """
    spans = []
    for start, end in _paragraphs(text):
        for a, b in _pieces(text, start, end):
            cuts = [a, *_cuts(text, a, b), b]
            spans += [trim(text, i, j) for i, j in pairwise(cuts)]
    return [(a, b) for a, b in spans if a < b]


def trim(text: str, start: int, end: int) -> Span:
    """text[start:end] without the white space around it."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


def _paragraphs(text: str) -> Iterator[Span]:
    """Lines, joined where a line break only wraps a paragraph."""
    start, last = 0, None
    for line in _LINE.finditer(text):
        if last is None or line.start() > last.end() + 1 or not _wraps(last.group(), line.group()):
            if last is not None:
                yield start, last.end()
            start = line.start()
        last = line
    if last is not None:
        yield start, last.end()


def _wraps(line: str, following: str) -> bool:
    line, tail = line.rstrip(), following.lstrip()
    if not line or not tail or "|" in line or "\t" in line or _MARKED.match(following):
        return False
    return bool(_RUNS_ON.search(line[-12:])) or (len(line) >= 30 and tail[0].islower())


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """At most PIECE characters each, cut at white space where there is some."""
    while end - start > PIECE:
        limit = start + PIECE
        cut = max(text.rfind(stop, start + PIECE // 2, limit) + 1 for stop in (". ", "! ", "? "))
        cut = cut or max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit))
        if cut <= start:
            cut = limit
        yield start, cut
        start = cut
    yield start, end


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Where a sentence begins inside text[start:end], the first one left out."""
    from syntok import segmenter
    from syntok.tokenizer import Tokenizer

    piece = text[start:end]
    if not piece.strip():
        return []
    tokens = Tokenizer(emit_hyphen_or_underscore_sep=False, replace_not_contraction=False).tokenize(piece)
    found = {match.end() for match in _MISSED.finditer(piece)}
    for left, right in pairwise(segmenter.split(iter(tokens))):
        end, begin = left[-1].offset + len(left[-1].value), right[0].offset
        if _divides(piece[max(0, end - 20) : end], piece[begin : begin + 20]):
            found.add(begin)
    cuts = [0]
    for cut in sorted(found):
        if not _NUMBER.fullmatch(piece, cuts[-1], cut):  # "4." belongs to what it numbers
            cuts.append(cut)
    return [start + cut for cut in cuts[1:]]


def _divides(before: str, after: str) -> bool:
    """Whether syntok's boundary stands: after a full stop that is no abbreviation's, before a word."""
    return bool(
        _TERMINAL.search(before)
        and re.search(r"\w", after)
        and after[0] not in ".;,:)]”’"
        and not _ABBREVIATED.search(before)
        and not (after[0].isdigit() and _BEFORE_DIGIT.search(before))
    )
