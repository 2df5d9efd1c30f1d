"""Dates finer than a year, and ages over 89."""

import re
from collections.abc import Iterator

from assistant.privacy.context import of_a_person, of_a_study
from assistant.privacy.kinds import Span

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL = r"(?:st|nd|rd|th)"
_YEAR = r"(?:(?:18|19|20)\d\d|'\d\d)"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s(?:the\s)?)"
_UNIT = re.compile(
    r"(?i)[\s-]?(?:m[cg]|mcg|µg|μg|g|kg|ml|l|dl|iu|units?|mmol|meq|mmhg|%|tab(?:let)?s?"
    r"|caps?(?:ules?)?|doses?|puffs?|drops?"
    r"|h|hrs?|hours?|days?|weeks?|wks?|months?|years?|yrs?|minutes?|mins?|cm|mm|km|miles|scale|strength"
    r"|pain|vision|ratio|times"
    r"|criteria|points?|items?|patients|cases|of the|regimen|cycles?|french|fr|gauge)\b|[\s]?%"
)
_NUMERIC = re.compile(
    r"(?<![\w./-])(?:"
    r"(?P<a>\d{1,2})(?P<s>\s?[/.-]\s?)(?P<b>\d{1,2})(?P=s)(?P<y>(?:18|19|20)\d\d|\d\d)"
    r"|(?P<y2>(?:18|19"
    r"|20)\d\d)(?P<s2>[/.-])(?P<m2>\d{1,2})(?P=s2)(?P<d2>\d{1,2})"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,6})?Z?)?"
    r")(?![\d/-]|\.\d|[A-Za-z]{2})"
)
_WORDED = re.compile(
    rf"(?i)(?<![\w/-])(?:{_WEEKDAY})?(?:"
    rf"(?P<month>{_MONTH})[\s-]?(?:the\s)?(?P<day>{_DAY}){_ORDINAL}?(?!\d|[:/.]\d"
    rf"|{_ORDINAL})(?:(?:,|\sof|\sin)?[\s/-]{{0,2}}(?P<year>{_YEAR}))?(?!\d)"
    rf"|{_DAY}(?P<ord>{_ORDINAL})?(?:\sday)?(?P<of>\sof)?[\s./-]{{0,2}}(?P<month2>{_MONTH})(?:,?[\s./-]{{0,2}}(?P<year2>{_YEAR}"
    rf"|\d\d(?!\d)))?(?![\w])"
    r")"
)
_ORDINAL_WORDS = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth"
    r"|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty[\s-][a-z]{5,7}"
    r"|thirtieth|thirty[\s-]first)"
)
_SPELLED = re.compile(
    rf"(?i)\b(?:{_ORDINAL_WORDS}\sof\s{_MONTH}|{_MONTH}\s(?:the\s)?{_ORDINAL_WORDS}(?!\w))(?:,?\s{_YEAR})?"
)
_MONTH_YEAR = re.compile(
    rf"(?i)(?<![\w/-])(?:{_MONTH}(?:,|\sof)?[\s/-]{{0,2}}(?:18|19|20)\d\d|(?:0?[1-9]"
    rf"|1[0-2])\s?[/-]\s?(?:19|20)\d\d)(?![\w/-])"
)
_EVENT = (
    r"(?:admit\w*|admission|discharg\w*|seen|saw|visit\w*|born|birth\w*|dob|d\.o\.b\.?|died|death"
    r"|deceased|expired|operated|surgery"
    r"|procedure|scheduled|appointment|transferred|presented|presents|came|started|stopped"
    r"|diagnosed|transplant\w*|implanted"
    r"|delivered|delivery|edd|lmp|due|since|dated|date|labs?|drawn|injured|fell|follow-?up|married"
    r"|hired|intubated|extubated)"
)
_EVENT_DATE = re.compile(
    rf"(?i)\b(?:{_EVENT}|on)(?:\s(?:on|was|is|of|from|the|for|date|at|in|again|last|this|next|home"
    rf"|here)){{0,3}}[:\s]{{1,2}}(?P<date>(?:0?[1-9]|1[0-2])[/-]{_DAY}|{_DAY}[/-](?:0?[1-9]"
    rf"|1[0-2]))(?![\d/%*-]|\.\d)"
)
_EVENT_WEEKDAY = re.compile(
    rf"(?i)\b{_EVENT}(?:\s(?:on|last|this|next|the|for|back|again|home|to|hospital|in|ed|er|icu"
    rf"|clinic)){{0,3}}\s(?P<date>(?:mon|tues|wednes|thurs|fri|satur|sun)day\b(?!s))"
)
_EVENT_HOLIDAY = re.compile(
    r"(?i)\b(?P<date>(?:christmas(?:\s(?:eve|day))?|new year'?s?(?:\s(?:eve|day))?"
    r"|thanksgiving(?:\sday)?|halloween|easter(?:\ssunday|\smonday)?|valentine'?s day"
    r"|independence day|labor day|memorial day|boxing day|mother'?s day"
    r"|father'?s day)(?:,?\s(?:(?:in|of)\s)?(?:19|20)\d\d))"
)
_BIRTH_DIGITS = re.compile(
    r"(?i)\b(?:dob|d\.o\.b\.?|birth\s?date|date of birth|born)(?:\s(?:is|on"
    r"|was))?[:\s#]{0,3}(?P<date>\d{8}|\d{6}|\d{1,2}[/.\s-]\d{1,2}[/.\s-]\d{2,4})(?!\d)"
)
_COMPACT = re.compile(
    r"(?<![\w./-])(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]"
    r"|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d)(?![\w./-]|\.\d)"
)
_DAY_ONLY = re.compile(
    rf"(?i)\b{_EVENT}(?:\son)?\sthe\s(?P<date>{_DAY}{_ORDINAL})\b(?!\s(?:day|week|month|time"
    rf"|percentile|dose|cycle|trimester|visit|line|rib|toe|finger|floor))"
)

