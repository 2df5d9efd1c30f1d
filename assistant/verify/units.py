"""Units with their base and factor, words for numbers and frequencies, and words that bound a number."""

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
UNITS: dict[str, tuple[str, float]] = {}
for _base, _table in (
    ("g", _MASS),
    ("l", _VOLUME),
    ("mol", _AMOUNT),
    ("m", _LENGTH),
    ("s", _TIME),
    ("month", _MONTHS),
):
    UNITS |= {name: (_base, factor) for name, factor in _table.items()}
UNITS |= {"%": ("%", 1.0), "percent": ("%", 1.0), "per cent": ("%", 1.0), "percentage": ("%", 1.0)}
UNITS |= dict.fromkeys(("iu", "u", "unit", "units"), ("iu", 1.0)) | {"miu": ("iu", 1e-3), "mu": ("iu", 1e-3)}
UNITS |= {
    "mmhg": ("mmhg", 1.0),
    "meq": ("eq", 1e-3),
    "bpm": ("bpm", 1.0),
    "gy": ("gy", 1.0),
    "hz": ("hz", 1.0),
}
UNITS |= {"kda": ("da", 1e3), "da": ("da", 1.0), "kb": ("bp", 1e3), "bp": ("bp", 1.0), "mb": ("bp", 1e6)}
UNITS |= {
    "kcal": ("cal", 1e3),
    "fold": ("fold", 1.0),
    "times": ("fold", 1.0),
    "°c": ("°c", 1.0),
    "x": ("fold", 1.0),
}
SENSITIVE = {"M", "mM", "uM", "nM", "pM"}  # case tells molar from metre
RATES = {
    "day": 86400.0,
    "d": 86400.0,
    "week": 604800.0,
    "wk": 604800.0,
    "month": 2629800.0,
    "hour": 3600.0,
    "h": 3600.0,
}
RATES |= {"daily": 86400.0, "nightly": 86400.0, "weekly": 604800.0, "monthly": 2629800.0, "hr": 3600.0}
RATES |= {"yearly": 31557600.0}
RATES |= {"year": 31557600.0, "yr": 31557600.0}

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
WORDS = {word: float(n) for n, word in enumerate((_SMALL + " seventeen eighteen nineteen").split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
WORDS |= {word: 10.0 * n for n, word in enumerate(_TENS, start=2)}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
FRACTIONS = {"half": 0.5, "third": 1 / 3, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25}
TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
LATIN = {
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

# What stands before or behind a number and bounds it
BEFORE = (
    (
        "<",
        r"<|<=|less than|fewer than|lower than|below|under|up to|at most|no more than|not more than"
        r"|maximum of|smaller than|not exceeding|within|shorter than|younger than",
    ),
    (
        ">",
        r">|>=|more than|greater than|higher than|above|over|at least|no less than|not less than|minimum of"
        r"|exceeding|exceeds?|exceeded|larger than|longer than|older than",
    ),
    ("~", r"~|about|approximately|around|roughly|nearly|almost|circa|approx\.?|some"),
)
AFTER = (
    (
        ">",
        r"\+(?!\s?\d)|or (?:more|greater|higher|above|older|over|longer)\b|and (?:above|over|older)\b",
    ),
    ("<", r"or (?:less|fewer|lower|below|younger|under|shorter)\b|and (?:below|under|younger)\b"),
)
# What a number only numbers
LABELS = (
    "type|grade|stage|phase|class|level|group|figure|fig|table|chapter|version|hour|day|week|chromosome|exon"
    "|intron|serotype|line|step|category|arm|cohort|part|study|factor"
)
