"""Numbers with what they mean: unit, bound, frequency, range. "5 mg", "5mg" and "0.005 g" are one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.verify.units import (
    AFTER,
    BEFORE,
    FRACTIONS,
    LABELS,
    LATIN,
    RATES,
    SCALES,
    SENSITIVE,
    TIMES,
    UNITS,
    WORDS,
)

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?|\.\d+"
_WORD = "|".join(sorted(WORDS, key=len, reverse=True))
_VALUE = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?P<sign>(?<![\w)%])(?<![\d%] )[-+](?=[\d.]))?(?P<digits>{_NUMBER})"
    r"(?!\w*\d\w*-\d)"
    rf"|(?<![\w-])(?P<word>(?:{_WORD})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)(?![\w])",
    re.IGNORECASE,
)
_SCALE = re.compile(r"\s?(hundred|thousand|million|billion)\b", re.IGNORECASE)
_POWER = re.compile(r"\s?(?:x|\*)\s?10(?:\s?\^\s?\(?|\s?\(|(?=[-+]))([-+]?\d{1,2})\b\)?")
_NAMES = "|".join(re.escape(u) for u in sorted(UNITS, key=len, reverse=True))
_UNIT = re.compile(
    rf"(?:\s?-?\s?)(?P<unit>{_NAMES})(?![A-Za-z])(?P<over>(?:\s?/\s?|\s(?:per|a|an|each|every)\s)"
    rf"(?P<under>{_NAMES}|dose|patient)(?![A-Za-z])(?:\s?/\s?(?P<last>{_NAMES})(?![A-Za-z]))?)?",
    re.IGNORECASE,
)
_PERIOD = r"(?:day|d|week|wk|month|hour|h|year|yr)"
_TIMES_A = re.compile(
    rf"\b(?P<often>once|twice|thrice|(?:{_WORD}|\d{{1,2}})[ -]times?)(?:[ -]+(?:a|per|each|every|in a|/)[ -]+"
    rf"(?P<period>{_PERIOD})\b|[ -]*(?P<ly>daily|weekly|monthly|yearly|nightly))",
    re.IGNORECASE,
)
_EVERY = re.compile(
    rf"\b(?:every|each|q\.?)[ ]?(?P<n>\d{{1,3}}|{_WORD}|other)?(?:[ -]?(?:to|-)[ -]?\d+)?[ -]?"
    r"(?P<period>hours?|hrs?|h|days?|d|weeks?|wks?|months?)\b\.?",
    re.IGNORECASE,
)
_LY = re.compile(r"\b(?P<ly>daily|weekly|monthly|nightly)\b", re.IGNORECASE)
_CODE = re.compile(
    r"(?<![\w])(?P<code>qod|qid|qds|qd|bid|bd|tid|tds|b\.i\.d|t\.i\.d|q\.i\.d|q\.d)(?![\w])\.?", re.I
)
_FRACTION = re.compile(r"\b(?:(?P<n>one|two|three|a)[- ])?(?P<part>half|thirds?|quarters?)\b", re.IGNORECASE)
_FOLD = re.compile(
    r"\b(?P<n>two|three|four|five|six|ten)-?fold\b|\b(?P<twice>doubled|doubles|tripled)\b", re.I
)

_BEFORE = [(sign, re.compile(rf"(?:{words})\s?(?:a |an |the )?$", re.IGNORECASE)) for sign, words in BEFORE]
_AFTER = [(sign, re.compile(rf"\s?(?:{words})", re.IGNORECASE)) for sign, words in AFTER]
_NUMBERS = re.compile(r"(?:^|\n|[.;])\s*\(?$")  # "1." in front of an item is no quantity
_AN_ITEM = re.compile(r"[.)](?=\s+[A-Z]|\s*$)")
_LIST = re.compile(
    r"\s?(?:,|-|/|\bto\b|\band\b|\bor\b|\bvs\.?|\bversus\b|, and|, or|\bfrom\b|±|\+/-)\s?", re.IGNORECASE
)
_NO_UNIT = frozenset(("S", "D", "X"))  # capitals that are seldom a second, a day, a fold
_LEVEL = re.compile(r"\s?(?:CI|CrI|confidence|credible)")
_RANGE = re.compile(r"\s?(?:-|to|and|,)\s?", re.IGNORECASE)
_INTERVAL = re.compile(
    r"(?:\bCIs?\b|confidence intervals?|credible interval|\bCrI\b|\bIQR\b|range)\W*(?:of |was |from )?$", re.I
)
_P = re.compile(r"\bp(?:[- ]?values?)?\s?(?:for \w+ )?(?:=|<|>|<=|>=|≤|≥|of)?\s?$", re.IGNORECASE)
_LABEL = re.compile(rf"\b(?:{LABELS})s?\.?\s?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in the base of `unit`: "g", "l", "s", "month", "%", "g/l", "/day" (how often), "" (bare) ...

    `bound`: "<", ">", "~" or "". `span`: (lowest, highest) of the range or interval that it is an end of.
    `soft`: written as a word, such as "two", which prose also uses for its own counting.
    """

    value: float
    unit: str
    text: str
    start: int
    end: int
    bound: str = ""
    role: str = ""  # "p", "interval", "label" (type 2, phase 3) or ""
    soft: bool = False
    decimals: int = 0  # digits behind the point as written, in `factor` units
    factor: float = 1.0
    span: tuple[float, float] | None = None

    def same(self, other: "Quantity") -> bool:
        """Equal in value and unit; a bare number may leave out the unit of time, as ages do, and "fold"."""
        if self.unit == other.unit:
            return close(self.value, other.value)
        if {self.unit, other.unit} <= {"", "fold", "month", "s"} and not (
            self.unit and other.unit and self.unit != "fold"
        ):
            return close(self.value / self.factor, other.value / other.factor)
        return False

    def rounds(self, other: "Quantity") -> bool:
        """Whether it is what rounding `other` to its own digits gives."""
        if self.unit != other.unit or self.soft:
            return False
        own, theirs = self.value / self.factor, other.value / self.factor
        return abs(own - theirs) <= 0.5 * 10**-self.decimals * 1.0001 and not close(own, theirs)


