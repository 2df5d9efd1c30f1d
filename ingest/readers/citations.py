"""Citation marks of running text, taken out without a trace: "[1, 3-5]", superscripts, "(Name, 2001)"."""

import re

from lxml import etree

from ingest.readers.safexml import local_name

# from the last plane for private use, which no article needs
MARK, NAME, END, OPEN, CLOSE = "\U0010f0f0", "\U0010f0f1", "\U0010f0f2", "\U0010f0f3", "\U0010f0f4"
_HIDE = str.maketrans({"(": OPEN, ")": CLOSE, "[": "", "]": ""})
_SHOW = str.maketrans({OPEN: "(", CLOSE: ")", NAME: "", END: "", MARK: ""})

_WORD = re.compile(r"[^\W\d_]{2,}")
_RANGE = re.compile(rf"{MARK}\s*[-–—]\s*\d{{1,3}}(?!\w)|(?<!\w)\d{{1,3}}\s*[-–—]\s*(?={MARK})")
_NUMBERS = re.compile(rf"[\s\d,;\-–—‐{MARK}]*")
_GROUP = re.compile(r" ?[\[(]([^\[\]()]*)[\])]")
_NAMED = re.compile(f"{NAME}[^{END}]*{END}")
_FILLER = re.compile(
    r"(?:see(?: also)?|e\.g\.|i\.e\.|cf\.|reviewed (?:in|by)|for (?:a )?reviews?|refs?\.?|references?|"
    r"and|in|&|[\s,;:.\-–—‐])*",
    re.IGNORECASE,
)
_RUN = re.compile(rf"{MARK}(?:[\s,;\-–—‐]*{MARK})*")
_DANGLING = re.compile(rf"\s*{MARK}(?=[\s.,;:)\]]|$)")


def mark(article: etree._Element) -> None:
    """Replace the content of each citation by a mark that `without_marks` finds in the text."""
    for xref in article.iter("{*}xref"):
        kind = xref.get("ref-type")
        text = "".join(str(t) for t in xref.itertext())
        if kind == "bibr":
            named = _WORD.search(text)
            _fill(xref, NAME + text.translate(_HIDE) + END if named else MARK)
        elif kind in ("fn", "table-fn") and (sign := text.strip(" []()")):
            _fill(xref, f"[{sign}]")
    for sup in article.iter("{*}sup"):
        text = "".join(str(t) for t in sup.itertext())
        if MARK in text and _NUMBERS.fullmatch(text):  # a range of which only one end is a link
            _fill(sup, MARK)
    for table in article.iter("{*}table-wrap"):
        _mark_footnotes(table)


def _mark_footnotes(table: etree._Element) -> None:
    """Set off the raised signs of a table that its footnotes explain: 0.001 with a raised b is not 0.001b."""
    foot = table.find("{*}table-wrap-foot")
    if foot is None:
        return
    leading = [
        p[0]
        for p in foot.iter("{*}p")
        if len(p) and local_name(p[0]) == "sup" and not (p.text or "").strip() and _sign(p[0])
    ]
    signs = {_sign(element) for element in (*leading, *foot.iter("{*}label"))}
    signs = {sign for sign in signs if len(sign) == 1 and not sign.isdigit()}
    for sup in table.iter("{*}sup"):
        sign = _sign(sup)
        if sup in leading:
            _fill(sup, f"[{sign}] ")
        elif sign and set(sign) <= signs:
            _fill(sup, f"[{sign}]")


def _sign(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext()).strip(" []().,")


def _fill(element: etree._Element, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text


def without_marks(text: str) -> str:
    """The text as it reads without its citations.

    A bracket goes with its citations if nothing of substance is left in it. A name outside brackets is
    part of the sentence ("Smith et al (2001) found") and stays.
    """
    if MARK not in text and NAME not in text:
        return text
    text = _GROUP.sub(_without_group, text)
    text = _RUN.sub(MARK, text)
    text = _DANGLING.sub("", text)
    return " ".join(text.translate(_SHOW).split())


def _without_group(found: re.Match[str]) -> str:
    if MARK not in found[1] and NAME not in found[1]:
        return found[0]
    rest = _NAMED.sub("", _RANGE.sub("", found[1])).replace(MARK, "")
    if _FILLER.fullmatch(rest):
        return MARK
    rest = re.sub(r"\s*[,;]\s*(?=[,;]|$)", "", rest).strip(" ,;")
    return f" {found[0].lstrip()[0]}{rest}{found[0][-1]}"
