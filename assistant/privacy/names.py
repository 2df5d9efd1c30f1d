"""Names of persons, by titles, cues, and lists of given names and surnames."""

import re
from collections.abc import Iterator

from assistant.privacy.kinds import Span
from assistant.privacy.not_names import HERS, OWNED
from assistant.privacy.words import (
    BOTH,
    CITIES,
    COUNTRIES,
    EPONYM_NOUNS,
    EPONYMS,
    GIVEN,
    STATES,
    SURNAMES,
    WORDS,
)

_CAP = (
    r"(?:(?:[Dd]e|[Dd]el|[Vv]an|[Vv]on|[Dd]er|[Dd]en|[Dd]i|[Dd]a|[Ll]a|[Ee]l|[Aa]l|[Bb]in|[Bb]int"
    r"|[Tt]en|[Ss]t\.?)[ -]){0,2}(?:O'|D'|Mc|Mac|Al-"
    r"|El-)?[A-Z][a-z]{1,20}(?:[-'][A-Z][a-z]{1,20}){0,2}(?![\w])"
)
_UPPER = r"[A-Z][A-Z'-]{1,20}(?![\w])"
_INITIAL = r"[A-Z]\.?(?![\w'])"
_WORD = rf"(?:{_CAP}|{_UPPER})"
_NAME = rf"{_WORD}(?: (?:{_INITIAL} ){{0,2}}{_WORD}){{0,2}}"
_TITLED = re.compile(
    rf"(?:\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Sra)\b\.?|\b(?:Miss|Mister|Missus|Madam|Doctor|Professor"
    rf"|Sister|Father|Pastor|Rabbi|Imam|Nurse|Uncle|Aunt|Officer|Captain|Colonel|Sergeant|Herr|Frau"
    rf"|Monsieur|Madame|Se[n]or|Se[n]ora|Lord|Lady|Sir)|(?i:\b(?:mr|mrs)\b\.?|\bdr\.))"
    rf" (?P<name>(?:{_INITIAL} ?){{0,3}}{_NAME}|[A-Z]\.(?: ?[A-Z]\.)*)"
)
_LOWER_TITLED = re.compile(r"\b(?:mr|mrs|miss|dr)\.? (?P<name>[a-z]{2,20}(?: [a-z]{3,20})?)\b")
_STRONG = (
    r"(?i:\bmy (?:patient|pt|client|resident|son|daughter|wife|husband|mother|father|mom|mum|dad"
    r"|brother|sister|aunt|uncle|cousin|friend|neighbou?r|colleague|partner"
    r"|spouse|baby|grandmother|grandfather|grandson|granddaughter|niece|nephew|boyfriend"
    r"|girlfriend|roommate|boss)"
    r"|\b(?:surname|last name|first name|maiden name|full name|forename|given name|patient name"
    r"|(?:his|her|my|their|whose|patient's|pt's|the) name(?: is| was)?|name's|goes by|nicknamed)"
    r"|^name|\n ?name|\b(?:man|woman|patient|boy|girl|child|baby|son|daughter|person|guy|lady"
    r"|gentleman|resident|client|someone|colleague|doctor|nurse|friend|neighbou?r)(?: is| was"
    r"|,)? (?:named|called)"
    r"|\b(?:signed|sincerely|regards|cc|attn|dictated by|cared for by|seen by|referred by"
    r"|under the care of|reviewed by|per|next of kin|emergency contact|guardian|carer|caregiver"
    r"|nok|proxy)"
    r"|\b(?:his|her|the patient's|patient's|pt's|their) (?:wife|husband|son|daughter|mother|father"
    r"|brother|sister|partner|spouse|carer|caregiver|friend|neighbou?r|guardian|boss|employer"
    r"|twin))"
)
_AFTER = r"(?i:,? (?:is|was|patient|pt))?[:,-]? ?(?:\(|\")?"
_CUED = re.compile(rf"{_STRONG}{_AFTER}(?<=[\s:,(\"-])(?P<name>{_NAME})")
_WEAK = re.compile(
    rf"\b(?i:(?:patient|pt|client|resident) is|patient|pt|client|resident|inmate|veteran|newborn"
    rf"|baby|infant|child|twin|re|regarding|subject|about|for|with|on|does|can|should|is|has|did"
    rf"|will|give|giving|treat|treating|put|start|tell|told|ask|asked|saw|met|meet|see|seen|hi"
    rf"|hello|dear|thanks|spoke|met|by|to|and)[:,.]? (?P<name>{_NAME})"
)
_INITIALS = re.compile(
    r"\b(?i:patient|pt|client|resident|mr|mrs|ms|my patient|initials|baby|gentleman|lady|woman|man"
    r"|boy|girl|case)(?i: is| are)?[:,]? \(?(?P<name>(?:[A-Z]\. ?){1,3}[A-Z]\.?|[A-Z]\.)(?![\w])"
)
_CODED_INITIALS = re.compile(r"\b(?i:initials(?: are| is|:)?|initialled) (?P<name>[A-Z]{2,3})\b")
_PAIR = re.compile(
    rf"(?<![\w.'-])(?P<first>{_CAP})(?P<middle>(?: {_INITIAL}){{0,2}}(?: {_CAP})?) (?P<last>{_CAP})(?='s"
    rf"|(?P<next> \w{{2,20}})?)"
)
_UPPER_PAIR = re.compile(r"(?<![\w'-])(?P<first>[A-Z]{2,15})(?: [A-Z]\.?)? (?P<last>[A-Z]{2,20})(?![\w-])")
_LOWER_PAIR = re.compile(r"(?<![\w'-])(?P<first>[a-z]{3,15}) (?=(?P<last>[a-z]{3,20})(?![\w-]))")
_SAINT = re.compile(
    r"(?:\b(?:St\.?|Saint|San|Santa|Queen|King|Prince|Princess|Port|Fort|Cape|Lake|Mount|New" r"|Johns) |-)$"
)
_COMMA = re.compile(rf"(?<![\w'-])(?P<last>{_WORD}), ?(?P<first>{_WORD})(?P<middle> {_INITIAL})?(?![\w])")
_INITIALED = re.compile(rf"(?<![\w.'-])(?P<initials>[A-Z]\.(?:[ -]?[A-Z]\.){{0,2}}) ?(?P<last>{_CAP})")
_POSSESSED = re.compile(rf"(?<![\w.'-])(?P<name>{_CAP})(?:'s?)(?: (?P<next>[\w-]{{1,20}}))?(?![\w])")
_SINGLE = re.compile(r"(?<![\w./'-])(?P<name>[A-Z][a-z]{2,15})(?![\w]|-\w)")
_UNKNOWN = re.compile(
    rf"(?<![\w.'-])(?P<name>{_CAP} (?:{_INITIAL} ){{0,2}}{_CAP}(?: {_CAP})?)"
    r"(?=,? \(?(?:\d{1,3}[ -]?(?:[MFmf]\b|y|years?|yr|-year)|(?:aged?|DOB|dob|MRN|born|SSN|b\.)\b"
    r"|is an? \d|lives?\b|resides\b|called\b|phoned\b|complain|denies\b|presents\b|presented\b"
    r"|reports\b|states\b|says\b"
    r"|said\b|asked\b|asks\b|wants\b|weighs\b|takes\b|was (?:born|admitted|discharged|seen|started"
    r"|given|told|diagnosed)|has been|needs\b|came\b|fell\b|told\b|works\b|wrote\b|stopped\b"
    r"|missed\b|forgot\b|just\b|who\b)|,? \((?i:son|daughter|wife|husband|mother|father|brother"
    r"|sister|partner|carer|caregiver|nurse|patient|pt|spouse|guardian|niece|nephew|friend|proxy"
    r"|mrn|dob)\b)"
)
_ASKED = re.compile(
    rf"\b(?i:can|could|may|should|does|did|is|has|will|would|must"
    rf"|might) (?P<name>{_CAP} (?:{_INITIAL} ){{0,2}}{_CAP})"
    r"(?= (?:take|use|have|get|stop|start|continue|receive|safely|still|fly|drive|eat|drink"
    r"|breast-?feed|need|go|also|keep|be (?:given|started|switched|put)|on|taking|allergic"
    r"|pregnant|at risk|ok|okay|due)\b)"
    rf"|\b(?i:discuss(?:ed|ing)?|spoke|spoken|talk(?:ed|ing)?|met|meeting|conversation|call|visit"
    rf"|consult(?:ed)?|message|note|letter|asking|calling|writing|behalf|refill|appointment|family"
    rf"|wife|husband|mother|father|daughter|son|parents?|caregiver) (?i:with|to|from|for|by|of"
    rf"|about|on behalf of) (?P<met>{_CAP} (?:{_INITIAL} ){{0,2}}{_CAP})"
    rf"|\b(?:[Tt]his is|I am|I'm|[Mm]y name is|[Ss]igned|[Rr]egards|[Ss]incerely|[Tt]hanks"
    rf"|[Cc]heers|[Yy]ours),? (?P<self>{_CAP} (?:{_INITIAL} ){{0,2}}{_CAP})"
    rf"|(?:^|\n ?|\b(?i:patient|pt|re|regarding"
    rf"|name)[:.]? )(?P<listed>{_CAP}, {_CAP}(?: {_INITIAL})?)(?= ?[:;(\d]| -|, ?\d|, (?i:dob|mrn"
    rf"|age))"
)


