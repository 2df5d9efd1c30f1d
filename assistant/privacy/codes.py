"""Numbers and codes that stand for one person or thing, biometric marks and photographs."""

import re
from collections.abc import Iterator

from assistant.privacy.kinds import Kind, Span

_SAYS = (
    r"(?:[\s,]{0,2}(?:number|numbers|no\b\.?|num\b\.?|nr\b\.?|#|id\b|ID\b|identifier|code|is|was"
    r"|are|of|ending in|ends in|last four|last 4|digits|beginning|starts with|reads|called|holder"
    r"|under|with|card|policy|:|=|-)){0,5}"
)
_CODE = (
    r"(?P<code>(?=(?:[A-Z]{1,4} )?[\w/.-]{0,24}\d)[A-Za-z0-9](?:[A-Za-z0-9]"
    r"|[-/._ ](?=[A-Z0-9]{1,6}\d|\d)|[-/._](?=[A-Za-z0-9])){2,36})(?![\w])"
)
_MANY = (
    r"(?P<code>(?=(?:[A-Za-z/._-]{0,6}\d){5})[A-Za-z0-9](?:[A-Za-z0-9]"
    r"|[-/._](?=[A-Za-z0-9])){4,36})(?![\w])"
)  # five digits or more
_PLATE = r"(?P<code>(?=[A-Z]{0,4}[ -]?\d)[A-Z0-9]{1,8}(?:[ -][A-Z0-9]{1,5}){0,2})(?![\w])"
_WORD = r"(?:\s?(?:number|no\b\.?|num\b\.?|nr\b\.?|#|id\b|identifier|code))"


def _labelled(label: str, code: str = _CODE) -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<![\w-])(?:{label})(?![A-Za-z])){_SAYS}\s?[\"(]?{code}")


