"""Places smaller than a state."""

import re
from collections.abc import Iterator

from assistant.privacy.context import of_a_person, of_a_study
from assistant.privacy.kinds import Span
from assistant.privacy.not_places import GENERIC, MD
from assistant.privacy.words import CITIES, COUNTRIES, EPONYM_NOUNS, STATES, WORDS

_CAP = r"[A-Z][a-z'-]{1,24}(?:[A-Z][a-z]{1,20})?"
_STATE_NAMES = "|".join(sorted((s.title().replace(" ", r"\s") for s in STATES), key=len, reverse=True))
_STATE_CODES = "|".join(code.upper() for code in STATES.values())
_STREET_LONG = r"(?:street|avenue|road|boulevard|lane|drive|court|terrace|parkway|highway|crescent|turnpike)"
_STREET_SHORT = (
    r"(?:St|Ave|Av|Rd|Blvd|Ln|Dr|Ct|Pl|Place|Way|Ter|Circle|Cir|Hwy|Pkwy|Square|Sq|Trail|Trl|Close"
    r"|Gardens|Mews|Row|Alley"
    r"|Loop|Plaza|Quay|Walk|Grove|Hill|Park|Bend|Run|Path|Pike|Route|Rte|Crossing|Ridge|Heights"
    r"|View|Green|Esplanade)"
)
_UNIT = r"(?:,?\s(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|#)\.?\s?#?\s?\w{1,6})?"
_NUMBER = r"(?:#\s?)?\d{1,6}(?:-\d{1,5})?[A-Za-z]?(?:\s1/2)?"
_STREETS = re.compile(
    rf"(?<![\w.])(?:{_NUMBER},?\s(?:[NSEW]{{1,2}}\.?\s|North\s|South\s|East\s|West\s)?(?:(?:{_CAP}"
    rf"|\d{{1,3}}(?:st|nd|rd|th)|[A-Z]\.?|of|the|de|la)\s){{1,4}}{_STREET_SHORT}\b\.?{_UNIT}"
    rf"|(?i:{_NUMBER},?\s(?:[a-z0-9'.-]{{1,20}}\s){{1,4}}{_STREET_LONG}\b){_UNIT}"
    rf"|(?:{_CAP}\s){{1,3}}(?:Street|Avenue|Road|Boulevard|Lane|Drive|Terrace|Parkway"
    rf"|Crescent)\b(?!\s(?:[Mm]ethod|[Tt]est))"
    rf"|(?:[Rr]ue|[Cc]alle|[Vv]ia|[Pp]laza|[Rr]ua|[Aa]venida|[Pp]iazza|[Ii]mpasse)\s(?:(?:de|del"
    rf"|della|du|des|la|le|los|las|l'|d'){{1}}\s?){{0,2}}{_CAP}(?:\s{_CAP}){{0,2}},?\s\d{{1,4}}\b"
    rf"|\d{{1,4}}(?:\s?bis)?,?\s(?:rue|avenue|boulevard|chemin|place|calle|via)\s(?:(?:de|del|du"
    rf"|des|la|le|l')\s?){{0,2}}{_CAP}(?:\s{_CAP}){{0,2}}"
    rf"|{_CAP}(?:strasse|straße|str\.|gasse|weg|platz|allee|laan|straat|gatan|vej|gata)\s\d{{1,4}}[a-z]?\b"
    r"|(?i:\bP\.?\s?O\.?\s?Box\s\d{1,7})"
    rf")(?:,\s{_CAP}(?:\s{_CAP})?\b)?(?:,\s(?:{_STATE_CODES}"
    rf"|{_STATE_NAMES})\b)?(?:,?\s\d{{5}}(?:-\d{{4}})?\b)?"
)
_POSTCODES = re.compile(
    rf"\b(?:(?i:zip(?:\s?code)?|postal code|post\s?code)(?:\s(?:is|of"
    rf"|area))?[:\s#]{{1,2}}(?P<cued>\d{{5}}(?:-\d{{4}})?|\d{{3,5}}"
    rf"|[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)\b"
    rf"|(?P<state>(?:{_STATE_CODES})[\s,]{{1,2}}\d{{5}}(?:-\d{{4}})?)(?![\w-])"
    r"|(?P<nine>\d{5}-\d{4})(?![\w-])"
    r"|(?P<uk>(?:[A-PR-UWYZ][A-HK-Y]?\d[\dA-Z]?)\s\d[ABD-HJLNP-UW-Z]{2})(?![\w-])"
    r"|(?P<ca>[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\s\d[ABCEGHJ-NPRSTV-Z]\d)(?![\w-]))"
)
_CITY_STATE = re.compile(
    rf"\b(?P<city>{_CAP}(?:\s{_CAP}){{0,2}}),?\s(?:(?P<name>{_STATE_NAMES})"
    rf"|(?P<code>{_STATE_CODES}))\b(?:,?\s(?P<zip>\d{{5}}(?:-\d{{4}})?))?(?![\w-]|\s?-?\d|/)"
)
_LIVES = re.compile(
    rf"(?i:\b(?:liv(?:es?|ed|ing)|resid(?:es?|ed|ing)|reloca\w+|moved?|moving|home(?:town)?|address"
    rf"|born|grew up|raised|works?|working|employed|retired|househoulds?|based|visiting from|hails"
    rf"|native|residents?|comes?|came|flew|driv\w+|clinics?|hospitals?|pharmac(?:y|ist)|doctors?"
    rf"|office|practice|farms?|house|school|church|gp|facility|transferred|travels?)"
    rf"\s(?:is\s|are\s)?(?:in|at|to|from|of|near|outside|around|is)(?:\s(?:the\s)?(?:city|town"
    rf"|village|suburbs?|outskirts|downtown|rural|north|south|east"
    rf"|west)(?:\sof)?)?)\s(?P<place>{_CAP}(?:(?:\s|-){_CAP}){{0,2}})"
)
_IN_CITY = re.compile(
    rf"(?i:\b(?:in|from|near|at|of|to|outside|around|downtown"
    rf"|via))\s(?P<place>{_CAP}(?:\s{_CAP})?)(?=(?P<next>[\s-]\w{{1,20}})?)"
)
_REGION = re.compile(
    rf"\b(?P<place>(?:{_CAP}\s){{1,2}}(?:County|Township|Parish|Borough|Province|Prefecture|Village"
    rf"|Neighborhood|Subdivision|Reservation|Precinct)|(?:[Cc]ounty|[Tt]own|[Vv]illage|[Cc]ity"
    rf"|[Ss]uburb|[Bb]orough|[Pp]arish)\sof\s{_CAP}(?:\s{_CAP})?)\b"
)
_HOUSE = re.compile(
    rf"\b(?P<place>(?:(?:{_CAP}|St\.?|of|the|and|&|[A-Z]{{2,5}})\s){{1,5}}(?:Hospital|Infirmary"
    rf"|Hospice|Clinic|Medical\s(?:Center|Centre|Group)|Health\s(?:Center|Centre|System|Clinic)"
    rf"|(?:Nursing|Care|Retirement|Rest)\sHome|Rehab(?:ilitation)?(?:\sCenter)?|Surgery\sCent(?:er"
    rf"|re)|Surgicenter|Cancer\sCent(?:er|re)|Assisted\sLiving|Manor|Sanatorium"
    rf"|Dialysis\s(?:Cent(?:er|re)|Unit)|High\sSchool|Elementary(?:\sSchool)?|Middle\sSchool|Prison"
    rf"|Jail|Shelter)\b(?:\s(?:in|of|at)\s{_CAP}(?:\s{_CAP})?)?)"
)
_ROOM = re.compile(
    r"\b(?P<place>(?:[Rr]oom|ROOM|[Rr]m|[Bb]ed|[Ww]ard|WARD|[Bb]ay)(?i:\s?(?:no\.?\s|number\s"
    r"|#\s?)?(?:\d{1,4}[a-z]?|[a-z]?\d{1,4})(?:-\d{1,3})?(?:[,/]?\s(?:room|rm|bed"
    r"|bay)\s?\d{1,4}[a-z]?)?))\b(?!-|[.]?\d|\s?[%°]|\s?(?i:h|hrs?|hours?|days?|mg|beds|patients"
    r"|degrees|c|units?)\b)"
)
_BEFORE_CITY = re.compile(r"(?i)\b(?:in|from|of|at|near|to|outside|lives|address|resides|is)\s$")