def names(text: str) -> Iterator[Span]:
    yield from _titled(text)
    yield from _cued(text)
    yield from _paired(text)
    yield from _alone(text)


def _span(match: re.Match[str], group: str = "name") -> Span:
    return Span(*match.span(group), "name")


def _titled(text: str) -> Iterator[Span]:
    for match in _TITLED.finditer(text):
        words = match["name"].split(" ")
        if words[0].lower().rstrip(".") in WORDS and words[0].lower() not in GIVEN | SURNAMES:
            continue
        yield Span(match.start("name"), match.start("name") + len(_until_word(match["name"])), "name")
    for match in _LOWER_TITLED.finditer(text):
        first, *rest = match["name"].split(" ")
        if match[0].startswith(("mr", "mrs", "miss")) and first in WORDS and first not in SURNAMES | GIVEN:
            continue
        if match[0].startswith("dr") and first not in SURNAMES | GIVEN:
            continue
        if match[0].startswith("miss") and first not in SURNAMES | GIVEN:
            continue
        last = f" {rest[0]}" if rest and rest[0] in SURNAMES else ""
        yield Span(match.start("name"), match.start("name") + len(first + last), "name")


def _cued(text: str) -> Iterator[Span]:
    for match in _CUED.finditer(text):
        name = _until_word(match["name"])
        if name and not _medical(name, text, match.start("name") + len(name)):
            yield Span(match.start("name"), match.start("name") + len(name), "name")
    for match in _WEAK.finditer(text):
        name = _until_word(match["name"])
        words = name.lower().split(" ")
        if (
            name
            and not (name.isupper() and len(words) == 1)
            and not _medical(name, text, match.start("name") + len(name))
            and (
                words[0] in GIVEN - BOTH
                or (len(words) > 1 and _NAMED_NEXT.match(match[0]) and not _common(words))
                or (len(words) > 1 and words[0] in GIVEN | BOTH and words[-1] in SURNAMES)
                or (_NAMED_NEXT.match(match[0]) and words[0] in SURNAMES - EPONYMS - WORDS)
            )
        ):
            yield Span(match.start("name"), match.start("name") + len(name), "name")
    for pattern in (_INITIALS, _CODED_INITIALS):
        for match in pattern.finditer(text):
            yield _span(match)
    for match in _UNKNOWN.finditer(text):
        first, *_, last = match["name"].lower().split(" ")
        if first not in WORDS and last not in WORDS and last not in EPONYM_NOUNS and not _place(first):
            yield _span(match)
    for match in _ASKED.finditer(text):
        group = match.lastgroup or 0
        words = re.split(r",? ", match[group].lower())
        if not _common(words) and not _place(words[0]) and not _place(words[-1]):
            yield Span(*match.span(group), "name")