_LABELS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "ssn",
        _labelled(
            r"ssn|ss#|ss no|social security|social sec|socials?(?: number)|national insurance|nino|tax id"
            r"|taxpayer id|itin|sin(?= number)|tin(?= number)"
        ),
    ),
    (
        "record",
        _labelled(
            rf"mrn|mrn#|mr#|m\.r\.n\.?|emrn|umrn|uhid|empi|med(?:ical)? rec(?:ord)?s?|nhs(?:{_WORD})"
            rf"|hospital{_WORD}|(?:patient|chart|health record|ehr|emr|record|clinic|encounter|visit"
            rf"|episode|accession|specimen|case file|file|unit|hn|urn|epic|cerner|pathology|radiology"
            rf"|lab)(?:{_WORD}|\s?record{_WORD}?)|chart"
        ),
    ),
    (
        "plan",
        _labelled(
            rf"(?:(?:health|insurance|medicare|medicaid|medi-cal|tricare|blue ?cross|blue ?shield|bcbs"
            rf"|aetna|cigna|humana|kaiser|anthem|united ?healthcare|uhc|plan|hmo|ppo|payer|policy|member"
            rf"|membership|subscriber|beneficiary|group|insured|coverage|claim|prior auth(?:orization)?"
            rf"|policyholder|ehic|rx)\s?(?:health\s?|plan\s?|insurance\s?|member(?:ship)?\s?|policy\s?"
            rf"|beneficiary\s?|subscriber\s?|group\s?|claim\s?|coverage\s?|card\s?|bin\s?){{0,3}}){_WORD}"
            rf"|hicn|mbi|(?:medicare|medicaid|medi-cal|tricare|blue ?cross|blue ?shield|bcbs|aetna|cigna"
            rf"|humana|kaiser|anthem|united ?healthcare|uhc|insurance|policy)(?: (?:member|subscriber"
            rf"|policy|plan|card|beneficiary))?"
        ),
    ),
    (
        "account",
        _labelled(
            rf"(?:account|acct|acc|a/c|bank account|billing|invoice|iban|swift|credit card|debit card|card"
            rf"|visa|mastercard|amex|routing|sort code|statement|receipt|payment|paypal|venmo|checking"
            rf"|savings|fin)(?:\s?account)?{_WORD}?|guarantor(?:{_WORD})"
        ),
    ),
    (
        "licence",
        _labelled(
            rf"(?:driver'?s?'?|driving|medical|nursing|pilot'?s?|professional|state|gun|firearms?|hunting"
            rf"|physician'?s?|rn|md|marriage|birth|death)?\s?(?:licen[cs]e|licen[cs]ure|certificate"
            rf"|certification|cert){_WORD}?|dea{_WORD}?|npi{_WORD}?|(?-i:C?DL){_WORD}?|passport{_WORD}?"
            rf"|permit{_WORD}?|gmc{_WORD}?|upin|visa{_WORD}|green card{_WORD}?|board{_WORD}"
            rf"|registration{_WORD}"
        ),
    ),
    (
        "vehicle",
        _labelled(
            rf"vin{_WORD}?|(?:licen[cs]e|number|registration|vehicle|car|truck|motorcycle)\s?(?:plate|tag"
            rf"|registration|reg){_WORD}?|(?:plate|tags?|reg){_WORD}|plates?"
            rf"|vehicle(?: id(?:entification)?)?{_WORD}?|tag(?= number)|chassis{_WORD}?|hull{_WORD}"
            rf"|tail{_WORD}|car reg"
        ),
    ),
    (
        "device",
        _labelled(
            rf"(?:(?:device|pacemaker|icd|implant|pump|stent|prosthesis|valve|lead|generator|monitor|cgm"
            rf"|sensor|hearing aid|ventilator|cpap|defibrillator|stimulator|wheelchair|glucometer|meter"
            rf"|machine|unit|phone|insulin pump|hip|knee|scanner|catheter|port|product|equipment|battery"
            rf"|transmitter|shunt|model)\s?(?:serial|device|lot|id|identifier|model|batch|imei)\s?{_WORD}?)"
            rf"|s/n|sn|serial(?: {_WORD})?|serial{_WORD}?|lot{_WORD}|imei{_WORD}?|udi(?:-di)?|udid"
            rf"|mac(?: address)|device{_WORD}|asset(?: tag)?{_WORD}?|batch{_WORD}|imsi|iccid"
        ),
    ),
    (
        "code",
        _labelled(
            rf"(?:study|trial|research|participant|subject|sample|donor|employee|staff|student|badge|badge"
            rf"|barcode|member|user|username|login|account|order|confirmation|ticket|reference|ref|referral"
            rf"|booking|case|court|docket|inmate|prisoner|military|service|veteran|national|personal|unique"
            rf"|person|citizen|identity|identification|tracking|prescription|rx|voucher|enrollment"
            rf"|enrolment|randomi[sz]ation|screening|registry|biobank|specimen|kit|bracelet|wristband|token"
            rf"|pin|passcode|access|party|family|pedigree|transplant|unos|organ|locker|loyalty|library"
            rf"|customer|client|resident|bed|tail|bib|caller|incident|police|report|aadhaar|pan|bsn|cpf"
            rf"|personnummer|emirates|id)(?:\s?(?:id|card|study|subject|code|key))?{_WORD}|user ?name|login"
            rf"|ref|id|subject|participant|pin|aadhaar|cpf|badge|barcode|wristband"
        ),
    ),
)
_BARE: tuple[tuple[Kind, re.Pattern[str]], ...] = (  # a noun right before a long number
    ("vehicle", _labelled(r"(?:licen[cs]e |number |registration )?plates?|registration|reg", _PLATE)),
    (
        "record",
        _labelled(r"patient|pt|chart|file|encounter|visit|accession|specimen|admission|episode", _MANY),
    ),
    ("plan", _labelled(r"member|subscriber|beneficiary|plan|claim|insured", _MANY)),
    ("account", _labelled(r"billing|invoice|account|bank|payment|receipt", _MANY)),
    ("licence", _labelled(r"licen[cs]e|certificate|permit|registration", _MANY)),
    (
        "device",
        _labelled(
            r"pacemaker|icd|pump|implant|stent|valve|device|monitor|sensor|lead|generator|prosthesis", _MANY
        ),
    ),
    (
        "code",
        _labelled(
            r"order|sample|case|ticket|booking|voucher|employee|student|customer|client|subject"
            r"|participant|donor|reference|inmate|prisoner|kit",
            _MANY,
        ),
    ),
)
_SSN = re.compile(r"(?<![\w-])(?:\d{3}|[xX*]{3})([- .])(?:\d{2}|[xX*]{2})\1\d{4}(?![\w-]|\.\d)")
_NINO = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")
_VIN = re.compile(r"\b(?=[A-Z0-9]{0,16}\d)(?=[A-Z0-9]{0,16}[A-HJ-NPR-Z])[A-HJ-NPR-Z0-9]{11}\d{6}\b")
_MAC = re.compile(r"\b[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4,6}\b")
_UDI = re.compile(r"\(01\)\d{14}(?:\(\d{2}\)[\w/-]{1,20}){0,4}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w.-])\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}(?![\w-])|(?<![\w.-])\d{15,16}(?![\w-])")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
_HEX = re.compile(r"\b(?=[0-9a-f]{0,30}\d)(?=[0-9a-f]{0,30}[a-f])[0-9a-f]{16,128}\b")
_LONG = re.compile(r"(?<![\w.,/+-])\d{7,20}(?![\w/%]|[.,-]\d)")
_SERIES = re.compile(r"\b[A-Z]{2,6}[ -]$")
_HANDLE = re.compile(r"(?<![\w@])@[A-Za-z_][\w.]{2,30}\b")
_MBI = re.compile(
    r"\b[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"
)
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("ssn", _SSN),
    ("ssn", _NINO),
    ("plan", _MBI),
    ("vehicle", _VIN),
    ("device", _UDI),
    ("device", _MAC),
    ("account", _IBAN),
    ("account", _CARD),
    ("code", _UUID),
    ("code", _HEX),
    ("code", _HANDLE),
)
_MARK = (
    r"(?:finger\s?prints?(?:\sscans?)?|thumb\s?prints?|palm\s?(?:prints?|veins?)|voice\s?(?:prints?|recordings?"
    r"|samples?|id)|(?:retinal?|iris|ocular|face|facial|hand|ear|vein|gait)\s?(?:scans?|ids?"
    r"|codes?|templates?|signatures?|recognition|geometry|geometries|prints?|biometrics?"
    r"|hash(?:es)?)|face\s?prints?|biometrics?|dna\s(?:profile|fingerprint|sample)"
    r"|genetic fingerprint|speaker embedding|signature scan)"
)
_BIOMETRIC = re.compile(
    rf"(?i)\b(?:(?:his|her|their|my|patient's|pt's|\w{{2,20}}'s|attached|enrolled|stored|recorded"
    rf"|captured|scanned|unlock(?:ed|s)? (?:by|with)"
    rf"|uploaded)\s(?:\w{{1,12}}\s){{0,1}}(?P<own>{_MARK})"
    rf"|(?P<mark>{_MARK})(?=\W)(?:(?:\s(?:on file|attached|enrolled|uploaded|captured|stored"
    rf"|matched|matches|taken|scanned|recorded|included|record|data|file|template|hash|id|ID"
    rf"|identifier|code|number|no\.?|reference|ref|sample|minutiae|recording)"
    rf"|\s?[:#=]){{1,4}}(?:\s?[A-Za-z]{{0,8}}[-_ ]?\d[\w.:/-]{{1,60}})?"
    rf"|\s[A-Z]{{0,8}}[-_]?\d[\w.:/-]{{2,60}}))"
)
_IMAGE = re.compile(
    r"(?i)(?<![\w/.-])(?:[\w~-]+[/\\]){0,8}[\w][\w()-]{0,80}(?:[ .][\w()-]{1,40}){0,3}\.(?:jpe?g"
    r"|png|heic|heif|tiff?|bmp|gif|webp|mp4|mov|dcm|raw|svg)\b|\bdata:image/[a-z]{2,5}[;,]\S{0,40}"
)
_PHOTO_WORD = (
    r"(?:photo(?:graph)?s?|pictures?|pics?|selfies?|snapshots?|mug\s?shots?|head\s?shots?"
    r"|portraits?|face image|facial image|images?|videos?|polaroids?)"
)
_PHOTO = re.compile(
    rf"(?i)\b(?P<photo>(?:full[\s-]?face|facial|face|frontal face|identifiable|passport|id|profile"
    rf"|patient)\s{_PHOTO_WORD}"
    rf"|{_PHOTO_WORD}\sof\s(?:(?:(?:my|the|this|our|his|her)\s)?(?:patient|pt|son|daughter|wife"
    rf"|husband|mother|father|baby|child|boy|girl|client|resident)(?:'s)?|my|his|her"
    rf"|their)(?:\s(?:face|head|full face|body|skin|rash))?"
    rf"|(?:his|her|their|(?:the\s)?(?:patient|pt)'s|my\s(?:\w{{2,12}})'s)\s(?:face\s|facial\s"
    rf"|full-face\s|profile\s|passport\s|own\s)?(?:photo(?:graph)?s?|pictures?|pics?|selfies?"
    rf"|mug\s?shots?|head\s?shots?|portraits?)"
    rf"|(?:attached|enclosed|uploaded|sending|sent|here is|see|with)\s(?:is\s|are\s)?(?:a\s|an\s"
    rf"|the\s|some\s)?(?:photo(?:graph)?s?|selfies?|snapshots?|pics?)"
    rf"|(?:photo(?:graph)?s?|selfies?|pictures?|pics?)\s(?:is\s|are\s|was\s)?(?:attached|enclosed"
    rf"|uploaded|included|below))\b"
)
_QUANTITY = re.compile(
    r"(?i)\s?(?:m[cg]|mcg|g|kg|ml|l|iu|units?|mmol|u|cells?|copies|patients|cases|participants"
    r"|people|persons|women|men|kb|bp|hz|cfu|pfu|per|/)\b"
)
_NOT_CODE = re.compile(
    r"(?i)^(?:\d{1,3}|(?:18|19|20)\d\d(?:[-/](?:18|19|20)?\d\d)?|\d{1,3}(?:[.,/]\d{1,3}){1,2}"
    r"|\d{1,3}-\d{1,3}|[a-z]{3,}-?\d|\d{1,4}(?:\.\d{1,3})?(?:mg|mcg|g|kg|ml|cm|mm|h|hours?|days?"
    r"|weeks?|years?|yo|y|st|nd|rd|th|%|x)|covid-?19|sars-cov-2|cyp\w+|hla-\w+|type\d)$"
)