def close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a folded text in order, not overlapping; digits inside names (IL-6) are none."""
    often = list(_frequencies(text))
    taken = [(q.start, q.end) for q in often]
    plain = [q for q in _plain(text) if not any(a < q.end and q.start < b for a, b in taken)]
    return tuple(sorted((*_joined(text, plain), *often), key=lambda q: q.start))


def _plain(text: str) -> Iterator[Quantity]:
    for match in _VALUE.finditer(text):
        start, end = match.span()
        if _NUMBERS.search(text, max(0, start - 4), start) and _AN_ITEM.match(text, end):
            continue
        if (word := match["word"]) is not None:
            value = sum(WORDS[part] for part in re.split("[- ]", word.lower()))
            if value <= 1:
                continue
            decimals = 0
        else:
            digits = match["digits"].replace(",", "")
            value = float(digits) if len(digits) < 300 else 0.0
            decimals = len(digits.partition(".")[2])
            if match["sign"] == "-":
                value = -value
        factor = 1.0
        if scale := _SCALE.match(text, end):
            factor, end = SCALES[scale[1].lower()], scale.end()
        elif power := _POWER.match(text, end):
            factor, end = 10.0 ** int(power[1]), power.end()
        unit, size, stop = _unit(text, end)
        rest = text[end : end + 2]
        if (
            not unit
            and rest
            and (rest[0].isalpha() or (rest[0] in "-'" and rest[1:].isalpha() and not _ends(text, end)))
        ):
            continue  # 5-HT, 17q, 3rd
        yield Quantity(
            value=value * factor * size,
            unit=unit,
            text=text[start:stop],
            start=start,
            end=stop,
            bound=_bound(text, start, stop),
            role=_role(text, start),
            soft=word is not None,
            decimals=decimals,
            factor=factor * size,
        )
    for match in _FRACTION.finditer(text):
        n = {"two": 2.0, "three": 3.0}.get((match["n"] or "").lower(), 1.0)
        if match["part"].lower() in ("third", "quarter") and not match["n"]:
            continue
        yield Quantity(100 * n * FRACTIONS[match["part"].lower()], "%", match[0], *match.span(), soft=True)
    for match in _FOLD.finditer(text):
        value = WORDS[match["n"].lower()] if match["n"] else (3.0 if match["twice"][0] in "tT" else 2.0)
        yield Quantity(value, "fold", match[0], *match.span(), soft=True)


def _ends(text: str, end: int) -> bool:
    """Whether the hyphen behind a number leads to "to" or a plain noun as in "5-point", not to a name."""
    return bool(
        re.match(r"-(?:to-|or-|and-|point|item|arm|lead|drug|dose|step|stage|way|week|old)", text[end:])
    )


def _unit(text: str, end: int) -> tuple[str, float, int]:
    """(base, factor, end of the unit) of what stands behind a number; ("", 1, end) where there is none."""
    match = _UNIT.match(text, end)
    if match is None:
        return "", 1.0, end
    found = _known(match["unit"])
    if found is None or match["unit"] in _NO_UNIT:
        return "", 1.0, end
    unit, factor = found
    if match["under"] is None:
        return unit, factor, match.end("unit")
    below = match["under"].lower()
    if below in RATES:
        return unit, factor, match.end("unit")  # "mg/day": the day is read as a frequency
    if below in ("dose", "patient") or (under := _known(match["under"])) is None:
        return unit, factor, match.end("unit")
    stop = match.end("last") if match["last"] and match["last"].lower() not in RATES else match.end("under")
    return f"{unit}/{under[0]}", factor / under[1], stop


def _known(name: str) -> tuple[str, float] | None:
    if name in SENSITIVE:
        return UNITS[name]
    return UNITS.get(name.lower())


def _bound(text: str, start: int, end: int) -> str:
    before = text[max(0, start - 24) : start]
    for sign, pattern in _BEFORE:
        if pattern.search(before) and not (
            sign == ">" and re.search(r"(?:reduc\w+|decreas\w+|chang\w+) over\s?$", before)
        ):
            return sign
    return next((sign for sign, pattern in _AFTER if pattern.match(text, end)), "")


def _role(text: str, start: int) -> str:
    before = text[max(0, start - 26) : start]
    if _INTERVAL.search(before):
        return "interval"
    if _P.search(before):
        return "p"
    return "label" if _LABEL.search(before) else ""


def _frequencies(text: str) -> Iterator[Quantity]:
    """Doses a second: twice daily, bid, every 12 hours and 2 times a day are one."""
    ends: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        if any(a < match.end() and match.start() < b for a, b in ends):
            return False
        ends.append(match.span())
        return True

    for match in _TIMES_A.finditer(text):
        often = match["often"].lower()
        n = TIMES.get(often) or _count(re.split("[- ]", often)[0])
        if free(match):
            yield _rate(n, match["ly"] or match["period"], match)
    for match in _EVERY.finditer(text):
        if match["n"] is None and match[0][0] in "qQ" and "." not in match[0] and len(match[0]) > 2:
            continue
        if free(match):
            gap = 2.0 if (match["n"] or "").lower() == "other" else _count(match["n"] or "1")
            yield _rate(1 / gap if gap else 0.0, match["period"], match)
    for match in _CODE.finditer(text):
        if free(match):
            yield _rate(LATIN[match["code"].lower().replace(".", "")], "day", match)
    for match in _LY.finditer(text):
        if free(match):
            yield _rate(1.0, match["ly"], match, soft=True)
    for match in re.finditer(r"(?<=[a-zA-Z%])\s?(?:/|per |a )\s?(?P<period>day|d|week|wk)\b", text):
        if re.search(
            r"(?:\d|\b(?:mg|g|mcg|ug|ml|iu|units?|kg|dose|tablets?))$", text[: match.start()], re.I
        ) and free(match):
            yield _rate(1.0, match["period"], match, soft=True)


def _count(word: str) -> float:
    return WORDS.get(word.lower(), 0.0) if not word.isdigit() else float(word[:6])


def _rate(n: float, period: str, match: re.Match[str], *, soft: bool = False) -> Quantity:
    name = period.lower().removesuffix("s")
    return Quantity(
        n * 86400 / RATES.get(name, RATES["day"]), "/day", match[0].strip(), *match.span(), soft=soft
    )


def _joined(text: str, found: list[Quantity]) -> list[Quantity]:
    """In "5 and 10 mg", "2.1 vs 3.1%" and "0.66-0.95" a number takes the unit that its list ends with, and an
    interval knows both of its ends."""
    found = sorted(found, key=lambda q: (q.start, -q.end))
    found = [
        q for i, q in enumerate(found) if i == 0 or q.start >= max(p.end for p in found[max(0, i - 4) : i])
    ]
    for i in range(len(found) - 2, -1, -1):
        a, b = found[i], found[i + 1]
        if (
            not a.unit
            and b.unit
            and not a.role
            and _LIST.fullmatch(text, a.end, b.start)
            and not _LEVEL.match(text, b.end)
        ):
            found[i] = replace(a, unit=b.unit, value=a.value * b.factor, factor=a.factor * b.factor)
    for i, (a, b) in enumerate(pairwise(found)):
        a = found[i]
        if a.role == "interval" and _RANGE.fullmatch(text, a.end, b.start):
            b = found[i + 1] if b.unit == a.unit or b.unit else b
            ends = (min(a.value, b.value), max(a.value, b.value))
            found[i] = replace(a, span=ends)
            found[i + 1] = replace(b, role="interval", span=ends)
    return found
