"""Numbers made wrong: a value, a dose tenfold, a unit of mass, one end of an interval.

Each function yields what the claim can become; what is left out is what the passage states as well, whatever
the unit it is written in.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ALONE = re.compile(rf"(?<![\w.,/\-–^*+\[#])(?:{NUMBER})(?![\w\-–^/]|[.,]\d|\])")
_MASS = {
    "kg": 3,
    "g": 0,
    "mg": -3,
    "mcg": -6,
    "µg": -6,
    "μg": -6,
    "microgram": -6,
    "micrograms": -6,
    "ng": -9,
}
_OTHER = ("mL", "ml", "L", "IU", "units", "unit", "mmol", "micromol", "mEq", "MBq", "mg/dL", "Gy")
_UNITS = "|".join(sorted(map(re.escape, (*_MASS, *_OTHER)), key=len, reverse=True))
_DOSE = re.compile(rf"(?<![\w.,/\-–])({NUMBER})(\s?)({_UNITS})(?![\w²³])")
_INTERVAL = re.compile(rf"(?<![\w.,/\-–])({NUMBER})(\s?%?\s?(?:-|–|to|and)\s?)({NUMBER})(?![\w\-–]|[.,]\d)")
_COUNTS = "zero one two three four five six seven eight nine ten eleven twelve"
_WORDS = _COUNTS.split()
_FACTORS = [Decimal(f) for f in ("1.5", "0.5", "2", "1.2", "0.8", "3", "0.4", "1.7")]
_SWAPS = {
    "mg": "mcg",
    "mcg": "mg",
    "µg": "mg",
    "μg": "mg",
    "microgram": "mg",
    "micrograms": "mg",
    "g": "mg",
    "ng": "mcg",
}


def number(claim: str, passage: str) -> Iterator[str]:
    """Another value, written alike."""
    there = values(passage)
    for match in _ALONE.finditer(claim):
        if re.fullmatch(r"\W*", claim[: match.start()]):
            continue  # the number of an item in a list
        percent = claim[match.end() : match.end() + 2].lstrip().startswith("%")
        for new in _near(match.group()):
            if _value(new) not in there and not (percent and _value(new) > 100):
                yield claim[: match.start()] + new + claim[match.end() :]


def tenfold(claim: str, passage: str) -> Iterator[str]:
    """A dose or an amount, ten times as much or a tenth."""
    there = amounts(passage)
    for match in _DOSE.finditer(claim):
        for factor in (Decimal(10), Decimal("0.1")):
            value = _value(match[1]) * factor
            if _amount(value, match[3]) not in there:
                yield claim[: match.start(1)] + _written(value) + claim[match.end(1) :]


def mass_unit(claim: str, passage: str) -> Iterator[str]:
    """mg for mcg and the like, the number as it was."""
    there = amounts(passage)
    for match in _DOSE.finditer(claim):
        new = _SWAPS.get(match[3])
        if new and _amount(_value(match[1]), new) not in there:
            yield claim[: match.start(3)] + new + claim[match.end(3) :]


def interval_bound(claim: str, passage: str) -> Iterator[str]:
    """One end moved, the lower one still the lower."""
    there = values(passage)
    for match in _INTERVAL.finditer(claim):
        low, high = _value(match[1]), _value(match[3])
        if low >= high or ("and" in match[2] and not re.search(r"between\s+$", claim[: match.start()])):
            continue
        for group in (1, 3):
            for new in _near(match[group]):
                moved = _value(new)
                if moved not in there and (moved < high if group == 1 else moved > low):
                    yield claim[: match.start(group)] + new + claim[match.end(group) :]


def values(text: str) -> set[Decimal]:
    """Every number of a text, in figures or in a word up to twelve."""
    words = re.findall(r"[a-z]+", text.lower())
    figures = re.findall(NUMBER, text)
    parts = re.findall(r"\d+", text)
    return {_value(n) for n in (*figures, *parts)} | {Decimal(_WORDS.index(w)) for w in words if w in _WORDS}


def amounts(text: str) -> set[tuple[Decimal, str]]:
    """Every number with its unit, masses in grams."""
    return {_amount(_value(m[1]), m[3]) for m in _DOSE.finditer(text)}


def doses(text: str) -> list[re.Match[str]]:
    """Matches of (number)(space)(unit)."""
    return list(_DOSE.finditer(text))


def intervals(text: str) -> list[re.Match[str]]:
    """Matches of (number)(between)(number)."""
    return list(_INTERVAL.finditer(text))


def in_unit(figures: str, unit: str, other: str) -> str:
    """The same mass in another unit."""
    return _written(_value(figures).scaleb(_MASS[unit] - _MASS[other]))


def _amount(value: Decimal, unit: str) -> tuple[Decimal, str]:
    if unit in _MASS:
        return value.scaleb(_MASS[unit]).normalize(), "g"
    return value.normalize(), unit.lower()


def _value(figures: str) -> Decimal:
    return Decimal(figures.replace(",", "")).normalize()


def _written(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _near(figures: str) -> Iterator[str]:
    """Other numbers with as many decimals."""
    value, places = Decimal(figures.replace(",", "")), len(figures.partition(".")[2])
    moved = [value * factor for factor in _FACTORS]
    if value < 10 and not places:
        moved = [value + step for step in (1, 2, -1, 3)]
    step = Decimal(1).scaleb(-places)
    for new in dict.fromkeys(m.quantize(step) for m in moved):
        if new > 0 and new != value:
            yield f"{new:,f}" if "," in figures else f"{new:f}"