def labelled(text: str) -> Iterator[Span]:
    """Codes behind a word that says what they are."""
    for kind, pattern in (*_LABELS, *_BARE):
        for match in pattern.finditer(text):
            if not _NOT_CODE.match(match["code"]) and not _QUANTITY.match(text, match.end()):
                yield Span(*match.span("code"), kind)


def codes(text: str) -> Iterator[Span]:
    """Codes of a form of their own, and long numbers."""
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if pattern is not _CARD or "-" in match[0] or " " in match[0] or _luhn(match[0]):
                yield Span(*match.span(), kind)
    for match in _LONG.finditer(text):
        named = _SERIES.search(
            text[max(0, match.start() - 8) : match.start()]
        )  # a compound's, as in BAY 1234567
        if not named and len(match[0].rstrip("0")) > 3 and not _QUANTITY.match(text, match.end()):
            yield Span(*match.span(), "code")


def marks(text: str) -> Iterator[Span]:
    """Biometric marks and photographs."""
    for match in _BIOMETRIC.finditer(text):
        yield Span(*match.span(), "biometric")
    for match in _IMAGE.finditer(text):
        yield Span(*match.span(), "photo")
    for match in _PHOTO.finditer(text):
        yield Span(*match.span("photo"), "photo")


def _luhn(text: str) -> bool:
    digits = [int(c) for c in reversed(text) if c.isdigit()]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0