def _paired(text: str) -> Iterator[Span]:
    for match in _PAIR.finditer(text):
        first, last = match["first"].lower(), match["last"].lower()
        following = (match["next"] or "").strip().lower()
        if (
            following in EPONYM_NOUNS
            or last in EPONYM_NOUNS
            or (first in EPONYMS and last in EPONYMS and first not in GIVEN)
        ):
            continue
        known = first in GIVEN - BOTH and last not in WORDS and not (first in EPONYMS and last in EPONYMS)
        likely = last in SURNAMES - EPONYMS - WORDS - BOTH and not _common([first]) and not _place(first)
        if (
            known
            or likely
            or (first in GIVEN | BOTH and last in SURNAMES and not (first in EPONYMS and last in EPONYMS))
        ):
            yield Span(match.start("first"), match.end("last"), "name")
    for match in _UPPER_PAIR.finditer(text):
        if match["first"].lower() in GIVEN - BOTH and match["last"].lower() in SURNAMES:
            yield Span(match.start("first"), match.end("last"), "name")
    for match in _LOWER_PAIR.finditer(text):
        if match["first"] in GIVEN - BOTH and match["last"] in SURNAMES - WORDS:
            yield Span(match.start("first"), match.end("last"), "name")
    for match in _COMMA.finditer(text):
        first, last = match["first"].lower(), match["last"].lower()
        parts = set(f"{first}-{last}".split("-"))
        if (last in EPONYMS and first in EPONYMS) or (len(parts) > 2 and parts & EPONYMS):
            continue
        if (first in GIVEN | BOTH and last in SURNAMES) or (
            first in GIVEN - BOTH
            and last not in GIVEN | WORDS | EPONYM_NOUNS | COUNTRIES
            and not _place(last)
        ):
            yield Span(
                match.start("last"), match.end("middle") if match["middle"] else match.end("first"), "name"
            )
    for match in _INITIALED.finditer(text):
        last = match["last"].lower()
        if match["initials"].replace(" ", "") in ("U.S.", "U.K.", "E.U.", "U.N."):
            continue
        if last in SURNAMES - WORDS or (
            len(match["initials"]) > 3 and last not in WORDS | EPONYM_NOUNS | EPONYMS
        ):
            yield Span(match.start("initials"), match.end("last"), "name")


