"""Claims written otherwise that say the same: spacing, units, intervals, percent signs, frequencies.

A verifier that compares letters raises a false alarm on these.
"""

import re
from collections.abc import Iterator

from eval.corruptions.quantities import doses, in_unit, intervals

_SAME = (
    (r"\btwice daily\b", "two times a day"),
    (r"\btwice a day\b", "twice daily"),
    (r"\bonce daily\b", "once a day"),
    (r"\bonce a day\b", "once daily"),
    (r"(?<=\d)\s?%", " percent"),
    (r"(?<=\d) percent\b", "%"),
    (r"(?<![\d.,])(\d)(\d{3})(?= (?:patients|people|participants|women|men|adults|children)\b)", r"\1,\2"),
)
_SMALLER = {"g": "mg", "mg": "mcg"}
_LARGER = {"mg": "g", "mcg": "mg"}


def rewritten(claim: str) -> Iterator[tuple[str, str]]:
    """(text, what was done)."""
    for pattern, new in _SAME:
        text = re.sub(pattern, new, claim, count=1)
        if text != claim:
            yield text, "wording of a quantity"
    for match in doses(claim):
        yield claim[: match.start(2)] + ("" if match[2] else " ") + claim[match.end(2) :], "spacing"
        figures = float(match[1].replace(",", ""))
        table = _LARGER if figures >= 100 else _SMALLER if figures < 1 else {}
        other = table.get(match[3])
        alone = not re.search(r"(?:\b(?:to|and|or)|[-–])\s*$", claim[: match.start()])
        if other and alone and claim[match.end(3) : match.end(3) + 1] not in ("/", "."):
            same = in_unit(match[1], match[3], other)
            yield claim[: match.start(1)] + f"{same} {other}" + claim[match.end(3) :], "unit"
    for match in intervals(claim):
        if match[2].strip() in ("-", "–"):
            yield claim[: match.start(2)] + " to " + claim[match.end(2) :], "interval"
        elif match[2].strip() == "to" and not re.search(r"\bfrom\s+$", claim[: match.start()]):
            yield claim[: match.start(2)] + "-" + claim[match.end(2) :], "interval"