def places(text: str) -> Iterator[Span]:
    for match in _STREETS.finditer(text):
        if not _medical_street(match[0]):
            yield Span(*match.span(), "place")
    for match in _POSTCODES.finditer(text):
        group = match.lastgroup or 0
        yield Span(*match.span(group), "place")
    for match in _CITY_STATE.finditer(text):
        sure = match["zip"] or not of_a_study(text, *match.span())
        if sure and _city_of_state(match, text):
            yield Span(*match.span(), "place")
    for match in _LIVES.finditer(text):
        yield from _place(match, weak=False)
    for match in _IN_CITY.finditer(text):
        nxt = (match["next"] or "").strip(" -").lower()
        medical = (
            nxt in EPONYM_NOUNS or nxt == "chromosome" or text[match.end() : match.end() + 1] in ("-", "/")
        )
        if not medical and of_a_person(text, *match.span("place")):
            yield from _place(match, weak=True)
    for match in _REGION.finditer(text):
        if not of_a_study(text, *match.span()):
            yield Span(*match.span("place"), "place")
    for match in _HOUSE.finditer(text):
        if not of_a_study(text, *match.span()):
            yield from _house(match)
    for match in _ROOM.finditer(text):
        yield Span(*match.span("place"), "place")


def _medical_street(found: str) -> bool:
    first = found.split()[0].lower()
    return first in WORDS and not any(char.isdigit() for char in found)