def _alone(text: str) -> Iterator[Span]:
    for match in _POSSESSED.finditer(text):
        name, following = match["name"].lower(), (match["next"] or "").lower()
        if (following in EPONYM_NOUNS and following not in OWNED) or _SAINT.search(
            text[max(0, match.start() - 8) : match.start()]
        ):
            continue
        owned = following in OWNED
        if (
            name in (GIVEN - BOTH) - EPONYMS
            or (following in HERS and name in SURNAMES)
            or (owned and not _common([name]) and not _place(name))
        ):
            yield _span(match)
    for match in _SINGLE.finditer(text):
        name = match["name"].lower()
        if name not in GIVEN - BOTH or name in EPONYMS or name in WORDS or name in SURNAMES:
            continue
        before, after = text[max(0, match.start() - 9) : match.start()], text[match.end() : match.end() + 25]
        if _SAINT.search(before) or after.startswith(("-", "'s wort", "s")):
            continue
        following = re.match(r"'?s? ?([\w-]+)", after)
        if following and following[1].lower() in EPONYM_NOUNS:
            continue
        yield _span(match)


def _until_word(name: str) -> str:
    """The name up to a word that is none: "Smith Medications" -> "Smith"."""
    words = name.split(" ")
    for i, word in enumerate(words):
        low = word.lower().rstrip(".")
        if i and (low in WORDS or low in EPONYM_NOUNS) and low not in SURNAMES | GIVEN:
            return " ".join(words[:i])
    return name


def _medical(name: str, text: str, end: int) -> bool:
    """Whether these words after a cue are medicine's: an eponym, an acronym, a drug, the head of a term."""
    words = name.lower().split(" ")
    following = re.match(r"(?:'s?)? ?([\w-]+)", text[end : end + 30])
    after = following[1].lower() if following else ""
    first = words[0]
    if after in EPONYM_NOUNS and after not in OWNED:
        return True
    if first in GIVEN | SURNAMES and first not in EPONYMS | WORDS | BOTH:
        return False
    if len(words) > 1 and first in GIVEN | BOTH and words[-1] in SURNAMES:
        return False
    if first in WORDS or first in EPONYMS or first in COUNTRIES or _place(first) or words[-1] in EPONYM_NOUNS:
        return True
    return (name.isupper() and len(words) == 1) or _DRUG.search(first) is not None


_DRUG = re.compile(
    r"(?:mab|nib|pril|sartan|statin|olol|azole|cillin|mycin|micin|xaban|gatran|gliptin|gliflozin"
    r"|tide|parin|triptan|setron|prazole|dipine|zosin|afil|barbital|zepam|zolam"
    r"|oxetine|idone|apine|vir|cycline|floxacin|sone|olone|amide|azine|thiazide|lukast|dronate"
    r"|fibrate|formin|glitazone|kinra|cept|stim|poetin|ferol|emia|aemia|itis|osis|oma|opathy"
    r"|ectomy)$"
)


_NAMED_NEXT = re.compile(r"(?i)(?:patient|pt|client|resident|inmate)\b")


def _common(words: list[str]) -> bool:
    eponym = words[0] in EPONYMS or all(word in EPONYMS for word in words)
    return eponym or any(word in WORDS or word in EPONYM_NOUNS or _DRUG.search(word) for word in words)


def _place(word: str) -> bool:
    return word in STATES or word in CITIES or word in COUNTRIES