# One end of a stretch of months: a study's.
_STRETCH = re.compile(
    r"(?i)(?:\b(?:between|from|period|during|and|to|through|until)|-)\s?(?:the\s)?(?:end of\s"
    r"|beginning of\s|start of\s)?$"
)
_OTHER_END = re.compile(
    r"(?i)(?:19|20)\d\d[\s,]{0,2}(?:and|to|through|until|-)|\b(?:between|from)\s|^[\s,]{0,2}(?:and"
    r"|to|through|until|-)\s"
)

_AGE = re.compile(
    r"(?i)(?<![\w.,/-])(?P<age>9\d|1[0-3]\d)"
    r"(?P<unit>\s?-?\s?(?:years?|yrs?|y)\.?(?:\s|-)?(?:old|of age|o\b)|\s?-?\s?y\.?\s?/?\s?o\b\.?"
    r"|\s?-?year-?old)(?!s\b|\s(?:and|or)\s(?:older|over|above)|er)"
)
_AGED = re.compile(
    r"(?i)\b(?:aged?|age is|age of|age:|turned|turning|turns|is now|she is|he is|she's|he's"
    r"|patient is|pt is)\s?(?P<age>9\d|1[0-3]\d)(?![\w%/-]|\.\d|\s(?:mg|kg|and over|or over"
    r"|and older|or older|and above|to|%|mmhg|bpm|cm|lbs?|pounds|days|weeks|hours))"
)
_OF_ONE = re.compile(
    r"(?i)\b(?:woman|man|lady|gentleman|female|male|patient|pt|father|mother|dad|mum|mom|aunt"
    r"|uncle|neighbou?r|resident|grand\w{2,8}|he|she|who)"
    r"(?:,|'s|\sof|\sis|\swas|\sis now|\swho is)?\s\(?(?:now\s|nearly\s|almost\s"
    r"|aged?\s)?(?P<age>(?:9\d|1[0-3]\d)(?:y|yo)?)(?=\)|[,;.?!]?\s|[,;.?!]?$)(?!\s(?:mg|mcg|g|kg|ml"
    r"|units?|%|percent|mmhg|bpm|cm|lbs?|pounds|days|weeks|hours|hrs|minutes|times|or|and|to"
    r"|on room air)\b|\s?[/%-])"
    r"|(?<![\w.,/-])(?P<attached>(?:9\d|1[0-3]\d)y)(?=[,;)]|\s(?:[MF]\b|male|female|man|woman|lady"
    r"|gentleman|with))"
)
_BIRTHDAY = re.compile(r"(?i)\b(?P<age>(?:9\d|1[0-3]\d)(?:st|nd|rd|th))\sbirthday\b")
_SEX = re.compile(
    r"(?:^|\b(?:[Aa]n?|[Pp]t|[Pp]atient|[Mm]y|[Tt]his|[Oo]ur)[:,]?\s|[,;(]\s?)(?P<age>(?:9\d"
    r"|1[0-3]\d)\s?-?\s?(?:[MF]|[mf]ale))\b(?!-)"
)
_TENS = (
    r"(?:ninety(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a"
    r"|one)[\s-]hundred(?:[\s-]and)?(?:[\s-][a-z]{3,6})?)"
)
_AGE_WORDS = re.compile(
    rf"(?i)\b(?P<age>{_TENS}[\s-]years?[\s-](?:old\b(?!s)|of age)|(?:non|cent)[ao]g?enarian"
    rf"|nonagenarian|centenarian)\b"
)
_PLURAL = re.compile(
    r"(?i)\b(?:patients|people|persons|adults|women|men|individuals|subjects|residents|those"
    r"|population|elderly|over|above|than|least|under|below|until|up to|[<>≥≤=]|to|between|mean"
    r"|median|average|maximum|range)\s?(?:who are|age|aged|age of|were|an age of)?\s?$"
)


