"""Numbers with what they mean: unit, comparator, frequency, range. "5 mg", "5mg" and "0.005 g" are one quantity."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

_MASS = {"kg": 1e3, "g": 1.0, "mg": 1e-3, "mcg": 1e-6, "ug": 1e-6, "ng": 1e-9, "pg": 1e-12}
_MASS |= {"gram": 1.0, "grams": 1.0, "milligram": 1e-3, "milligrams": 1e-3, "kilogram": 1e3, "kilograms": 1e3}
_MASS |= {"microgram": 1e-6, "micrograms": 1e-6, "nanogram": 1e-9, "nanograms": 1e-9}
_VOLUME = {"l": 1.0, "dl": 0.1, "ml": 1e-3, "cc": 1e-3, "ul": 1e-6, "fl": 1e-15, "nl": 1e-9}
_VOLUME |= {"litre": 1.0, "liter": 1.0, "litres": 1.0, "liters": 1.0}
_AMOUNT = {"mol": 1.0, "mmol": 1e-3, "umol": 1e-6, "nmol": 1e-9, "pmol": 1e-12, "M": 1.0, "mM": 1e-3}
_AMOUNT |= {"uM": 1e-6, "nM": 1e-9, "pM": 1e-12}
_LENGTH = {"km": 1e3, "m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "nm": 1e-9}
_TIME = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "min": 60.0, "mins": 60.0}
_TIME |= {"minute": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hrs": 3600.0, "hour": 3600.0}
_TIME |= {"hours": 3600.0, "d": 86400.0, "day": 86400.0, "days": 86400.0, "wk": 604800.0, "wks": 604800.0}
_TIME |= {"week": 604800.0, "weeks": 604800.0}
_MONTHS = {
    "month": 1.0,
    "months": 1.0,
    "mo": 1.0,
    "year": 12.0,
    "years": 12.0,
    "yr": 12.0,
    "yrs": 12.0,
    "y": 12.0,
}
_MONTHS |= {"decade": 120.0, "decades": 120.0}
_UNITS: dict[str, tuple[str, float]] = {}
for _base, _table in (
    ("g", _MASS),
    ("l", _VOLUME),
    ("mol", _AMOUNT),
    ("m", _LENGTH),
    ("s", _TIME),
    ("month", _MONTHS),
):
    _UNITS |= {name: (_base, factor) for name, factor in _table.items()}
_UNITS |= {"%": ("%", 1.0), "percent": ("%", 1.0), "per cent": ("%", 1.0), "percentage": ("%", 1.0)}
_UNITS |= {u: ("iu", 1.0) for u in ("iu", "u", "unit", "units")} | {"miu": ("iu", 1e-3), "mu": ("iu", 1e-3)}
_UNITS |= {
    "mmhg": ("mmhg", 1.0),
    "meq": ("eq", 1e-3),
    "bpm": ("bpm", 1.0),
    "gy": ("gy", 1.0),
    "hz": ("hz", 1.0),
}
_UNITS |= {"kda": ("da", 1e3), "da": ("da", 1.0), "kb": ("bp", 1e3), "bp": ("bp", 1.0), "mb": ("bp", 1e6)}
_UNITS |= {
    "kcal": ("cal", 1e3),
    "fold": ("fold", 1.0),
    "times": ("fold", 1.0),
    "°c": ("°c", 1.0),
    "x": ("fold", 1.0),
}
_SENSITIVE = {"M", "mM", "uM", "nM", "pM"}  # case tells molar from metre
_RATE = {
    "day": 86400.0,
    "d": 86400.0,
    "week": 604800.0,
    "wk": 604800.0,
    "month": 2629800.0,
    "hour": 3600.0,
    "h": 3600.0,
}
_RATE |= {"year": 31557600.0, "yr": 31557600.0}

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_WORDS = {word: float(n) for n, word in enumerate((_SMALL + " seventeen eighteen nineteen").split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_WORDS |= {word: 10.0 * n for n, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_FRACTIONS = {"half": 0.5, "third": 1 / 3, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25}
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_LATIN = {
    "qd": 1.0,
    "od": 1.0,
    "bid": 2.0,
    "bd": 2.0,
    "tid": 3.0,
    "tds": 3.0,
    "qid": 4.0,
    "qds": 4.0,
    "qod": 0.5,
}

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?|\.\d+"
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_VALUE = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-)(?P<sign>(?<![\w)%])[-+](?=[\d.]))?(?P<digits>{_NUMBER})(?!\w*\d\w*-\d)"
    rf"|(?<![\w-])(?P<word>(?:{_WORD})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?)(?![\w])",
    re.IGNORECASE,
)
_SCALE = re.compile(r"\s?(hundred|thousand|million|billion)\b", re.IGNORECASE)
_POWER = re.compile(r"\s?(?:x|\*)\s?10\s?\^?\s?([-+]?\d{1,2})\b")
_NAMES = "|".join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))
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

_COMPARE = (
    (
        "<",
        r"<|<=|≤|⩽|less than|fewer than|lower than|below|under|up to|at most|no more than|not more than|maximum of"
        r"|smaller than|not exceeding|within|shorter than|younger than",
    ),
    (
        ">",
        r">|>=|≥|⩾|more than|greater than|higher than|above|over|at least|no less than|not less than|minimum of"
        r"|exceeding|exceeds?|exceeded|larger than|longer than|older than",
    ),
    ("~", r"~|about|approximately|around|roughly|nearly|almost|circa|approx\.?|some"),
)
_BEFORE = [(sign, re.compile(rf"(?:{words})\s?(?:a |an |the )?$", re.IGNORECASE)) for sign, words in _COMPARE]
_AFTER = (
    (">", re.compile(r"\s?(?:\+(?!\s?\d)|or (?:more|greater|higher|above|older|over|longer)\b|and (?:above|over|older)\b)", re.I)),
    ("<", re.compile(r"\s?(?:or (?:less|fewer|lower|below|younger|under|shorter)\b|and (?:below|under|younger)\b)", re.I)),
)  # fmt: skip
_LIST = re.compile(
    r"\s?(?:,|-|/|\bto\b|\band\b|\bor\b|\bvs\.?|\bversus\b|, and|, or|\bfrom\b|±|\+/-)\s?", re.IGNORECASE
)
_LEVEL = re.compile(r"\s?(?:CI|CrI|confidence|credible)")
_RANGE = re.compile(r"\s?(?:-|to|and|,)\s?", re.IGNORECASE)
_INTERVAL = re.compile(
    r"(?:\bCIs?\b|confidence intervals?|credible interval|\bCrI\b|\bIQR\b|range)\W*(?:of |was |from )?$", re.I
)
_P = re.compile(r"\bp(?:[- ]?values?)?\s?(?:for \w+ )?(?:=|<|>|<=|>=|≤|≥|of)?\s?$", re.IGNORECASE)
_LABEL = re.compile(r"(?:\b(?:type|grade|stage|phase|class|level|group|figure|fig|table|chapter|version|hour|day|week|"
                    r"chromosome|exon|intron|serotype|line|step|category|arm|cohort|part|study|factor)s?\.?\s?)$", re.I)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` in the base of `unit` ("g", "l", "s", "month", "%", "g/l" ...; "" for a bare number, "/s" for how often).

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
        if {self.unit, other.unit} <= {"", "fold", "month", "s"} and not (self.unit and other.unit and self.unit != "fold"):
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
    """The quantities of a folded text in order, not overlapping. Digits inside names (IL-6, CYP3A4) are none."""
    often = list(_frequencies(text))
    taken = [(q.start, q.end) for q in often]
    plain = [q for q in _plain(text) if not any(a < q.end and q.start < b for a, b in taken)]
    return tuple(sorted((*_joined(text, plain), *often), key=lambda q: q.start))


def _plain(text: str) -> Iterator[Quantity]:
    for match in _VALUE.finditer(text):
        start, end = match.span()
        if (word := match["word"]) is not None:
            value = sum(_WORDS[part] for part in re.split("[- ]", word.lower()))
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
            factor, end = _SCALES[scale[1].lower()], scale.end()
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
        yield Quantity(100 * n * _FRACTIONS[match["part"].lower()], "%", match[0], *match.span(), soft=True)
    for match in _FOLD.finditer(text):
        value = _WORDS[match["n"].lower()] if match["n"] else (3.0 if match["twice"][0] in "tT" else 2.0)
        yield Quantity(value, "fold", match[0], *match.span(), soft=True)


def _ends(text: str, end: int) -> bool:
    """Whether the hyphen behind a number leads to "and", "to" or a plain noun as in "5-point", not to a name."""
    return bool(
        re.match(r"-(?:to-|or-|and-|point|item|arm|lead|drug|dose|step|stage|way|week|old)", text[end:])
    )


def _unit(text: str, end: int) -> tuple[str, float, int]:
    """(base, factor, end of the unit) of what stands behind a number; ("", 1, end) where there is none."""
    match = _UNIT.match(text, end)
    if match is None:
        return "", 1.0, end
    found = _known(match["unit"])
    if found is None or (match["unit"] in ("M", "m", "S", "D", "d", "s", "x", "X", "y", "u", "U", "Da") and match["unit"].isupper() and match["unit"] not in ("M", "U")):  # fmt: skip
        return "", 1.0, end
    unit, factor = found
    if match["under"] is None:
        return unit, factor, match.end("unit")
    below = match["under"].lower()
    if below in _RATE:
        if unit == "%" or match["last"] is not None:
            return f"{unit}/{_period(below)}" if unit != "%" else unit, factor, match.end("unit")
        return unit, factor, match.end("unit")  # "mg/day": the day is read as a frequency
    if below in ("dose", "patient") or (under := _known(match["under"])) is None:
        return unit, factor, match.end("unit")
    stop = match.end("last") if match["last"] and match["last"].lower() not in _RATE else match.end("under")
    return f"{unit}/{under[0]}", factor / under[1], stop


def _period(name: str) -> str:
    return name[0]


def _known(name: str) -> tuple[str, float] | None:
    if name in _SENSITIVE:
        return _UNITS[name]
    return _UNITS.get(name.lower())


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
        n = _TIMES.get(often) or _count(re.split("[- ]", often)[0])
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
            yield _rate(_LATIN[match["code"].lower().replace(".", "")], "day", match)
    for match in _LY.finditer(text):
        if free(match):
            yield _rate(1.0, match["ly"], match, soft=True)
    for match in re.finditer(rf"(?<=[a-zA-Z%])\s?(?:/|per |a )\s?(?P<period>day|d|week|wk)\b", text):
        if re.search(
            r"(?:\d|\b(?:mg|g|mcg|ug|ml|iu|units?|kg|dose|tablets?))$", text[: match.start()], re.I
        ) and free(match):
            yield _rate(1.0, match["period"], match, soft=True)


def _count(word: str) -> float:
    return _WORDS.get(word.lower(), 0.0) if not word.isdigit() else float(word[:6])


def _rate(n: float, period: str, match: re.Match[str], *, soft: bool = False) -> Quantity:
    name = period.lower().removesuffix("s")
    name = {
        "daily": "day",
        "nightly": "day",
        "weekly": "week",
        "monthly": "month",
        "yearly": "year",
        "hr": "h",
    }.get(name, name)
    return Quantity(n * 86400 / _RATE.get(name, 86400.0), "/day", match[0].strip(), *match.span(), soft=soft)


def _joined(text: str, found: list[Quantity]) -> list[Quantity]:
    """In "5 and 10 mg", "2.1 vs 3.1%" and "0.66-0.95" a number takes the unit that its list ends with, and an
    interval knows both of its ends."""
    found = sorted(found, key=lambda q: (q.start, -q.end))
    found = [q for i, q in enumerate(found) if i == 0 or q.start >= max(p.end for p in found[:i][-4:])]
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
            ends = (
                min(a.value, abs(b.value) if text[b.start] == "-" else b.value),
                max(a.value, abs(b.value)),
            )
            found[i] = replace(a, span=ends)
            found[i + 1] = replace(b, role="interval", span=ends)
    return found
