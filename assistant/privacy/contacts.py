"""Telephone, fax, e-mail, web and IP addresses."""

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Iterator

from assistant.privacy.kinds import Span

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w+-](?:[\w.+%-]{0,62}[\w+-])?\s?@\s?(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}\b"
)
_SPOKEN_EMAIL = re.compile(
    r"(?i)\b[\w-]{1,40}(?:(?: dot |\.|_)[\w-]{1,40}){0,3} ?(?:[\[(]at[\])]| at ) ?[\w-]{1,40}"
    r"(?: ?(?:[\[(]dot[\])]| dot |\.) ?[a-z][\w-]{1,30}){1,3}\b"
)
_URL = re.compile(
    r"(?i)\b(?:https?|ftp|sftp)\s?://[^\s<>\"]{1,2000}"
    r"|\bwww\.[a-z0-9-]{1,63}\.[^\s<>\"]{2,2000}"
    r"|(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}(?-i:com|org|net|edu|gov|info"
    r"|health|io|app|uk|de|fr|ca|au|eu)"
    r"(?::\d{2,5})?(?:/[^\s<>\"]{0,2000}|(?![\w.-]))"
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2}(?!\d)|:\d{2,5}(?!\d))?(?!\.?\d)")
_IPV6 = re.compile(
    r"(?i)(?<![\w:.*])(?=[0-9a-f:.]{6,45}(?![\w]))[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]"
    r"|\.\d)"
)

_CUE = re.compile(
    r"(?i)\b(?:call(?:ed|s)?|phone(?:d|s)?|telephone|tel|cell(?:phone)?|mobile|pager|page|beeper"
    r"|reach(?:ed|able)?|ring|rang"
    r"|text(?:ed)?|whatsapp|contact|callback|voicemail|landline|hotline|home number|work number|ph|dial)\b"
)
_FAX = re.compile(r"(?i)\b(?:fax(?:ed|es)?|facsimile|telefax)\b")
_NUMBER = re.compile(
    r"(?<![\w.+/*-])(?:"
    r"\+\s?\d{1,3}(?:[\s.-]?\(?\d{1,5}\)?){2,6}"
    r"|(?:1[\s.-])?\(\d{3}\)[\s.-]?\d{3}[\s.-]?\d{4}"
    r"|(?:1[\s.-])?\d{3}([\s.-])\d{3}\1\d{4}"
    r"|(?:1[.-])?\d{3}[./]\d{3}[.-]\d{4}"
    r"|0\d{2,4}[\s-]\d{3,4}[\s-]?\d{3,4}"
    r"|00\d{9,13}"
    r")(?:,?\s?(?:ext|extension|x)\.?\s?\d{1,6})?(?![\w/%*]|[.,-]\d)"
)
_AFTER_CUE = re.compile(
    r"(?<![\w.+/-])(?:\+?\d{7,14}|\d{3}[\s.-]\d{4}|\d{2,5}(?:[\s./-]\d{2,5}){1,5})(?:,?\s?(?:ext"
    r"|x)\.?\s?\d{1,6})?(?![\w%]|[.,]\d)"
)
_EXTENSION = re.compile(r"(?i)\b(?:ext|extension)\b\.?\s?\d{3,6}\b")
_QUANTITY = re.compile(
    r"(?i)\s?(?:m[cg]|mcg|g|kg|ml|l|iu|units?|mmol|mosm|u|cells?|copies|patients|cases"
    r"|participants|women|men|people|kb|bp|hz|rpm)\b"
)
_NEAR = 40  # characters between a cue and its number


def contacts(text: str) -> Iterator[Span]:
    for match in _EMAIL.finditer(text):
        yield Span(*match.span(), "email")
    for match in _SPOKEN_EMAIL.finditer(text):
        if "dot" in match[0].lower() or "[" in match[0] or "(" in match[0]:
            yield Span(*match.span(), "email")
    for match in _URL.finditer(text):
        yield Span(match.start(), match.start() + len(match[0].rstrip(".,;:!?)]}'")), "url")
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _is_address(match[0]):
                yield Span(*match.span(), "ip")
    yield from _numbers(text)


def _is_address(text: str) -> bool:
    try:
        made = ipaddress.ip_interface(text.split(":")[0] if "." in text and text.count(":") == 1 else text)
    except ValueError:
        return False
    return made.version == 4 or any(char.isdigit() for char in text)


def _numbers(text: str) -> Iterator[Span]:
    fax = [m.end() for m in _FAX.finditer(text)]
    for match in _NUMBER.finditer(text):
        if 8 <= sum(c.isdigit() for c in match[0].split("x")[0]) <= 16 and not _QUANTITY.match(
            text, match.end()
        ):
            yield Span(*match.span(), "fax" if _follows(fax, match.start()) else "phone")
    for pattern, kind in ((_FAX, "fax"), (_CUE, "phone")):
        for cue in pattern.finditer(text):
            found = _AFTER_CUE.search(text, cue.end(), cue.end() + _NEAR)
            if (
                found
                and sum(c.isdigit() for c in found[0]) >= 7
                and not _QUANTITY.match(text, found.end())
                and not _year_range(found[0])
            ):
                yield Span(*found.span(), "fax" if kind == "fax" else "phone")
    for match in _EXTENSION.finditer(text):
        yield Span(*match.span(), "phone")


def _follows(cues: list[int], start: int) -> bool:
    """Whether a cue of `cues` (its end, in order) stands shortly before `start`."""
    before = bisect_right(cues, start)
    return before > 0 and start - cues[before - 1] <= _NEAR


def _year_range(text: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d[\s/-](?:19|20)\d\d", text) is not None