def dates(text: str) -> Iterator[Span]:
    yield from _numeric(text)
    for match in _WORDED.finditer(text):
        if _is_worded_date(match, text) and not _of_a_study(text, *match.span()):
            yield Span(*match.span(), "date")
    for pattern in (_SPELLED, _MONTH_YEAR):
        for match in pattern.finditer(text):
            if not _of_a_study(text, *match.span()):
                yield Span(*match.span(), "date")
    for match in _EVENT_DATE.finditer(text):
        if not _UNIT.match(text, match.end()) and not match[0].lower().startswith("on 1/2"):
            yield Span(*match.span("date"), "date")
    for pattern in (_EVENT_WEEKDAY, _EVENT_HOLIDAY, _BIRTH_DIGITS, _DAY_ONLY):
        for match in pattern.finditer(text):
            yield Span(*match.span("date"), "date")
    for match in _COMPACT.finditer(text):
        yield Span(*match.span(), "date")


def ages(text: str) -> Iterator[Span]:
    for pattern in (_AGE, _AGED):
        for match in pattern.finditer(text):
            before = text[
                max(0, match.start() - 40) : match.start("age") if pattern is _AGE else match.start()
            ]
            if not _PLURAL.search(before):
                end = match.end() if pattern is _AGE else match.end("age")
                yield Span(match.start("age"), end, "age")
    for match in _OF_ONE.finditer(text):
        yield Span(*match.span(match.lastgroup or 0), "age")
    for pattern in (_BIRTHDAY, _SEX, _AGE_WORDS):
        for match in pattern.finditer(text):
            yield Span(*match.span("age"), "age")


def _numeric(text: str) -> Iterator[Span]:
    for match in _NUMERIC.finditer(text):
        if _UNIT.match(text, match.end()):
            continue
        if match["y2"]:
            good = _valid(a := int(match["m2"]), b := int(match["d2"])) or _valid(b, a)
        else:
            a, b = int(match["a"]), int(match["b"])
            good = _valid(a, b) or _valid(b, a)
            if match["s"] == "." and len(match["y"]) == 2:  # or a number of a section
                good = good and len(match["a"]) == len(match["b"]) == 2
        if good and not _of_a_study(text, *match.span()):
            yield Span(*match.span(), "date")


def _valid(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def _is_worded_date(match: re.Match[str], text: str) -> bool:
    """Not "may 5 mg" nor "march 3 km": the words that are months and more need a capital or an ordinal."""
    month = match["month"] or match["month2"]
    if match["year"] or match["year2"]:
        return True
    if _UNIT.match(text, match.end()):
        return False
    bare = month.rstrip(".").lower()
    if (
        bare in ("may", "mar", "dec", "sep", "sept", "jan", "oct", "nov", "march", "apr")
        and not month[0].isupper()
    ):
        return bool(match["ord"] or match["of"]) or bare in ("march", "sept", "nov", "oct", "jan")
    return not (
        month.isupper() and len(bare) == 3 and bare in ("mar", "dec", "sep", "may")
    )  # MAR, SEP: acronyms


def _of_a_study(text: str, start: int, end: int) -> bool:
    if of_a_study(text, start, end):
        return True
    before, after = text[max(0, start - 40) : start], text[end : end + 25]
    stretch = _STRETCH.search(before) or re.match(r"(?i)\s?(?:and|to|through|until|-)\s", after)
    both = (stretch and _OTHER_END.search(before)) or re.match(
        r"(?i)\s?(?:and|to|through|until|-)\s[A-Za-z0-9 ,/]{0,14}(?:19|20)\d\d", after
    )
    return bool(both) and not of_a_person(text, start, end)