def _city_of_state(match: re.Match[str], text: str) -> bool:
    """A state's two letters are often something else: then the city, a ZIP code or a preposition must say."""
    words = match["city"].lower().split()
    if all(word in WORDS for word in words) or words[-1] in EPONYM_NOUNS:
        return False
    if match["zip"] or any(word in CITIES for word in words):
        return True
    if match["name"]:
        return (
            "," in match[0]
            or _BEFORE_CITY.search(text[max(0, match.start() - 12) : match.start()]) is not None
        )
    if match["code"] not in MD and "," in match[0]:
        return True
    return (
        _BEFORE_CITY.search(text[max(0, match.start() - 12) : match.start()]) is not None and "," in match[0]
    )


def _place(match: re.Match[str], *, weak: bool) -> Iterator[Span]:
    """The words of the group that are a place's; with `weak`, one of the list of cities."""
    words = match["place"].split(" ")
    start = match.start("place")
    first = words[0].lower().strip("'-")
    if weak:
        two = "-".join(word.lower() for word in words)
        if first not in CITIES and two not in CITIES:
            return
        end = start + len(match["place"] if two in CITIES else words[0])
        yield Span(start, end, "place")
        return
    name = match["place"].lower()
    if (
        first in WORDS
        or first in COUNTRIES
        or first in STATES
        or name in STATES
        or name.startswith(
            (
                "new zealand",
                "saudi",
                "united",
                "sri",
                "south a",
                "north a",
                "south k",
                "north k",
                "south am",
                "hong kong",
                "costa rica",
                "el salvador",
                "middle",
                "puerto",
            )
        )
    ):
        return
    yield Span(start, match.end("place"), "place")


def _house(match: re.Match[str]) -> Iterator[Span]:
    """A hospital with a name of its own: "St Mary's Hospital", not "University Teaching Hospital"."""
    text, start = match["place"], match.start("place")
    words = text.split(" ")
    skip = 0
    while (
        skip < len(words)
        and (words[skip].lower() in WORDS or words[skip].lower() in ("of", "the", "and", "&", "in", "at"))
        and words[skip].lower() not in ("general",)
    ):
        skip += 1
    rest = words[skip:]
    tail = {
        "hospital",
        "clinic",
        "infirmary",
        "hospice",
        "medical",
        "center",
        "centre",
        "group",
        "health",
        "system",
        "nursing",
        "care",
        "retirement",
        "rest",
        "home",
        "rehab",
        "rehabilitation",
        "surgery",
        "manor",
        "assisted",
        "living",
        "dialysis",
        "school",
        "high",
        "prison",
        "jail",
        "shelter",
        "elementary",
        "middle",
        "sanatorium",
        "surgicenter",
    }
    own = [
        w
        for w in rest
        if w.lower() not in GENERIC
        and w.lower() not in tail
        and w.lower() not in WORDS
        and not (w.isupper() and len(w) < 6)
    ]
    if own and rest[0].lower() not in ("mayo",):
        yield Span(start + len(" ".join(words[:skip])) + (1 if skip else 0), match.end("place"), "place")
